//! An entry on its way in: what is valid in it.

use std::str::FromStr;

use crate::domain::link::Link;
use crate::domain::resource::{Entry, MOST_ABOUT, MOST_TITLE};
use crate::domain::text::clean_line;

/// An entry as somebody typed it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    /// Its name.
    pub title: String,
    /// Where it is.
    pub url: String,
    /// What it is good for.
    pub about: String,
    /// For whom.
    pub level: String,
    /// What it is.
    pub format: String,
    /// What it costs.
    pub cost: String,
    /// Its language.
    pub lang: String,
}

/// One thing wrong with a draft: the field, and a sentence.
pub type Wrong = (&'static str, String);

impl Draft {
    /// Cleans and checks it.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn check(&self) -> Result<Entry, Vec<Wrong>> {
        let mut wrong: Vec<Wrong> = Vec::new();
        let title = line("title", &self.title, 3, MOST_TITLE);
        let about = line("about", &self.about, 20, MOST_ABOUT);
        let url = Link::parse(&self.url).map_err(|error| ("url", error.to_string()));
        let level = chosen("level", &self.level);
        let format = chosen("format", &self.format);
        let cost = chosen("cost", &self.cost);
        let lang = lang(&self.lang);
        macro_rules! note {
            ($($part:ident)*) => { $(if let Err(error) = &$part { wrong.push(error.clone()); })* };
        }
        note!(title url about level format cost lang);
        match (title, url, about, level, format, cost, lang) {
            (Ok(title), Ok(url), Ok(about), Ok(level), Ok(format), Ok(cost), Ok(lang)) => {
                Ok(Entry {
                    title,
                    url,
                    about,
                    level,
                    format,
                    cost,
                    lang,
                })
            }
            _ => Err(wrong),
        }
    }
}

impl From<&Entry> for Draft {
    fn from(entry: &Entry) -> Self {
        Self {
            title: entry.title.clone(),
            url: entry.url.as_str().to_owned(),
            about: entry.about.clone(),
            level: entry.level.word().into(),
            format: entry.format.word().into(),
            cost: entry.cost.word().into(),
            lang: entry.lang.clone(),
        }
    }
}

fn line(field: &'static str, text: &str, least: usize, most: usize) -> Result<String, Wrong> {
    let line = clean_line(text);
    let wrong = |message| Err((field, message));
    match line.chars().count() {
        0 => wrong("This is missing.".to_owned()),
        short if short < least => wrong(format!("This is too short: at least {least} characters.")),
        long if long > most => wrong(format!("This is too long: at most {most} characters.")),
        _ => Ok(line),
    }
}

fn chosen<T: FromStr>(field: &'static str, word: &str) -> Result<T, Wrong> {
    word.parse()
        .map_err(|_| (field, "Choose one of these.".to_owned()))
}

/// A language tag as far as pages need one: `en`, `de`, `pt-br`.
fn lang(text: &str) -> Result<String, Wrong> {
    let tag = text.trim().to_ascii_lowercase();
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default();
    let fits = |part: &str, least: usize| {
        (least..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let plain = first.len() <= 3 && fits(first, 2) && parts.all(|part| fits(part, 2));
    if plain && tag.len() <= 16 && first.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Ok(tag);
    }
    Err(("lang", "Write it like en, de or pt-br.".to_owned()))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::domain::resource) fn draft() -> Draft {
        Draft {
            title: " A  book ".into(),
            url: "example.org/book?utm_source=x".into(),
            about: "What a beginner should read first.".into(),
            level: "beginner".into(),
            format: "book".into(),
            cost: "mixed".into(),
            lang: " EN ".into(),
        }
    }

    #[test]
    fn a_draft_is_cleaned_and_everything_wrong_with_it_is_told() {
        let entry = draft().check().unwrap();
        assert_eq!(
            (
                entry.title.as_str(),
                entry.url.as_str(),
                entry.lang.as_str()
            ),
            ("A book", "https://example.org/book", "en")
        );
        assert_eq!(Draft::from(&entry).check(), Ok(entry));
        let wrong = Draft::default().check().unwrap_err();
        let fields: Vec<&str> = wrong.iter().map(|(field, _)| *field).collect();
        assert_eq!(
            fields,
            ["title", "url", "about", "level", "format", "cost", "lang"]
        );
        for (lang, fits) in [
            ("pt-br", true),
            ("zh-hant-tw", true),
            ("e", false),
            ("english", false),
            ("en_US", false),
            ("en-", false),
            ("12", false),
        ] {
            let draft = Draft {
                lang: lang.into(),
                ..draft()
            };
            assert_eq!(draft.check().is_ok(), fits, "{lang}");
        }
    }
}
