//! The course "Learn JavaScript": its chapters, its lessons, and the rules that their files obey.
//!
//! A lesson is a folder of text files; a course is these folders and `course.toml`. They are read into values, and all that
//! is wrong is said with file and line. No I/O: who has the files gives their texts. A [`Course`] is in one language; what
//! is not translated is in English. Behaviour (that solutions pass, that wrong answers fail) is not known here: that takes a
//! browser, see `site learn check`.

mod folder;
mod outline;
mod problem;
mod prose;
mod read;
mod rule;
mod script;

use std::fmt::{Display, Formatter};

use crate::domain::tag::TagName;
use crate::domain::text::SafeHtml;

pub use outline::named;
pub use problem::Problem;
pub use read::{Files, Reading, languages, read};

/// The language in which every lesson is written.
pub const ENGLISH: &str = "en";

/// Addresses below `/learn` that are no lessons.
const RESERVED: &[&str] = &["data", "done", "progress"];

/// A lesson's id: the slug of its English title, 3 to 40 of `a-z 0-9 -`; it never changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LessonId(String);

impl LessonId {
    /// Checks an id. Whether there is such a lesson is another question.
    ///
    /// # Errors
    /// A sentence for who wrote it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !(3..=40).contains(&text.len()) || !text.bytes().all(plain) {
            return Err("a lesson's id has 3 to 40 small letters, digits or -");
        }
        if text.starts_with('-') || text.ends_with('-') {
            return Err("a lesson's id neither begins nor ends with -");
        }
        if RESERVED.contains(&text) {
            return Err("this id is the address of another page");
        }
        Ok(Self(text.to_owned()))
    }

    /// An id that the store kept.
    #[must_use]
    pub const fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Display for LessonId {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A course in one language.
#[derive(Debug, Clone)]
pub struct Course {
    /// Its id, stable.
    pub id: String,
    /// Its title, plain text.
    pub title: String,
    /// The language that was asked for; single lessons may be in English all the same.
    pub lang: String,
    /// Its chapters in order, none empty.
    pub chapters: Vec<Chapter>,
    /// What stands behind the last chapter for who wants more, if the course has that.
    pub bonus: Option<Bonus>,
}

/// A chapter.
#[derive(Debug, Clone)]
pub struct Chapter {
    /// Its id, stable.
    pub id: String,
    /// Its title, plain text.
    pub title: String,
    /// Its lessons in order, at least one. The steps of a project follow each other.
    pub lessons: Vec<Lesson>,
    /// The name of the project that its last lessons are the steps of ("Project: reading list").
    pub project: Option<String>,
    /// A program with a bug to be found, with which the chapter ends. It is free to skip and is not counted.
    pub recap: Option<Lesson>,
}

/// The bonus shelf: ideas beyond the course, free and not counted.
#[derive(Debug, Clone)]
pub struct Bonus {
    /// Its id, stable; no chapter has it.
    pub id: String,
    /// Its title, plain text.
    pub title: String,
    /// Its lessons in order, at least one.
    pub lessons: Vec<Lesson>,
}

/// Where a lesson stands in its course.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Among the lessons that count: its number in the course, from 1.
    Numbered(u32),
    /// A step of a project: the number that all its steps share, and which step it is, from 1.
    Step(u32, u32),
    /// At the end of its chapter.
    Recap,
    /// On the bonus shelf.
    Bonus,
}

impl Place {
    /// The number of a lesson that counts.
    #[must_use]
    pub const fn number(self) -> Option<u32> {
        match self {
            Self::Numbered(number) | Self::Step(number, _) => Some(number),
            Self::Recap | Self::Bonus => None,
        }
    }

    /// Which step of its project it is.
    #[must_use]
    pub const fn step(self) -> Option<u32> {
        match self {
            Self::Step(_, step) => Some(step),
            _ => None,
        }
    }

    /// What one that does not count is called; `None` for the others.
    #[must_use]
    pub const fn kind(self) -> Option<&'static str> {
        match self {
            Self::Numbered(_) | Self::Step(..) => None,
            Self::Recap => Some("Recap"),
            Self::Bonus => Some("Bonus"),
        }
    }
}

/// How a lesson's code is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// A line or a few; the value of the last is shown.
    Console,
    /// A module in a worker.
    Worker,
    /// A module in a page of its own.
    Document,
}

impl Mode {
    /// Its word in files and bundles.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Console => "console",
            Self::Worker => "worker",
            Self::Document => "document",
        }
    }
}

/// A lesson.
#[derive(Debug, Clone)]
pub struct Lesson {
    /// Its id.
    pub id: LessonId,
    /// Where it stands in the course.
    pub place: Place,
    /// The language that its text is in.
    pub lang: String,
    /// Its title, plain text.
    pub title: String,
    /// How its code is run.
    pub mode: Mode,
    /// The idea that it introduces.
    pub concept: String,
    /// Ideas that it uses before they are introduced.
    pub needs: Vec<String>,
    /// How long it takes.
    pub minutes: u32,
    /// The topic of news that belongs to it.
    pub tag: TagName,
    /// What is to be read, without the task.
    pub prose: SafeHtml,
    /// What is to be done.
    pub task: SafeHtml,
    /// The checks, in order, then what is said when they fail.
    pub sentences: Vec<Sentence>,
    /// Two or three, each saying more than the one before.
    pub hints: Vec<Hint>,
    /// The language that the hints are in: another than the text's where only the text is translated.
    pub hints_lang: String,
    /// What the editor holds at first.
    pub starter: String,
    /// The solution that is shown.
    pub solution: String,
    /// Other solutions that have to pass, by the name of their file (`solution-2.js`).
    pub others: Vec<(String, String)>,
    /// Typical wrong answers.
    pub wrong: Vec<Wrong>,
    /// The module of checks.
    pub checks: String,
    /// The body of the learner's page, in document mode.
    pub page: Option<String>,
    /// Names of the values that runs give to the learner's code, as far as `checks.js` spells them out.
    pub given: Vec<String>,
    /// The code in the prose and what it shows when it runs.
    pub blocks: Vec<Block>,
}

