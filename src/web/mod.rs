//! HTTP: the route table, one line a route, and what all of them share.
//!
//! Handlers extract, make one call on `app`, and answer; they hold no SQL and no markup.

pub mod client;

pub mod door;

pub mod cookie;

pub mod error;

pub mod form;

pub mod limit;

pub mod origin;

pub mod position;

pub mod respond;

pub mod reply;

pub mod asset;

pub mod journey;

pub mod request;

pub mod access;

pub mod relay;

pub mod front;

pub mod service;

pub mod health;

pub mod metrics;

pub mod status;

pub mod inbox;

pub mod list;

pub mod story;

pub mod comment;

pub mod vote;

pub mod submit;

pub mod session;

pub mod account;

pub mod profile;

pub mod feed;

pub mod api;

pub mod crawl;

pub mod learn;

pub mod lesson;

pub mod selftest;

pub mod about;

pub mod search;

pub mod flag;

pub mod moderation;

pub mod approval;

pub mod ban;

pub mod modlog;

pub mod resource;

pub mod discuss;

pub mod progress;

pub mod tally;

pub mod learning;

pub mod settings;

pub mod device;

pub mod invite;

pub mod reset;

pub mod admin;

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{ServiceConfig, resource, to};
use actix_web::{HttpResponse, Route, guard};

use crate::app::App;
use crate::error::Error;
use crate::html::feed::Format;
use crate::html::path;
use asset::Assets;
use reply::Standing;
use request::Req;
use vote::Click;

