//! All topic tags with their descriptions.

use maud::{Markup, html};

use crate::domain::tag::Tag;
use crate::html::list;
use crate::html::page::{Frame, page};
use crate::html::path;

/// `/tags`.
#[must_use]
pub fn all(frame: &Frame, tags: &[Tag]) -> Markup {
    let (retired, offered): (Vec<&Tag>, Vec<&Tag>) = tags.iter().partition(|tag| tag.retired);
    page(
        frame,
        &html! {
            (list::lead("Topics", "What stories here are about. Every topic has a list and a feed of its own; put several into one address with a comma, as in /t/css,html."))
            @if tags.is_empty() {
                (list::nothing("There are no topics yet", "An administrator has yet to make some.", ("/", "Read what is hot")))
            }
            @for group in offered.chunk_by(|one, other| one.category == other.category) {
                (section(&group[0].category, group))
            }
            @if !retired.is_empty() { (section("Retired: old stories keep them", &retired)) }
        },
    )
}

fn section(heading: &str, tags: &[&Tag]) -> Markup {
    html! {
        section.part {
            h2 { (heading) }
            ul.rows {
                @for tag in tags {
                    li {
                        div {
                            a.tag href=(path::tag(&tag.name)) { (tag.name) }
                            small { (tag.description) }
                        }
                        a href={ (path::tag(&tag.name)) ".atom" } aria-label={ "Feed of " (tag.name) } { "Feed" }
                    }
                }
            }
        }
    }
}
