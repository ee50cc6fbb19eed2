//! Lists of stories, and members' own lists.

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_SECURITY_POLICY;
use actix_web::web::Path;

use crate::domain::comment::CommentRow;
use crate::domain::list::{After, Kept, List, Page, Span, TagOrder, Talk};
use crate::domain::story::StoryRow;
use crate::domain::tag::{Tag, TagName};
use crate::error::{Error, Result};
use crate::html::list::{self as markup, Listing};
use crate::html::page::Frame;
use crate::html::{path, side, talk as talk_markup};
use crate::store::{self, stamp};
use crate::web::request::{Cx, Req};
use crate::web::respond::Answer;
use crate::web::{FRONT_POLICY, learn};

/// `GET /`
pub async fn hot(req: Req) -> HttpResponse {
    req.shared(PAGED, front).await
}

/// Parameters of lists: where the page begins, and the rank of its first row.
const PAGED: &[&str] = &["after", "start"];

fn front(cx: &Cx) -> Result<Answer> {
    let after = after(cx)?;
    let pinned = match after {
        None => {
            cx.rests_on([stamp::pinned()]);
            store::list::pinned(cx.conn, None)?
        }
        Some(_) => Vec::new(),
    };
    let page = page(cx, &List::Hot, after)?;
    let frame = frame(cx, &List::Hot, "", topics(cx)?)?;
    let edition = cx.settings.learn.then(|| learn::edition(cx));
    let places = edition
        .as_ref()
        .and_then(|edition| learn::first(cx, edition));
    let minute = places.as_ref().and_then(learn::Minute::shown);
    let answer = Answer::html(markup::stories(
        &frame,
        &Listing {
            list: &List::Hot,
            head: markup::front(&frame, after.is_none(), minute.as_ref()),
            pinned: &pinned,
            page: &page,
            start: Some(start(cx)),
        },
    ));
    Ok(if cx.settings.learn {
        answer.header(CONTENT_SECURITY_POLICY, FRONT_POLICY)
    } else {
        answer
    })
}

/// `GET /newest`
pub async fn newest(req: Req) -> HttpResponse {
    req.shared(PAGED, |cx| plain(cx, &List::Newest, "Newest", ""))
        .await
}

/// `GET /active`
pub async fn active(req: Req) -> HttpResponse {
    req.shared(PAGED, |cx| {
        plain(
            cx,
            &List::Active,
            "Active",
            "Stories by their latest comment.",
        )
    })
    .await
}

fn plain(cx: &Cx, list: &List, title: &str, sentence: &str) -> Result<Answer> {
    let frame = frame(cx, list, title, topics(cx)?)?;
    show(cx, &frame, list, markup::lead(title, sentence))
}

/// `GET /top/{span}`
pub async fn top(req: Req, span: Path<String>) -> HttpResponse {
    req.shared(PAGED, move |cx| {
        let span: Span = span.parse().map_err(|()| Error::NotFound)?;
        let list = List::Top(span);
        let frame = frame(cx, &list, markup::span_title(span), topics(cx)?)?;
        show(cx, &frame, &list, markup::top(span))
    })
    .await
}

/// `GET /t/{tags}`: one tag, or several parted by commas.
pub async fn tagged(req: Req, names: Path<String>) -> HttpResponse {
    req.shared(&["order", "after", "start"], move |cx| {
        let tags = tags(cx, &names)?;
        let order = match cx.req.query().get("order") {
            "newest" => TagOrder::Newest,
            _ => TagOrder::Hot,
        };
        let list = List::Tags(tag_names(&tags), order);
        let canonical = path::tags(&tag_names(&tags));
        if canonical != path::t(&names) {
            return Ok(Answer::moved(path::list(&list)));
        }
        let title = path::tag_title(&tag_names(&tags));
        let near = side::near(&tags, &store::tag::all(cx.conn)?);
        let mut frame = frame(cx, &list, &title, near)?;
        if let [tag] = tags.as_slice() {
            frame.description.clone_from(&tag.description);
        }
        show(cx, &frame, &list, markup::tagged(&tags, order))
    })
    .await
}

/// The tags of an address, by name, each once.
///
/// # Errors
/// [`Error::NotFound`] when one does not exist.
pub fn tags(cx: &Cx, names: &str) -> Result<Vec<Tag>> {
    // Which topics there are, every page rests on.
    cx.rests_on([]);
    let mut names: Vec<String> = names.split(',').map(str::to_ascii_lowercase).collect();
    names.sort();
    names.dedup();
    if names.len() > crate::domain::list::MOST_TAGS {
        return Err(Error::BadRequest("That is too many topics for one list."));
    }
    names
        .iter()
        .map(|name| store::tag::find(cx.conn, name))
        .collect()
}

/// Names of tags.
#[must_use]
pub fn tag_names(tags: &[Tag]) -> Vec<TagName> {
    tags.iter().map(|tag| tag.name.clone()).collect()
}

