//! A new password by a one-time link that an administrator made. No name is asked, so there is none to guess.

use actix_web::http::header;
use actix_web::{HttpResponse, web};

use crate::domain::password;
use crate::error::{Error, Problem, Result};
use crate::html;
use crate::html::path;
use crate::store;
use crate::web::cookie;
use crate::web::form::Form;
use crate::web::request::{Cx, Req};
use crate::web::respond::Answer;
use crate::web::session;

/// `GET /reset/{token}`
pub async fn page(req: Req, token: web::Path<String>) -> HttpResponse {
    req.page(move |cx| show(cx, &token, &[])).await
}

fn show(cx: &Cx, token: &str, problems: &[Problem]) -> Result<Answer> {
    let (_, name) = store::token::reset_user(cx.conn, &cookie::hash(token), cx.now)?;
    let mut frame = cx.frame("A new password");
    frame.noindex = true;
    let page = html::account::reset(&frame, token, &name, problems);
    // The address is the secret. (With "no-referrer" browsers would send the form without its origin.)
    Ok(Answer::html(page)
        .no_store()
        .header(header::REFERRER_POLICY, "same-origin"))
}

/// `POST /reset/{token}` password
pub async fn save(req: Req, token: web::Path<String>, form: Form) -> HttpResponse {
    let password = match form.fields() {
        Ok(fields) => fields.get("password").to_owned(),
        Err(error) => return req.fail(error).await,
    };
    match change(&req, &token, password).await {
        Ok(()) => Req::see_other(&path::with(path::LOGIN, "done", "reset")),
        Err(error) => {
            req.again(error, move |cx, problems| show(cx, &token, problems))
                .await
        }
    }
}

async fn change(req: &Req, token: &str, new: String) -> Result<()> {
    req.same_site()?;
    let (app, now, hash) = (req.app().clone(), req.app().now(), cookie::hash(token));
    let checker = app.clone();
    let (new, email) = app
        .read(move |conn| {
            let (user, name) = store::token::reset_user(conn, &hash, now)?;
            let settings = checker.settings(conn)?;
            password::check(&new, &[name.as_str(), &settings.name])
                .map_err(|message| Error::field("password", message))?;
            Ok((new, store::account::load(conn, user)?.email))
        })
        .await?;
    let kept = session::hash(req, &new, email).await?;
    app.write(move |tx| {
        // Looked up again: of two browsers with the link, one gets it.
        let (user, _) = store::token::reset_user(tx, &hash, tx.now())?;
        store::account::set_password(tx, user, &kept)
    })
    .await
}
