//! One-click actions: vote, save, hide, and their opposites. Each answers JSON to a script and leads a form's sender back.

use actix_web::web::{Path, to};
use actix_web::{HttpResponse, Route};
use serde_json::{Value, json};

use crate::domain::id::{ItemId, StoryId, UserId};
use crate::error::{Error, Result};
use crate::html::path;
use crate::store::{self, Tx};
use crate::web::form::Form;
use crate::web::request::Req;

/// What one click does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Click {
    /// A point for it.
    Vote,
    /// The point taken back.
    Unvote,
    /// Kept for later.
    Save,
    /// No longer kept.
    Unsave,
    /// Out of one's lists (stories only).
    Hide,
    /// Back into them.
    Unhide,
}

/// `POST /s/{id}/vote`, `unvote`, `save`, `unsave`, `hide`, `unhide`
#[must_use]
pub fn story(click: Click) -> Route {
    to(move |req: Req, id: Path<String>, form: Form| {
        let item = id.parse().map(ItemId::Story);
        act(req, item.map_err(|()| Error::NotFound), form, click)
    })
}

/// `POST /c/{id}/vote`, `unvote`, `save`, `unsave`
#[must_use]
pub fn comment(click: Click) -> Route {
    to(move |req: Req, id: Path<String>, form: Form| {
        let item = id.parse().map(ItemId::Comment);
        act(req, item.map_err(|()| Error::NotFound), form, click)
    })
}

async fn act(req: Req, item: Result<ItemId>, form: Form, click: Click) -> HttpResponse {
    let (item, fields) = match item.and_then(|item| Ok((item, form.fields()?))) {
        Ok(found) => found,
        Err(error) => return req.fail(error).await,
    };
    let back = path::local(fields.get("back")).to_owned();
    let done = req.vote(move |tx, me| change(tx, me.id, item, click));
    match done.await {
        Ok(value) if req.wants_json() => HttpResponse::Ok()
            .insert_header(("cache-control", "no-store"))
            .json(value),
        Ok(_) => Req::see_other(&path::at_item(&back, item)),
        Err(Error::SignIn) if !req.wants_json() => Req::see_other(&path::sign_in(&back)),
        Err(error) => req.fail(error).await,
    }
}

/// Does it; answers with what a script is told.
fn change(tx: &Tx, me: UserId, item: ItemId, click: Click) -> Result<Value> {
    let story = |item: ItemId| -> Result<StoryId> {
        match item {
            ItemId::Story(id) => Ok(id),
            ItemId::Comment(_) => Err(Error::NotFound),
        }
    };
    match click {
        Click::Vote | Click::Unvote => {
            let wanted = click == Click::Vote;
            let score = store::vote::set(tx, me, item, wanted)?;
            return Ok(json!({"ok": true, "score": score, "voted": wanted}));
        }
        Click::Save => store::mark::save(tx, me, item)?,
        Click::Unsave => store::mark::unsave(tx, me, item)?,
        Click::Hide => store::mark::hide(tx, me, story(item)?)?,
        Click::Unhide => store::mark::unhide(tx, me, story(item)?)?,
    }
    Ok(match click {
        Click::Save | Click::Unsave => json!({"ok": true, "saved": click == Click::Save}),
        _ => json!({"ok": true, "hidden": click == Click::Hide}),
    })
}
