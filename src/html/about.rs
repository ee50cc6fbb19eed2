//! Standing pages: about, guidelines, privacy. What they say must be true of the code; a change there changes them.

use maud::{Markup, html};

use crate::domain::list::{MOST_TAGS, PAGE};
use crate::domain::settings::Signup;
use crate::domain::text::markdown;
use crate::domain::{comment, story, tag};
use crate::html::page::{Frame, page};
use crate::html::path;

/// A limit on how fast something may be done: what, how many at once, how many an hour after that.
pub type Pace = (&'static str, u16, u32);

/// How many hours a duration has, for people.
const fn hours(duration: std::time::Duration) -> u64 {
    duration.as_secs() / 3600
}

/// `/about`.
#[must_use]
pub fn about(frame: &Frame, paces: &[Pace]) -> Markup {
    let settings = frame.settings;
    page(
        frame,
        &html! {
            article.prose.text {
                h1 { "About " (settings.name) }
                p.opening { (settings.description) }
                p { (joining(settings.signup)) }
                (ranking())
                (limits(paces))
                (feeds())
                h2 { "Moderation" }
                p {
                    "Moderators remove, lock and ban with a reason, and every such act stands in the public "
                    a href="/modlog" { "moderation log" } ". There are no hidden bans. What they go by are the "
                    a href="/guidelines" { "guidelines" } "; what is kept about you is on the page on " a href="/privacy" { "privacy" } "."
                }
            }
        },
    )
}

fn joining(signup: Signup) -> &'static str {
    match signup {
        Signup::Open => {
            "Everybody can read; to post, comment and vote, join. It takes a name and a password."
        }
        Signup::Invite => {
            "Everybody can read; to post, comment and vote, you need an invitation from a member. Every member's page says who invited them."
        }
        Signup::Approve => {
            "Everybody can read; to post, comment and vote, ask to join. A moderator looks at each request."
        }
    }
}

fn ranking() -> Markup {
    html! {
        h2 id="ranking" { "How stories are ranked" }
        p {
            "A story's heat is " code { "log10(points + 1 + comment points / 2)" } " plus its time of posting divided by 22 hours, "
            "so a story must have ten times the points to hold its place against one that is 22 hours newer. "
            "Comment points are the points of comments by others than its author, plus one for each, and count for no more than the points. Flags count against points. "
            "A topic may weigh up or down a little. Nothing else goes in, and it is the same for everybody."
        }
        p {
            "Comments in the order “best” stand by the lower bound of the Wilson interval on their points and flags: "
            "how good they are at least, given how many have voted."
        }
    }
}

fn limits(paces: &[Pace]) -> Markup {
    html! {
        h2 id="limits" { "Limits" }
        ul {
            li { "A title has 3 to 150 characters, a story's text up to " (story::MOST_TEXT / 1024) " KiB, a comment up to " (comment::MOST_TEXT / 1024) " KiB." }
            li { "A story has 1 to " (tag::MOST_TAGS) " topics; a list of several topics takes up to " (MOST_TAGS) "." }
            li { "Stories and comments can be edited for " (hours(story::EDIT_WINDOW)) " hours, with a mark that says so." }
            li { "A link that was posted within the last " (hours(story::REPOST_WINDOW) / 24) " days leads to its discussion instead of a new one." }
            li { "One vote a person and item, never on your own; you can take it back. Karma is the sum of votes that you received." }
        }
        p { "So that nobody floods the place, each account can do so much at once, and so much an hour after that:" }
        table.log {
            thead { tr { th scope="col" { "What" } th.n scope="col" { "At once" } th.n scope="col" { "An hour" } } }
            tbody {
                @for (what, burst, per_hour) in paces {
                    tr {
                        td { (what) }
                        td.n data-th="At once" { (burst) }
                        td.n data-th="An hour" { (per_hour) }
                    }
                }
            }
        }
    }
}

fn feeds() -> Markup {
    let lists = [
        ("/hot", "What is hot"),
        ("/newest", "Newest stories"),
        ("/active", "Stories by their latest comment"),
        ("/top/week", "Top of the week (also day, month, year, all)"),
        ("/comments", "Newest comments"),
    ];
    html! {
        h2 id="feeds" { "Feeds" }
        p {
            "Every list has a feed beside it: add " code { ".atom" } ", " code { ".rss" } " or " code { ".feed.json" }
            " to its address. Feeds hold the whole text of the newest " (PAGE) " entries."
        }
        ul {
            @for (path, label) in lists {
                li {
                    (label) ": "
                    a href={ (path) ".atom" } { "Atom" } ", "
                    a href={ (path) ".rss" } { "RSS" } ", "
                    a href={ (path) ".feed.json" } { "JSON Feed" }
                }
            }
            li { "A topic, or several: " code { "/t/css.atom" } ", " code { "/t/css,html.atom" } }
            li { "A site: " code { "/domain/example.org.atom" } }
            li { "A member: " code { "/u/NAME/stories.atom" } ", " code { "/u/NAME/comments.atom" } }
            li { "A story's comments: " code { "/s/ID/comments.atom" } }
        }
        p {
            "Programs find JSON in the shapes of Lobsters at " a href="/hottest.json" { "/hottest.json" } ", "
            a href="/newest.json" { "/newest.json" } ", " a href="/active.json" { "/active.json" } ", "
            code { "/t/TOPIC.json" } ", " code { "/s/ID.json" } " and " code { "/u/NAME.json" } "."
        }
    }
}

