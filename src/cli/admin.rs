//! `site admin`: who runs the site, and ways back in. Works while the site runs and while it does not.

use std::path::Path;

use clap::{Subcommand, ValueEnum};

use crate::cli::flags::Flags;
use crate::cli::{password, say};
use crate::control::{Change, client};
use crate::domain::user::UserName;
use crate::error::{Error, Result};
use crate::html::path;
use crate::store::secret::{hash, new_token};

/// Subcommands of `site admin`.
#[derive(Debug, Subcommand)]
pub(super) enum Admin {
    /// Print a new set-up link: one use, 30 minutes, for the first administrator
    SetupUrl,
    /// Make an administrator; the password is asked for, or read from standard input
    Create {
        /// Their name
        name: String,
    },
    /// Set a member's password and sign them out everywhere; it is asked for, or read from standard input
    ResetPassword {
        /// Their name
        name: String,
    },
    /// Make a member a moderator or administrator, or take that away
    Role {
        /// Their name
        name: String,
        /// What they are trusted with from now on
        role: RoleWord,
    },
}

/// A role, as typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum RoleWord {
    /// Reads, writes, votes, flags
    Member,
    /// Also removes, locks, pins, bans
    Moderator,
    /// Also changes settings and roles
    Admin,
}

impl RoleWord {
    const fn word(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Moderator => "moderator",
            Self::Admin => "admin",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Member => "a member",
            Self::Moderator => "a moderator",
            Self::Admin => "an administrator",
        }
    }
}

impl Admin {
    /// Does it.
    ///
    /// # Errors
    /// What the store says; [`Error::Invalid`] for a name or password that will not do.
    pub(super) fn run(self, data: &Path) -> Result<()> {
        match self {
            Self::SetupUrl => setup_url(data),
            Self::Create { name } => create(data, name),
            Self::ResetPassword { name } => reset(data, name),
            Self::Role { name, role } => set_role(data, name, role),
        }
    }
}

fn setup_url(data: &Path) -> Result<()> {
    let base = match client::status(data)? {
        Some(status) => status.base,
        None => Flags::default().resolve(data.to_owned())?.config.base(),
    };
    let token = new_token();
    client::change(
        data,
        Change::SetUp {
            token_hash: hash(&token),
        },
    )?;
    say(&format!("{base}{}", path::setup(&token)));
    Ok(())
}

fn create(data: &Path, name: String) -> Result<()> {
    UserName::parse(&name).map_err(|problem| Error::field("name", problem))?;
    let password = password::new_hash(&[&name])?;
    let done = format!("{name} is an administrator now.");
    client::change(data, Change::CreateAdmin { name, password })?;
    say(&done);
    Ok(())
}

fn reset(data: &Path, name: String) -> Result<()> {
    let password = password::new_hash(&[&name])?;
    let done = format!("{name} has a new password and was signed out everywhere.");
    client::change(data, Change::ResetPassword { name, password })?;
    say(&done);
    Ok(())
}

fn set_role(data: &Path, name: String, role: RoleWord) -> Result<()> {
    let done = format!("{name} is {} now, and has to sign in again.", role.title());
    let role = role.word().to_owned();
    client::change(data, Change::SetRole { name, role })?;
    say(&done);
    Ok(())
}
