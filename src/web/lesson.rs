//! The page of a lesson.

use actix_web::HttpResponse;
use actix_web::web::Path;

use crate::error::Error;
use crate::html::lesson::{self as markup, Shown};
use crate::html::{discuss as talk_markup, path};
use crate::web::asset::shelf::runner_file;
use crate::web::request::Req;
use crate::web::{discuss, learn};

/// `GET /learn/{lesson}`
pub async fn show(req: Req, id: Path<String>) -> HttpResponse {
    req.shared(&[], move |cx| {
        let edition = learn::offered(cx)?;
        // What is not in the course is not there until the site starts anew with other files.
        cx.rests_on([]);
        let lesson = edition.course.find(&id).ok_or(Error::NotFound)?;
        let bundle = edition.bundle(&id).ok_or(Error::NotFound)?;
        let mut frame = learn::frame(cx, &lesson.title, &path::lesson(&lesson.id));
        frame.wide = true;
        let tallies = cx.req.app().tallies.as_ref();
        let shown = Shown {
            course: &edition.course,
            lesson,
            bundle: &path::bundle(&bundle.name()),
            version: &bundle.hash,
            tally: tallies.and_then(|tallies| tallies.version(&lesson.id)),
            starter_hash: &bundle.starter_hash,
            runner: &path::runner(&runner_file().hashed),
            talk: talk_markup::line(&lesson.id, discuss::comments(cx, &lesson.id)?),
            news: &discuss::news(cx, &lesson.tag)?,
        };
        Ok(learn::page(markup::show(&frame, &shown)))
    })
    .await
}