/// Every route; those of the course and of the directory stand in `learning.rs`.
#[expect(clippy::too_many_lines, reason = "a table: one line a route")]
pub fn routes(config: &mut ServiceConfig) {
    // What is asked for most comes first: each pattern before it is tried in vain.
    action(config, "/s/{id}/comments", to(comment::post));
    action(config, "/s/{id}/vote", vote::story(Click::Vote));
    action(config, "/s/{id}/unvote", vote::story(Click::Unvote));
    action(config, "/s/{id}/save", vote::story(Click::Save));
    action(config, "/s/{id}/unsave", vote::story(Click::Unsave));
    action(config, "/s/{id}/hide", vote::story(Click::Hide));
    action(config, "/s/{id}/unhide", vote::story(Click::Unhide));
    feeds(config, "/s/{id}/comments", || to(feed::story_comments));
    read(config, "/s/{id}.json", to(api::story));
    read(config, "/s/{id:[0-9]+}", to(story::short));
    both(
        config,
        "/s/{id}/edit",
        to(story::edit_form),
        to(story::edit),
    );
    both(
        config,
        "/s/{id}/delete",
        to(story::delete_form),
        to(story::delete),
    );
    both(
        config,
        "/s/{id}/flag",
        to(flag::story_form),
        to(flag::story),
    );
    action(config, "/s/{id}/unflag", to(flag::unflag_story));
    // After every other page below a story.
    read(config, "/s/{id}/{slug}", to(story::show));

    action(config, "/c/{id}/vote", vote::comment(Click::Vote));
    action(config, "/c/{id}/unvote", vote::comment(Click::Unvote));
    action(config, "/c/{id}/save", vote::comment(Click::Save));
    action(config, "/c/{id}/unsave", vote::comment(Click::Unsave));
    read(config, "/c/{id}", to(comment::show));
    read(config, "/c/{id}/reply", to(comment::reply_form));
    both(
        config,
        "/c/{id}/edit",
        to(comment::edit_form),
        to(comment::edit),
    );
    both(
        config,
        "/c/{id}/delete",
        to(comment::delete_form),
        to(comment::delete),
    );
    both(
        config,
        "/c/{id}/flag",
        to(flag::comment_form),
        to(flag::comment),
    );
    action(config, "/c/{id}/unflag", to(flag::unflag_comment));

    read(config, "/", to(list::hot));
    read(config, "/newest", to(list::newest));
    read(config, "/active", to(list::active));
    read(config, "/comments", to(list::comments));
    read(config, "/inbox", to(inbox::show));
    action(config, "/inbox/read", to(inbox::read));
    read(config, "/saved", to(list::saved));
    read(config, "/hidden", to(list::hidden));
    read(config, "/voted", to(list::voted));

    feeds(config, "/hot", || to(feed::hot));
    feeds(config, "/newest", || to(feed::newest));
    feeds(config, "/active", || to(feed::active));
    feeds(config, "/top/{span}", || to(feed::top));
    feeds(config, "/t/{tags}", || to(feed::tagged));
    feeds(config, "/domain/{domain}", || to(feed::domain));
    feeds(config, "/comments", || to(feed::newest_comments));
    feeds(config, "/u/{name}/stories", || to(feed::user_stories));
    feeds(config, "/u/{name}/comments", || to(feed::user_comments));
    feeds(config, "/modlog", || to(modlog::feed));
    read(config, "/hottest.json", to(api::hottest));
    read(config, "/newest.json", to(api::newest));
    read(config, "/active.json", to(api::active));
    read(config, "/t/{tags}.json", to(api::tagged));
    read(config, "/u/{name}.json", to(api::user));

    // After their feeds: a name may hold a dot here.
    read(config, "/top/{span}", to(list::top));
    read(config, "/t/{tags}", to(list::tagged));
    read(config, "/domain/{domain}", to(list::domain));
    read(config, "/u/{name}", to(profile::stories));
    read(config, "/u/{name}/stories", to(profile::stories));
    read(config, "/u/{name}/comments", to(profile::comments));

    read(config, "/about", to(about::about));
    read(config, "/guidelines", to(about::guidelines));
    read(config, "/privacy", to(about::privacy));
    read(config, "/tags", to(about::tags));
    read(config, "/robots.txt", to(crawl::robots));
    read(config, "/sitemap.xml", to(crawl::sitemap));
    read(config, "/sitemap/{part}.xml", to(crawl::sitemap_part));
    read(config, "/opensearch.xml", to(crawl::opensearch));
    read(config, "/manifest.webmanifest", to(crawl::manifest));

    learning::routes(config);

    both(config, "/submit", to(submit::form), to(submit::post));
    read(config, "/search", to(search::show));
    read(config, "/submit/check", to(submit::check));
    action(config, "/submit/title", to(submit::title));

    both(config, "/login", to(session::page), to(session::sign_in));
    action(config, "/logout", to(session::sign_out));
    both(config, "/signup", to(account::page), to(account::sign_up));
    both(config, "/reset/{token}", to(reset::page), to(reset::save));
    both(
        config,
        "/settings",
        to(settings::page),
        to(settings::save_profile),
    );
    action(config, "/settings/look", to(settings::save_look));
    action(config, "/settings/email", to(settings::save_email));
    both(
        config,
        "/settings/delete",
        to(settings::leave_page),
        to(settings::leave),
    );
    both(
        config,
        "/settings/password",
        to(device::password_page),
        to(device::save_password),
    );
    read(config, "/settings/sessions", to(device::page));
    action(config, "/settings/sessions/end", to(device::end_all));
    action(
        config,
        "/settings/sessions/end-others",
        to(device::end_others),
    );
    action(config, "/settings/sessions/{id}/end", to(device::end));
    both(
        config,
        "/settings/invites",
        to(invite::page),
        to(invite::create),
    );
    action(
        config,
        "/settings/invites/{id}/withdraw",
        to(invite::withdraw),
    );

    read(config, "/modlog", to(modlog::show));
    read(config, "/mod", to(moderation::queue));
    both(
        config,
        "/mod/s/{id}",
        to(moderation::story_page),
        to(moderation::story),
    );
    both(
        config,
        "/mod/c/{id}",
        to(moderation::comment_page),
        to(moderation::comment),
    );
    both(
        config,
        "/mod/s/{id}/edit",
        to(moderation::edit_form),
        to(moderation::edit),
    );
    both(
        config,
        "/mod/approve",
        to(approval::page),
        to(approval::decide),
    );
    read(config, "/mod/bans", to(ban::members));
    both(
        config,
        "/mod/u/{name}",
        to(ban::member_page),
        to(ban::member),
    );
    both(
        config,
        "/mod/domains",
        to(ban::domains_page),
        to(ban::domain),
    );

    both(
        config,
        "/setup/{token}",
        to(admin::setup::page),
        to(admin::setup::finish),
    );
    both(
        config,
        "/admin",
        to(admin::site::page),
        to(admin::site::save),
    );
    both(
        config,
        "/admin/tags",
        to(admin::tag::page),
        to(admin::tag::create),
    );
    both(
        config,
        "/admin/tags/{tag}",
        to(admin::tag::edit_page),
        to(admin::tag::change),
    );
    action(config, "/admin/tags/{tag}/retire", to(admin::tag::retire));
    read(config, "/admin/members", to(admin::member::page));
    read(config, "/admin/status", to(admin::status::page));
    read(config, "/admin/status/events", to(admin::status::events));
    action(
        config,
        "/admin/members/{name}/role",
        to(admin::member::role),
    );
    action(
        config,
        "/admin/members/{name}/reset",
        to(admin::member::reset),
    );

    read(config, "/assets/{name}", to(asset::show));
    read(config, "/favicon.ico", to(asset::favicon));
    read(config, "/up", to(health::up));
    read(config, "/livez", to(health::live));
    read(config, "/readyz", to(health::ready));
    read(config, "/metrics", to(metrics::show));
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

/// The feeds of the list at `path`: the same page for each ending.
fn feeds(config: &mut ServiceConfig, path: &str, page: fn() -> Route) {
    for format in Format::EACH {
        read(config, &format!("{path}{}", format.ending()), page());
    }
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
    req.missing().await
}

async fn wrong_method(req: Req, allow: &'static str) -> HttpResponse {
    req.fail(Error::WrongMethod(allow)).await
}

/// Headers that do not depend on the page.
#[must_use]
pub fn standing(app: &App, assets: &Assets) -> Standing {
    let fixed = HeaderValue::from_static;
    let mut every = vec![
        (
            header::CONTENT_SECURITY_POLICY,
            fixed(CONTENT_SECURITY_POLICY),
        ),
        (header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
        (header::X_FRAME_OPTIONS, fixed("DENY")),
        (
            header::REFERRER_POLICY,
            fixed("strict-origin-when-cross-origin"),
        ),
        (header::CROSS_ORIGIN_OPENER_POLICY, fixed("same-origin")),
        (header::CROSS_ORIGIN_RESOURCE_POLICY, fixed("same-origin")),
        (
            header::PERMISSIONS_POLICY,
            fixed("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
        ),
    ];
    if app.is_https() {
        every.push((header::STRICT_TRANSPORT_SECURITY, fixed("max-age=31536000")));
    }
    let css = format!(
        "<{}>; rel=preload; as=style",
        path::asset(&assets.names.css)
    );
    Standing {
        every,
        preload: HeaderValue::from_str(&css).expect("names of files are plain"),
        cdn: fixed(match app.cdn {
            // Nobody tells it of changes: as long as nobody minds.
            None => "max-age=10, stale-while-revalidate=60, stale-if-error=600",
            // It is told; a page that it fetched before a change and kept after its purge has to go as well.
            Some(_) => "max-age=300, stale-while-revalidate=60, stale-if-error=600",
        }),
    }
}

/// Of pages of the course: learners' code runs in a frame of its own (which has a policy of its own), pages make no markup
/// from text, and the one script that is loaded by its address is the service worker.
pub(in crate::web) const LEARN_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; manifest-src 'self'; frame-src 'self'; worker-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types learn";

/// Of the front page, on which the first lesson can be tried.
pub(in crate::web) const FRONT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; manifest-src 'self'; frame-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'";

const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
