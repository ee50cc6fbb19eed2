//! Topic tags in forms.

use maud::{Markup, html};

use crate::domain::tag::{MOST_TAGS, Tag};

/// The field in which a story's topics are chosen: `tags`, one box a tag, grouped by category.
///
/// Retired tags are offered only where they are `chosen` already. `wrong` stands beside the field.
#[must_use]
pub fn picker(tags: &[Tag], chosen: &[String], wrong: Option<&str>) -> Markup {
    let is_chosen = |tag: &Tag| chosen.iter().any(|name| name == tag.name.as_str());
    let offered: Vec<&Tag> = tags
        .iter()
        .filter(|tag| !tag.retired || is_chosen(tag))
        .collect();
    let mut categories: Vec<&str> = offered.iter().map(|tag| tag.category.as_str()).collect();
    categories.sort_unstable();
    categories.dedup();
    let described_by = if wrong.is_some() {
        "e-tags h-tags"
    } else {
        "h-tags"
    };
    html! {
        fieldset.field id="tags-field" aria-describedby=(described_by) {
            legend { "Topics" }
            p.hint id="h-tags" { "One to " (MOST_TAGS) ". They decide who sees it." }
            @if let Some(wrong) = wrong { p.err id="e-tags" { (wrong) } }
            div.tags {
                @for category in categories {
                    fieldset {
                        legend { (category) }
                        @for tag in offered.iter().filter(|tag| tag.category == category) {
                            label.pick {
                                input type="checkbox" name="tags" value=(tag.name) checked[is_chosen(tag)];
                                " " span { (tag.name) @if !tag.description.is_empty() { " " small { (tag.description) } } }
                            }
                        }
                    }
                }
            }
        }
    }
}
