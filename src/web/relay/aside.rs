//! What people are told when no node can answer them: nothing here is lost, and nothing here says that something was saved.

use std::cell::RefCell;

use actix_web::{HttpMessage, HttpRequest, HttpResponse};

use crate::error::Error;
use crate::html::resend;
use crate::web::form::Fields;
use crate::web::relay::again::Number;
use crate::web::request::Req;
use crate::web::respond::Answer;

/// What is said instead of a page: an extension of the request.
pub(in crate::web) struct Instead(RefCell<Option<What>>);

enum What {
    Error(Error),
    Resend(Fields, Number),
}

impl Instead {
    /// The site's own page of this error.
    pub(in crate::web) const fn error(error: Error) -> Self {
        Self(RefCell::new(Some(What::Error(error))))
    }

    /// The node that writes gave no answer to this form.
    pub(in crate::web) const fn resend(form: Fields, number: Number) -> Self {
        Self(RefCell::new(Some(What::Resend(form, number))))
    }
}

/// Says it.
pub async fn show(request: HttpRequest, req: Req) -> HttpResponse {
    let what = request
        .extensions()
        .get::<Instead>()
        .and_then(|instead| instead.0.take());
    match what {
        Some(What::Resend(form, number)) if !req.wants_json() => resend(req, form, number).await,
        Some(What::Resend(..)) => req.fail(Error::Unreachable).await,
        Some(What::Error(Error::NoCopy)) => req.fail_plainly(&Error::NoCopy),
        Some(What::Error(error)) => req.fail(error).await,
        None => req.fail(Error::NotFound).await,
    }
}

/// The form once more, with all that was typed, to be sent again.
async fn resend(req: Req, form: Fields, number: Number) -> HttpResponse {
    req.page(move |cx| {
        let mut frame = cx.frame("Not sent yet");
        frame.noindex = true;
        let fields: Vec<(&str, &str)> = form.each().collect();
        let page = resend::show(&frame, cx.req.here(), &fields, &number.written());
        Ok(Answer::html(page).refusing(&Error::Unreachable))
    })
    .await
}
