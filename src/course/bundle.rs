//! What a browser loads of a lesson, as JSON under the hash of its content.

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::domain::lesson::{Course, Lesson};
use crate::hex;

/// A lesson as browsers get it.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// The lesson's id.
    pub id: String,
    /// The hash of its content and of what its page shows besides: another lesson text, another hash.
    pub hash: String,
    /// By what drafts know to which starter they belong.
    pub starter_hash: String,
    /// The JSON.
    pub json: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Content<'a> {
    v: u8,
    id: &'a str,
    number: Option<u32>,
    step: Option<u32>,
    title: &'a str,
    mode: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    version: &'a str,
    starter: &'a str,
    starter_hash: &'a str,
    page: Option<&'a str>,
    checks: &'a str,
    sentences: Vec<[&'a str; 2]>,
    hints: Vec<&'a str>,
    solution: &'a str,
    given: &'a [String],
    next: Option<Next<'a>>,
}

#[derive(Serialize)]
struct Next<'a> {
    id: &'a str,
    title: &'a str,
    number: Option<u32>,
}

impl Bundle {
    /// Its name in URLs.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}-{}.json", self.id, self.hash)
    }

    /// The bundle of a lesson of this course.
    #[must_use]
    pub fn of(course: &Course, lesson: &Lesson) -> Self {
        let starter_hash = hash(lesson.starter.as_bytes());
        let mut content = content(course, lesson, &starter_hash);
        let hash = hash((json(&content) + &beside(lesson)).as_bytes());
        content.version = &hash;
        let json = json(&content);
        Self {
            id: lesson.id.as_str().to_owned(),
            hash,
            starter_hash: starter_hash.clone(),
            json,
        }
    }
}

fn content<'a>(course: &'a Course, lesson: &'a Lesson, starter_hash: &'a str) -> Content<'a> {
    let sentences = lesson.sentences.iter();
    let hints = lesson.hints.iter();
    Content {
        v: 1,
        id: lesson.id.as_str(),
        number: lesson.place.number(),
        step: lesson.place.step(),
        title: &lesson.title,
        mode: lesson.mode.word(),
        version: "",
        starter: &lesson.starter,
        starter_hash,
        page: lesson.page.as_deref(),
        checks: &lesson.checks,
        sentences: sentences
            .map(|sentence| [sentence.key.as_str(), sentence.html.as_str()])
            .collect(),
        hints: hints.map(|hint| hint.html.as_str()).collect(),
        solution: &lesson.solution,
        given: &lesson.given,
        next: course.onward(&lesson.id).map(|next| Next {
            id: next.id.as_str(),
            title: &next.title,
            number: next.place.number(),
        }),
    }
}

/// What only the lesson's page shows. It is no part of the JSON, but of what a version is.
fn beside(lesson: &Lesson) -> String {
    let (prose, task) = (lesson.prose.as_str(), lesson.task.as_str());
    let (concept, tag) = (&lesson.concept, lesson.tag.as_str());
    let langs = [&lesson.lang, &lesson.hints_lang];
    serde_json::json!([prose, task, concept, tag, lesson.minutes, langs]).to_string()
}

fn json(content: &Content) -> String {
    serde_json::to_string(content).expect("text and numbers always become JSON")
}

/// 48 bits of the SHA-256, as the names of all embedded files have them.
fn hash(bytes: &[u8]) -> String {
    hex::of(&Sha256::digest(bytes)[..6])
}
