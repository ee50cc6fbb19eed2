//! Structured data (schema.org) for search engines.

use serde_json::{Value, json};

use crate::domain::story::Story;
use crate::domain::tag::TagName;
use crate::domain::text::plain;
use crate::html::path;

/// A story's page as a `DiscussionForumPosting`; `base` is scheme and host.
#[must_use]
pub fn posting(base: &str, story: &Story) -> Value {
    let row = &story.row;
    let url = format!("{base}{}", path::story(row.id, &row.title));
    let mut posting = json!({
        "@context": "https://schema.org",
        "@type": "DiscussionForumPosting",
        "@id": format!("{base}{}", path::permalink(row.id)),
        "url": url,
        "mainEntityOfPage": url,
        "headline": row.title,
        "datePublished": row.created.rfc3339(),
        "author": author(base, story),
        "commentCount": row.comments,
        "interactionStatistic": [
            statistic("LikeAction", row.score),
            statistic("CommentAction", row.comments),
        ],
    });
    if let Some(edited) = story.edited {
        posting["dateModified"] = edited.rfc3339().into();
    }
    if !story.html.is_empty() {
        posting["text"] = plain(&story.html).into();
    }
    if !row.tags.is_empty() {
        let tags: Vec<&str> = row.tags.iter().map(TagName::as_str).collect();
        posting["keywords"] = tags.join(", ").into();
    }
    if let Some(link) = &row.url {
        posting["sharedContent"] = json!({"@type": "WebPage", "url": link.as_str()});
    }
    posting
}

fn author(base: &str, story: &Story) -> Value {
    if story.row.author_deleted {
        return json!({"@type": "Person", "name": "[deleted]"});
    }
    let name = story.row.author.as_str();
    json!({"@type": "Person", "name": name, "url": format!("{base}{}", path::user(name))})
}

fn statistic(action: &str, count: i64) -> Value {
    json!({
        "@type": "InteractionCounter",
        "interactionType": format!("https://schema.org/{action}"),
        "userInteractionCount": count,
    })
}
