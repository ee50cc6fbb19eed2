//! The inbox: answers to what a member wrote.

use maud::{Markup, html};

use crate::domain::comment::CommentRow;
use crate::domain::list::Page;
use crate::html::list;
use crate::html::page::{Frame, page};
use crate::html::talk;

/// A page of the inbox.
#[must_use]
pub fn show(frame: &Frame, answers: &Page<(CommentRow, bool)>) -> Markup {
    let unread = frame.viewer().map_or(0, |viewer| viewer.unread);
    page(
        frame,
        &html! {
            header.lead {
                h1 { "Inbox" }
                @if unread > 0 {
                    p.meta {
                        span { (unread) " new" }
                        button.link form="act" formaction="/inbox/read" { "Mark all as read" }
                    }
                }
            }
            @if answers.rows.is_empty() {
                (list::nothing(
                    "No answers yet",
                    "When somebody replies to a story or comment of yours, it waits here.",
                    ("/", "Join a conversation"),
                ))
            } @else {
                ol.comments {
                    @for (answer, read) in &answers.rows {
                        (talk::row_as(frame.pen, answer, if *read { "c" } else { "c unread" }))
                    }
                }
            }
            (list::older(list::next_of("/inbox", answers.next), "Older answers"))
        },
    )
}
