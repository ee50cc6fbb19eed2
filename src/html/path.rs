//! Every URL of the site. Nobody else writes a path.

use crate::domain::comment::Order;
use crate::domain::id::{CommentId, ItemId, ResourceId, StoryId};
use crate::domain::lesson::LessonId;
use crate::domain::list::{After, List, Span, TagOrder};
use crate::domain::resource::{Choice, Cost, Format, Level};
use crate::domain::story::slug;
use crate::domain::tag::TagName;
use url::form_urlencoded::byte_serialize;

/// Sign-in.
pub const LOGIN: &str = "/login";
/// Sign-up.
pub const SIGNUP: &str = "/signup";
/// A member's own settings.
pub const SETTINGS: &str = "/settings";

/// The map of the course.
pub const LEARN: &str = "/learn";
/// What a learner prints at the end.
pub const LEARN_DONE: &str = "/learn/done";
/// The course's service worker.
pub const LEARN_OFFLINE: &str = "/learn/offline.js";
/// Where browsers tell for the sums of lessons. (Below an address that no lesson can have.)
pub const LEARN_TALLY: &str = "/learn/progress/tally";

/// The page of a lesson.
#[must_use]
pub fn lesson(id: &LessonId) -> String {
    format!("{LEARN}/{id}")
}

/// A file of the course under its content's hash: a lesson's bundle.
#[must_use]
pub fn bundle(hashed_name: &str) -> String {
    format!("{LEARN}/data/{hashed_name}")
}

/// The frame in which learners' code runs, under its content's hash.
#[must_use]
pub fn runner(hashed_name: &str) -> String {
    format!("{LEARN}/{hashed_name}")
}

/// A page or action of a member's own settings: `password`, `sessions`, …
#[must_use]
pub fn settings(page: &str) -> String {
    format!("{SETTINGS}/{page}")
}

/// A one-time link to a new password.
#[must_use]
pub fn reset(token: &str) -> String {
    format!("/reset/{}", encode(token))
}

/// The page of a story, with words of its title.
#[must_use]
pub fn story(id: StoryId, title: &str) -> String {
    format!("/s/{id}/{}", slug(title))
}

/// The story's address without words: stable whatever becomes of the title.
#[must_use]
pub fn permalink(id: StoryId) -> String {
    format!("/s/{id}")
}

/// The story's page in another order of comments.
#[must_use]
pub fn story_in(id: StoryId, title: &str, order: Order) -> String {
    match order {
        Order::Best => story(id, title),
        other => format!("{}?order={}", story(id, title), other.word()),
    }
}

/// Where a member finds the comment just posted; `key` names the draft that is saved now.
#[must_use]
pub fn commented(id: StoryId, title: &str, comment: CommentId, key: &str) -> String {
    format!("{}?saved={key}&at={comment}#c_{comment}", story(id, title))
}

/// Key of the draft of a comment on a story, or of an answer to one of its comments.
#[must_use]
pub fn draft_key(id: StoryId, parent: Option<CommentId>) -> String {
    match parent {
        None => format!("s{id}"),
        Some(parent) => format!("s{id}-{parent}"),
    }
}

/// A page's own way to its comments' heading.
#[must_use]
pub fn to_comments(story_path: &str) -> String {
    format!("{story_path}#comments")
}

/// `path` with the place of a story or comment on that page.
#[must_use]
pub fn at_item(path: &str, item: ItemId) -> String {
    let path = path.split('#').next().unwrap_or_default();
    match item {
        ItemId::Story(id) => format!("{path}#s_{id}"),
        ItemId::Comment(id) => format!("{path}#c_{id}"),
    }
}

/// An action on a story: `vote`, `unvote`, `flag`, `save`, `hide`, `edit`, `delete`, `comments`, …
#[must_use]
pub fn story_act(id: StoryId, act: &str) -> String {
    format!("/s/{id}/{act}")
}

/// A comment on its own, with what stands above and below it.
#[must_use]
pub fn comment(id: CommentId) -> String {
    format!("/c/{id}")
}

/// An action on a comment: `vote`, `unvote`, `reply`, `flag`, `save`, `edit`, `delete`, …
#[must_use]
pub fn comment_act(id: CommentId, act: &str) -> String {
    format!("/c/{id}/{act}")
}

/// A story, or a comment in its place on the story's page, which is then drawn however long the thread is.
#[must_use]
pub fn in_thread(id: StoryId, title: &str, item: ItemId) -> String {
    match item {
        ItemId::Story(_) => story(id, title),
        ItemId::Comment(comment) => format!("{}?at={comment}#c_{comment}", story(id, title)),
    }
}

/// An action on a story or comment.
#[must_use]
pub fn item_act(item: ItemId, act: &str) -> String {
    match item {
        ItemId::Story(id) => story_act(id, act),
        ItemId::Comment(id) => comment_act(id, act),
    }
}

