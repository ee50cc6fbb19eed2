//! Hacker News items, exactly as its API gives them, to what the store takes.
//!
//! Pure: one item in, one value out. Text is rebuilt by `domain::text`, so nothing foreign is kept as markup.

use serde::Deserialize;

use crate::domain::link::Link;
use crate::domain::story::ItemState;
use crate::domain::text::{SafeHtml, clean_line, excerpt, from_html, plain};
use crate::domain::topic;
use crate::store::import::{Foreign, ForeignComment, ForeignStory};
use crate::time::Timestamp;

/// Longest title that is kept, in characters.
const MOST_TITLE: usize = 150;

/// What an item came to.
#[derive(Debug)]
pub enum Item {
    /// To be stored.
    Keep(Foreign),
    /// Neither story nor comment, or nothing at all.
    Skip,
}

#[derive(Deserialize)]
struct Raw {
    id: Option<i64>,
    #[serde(rename = "type")]
    kind: Option<String>,
    by: Option<String>,
    time: Option<i64>,
    title: Option<String>,
    url: Option<String>,
    text: Option<String>,
    parent: Option<i64>,
    score: Option<i64>,
    dead: Option<bool>,
    deleted: Option<bool>,
}

/// Reads one item.
///
/// # Errors
/// Says what is wrong with it.
pub fn item(json: &[u8], now: Timestamp) -> Result<Item, String> {
    let raw: Option<Raw> = serde_json::from_slice(json).map_err(|error| {
        // The position within one item helps nobody; that of the item is told beside this.
        let text = error.to_string();
        let cut = text.find(" at line ").unwrap_or(text.len());
        text[..cut].to_owned()
    })?;
    let Some(raw) = raw else {
        return Ok(Item::Skip);
    };
    match raw.kind.as_deref() {
        Some("story" | "ask" | "show") => story(raw, now).map(Item::Keep),
        Some("comment") => comment(raw, now).map(Item::Keep),
        Some("job" | "poll" | "pollopt") => Ok(Item::Skip),
        Some(other) => Err(format!("the type {:?} is unknown", excerpt(other, 20))),
        None => Err("it has no type".into()),
    }
}

fn story(raw: Raw, now: Timestamp) -> Result<Foreign, String> {
    let (id, created, state) = (id(raw.id)?, created(raw.time, now)?, state(&raw));
    let by = author(raw.by, state)?;
    let title = clean_line(&html_escape::decode_html_entities(
        raw.title.as_deref().unwrap_or_default(),
    ));
    if title.is_empty() && state != ItemState::Deleted {
        return Err("it has no title".into());
    }
    let given = raw.url.as_deref().unwrap_or_default().trim();
    let url = Link::parse(given).ok();
    let topics = topic::topics(&title, url.as_ref());
    let mut html = text(raw.text.as_deref());
    if url.is_none() && !given.is_empty() {
        // A link that we would not open is at least kept to be read.
        let escaped = html_escape::encode_text(given);
        html = from_html(&format!("<p>{escaped}</p>{}", html.as_str()));
    }
    let title = if title.is_empty() {
        "[deleted]".to_owned()
    } else {
        excerpt(&topics.title, MOST_TITLE)
    };
    Ok(Foreign::Story(ForeignStory {
        id,
        by,
        created,
        title,
        url,
        text: plain(&html),
        html,
        score: raw.score.unwrap_or(1),
        state,
        topics: topics.tags,
    }))
}

fn comment(raw: Raw, now: Timestamp) -> Result<Foreign, String> {
    let (id, created, state) = (id(raw.id)?, created(raw.time, now)?, state(&raw));
    let by = author(raw.by, state)?;
    let parent = raw.parent.ok_or("it has no parent")?;
    if parent == id {
        return Err("it is its own parent".into());
    }
    let html = text(raw.text.as_deref());
    if html.is_empty() && state == ItemState::Shown {
        return Err("it has no text".into());
    }
    Ok(Foreign::Comment(ForeignComment {
        id,
        parent,
        by,
        created,
        text: plain(&html),
        html,
        state,
    }))
}

fn id(id: Option<i64>) -> Result<i64, String> {
    match id {
        Some(id) if (1..1 << 53).contains(&id) => Ok(id),
        Some(id) => Err(format!("the id {id} is out of range")),
        None => Err("it has no id".into()),
    }
}

