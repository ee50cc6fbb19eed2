//! Pages that are lists: head, rows, the way to the next page, and what stands there when there is nothing.

use maud::{Markup, html};

use crate::domain::comment::Item;
use crate::domain::list::{After, Kept, List, Page, Span, TagOrder};
use crate::domain::settings::Signup;
use crate::domain::story::StoryRow;
use crate::domain::tag::Tag;
use crate::html::first::{self, First};
use crate::html::page::{Frame, page};
use crate::html::{path, story, talk};

/// A page that is a list of stories.
#[derive(Debug)]
pub struct Listing<'a> {
    /// Which list.
    pub list: &'a List,
    /// What stands above it.
    pub head: Markup,
    /// Pinned stories, on the first page of the front page only.
    pub pinned: &'a [StoryRow],
    /// The stories.
    pub page: &'a Page<StoryRow>,
    /// Rank of the first, when the list has ranks.
    pub start: Option<usize>,
}

/// A list of stories.
#[must_use]
pub fn stories(frame: &Frame, listing: &Listing) -> Markup {
    let Page { rows, next, .. } = listing.page;
    let shown = listing.pinned.len() + rows.len();
    let start = listing.start.map(|start| start + shown);
    let next = next.map(|after| path::next(&path::list(listing.list), after, start));
    let label = match listing.list {
        List::Hot | List::Top(_) | List::Tags(_, TagOrder::Hot) => "More stories",
        _ => "Older stories",
    };
    page(
        frame,
        &html! {
            (listing.head)
            @if shown == 0 {
                (empty(frame, listing.list))
            } @else {
                ol.stories start=[listing.start] {
                    @for row in listing.pinned.iter().chain(rows) { (story::row(frame.pen, row)) }
                }
                (frame.pen.members(left_out))
            }
            (older(next, label))
        },
    )
}

/// Says that something is not shown; the style sheet shows it where that is so.
fn left_out() -> Markup {
    html! {
        p.hint.left-out { "What you hid is left out here. It waits for you under " a href="/hidden" { "Hidden" } "." }
    }
}

/// What a member saved, or voted for.
#[must_use]
pub fn kept(frame: &Frame, kept: Kept, items: &Page<Item>) -> Markup {
    let (here, title, none) = match kept {
        Kept::Saved(_) => (
            "/saved",
            "Saved",
            "Press “save” under a story or comment, and it waits for you here. Only you see this list.",
        ),
        Kept::Voted(_) => (
            "/voted",
            "Voted",
            "Stories and comments that you vote for are listed here. Only you see this list.",
        ),
    };
    let next = items.next.map(|after| path::next(here, after, None));
    page(
        frame,
        &html! {
            (own(here, title))
            @if items.rows.is_empty() {
                (nothing("Nothing here yet", none, ("/", "Read what is hot")))
            } @else {
                @for run in items.rows.chunk_by(same_kind) { (run_of(frame, run)) }
            }
            (older(next, "Older"))
        },
    )
}

/// The head of a member's own lists.
#[must_use]
pub fn own(here: &str, title: &str) -> Markup {
    let tabs = [
        ("/saved", "Saved"),
        ("/voted", "Voted"),
        ("/hidden", "Hidden"),
    ];
    html! {
        header.lead {
            h1 { (title) }
            (tabs_of("Your lists", tabs.into_iter().map(|(path, label)| (path.to_owned(), label, path == here))))
        }
    }
}

fn same_kind(one: &Item, other: &Item) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other)
}

/// Neighbours of one kind share a list, so that each list has items of one form.
fn run_of(frame: &Frame, run: &[Item]) -> Markup {
    let stories = matches!(run, [Item::Story(_), ..]);
    html! {
        ol class=(if stories { "stories" } else { "comments" }) {
            @for item in run {
                @match item {
                    Item::Story(row) => (story::row(frame.pen, row)),
                    Item::Comment(row) => (talk::row(frame.pen, row)),
                }
            }
        }
    }
}

/// The way to the next page.
#[must_use]
pub fn older(next: Option<String>, label: &str) -> Markup {
    html! {
        @if let Some(next) = next {
            nav.older aria-label="Pages" { a rel="next" href=(next) { (label) } }
        }
    }
}

/// Heading, a sentence, and one way on.
#[must_use]
pub fn nothing(heading: &str, sentence: &str, (href, label): (&str, &str)) -> Markup {
    html! {
        div.empty {
            h2 { (heading) }
            p { (sentence) }
            p { a.button.main href=(href) { (label) } }
        }
    }
}

fn empty(frame: &Frame, list: &List) -> Markup {
    let submit = ("/submit", "Submit a story");
    if frame.here.contains("after=") {
        let first = path::list(list);
        return nothing(
            "That was all",
            "There is nothing further down this list.",
            (&first, "Back to its beginning"),
        );
    }
    match list {
        List::Top(_) => nothing(
            "Nothing in this span",
            "No story was posted in it. A longer span may have some.",
            ("/top/all", "The best of all time"),
        ),
        List::Tags(..) => nothing(
            "Nothing here yet",
            "Nobody has posted a story with this topic. You could be the first.",
            submit,
        ),
        List::By(_, name) => nothing(
            "No stories yet",
            &format!("When {name} posts one, it appears here."),
            ("/", "Read what is hot"),
        ),
        List::Hidden(_) => nothing(
            "Nothing is hidden",
            "Press “hide” under a story that you do not want to see again. You can bring it back from here.",
            ("/", "Read what is hot"),
        ),
        _ => nothing(
            "Nothing here yet",
            "No story has been posted so far. Somebody has to be first, and the first ten people set the tone.",
            submit,
        ),
    }
}

