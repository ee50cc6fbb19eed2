//! How the site is: the page that an operator leaves open, and the events by which it stays true.

use std::sync::Arc;

use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse, web};

use crate::domain::user::Role;
use crate::html;
use crate::web::admin::frame;
use crate::web::request::{Req, Shared};
use crate::web::respond::Answer;
use crate::web::status::{self, Pass};

/// `GET /admin/status`
pub async fn page(req: Req, shared: web::Data<Shared>) -> HttpResponse {
    let shared = shared.into_inner();
    req.page(move |cx| {
        cx.role(Role::Admin)?;
        let mut frame = frame(cx, "Status");
        frame.wide = true;
        let names = &shared.assets.names;
        frame.extra = Some((&names.status_css, &names.status_js));
        let status = shared.status.view(&shared);
        Ok(Answer::html(html::admin::status::show(&frame, &status)).no_store())
    })
    .await
}

/// `GET /admin/status/events`: what changes of the page, as it changes, for as long as the session lasts. Who does not ask
/// for a stream of events gets the first one only.
pub async fn events(request: HttpRequest, req: Req, shared: web::Data<Shared>) -> HttpResponse {
    let shared = shared.into_inner();
    let (token, checked) = (req.token(), Arc::clone(&shared));
    let pass = req
        .app()
        .compute(move || Pass::check(&checked, token))
        .await;
    let pass = match pass {
        Ok(pass) => pass,
        Err(error) => return req.fail(error).await,
    };
    let accept = request.headers().get(header::ACCEPT);
    let streams = accept.is_some_and(|accept| accept.as_bytes() == b"text/event-stream");
    if !streams || request.method() == Method::HEAD {
        return begin().body(shared.status.everything(&shared));
    }
    match status::watch(&shared, pass) {
        Ok(events) => begin().streaming(events),
        Err(error) => req.fail(error).await,
    }
}

fn begin() -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // nginx would hold it back.
        .insert_header(("x-accel-buffering", "no"));
    response
}
