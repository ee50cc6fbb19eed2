//! What somebody typed to post a story, and what has to be true of it before it is one.
//!
//! A [`Draft`] is never lost: whatever is wrong with it, it goes back into the form as it came.

use crate::domain::id::{StoryId, TagId};
use crate::domain::link::Link;
use crate::domain::story::{MOST_TEXT, REPOST_WINDOW, Title};
use crate::domain::tag::{MOST_TAGS, Tag};
use crate::error::{self, Error, Problem};
use crate::time::Timestamp;
use std::fmt::Display;
use std::time::Duration;

/// The same story by the same member within this time is one story, sent twice.
pub const RESEND_WINDOW: Duration = Duration::from_mins(10);

/// A story as typed.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// Where it leads; may be empty.
    pub url: String,
    /// Its title.
    pub title: String,
    /// Its text, Markdown; may be empty.
    pub text: String,
    /// Names of its tags.
    pub tags: Vec<String>,
}

/// A story that may be posted.
#[derive(Debug, Clone)]
pub struct Submission {
    /// Where it leads; `None` for a text story.
    pub url: Option<Link>,
    /// Its title.
    pub title: Title,
    /// Its text, Markdown.
    pub text: String,
    /// Its tags.
    pub tags: Vec<TagId>,
}

/// A story that leads to the same page and was there before.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// Which.
    pub id: StoryId,
    /// Its title.
    pub title: String,
    /// Posted at.
    pub created: Timestamp,
    /// Shown comments.
    pub comments: i64,
}

impl Earlier {
    /// Whether it is so new that the page should be discussed there instead of being posted again.
    #[must_use]
    pub fn is_recent(&self, now: Timestamp) -> bool {
        now.since(self.created) < REPOST_WINDOW
    }
}

impl Draft {
    /// The link, when there is one that can be read.
    #[must_use]
    pub fn link(&self) -> Option<Link> {
        Link::parse(&self.url).ok()
    }

    /// Checks everything that needs no database but the `known` tags, and tells all problems at once.
    ///
    /// # Errors
    /// [`Error::Invalid`] with one problem a field.
    pub fn check(&self, known: &[Tag]) -> error::Result<Submission> {
        let mut problems = Problems(Vec::new());
        let url = problems.note("url", self.checked_url());
        let title = problems.note("title", Title::parse(&self.title));
        let text = problems.note("text", self.checked_text());
        let tags = problems.note("tags", self.checked_tags(known));
        match (url, title, text, tags) {
            (Some(url), Some(title), Some(text), Some(tags)) => Ok(Submission {
                url,
                title,
                text,
                tags,
            }),
            _ => Err(Error::Invalid(problems.0)),
        }
    }

    fn checked_url(&self) -> Result<Option<Link>, String> {
        if !self.url.trim().is_empty() {
            return Link::parse(&self.url)
                .map(Some)
                .map_err(|error| error.to_string());
        }
        if self.text.trim().is_empty() {
            return Err("Give a link here, or write a text below.".into());
        }
        Ok(None)
    }

    fn checked_text(&self) -> Result<String, String> {
        let text = self.text.trim_end();
        if text.len() <= MOST_TEXT {
            return Ok(text.to_owned());
        }
        let surplus = text.len() - MOST_TEXT;
        Err(format!(
            "This text is {surplus} bytes too long: at most {MOST_TEXT} are taken."
        ))
    }

    fn checked_tags(&self, known: &[Tag]) -> Result<Vec<TagId>, String> {
        let mut ids = Vec::new();
        for name in self.tags.iter().filter(|name| !name.is_empty()) {
            let tag = known
                .iter()
                .find(|tag| tag.name.as_str() == name && !tag.retired)
                .ok_or_else(|| format!("There is no topic “{}” here.", shortened(name)))?;
            if !ids.contains(&tag.id) {
                ids.push(tag.id);
            }
        }
        match ids.len() {
            0 => Err("Choose at least one topic.".into()),
            1..=MOST_TAGS => Ok(ids),
            _ => Err(format!("Choose at most {MOST_TAGS} topics.")),
        }
    }

