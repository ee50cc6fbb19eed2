//! The course: its map, what a learner prints at the end, and the files that browsers load of it.
//!
//! All of it is away (404) while the operator has switched the course off.

use std::sync::Arc;

use actix_web::http::header::CONTENT_SECURITY_POLICY;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};

use crate::course::Edition;
use crate::domain::lesson::Mode;
use crate::domain::settings::Settings;
use crate::error::{Error, Result};
use crate::html::first::First;
use crate::html::{goal, learn as markup, path, tally};
use crate::web::LEARN_POLICY;
use crate::web::asset::IMMUTABLE;
use crate::web::asset::shelf::runner_file;
use crate::web::request::{Cx, Req};
use crate::web::respond::Answer;

/// `GET /learn`
pub async fn map(req: Req) -> HttpResponse {
    req.shared(&[], |cx| {
        let edition = offered(cx)?;
        let mut frame = frame(cx, "Learn JavaScript", path::LEARN);
        frame.wide = true;
        let runner = path::runner(&runner_file().hashed);
        let mut choices = vec![goal::choice()];
        choices.extend(cx.req.app().tallies.is_some().then(tally::switch));
        Ok(page(markup::map(
            &frame,
            &edition.course,
            &runner,
            &choices,
        )))
    })
    .await
}

/// `GET /learn/done`
pub async fn done(req: Req) -> HttpResponse {
    req.shared(&[], |cx| {
        let edition = offered(cx)?;
        let mut frame = frame(cx, "What you have done", path::LEARN_DONE);
        frame.noindex = true;
        Ok(page(markup::done(&frame, &edition.course)))
    })
    .await
}

/// `GET /learn/data/{name}.json`: immutable under its hash; a known lesson under an unknown hash gets the current bundle,
/// which nobody keeps under that name.
pub async fn bundle(req: Req, request: HttpRequest, name: Path<String>) -> HttpResponse {
    let name = format!("{name}.json");
    match current(&req).await {
        Err(error) => req.fail(error).await,
        Ok(edition) => {
            if let Some(file) = req.shelf().bundle(&name) {
                return file.answer(&request, IMMUTABLE);
            }
            match req.shelf().bundle_like(&edition, &name) {
                Some(file) => file.answer(&request, "no-store"),
                None => req.fail(Error::NotFound).await,
            }
        }
    }
}

/// `GET /learn/runner-{hash}.html`: the frame in which learners' code runs.
pub async fn runner(req: Req, request: HttpRequest) -> HttpResponse {
    let name = req.path().rsplit('/').next().unwrap_or_default().to_owned();
    let file = runner_file();
    match current(&req).await {
        Err(error) => req.fail(error).await,
        Ok(_) if file.hashed == name => file.answer(&request, IMMUTABLE),
        Ok(_) if file.is_version(&name) => file.answer(&request, "no-store"),
        Ok(_) => req.fail(Error::NotFound).await,
    }
}

/// `GET /learn/offline.js`: the service worker, which browsers ask for anew each time.
pub async fn offline(req: Req, request: HttpRequest) -> HttpResponse {
    match current_with_settings(&req).await {
        Err(error) => req.fail(error).await,
        Ok((edition, settings)) => match req.shelf().worker(&edition, &settings) {
            Some(file) => file.answer(&request, "no-cache"),
            None => req.fail(Error::NotFound).await,
        },
    }
}

/// The edition in the site's language, when the course is offered.
pub(in crate::web) fn offered(cx: &Cx) -> Result<Arc<Edition>> {
    if cx.settings.learn {
        return Ok(edition(cx));
    }
    // It rests on the settings, as every page does.
    cx.rests_on([]);
    Err(Error::NotFound)
}

/// The edition in the site's language.
pub(in crate::web) fn edition(cx: &Cx) -> Arc<Edition> {
    Arc::clone(cx.req.app().courses.edition(&cx.settings.lang))
}

/// The addresses of the first lesson's parts, for the front page.
pub(in crate::web) struct Minute<'a> {
    edition: &'a Edition,
    bundle: String,
    runner: String,
    tally: Option<&'a str>,
    script: &'a str,
}

/// What the front page needs of the first lesson; `None` when there are not two, or when it takes more than a line.
pub(in crate::web) fn first<'a>(cx: &'a Cx, edition: &'a Edition) -> Option<Minute<'a>> {
    let lesson = edition.course.lessons().next()?;
    edition
        .course
        .after(&lesson.id)
        .filter(|_| lesson.mode == Mode::Console)?;
    let bundle = edition.bundle(lesson.id.as_str())?;
    let tallies = cx.req.app().tallies.as_ref();
    Some(Minute {
        edition,
        bundle: path::bundle(&bundle.name()),
        runner: path::runner(&runner_file().hashed),
        tally: tallies.and_then(|tallies| tallies.version(&lesson.id)),
        script: &cx.req.assets().names.learn_js,
    })
}

impl Minute<'_> {
    /// As the markup wants it.
    pub(in crate::web) fn shown(&self) -> Option<First<'_>> {
        let mut lessons = self.edition.course.lessons();
        let (lesson, next) = (lessons.next()?, lessons.next()?);
        Some(First {
            lesson,
            next,
            bundle: &self.bundle,
            runner: &self.runner,
            tally: self.tally,
            script: self.script,
        })
    }
}

async fn current(req: &Req) -> Result<Arc<Edition>> {
    let (edition, _) = current_with_settings(req).await?;
    Ok(edition)
}

/// Whether the course is offered.
///
/// # Errors
/// [`Error::NotFound`] when it is not.
pub(in crate::web) async fn is_offered(req: &Req) -> Result<()> {
    current(req).await.map(drop)
}

async fn current_with_settings(req: &Req) -> Result<(Arc<Edition>, Arc<Settings>)> {
    let app = Arc::clone(req.app());
    let settings = req.app().read(move |conn| app.settings(conn)).await?;
    if !settings.learn {
        return Err(Error::NotFound);
    }
    let edition = Arc::clone(req.app().courses.edition(&settings.lang));
    Ok((edition, settings))
}

/// A page of the course.
pub(in crate::web) fn page(markup: maud::Markup) -> Answer {
    Answer::html(markup).header(CONTENT_SECURITY_POLICY, LEARN_POLICY)
}

/// The frame of a page of the course.
pub(in crate::web) fn frame<'a>(
    cx: &'a Cx,
    title: &str,
    path: &str,
) -> crate::html::page::Frame<'a> {
    let names = &cx.req.assets().names;
    let mut frame = cx.frame(title);
    frame.canonical = Some(path.to_owned());
    frame.extra = Some((&names.learn_css, &names.learn_js));
    frame
}
