//! A story's page, and what its author does with it.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;

use crate::domain::comment::{Comment, Order, walk, walk_all};
use crate::domain::id::{CommentId, StoryId};
use crate::domain::story::{ItemState, Story, slug};
use crate::domain::submission::{Draft, Submission};
use crate::domain::thread::{Part, arrange};
use crate::domain::user::Role;
use crate::error::{Error, Result};
use crate::html;
use crate::html::path;
use crate::html::revise::RevisePage;
use crate::html::thread::StoryPage;
use crate::store::{self, stamp};
use crate::web::form::{Fields, Form};
use crate::web::limit::Action;
use crate::web::request::{Cx, Readers, Req};
use crate::web::respond::Answer;

/// `GET /s/{id}`: leads to the address with the title's words.
pub async fn short(req: Req, id: Path<String>) -> HttpResponse {
    req.shared_with(Readers::ByRole, &[], move |cx| {
        let story = story(cx, parse(&id)?)?;
        if !readable(cx, &story) {
            return Ok(gone(cx, &story));
        }
        if story.row.state == ItemState::Lesson {
            return Ok(Answer::moved(lesson_talk(cx, story.row.id, order(cx))?));
        }
        Ok(Answer::moved(path::story(story.row.id, &story.row.title)))
    })
    .await
}

/// `GET /s/{id}/{slug}`
pub async fn show(req: Req, address: Path<(String, String)>) -> HttpResponse {
    req.shared_with(Readers::ByRole, &["order", "after", "at"], move |cx| {
        let story = story(cx, parse(&address.0)?)?;
        if !readable(cx, &story) {
            return Ok(gone(cx, &story));
        }
        let (row, order) = (&story.row, order(cx));
        if row.state == ItemState::Lesson {
            return Ok(Answer::moved(lesson_talk(cx, row.id, order)?));
        }
        if slug(&row.title) != address.1 {
            return Ok(Answer::moved(path::story_in(row.id, &row.title, order)));
        }
        page(cx, &story, order)
    })
    .await
}

fn page(cx: &Cx, story: &Story, order: Order) -> Result<Answer> {
    let mut frame = cx.frame(&story.row.title);
    html::thread::introduce(&mut frame, story);
    if let Some(link) = &story.row.url {
        cx.rests_on([stamp::link(&link.key())]);
        let earlier = store::submission::earlier(cx.conn, link, Some(story.row.id))?;
        frame.side = html::thread::beside(&earlier);
    }
    let rows = store::comment::of_story(cx.conn, story.row.id, cx.viewer_id())?;
    let steps = if cx.moderates() {
        walk_all(&rows, order)
    } else {
        walk(&rows, order)
    };
    let part = Part {
        after: comment_in(cx, "after"),
        keep: comment_in(cx, "at"),
        ..Part::default()
    };
    let show = StoryPage {
        story,
        thread: &arrange(&rows, &steps, part),
        rows: &rows,
        order,
        after: part.after,
    };
    let answer = Answer::html(html::thread::story(&frame, &show));
    Ok(match story.row.state {
        ItemState::Shown => answer,
        _ => answer.status(StatusCode::GONE),
    })
}

/// The thread of a lesson stands below the lesson; what of it is looked for goes along.
fn lesson_talk(cx: &Cx, id: StoryId, order: Order) -> Result<String> {
    let lesson = store::lesson_talk::lesson_of(cx.conn, id)?.ok_or(Error::NotFound)?;
    let mut there = path::lesson_talk(&lesson);
    if order != Order::default() {
        there = path::with(&there, "order", order.word());
    }
    for name in ["after", "at"] {
        if let Some(comment) = comment_in(cx, name) {
            there = path::with(&there, name, &comment.to_string());
        }
    }
    Ok(there)
}

/// What stands at every address of a story that may not be read; its title must not, nor an address that holds it.
fn gone(cx: &Cx, story: &Story) -> Answer {
    let mut frame = cx.frame("Gone");
    frame.noindex = true;
    frame.canonical = Some(path::permalink(story.row.id));
    Answer::html(html::thread::gone(&frame, story)).status(StatusCode::GONE)
}

/// Whether the thread can be read: what others said below a story stays when its author deletes that.
pub(super) fn readable(cx: &Cx, story: &Story) -> bool {
    match story.row.state {
        ItemState::Shown | ItemState::Lesson => true,
        ItemState::Deleted => story.row.comments > 0 || cx.moderates(),
        ItemState::Removed | ItemState::Dead => cx.moderates(),
    }
}

/// The order that the reader wants; garbage counts as none.
pub(super) fn order(cx: &Cx) -> Order {
    cx.req.query().get("order").parse().unwrap_or_default()
}

/// A comment that a query parameter names; garbage counts as none.
pub(super) fn comment_in(cx: &Cx, name: &str) -> Option<CommentId> {
    cx.req.query().get(name).parse().ok()
}

