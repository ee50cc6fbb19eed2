//! Topic tags: the table, the form for a new one, the form for an old one.

use std::collections::BTreeSet;

use maud::{Markup, html};

use crate::domain::tag::Tag;
use crate::error::Problem;
use crate::html::admin::lead;
use crate::html::form::{field, whole};
use crate::html::page::{Frame, page};
use crate::html::path;

/// What was typed about a tag.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    /// Name; only of a new one.
    pub name: String,
    /// Category.
    pub category: String,
    /// Description.
    pub description: String,
    /// Hotness.
    pub hotness: String,
}

/// All tags, and the form for a new one.
#[must_use]
pub fn list(mut frame: Frame, tags: &[Tag], typed: &Typed, problems: &[Problem]) -> Markup {
    frame.wide = true;
    let body = html! {
        (lead(path::ADMIN_TAGS))
        table.log {
            caption.sr { "Topics" }
            thead {
                tr {
                    th scope="col" { "Topic" }
                    th scope="col" { "Category" }
                    th scope="col" { "Description" }
                    th.n scope="col" { "Hotness" }
                    th scope="col" { span.sr { "Actions" } }
                }
            }
            tbody { @for tag in tags { (row(tag)) } }
        }
        section.part aria-labelledby="newtag" {
            h2 id="newtag" { "New topic" }
            form method="post" action=(path::ADMIN_TAGS) {
                (whole(problems))
                (name(typed, problems))
                (fields(tags, typed, problems))
                p.row { button.button.main { "Add topic" } }
            }
        }
    };
    page(&frame, &body)
}

fn row(tag: &Tag) -> Markup {
    html! {
        tr {
            th scope="row" {
                a.tag href=(path::tag(&tag.name)) { (tag.name) }
                @if tag.retired { " " span.badge.off { "Retired" } }
            }
            td data-th="in" { (tag.category) }
            td { (tag.description) }
            td.n data-th="hotness" { (tag.hotness_mod) }
            td { a href=(path::admin_tag(&tag.name)) { "edit" span.sr { " " (tag.name) } } }
        }
    }
}

fn name(typed: &Typed, problems: &[Problem]) -> Markup {
    let hint = html! { "Small letters, digits and " code { "-" } "; it cannot be changed later." };
    field(problems, "tag", "Name", &hint, |described| {
        html! {
            input type="text" id="tag" name="tag" required maxlength="24" spellcheck="false" autocapitalize="none"
                value=(typed.name) aria-describedby=[described.by] aria-invalid=[described.invalid];
        }
    })
}

fn fields(tags: &[Tag], typed: &Typed, problems: &[Problem]) -> Markup {
    let categories: BTreeSet<&str> = tags.iter().map(|tag| tag.category.as_str()).collect();
    let hotness = html! { "Added to the hotness of its stories: −10 to 10, mostly 0. Another value reorders all of them at once." };
    html! {
        (field(problems, "category", "Category", &html! {}, |described| html! {
            input type="text" id="category" name="category" list="categories" required maxlength="30"
                value=(typed.category) aria-describedby=[described.by] aria-invalid=[described.invalid];
            datalist id="categories" { @for category in categories { option value=(category) {} } }
        }))
        (field(problems, "description", "Description", &html! {}, |described| html! {
            input type="text" id="description" name="description" required maxlength="160"
                value=(typed.description) aria-describedby=[described.by] aria-invalid=[described.invalid];
        }))
        (field(problems, "hotness", "Hotness", &hotness, |described| html! {
            input.short type="number" id="hotness" name="hotness" min="-10" max="10" step="0.25"
                value=(typed.hotness) aria-describedby=[described.by] aria-invalid=[described.invalid];
        }))
    }
}

/// One tag.
#[must_use]
pub fn edit(frame: &Frame, tag: &Tag, tags: &[Tag], typed: &Typed, problems: &[Problem]) -> Markup {
    let body = html! {
        (lead(path::ADMIN_TAGS))
        section.part aria-labelledby="edit" {
            h2 id="edit" { "Topic " a.tag href=(path::tag(&tag.name)) { (tag.name) } }
            (whole(problems))
            form.form method="post" action=(path::admin_tag(&tag.name)) {
                (fields(tags, typed, problems))
                p.row { button.button.main { "Save" } a href=(path::ADMIN_TAGS) { "All topics" } }
            }
        }
        (retire(tag))
    };
    page(frame, &body)
}

fn retire(tag: &Tag) -> Markup {
    html! {
        section.part.danger aria-labelledby="retire" {
            h2 id="retire" { @if tag.retired { "Offer again" } @else { "Retire" } }
            p {
                @if tag.retired { "This topic is no longer offered for new stories." }
                @else { "A retired topic is no longer offered; stories that have it keep it." }
            }
            form method="post" action=(path::admin_tag_retire(&tag.name)) {
                input type="hidden" name="retired" value=(if tag.retired { "0" } else { "1" });
                p.row {
                    @if tag.retired { button.button { "Offer it again" } }
                    @else { button.button.danger { "Retire topic" } }
                }
            }
        }
    }
}
