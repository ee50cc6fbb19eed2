//! Administration. Every page and action is for administrators only, and never stored by anybody.

pub mod member;

pub mod setup;

pub mod site;

pub mod status;

pub mod tag;

use actix_web::HttpResponse;

use crate::error::{Error, Problem, Result};
use crate::html::page::{Frame, Notice};
use crate::web::error;
use crate::web::request::{Cx, Req};
use crate::web::respond::Answer;

/// Answers an action: what it came to, or the form again with what is wrong.
async fn reply<F>(req: Req, done: Result<HttpResponse>, again: F) -> HttpResponse
where
    F: FnOnce(&Cx, &[Problem]) -> Result<Answer> + Send + 'static,
{
    match done {
        Err(Error::Invalid(problems)) => {
            req.page(move |cx| {
                let answer = again(cx, &problems)?;
                Ok(answer.status(error::status(&Error::Invalid(problems))))
            })
            .await
        }
        done => req.reply(done).await,
    }
}

/// The frame of an administrator's page, with a word on what was just done.
fn frame<'a>(cx: &'a Cx, title: &str) -> Frame<'a> {
    let mut frame = cx.frame(title);
    frame.noindex = true;
    let done = match cx.req.query().get("done") {
        "saved" => "Saved.",
        "role" => "The role is set, and they are signed out everywhere.",
        "setup" => "Welcome! The site is yours. Everything here can be changed at any time.",
        _ => return frame,
    };
    frame.notice = Some((Notice::Ok, done.to_owned()));
    frame
}
