//! The column beside lists: topics by category, a few words on the site.

use maud::{Markup, html};

use crate::domain::settings::Settings;
use crate::domain::tag::{Tag, TagName};
use crate::html::path;

/// Topics by category, then the house in short.
#[must_use]
pub fn topics(settings: &Settings, tags: &[Tag]) -> Markup {
    let offered: Vec<&Tag> = tags.iter().filter(|tag| !tag.retired).collect();
    html! {
        section {
            h2 { "Topics" }
            dl.topics {
                @for group in offered.chunk_by(|one, other| one.category == other.category) {
                    dt { (group[0].category) }
                    dd { @for tag in group { a.tag href=(path::tag(&tag.name)) title=(tag.description) { (tag.name) } " " } }
                }
            }
        }
        section {
            h2 { "About " (settings.name) }
            @if !settings.description.is_empty() { p { (settings.description) } }
            p {
                "Original titles. Argue with the idea. Say when you made it. Every act of moderation is "
                a href="/modlog" { "in the open" } "."
            }
            p { a href="/tags" { "All topics" } " · " a href="/guidelines" { "Guidelines" } }
        }
    }
}

/// Beside a tag's list: the other topics of its category, alone and together with it.
#[must_use]
pub fn near(here: &[Tag], tags: &[Tag]) -> Markup {
    let is_here = |tag: &Tag| here.iter().any(|other| other.id == tag.id);
    let near: Vec<&Tag> = tags
        .iter()
        .filter(|tag| !tag.retired && !is_here(tag))
        .filter(|tag| here.iter().any(|other| other.category == tag.category))
        .collect();
    html! {
        @if !near.is_empty() {
            section {
                h2 { "Related topics" }
                ul {
                    @for tag in near {
                        li {
                            a.tag href=(path::tag(&tag.name)) { (tag.name) } " "
                            a href=(path::tags(&together(here, tag))) rel="nofollow" { "read together" }
                        }
                    }
                }
            }
        }
        section { p { a href="/tags" { "All topics" } } }
    }
}

fn together(here: &[Tag], more: &Tag) -> Vec<TagName> {
    let mut names: Vec<TagName> = here
        .iter()
        .chain([more])
        .map(|tag| tag.name.clone())
        .collect();
    names.sort();
    names
}
