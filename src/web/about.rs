//! Standing pages: about, guidelines, privacy, topics.

use actix_web::HttpResponse;

use crate::html::page::Frame;
use crate::html::{about as markup, topics};
use crate::store;
use crate::web::limit::Action;
use crate::web::request::{Cx, Req};
use crate::web::respond::Answer;

/// `GET /about`
pub async fn about(req: Req) -> HttpResponse {
    req.shared(&[], |cx| {
        let frame = frame(cx, "About", "/about");
        Ok(Answer::html(markup::about(&frame, &Action::paces())))
    })
    .await
}

/// `GET /guidelines`
pub async fn guidelines(req: Req) -> HttpResponse {
    req.shared(&[], |cx| {
        let frame = frame(cx, "Guidelines", "/guidelines");
        Ok(Answer::html(markup::guidelines(&frame)))
    })
    .await
}

/// `GET /privacy`
pub async fn privacy(req: Req) -> HttpResponse {
    req.shared(&[], |cx| {
        let frame = frame(cx, "Privacy", "/privacy");
        Ok(Answer::html(markup::privacy(&frame)))
    })
    .await
}

/// `GET /tags`
pub async fn tags(req: Req) -> HttpResponse {
    req.shared(&[], |cx| {
        let frame = frame(cx, "Topics", "/tags");
        Ok(Answer::html(topics::all(
            &frame,
            &store::tag::all(cx.conn)?,
        )))
    })
    .await
}

fn frame<'a>(cx: &'a Cx, title: &str, path: &str) -> Frame<'a> {
    let mut frame = cx.frame(title);
    frame.canonical = Some(path.to_owned());
    frame
}
