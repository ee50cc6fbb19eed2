//! What people say about a lesson: its thread, reports of what is wrong with it, and what its page tells of both.

use actix_web::HttpResponse;
use actix_web::web::Path;
use maud::Markup;

use crate::app::App;
use crate::domain::comment::{Order, walk, walk_all};
use crate::domain::id::{ReportId, StoryId};
use crate::domain::lesson::{Course, LessonId};
use crate::domain::lesson_report::{ReportText, Version};
use crate::domain::list::{List, TagOrder};
use crate::domain::moderation;
use crate::domain::story::{Story, StoryRow};
use crate::domain::tag::TagName;
use crate::domain::tally::Tally;
use crate::domain::thread::{Part, arrange};
use crate::domain::user::Role;
use crate::error::{Error, Result};
use crate::html::discuss::{Report, Talk};
use crate::html::tally::{self, Sort};
use crate::html::{self, path};
use crate::store::{self, Conn, stamp};
use crate::web::comment;
use crate::web::form::{Fields, Form};
use crate::web::learn;
use crate::web::limit::Action;
use crate::web::moderation::{frame, open};
use crate::web::request::{Cx, Readers, Req};
use crate::web::respond::Answer;
use crate::web::story;

/// Stories that a lesson's page shows.
const NEWS: usize = 3;

/// Shown comments on a lesson, for its page.
///
/// # Errors
/// When SQLite fails.
pub fn comments(cx: &Cx, lesson: &LessonId) -> Result<i64> {
    match thread(cx, lesson)? {
        Some(id) => {
            cx.rests_on([stamp::lesson_comments(id)]);
            store::lesson_talk::count(cx.conn, id)
        }
        None => Ok(0),
    }
}

