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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{StoryId, UserId};
    use crate::domain::link::Link;
    use crate::domain::story::{ItemState, Marks, StoryRow};
    use crate::domain::text::markdown;
    use crate::domain::user::UserName;
    use crate::time::Timestamp;

    #[test]
    fn a_posting_says_what_search_engines_ask_for() {
        let mut story = Story {
            row: StoryRow {
                id: StoryId::new(7),
                title: "How V8 sorts".into(),
                url: Some(Link::from_stored("https://v8.dev/sort".into())),
                domain: Some("v8.dev".into()),
                tags: vec![TagName::from_stored("javascript".into())],
                author: UserName::from_stored("ada".into()),
                author_id: UserId::new(1),
                author_deleted: false,
                created: Timestamp::from_ms(0),
                score: 5,
                comments: 2,
                state: ItemState::Shown,
                pinned: false,
                locked: false,
                has_text: true,
                marks: Marks::default(),
            },
            text: "*Stable* at last.".into(),
            html: markdown("*Stable* at last."),
            edited: None,
            state_reason: None,
            flags: 0,
        };
        let posting = posting("https://news.example", &story);
        assert_eq!(posting["@type"], "DiscussionForumPosting");
        assert_eq!(posting["url"], "https://news.example/s/7/how-v8-sorts");
        assert_eq!(posting["author"]["url"], "https://news.example/u/ada");
        assert_eq!(posting["datePublished"], "1970-01-01T00:00:00Z");
        assert_eq!(posting["sharedContent"]["url"], "https://v8.dev/sort");
        assert_eq!(
            posting["interactionStatistic"][0]["userInteractionCount"],
            5
        );
        assert!(posting.get("dateModified").is_none());
        story.row.author_deleted = true;
        let posting = super::posting("https://news.example", &story);
        assert!(posting["author"].get("url").is_none());
    }
}