/// The id of an address.
///
/// # Errors
/// [`Error::NotFound`] for what is none.
pub(super) fn parse(id: &str) -> Result<StoryId> {
    id.parse().map_err(|()| Error::NotFound)
}

/// The story as the viewer sees it.
///
/// # Errors
/// [`Error::NotFound`].
pub(super) fn story(cx: &Cx, id: StoryId) -> Result<Story> {
    cx.rests_on([stamp::story(id)]);
    store::story::find(cx.conn, id, cx.viewer_id())
}

/// The story that a comment stands in; gone for those who may not read its thread.
///
/// # Errors
/// [`Error::NotFound`].
pub(super) fn story_of(cx: &Cx, comment: &Comment) -> Result<Story> {
    story(cx, comment.story)
}

/// `GET /s/{id}/edit`
pub async fn edit_form(req: Req, id: Path<String>) -> HttpResponse {
    req.page(move |cx| {
        // First: a crawler at such an address reads nothing.
        let me = cx.member()?.id;
        let story = story(cx, parse(&id)?)?;
        store::story::check_edit(&story, me, cx.now)?;
        let names = story.row.tags.iter();
        let draft = Draft {
            url: String::new(),
            title: story.row.title.clone(),
            text: story.text.clone(),
            tags: names.map(|name| name.as_str().to_owned()).collect(),
        };
        edit_page(cx, &story, &draft, None, None)
    })
    .await
}

/// `POST /s/{id}/edit`
pub async fn edit(req: Req, id: Path<String>, form: Form) -> HttpResponse {
    let (id, fields) = match parse(&id).and_then(|id| Ok((id, form.fields()?))) {
        Ok(found) => found,
        Err(error) => return req.fail(error).await,
    };
    let draft = revision(&fields);
    if fields.has("preview") {
        return preview(req, id, draft).await;
    }
    let kept = draft.clone();
    let done = req.act(Action::Submit, Role::Member, move |tx, me| {
        store::submission::revise(tx, me.id, id, &draft)
    });
    match done.await {
        Ok(title) => Req::see_other(&path::revised(id, &title)),
        Err(error) if error.keeps_form() => edit_again(req, id, kept, error).await,
        Err(error) => req.fail(error).await,
    }
}

fn revision(fields: &Fields) -> Draft {
    Draft {
        url: String::new(),
        title: fields.text("title"),
        text: fields.text("text"),
        tags: fields.all("tags").map(str::to_owned).collect(),
    }
}

async fn preview(req: Req, id: StoryId, draft: Draft) -> HttpResponse {
    if let Err(error) = req.same_site() {
        return req.fail(error).await;
    }
    req.page(move |cx| {
        let story = story(cx, id)?;
        store::story::check_edit(&story, cx.member()?.id, cx.now)?;
        match store::submission::check_revision(cx.conn, &story, &draft) {
            Ok(new) => edit_page(cx, &story, &draft, None, Some(&new)),
            Err(error) => edit_page(cx, &story, &draft, Some(&error), None),
        }
    })
    .await
}

/// The form again, with why it was not saved. It shows the story's link, so it is for whom that is no secret.
async fn edit_again(req: Req, id: StoryId, draft: Draft, error: Error) -> HttpResponse {
    req.page(move |cx| {
        let story = story(cx, id)?;
        let may_see = cx.viewer_id() == Some(story.row.author_id) || readable(cx, &story);
        if may_see {
            edit_page(cx, &story, &draft, Some(&error), None)
        } else {
            Err(error)
        }
    })
    .await
}

fn edit_page(
    cx: &Cx,
    story: &Story,
    draft: &Draft,
    error: Option<&Error>,
    preview: Option<&Submission>,
) -> Result<Answer> {
    let page = RevisePage {
        story,
        draft,
        tags: &store::tag::all(cx.conn)?,
        error,
        preview,
    };
    let frame = cx.frame("Edit a story");
    let answer = Answer::html(html::revise::edit_page(&frame, &page)).no_store();
    Ok(match error {
        Some(error) => answer.refusing(error),
        None => answer,
    })
}

/// `GET /s/{id}/delete`
pub async fn delete_form(req: Req, id: Path<String>) -> HttpResponse {
    req.page(move |cx| {
        let me = cx.member()?.id;
        let story = story(cx, parse(&id)?)?;
        store::story::check_own(&story, me)?;
        let frame = cx.frame("Delete a story");
        Ok(Answer::html(html::revise::delete_page(&frame, &story)).no_store())
    })
    .await
}

/// `POST /s/{id}/delete`
pub async fn delete(req: Req, id: Path<String>, form: Form) -> HttpResponse {
    let done = async {
        form.fields()?;
        let id = parse(&id)?;
        req.act(Action::Submit, Role::Member, move |tx, me| {
            store::story::delete(tx, me.id, id)
        })
        .await?;
        Ok(Req::see_other(&path::story(id, "[deleted]")))
    };
    let done = done.await;
    req.reply(done).await
}
