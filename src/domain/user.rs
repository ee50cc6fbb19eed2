//! Members: names, roles, what they may do, and how others see them.

use crate::domain::id::{InviteId, SessionId, UserId};
use crate::domain::text::SafeHtml;
use crate::time::Timestamp;
use std::fmt::{Display, Formatter};
use std::str::FromStr;

/// A member's name: 2 to 30 of `A-Z a-z 0-9 _ -`, not beginning with `-`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UserName(String);

impl UserName {
    /// Checks a name that somebody chose.
    ///
    /// # Errors
    /// A sentence for the person.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let fits = (2..=30).contains(&text.len());
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if !fits || !text.bytes().all(plain) || text.starts_with('-') {
            return Err("Names have 2 to 30 letters, digits, _ or -.");
        }
        if Self::is_reserved(text) {
            return Err("This name is reserved.");
        }
        Ok(Self(text.to_owned()))
    }

    /// Whether this name would pass for the site itself.
    #[must_use]
    pub fn is_reserved(text: &str) -> bool {
        RESERVED.contains(&text.to_ascii_lowercase().as_str())
    }

    /// A name that the store kept (imports may hold names of other rules).
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// As its owner wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name that stands for everybody who has left.
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.0 == "[deleted]"
    }

    /// What makes it unique: names that differ only by case are one.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl Display for UserName {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Names that would pass for the site itself.
const RESERVED: &[&str] = &[
    "admin",
    "administrator",
    "anonymous",
    "deleted",
    "mod",
    "moderator",
    "moderators",
    "operator",
    "root",
    "site",
    "staff",
    "support",
    "system",
    "webmaster",
];

/// What a member is trusted with; each includes the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Reads, writes, votes, flags.
    Member,
    /// Also removes, locks, pins, bans.
    Moderator,
    /// Also changes settings and roles.
    Admin,
}

impl Role {
    /// Its word in the store and in forms.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Moderator => "moderator",
            Self::Admin => "admin",
        }
    }
}

impl FromStr for Role {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        [Self::Member, Self::Moderator, Self::Admin]
            .into_iter()
            .find(|role| role.word() == word)
            .ok_or(())
    }
}

/// Whether an account can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserState {
    /// In use.
    Active,
    /// Waits for a moderator's approval; can sign in and read only.
    Waiting,
    /// Deleted by its owner; shown as "deleted".
    Deleted,
}

/// Light, dark, or as the device says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// As the device says.
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// Its word in the store, in forms and in `data-theme`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

impl FromStr for Theme {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        [Self::Auto, Self::Light, Self::Dark]
            .into_iter()
            .find(|theme| theme.word() == word)
            .ok_or(())
    }
}

/// A ban, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ban {
    /// The end; a ban without end has the largest time there is.
    pub until: Timestamp,
    /// The public reason.
    pub reason: String,
}

impl Ban {
    /// The end of a ban that has none.
    pub const FOR_GOOD: Timestamp = Timestamp::from_ms(i64::MAX);
}

/// The member who asks for a page or acts: what every page's header needs, and what decides what they may do.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// Who.
    pub id: UserId,
    /// Their name.
    pub name: UserName,
    /// What they are trusted with.
    pub role: Role,
    /// Whether the account can be used.
    pub state: UserState,
    /// Points received.
    pub karma: i64,
    /// Their choice of colours.
    pub theme: Theme,
    /// Whether keyboard shortcuts are on.
    pub keys: bool,
    /// A ban in force now.
    pub ban: Option<Ban>,
    /// The session that the request came with.
    pub session: SessionId,
    /// When that session was last noted to be in use (to the hour).
    pub seen: Timestamp,
    /// When that session ends unless it is used again.
    pub ends: Timestamp,
    /// Unread answers, at most 99.
    pub unread: i64,
    /// Open flags, for moderators' header; 0 for others.
    pub open_flags: i64,
}

impl Viewer {
    /// May act as at least this role (a banned or waiting account may not act at all).
    #[must_use]
    pub fn may(&self, role: Role) -> bool {
        self.role >= role && self.ban.is_none() && self.state == UserState::Active
    }

    /// Why this member may only read, when that is so.
    #[must_use]
    pub fn why_not(&self) -> Option<String> {
        match (&self.ban, self.state) {
            (Some(ban), _) if ban.until == Ban::FOR_GOOD => {
                Some(format!("You are banned: {}", ban.reason))
            }
            (Some(ban), _) => Some(format!(
                "You are banned until {}: {}",
                ban.until.human(),
                ban.reason
            )),
            (None, UserState::Waiting) => {
                Some("A moderator has yet to approve your account. Until then you can read.".into())
            }
            (None, _) => None,
        }
    }

    /// Moderators and administrators.
    #[must_use]
    pub fn moderates(&self) -> bool {
        self.may(Role::Moderator)
    }
}

/// A member as their page shows them.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Who.
    pub id: UserId,
    /// Their name.
    pub name: UserName,
    /// What they are trusted with.
    pub role: Role,
    /// Whether the account is in use.
    pub state: UserState,
    /// Points received.
    pub karma: i64,
    /// About text, Markdown as typed.
    pub about: String,
    /// About text, rendered.
    pub about_html: SafeHtml,
    /// When they joined.
    pub created: Timestamp,
    /// Who invited them.
    pub invited_by: Option<UserName>,
    /// A ban in force now.
    pub ban: Option<Ban>,
}

/// Somebody who asks to join.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Who.
    pub id: UserId,
    /// Their name.
    pub name: UserName,
    /// What they wrote to the moderators.
    pub request: String,
    /// Asked at.
    pub created: Timestamp,
}

/// A signed-in browser, as the settings page lists it.
#[derive(Debug, Clone)]
pub struct Session {
    /// Which.
    pub id: SessionId,
    /// Signed in at.
    pub created: Timestamp,
    /// Last seen at (to the hour).
    pub seen: Timestamp,
    /// Address at sign-in.
    pub address: String,
    /// The browser, as it calls itself.
    pub agent: String,
}

/// An invitation, as its maker sees it (the link itself is shown once, when made).
#[derive(Debug, Clone)]
pub struct Invite {
    /// Which.
    pub id: InviteId,
    /// For whom, in the maker's words.
    pub memo: String,
    /// Made at.
    pub created: Timestamp,
    /// Who joined with it.
    pub used_by: Option<UserName>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_and_short_and_not_the_sites_own() {
        for good in ["ada", "Ada_L-1", "x2", &"a".repeat(30)] {
            assert!(UserName::parse(good).is_ok(), "{good:?}");
        }
        for bad in [
            "",
            "a",
            "-ada",
            "a b",
            "ädä",
            "a/b",
            "Admin",
            "root",
            &"a".repeat(31),
        ] {
            assert!(UserName::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_role_includes_those_before_it() {
        assert!(Role::Admin > Role::Moderator && Role::Moderator > Role::Member);
    }
}