    /// Tags that the link itself suggests (`pdf`, `video`), as far as they are offered and not chosen yet.
    #[must_use]
    pub fn suggested(&self, known: &[Tag]) -> Vec<String> {
        let Some(link) = self.link() else {
            return Vec::new();
        };
        let looks = [("pdf", link.is_pdf()), ("video", link.is_video())];
        let offered = |name: &str| {
            known
                .iter()
                .any(|tag| tag.name.as_str() == name && !tag.retired)
        };
        looks
            .into_iter()
            .filter(|(name, is)| *is && offered(name) && !self.tags.iter().any(|tag| tag == name))
            .map(|(name, _)| name.to_owned())
            .collect()
    }

    /// Chooses what the link suggests, as long as there is room.
    pub fn take_suggestions(&mut self, known: &[Tag]) {
        let room = MOST_TAGS.saturating_sub(self.tags.len());
        let suggested = self.suggested(known);
        self.tags.extend(suggested.into_iter().take(room));
    }
}

fn shortened(name: &str) -> String {
    crate::domain::text::excerpt(name, 30)
}

struct Problems(Vec<Problem>);

impl Problems {
    fn note<T>(&mut self, field: &'static str, result: Result<T, impl Display>) -> Option<T> {
        result
            .map_err(|message| {
                self.0.push(Problem {
                    field,
                    message: message.to_string(),
                });
            })
            .ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tag::TagName;

    fn known() -> Vec<Tag> {
        let names = ["css", "node", "pdf", "video", "show", "gone"];
        let tag = |(id, name): (i64, &str)| Tag {
            id: TagId::new(id),
            name: TagName::from_stored(name.into()),
            description: String::new(),
            category: String::new(),
            hotness_mod: 0.0,
            retired: name == "gone",
        };
        (1..).zip(names).map(tag).collect()
    }

    fn draft(url: &str, text: &str, tags: &[&str]) -> Draft {
        Draft {
            url: url.into(),
            title: "A title".into(),
            text: text.into(),
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        }
    }

    fn fields(draft: &Draft) -> Vec<&'static str> {
        match draft.check(&known()) {
            Err(Error::Invalid(problems)) => {
                problems.into_iter().map(|problem| problem.field).collect()
            }
            _ => Vec::new(),
        }
    }

    #[test]
    fn a_story_has_a_link_or_a_text_and_one_to_four_tags_that_are_offered() {
        for (url, text, tags, wrong) in [
            ("https://e.com/a", "", &["css"][..], &[][..]),
            ("", "A question?", &["css", "css"], &[]),
            ("", " \n ", &["css"], &["url"]),
            ("htp:/tc39.es", "with text", &["css"], &["url"]),
            ("https://e.com/a", "", &[], &["tags"]),
            ("https://e.com/a", "", &["gone"], &["tags"]),
            ("https://e.com/a", "", &["cobol"], &["tags"]),
            (
                "https://e.com/a",
                "",
                &["css", "node", "pdf", "video", "show"],
                &["tags"],
            ),
            ("", "", &[], &["url", "tags"]),
        ] {
            assert_eq!(
                fields(&draft(url, text, tags)),
                wrong,
                "{url} {text} {tags:?}"
            );
        }
        let long = "é".repeat(MOST_TEXT / 2 + 1);
        assert_eq!(fields(&draft("", &long, &["css"])), ["text"]);
    }

    #[test]
    fn a_pdf_suggests_its_tag_once_and_only_while_there_is_room() {
        let mut one = draft("https://e.com/a.pdf", "", &["css"]);
        one.take_suggestions(&known());
        assert_eq!(one.tags, ["css", "pdf"]);
        assert!(one.suggested(&known()).is_empty());
        let mut full = draft("https://e.com/a.pdf", "", &["a", "b", "c", "d"]);
        full.take_suggestions(&known());
        assert_eq!(full.tags.len(), 4);
    }
}
