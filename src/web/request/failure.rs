//! How an error looks to whoever asked: the site's own page, or JSON; and what of it the log gets.

use actix_web::http::header;

use crate::errand::limits;
use crate::error::Error;
use crate::html;
use crate::html::page::Frame;
use crate::web::error;
use crate::web::request::Cx;
use crate::web::request::asked::Asked;
use crate::web::respond::Answer;

pub(super) fn failed(cx: &Cx, error: &Error) -> Answer {
    log(error, &cx.req.asked);
    answer_for(&cx.frame("Error"), error, &cx.req.asked)
}

pub(super) fn answer_for(frame: &Frame, error: &Error, asked: &Asked) -> Answer {
    // By this the operator finds in the log what a member reports.
    let id = is_logged(error).then(|| asked.journey.id());
    let answer = if asked.json {
        let mut body =
            serde_json::json!({"error": {"code": error::code(error), "message": message(error)}});
        if let Some(id) = id {
            body["error"]["request"] = id.into();
        }
        Answer::json(&body)
    } else {
        let status = error::status(error).as_u16();
        Answer::html(html::error::page_of(frame, status, error, id.as_deref()))
    };
    let answer = answer.status(error::status(error)).no_store();
    match (error, error::retry_after_s(error)) {
        (Error::WrongMethod(allow), _) => answer.header(header::ALLOW, *allow),
        (_, Some(seconds)) => answer.header(header::RETRY_AFTER, seconds.to_string()),
        _ => answer,
    }
}

/// What a script is told: the sentences of a form's problems, or the error's own.
fn message(error: &Error) -> String {
    match error {
        Error::Invalid(problems) => {
            let all: Vec<&str> = problems
                .iter()
                .map(|problem| problem.message.as_str())
                .collect();
            all.join(" ")
        }
        other => other.to_string(),
    }
}

/// An address as logs get it: without its query, and without the secrets that some paths hold.
#[must_use]
pub fn logged(address: &str) -> &str {
    let path = address.split('?').next().unwrap_or(address);
    for folder in ["/setup/", "/reset/"] {
        if path.starts_with(folder) {
            return folder;
        }
    }
    path
}

/// What fails on our side is logged; not each refusal of a flood, which is counted, nor what all requests meet while this
/// node waits for another, which is told where that is noticed.
fn is_logged(error: &Error) -> bool {
    let is_known = matches!(error, Error::Busy | Error::Unreachable | Error::NoCopy);
    error::status(error).is_server_error() && !is_known
}

pub(super) fn log(error: &Error, asked: &Asked) {
    // What was broken off since its client had gone has not failed.
    if is_logged(error) && !limits::is_unwanted() {
        tracing::error!(
            request = asked.journey.id(),
            path = logged(&asked.here),
            detail = error.detail(),
            "request failed"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_time_links_do_not_reach_the_log() {
        assert_eq!(logged("/setup/abcdef"), "/setup/");
        assert_eq!(logged("/reset/abcdef?x=y"), "/reset/");
        assert_eq!(logged("/signup?invite=abcdef"), "/signup");
        assert_eq!(logged("/settings/invites?made=abcdef"), "/settings/invites");
        assert_eq!(logged("/s/7/a-story"), "/s/7/a-story");
    }
}
