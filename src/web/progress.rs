//! A member's progress in the course: what their browsers know, brought together. Anybody who is signed in may keep it.

use actix_web::HttpResponse;
use serde_json::Value;

use crate::domain::progress::Progress;
use crate::domain::user::Viewer;
use crate::error::{Error, Result};
use crate::store;
use crate::web::form::Body;
use crate::web::limit::Action;
use crate::web::request::Req;
use crate::web::respond::Answer;

/// `GET /learn/progress`: all that is known, as JSON. With `?of=NAME` only when that is who asks.
pub async fn show(req: Req) -> HttpResponse {
    let req = req.as_json();
    let of = req.query().get("of").to_owned();
    req.page(move |cx| {
        let me = cx.member()?;
        is_of(&of, me)?;
        let progress = store::progress::of(cx.conn, me.id)?;
        Ok(Answer::json(&progress.to_json()).no_store())
    })
    .await
}

/// `POST /learn/progress`, JSON: adds what this browser knows; answers with what is known then of the lessons it told of.
pub async fn merge(req: Req, body: Body) -> HttpResponse {
    let req = req.as_json();
    match merged(&req, body).await {
        Ok(json) => req.page(move |_| Ok(Answer::json(&json).no_store())).await,
        Err(error) => req.fail(error).await,
    }
}

async fn merged(req: &Req, body: Body) -> Result<Value> {
    let of = req.query().get("of").to_owned();
    admitted(req, &of).await?;
    let (json, now) = (body.json()?, req.app().now());
    let told = req
        .app()
        .compute(move || Progress::parse(&json, now).map_err(Error::BadRequest))
        .await?;
    let known = req
        .manage(Action::Other, move |tx, me| {
            is_of(&of, me)?;
            store::progress::merge(tx, me.id, told)
        })
        .await?;
    Ok(known.to_json())
}

/// Whether this may be read at all: asked before anything of the body is looked at. The change asks again, and takes the limit.
async fn admitted(req: &Req, of: &str) -> Result<()> {
    req.same_site()?;
    let token = req.token().ok_or(Error::SignIn)?;
    req.limit(Action::Other)?;
    let now = req.app().now();
    let me = req
        .app()
        .read(move |conn| store::session::viewer(conn, &token, now))
        .await?
        .ok_or(Error::SignIn)?;
    let key = me.name.key();
    req.limit_account(Action::Other, &key)?;
    req.give_back(Action::Other, &key);
    is_of(of, &me)
}

/// Refuses what a page of one member sends after another has signed in on the same browser.
fn is_of(of: &str, me: &Viewer) -> Result<()> {
    if of.is_empty() || of == me.name.as_str() {
        return Ok(());
    }
    Err(Error::Refused(
        "Somebody else has signed in on this browser since.".to_owned(),
    ))
}