/// `GET /domain/{domain}`
pub async fn domain(req: Req, domain: Path<String>) -> HttpResponse {
    req.shared(PAGED, move |cx| {
        let list = known_domain(cx, &domain)?;
        let frame = frame(cx, &list, &domain, topics(cx)?)?;
        show(cx, &frame, &list, markup::domain(&domain))
    })
    .await
}

/// The list of a site.
///
/// # Errors
/// [`Error::NotFound`] when no story links to it.
pub fn known_domain(cx: &Cx, domain: &str) -> Result<List> {
    cx.rests_on([stamp::domain_known(domain)]);
    if store::list::knows_domain(cx.conn, domain)? {
        Ok(List::Domain(domain.to_owned()))
    } else {
        Err(Error::NotFound)
    }
}

/// `GET /comments`
pub async fn comments(req: Req) -> HttpResponse {
    req.shared(&["after"], |cx| {
        let page = talk(cx, Talk::All)?;
        let mut frame = cx.frame("Newest comments");
        frame.feed = Some("/comments".into());
        frame.canonical = Some("/comments".into());
        frame.noindex = cx.req.query().has("after");
        frame.side = Some(topics(cx)?);
        Ok(Answer::html(talk_markup::newest(&frame, &page)))
    })
    .await
}

/// `GET /hidden`
pub async fn hidden(req: Req) -> HttpResponse {
    req.page(|cx| {
        let list = List::Hidden(cx.member()?.id);
        let frame = cx.frame("Hidden");
        show(cx, &frame, &list, markup::own("/hidden", "Hidden"))
    })
    .await
}

/// `GET /saved`
pub async fn saved(req: Req) -> HttpResponse {
    req.page(|cx| kept(cx, Kept::Saved(cx.member()?.id), "Saved"))
        .await
}

/// `GET /voted`
pub async fn voted(req: Req) -> HttpResponse {
    req.page(|cx| kept(cx, Kept::Voted(cx.member()?.id), "Voted"))
        .await
}

fn kept(cx: &Cx, kept: Kept, title: &str) -> Result<Answer> {
    let items = store::kept::page(cx.conn, kept, after(cx)?)?;
    Ok(Answer::html(markup::kept(&cx.frame(title), kept, &items)))
}

fn frame<'a>(cx: &'a Cx, list: &List, title: &str, side: maud::Markup) -> Result<Frame<'a>> {
    let path = path::list(list);
    let mut frame = cx.frame(title);
    frame.feed = Some(path::feed(&path).to_owned());
    // Later pages change with every vote: the first one and the sitemap are what search engines need.
    frame.noindex = after(cx)?.is_some();
    frame.canonical = Some(path);
    frame.side = Some(side);
    Ok(frame)
}

fn show(cx: &Cx, frame: &Frame, list: &List, head: maud::Markup) -> Result<Answer> {
    let viewer = cx.viewer.as_ref().map(|viewer| viewer.id);
    let after = after(cx)?;
    let page = match viewer {
        // A member's own list.
        Some(_) => store::list::page(cx.conn, list, viewer, after, cx.now)?,
        None => page(cx, list, after)?,
    };
    let ranked = !matches!(list, List::Hidden(_) | List::By(..));
    Ok(Answer::html(markup::stories(
        frame,
        &Listing {
            list,
            head,
            pinned: &[],
            page: &page,
            start: ranked.then(|| start(cx)),
        },
    )))
}

/// A page of a list as everybody sees it.
///
/// # Errors
/// As [`store::list::page`].
pub fn page(cx: &Cx, list: &List, after: Option<After>) -> Result<Page<StoryRow>> {
    let page = store::list::page(cx.conn, list, None, after, cx.now)?;
    rest_on(cx, list, after, &page);
    Ok(page)
}

/// Says that a page rests on this page of a list.
pub fn rest_on<T: stamp::Listed>(cx: &Cx, list: &List, after: Option<After>, page: &Page<T>) {
    cx.rests_on(stamp::list(list, after, page, cx.now));
    if let List::Top(span) = list
        && let Some(end) = span.changes(cx.now)
    {
        cx.until(end);
    }
}

/// A page of comments as everybody sees it.
///
/// # Errors
/// As [`store::talk::page`].
pub fn talk(cx: &Cx, talk: Talk) -> Result<Page<CommentRow>> {
    let after = after(cx)?;
    let page = store::talk::page(cx.conn, talk, None, after)?;
    cx.rests_on(stamp::talk(talk, after, &page));
    Ok(page)
}

fn topics(cx: &Cx) -> Result<maud::Markup> {
    Ok(side::topics(&cx.settings, &store::tag::all(cx.conn)?))
}

/// Where the page begins: `?after=…`.
///
/// # Errors
/// [`Error::BadRequest`] for a place that is none.
pub fn after(cx: &Cx) -> Result<Option<After>> {
    match cx.req.query().get("after") {
        "" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|()| Error::BadRequest("This is no place in a list.")),
    }
}

/// Rank of the first row: `?start=…`, which only numbers the rows; nonsense counts from 1.
fn start(cx: &Cx) -> usize {
    let given = cx.req.query().get("start").parse().ok();
    given
        .filter(|start| (1..1_000_000).contains(start))
        .unwrap_or(1)
}
