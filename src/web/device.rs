//! A member's password and sessions: where they are signed in, and how to end that.

use actix_web::HttpResponse;

use crate::domain::id::SessionId;
use crate::domain::password;
use crate::error::{Error, Problem, Result};
use crate::html;
use crate::html::path;
use crate::store;
use crate::web::form::{Fields, Form};
use crate::web::limit::Action;
use crate::web::request::{Cx, Req};
use crate::web::respond::Answer;
use crate::web::session;
use crate::web::settings::{back, frame};

/// `GET /settings/password`
pub async fn password_page(req: Req) -> HttpResponse {
    req.page(|cx| show_password(cx, &[])).await
}

fn show_password(cx: &Cx, problems: &[Problem]) -> Result<Answer> {
    let page = html::settings::new_password(&frame(cx, "Password"), cx.member()?, problems);
    Ok(Answer::html(page).no_store())
}

/// `POST /settings/password` old, new
pub async fn save_password(req: Req, form: Form) -> HttpResponse {
    let fields = match form.fields() {
        Ok(fields) => fields,
        Err(error) => return req.fail(error).await,
    };
    match change_password(&req, &fields).await {
        Ok(response) => response,
        Err(error) => req.again(error, show_password).await,
    }
}

/// Ends every session and opens a new one for this browser.
async fn change_password(req: &Req, fields: &Fields) -> Result<HttpResponse> {
    let proof = session::prove(req, fields.get("old"), "old").await?;
    let own = [proof.viewer.name.as_str(), &proof.site];
    password::check(fields.get("new"), &own).map_err(|message| Error::field("new", message))?;
    let hash = session::hash(req, fields.get("new"), proof.email.clone()).await?;
    let page = path::with(&path::settings("password"), "done", "password");
    session::enter(req, &page, move |tx| {
        let user = proof.viewer.id;
        store::account::same_password(tx, user, &proof.hash)?;
        store::account::set_password(tx, user, &hash)?;
        Ok(user)
    })
    .await
}

/// `GET /settings/sessions`
pub async fn page(req: Req) -> HttpResponse {
    req.page(|cx| {
        let me = cx.member()?;
        let sessions = store::session::list(cx.conn, me.id, cx.now)?;
        let page = html::settings::sessions(&frame(cx, "Sessions"), me, &sessions);
        Ok(Answer::html(page).no_store())
    })
    .await
}

/// `POST /settings/sessions/{id}/end`
pub async fn end(req: Req, id: actix_web::web::Path<String>) -> HttpResponse {
    let Ok(id) = id.parse::<SessionId>() else {
        return req.fail(Error::NotFound).await;
    };
    let done = req.manage(Action::Other, move |tx, me| {
        store::session::end_one(tx, me.id, id)
    });
    let done = done
        .await
        .map(|()| back(&path::settings("sessions"), "ended"));
    req.reply(done).await
}

/// `POST /settings/sessions/end-others`
pub async fn end_others(req: Req) -> HttpResponse {
    let done = req.manage(Action::Other, |tx, me| {
        store::session::end_others(tx, me.id, me.session)
    });
    let done = done
        .await
        .map(|()| back(&path::settings("sessions"), "ended"));
    req.reply(done).await
}

/// `POST /settings/sessions/end`
pub async fn end_all(req: Req) -> HttpResponse {
    let done = req.manage(Action::Other, |tx, me| store::session::end_all(tx, me.id));
    let done = done.await.map(|()| session::left(&req, "ended"));
    req.reply(done).await
}
