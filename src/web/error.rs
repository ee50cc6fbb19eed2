//! Which HTTP status each error has. The only place that says so.

use actix_web::http::StatusCode;

use crate::error::Error;

/// The status of an error.
#[must_use]
pub fn status(error: &Error) -> StatusCode {
    match error {
        Error::NotFound => StatusCode::NOT_FOUND,
        Error::BadRequest(_) => StatusCode::BAD_REQUEST,
        Error::WrongMethod(_) => StatusCode::METHOD_NOT_ALLOWED,
        Error::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Error::SignIn => StatusCode::UNAUTHORIZED,
        Error::Refused(_) | Error::CrossSite => StatusCode::FORBIDDEN,
        Error::Limited(_) => StatusCode::TOO_MANY_REQUESTS,
        Error::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
        Error::Busy | Error::Unavailable | Error::Unreachable | Error::NoCopy | Error::Deadline => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The error's word in JSON.
#[must_use]
pub fn code(error: &Error) -> &'static str {
    match error {
        Error::NotFound => "not_found",
        Error::BadRequest(_) => "bad_request",
        Error::WrongMethod(_) => "wrong_method",
        Error::Invalid(_) => "invalid",
        Error::SignIn => "sign_in",
        Error::Refused(_) => "refused",
        Error::CrossSite => "cross_site",
        Error::Limited(_) => "rate_limited",
        Error::TooLarge(_) => "too_large",
        Error::Busy => "busy",
        Error::Unavailable => "unavailable",
        Error::Unreachable => "unreachable",
        Error::NoCopy => "no_copy",
        Error::Deadline => "deadline",
        _ => "internal",
    }
}

/// Seconds after which trying again makes sense.
#[must_use]
pub fn retry_after_s(error: &Error) -> Option<u64> {
    match error {
        Error::Limited(after) => Some(after.as_secs().max(1)),
        Error::Busy | Error::Unavailable | Error::Deadline => Some(2),
        // Until a node is found dead and another one has taken over.
        Error::Unreachable | Error::NoCopy => Some(5),
        _ => None,
    }
}
