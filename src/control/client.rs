//! The asking side: commands to the site that has the data directory, or to the store itself when none has it.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use crate::control::{Change, MOST_LINE, Reply, Request, Status, apply, socket};
use crate::error::{Error, Result};
use crate::replica::node::state::State;
use crate::store::datadir::forget_setup_link;
use crate::store::{Store, role};
use crate::time::Clock;

/// Longest wait for an answer: a writer may be busy for a while, a hung one should be said so.
const PATIENCE: Duration = Duration::from_secs(30);

/// How the site of a data directory is; `None` when none runs.
///
/// # Errors
/// [`Error::Io`] when it runs and does not answer.
pub fn status(dir: &Path) -> Result<Option<Status>> {
    match ask(dir, &Request::Status)? {
        None => Ok(None),
        Some(Reply::Status(status)) => Ok(Some(*status)),
        Some(_) => Err(odd()),
    }
}

/// Makes a change: through the running site, else in the store.
///
/// # Errors
/// [`Error::Refused`] with the reason; what the store says.
pub fn change(dir: &Path, change: Change) -> Result<()> {
    match ask(dir, &Request::Change(change.clone()))? {
        Some(Reply::Done) => Ok(()),
        Some(Reply::Refused(why)) => Err(Error::Refused(why)),
        Some(Reply::Status(_) | Reply::Told(_)) => Err(odd()),
        None => {
            State::refuse_to_write(dir)?;
            let store = Store::open(dir, Clock::System, 1)?;
            store.write_blocking(move |tx| apply(tx, &change))?;
            if store.read(role::has_admin)? {
                forget_setup_link(dir)?;
            }
            Ok(())
        }
    }
}

/// Has the node of a running site become the primary; what came of it.
///
/// # Errors
/// [`Error::Refused`] with the reason; [`Error::Io`] when no site runs.
pub fn promote(dir: &Path, force: bool) -> Result<String> {
    match ask(dir, &Request::Promote { force })? {
        Some(Reply::Told(told)) => Ok(told),
        Some(Reply::Refused(why)) => Err(Error::Refused(why)),
        Some(_) => Err(odd()),
        None => Err(Error::Io(format!("No site runs on {}.", dir.display()))),
    }
}

/// Sends a request to the running site; `None` when nobody listens.
fn ask(dir: &Path, request: &Request) -> Result<Option<Reply>> {
    let Some(stream) = connect(dir)? else {
        return Ok(None);
    };
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut line =
        serde_json::to_vec(request).map_err(|error| Error::Internal(error.to_string()))?;
    line.push(b'\n');
    (&stream).write_all(&line).map_err(|error| silent(&error))?;
    let mut answer = String::new();
    BufReader::new(stream.take(MOST_LINE as u64))
        .read_line(&mut answer)
        .map_err(|error| silent(&error))?;
    serde_json::from_str(&answer).map(Some).map_err(|_| odd())
}

fn connect(dir: &Path) -> Result<Option<UnixStream>> {
    // The directory's handle, if one is needed, has to live until the connection is made.
    let (path, _handle) = match socket(dir) {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    match UnixStream::connect(&path) {
        Ok(stream) => Ok(Some(stream)),
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::NotFound | ErrorKind::ConnectionRefused
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(Error::Io(format!(
            "Cannot reach the running site through {}: {error}. Run this as the user who runs the site.",
            path.display()
        ))),
    }
}

fn silent(error: &std::io::Error) -> Error {
    Error::Io(format!(
        "The running site does not answer on its control socket ({error})."
    ))
}

fn odd() -> Error {
    Error::Io(
        "The running site gave an answer that this version does not know; is it another version?"
            .into(),
    )
}
