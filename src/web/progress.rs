//! A member's progress in the course: what their browsers know, brought together. Anybody who is signed in may keep it.

use actix_web::HttpResponse;
use serde_json::Value;

use crate::domain::progress::Progress;
use crate::error::{Error, Result};
use crate::store;
use crate::web::form::Body;
use crate::web::limit::Action;
use crate::web::request::Req;
use crate::web::respond::Answer;

/// `GET /learn/progress`: all that is known, as JSON.
pub async fn show(req: Req) -> HttpResponse {
    req.as_json()
        .page(|cx| {
            let progress = store::progress::of(cx.conn, cx.member()?.id)?;
            Ok(Answer::json(&progress.to_json()).no_store())
        })
        .await
}

/// `POST /learn/progress`, JSON: adds what this browser knows; answers with all that is known then.
pub async fn merge(req: Req, body: Body) -> HttpResponse {
    let req = req.as_json();
    match merged(&req, body).await {
        Ok(json) => req.page(move |_| Ok(Answer::json(&json).no_store())).await,
        Err(error) => req.fail(error).await,
    }
}

async fn merged(req: &Req, body: Body) -> Result<Value> {
    let (json, now) = (body.json()?, req.app().now());
    let told = req
        .app()
        .compute(move || Progress::parse(&json, now).map_err(Error::BadRequest))
        .await?;
    req.manage(Action::Other, move |tx, me| {
        Ok(store::progress::merge(tx, me.id, told)?.to_json())
    })
    .await
}
