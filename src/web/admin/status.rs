//! How the site is: the page that an operator leaves open, and the events by which it stays true.

use std::sync::Arc;

use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse, web};

use crate::domain::user::Role;
use crate::errand::Errand;
use crate::error::{Error, Result};
use crate::html;
use crate::web::admin::frame;
use crate::web::request::{Req, Shared};
use crate::web::respond::Answer;
use crate::web::status::{self, Pass};

/// `GET /admin/status`
pub async fn page(req: Req, shared: web::Data<Shared>) -> HttpResponse {
    let shared = shared.into_inner();
    if !shared.app.has_copy() {
        return req.fail_plainly(&Error::NoCopy);
    }
    let (token, drawn) = (req.token(), Arc::clone(&shared));
    let page = req.page(move |cx| {
        let may = cx.role(Role::Admin);
        drawn.status.operators.note(token, may.is_ok());
        may?;
        let mut frame = frame(cx, "Status");
        frame.wide = true;
        let names = &drawn.assets.names;
        frame.extra = Some((&names.status_css, &names.status_js));
        let status = drawn.status.view(&drawn);
        Ok(Answer::html(html::admin::status::show(&frame, &status)).no_store())
    });
    shared.status.operators.run(token, page).await
}

/// `GET /admin/status/events`: what changes of the page, as it changes, for as long as the session lasts. Who does not ask
/// for a stream of events gets the first one only.
pub async fn events(request: HttpRequest, req: Req, shared: web::Data<Shared>) -> HttpResponse {
    let shared = shared.into_inner();
    if !shared.app.has_copy() {
        return req.fail_plainly(&Error::NoCopy);
    }
    let pass = match pass(&req, &shared).await {
        Ok(pass) => pass,
        Err(error) => return req.fail(error).await,
    };
    let accept = request.headers().get(header::ACCEPT);
    let streams = accept.is_some_and(|accept| accept.as_bytes() == b"text/event-stream");
    if !streams || request.method() == Method::HEAD {
        let drawn = Arc::clone(&shared);
        let everything = req
            .app()
            .compute(move || Ok(drawn.status.everything(&drawn)));
        return match Errand::urgent(everything).await {
            Ok(everything) => begin().body(everything),
            Err(error) => req.fail(error).await,
        };
    }
    match status::watch(&shared, pass) {
        Ok(events) => begin().streaming(events),
        Err(error) => req.fail(error).await,
    }
}

/// The right to watch of whoever asks.
async fn pass(req: &Req, shared: &Arc<Shared>) -> Result<Pass> {
    let (token, checked) = (req.token(), Arc::clone(shared));
    let operators = &shared.status.operators;
    let check = req.app().compute(move || Pass::check(&checked, token));
    let pass = operators.run(token, check).await;
    match &pass {
        Ok(_) => operators.note(token, true),
        Err(Error::SignIn | Error::Refused(_)) => operators.note(token, false),
        // That it cannot be seen now says nothing.
        Err(_) => {}
    }
    pass
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
