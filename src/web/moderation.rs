//! What moderators do to stories and comments: the queue, one case, corrections. Nobody else is shown any of it.

use actix_web::HttpResponse;
use actix_web::web::Path;

use crate::domain::id::{ItemId, StoryId};
use crate::domain::moderation::Act;
use crate::domain::user::Role;
use crate::error::{Error, Problem, Result};
use crate::html::moderation::{Attempt, EditPage, Open};
use crate::html::page::Frame;
use crate::html::{self, path};
use crate::store;
use crate::store::moderation::Correction;
use crate::web::error;
use crate::web::flag::{comment_of, story_of};
use crate::web::form::{Fields, Form};
use crate::web::limit::Action;
use crate::web::list::after;
use crate::web::request::{Cx, Req};
use crate::web::respond::Answer;

/// The frame of a page for moderators.
///
/// # Errors
/// As [`Cx::role`].
pub(super) fn frame<'a>(cx: &'a Cx, title: &str) -> Result<Frame<'a>> {
    cx.role(Role::Moderator)?;
    let mut frame = cx.frame(title);
    frame.noindex = true;
    Ok(frame)
}

/// `GET /mod`
pub async fn queue(req: Req) -> HttpResponse {
    req.page(|cx| {
        let frame = frame(cx, "Moderation")?;
        let cases = store::moderation::queue(cx.conn, after(cx)?)?;
        Ok(Answer::html(html::moderation::queue(&frame, open(cx)?, &cases)).no_store())
    })
    .await
}

/// What waits for moderators besides flags.
pub(super) fn open(cx: &Cx) -> Result<Open> {
    Ok(Open {
        members: store::user::count_waiting(cx.conn)?,
        resources: store::resource::count_waiting(cx.conn)?,
        reports: store::lesson_report::count(cx.conn)?,
    })
}

/// `GET /mod/s/{id}`
pub async fn story_page(req: Req, id: Path<String>) -> HttpResponse {
    req.page(move |cx| case(cx, story_of(&id)?, &Attempt::default()))
        .await
}

/// `GET /mod/c/{id}`
pub async fn comment_page(req: Req, id: Path<String>) -> HttpResponse {
    req.page(move |cx| case(cx, comment_of(&id)?, &Attempt::default()))
        .await
}

fn case(cx: &Cx, item: ItemId, attempt: &Attempt) -> Result<Answer> {
    let frame = frame(cx, "Moderate")?;
    let case = store::moderation::case(cx.conn, item)?;
    Ok(Answer::html(html::moderation::case(&frame, &case, attempt)).no_store())
}

/// `POST /mod/s/{id}` do, reason, back
pub async fn story(req: Req, id: Path<String>, form: Form) -> HttpResponse {
    act(req, story_of(&id), form).await
}

/// `POST /mod/c/{id}` do, reason, back
pub async fn comment(req: Req, id: Path<String>, form: Form) -> HttpResponse {
    act(req, comment_of(&id), form).await
}

async fn act(req: Req, item: Result<ItemId>, form: Form) -> HttpResponse {
    let (item, fields) = match item.and_then(|item| Ok((item, form.fields()?))) {
        Ok(found) => found,
        Err(error) => return req.fail(error).await,
    };
    let sent = fields.clone();
    let done = req.act(Action::Other, Role::Moderator, move |tx, me| {
        let act: Act = sent
            .get("do")
            .parse()
            .map_err(|()| Error::BadRequest("This is nothing that can be done here."))?;
        let reason = act.reason(sent.get("reason"));
        let reason = reason.map_err(|message| Error::field("reason", message))?;
        store::moderation::act(tx, me.id, item, act, &reason)
    });
    match done.await {
        Ok(()) if fields.has("back") => Req::see_other(path::local(fields.get("back"))),
        Ok(()) => Req::see_other(&path::moderate(item)),
        Err(error) => {
            again(req, error, move |cx, problems| {
                let reason = fields.get("reason");
                case(cx, item, &Attempt { reason, problems })
            })
            .await
        }
    }
}

/// The page once more, with what was typed and what is wrong with it; other errors have their own page.
pub(super) async fn again<F>(req: Req, error: Error, show: F) -> HttpResponse
where
    F: FnOnce(&Cx, &[Problem]) -> Result<Answer> + Send + 'static,
{
    match error {
        Error::Invalid(problems) if !req.wants_json() => {
            req.page(move |cx| {
                let answer = show(cx, &problems)?;
                Ok(answer.status(error::status(&Error::Invalid(problems))))
            })
            .await
        }
        error => req.fail(error).await,
    }
}

/// `GET /mod/s/{id}/edit`
pub async fn edit_form(req: Req, id: Path<String>) -> HttpResponse {
    req.page(move |cx| {
        let id = parse(&id)?;
        let frame = frame(cx, "Correct a story")?;
        let story = store::story::find(cx.conn, id, None)?;
        let tags: Vec<String> = story.row.tags.iter().map(ToString::to_string).collect();
        let form = EditPage {
            id,
            title: &story.row.title,
            tags: &tags,
            reason: "",
            known: &store::tag::all(cx.conn)?,
            problems: &[],
        };
        Ok(Answer::html(html::moderation::edit(&frame, &story, &form)).no_store())
    })
    .await
}

/// `POST /mod/s/{id}/edit` title, tags, reason
pub async fn edit(req: Req, id: Path<String>, form: Form) -> HttpResponse {
    let read = parse(&id).and_then(|id| Ok((id, correction(&form.fields()?))));
    let (id, typed) = match read {
        Ok(read) => read,
        Err(error) => return req.fail(error).await,
    };
    let new = typed.clone();
    let done = req.act(Action::Other, Role::Moderator, move |tx, me| {
        store::moderation::correct(tx, me.id, id, &new)
    });
    match done.await {
        Ok(()) => Req::see_other(&path::moderate(ItemId::Story(id))),
        Err(error) => {
            again(req, error, move |cx, wrong| {
                edit_again(cx, id, &typed, wrong)
            })
            .await
        }
    }
}

fn parse(id: &str) -> Result<StoryId> {
    id.parse().map_err(|()| Error::NotFound)
}

fn correction(fields: &Fields) -> Correction {
    Correction {
        title: fields.text("title"),
        tags: fields.all("tags").map(str::to_owned).collect(),
        reason: fields.text("reason"),
    }
}

fn edit_again(cx: &Cx, id: StoryId, typed: &Correction, problems: &[Problem]) -> Result<Answer> {
    let frame = frame(cx, "Correct a story")?;
    let story = store::story::find(cx.conn, id, None)?;
    let form = EditPage {
        id,
        title: &typed.title,
        tags: &typed.tags,
        reason: &typed.reason,
        known: &store::tag::all(cx.conn)?,
        problems,
    };
    Ok(Answer::html(html::moderation::edit(&frame, &story, &form)).no_store())
}
