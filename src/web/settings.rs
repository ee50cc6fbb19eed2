//! A member's own settings. Whatever guards the account (password, address, leaving) asks for the password again.

use actix_web::HttpResponse;

use crate::domain::email::Email;
use crate::domain::text::markdown;
use crate::domain::user::{Role, Theme, Viewer};
use crate::error::{Error, Problem, Result};
use crate::html;
use crate::html::page::{Frame, Notice};
use crate::html::path;
use crate::html::settings::{MOST_ABOUT, Profile};
use crate::store;
use crate::web::form::{Fields, Form};
use crate::web::limit::Action;
use crate::web::request::{Cx, Req};
use crate::web::respond::Answer;
use crate::web::session;

/// `GET /settings`
pub async fn page(req: Req) -> HttpResponse {
    req.page(|cx| {
        let account = store::account::load(cx.conn, cx.member()?.id)?;
        let email = account.email.unwrap_or_default();
        profile(cx, &account.about, &email, Draft::Kept, &[])
    })
    .await
}

/// Whether an about text is only to be looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Draft {
    Kept,
    Previewed,
}

fn profile(
    cx: &Cx,
    about: &str,
    email: &str,
    draft: Draft,
    problems: &[Problem],
) -> Result<Answer> {
    let mut frame = frame(cx, "Profile");
    if cx.req.query().get("done") == "profile" {
        frame.took_draft("profile");
    }
    let shown = Profile {
        me: cx.member()?,
        about,
        preview: (draft == Draft::Previewed).then(|| markdown(about)),
        email,
        problems,
    };
    Ok(Answer::html(html::settings::profile(&frame, &shown)).no_store())
}

/// The frame of a page of the settings, with word of what was just done.
pub(super) fn frame<'a>(cx: &'a Cx, title: &str) -> Frame<'a> {
    let mut frame = cx.frame(title);
    frame.noindex = true;
    let done = match cx.req.query().get("done") {
        "profile" => "Your profile is saved.",
        "look" => "Saved.",
        "email" => "Your e-mail address is saved.",
        "password" => "Your password is changed. Every other browser is signed out.",
        "ended" => "Signed out there.",
        "withdrawn" => "The invitation is withdrawn.",
        _ => return frame,
    };
    frame.notice = Some((Notice::Ok, done.to_owned()));
    frame
}

/// Back to a page of the settings, with word of what was done.
pub(super) fn back(page: &str, done: &str) -> HttpResponse {
    Req::see_other(&path::with(page, "done", done))
}

/// `POST /settings` about
pub async fn save_profile(req: Req, form: Form) -> HttpResponse {
    let fields = match form.fields() {
        Ok(fields) => fields,
        Err(error) => return req.fail(error).await,
    };
    let about = fields.text("about").trim().to_owned();
    if fields.has("preview") {
        return req
            .page(move |cx| profile(cx, &about, &email(cx)?, Draft::Previewed, &[]))
            .await;
    }
    match set_about(&req, about.clone()).await {
        Ok(()) => back(path::SETTINGS, "profile"),
        Err(error) => {
            let show = move |cx: &Cx, problems: &[Problem]| {
                profile(cx, &about, &email(cx)?, Draft::Kept, problems)
            };
            req.again(error, show).await
        }
    }
}

async fn set_about(req: &Req, about: String) -> Result<()> {
    if about.chars().count() > MOST_ABOUT {
        let message = "This is too long: at most 4,000 characters.";
        return Err(Error::field("about", message));
    }
    let text = about.clone();
    let html = req.app().compute(move || Ok(markdown(&text))).await?;
    req.act(Action::Other, Role::Member, move |tx, me| {
        store::account::set_about(tx, me.id, &about, &html)
    })
    .await
}

fn email(cx: &Cx) -> Result<String> {
    Ok(store::account::load(cx.conn, cx.member()?.id)?
        .email
        .unwrap_or_default())
}

/// `POST /settings/look` theme, keys
pub async fn save_look(req: Req, form: Form) -> HttpResponse {
    let fields = match form.fields() {
        Ok(fields) => fields,
        Err(error) => return req.fail(error).await,
    };
    let theme = fields.get("theme").parse().unwrap_or(Theme::Auto);
    let keys = fields.has("keys");
    let done = req.manage(Action::Other, move |tx, me| {
        store::account::set_look(tx, me.id, theme, keys)
    });
    let done = done.await.map(|()| back(path::SETTINGS, "look"));
    req.reply(done).await
}

/// `POST /settings/email` email, password
pub async fn save_email(req: Req, form: Form) -> HttpResponse {
    let fields = match form.fields() {
        Ok(fields) => fields,
        Err(error) => return req.fail(error).await,
    };
    match change_email(&req, &fields).await {
        Ok(()) => back(path::SETTINGS, "email"),
        Err(error) => {
            req.again(error, move |cx, problems| {
                let account = store::account::load(cx.conn, cx.member()?.id)?;
                profile(
                    cx,
                    &account.about,
                    fields.get("email"),
                    Draft::Kept,
                    problems,
                )
            })
            .await
        }
    }
}

async fn change_email(req: &Req, fields: &Fields) -> Result<()> {
    let address = match fields.get("email").trim() {
        "" => None,
        text => Some(Email::parse(text).map_err(|message| Error::field("email", message))?),
    };
    let address = address.map(|address| address.as_str().to_owned());
    let proof = session::prove(req, fields.get("password"), "password").await?;
    let hash = session::hash(req, fields.get("password"), address.clone()).await?;
    req.manage(Action::Other, move |tx, me| {
        store::account::same_password(tx, me.id, &proof.hash)?;
        store::account::set_email(tx, me.id, address.as_deref(), &hash)
    })
    .await
}

/// `GET /settings/delete`
pub async fn leave_page(req: Req) -> HttpResponse {
    req.page(|cx| show_leave(cx, &[])).await
}

fn show_leave(cx: &Cx, problems: &[Problem]) -> Result<Answer> {
    let me: &Viewer = cx.member()?;
    Ok(Answer::html(html::settings::delete(&frame(cx, "Leave"), me, problems)).no_store())
}

/// `POST /settings/delete` password
pub async fn leave(req: Req, form: Form) -> HttpResponse {
    let fields = match form.fields() {
        Ok(fields) => fields,
        Err(error) => return req.fail(error).await,
    };
    match delete(&req, fields.get("password")).await {
        Ok(()) => session::left(&req, "deleted"),
        Err(error) => req.again(error, show_leave).await,
    }
}

async fn delete(req: &Req, password: &str) -> Result<()> {
    let proof = session::prove(req, password, "password").await?;
    req.manage(Action::Other, move |tx, me| {
        store::account::same_password(tx, me.id, &proof.hash)?;
        store::account::delete(tx, me.id, store::account::Name::Held)
    })
    .await
}
