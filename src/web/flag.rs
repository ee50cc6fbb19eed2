//! Flagging stories and comments.

use actix_web::HttpResponse;
use actix_web::web::Path;

use crate::domain::id::ItemId;
use crate::domain::user::Role;
use crate::error::{Error, Problem, Result};
use crate::html::{self, path};
use crate::store;
use crate::web::error;
use crate::web::form::Form;
use crate::web::limit::Action;
use crate::web::request::{Cx, Req};
use crate::web::respond::Answer;

/// The story of an address.
pub(super) fn story_of(id: &str) -> Result<ItemId> {
    id.parse().map(ItemId::Story).map_err(|()| Error::NotFound)
}

/// The comment of an address.
pub(super) fn comment_of(id: &str) -> Result<ItemId> {
    id.parse()
        .map(ItemId::Comment)
        .map_err(|()| Error::NotFound)
}

/// `GET /s/{id}/flag`
pub async fn story_form(req: Req, id: Path<String>) -> HttpResponse {
    req.page(move |cx| show(cx, story_of(&id)?, &[])).await
}

/// `GET /c/{id}/flag`
pub async fn comment_form(req: Req, id: Path<String>) -> HttpResponse {
    req.page(move |cx| show(cx, comment_of(&id)?, &[])).await
}

fn show(cx: &Cx, item: ItemId, problems: &[Problem]) -> Result<Answer> {
    let me = cx.role(Role::Member)?.id;
    store::flag::target(cx.conn, me, item)?;
    let case = store::moderation::case(cx.conn, item)?;
    let own = store::flag::own(cx.conn, me, item)?;
    let frame = cx.frame("Flag");
    Ok(Answer::html(html::flag::show(&frame, &case, own.as_ref(), problems)).no_store())
}

/// `POST /s/{id}/flag` reason
pub async fn story(req: Req, id: Path<String>, form: Form) -> HttpResponse {
    set(req, story_of(&id), form).await
}

/// `POST /c/{id}/flag` reason
pub async fn comment(req: Req, id: Path<String>, form: Form) -> HttpResponse {
    set(req, comment_of(&id), form).await
}

async fn set(req: Req, item: Result<ItemId>, form: Form) -> HttpResponse {
    let (item, fields) = match item.and_then(|item| Ok((item, form.fields()?))) {
        Ok(found) => found,
        Err(error) => return req.fail(error).await,
    };
    let done = req.act(Action::Vote, Role::Member, move |tx, me| {
        store::flag::set(tx, me.id, item, fields.get("reason"))
    });
    match done.await {
        Ok(target) => Req::see_other(&path::in_thread(target.story, &target.title, item)),
        Err(Error::Invalid(problems)) if !req.wants_json() => {
            req.page(move |cx| {
                let answer = show(cx, item, &problems)?;
                Ok(answer.status(error::status(&Error::Invalid(problems))))
            })
            .await
        }
        Err(error) => req.fail(error).await,
    }
}

/// `POST /s/{id}/unflag`
pub async fn unflag_story(req: Req, id: Path<String>, form: Form) -> HttpResponse {
    unset(req, story_of(&id), form).await
}

/// `POST /c/{id}/unflag`
pub async fn unflag_comment(req: Req, id: Path<String>, form: Form) -> HttpResponse {
    unset(req, comment_of(&id), form).await
}

async fn unset(req: Req, item: Result<ItemId>, form: Form) -> HttpResponse {
    let done = async {
        form.fields()?;
        let item = item?;
        let target = req
            .act(Action::Vote, Role::Member, move |tx, me| {
                store::flag::unset(tx, me.id, item)
            })
            .await?;
        Ok(Req::see_other(&path::in_thread(
            target.story,
            &target.title,
            item,
        )))
    };
    let done = done.await;
    req.reply(done).await
}
