//! The one error type. A variant stands for a different *answer* (to a person, a caller or the shell), never for a place.
//!
//! It knows no HTTP status and no exit code: `web/error.rs` and `cli/mod.rs` map each variant once.
//! What a person may read is in `Display`; what only the log gets travels in `Internal` and `Store`.

use std::time::Duration;

/// Result of everything in this crate that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// One thing wrong with one field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The field's name in the form; empty when the whole form is meant.
    pub field: &'static str,
    /// A whole sentence for the person who typed.
    pub message: String,
}

/// Why something was not done; one variant for each different answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing is there, or not for this person.
    #[error("There is nothing here.")]
    NotFound,
    /// The request itself makes no sense (bad id, malformed encoding).
    #[error("{0}")]
    BadRequest(&'static str),
    /// The address exists, but not for this method; these it takes.
    #[error("This address takes {0} only.")]
    WrongMethod(&'static str),
    /// A form with problems; the page is shown again with what was typed.
    #[error("Please check what you entered.")]
    Invalid(Vec<Problem>),
    /// Only members may do this.
    #[error("Please sign in first.")]
    SignIn,
    /// This person may not do this, and is told why.
    #[error("{0}")]
    Refused(String),
    /// A request that came from another site.
    #[error("This request did not come from this site, so nothing was done.")]
    CrossSite,
    /// Too many of one kind; try again after this time.
    #[error("That was a bit fast. Please try again in {} s.", .0.as_secs().max(1))]
    Limited(Duration),
    /// The body is larger than this place takes, in bytes.
    #[error("That is too large: at most {0} bytes are taken here.")]
    TooLarge(usize),
    /// Queues are full; worth another try soon.
    #[error("The site is very busy right now. Please try again in a moment.")]
    Busy,
    /// Writing is not possible right now; nothing was changed.
    #[error("The site cannot save anything right now. Nothing was changed; please try again.")]
    Unavailable,
    /// Another node of the site writes for this one, and gave no answer; what was asked for may have been done or not.
    #[error(
        "The part of the site that saves things cannot be reached right now. Please try again in a little while."
    )]
    Unreachable,
    /// A new node, to which nothing of the site has come yet.
    #[error("This node has no copy of the site yet.")]
    NoCopy,
    /// A search or page took longer than its deadline.
    #[error("That took too long.")]
    Deadline,
    /// A bug or a broken machine; the text is for the log.
    #[error("Something went wrong on our side.")]
    Internal(String),
    /// SQLite failed; the source is for the log.
    #[error("Something went wrong on our side.")]
    Store(#[source] rusqlite::Error),
    /// A file or socket failed; the text says which.
    #[error("{0}")]
    Io(String),
    /// Flags, environment or configuration file are wrong.
    #[error("{0}")]
    Config(String),
    /// The data directory cannot be used; the text holds the exact fix.
    #[error("{0}")]
    DataDir(String),
    /// The database was written by a newer version.
    #[error(
        "The database has schema {found}, this program knows up to {known}. Use the newer program again; nothing was changed."
    )]
    SchemaNewer {
        /// Version in the file.
        found: i64,
        /// Newest version that this program knows.
        known: i64,
    },
    /// Another process works on this data directory.
    #[error(
        "Another process (pid {pid}) is using {dir}. Stop it first, or name another directory with --data."
    )]
    Locked {
        /// Process id as the lock file tells it.
        pid: String,
        /// The data directory.
        dir: String,
    },
}

impl Error {
    /// One problem with one field.
    pub fn field(field: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Problem {
            field,
            message: message.into(),
        }])
    }

    /// Whether the form that met it should be shown again, with all that was typed and this error beside it.
    #[must_use]
    pub const fn keeps_form(&self) -> bool {
        matches!(
            self,
            Self::Invalid(_)
                | Self::SignIn
                | Self::Refused(_)
                | Self::Limited(_)
                | Self::Busy
                | Self::Unavailable
        )
    }

    /// What the log gets: the cause, not the polite sentence.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            Self::Internal(detail) => detail.clone(),
            Self::Store(source) => source.to_string(),
            other => other.to_string(),
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(source: rusqlite::Error) -> Self {
        match source {
            rusqlite::Error::QueryReturnedNoRows => Self::NotFound,
            other => match other.sqlite_error_code() {
                Some(rusqlite::ErrorCode::OperationInterrupted) => Self::Deadline,
                Some(rusqlite::ErrorCode::DiskFull) => Self::Unavailable,
                _ => Self::Store(other),
            },
        }
    }
}

impl From<std::io::Error> for Error {
    fn from(source: std::io::Error) -> Self {
        Self::Io(source.to_string())
    }
}