/// The moderators' queue of flags.
pub const MOD: &str = "/mod";
/// Accounts that wait for approval.
pub const MOD_APPROVE: &str = "/mod/approve";
/// Members who are banned.
pub const MOD_BANS: &str = "/mod/bans";
/// Sites that are banned.
pub const MOD_DOMAINS: &str = "/mod/domains";
/// The public moderation log.
pub const MODLOG: &str = "/modlog";

/// A line of the moderation log.
#[must_use]
pub fn log_line(id: i64) -> String {
    format!(
        "{MODLOG}?after={}#m_{id}",
        After {
            value: 0.0,
            id: id.saturating_add(1)
        }
    )
}

/// Where a moderator acts on a story or comment.
#[must_use]
pub fn moderate(item: ItemId) -> String {
    match item {
        ItemId::Story(id) => format!("/mod/s/{id}"),
        ItemId::Comment(id) => format!("/mod/c/{id}"),
    }
}

/// Where a moderator corrects title and topics.
#[must_use]
pub fn moderate_edit(id: StoryId) -> String {
    format!("/mod/s/{id}/edit")
}

/// Where a moderator bans a member.
#[must_use]
pub fn moderate_user(name: &str) -> String {
    format!("/mod/u/{}", encode(name))
}

/// A member's page.
#[must_use]
pub fn user(name: &str) -> String {
    format!("/u/{}", encode(name))
}

/// A member's stories.
#[must_use]
pub fn user_stories(name: &str) -> String {
    user(name) + "/stories"
}

/// A member's comments.
#[must_use]
pub fn user_comments(name: &str) -> String {
    user(name) + "/comments"
}

/// A list of stories.
#[must_use]
pub fn list(list: &List) -> String {
    match list {
        List::Hot => "/".into(),
        List::Newest => "/newest".into(),
        List::Active => "/active".into(),
        List::Top(span) => top(*span),
        List::Tags(names, TagOrder::Hot) => tags(names),
        List::Tags(names, TagOrder::Newest) => with(&tags(names), "order", "newest"),
        List::Domain(name) => domain(name),
        List::By(_, name) => user_stories(name.as_str()),
        List::Hidden(_) => "/hidden".into(),
    }
}

/// The path to which a list's feeds add their ending.
#[must_use]
pub fn feed(list_path: &str) -> &str {
    match list_path.split('?').next() {
        None | Some("/") => "/hot",
        Some(path) => path,
    }
}

/// The next page of a list; `start` is the rank of its first row, when the list has ranks.
#[must_use]
pub fn next(list: &str, after: After, start: Option<usize>) -> String {
    let next = with(list, "after", &after.to_string());
    match start {
        Some(start) => with(&next, "start", &start.to_string()),
        None => next,
    }
}

/// The path of tags as somebody wrote them.
#[must_use]
pub fn t(written: &str) -> String {
    format!("/t/{written}")
}

/// Tags for a title: `css, html`.
#[must_use]
pub fn tag_title(names: &[TagName]) -> String {
    let names: Vec<&str> = names.iter().map(TagName::as_str).collect();
    names.join(", ")
}

/// A part of the sitemap.
#[must_use]
pub fn sitemap(part: &str) -> String {
    format!("/sitemap/{part}.xml")
}

/// Stories with this tag.
#[must_use]
pub fn tag(name: &TagName) -> String {
    format!("/t/{name}")
}

/// Stories with any of these tags.
#[must_use]
pub fn tags(names: &[TagName]) -> String {
    let names: Vec<&str> = names.iter().map(TagName::as_str).collect();
    format!("/t/{}", names.join(","))
}

/// Stories of a site.
#[must_use]
pub fn domain(name: &str) -> String {
    format!("/domain/{}", encode(name))
}

/// The best of a span.
#[must_use]
pub fn top(span: Span) -> String {
    format!("/top/{}", span.word())
}

/// The directory of resources.
pub const RESOURCES: &str = "/resources";
/// Where members suggest an entry of it.
pub const RESOURCES_SUGGEST: &str = "/resources/suggest";
/// What waits for a decision there.
pub const MOD_RESOURCES: &str = "/mod/resources";
/// What members report of lessons.
pub const MOD_LESSONS: &str = "/mod/lessons";

/// A choice of resources.
#[must_use]
pub fn resources(choice: Choice) -> String {
    let words = [
        ("level", choice.level.map(Level::word)),
        ("format", choice.format.map(Format::word)),
        ("cost", choice.cost.map(Cost::word)),
    ];
    words
        .into_iter()
        .fold(RESOURCES.to_owned(), |path, (name, word)| match word {
            Some(word) => with(&path, name, word),
            None => path,
        })
}

/// `path` with the place of a resource on that page.
#[must_use]
pub fn at_resource(path: &str, id: ResourceId) -> String {
    let path = path.split('#').next().unwrap_or_default();
    format!("{path}#r_{id}")
}

