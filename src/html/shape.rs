//! Stories, comments and members as JSON in the shapes that Lobsters gives them, so that its clients work here too.
//!
//! Flags are for moderators only and stand at 0; what was deleted or removed shows neither text nor author.

use serde_json::{Value, json};

use crate::domain::comment::{Comment, Order, Step, walk};
use crate::domain::story::{ItemState, Story};
use crate::domain::tag::TagName;
use crate::domain::text::plain;
use crate::domain::user::{Profile, Role, UserName};
use crate::html::path;

/// A story; `base` is scheme and host.
#[must_use]
pub fn story(base: &str, story: &Story) -> Value {
    let row = &story.row;
    let tags: Vec<&str> = row.tags.iter().map(TagName::as_str).collect();
    json!({
        "short_id": row.id.to_string(),
        "created_at": row.created.rfc3339(),
        "title": row.title,
        "url": row.url.as_ref().map_or("", |url| url.as_str()),
        "score": row.score,
        "flags": 0,
        "comment_count": row.comments,
        "description": story.html.as_str(),
        "description_plain": plain(&story.html),
        "submitter_user": author(&row.author, row.author_deleted),
        "user_is_author": false,
        "tags": tags,
        "short_id_url": format!("{base}{}", path::permalink(row.id)),
        "comments_url": format!("{base}{}", path::story(row.id, &row.title)),
    })
}

/// A story with its comments in the order in which its page shows them, depth from 0.
#[must_use]
pub fn thread(base: &str, whole: &Story, comments: &[Comment]) -> Value {
    let list: Vec<Value> = walk(comments, Order::Best)
        .into_iter()
        .filter_map(|step| match step {
            Step::Open { index, depth, .. } => Some(comment(base, &comments[index], depth)),
            Step::Close => None,
        })
        .collect();
    let mut thread = story(base, whole);
    thread["comments"] = list.into();
    thread
}

fn comment(base: &str, comment: &Comment, depth: usize) -> Value {
    let shown = comment.state == ItemState::Shown;
    let url = format!("{base}{}", path::comment(comment.id));
    let (html, text) = if shown {
        (comment.html.as_str(), plain(&comment.html))
    } else {
        ("", String::new())
    };
    json!({
        "short_id": comment.id.to_string(),
        "created_at": comment.created.rfc3339(),
        "last_edited_at": comment.edited.unwrap_or(comment.created).rfc3339(),
        "is_deleted": comment.state == ItemState::Deleted,
        "is_moderated": matches!(comment.state, ItemState::Removed | ItemState::Dead),
        "score": comment.score,
        "flags": 0,
        "parent_comment": comment.parent.map(|parent| parent.to_string()),
        "comment": html,
        "comment_plain": text,
        "depth": depth,
        "commenting_user": author(&comment.author, comment.author_deleted || !shown),
        "short_id_url": url,
        "url": url,
    })
}

fn author(name: &UserName, gone: bool) -> &str {
    if gone { "[deleted]" } else { name.as_str() }
}

/// A member.
#[must_use]
pub fn user(profile: &Profile) -> Value {
    json!({
        "username": profile.name.as_str(),
        "created_at": profile.created.rfc3339(),
        "is_admin": profile.role == Role::Admin,
        "is_moderator": profile.role >= Role::Moderator,
        "karma": profile.karma,
        "homepage": null,
        "about": profile.about_html.as_str(),
        "invited_by_user": profile.invited_by.as_ref().map(UserName::as_str),
    })
}
