//! Commands to a running site through a socket in its data directory, and the same commands without one.
//!
//! One JSON line each way. Whoever can open the socket (mode 0600) is the operator; nothing else is checked. Passwords
//! travel as argon2id hashes only.

pub mod client;

pub mod serve;

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::domain::user::{Role, UserName};
use crate::error::{Error, Result};
use crate::peer::Report;
use crate::store::user::NewUser;
use crate::store::{self, Tx};

/// Longest line that is taken, in bytes.
pub const MOST_LINE: usize = 64 * 1024;

/// What is asked.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Request {
    /// How the site is.
    Status,
    /// To make this node the primary.
    Promote {
        /// Without the one that is.
        force: bool,
    },
    /// To change something.
    Change(Change),
}

/// A change that an operator makes.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// To keep the hash of a new set-up link.
    SetUp {
        /// SHA-256 of its token.
        token_hash: [u8; 32],
    },
    /// To make an administrator.
    CreateAdmin {
        /// The name, checked.
        name: String,
        /// The argon2id hash.
        password: String,
    },
    /// To set a password and end the member's sessions.
    ResetPassword {
        /// Whose.
        name: String,
        /// The argon2id hash.
        password: String,
    },
    /// To give a role and end the member's sessions.
    SetRole {
        /// Whose.
        name: String,
        /// The role's word.
        role: String,
    },
    /// To have pages made anew that show this: `story:7`, `list:hot`; all pages without it.
    Purge {
        /// What, in the form of [`store::stamp::named`].
        tag: Option<String>,
    },
}

/// What comes back.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reply {
    /// How the site is.
    Status(Box<Status>),
    /// What came of it.
    Told(String),
    /// It is done, and on disk.
    Done,
    /// It is not done, and why.
    Refused(String),
}

/// How a running site is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Status {
    /// Version of the program.
    pub version: String,
    /// Process id.
    pub pid: u32,
    /// Where it listens.
    pub address: String,
    /// Scheme and host of its absolute URLs.
    pub base: String,
    /// Seconds since it started.
    pub up_s: u64,
    /// The newest transaction.
    pub txid: u64,
    /// Whether abuse limits apply.
    pub limits: bool,
    /// Pages of the database file that are not what was written there.
    #[serde(default)]
    pub damaged: BTreeSet<u32>,
    /// What it is among other nodes; `None` for a site alone.
    #[serde(default)]
    pub node: Option<Report>,
}

/// Makes a change inside a write transaction, whoever opened it.
///
/// # Errors
/// What is to be said to the operator.
pub fn apply(tx: &Tx, change: &Change) -> Result<()> {
    match change {
        Change::SetUp { token_hash } => store::setup::create(tx, token_hash),
        Change::CreateAdmin { name, password } => create_admin(tx, name, password),
        Change::ResetPassword { name, password } => {
            store::account::set_password(tx, member(tx, name)?, password)
        }
        Change::SetRole { name, role } => {
            let role: Role = role
                .parse()
                .map_err(|()| Error::Refused(format!("There is no role {role:?}.")))?;
            store::role::set(tx, member(tx, name)?, role, None)
        }
        Change::Purge { tag } => purge(tx, tag.as_deref()),
    }
}

/// Changes nothing, and names what is to be made anew; so it reaches every node.
fn purge(tx: &Tx, tag: Option<&str>) -> Result<()> {
    match tag {
        None => tx.stamp(store::stamp::site()),
        Some(tag) => tx.stamp_all(store::stamp::named(tx, tx.now(), tag)?),
    }
    Ok(())
}

fn create_admin(tx: &Tx, name: &str, password: &str) -> Result<()> {
    let new = NewUser {
        name: UserName::parse(name).map_err(|problem| Error::field("name", problem))?,
        email: None,
        password: Some(password.to_owned()),
        role: Role::Admin,
        waiting: false,
        request: None,
        invited_by: None,
        created: tx.now(),
    };
    let user = store::user::create(tx, &new)?;
    store::setup::end(tx)?;
    store::role::record(tx, user, Role::Admin, None)
}

fn member(tx: &Tx, name: &str) -> Result<crate::domain::id::UserId> {
    store::user::id_of(tx, name).map_err(|error| match error {
        Error::NotFound => Error::Refused(format!("There is no member {name:?}.")),
        other => other,
    })
}

/// What an operator reads of an error: all of a form's problems, else its sentence or cause.
#[must_use]
pub fn told(error: &Error) -> String {
    match error {
        Error::Invalid(problems) => {
            let all: Vec<&str> = problems
                .iter()
                .map(|problem| problem.message.as_str())
                .collect();
            all.join(" ")
        }
        other => other.detail(),
    }
}

/// Where the socket of a data directory is reached. An address of a socket has room for about 100 bytes; a longer path
/// goes through a handle of the directory, which the caller keeps open meanwhile.
///
/// # Errors
/// When the directory cannot be opened.
pub fn socket(dir: &std::path::Path) -> std::io::Result<(PathBuf, Option<std::fs::File>)> {
    use std::os::fd::AsRawFd;
    let path = store::datadir::control_socket(dir);
    if path.as_os_str().len() < 100 {
        return Ok((path, None));
    }
    let handle = std::fs::File::open(dir)?;
    let short = PathBuf::from(format!("/proc/self/fd/{}", handle.as_raw_fd()));
    Ok((store::datadir::control_socket(&short), Some(handle)))
}
