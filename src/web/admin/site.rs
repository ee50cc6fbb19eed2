//! The site's settings.

use actix_web::HttpResponse;

use crate::domain::settings::{Settings, Signup};
use crate::domain::user::{Role, Viewer};
use crate::error::{Error, Problem, Result};
use crate::html::{self, path};
use crate::store::modlog::{self, Entry};
use crate::store::{self, Tx};
use crate::web::admin::{frame, reply};
use crate::web::form::{Fields, Form};
use crate::web::limit::Action;
use crate::web::request::{Cx, Req};
use crate::web::respond::Answer;

/// `GET /admin`
pub async fn page(req: Req) -> HttpResponse {
    req.page(|cx| {
        let settings = cx.settings.clone();
        show(cx, &settings, &[])
    })
    .await
}

fn show(cx: &Cx, typed: &Settings, problems: &[Problem]) -> Result<Answer> {
    cx.role(Role::Admin)?;
    let frame = frame(cx, "Administration");
    Ok(Answer::html(html::admin::site::show(&frame, typed, problems)).no_store())
}

/// `POST /admin` name, tagline, description, signup, accent, lang, learn, guidelines
pub async fn save(req: Req, form: Form) -> HttpResponse {
    let fields = match form.fields() {
        Ok(fields) => fields,
        Err(error) => return req.fail(error).await,
    };
    let locked = req.app().locked();
    let typed = read(&fields, &locked);
    let new = typed.clone();
    let done = req
        .act(Action::Other, Role::Admin, move |tx, me| {
            change(tx, me, &new)
        })
        .await
        .map(|()| Req::see_other(&path::with(path::ADMIN, "done", "saved")));
    reply(req, done, move |cx, problems| show(cx, &typed, problems)).await
}

/// The settings as they were typed; what is locked was not sent.
fn read(fields: &Fields, locked: &[(&'static str, String)]) -> Settings {
    let line = |name: &str| fields.get(name).trim().to_owned();
    Settings {
        name: line("name"),
        tagline: line("tagline"),
        description: fields.text("description").trim().to_owned(),
        signup: fields.get("signup").parse().unwrap_or(Signup::Open),
        accent: line("accent"),
        lang: line("lang"),
        guidelines: fields.text("guidelines").trim().to_owned(),
        learn: fields.has("learn"),
        locked: locked.to_vec(),
    }
}

fn change(tx: &Tx, me: &Viewer, new: &Settings) -> Result<()> {
    let problems = new.problems();
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let old = store::setting::load(tx)?;
    for ((name, value), (_, before)) in new.stored().into_iter().zip(old.stored()) {
        if value == before || new.lock(name).is_some() {
            continue;
        }
        store::setting::set(tx, name, value)?;
        modlog::record(
            tx,
            &Entry {
                moderator: Some(me.id),
                action: "setting.change",
                subject: Some(name),
                ..Entry::default()
            },
        )?;
    }
    Ok(())
}
