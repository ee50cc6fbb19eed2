//! Error pages: what happened, in the site's own face, and a way on.

use maud::{Markup, html};

use crate::error::Error;
use crate::html::page::{Frame, page};
use crate::html::path;

/// The page of an error; with the number under which the log knows the request, when it does.
#[must_use]
pub fn page_of(frame: &Frame, status: u16, error: &Error, request: Option<&str>) -> Markup {
    let heading = heading(error);
    page(
        frame,
        &html! {
            section.oops {
                p.code { (status) }
                h1 { (heading) }
                @match error {
                    Error::NotFound => {
                        p { "The story may have been removed, or the link was cut in half on its way to you." }
                        p { a href="/" { "Read what is hot" } " or " a href="/search" { "search" } " for it." }
                    }
                    Error::SignIn => {
                        p { "This is for members. It takes half a minute to become one." }
                        p {
                            a href=(path::with("/login", "next", frame.here)) { "Sign in" } " or "
                            a href="/signup" { "join" } "."
                        }
                    }
                    Error::Invalid(problems) => {
                        @for problem in problems { p { (problem.message) } }
                        p { "Go back: what you typed is still there." }
                    }
                    Error::TooLarge(_) => {
                        p { (error) }
                        p { "Nothing was saved. Go back: what you typed is still there; please shorten it." }
                    }
                    Error::NoCopy => {
                        p { (error) }
                        p { "It is being sent here. Please come again in a moment." }
                    }
                    Error::Limited(_) | Error::Unreachable | Error::Busy | Error::Unavailable | Error::Deadline => {
                        p { (error) }
                        p { "Go back: what you typed is still there." }
                    }
                    _ => {
                        p { (error) }
                        p { a href="/" { "To the front page" } }
                    }
                }
                @if let Some(request) = request {
                    p.quiet { "If you tell us of this, please add: request " code { (request) } }
                }
            }
        },
    )
}

fn heading(error: &Error) -> &'static str {
    match error {
        Error::NotFound => "There is nothing at this address",
        Error::BadRequest(_) | Error::Invalid(_) => "That did not make sense to us",
        Error::SignIn => "Please sign in",
        Error::Refused(_) | Error::CrossSite => "That is not allowed",
        Error::Limited(_) => "A bit slower, please",
        Error::TooLarge(_) => "That is too large",
        Error::Busy | Error::Unavailable | Error::Unreachable | Error::NoCopy | Error::Deadline => {
            "Not right now"
        }
        _ => "Something broke on our side",
    }
}
