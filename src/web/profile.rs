//! Members' pages.

use actix_web::HttpResponse;
use actix_web::web::Path;

use crate::domain::list::{List, Talk};
use crate::domain::user::Profile;
use crate::html::page::Frame;
use crate::html::{path, profile as markup};
use crate::store;
use crate::web::list::after;
use crate::web::request::{Cx, Req};
use crate::web::respond::Answer;

/// `GET /u/{name}`, `GET /u/{name}/stories`
pub async fn stories(req: Req, name: Path<String>) -> HttpResponse {
    req.page(move |cx| {
        let profile = store::profile::find(cx.conn, &name, cx.now)?;
        if let Some(moved) = other_case(cx, &profile, &name) {
            return Ok(moved);
        }
        let by = List::By(profile.id, profile.name.clone());
        let viewer = cx.viewer.as_ref().map(|viewer| viewer.id);
        let page = store::list::page(cx.conn, &by, viewer, after(cx)?, cx.now)?;
        let path = path::user_stories(profile.name.as_str());
        let frame = frame(cx, &profile, path, path::user(profile.name.as_str()));
        Ok(Answer::html(markup::stories(&frame, &profile, &page)))
    })
    .await
}

/// `GET /u/{name}/comments`
pub async fn comments(req: Req, name: Path<String>) -> HttpResponse {
    req.page(move |cx| {
        let profile = store::profile::find(cx.conn, &name, cx.now)?;
        if let Some(moved) = other_case(cx, &profile, &name) {
            return Ok(moved);
        }
        let viewer = cx.viewer.as_ref().map(|viewer| viewer.id);
        let page = store::talk::page(cx.conn, Talk::By(profile.id), viewer, after(cx)?)?;
        let path = path::user_comments(profile.name.as_str());
        let frame = frame(cx, &profile, path.clone(), path);
        Ok(Answer::html(markup::comments(&frame, &profile, &page)))
    })
    .await
}

/// One address for each member: other ways of writing the name lead to it.
fn other_case(cx: &Cx, profile: &Profile, asked: &str) -> Option<Answer> {
    let name = profile.name.as_str();
    let path = match cx.req.path().rsplit('/').next() {
        Some("stories") => path::user_stories(name),
        Some("comments") => path::user_comments(name),
        _ => path::user(name),
    };
    (name != asked).then(|| Answer::moved(path))
}

fn frame<'a>(cx: &'a Cx, profile: &Profile, feed: String, canonical: String) -> Frame<'a> {
    let mut frame = cx.frame(profile.name.as_str());
    frame.feed = Some(feed);
    frame.canonical = Some(canonical);
    frame.noindex = cx.req.query().has("after");
    frame
}