/// An action on a resource: `vote`, `unvote`.
#[must_use]
pub fn resource_act(id: ResourceId, act: &str) -> String {
    format!("{RESOURCES}/{id}/{act}")
}

/// Where a moderator edits a resource or decides on it.
#[must_use]
pub fn moderate_resource(id: ResourceId) -> String {
    format!("{MOD_RESOURCES}/{id}")
}

/// The talk about a lesson.
#[must_use]
pub fn lesson_talk(lesson: &LessonId) -> String {
    format!("{LEARN}/{lesson}/talk")
}

/// Where a member finds the comment on a lesson that was just posted; `key` names the draft that is saved now.
#[must_use]
pub fn lesson_talked(lesson: &LessonId, comment: CommentId, key: &str) -> String {
    format!(
        "{}?saved={key}&at={comment}#c_{comment}",
        lesson_talk(lesson)
    )
}

/// Key of the draft of a comment on a lesson, or of an answer to one of its comments.
#[must_use]
pub fn lesson_draft_key(lesson: &LessonId, parent: Option<CommentId>) -> String {
    match parent {
        None => format!("talk-{lesson}"),
        Some(parent) => format!("talk-{parent}"),
    }
}

/// Where a member reports what is wrong with a lesson.
#[must_use]
pub fn lesson_report(lesson: &LessonId) -> String {
    format!("{LEARN}/{lesson}/report")
}

/// Administration: the site's settings.
pub const ADMIN: &str = "/admin";
/// Administration: topic tags.
pub const ADMIN_TAGS: &str = "/admin/tags";
/// Administration: members.
pub const ADMIN_MEMBERS: &str = "/admin/members";
/// How the site is.
pub const ADMIN_STATUS: &str = "/admin/status";
/// What changes of that, as it changes.
pub const ADMIN_STATUS_EVENTS: &str = "/admin/status/events";

/// Where nodes of a site meet: an upgrade, not a page.
pub const REPLICA: &str = "/.well-known/site-node";

/// Administration of one topic tag.
#[must_use]
pub fn admin_tag(name: &TagName) -> String {
    format!("{ADMIN_TAGS}/{name}")
}

/// Retires a topic tag, or takes that back.
#[must_use]
pub fn admin_tag_retire(name: &TagName) -> String {
    format!("{ADMIN_TAGS}/{name}/retire")
}

/// Administration of one member.
#[must_use]
pub fn admin_member(name: &str) -> String {
    with(ADMIN_MEMBERS, "name", name)
}

/// An action of an administrator on a member: `role`, `reset`.
#[must_use]
pub fn admin_member_act(name: &str, act: &str) -> String {
    format!("{ADMIN_MEMBERS}/{}/{act}", encode(name))
}

/// The page that makes the first administrator.
#[must_use]
pub fn setup(token: &str) -> String {
    format!("/setup/{token}")
}

/// An embedded file under its content's hash.
#[must_use]
pub fn asset(hashed_name: &str) -> String {
    format!("/assets/{hashed_name}")
}

/// The way to sign in and come back.
#[must_use]
pub fn sign_in(next: &str) -> String {
    with("/login", "next", next)
}

/// The page of a story that was posted just now: tells the browser to let go of its draft.
#[must_use]
pub fn posted(id: StoryId, title: &str) -> String {
    with(&story(id, title), "saved", "submit")
}

/// The page of a story that was edited just now.
#[must_use]
pub fn revised(id: StoryId, title: &str) -> String {
    with(&story(id, title), "saved", &format!("story-{id}"))
}

/// `path` with a query parameter added.
#[must_use]
pub fn with(path: &str, name: &str, value: &str) -> String {
    let mark = if path.contains('?') { '&' } else { '?' };
    format!("{path}{mark}{name}={}", encode(value))
}

/// Percent-encodes one path segment or query value.
#[must_use]
pub fn encode(text: &str) -> String {
    byte_serialize(text.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
}

/// A path of this site that a form may send a browser back to; anything else becomes `/`.
///
/// Only what begins with one slash and holds no control character or backslash can stay on this site in every browser.
#[must_use]
pub fn local(candidate: &str) -> &str {
    let foreign =
        !candidate.starts_with('/') || candidate.starts_with("//") || candidate.starts_with("/\\");
    let odd = candidate
        .bytes()
        .any(|byte| byte <= b' ' || byte == b'\\' || byte >= 0x7f);
    if foreign || odd || candidate.len() > 1000 {
        "/"
    } else {
        candidate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_site_are_gone_back_to() {
        for good in ["/", "/newest?after=1-2", "/s/1/a-b#c_3"] {
            assert_eq!(local(good), good);
        }
        for bad in [
            "",
            "//e",
            "/\\e",
            "https:e",
            "https://e",
            "\\/e",
            "/a\tb",
            "/\r\nx",
            "/%0d\u{7f}",
            " /",
            "javascript:1",
        ] {
            assert_eq!(local(bad), "/", "{bad:?}");
        }
    }
}
