//! `lesson.md` and `hints.md`: title, prose, task, sentences, code blocks, hints.
//!
//! The files are cut into sections by line, outside of code; each section goes through the site's own Markdown.

use crate::domain::lesson::problem::{Problems, counted};
use crate::domain::lesson::{Block, Hint, Sentence};
use crate::domain::text::{Kind, SafeHtml, inline, markdown, pieces};

/// Most words of prose and task together.
const MOST_WORDS: usize = 120;
/// Longest title, in characters.
const LONGEST_TITLE: usize = 60;

/// What `lesson.md` holds.
#[derive(Debug, Default)]
pub(super) struct Prose {
    pub(super) title: String,
    pub(super) text: SafeHtml,
    pub(super) task: SafeHtml,
    pub(super) sentences: Vec<Sentence>,
    pub(super) blocks: Vec<Block>,
}

/// A part of a file under a heading.
struct Section<'a> {
    heading: &'a str,
    /// The heading's line, from 1.
    line: u32,
    body: Vec<(u32, &'a str)>,
}

impl Section<'_> {
    fn text(&self) -> String {
        let lines: Vec<&str> = self.body.iter().map(|(_, line)| *line).collect();
        lines.join("\n")
    }

    fn is_blank(&self) -> bool {
        self.body.iter().all(|(_, line)| line.trim().is_empty())
    }
}

/// Reads `lesson.md`.
pub(super) fn read(file: &str, text: &str, problems: &mut Problems) -> Prose {
    let mut prose = Prose::default();
    let mut sections = sections(text).into_iter();
    let first = sections.next().unwrap_or(Section {
        heading: "",
        line: 1,
        body: Vec::new(),
    });
    prose.title = title(file, &first, problems);
    prose.text = markdown(&body_of(&first));
    blocks(file, &first, &mut prose.blocks, problems);
    let mut words = words(&body_of(&first));
    let (mut has_task, mut has_checks) = (false, false);
    for section in sections {
        match section.heading {
            "Task" if !has_task && !has_checks => {
                has_task = true;
                prose.task = markdown(&section.text());
                blocks(file, &section, &mut prose.blocks, problems);
                words += self::words(&section.text());
            }
            "Checks" if !has_checks => {
                has_checks = true;
                prose.sentences = sentences(file, &section, problems);
            }
            other => {
                let message = format!("\"## {other}\" has no place here: Task, then Checks");
                problems.say(file, section.line, message);
            }
        }
    }
    if prose.text.is_empty() {
        problems.refuse(file, 1, "there is no prose under the title");
    }
    if prose.task.is_empty() {
        problems.refuse(file, 1, "there is no \"## Task\" that says what to do");
    }
    if prose.sentences.is_empty() {
        problems.refuse(
            file,
            1,
            "there is no \"## Checks\" with \"- key: sentence\"",
        );
    }
    if words > MOST_WORDS {
        let message = format!("prose and task have {words} words, at most {MOST_WORDS}");
        problems.say(file, 1, message);
    }
    prose
}

/// Reads `hints.md`.
pub(super) fn hints(file: &str, text: &str, problems: &mut Problems) -> Vec<Hint> {
    let sections = sections(text);
    let mut hints = Vec::new();
    for section in &sections {
        if section.heading.is_empty() {
            if !section.is_blank() {
                problems.say(
                    file,
                    section.line,
                    "text before the first \"## \" is not shown",
                );
            }
        } else if section.is_blank() {
            let message = format!("the hint \"{}\" says nothing", section.heading);
            problems.say(file, section.line, message);
        } else {
            hints.push(Hint {
                title: section.heading.to_owned(),
                html: markdown(&section.text()),
            });
        }
    }
    if !(2..=3).contains(&hints.len()) {
        let count = counted(hints.len(), "hint");
        let message = format!("there {count}: two or three are wanted");
        problems.say(file, 1, message);
    }
    hints
}

/// Cuts a file at its `## ` headings; the first part has none.
fn sections(text: &str) -> Vec<Section<'_>> {
    let mut sections = vec![Section {
        heading: "",
        line: 1,
        body: Vec::new(),
    }];
    let mut fence = Fence::default();
    for (line, number) in text.lines().zip(1..) {
        let is_code = fence.holds(line);
        if let Some(heading) = line.strip_prefix("## ").filter(|_| !is_code) {
            sections.push(Section {
                heading: heading.trim(),
                line: number,
                body: Vec::new(),
            });
        } else if let Some(section) = sections.last_mut() {
            section.body.push((number, line));
        }
    }
    sections
}

/// Whether a line belongs to a code block, its fences included.
#[derive(Default)]
struct Fence {
    is_open: bool,
}

impl Fence {
    fn holds(&mut self, line: &str) -> bool {
        let is_fence = line.trim_start().starts_with("```");
        let holds = self.is_open || is_fence;
        self.is_open ^= is_fence;
        holds
    }
}

