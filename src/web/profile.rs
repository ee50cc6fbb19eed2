//! Members' pages.

use actix_web::HttpResponse;
use actix_web::web::Path;

use crate::domain::list::{List, Talk};
use crate::domain::user::Profile;
use crate::error::Result;
use crate::html::page::Frame;
use crate::html::{path, profile as markup};
use crate::store::{self, stamp};
use crate::web::list::{after, page, talk};
use crate::web::request::{Cx, Req};
use crate::web::respond::Answer;

/// `GET /u/{name}`, `GET /u/{name}/stories`
pub async fn stories(req: Req, name: Path<String>) -> HttpResponse {
    req.shared(&["after"], move |cx| {
        let profile = find(cx, &name)?;
        if let Some(moved) = other_case(cx, &profile, &name) {
            return Ok(moved);
        }
        let by = List::By(profile.id, profile.name.clone());
        let page = page(cx, &by, after(cx)?)?;
        let path = path::user_stories(profile.name.as_str());
        let frame = frame(cx, &profile, path, path::user(profile.name.as_str()));
        Ok(Answer::html(markup::stories(&frame, &profile, &page)))
    })
    .await
}

/// `GET /u/{name}/comments`
pub async fn comments(req: Req, name: Path<String>) -> HttpResponse {
    req.shared(&["after"], move |cx| {
        let profile = find(cx, &name)?;
        if let Some(moved) = other_case(cx, &profile, &name) {
            return Ok(moved);
        }
        let page = talk(cx, Talk::By(profile.id))?;
        let path = path::user_comments(profile.name.as_str());
        let frame = frame(cx, &profile, path.clone(), path);
        Ok(Answer::html(markup::comments(&frame, &profile, &page)))
    })
    .await
}

/// A member as everybody sees them.
///
/// # Errors
/// [`Error::NotFound`](crate::error::Error::NotFound).
pub fn find(cx: &Cx, name: &str) -> Result<Profile> {
    cx.rests_on([stamp::name(name)]);
    let profile = store::profile::find(cx.conn, name, cx.now)?;
    cx.rests_on([stamp::profile(profile.id)]);
    if let Some(ban) = &profile.ban {
        cx.until(ban.until);
    }
    Ok(profile)
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