/// The sentence of a check (`city`) or of one way to fail it (`city.missing`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// The check, and after a dot the way it failed.
    pub key: String,
    /// Text, code and emphasis; no blocks.
    pub html: SafeHtml,
}

impl Sentence {
    /// Whether it is a check's own sentence, as the list of checks shows it.
    #[must_use]
    pub fn is_check(&self) -> bool {
        !self.key.contains('.')
    }
}

/// A hint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// What stands over it, plain text.
    pub title: String,
    /// What it says.
    pub html: SafeHtml,
}

/// A typical wrong answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The name of its file (`hard-coded.js`).
    pub name: String,
    /// The whole text, with its first line.
    pub code: String,
    /// What has to come of it.
    pub fails: Fails,
}

/// What has to come of a wrong answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fails {
    /// This sentence is shown.
    Check(String),
    /// The limit of time is met.
    Stopped,
    /// An error of this name.
    Error(String),
}

/// Code in the prose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The line of the file where the code begins.
    pub line: u32,
    /// The code as it is shown.
    pub code: String,
    /// The lines that it puts out, as `// -> ` promises.
    pub lines: Vec<String>,
}

impl Course {
    /// The lessons that count, in order, the steps of a project one by one.
    pub fn lessons(&self) -> impl Iterator<Item = &Lesson> {
        self.chapters.iter().flat_map(|chapter| &chapter.lessons)
    }

    /// The recaps in order, then what is on the bonus shelf: what does not count.
    pub fn extras(&self) -> impl Iterator<Item = &Lesson> {
        let recaps = self.chapters.iter().filter_map(|it| it.recap.as_ref());
        recaps.chain(self.bonus.iter().flat_map(|bonus| &bonus.lessons))
    }

    /// All there is, in the order in which one leads to the next: each chapter's lessons, its recap, at last the bonus shelf.
    pub fn all(&self) -> impl Iterator<Item = &Lesson> {
        let chapters = self.chapters.iter();
        let chapters = chapters.flat_map(|it| it.lessons.iter().chain(&it.recap));
        chapters.chain(self.bonus.iter().flat_map(|bonus| &bonus.lessons))
    }

    /// The lesson of this id, counted or not.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Lesson> {
        self.all().find(|lesson| lesson.id.as_str() == id)
    }

    /// Where "Next" leads: to the lesson after this one, past a recap, which is free to skip.
    #[must_use]
    pub fn onward(&self, id: &LessonId) -> Option<&Lesson> {
        let mut rest = self.all().skip_while(|lesson| lesson.id != *id).skip(1);
        rest.find(|lesson| lesson.place != Place::Recap)
    }

    /// The recap that follows upon this lesson, if it is its chapter's last.
    #[must_use]
    pub fn recap_after(&self, id: &LessonId) -> Option<&Lesson> {
        self.after(id).filter(|lesson| lesson.place == Place::Recap)
    }

    /// Where "Previous" leads: the way that [`Self::onward`] came.
    #[must_use]
    pub fn before(&self, id: &LessonId) -> Option<&Lesson> {
        let before = self.all().take_while(|lesson| lesson.id != *id);
        before.filter(|lesson| lesson.place != Place::Recap).last()
    }

    /// What stands after this one on the map, a recap too.
    #[must_use]
    pub fn after(&self, id: &LessonId) -> Option<&Lesson> {
        self.all().skip_while(|lesson| lesson.id != *id).nth(1)
    }

    /// Id and title of the part that a lesson stands in: its chapter, or the bonus shelf.
    #[must_use]
    pub fn part_of(&self, id: &LessonId) -> Option<(&str, &str)> {
        let holds = |lessons: &[Lesson]| lessons.iter().any(|lesson| lesson.id == *id);
        let is_in = |it: &&Chapter| {
            holds(&it.lessons) || it.recap.as_ref().is_some_and(|recap| recap.id == *id)
        };
        let chapter = self.chapters.iter().find(is_in);
        let bonus = self.bonus.as_ref().filter(|bonus| holds(&bonus.lessons));
        let chapter = chapter.map(|it| (it.id.as_str(), it.title.as_str()));
        chapter.or_else(|| bonus.map(|it| (it.id.as_str(), it.title.as_str())))
    }

    /// Whether a lesson is the last of those that count.
    #[must_use]
    pub fn is_last(&self, id: &LessonId) -> bool {
        self.lessons().last().is_some_and(|last| last.id == *id)
    }

    /// How many lessons count; a project counts once.
    #[must_use]
    pub fn count(&self) -> u32 {
        let last = self.lessons().last();
        last.and_then(|last| last.place.number()).unwrap_or(0)
    }
}

impl Chapter {
    /// Its lessons as the map shows them: each alone, the steps of a project together.
    pub fn entries(&self) -> impl Iterator<Item = &[Lesson]> {
        self.lessons
            .chunk_by(|one, next| one.place.number() == next.place.number())
    }
}

impl Lesson {
    /// The checks as the learner sees them.
    pub fn checks(&self) -> impl Iterator<Item = &Sentence> {
        self.sentences.iter().filter(|sentence| sentence.is_check())
    }
}
