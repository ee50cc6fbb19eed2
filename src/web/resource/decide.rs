//! What moderators decide about resources: suggestions, corrections, removals.

use actix_web::HttpResponse;
use actix_web::web::Path;

use crate::domain::id::ResourceId;
use crate::domain::moderation;
use crate::domain::resource::{Act, Draft};
use crate::domain::user::Role;
use crate::error::{Error, Problem, Result};
use crate::html::path;
use crate::html::resource::decide::{self as markup, Attempt};
use crate::store;
use crate::web::form::{Fields, Form};
use crate::web::limit::Action;
use crate::web::moderation::{frame, open};
use crate::web::request::{Cx, Req};
use crate::web::resource::{checked, draft, parse};
use crate::web::respond::Answer;

/// `GET /mod/resources`
pub async fn queue(req: Req) -> HttpResponse {
    req.page(|cx| {
        let frame = frame(cx, "Suggested resources")?;
        let waiting = store::resource::waiting(cx.conn)?;
        Ok(Answer::html(markup::queue(&frame, open(cx)?, &waiting)).no_store())
    })
    .await
}

/// `GET /mod/resources/{id}`
pub async fn page(req: Req, id: Path<String>) -> HttpResponse {
    req.page(move |cx| one(cx, parse(&id)?, None)).await
}

/// What was sent: the entry, the reason, and what is wrong.
type Sent<'a> = (&'a Draft, &'a str, &'a [Problem]);

fn one(cx: &Cx, id: ResourceId, sent: Option<Sent>) -> Result<Answer> {
    let frame = frame(cx, "Moderate a resource")?;
    let found = store::resource::find(cx.conn, id)?;
    let as_it_is = Draft::from(&found.entry);
    let (draft, reason, problems) = sent.unwrap_or((&as_it_is, "", &[]));
    let attempt = Attempt {
        draft,
        reason,
        problems,
    };
    Ok(Answer::html(markup::one(&frame, &found, &attempt)).no_store())
}

/// `POST /mod/resources/{id}` do, reason; with do=edit the fields of the entry.
pub async fn act(req: Req, id: Path<String>, form: Form) -> HttpResponse {
    let (id, fields) = match parse(&id).and_then(|id| Ok((id, form.fields()?))) {
        Ok(read) => read,
        Err(error) => return req.fail(error).await,
    };
    let sent = fields.clone();
    let done = req.act(Action::Other, Role::Moderator, move |tx, me| {
        let reason = |text: &str| {
            let reason = moderation::reason(text);
            reason.map_err(|message| Error::field("reason", message))
        };
        let (word, reason) = (sent.get("do"), reason(sent.get("reason"))?);
        if word == "edit" {
            let entry = checked(&draft(&sent))?;
            return store::resource::decide::edit(tx, me.id, id, &entry, &reason);
        }
        let act =
            Act::named(word).ok_or(Error::BadRequest("This is nothing that can be done here."))?;
        if act.needs_reason() && reason.is_empty() {
            let missing = "Say why. It is shown in the log, and to whom suggested it.";
            return Err(Error::field("reason", missing));
        }
        store::resource::decide::act(tx, me.id, id, act, &reason)
    });
    match done.await {
        Ok(()) => Req::see_other(&after(&fields, id)),
        Err(error) => {
            req.again(error, move |cx, problems| again(cx, id, &fields, problems))
                .await
        }
    }
}

/// The form with what was typed; from the queue, where there is no form of the entry, with the entry as it is.
fn again(cx: &Cx, id: ResourceId, fields: &Fields, problems: &[Problem]) -> Result<Answer> {
    let typed = if fields.has("url") {
        draft(fields)
    } else {
        Draft::from(&store::resource::find(cx.conn, id)?.entry)
    };
    one(cx, id, Some((&typed, fields.get("reason"), problems)))
}

/// Back to where the decision was made.
fn after(fields: &Fields, id: ResourceId) -> String {
    if fields.has("url") {
        path::moderate_resource(id)
    } else {
        path::MOD_RESOURCES.to_owned()
    }
}
