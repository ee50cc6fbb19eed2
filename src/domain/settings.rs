//! What an administrator can set on the web: the site's name, its looks, who may join.

use std::str::FromStr;

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
    /// Whether the learn half is shown.
    pub learn: bool,
    /// Settings that a flag or variable decides: setting name, and what says so (`--signup`, `SITE_SIGNUP`).
    pub locked: Vec<(&'static str, String)>,
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
            learn: false,
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
