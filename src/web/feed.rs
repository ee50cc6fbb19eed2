//! Feeds beside every list, as visitors see it.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::web::Path;
use actix_web::{FromRequest, HttpRequest, HttpResponse};

use crate::domain::id::StoryId;
use crate::domain::list::{After, List, Span, TagOrder, Talk};
use crate::domain::story::Story;
use crate::error::{Error, Result};
use crate::html::feed::{Entry, Feed, Format};
use crate::html::list::span_title;
use crate::html::path;
use crate::store::{self, stamp};
use crate::web::list::{self, after, known_domain, rest_on, tag_names, tags};
use crate::web::profile;
use crate::web::request::{Cx, Req};
use crate::web::respond::Answer;

/// The format is the ending of the address.
impl FromRequest for Format {
    type Error = std::convert::Infallible;
    type Future = Ready<std::result::Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let ends = |format: &Self| request.path().ends_with(format.ending());
        ready(Ok(Self::EACH.into_iter().find(ends).unwrap_or(Self::Atom)))
    }
}

/// `GET /hot.*`
pub async fn hot(req: Req, format: Format) -> HttpResponse {
    req.shared(&["after"], move |cx| stories(cx, format, &List::Hot, "Hot"))
        .await
}

/// `GET /newest.*`
pub async fn newest(req: Req, format: Format) -> HttpResponse {
    req.shared(&["after"], move |cx| {
        stories(cx, format, &List::Newest, "Newest")
    })
    .await
}

/// `GET /active.*`
pub async fn active(req: Req, format: Format) -> HttpResponse {
    req.shared(&["after"], move |cx| {
        stories(cx, format, &List::Active, "Active")
    })
    .await
}

/// `GET /top/{span}.*`
pub async fn top(req: Req, format: Format, span: Path<String>) -> HttpResponse {
    req.shared(&["after"], move |cx| {
        let span: Span = span.parse().map_err(|()| Error::NotFound)?;
        stories(cx, format, &List::Top(span), span_title(span))
    })
    .await
}

/// `GET /t/{tags}.*`: newest first, as a reader expects.
pub async fn tagged(req: Req, format: Format, names: Path<String>) -> HttpResponse {
    req.shared(&["after"], move |cx| {
        let names = tag_names(&tags(cx, &names)?);
        let title = path::tag_title(&names);
        stories(cx, format, &List::Tags(names, TagOrder::Newest), &title)
    })
    .await
}

/// `GET /domain/{domain}.*`
pub async fn domain(req: Req, format: Format, domain: Path<String>) -> HttpResponse {
    req.shared(&["after"], move |cx| {
        stories(cx, format, &known_domain(cx, &domain)?, &domain)
    })
    .await
}

/// `GET /u/{name}/stories.*`
pub async fn user_stories(req: Req, format: Format, name: Path<String>) -> HttpResponse {
    req.shared(&["after"], move |cx| {
        let profile = profile::find(cx, &name)?;
        let title = format!("stories by {}", profile.name);
        stories(cx, format, &List::By(profile.id, profile.name), &title)
    })
    .await
}

/// `GET /u/{name}/comments.*`
pub async fn user_comments(req: Req, format: Format, name: Path<String>) -> HttpResponse {
    req.shared(&["after"], move |cx| {
        let profile = profile::find(cx, &name)?;
        let title = format!("comments by {}", profile.name);
        let page = path::user_comments(profile.name.as_str());
        comments(cx, format, Talk::By(profile.id), &title, &page)
    })
    .await
}

/// `GET /comments.*`
pub async fn newest_comments(req: Req, format: Format) -> HttpResponse {
    req.shared(&["after"], move |cx| {
        comments(cx, format, Talk::All, "newest comments", "/comments")
    })
    .await
}

/// `GET /s/{id}/comments.*`
pub async fn story_comments(req: Req, format: Format, id: Path<String>) -> HttpResponse {
    req.shared(&["after"], move |cx| {
        let id: StoryId = id.parse().map_err(|()| Error::NotFound)?;
        cx.rests_on([stamp::story(id)]);
        let story = store::story::find_row(cx.conn, id, None)?;
        if !story.state.takes_comments() {
            return Err(Error::NotFound);
        }
        let title = format!("comments on “{}”", story.title);
        let page = path::story(id, &story.title);
        comments(cx, format, Talk::Of(id), &title, &page)
    })
    .await
}

fn stories(cx: &Cx, format: Format, list: &List, title: &str) -> Result<Answer> {
    let after = after(cx)?;
    let page = store::list::stories(cx.conn, list, after, cx.now)?;
    rest_on(cx, list, after, &page);
    let mut stories = pinned(cx, list, after)?;
    stories.extend(page.rows);
    let base = &cx.req.assets().base;
    let entries = stories.iter().map(|story| Entry::story(base, story));
    let page_path = path::list(list);
    let feed = Feed {
        base,
        settings: &cx.settings,
        title,
        path: path::feed(&page_path),
        page: &page_path,
        entries: entries.collect(),
        next: page.next,
    };
    Ok(Answer::text(format.media(), feed.write(format)))
}

/// What stands above the first page of the hot list.
///
/// # Errors
/// When SQLite fails.
pub fn pinned(cx: &Cx, list: &List, after: Option<After>) -> Result<Vec<Story>> {
    match (list, after) {
        (List::Hot, None) => {
            cx.rests_on([stamp::pinned()]);
            store::list::pinned_stories(cx.conn)
        }
        _ => Ok(Vec::new()),
    }
}

fn comments(cx: &Cx, format: Format, talk: Talk, title: &str, page: &str) -> Result<Answer> {
    let found = list::talk(cx, talk)?;
    let base = &cx.req.assets().base;
    // Who asks for the feed of a lesson's thread wants what is said there.
    let entries = found.rows.iter().map(|row| match talk {
        Talk::Of(_) => Entry::comment(base, row),
        Talk::All | Talk::By(_) => Entry::comment_away(base, row),
    });
    let path = match talk {
        Talk::Of(story) => path::story_act(story, "comments"),
        Talk::All | Talk::By(_) => page.to_owned(),
    };
    let feed = Feed {
        base,
        settings: &cx.settings,
        title,
        path: &path,
        page,
        entries: entries.collect(),
        next: found.next,
    };
    Ok(Answer::text(format.media(), feed.write(format)))
}
