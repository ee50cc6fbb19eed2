//! The directory of resources: the page, votes, suggestions.

/// What moderators decide.
pub mod decide;

use actix_web::HttpResponse;
use actix_web::web::Path;
use serde_json::json;

use crate::domain::id::ResourceId;
use crate::domain::resource::{Choice, Draft, Entry};
use crate::domain::user::Role;
use crate::error::{Error, Problem, Result};
use crate::html::page::Notice;
use crate::html::{path, resource as markup};
use crate::store::{self, stamp};
use crate::web::form::{Fields, Form};
use crate::web::limit::Action;
use crate::web::request::{Cx, Readers, Req};
use crate::web::respond::Answer;

/// `GET /resources?level=&format=&cost=`
pub async fn show(req: Req) -> HttpResponse {
    req.shared_with(Readers::ByRole, &["level", "format", "cost"], |cx| {
        let query = cx.req.query();
        let words = ["level", "format", "cost"].map(|name| query.get(name));
        let choice = Choice::parse(words[0], words[1], words[2])
            .ok_or(Error::BadRequest("There is no such kind of resource."))?;
        cx.rests_on([stamp::resources(choice)]);
        let found = store::resource::page(cx.conn, choice)?;
        let mut frame = cx.frame("Resources");
        "Books, courses, references and tools for learning JavaScript, ordered by votes."
            .clone_into(&mut frame.description);
        frame.canonical = Some(path::RESOURCES.to_owned());
        frame.noindex = choice.is_narrow();
        Ok(Answer::html(markup::show(frame, choice, &found)))
    })
    .await
}

/// `POST /resources/{id}/vote`
pub async fn vote(req: Req, id: Path<String>, form: Form) -> HttpResponse {
    click(req, &id, form, true).await
}

/// `POST /resources/{id}/unvote`
pub async fn unvote(req: Req, id: Path<String>, form: Form) -> HttpResponse {
    click(req, &id, form, false).await
}

async fn click(req: Req, id: &str, form: Form, wanted: bool) -> HttpResponse {
    let (id, fields) = match parse(id).and_then(|id| Ok((id, form.fields()?))) {
        Ok(read) => read,
        Err(error) => return req.fail(error).await,
    };
    let back = path::local(fields.get("back")).to_owned();
    let done = req.act(Action::Vote, Role::Member, move |tx, me| {
        store::resource::vote(tx, me.id, id, wanted)
    });
    match done.await {
        Ok(score) if req.wants_json() => HttpResponse::Ok()
            .insert_header(("cache-control", "no-store"))
            .json(json!({"ok": true, "score": score, "voted": wanted})),
        Ok(_) => Req::see_other(&path::at_resource(&back, id)),
        Err(Error::SignIn) if !req.wants_json() => Req::see_other(&path::sign_in(&back)),
        Err(error) => req.fail(error).await,
    }
}

fn parse(id: &str) -> Result<ResourceId> {
    id.parse().map_err(|()| Error::NotFound)
}

/// `GET /resources/suggest`
pub async fn suggest_form(req: Req) -> HttpResponse {
    req.page(|cx| {
        if cx.viewer.is_none() {
            return Ok(Answer::see_other(path::sign_in(cx.req.here())));
        }
        cx.role(Role::Member)?;
        let draft = Draft {
            lang: "en".into(),
            ..Draft::default()
        };
        form_page(cx, &draft, &[])
    })
    .await
}

/// `POST /resources/suggest`
pub async fn suggest(req: Req, form: Form) -> HttpResponse {
    let draft = match form.fields() {
        Ok(fields) => draft(&fields),
        Err(error) => return req.fail(error).await,
    };
    let kept = draft.clone();
    let done = req.act(Action::Submit, Role::Member, move |tx, me| {
        store::resource::suggest(tx, me.id, &checked(&draft)?)
    });
    match done.await {
        Ok(_) => {
            let sent = path::with(path::RESOURCES_SUGGEST, "sent", "1");
            Req::see_other(&path::with(&sent, "saved", "resource"))
        }
        Err(error) => {
            req.again(error, move |cx, problems| {
                cx.role(Role::Member)?;
                form_page(cx, &kept, problems)
            })
            .await
        }
    }
}

fn form_page(cx: &Cx, draft: &Draft, problems: &[Problem]) -> Result<Answer> {
    let mut frame = cx.frame("Suggest a resource");
    frame.noindex = true;
    if cx.req.query().has("sent") && problems.is_empty() {
        let thanks = "Thank you. A moderator looks at it; what is decided stands below.";
        frame.notice = Some((Notice::Ok, thanks.into()));
    }
    let own = store::resource::suggested_by(cx.conn, cx.member()?.id)?;
    Ok(Answer::html(markup::suggest::show(&frame, draft, problems, &own)).no_store())
}

/// An entry as it was typed.
fn draft(fields: &Fields) -> Draft {
    Draft {
        title: fields.text("title"),
        url: fields.text("url"),
        about: fields.text("about"),
        level: fields.text("level"),
        format: fields.text("format"),
        cost: fields.text("cost"),
        lang: fields.text("lang"),
    }
}

/// What is valid of it.
fn checked(draft: &Draft) -> Result<Entry> {
    draft.check().map_err(|wrong| {
        let problems = wrong.into_iter();
        let problems = problems.map(|(field, message)| Problem { field, message });
        Error::Invalid(problems.collect())
    })
}