/// What stands above the front page: a welcome and the first minute of the course for visitors, a heading for screen
/// readers only for members.
#[must_use]
pub fn front(frame: &Frame, is_first: bool, minute: Option<&First>) -> Markup {
    let settings = frame.settings;
    let plain = || html! { h1.sr { "Hot stories" } };
    if !is_first {
        return plain();
    }
    let join = match settings.signup {
        Signup::Open => "Join the conversation",
        Signup::Invite => "Join with an invitation",
        Signup::Approve => "Ask to join",
    };
    let hello = || {
        html! {
            section.hello aria-labelledby="hello" {
                h1 id="hello" { @if settings.tagline.is_empty() { (settings.name) } @else { (settings.tagline) } }
                @if !settings.description.is_empty() { p { (settings.description) } }
                // To try is the first thing to do here, where there is something to try.
                @if let Some(minute) = minute { (first::block(minute)) }
                p.go {
                    a.button.main[minute.is_none()] href="/signup" { (join) } " "
                    a href="/about" { "How this site works" }
                }
            }
        }
    };
    html! { (frame.pen.members(plain)) (frame.pen.visitors(hello)) }
}

/// A heading and a sentence.
#[must_use]
pub fn lead(title: &str, sentence: &str) -> Markup {
    html! {
        header.lead {
            h1 { (title) }
            @if !sentence.is_empty() { p { (sentence) } }
        }
    }
}

/// The name of a span in headings.
#[must_use]
pub fn span_title(span: Span) -> &'static str {
    match span {
        Span::Day => "Top of the day",
        Span::Week => "Top of the week",
        Span::Month => "Top of the month",
        Span::Year => "Top of the year",
        Span::All => "Top of all time",
    }
}

/// Above `/top/{span}`.
#[must_use]
pub fn top(here: Span) -> Markup {
    let label = |span| match span {
        Span::Day => "Day",
        Span::Week => "Week",
        Span::Month => "Month",
        Span::Year => "Year",
        Span::All => "All time",
    };
    let sentence = match here {
        Span::Day => "Most points among the stories of today and yesterday.",
        Span::Week => "Most points among the stories of the last 7 days.",
        Span::Month => "Most points among the stories of the last 30 days.",
        Span::Year => "Most points among the stories of this month and the 11 before it.",
        Span::All => "Most points since the beginning.",
    };
    html! {
        header.lead {
            h1 { (span_title(here)) }
            p { (sentence) }
            (tabs_of("Span", Span::EACH.into_iter().map(|span| (path::top(span), label(span), span == here))))
        }
    }
}

/// Above `/t/{tags}`.
#[must_use]
pub fn tagged(tags: &[Tag], order: TagOrder) -> Markup {
    let names: Vec<_> = tags.iter().map(|tag| tag.name.clone()).collect();
    let list = |order| path::list(&List::Tags(names.clone(), order));
    let orders = [
        (list(TagOrder::Hot), "Hot", order == TagOrder::Hot),
        (list(TagOrder::Newest), "Newest", order == TagOrder::Newest),
    ];
    let feed = format!("{}.atom", path::tags(&names));
    html! {
        header.lead {
            @match tags {
                [tag] => {
                    h1.tag { (tag.name) }
                    @if !tag.description.is_empty() { p { (tag.description) } }
                }
                _ => {
                    h1 { @for (index, tag) in tags.iter().enumerate() { @if index > 0 { ", " } (tag.name) } }
                    p { "Stories with any of these topics." }
                }
            }
            p.meta {
                @if tags.iter().any(|tag| tag.retired) { span.badge.off { "Retired" } }
                a href=(feed) { "Feed" }
            }
            (tabs_of("Order", orders))
        }
    }
}

/// Above `/domain/{name}`.
#[must_use]
pub fn domain(name: &str) -> Markup {
    html! {
        header.lead {
            h1 { (name) }
            p { "Stories that link to this site." }
            p.meta { a href={ (path::domain(name)) ".atom" } { "Feed" } }
        }
    }
}

/// Tabs: path, label, whether it is the page shown.
pub(super) fn tabs_of<'a>(
    label: &str,
    tabs: impl IntoIterator<Item = (String, &'a str, bool)>,
) -> Markup {
    html! {
        nav.tabs aria-label=(label) {
            @for (path, label, here) in tabs {
                a href=(path) aria-current=[here.then_some("page")] { (label) }
            }
        }
    }
}

/// Where a page's next one begins, as a link for feeds and lists of comments.
#[must_use]
pub fn next_of(list: &str, after: Option<After>) -> Option<String> {
    after.map(|after| path::next(list, after, None))
}