/// `/guidelines`: the administrators' text.
#[must_use]
pub fn guidelines(frame: &Frame) -> Markup {
    let text = &frame.settings.guidelines;
    page(
        frame,
        &html! {
            article.prose.text {
                h1 { "Guidelines" }
                @if text.trim().is_empty() {
                    p.opening { "Nobody has written guidelines for this site yet. Be kind, and post what taught you something." }
                } @else {
                    (markdown(text))
                }
                h2 { "What moderators do" }
                p { "They act with a reason, and every act is in the " a href="/modlog" { "moderation log" } "." }
            }
        },
    )
}

/// What is counted of lessons, unless the operator has switched it off.
fn counting() -> Markup {
    html! {
        p {
            "Unless the operator has switched that off, your browser tells the site when you first try a lesson, pass it, or look at a hint or the solution of it: "
            "which lesson, which version of it and which of these, once, without a cookie, whether you are signed in or not. The site adds one to a sum, and keeps nothing else of it: "
            "not who, not where from (your address is held in memory for a while, against floods), not when but the day; two of these messages cannot be told to be yours. "
            "Moderators see the sums. You are not counted when your browser sends “Do Not Track” or “Global Privacy Control”, "
            "or when you say so at the foot of " a href=(path::LEARN) { "the course" } "."
        }
    }
}

/// `/privacy`: what is kept, and who sees it.
#[must_use]
pub fn privacy(frame: &Frame) -> Markup {
    page(
        frame,
        &html! {
            article.prose.text {
                h1 { "Privacy" }
                p.opening { "This site has no trackers, no advertisements and no analytics but sums of how lessons go, and its pages load nothing from anywhere else." }
                h2 { "When you only read" }
                p { "You get no cookie. Your address is held in memory for a while when you search, so that nobody can flood the site; it is not written down. The operator can switch on a log of requests, with addresses, to find faults." }
                p { "Drafts, folded branches, your progress in the course and the choice of light or dark stay in your browser's own storage and are not sent; your account gets your progress once you sign in." }
                (counting())
                h2 { "When you are a member" }
                p { "Signing in sets one cookie, which holds a random number and nothing else. It ends when you sign out, after 30 days without use, or after 90 days. Whenever you change something, a second one notes for a minute how new the pages must be that you get. We keep:" }
                ul {
                    li { "your name, when you joined, who invited you, your karma and what you write about yourself: everybody sees these;" }
                    li { "your e-mail address, if you gave one: only you and the operator see it;" }
                    li { "your password as an argon2id hash, from which it cannot be read;" }
                    li { "for each signed-in browser its address and name at sign-in and when it was last seen: only you and the operator see it, until the session ends;" }
                    li { "stories and comments, with the times of writing and of the last edit: everybody sees these;" }
                    li { "votes, which are counted in public but shown to nobody as yours; what you saved and hid, which only you see; flags, which moderators see;" }
                    li { "which lessons you have passed, how often you tried, your text in each, which one you had open last and how many a week you mean to pass, when you learn while you are signed in: only you see these, and you take them along to another browser;" }
                    li { "what you report of a lesson, until a moderator has dealt with it: moderators see it;" }
                    li { "resources that you suggest, and that it was you, which only moderators see: everybody sees the resource once it is in the directory. Of one that is not, the public log of moderation tells the site that it leads to and what moderators wrote, and members who suggest the same link are told its title." }
                }
                h2 { "When you leave" }
                p {
                    "You can delete your account in the settings. Name, e-mail address, password, the text about you, sessions, unused invitations, "
                    "what you saved and hid, your progress in the course, your reports of lessons and suggestions that nobody has decided on are erased at once. What you wrote stays, signed “[deleted]”, so that conversations remain readable; "
                    "your votes stay as numbers. The name itself is kept from being taken by somebody else, unless it never stood anywhere."
                }
                h2 { "Others" }
                p { "When you ask for the title of a link, our server fetches that page; the page sees our address, not yours. Unless the operator has switched that off, our server asks each link of the directory of resources about once a week whether it still answers. A link that you follow tells the other site that you came from this one, not from which page." }
            }
        },
    )
}
