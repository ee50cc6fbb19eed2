//! JSON in the shapes of Lobsters, for its clients.

use actix_web::HttpResponse;
use actix_web::web::Path;
use serde_json::Value;

use crate::domain::id::StoryId;
use crate::domain::list::{List, TagOrder};
use crate::domain::story::ItemState;
use crate::error::{Error, Result};
use crate::html::shape;
use crate::store::{self, stamp};
use crate::web::feed::pinned;
use crate::web::list::{after, rest_on, tag_names, tags};
use crate::web::profile;
use crate::web::request::{Cx, Req};
use crate::web::respond::Answer;

/// `GET /hottest.json`
pub async fn hottest(req: Req) -> HttpResponse {
    req.shared(&["after"], |cx| list(cx, &List::Hot)).await
}

/// `GET /newest.json`
pub async fn newest(req: Req) -> HttpResponse {
    req.shared(&["after"], |cx| list(cx, &List::Newest)).await
}

/// `GET /active.json`
pub async fn active(req: Req) -> HttpResponse {
    req.shared(&["after"], |cx| list(cx, &List::Active)).await
}

/// `GET /t/{tags}.json`
pub async fn tagged(req: Req, names: Path<String>) -> HttpResponse {
    req.shared(&["after"], move |cx| {
        let names = tag_names(&tags(cx, &names)?);
        list(cx, &List::Tags(names, TagOrder::Hot))
    })
    .await
}

/// `GET /s/{id}.json`: with its comments.
pub async fn story(req: Req, id: Path<String>) -> HttpResponse {
    req.shared(&["after"], move |cx| {
        let id: StoryId = id.parse().map_err(|()| Error::NotFound)?;
        cx.rests_on([stamp::story(id)]);
        let story = store::story::find(cx.conn, id, None)?;
        if story.row.state != ItemState::Shown {
            return Err(Error::NotFound);
        }
        let comments = store::comment::of_story(cx.conn, id, None)?;
        let base = &cx.req.assets().base;
        Ok(Answer::json(&shape::thread(base, &story, &comments)))
    })
    .await
}

/// `GET /u/{name}.json`
pub async fn user(req: Req, name: Path<String>) -> HttpResponse {
    req.shared(&["after"], move |cx| {
        let profile = profile::find(cx, &name)?;
        Ok(Answer::json(&shape::user(&profile)))
    })
    .await
}

fn list(cx: &Cx, list: &List) -> Result<Answer> {
    let after = after(cx)?;
    let page = store::list::stories(cx.conn, list, after, cx.now)?;
    rest_on(cx, list, after, &page);
    let mut stories = pinned(cx, list, after)?;
    stories.extend(page.rows);
    let base = &cx.req.assets().base;
    let list: Vec<Value> = stories
        .iter()
        .map(|story| shape::story(base, story))
        .collect();
    Ok(Answer::json(&list.into()))
}
