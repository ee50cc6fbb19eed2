//! Comments: their own page, posting, replying, editing, deleting.
//!
//! Whatever goes wrong with a posted text, the page that answers holds it: nothing typed is ever lost.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;

use crate::app::App;
use crate::domain::comment::{Comment, CommentText, walk_all};
use crate::domain::id::{CommentId, ItemId, StoryId};
use crate::domain::lesson::LessonId;
use crate::domain::story::{ItemState, Story, StoryRow};
use crate::domain::thread::{Part, around, arrange};
use crate::domain::user::Role;
use crate::error::{Error, Problem, Result};
use crate::html;
use crate::html::path;
use crate::html::write::{self, Draft, Place};
use crate::store::{self, Conn, Tx, stamp};
use crate::web::form::{Fields, Form};
use crate::web::limit::Action;
use crate::web::request::{Cx, Readers, Req};
use crate::web::respond::Answer;
use crate::web::{discuss, story};

/// `GET /c/{id}`
pub async fn show(req: Req, id: Path<String>) -> HttpResponse {
    req.shared_with(Readers::ByRole, &["order", "after"], move |cx| {
        let id = id.parse().map_err(|()| Error::NotFound)?;
        cx.rests_on([stamp::comment(id)]);
        let comment = store::comment::find(cx.conn, id, None)?;
        // Not on all of its thread: only what the page shows of it.
        cx.rests_on([stamp::heading(comment.story)]);
        let mut story = store::story::find(cx.conn, comment.story, None)?;
        story.row.locked |= discuss::is_over(cx.req.app(), cx.conn, comment.story)?;
        if !story::readable(cx, &story) {
            return Err(Error::NotFound);
        }
        permalink(cx, &story, &comment)
    })
    .await
}

fn permalink(cx: &Cx, story: &Story, here: &Comment) -> Result<Answer> {
    let rows = store::comment::of_story(cx.conn, here.story, cx.viewer_id())?;
    let rows = around(rows, here.id);
    cx.rests_on(rows.iter().map(|row| stamp::comment(row.id)));
    let part = Part {
        root: Some(here.id),
        after: story::comment_in(cx, "after"),
        ..Part::default()
    };
    let laid = arrange(&rows, &walk_all(&rows, story::order(cx)), part);
    let mut frame = cx.frame(&format!("Comment on {}", story.row.title));
    frame.noindex = true;
    let answer = Answer::html(html::comment::permalink(&frame, story, &rows, &laid, here));
    Ok(match here.state {
        ItemState::Shown => answer,
        _ => answer.status(StatusCode::GONE),
    })
}

/// `GET /c/{id}/reply`: the form without script.
pub async fn reply_form(req: Req, id: Path<String>) -> HttpResponse {
    req.page(move |cx| {
        if cx.viewer.is_none() {
            return Ok(Answer::see_other(path::sign_in(cx.req.here())));
        }
        cx.role(Role::Member)?;
        let (parent, _) = find(cx, &id)?;
        refuse_over(cx.req.app(), cx.conn, parent.story)?;
        write_page(
            cx,
            &At::Story(parent.story),
            Some(parent.id),
            &Draft::default(),
        )
    })
    .await
}

/// `POST /s/{id}/comments`
pub async fn post(req: Req, id: Path<String>, form: Form) -> HttpResponse {
    let posted = form
        .fields()
        .and_then(|fields| Posted::read(At::Story(story::parse(&id)?), &fields));
    take(req, posted).await
}

/// A comment on a lesson, whose thread is made with it when there is none.
pub(super) async fn post_on_lesson(
    req: Req,
    id: LessonId,
    title: String,
    form: Form,
) -> HttpResponse {
    let posted = form
        .fields()
        .and_then(|fields| Posted::read(At::Lesson(id, title), &fields));
    take(req, posted).await
}

async fn take(req: Req, posted: Result<Posted>) -> HttpResponse {
    match posted {
        Err(error) => req.fail(error).await,
        Ok(posted) if posted.preview => posted.show(req).await,
        Ok(posted) => match posted.save(&req).await {
            Ok(path) => Req::see_other(&path),
            Err(error) => posted.again(req, error).await,
        },
    }
}

/// Below what a comment is written.
#[derive(Clone)]
enum At {
    /// A story.
    Story(StoryId),
    /// A lesson, which is called so.
    Lesson(LessonId, String),
}

impl At {
    fn open(&self, tx: &Tx) -> Result<StoryId> {
        match self {
            Self::Story(story) => Ok(*story),
            Self::Lesson(lesson, title) => store::lesson_talk::open(tx, lesson, title),
        }
    }

    /// The story that is there, or would be.
    fn story(&self, cx: &Cx) -> Result<Story> {
        match self {
            Self::Story(story) => story::story(cx, *story),
            Self::Lesson(lesson, title) => match store::lesson_talk::of(cx.conn, lesson)? {
                Some(story) => story::story(cx, story),
                None => Ok(Story::of_lesson(title, cx.now)),
            },
        }
    }

