//! What an administrator can set on the web: the site's name, its looks, who may join.

use std::str::FromStr;

use crate::error::Problem;

/// Who may join.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signup {
    /// Everybody, at once.
    Open,
    /// Whoever a member invites.
    Invite,
    /// Everybody, once a moderator agrees.
    Approve,
}

impl Signup {
    /// Its word in flags, forms and the store.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Invite => "invite",
            Self::Approve => "approve",
        }
    }
}

impl FromStr for Signup {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        [Self::Open, Self::Invite, Self::Approve]
            .into_iter()
            .find(|mode| mode.word() == word)
            .ok_or_else(|| format!("{word:?} is none of open, invite, approve"))
    }
}

/// Accent colours that `assets/css` has in good contrast, for light and dark.
pub const ACCENTS: &[&str] = &[
    "pine", "ocean", "cobalt", "iris", "plum", "rose", "rust", "moss",
];

/// The settings in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Name of the site.
    pub name: String,
    /// A few words beside the name.
    pub tagline: String,
    /// A sentence or two for search engines and the about page.
    pub description: String,
    /// Who may join.
    pub signup: Signup,
    /// One of [`ACCENTS`].
    pub accent: String,
    /// Language of the page (BCP 47), as in `<html lang>`.
    pub lang: String,
    /// Text of the guidelines page, Markdown.
    pub guidelines: String,
    /// Whether the course is offered.
    pub learn: bool,
    /// Settings that a flag or variable decides: setting name, and what says so (`--signup`, `SITE_SIGNUP`).
    pub locked: Vec<(&'static str, String)>,
}

impl Settings {
    /// Everything that is wrong with what an administrator typed.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut wrong = |field, message: &str| {
            problems.push(Problem {
                field,
                message: message.to_owned(),
            });
        };
        if !(1..=40).contains(&self.name.chars().count()) {
            wrong("name", "The name has 1 to 40 characters.");
        }
        if self.tagline.chars().count() > 120 {
            wrong("tagline", "The tagline has at most 120 characters.");
        }
        if self.description.chars().count() > 500 {
            wrong("description", "The description has at most 500 characters.");
        }
        if self.guidelines.chars().count() > MOST_GUIDELINES {
            wrong(
                "guidelines",
                "The guidelines have at most 20,000 characters.",
            );
        }
        if !ACCENTS.contains(&self.accent.as_str()) {
            wrong("accent", "Please choose one of these colours.");
        }
        if !is_language(&self.lang) {
            wrong("lang", "A language is written as en, de or pt-BR.");
        }
        problems
    }

    /// Setting names with their values as the store keeps them.
    #[must_use]
    pub fn stored(&self) -> [(&'static str, &str); 8] {
        [
            ("name", &self.name),
            ("tagline", &self.tagline),
            ("description", &self.description),
            ("signup", self.signup.word()),
            ("accent", &self.accent),
            ("lang", &self.lang),
            ("guidelines", &self.guidelines),
            ("learn", if self.learn { "1" } else { "0" }),
        ]
    }

    /// What locks a setting, if something does.
    #[must_use]
    pub fn lock(&self, name: &str) -> Option<&str> {
        let found = self.locked.iter().find(|(locked, _)| *locked == name);
        found.map(|(_, by)| by.as_str())
    }
}

/// Longest guidelines, in characters.
const MOST_GUIDELINES: usize = 20_000;

/// A language tag: words of letters and digits, joined by `-`, the first of 2 or 3 letters (BCP 47, without its registry).
fn is_language(text: &str) -> bool {
    let mut words = text.split('-');
    let first = words.next().unwrap_or_default();
    (2..=3).contains(&first.len())
        && first.bytes().all(|byte| byte.is_ascii_alphabetic())
        && words.all(|word| {
            (1..=8).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
        && text.len() <= 35
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: "Semicolon".into(),
            tagline: "JavaScript, talked over".into(),
            description: "News and conversation about JavaScript and the web, run by its members."
                .into(),
            signup: Signup::Open,
            accent: "pine".into(),
            lang: "en".into(),
            guidelines: DEFAULT_GUIDELINES.into(),
            learn: true,
            locked: Vec::new(),
        }
    }
}

const DEFAULT_GUIDELINES: &str = "\
We are here to learn from each other. A few habits keep it pleasant.

**Post** what taught you something. Link to the original source, and use its title unless that misleads. Your own work is \
welcome when it is not all that you post.

**Comment** as you would speak to a colleague whom you respect. Answer the best reading of what was said. Disagree with \
ideas, with reasons; leave persons alone. If you have nothing to add, a vote says so.

**Vote** for what is worth others' time, not for what you agree with.

**Flag** what breaks these habits instead of answering it. Moderators look at every flag, and everything that they do \
stands in the public log.

Beginners' questions are good questions. Everybody here began.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_of_a_new_site_are_good() {
        assert_eq!(Settings::default().problems(), []);
    }

    #[test]
    fn each_setting_has_its_bounds() {
        let wrong = |change: fn(&mut Settings)| {
            let mut settings = Settings::default();
            change(&mut settings);
            settings.problems().first().map(|problem| problem.field)
        };
        assert_eq!(wrong(|it| it.name = String::new()), Some("name"));
        assert_eq!(wrong(|it| it.name = "x".repeat(41)), Some("name"));
        assert_eq!(wrong(|it| it.tagline = "x".repeat(121)), Some("tagline"));
        assert_eq!(
            wrong(|it| it.description = "x".repeat(501)),
            Some("description")
        );
        assert_eq!(
            wrong(|it| it.guidelines = "x".repeat(20_001)),
            Some("guidelines")
        );
        assert_eq!(wrong(|it| it.accent = "red\"".into()), Some("accent"));
        for lang in ["", "e", "english", "en_GB", "en-", "en-\"x", "12"] {
            let settings = Settings {
                lang: lang.into(),
                ..Settings::default()
            };
            assert_eq!(settings.problems().len(), 1, "{lang:?}");
        }
        assert_eq!(wrong(|it| it.lang = "zh-Hant-TW".into()), None);
    }
}
