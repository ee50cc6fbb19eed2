//! Comments away from their threads: newest ones, a member's, saved and voted ones.

use maud::{Markup, html};

use crate::domain::comment::CommentRow;
use crate::domain::id::ItemId;
use crate::domain::list::Page;
use crate::html::page::{Frame, page, time};
use crate::html::pen::Pen;
use crate::html::story::Voting;
use crate::html::{list, path, story};

/// The newest comments of the whole site.
#[must_use]
pub fn newest(frame: &Frame, comments: &Page<CommentRow>) -> Markup {
    page(
        frame,
        &html! {
            (list::lead("Newest comments", ""))
            @if comments.rows.is_empty() {
                (list::nothing(
                    "Nobody has said anything yet",
                    "The first comment is the hardest. A question will do.",
                    ("/", "Find a story to talk about"),
                ))
            } @else {
                (rows(frame.pen, &comments.rows))
            }
            (list::older(list::next_of("/comments", comments.next), "Older comments"))
        },
    )
}

/// The rows alone.
#[must_use]
pub fn rows(pen: Pen, rows: &[CommentRow]) -> Markup {
    html! { ol.comments { @for found in rows { (row(pen, found)) } } }
}

/// One comment with the story that it stands under; what is said of a lesson is folded, since it may show a solution.
#[must_use]
pub fn row(pen: Pen, found: &CommentRow) -> Markup {
    let text = &found.comment.html;
    if !found.of_lesson {
        return row_with(pen, found, "c", &html! { (text) });
    }
    let folded = html! { details { summary { "This may show a solution" } (text) } };
    row_with(pen, found, "c", &folded)
}

/// One comment with classes that say more about it, for whom it is meant: never folded.
#[must_use]
pub fn row_as(pen: Pen, found: &CommentRow, class: &str) -> Markup {
    row_with(pen, found, class, &html! { (found.comment.html) })
}

fn row_with(pen: Pen, found: &CommentRow, class: &str, text: &Markup) -> Markup {
    let comment = &found.comment;
    html! {
        li class=(class) id={ "c_" (comment.id) } {
            p.by {
                (story::author(comment.author.as_str(), comment.author_deleted))
                a href=(path::comment(comment.id)) { (time(comment.created)) }
                @if let Some(edited) = comment.edited { span { "edited " (time(edited)) } }
                span.on { "on " a href=(path::story(comment.story, &found.story_title)) { (found.story_title) } }
            }
            div.text { (text) }
            div.acts {
                (story::vote(pen, &Voting::comment(comment)))
                a.reply href=(path::comment_act(comment.id, "reply")) { "reply" }
                (pen.members(|| story::save(pen, ItemId::Comment(comment.id), &comment.marks)))
            }
        }
    }
}