    fn place(&self) -> Place {
        match self {
            Self::Story(story) => Place::Story(*story),
            Self::Lesson(lesson, _) => Place::Lesson(lesson.clone()),
        }
    }
}

/// The way to a comment that was just saved; `key` names the draft that it was.
fn way(tx: &Tx, story: &StoryRow, comment: CommentId, key: &str) -> Result<String> {
    Ok(match lesson_talk_of(tx, story)? {
        Some(lesson) => path::lesson_talked(&lesson, comment, key),
        None => path::commented(story.id, story.open_title(), comment, key),
    })
}

fn lesson_talk_of(tx: &Tx, story: &StoryRow) -> Result<Option<LessonId>> {
    match story.state {
        ItemState::Lesson => store::lesson_talk::lesson_of(tx, story.id),
        _ => Ok(None),
    }
}

/// A comment on its way in.
#[derive(Clone)]
struct Posted {
    at: At,
    parent: Option<CommentId>,
    text: String,
    preview: bool,
}

impl Posted {
    fn read(at: At, fields: &Fields) -> Result<Self> {
        let parent = match fields.get("parent") {
            "" => None,
            id => Some(id.parse().map_err(|()| Error::NotFound)?),
        };
        Ok(Self {
            at,
            parent,
            text: fields.text("text"),
            preview: fields.has("preview"),
        })
    }

    /// Stores it; answers with the way to it.
    async fn save(&self, req: &Req) -> Result<String> {
        req.same_site()?;
        let text = render(req, self.text.clone()).await?;
        let (at, parent) = (self.at.clone(), self.parent);
        if let At::Story(story) = at {
            let app = req.app().clone();
            let open = move |conn: &Conn| refuse_over(&app, conn, story);
            req.app().read(open).await?;
        }
        req.act(Action::Comment, Role::Member, move |tx, me| {
            let story = at.open(tx)?;
            let id = store::comment::post(tx, me.id, story, parent, &text)?;
            let key = at.place().draft_key(parent);
            way(tx, &store::story::find_row(tx, story, None)?, id, &key)
        })
        .await
    }

    async fn show(self, req: Req) -> HttpResponse {
        if let Err(error) = allow_preview(&req) {
            return req.fail(error).await;
        }
        req.page(move |cx| {
            cx.member()?;
            write_page(cx, &self.at, self.parent, &preview(self.text.clone()))
        })
        .await
    }

    /// The form once more, with the text and what was wrong.
    async fn again(self, req: Req, error: Error) -> HttpResponse {
        if !error.keeps_form() {
            return req.fail(error).await;
        }
        req.page(move |cx| {
            let draft = failed(self.text.clone(), &error);
            let answer = write_page(cx, &self.at, self.parent, &draft)?;
            Ok(answer.refusing(&error))
        })
        .await
    }
}

/// Nothing is added to the thread of a lesson that is not offered.
fn refuse_over(app: &App, conn: &Conn, story: StoryId) -> Result<()> {
    if discuss::is_over(app, conn, story)? {
        return Err(Error::Refused(
            "This lesson is not offered here now: what was said stays, but nothing new can be added.".into(),
        ));
    }
    Ok(())
}

/// Checks and renders a text on a worker.
async fn render(req: &Req, text: String) -> Result<CommentText> {
    req.app()
        .compute(move || CommentText::parse(&text).map_err(|message| Error::field("text", message)))
        .await
}

fn failed(text: String, error: &Error) -> Draft {
    let mut draft = Draft {
        text,
        ..Draft::default()
    };
    match error {
        Error::Invalid(problems) => draft.problem = problems.first().map(message),
        Error::SignIn => {
            draft.trouble = Some(
                "You are signed out, so this was not saved. Sign in in another tab, then post it here."
                    .into(),
            );
        }
        other => draft.trouble = Some(other.to_string()),
    }
    draft
}

fn message(problem: &Problem) -> String {
    problem.message.clone()
}

fn preview(text: String) -> Draft {
    match CommentText::parse(&text) {
        Ok(parsed) => Draft {
            preview: Some(parsed.html().clone()),
            text,
            ..Draft::default()
        },
        Err(message) => Draft {
            problem: Some(message),
            text,
            ..Draft::default()
        },
    }
}

/// A preview changes nothing, but it costs work: members of this site only, and not too often.
fn allow_preview(req: &Req) -> Result<()> {
    req.same_site()?;
    req.limit(Action::Other)
}

fn write_page(cx: &Cx, at: &At, parent: Option<CommentId>, draft: &Draft) -> Result<Answer> {
    let story = at.story(cx)?;
    if !story::readable(cx, &story) {
        return Err(Error::NotFound);
    }
    let parent = match parent {
        Some(id) => Some(store::comment::find(cx.conn, id, cx.viewer_id())?),
        None => None,
    };
    if parent
        .as_ref()
        .is_some_and(|parent| parent.story != story.row.id)
    {
        return Err(Error::NotFound);
    }
    let frame = cx.frame("Write a comment");
    Ok(Answer::html(write::write_page(
        &frame,
        &story,
        &at.place(),
        parent.as_ref(),
        draft,
    ))
    .no_store())
}