fn title(file: &str, first: &Section, problems: &mut Problems) -> String {
    let line = first.body.iter().find(|(_, line)| !line.trim().is_empty());
    let (number, line) = line.copied().unwrap_or((1, ""));
    let title = line.strip_prefix("# ").map(str::trim).unwrap_or_default();
    match title.chars().count() {
        0 => problems.refuse(file, number, "the file begins with \"# \" and the title"),
        1..=LONGEST_TITLE => {}
        _ => {
            let message = format!("the title is longer than {LONGEST_TITLE} characters");
            problems.say(file, number, message);
        }
    }
    title.to_owned()
}

/// The first section without the title.
fn body_of(first: &Section) -> String {
    let text = first.text();
    let text = text.trim_start();
    if text.starts_with("# ") {
        text.split_once('\n')
            .map_or("", |(_, rest)| rest)
            .to_owned()
    } else {
        text.to_owned()
    }
}

/// How many words stand outside of code blocks.
fn words(text: &str) -> usize {
    let mut fence = Fence::default();
    let lines = text.lines().filter(|line| !fence.holds(line));
    lines
        .flat_map(str::split_whitespace)
        .filter(|word| word.contains(char::is_alphanumeric))
        .count()
}

/// Reads `- key: sentence` items; a sentence may go on in lines that begin with a space.
fn sentences(file: &str, section: &Section, problems: &mut Problems) -> Vec<Sentence> {
    let mut items: Vec<(u32, String)> = Vec::new();
    for (number, line) in &section.body {
        if let Some(item) = line.strip_prefix("- ") {
            items.push((*number, item.trim().to_owned()));
        } else if line.starts_with(' ') && !line.trim().is_empty() && !items.is_empty() {
            if let Some((_, item)) = items.last_mut() {
                item.push(' ');
                item.push_str(line.trim());
            }
        } else if !line.trim().is_empty() {
            problems.say(
                file,
                *number,
                "only \"- key: sentence\" has a place among the checks",
            );
        }
    }
    let mut sentences: Vec<Sentence> = Vec::new();
    for (number, item) in items {
        match sentence(&item) {
            Err(message) => problems.refuse(file, number, message),
            Ok(sentence) => {
                let is_new = sentences.iter().all(|other| other.key != sentence.key);
                if !is_new {
                    problems.say(
                        file,
                        number,
                        format!("the key {} stands twice", sentence.key),
                    );
                }
                let base = sentence.key.split('.').next().unwrap_or_default();
                if base != sentence.key && sentences.iter().all(|other| other.key != base) {
                    let message = format!("{} stands before or without {base}", sentence.key);
                    problems.say(file, number, message);
                }
                sentences.push(sentence);
            }
        }
    }
    sentences
}

fn sentence(item: &str) -> Result<Sentence, String> {
    let (key, text) = item
        .split_once(": ")
        .ok_or("a check is written \"- key: sentence\"")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    let is_word = |word: &str| !word.is_empty() && word.chars().all(plain);
    let parts: Vec<&str> = key.split('.').collect();
    if parts.len() > 2 || !parts.iter().all(|part| is_word(part)) {
        return Err(format!("{key:?} is no key: letters and digits, once a dot"));
    }
    let html = inline(text).ok_or_else(|| format!("the sentence of {key} is one line of text"))?;
    Ok(Sentence {
        key: key.to_owned(),
        html,
    })
}

/// Gathers the code blocks of a section.
fn blocks(file: &str, section: &Section, blocks: &mut Vec<Block>, problems: &mut Problems) {
    let mut open: Option<Block> = None;
    for (number, line) in &section.body {
        let fence = line.trim_start().strip_prefix("```");
        match (&mut open, fence) {
            (Some(_), Some(_)) => blocks.extend(open.take().map(promised)),
            (Some(block), None) => {
                block.code.push_str(line);
                block.code.push('\n');
            }
            (None, Some(language)) => {
                if language.trim() != "js" {
                    problems.say(
                        file,
                        *number,
                        "code in a lesson is ```js, so that it is run",
                    );
                }
                open = Some(Block {
                    line: number + 1,
                    code: String::new(),
                    lines: Vec::new(),
                });
            }
            (None, None) => {}
        }
    }
    if let Some(block) = open {
        problems.refuse(file, block.line - 1, "this code block does not end");
    }
}

/// A block with what its `// -> ` comments promise.
fn promised(mut block: Block) -> Block {
    let comments = pieces(&block.code).filter(|(kind, _)| *kind == Kind::Comment);
    block.lines = comments
        .filter_map(|(_, comment)| comment.strip_prefix("// ->"))
        .map(|output| {
            output
                .strip_prefix(' ')
                .unwrap_or(output)
                .trim_end()
                .to_owned()
        })
        .collect();
    block
}