fn created(seconds: Option<i64>, now: Timestamp) -> Result<Timestamp, String> {
    let seconds = seconds.ok_or("it has no time")?;
    match seconds.checked_mul(1000).map(Timestamp::from_ms) {
        Some(time) if seconds >= 0 && time <= now => Ok(time),
        Some(time) if seconds >= 0 && time.ms() < i64::MAX / 2 => {
            Err("its time lies in the future".into())
        }
        _ => Err("its time makes no sense".into()),
    }
}

fn state(raw: &Raw) -> ItemState {
    match (raw.deleted, raw.dead) {
        (Some(true), _) => ItemState::Deleted,
        (_, Some(true)) => ItemState::Dead,
        _ => ItemState::Shown,
    }
}

/// The author's name; a deleted item has none.
fn author(by: Option<String>, state: ItemState) -> Result<Option<String>, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    match by {
        Some(name) if (1..=30).contains(&name.len()) && name.chars().all(plain) => Ok(Some(name)),
        Some(_) => Err("its author's name cannot be a name".into()),
        None if state == ItemState::Shown => Err("it has no author".into()),
        None => Ok(None),
    }
}

fn text(foreign: Option<&str>) -> SafeHtml {
    from_html(foreign.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_ms(1_700_000_000_000);

    #[test]
    fn a_story_keeps_title_link_text_and_points() {
        let json = br#"{"id":7,"type":"story","by":"ada","time":1600000000,"score":42,"descendants":3,"kids":[8],
            "title":"Show HN: Q&amp;A &#x27;bot&#x27; [video]","url":"https://e.com/?utm_source=x","text":"a<p>b <script>c"}"#;
        let Ok(Item::Keep(Foreign::Story(story))) = item(json, NOW) else {
            panic!("no story");
        };
        assert_eq!(story.title, "Q&A 'bot'");
        assert_eq!(story.topics, ["show", "video"]);
        assert_eq!(story.url.unwrap().as_str(), "https://e.com/");
        assert_eq!(story.score, 42);
        assert!(!story.html.as_str().contains("script"));
        assert_eq!(story.by.as_deref(), Some("ada"));
    }

    #[test]
    fn what_is_no_story_and_no_comment_is_skipped() {
        for json in [
            "null",
            r#"{"id":1,"type":"job","time":1}"#,
            r#"{"id":1,"type":"poll","by":"a","time":1}"#,
            r#"{"id":1,"type":"pollopt","parent":2}"#,
        ] {
            assert!(
                matches!(item(json.as_bytes(), NOW), Ok(Item::Skip)),
                "{json}"
            );
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (json, why) in [
            (r#"{"id":"x"}"#, "invalid type: string \"x\", expected i64"),
            ("3", "invalid type: integer `3`, expected struct Raw"),
            (r#"{"id":1}"#, "it has no type"),
            (r#"{"id":1,"type":"<b>"}"#, "the type \"<b>\" is unknown"),
            (
                r#"{"type":"story","by":"a","time":1,"title":"t"}"#,
                "it has no id",
            ),
            (
                r#"{"id":-1,"type":"story","by":"a","time":1,"title":"t"}"#,
                "the id -1 is out of range",
            ),
            (
                r#"{"id":1,"type":"story","by":"a","title":"t"}"#,
                "it has no time",
            ),
            (
                r#"{"id":1,"type":"story","by":"a","time":9000000000,"title":"t"}"#,
                "its time lies in the future",
            ),
            (
                r#"{"id":1,"type":"story","by":"a","time":-5,"title":"t"}"#,
                "its time makes no sense",
            ),
            (
                r#"{"id":1,"type":"story","by":"a","time":9223372036854775807,"title":"t"}"#,
                "its time makes no sense",
            ),
            (
                r#"{"id":1,"type":"story","time":1,"title":"t"}"#,
                "it has no author",
            ),
            (
                r#"{"id":1,"type":"story","by":"a/b","time":1,"title":"t"}"#,
                "its author's name cannot be a name",
            ),
            (
                r#"{"id":1,"type":"story","by":"a","time":1,"title":" "}"#,
                "it has no title",
            ),
            (
                r#"{"id":1,"type":"comment","by":"a","time":1,"text":"x"}"#,
                "it has no parent",
            ),
            (
                r#"{"id":1,"type":"comment","by":"a","time":1,"text":"x","parent":1}"#,
                "it is its own parent",
            ),
            (
                r#"{"id":1,"type":"comment","by":"a","time":1,"parent":2}"#,
                "it has no text",
            ),
        ] {
            assert_eq!(item(json.as_bytes(), NOW).unwrap_err(), why, "{json}");
        }
    }
}