/// The newest stories on a lesson's topic, for its page; none for a topic that there is not.
///
/// # Errors
/// When SQLite fails.
pub fn news(cx: &Cx, tag: &TagName) -> Result<Vec<StoryRow>> {
    let list = List::Tags(vec![tag.clone()], TagOrder::Newest);
    // Which topics there are, every page rests on.
    match store::list::first(cx.conn, &list, NEWS, cx.now) {
        Ok(found) => {
            cx.rests_on(stamp::list(&list, None, &found, cx.now));
            Ok(found.rows)
        }
        Err(Error::NotFound) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn thread(cx: &Cx, lesson: &LessonId) -> Result<Option<StoryId>> {
    cx.rests_on([stamp::lesson_talk(lesson)]);
    store::lesson_talk::of(cx.conn, lesson)
}

/// A lesson of the course in force, with its title in the site's language.
///
/// # Errors
/// [`Error::NotFound`], also when the course is not offered.
fn lesson(app: &App, conn: &Conn, id: &str) -> Result<(LessonId, String)> {
    let settings = app.settings(conn)?;
    if !settings.learn {
        return Err(Error::NotFound);
    }
    let course = &app.courses.edition(&settings.lang).course;
    let lesson = course.find(id).ok_or(Error::NotFound)?;
    Ok((lesson.id.clone(), lesson.title.clone()))
}

/// Whether a lesson is offered here: the course is, and the lesson is in it.
fn is_offered(app: &App, conn: &Conn, id: &LessonId) -> Result<bool> {
    match lesson(app, conn, id.as_str()) {
        Ok(_) => Ok(true),
        Err(Error::NotFound) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether a story is the thread of a lesson that is not offered: it can be read, and nothing is added.
///
/// # Errors
/// When SQLite fails.
pub(super) fn is_over(app: &App, conn: &Conn, story: StoryId) -> Result<bool> {
    match store::lesson_talk::lesson_of(conn, story)? {
        Some(lesson) => Ok(!is_offered(app, conn, &lesson)?),
        None => Ok(false),
    }
}

/// `GET /learn/{lesson}/talk`
pub async fn talk(req: Req, id: Path<String>) -> HttpResponse {
    req.shared_with(Readers::ByRole, &["order", "after", "at"], move |cx| {
        // Which lessons there are changes with the site's start alone, and whether they are offered with its settings.
        cx.rests_on([]);
        let (lesson, title) = match lesson(cx.req.app(), cx.conn, &id) {
            Err(Error::NotFound) => return kept(cx, &id),
            found => found?,
        };
        let mut story = match thread(cx, &lesson)? {
            Some(id) => story::story(cx, id)?,
            None => Story::of_lesson(&title, cx.now),
        };
        // As the course calls it, whatever it was called when somebody spoke last.
        story.row.title = title;
        page(cx, &lesson, true, &story)
    })
    .await
}

/// The thread of a lesson that is not offered, when there is one: its comments stand elsewhere too, so the way to it stays.
fn kept(cx: &Cx, id: &str) -> Result<Answer> {
    let lesson = LessonId::parse(id).map_err(|_| Error::NotFound)?;
    let thread = thread(cx, &lesson)?.ok_or(Error::NotFound)?;
    let mut story = story::story(cx, thread)?;
    story.row.locked = true;
    page(cx, &lesson, false, &story)
}

fn page(cx: &Cx, lesson: &LessonId, offered: bool, story: &Story) -> Result<Answer> {
    let (id, title) = (story.row.id, &story.row.title);
    let mut frame = cx.frame(&format!("Talk: {title}"));
    frame.canonical = Some(path::lesson_talk(lesson));
    if id.raw() > 0 {
        frame.feed = Some(path::story_act(id, "comments"));
    }
    let order: Option<Order> = cx.req.query().get("order").parse().ok();
    let rows = store::comment::of_story(cx.conn, id, cx.viewer_id())?;
    let steps = if cx.moderates() {
        walk_all(&rows, order.unwrap_or_default())
    } else {
        walk(&rows, order.unwrap_or_default())
    };
    let part = Part {
        after: story::comment_in(cx, "after"),
        keep: story::comment_in(cx, "at"),
        ..Part::default()
    };
    let is_open = order.is_some() || part.after.is_some() || part.keep.is_some();
    frame.noindex = is_open;
    let talk = Talk {
        lesson,
        offered,
        story,
        thread: &arrange(&rows, &steps, part),
        rows: &rows,
        order,
        after: part.after,
        is_open,
    };
    Ok(Answer::html(html::discuss::talk(&frame, &talk)))
}

/// `POST /learn/{lesson}/talk` text
pub async fn post(req: Req, id: Path<String>, form: Form) -> HttpResponse {
    match known(&req, &id).await {
        Ok((lesson, title)) => comment::post_on_lesson(req, lesson, title, form).await,
        Err(error) => req.fail(error).await,
    }
}

/// As [`lesson`], for what is posted.
async fn known(req: &Req, id: &str) -> Result<(LessonId, String)> {
    let (app, id) = (req.app().clone(), id.to_owned());
    req.app().read(move |conn| lesson(&app, conn, &id)).await
}

/// `GET /learn/{lesson}/report?version=`
pub async fn report_form(req: Req, id: Path<String>) -> HttpResponse {
    req.page(move |cx| {
        let (lesson, title) = lesson(cx.req.app(), cx.conn, &id)?;
        let mut frame = cx.frame("Report a lesson");
        frame.noindex = true;
        if cx.viewer.is_none() {
            return Ok(
                Answer::html(html::discuss::report_signed_out(&frame, &lesson, &title)).no_store(),
            );
        }
        cx.role(Role::Member)?;
        if cx.req.query().has("sent") {
            return Ok(Answer::html(html::discuss::reported(&frame, &lesson, &title)).no_store());
        }
        let report = Report {
            version: version(cx.req.query()),
            text: String::new(),
        };
        let page = html::discuss::report_page(&frame, &lesson, &title, &report, &[]);
        Ok(Answer::html(page).no_store())
    })
    .await
}

fn version(fields: &Fields) -> String {
    Version::parse(fields.get("version")).as_str().to_owned()
}

/// `POST /learn/{lesson}/report` text, version
pub async fn report(req: Req, id: Path<String>, form: Form) -> HttpResponse {
    let read = async {
        let fields = form.fields()?;
        Ok((known(&req, &id).await?, fields))
    };
    let read: Result<_> = read.await;
    let ((lesson, title), fields) = match read {
        Ok(read) => read,
        Err(error) => return req.fail(error).await,
    };
    let report = Report {
        version: version(&fields),
        text: fields.text("text"),
    };
    match save_report(&req, lesson.clone(), report.clone()).await {
        Ok(()) if req.wants_json() => HttpResponse::Ok()
            .insert_header(("cache-control", "no-store"))
            .json(serde_json::json!({"ok": true})),
        Ok(()) => {
            let sent = path::with(&path::lesson_report(&lesson), "sent", "1");
            Req::see_other(&path::with(&sent, "saved", &format!("report-{lesson}")))
        }
        Err(Error::SignIn) if !req.wants_json() => {
            Req::see_other(&path::sign_in(&path::lesson_report(&lesson)))
        }
        Err(error) if req.wants_json() => req.fail(error).await,
        Err(error) => {
            req.again(error, move |cx, problems| {
                cx.role(Role::Member)?;
                let frame = cx.frame("Report a lesson");
                let page = html::discuss::report_page(&frame, &lesson, &title, &report, problems);
                Ok(Answer::html(page))
            })
            .await
        }
    }
}

async fn save_report(req: &Req, lesson: LessonId, report: Report) -> Result<()> {
    req.act(Action::Submit, Role::Member, move |tx, me| {
        let text = ReportText::parse(&report.text);
        let text = text.map_err(|message| Error::field("text", message))?;
        let version = Version::parse(&report.version);
        store::lesson_report::add(tx, me.id, &lesson, &version, &text)
    })
    .await
}

/// The sums of the lessons, for moderators, where they are counted.
fn sums(cx: &Cx, course: &Course) -> Result<Markup> {
    let Some(tallies) = &cx.req.app().tallies else {
        return Ok(tally::none());
    };
    let is_taught = |tally: &Tally| tallies.is_taught(tally.lesson.as_str(), &tally.version);
    let mut kept = store::tally::all(cx.conn)?;
    kept.retain(|tally| is_taught(tally) || !tally.is_over(cx.now));
    let rows = tally::rows(course, &kept, is_taught);
    Ok(tally::table(&rows, Sort::parse(cx.req.query().get("sort"))))
}

/// `GET /mod/lessons?sort=`
pub async fn reports(req: Req) -> HttpResponse {
    req.page(|cx| {
        let mut frame = frame(cx, "Reports of lessons")?;
        frame.wide = true;
        let reports = store::lesson_report::open(cx.conn)?;
        let edition = learn::edition(cx);
        let sums = sums(cx, &edition.course)?;
        let page = html::discuss::reports(&frame, open(cx)?, &edition.course, &reports, &sums);
        Ok(Answer::html(page).no_store())
    })
    .await
}

/// `POST /mod/lessons` report, reason
pub async fn settle(req: Req, form: Form) -> HttpResponse {
    let done = async {
        let fields = form.fields()?;
        req.act(Action::Other, Role::Moderator, move |tx, me| {
            let report: ReportId = fields.get("report").parse().map_err(|()| Error::NotFound)?;
            let reason = moderation::reason(fields.get("reason"));
            let reason = reason.map_err(|message| Error::Refused(message.into()))?;
            store::lesson_report::settle(tx, me.id, report, &reason)
        })
        .await?;
        Ok(Req::see_other(path::MOD_LESSONS))
    };
    let done = done.await;
    req.reply(done).await
}
