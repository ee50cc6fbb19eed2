//! HTTP: the route table, one line a route, and what all of them share.
//!
//! Handlers extract, make one call on `app`, and answer; they hold no SQL and no markup.

pub mod client;

pub mod cookie;

pub mod error;

pub mod form;

pub mod limit;

pub mod origin;

pub mod respond;

pub mod asset;

pub mod request;

pub mod health;

pub mod list;

pub mod submit;

pub mod session;

pub mod account;

use actix_web::middleware::DefaultHeaders;
use actix_web::web::{ServiceConfig, resource, to};
use actix_web::{HttpResponse, Route, guard};

use crate::app::App;
use crate::error::Error;
use request::Req;

/// Every route.
pub fn routes(config: &mut ServiceConfig) {
    read(config, "/", to(list::hot));
    read(config, "/newest", to(list::newest));

    both(config, "/submit", to(submit::form), to(submit::post));
    read(config, "/submit/check", to(submit::check));
    action(config, "/submit/title", to(submit::title));

    both(config, "/login", to(session::page), to(session::sign_in));
    action(config, "/logout", to(session::sign_out));
    both(config, "/signup", to(account::page), to(account::sign_up));

    read(config, "/assets/{name}", to(asset::show));
    read(config, "/favicon.ico", to(asset::favicon));
    read(config, "/up", to(health::up));
    read(config, "/livez", to(health::up));
    read(config, "/readyz", to(health::ready));
    config.default_service(to(missing));
}

/// A page: GET and HEAD.
fn read(config: &mut ServiceConfig, path: &str, page: Route) {
    config.service(
        resource(path)
            .route(reading(page))
            .default_service(to(|req| wrong_method(req, "GET, HEAD"))),
    );
}

/// A page with a form that posts to the page's own address.
fn both(config: &mut ServiceConfig, path: &str, page: Route, action: Route) {
    config.service(
        resource(path)
            .route(reading(page))
            .route(action.guard(guard::Post()))
            .default_service(to(|req| wrong_method(req, "GET, HEAD, POST"))),
    );
}

/// An action: POST.
fn action(config: &mut ServiceConfig, path: &str, action: Route) {
    config.service(
        resource(path)
            .route(action.guard(guard::Post()))
            .default_service(to(|req| wrong_method(req, "POST"))),
    );
}

fn reading(route: Route) -> Route {
    route.guard(guard::Any(guard::Get()).or(guard::Head()))
}

async fn missing(req: Req) -> HttpResponse {
    req.fail(Error::NotFound).await
}

async fn wrong_method(req: Req, allow: &'static str) -> HttpResponse {
    req.fail(Error::WrongMethod(allow)).await
}

/// Headers of every response, also of errors.
#[must_use]
pub fn default_headers(app: &App) -> DefaultHeaders {
    let mut headers = DefaultHeaders::new();
    if app.is_https() {
        headers = headers.add(("Strict-Transport-Security", "max-age=31536000"));
    }
    headers
        .add(("Content-Security-Policy", CONTENT_SECURITY_POLICY))
        .add(("X-Content-Type-Options", "nosniff"))
        .add(("X-Frame-Options", "DENY"))
        .add(("Referrer-Policy", "strict-origin-when-cross-origin"))
        .add(("Cross-Origin-Opener-Policy", "same-origin"))
        .add(("Cross-Origin-Resource-Policy", "same-origin"))
        .add((
            "Permissions-Policy",
            "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        ))
}

const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