/// `GET /c/{id}/edit`
pub async fn edit_form(req: Req, id: Path<String>) -> HttpResponse {
    req.page(move |cx| {
        // First: a crawler at such an address reads nothing.
        let me = cx.member()?.id;
        let (comment, story) = find_open(cx, &id)?;
        store::comment::check_edit(&comment, me, cx.now)?;
        let draft = Draft {
            text: store::comment::source(cx.conn, comment.id)?,
            ..Draft::default()
        };
        Ok(edit_page(cx, &story, &comment, &draft))
    })
    .await
}

/// `POST /c/{id}/edit`
pub async fn edit(req: Req, id: Path<String>, form: Form) -> HttpResponse {
    let fields = match form.fields() {
        Ok(fields) => fields,
        Err(error) => return req.fail(error).await,
    };
    let text = fields.text("text");
    if fields.has("preview") {
        return preview_edit(req, id, text).await;
    }
    match save_edit(&req, &id, text.clone()).await {
        Ok(path) => Req::see_other(&path),
        Err(error) if error.keeps_form() => edit_again(req, id, failed(text, &error), error).await,
        Err(error) => req.fail(error).await,
    }
}

async fn preview_edit(req: Req, id: Path<String>, text: String) -> HttpResponse {
    if let Err(error) = allow_preview(&req) {
        return req.fail(error).await;
    }
    req.page(move |cx| {
        let me = cx.member()?.id;
        let (comment, story) = find_open(cx, &id)?;
        store::comment::check_own(&comment, me)?;
        Ok(edit_page(cx, &story, &comment, &preview(text)))
    })
    .await
}

async fn save_edit(req: &Req, id: &str, text: String) -> Result<String> {
    req.same_site()?;
    let id: CommentId = id.parse().map_err(|()| Error::NotFound)?;
    let text = render(req, text).await?;
    req.act(Action::Comment, Role::Member, move |tx, me| {
        let comment = store::comment::edit(tx, me.id, id, &text)?;
        let story = store::story::find_row(tx, comment.story, None)?;
        let key = format!("c{id}");
        way(tx, &story, id, &key)
    })
    .await
}

async fn edit_again(req: Req, id: Path<String>, draft: Draft, error: Error) -> HttpResponse {
    req.page(move |cx| {
        let (comment, story) = find_open(cx, &id)?;
        if let Some(viewer) = &cx.viewer {
            store::comment::check_own(&comment, viewer.id)?;
        }
        Ok(edit_page(cx, &story, &comment, &draft).refusing(&error))
    })
    .await
}

fn edit_page(cx: &Cx, story: &Story, comment: &Comment, draft: &Draft) -> Answer {
    let frame = cx.frame("Edit a comment");
    Answer::html(write::edit_page(&frame, story, comment, draft)).no_store()
}

/// `GET /c/{id}/delete`
pub async fn delete_form(req: Req, id: Path<String>) -> HttpResponse {
    req.page(move |cx| {
        let me = cx.member()?.id;
        let (comment, story) = find_open(cx, &id)?;
        store::comment::check_own(&comment, me)?;
        let frame = cx.frame("Delete a comment");
        Ok(Answer::html(write::delete_page(&frame, &story, &comment)).no_store())
    })
    .await
}

/// `POST /c/{id}/delete`
pub async fn delete(req: Req, id: Path<String>, form: Form) -> HttpResponse {
    let done = async {
        form.fields()?;
        let id: CommentId = id.parse().map_err(|()| Error::NotFound)?;
        req.act(Action::Comment, Role::Member, move |tx, me| {
            let comment = store::comment::delete(tx, me.id, id)?;
            let story = store::story::find_row(tx, comment.story, None)?;
            let item = ItemId::Comment(id);
            Ok(path::in_thread(story.id, story.open_title(), item))
        })
        .await
    };
    let done: Result<String> = done.await;
    req.reply(done.map(|path| Req::see_other(&path))).await
}

/// As [`find`], when the viewer may read the thread: every page of a comment names its story.
fn find_open(cx: &Cx, id: &str) -> Result<(Comment, Story)> {
    let (comment, story) = find(cx, id)?;
    if story::readable(cx, &story) {
        Ok((comment, story))
    } else {
        Err(Error::NotFound)
    }
}

/// The comment of an address, and its story.
fn find(cx: &Cx, id: &str) -> Result<(Comment, Story)> {
    let id = id.parse().map_err(|()| Error::NotFound)?;
    let comment = store::comment::find(cx.conn, id, cx.viewer_id())?;
    let story = story::story_of(cx, &comment)?;
    Ok((comment, story))
}
