//! What a node remembers of itself between two processes: who it is, what it does, whom it knows. One JSON file in the data
//! directory, replaced as a whole; flags decide only where there is none.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::hex;

/// The file's name.
const NAME: &str = "node.json";

/// What a node does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Duty {
    /// It writes.
    Primary,
    /// It follows.
    Standby,
}

/// What is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The node's number, in hexadecimal digits.
    pub node: String,
    /// What it does.
    pub duty: Duty,
    /// The highest epoch that it has heard of.
    pub epoch: u64,
    /// Where the primary is, for a standby; as all addresses here, [`plain`].
    pub primary: Option<String>,
    /// Other nodes by number, and where they are reached.
    #[serde(default)]
    pub peers: BTreeMap<String, String>,
    /// It was the primary until it became what it is: its log may lack what only the WAL has, until it is completed from there.
    #[serde(default)]
    pub owes: bool,
    /// The database's file as it was left at the last orderly end.
    #[serde(default)]
    pub left: Option<Mark>,
    /// To whom it has handed over, until it hears from a primary again: that word may have been lost.
    #[serde(default)]
    pub heir: Option<Holder>,
    /// Whose the highest epoch is, as far as this node knows: who was given it, or was followed in it.
    #[serde(default)]
    pub holder: Option<Holder>,
    /// Where nodes are that had an epoch in which this one followed another: they may be primaries still. Until the one that is
    /// followed has taken it on itself to tell them.
    #[serde(default)]
    pub rivals: BTreeSet<String>,
}

/// A node that has the duty, or was given it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Its number, in hexadecimal digits.
    pub node: String,
    /// The epoch of which it is the primary.
    pub epoch: u64,
}

impl Holder {
    /// It, as others are told.
    #[must_use]
    pub fn told(&self) -> Option<([u8; 16], u64)> {
        Some((unhex(&self.node)?, self.epoch))
    }
}

/// What tells whether somebody else has changed or replaced a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    inode: u64,
    size: u64,
    changed_s: i64,
    changed_ns: i64,
}

impl Mark {
    /// Of a file; `None` when there is none.
    #[must_use]
    pub fn of(file: &Path) -> Option<Self> {
        let file = fs::metadata(file).ok()?;
        Some(Self {
            inode: file.ino(),
            size: file.size(),
            changed_s: file.mtime(),
            changed_ns: file.mtime_nsec(),
        })
    }
}

impl State {
    /// Of a node that begins.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn new(duty: Duty, primary: Option<String>) -> Result<Self> {
        let mut id = [0; 16];
        getrandom::fill(&mut id).map_err(|error| Error::Internal(error.to_string()))?;
        Ok(Self {
            node: hex::of(&id),
            duty,
            epoch: 0,
            primary,
            peers: BTreeMap::new(),
            owes: false,
            left: None,
            heir: None,
            holder: None,
            rivals: BTreeSet::new(),
        })
    }

    /// What a data directory holds; `None` where no node was.
    ///
    /// # Errors
    /// When the file cannot be read or is not one of ours.
    pub fn load(dir: &Path) -> Result<Option<Self>> {
        let path = dir.join(NAME);
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            other => other?,
        };
        let mut state: Self = serde_json::from_str(&text)
            .map_err(|error| Error::DataDir(format!("{}: {error}", path.display())))?;
        let primary = state.primary.iter_mut();
        primary.for_each(|address| *address = plain(address));
        // Some of them are called by it.
        let peers = state.peers.iter();
        state.peers = peers.map(|(name, at)| (plain(name), plain(at))).collect();
        state.rivals = state.rivals.iter().map(|at| plain(at)).collect();
        state
            .id()
            .ok_or_else(|| Error::DataDir(format!("{}: no node's number", path.display())))?;
        Ok(Some(state))
    }

    /// Replaces the file; it is on disk when this returns.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn save(&self, dir: &Path) -> Result<()> {
        let text =
            serde_json::to_vec_pretty(self).map_err(|error| Error::Internal(error.to_string()))?;
        let (path, new) = (dir.join(NAME), dir.join("node.json.new"));
        let mut file = File::create(&new)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&new, &path)?;
        Ok(File::open(dir)?.sync_all()?)
    }

    /// Refuses to change a data directory that follows another: whatever is written there by itself the primary never had.
    ///
    /// # Errors
    /// [`Error::Refused`] with what to do instead; as [`State::load`].
    pub fn refuse_to_write(dir: &Path) -> Result<()> {
        match Self::load(dir)? {
            Some(state) if state.duty == Duty::Standby => Err(Error::Refused(format!(
                "{} is a standby's: give the command on the primary{}.",
                dir.display(),
                state
                    .primary
                    .map(|at| format!(" ({at})"))
                    .unwrap_or_default()
            ))),
            _ => Ok(()),
        }
    }

    /// The node's number; `None` when the file was written by hand.
    #[must_use]
    pub fn id(&self) -> Option<[u8; 16]> {
        unhex(&self.node)
    }

    /// This node follows the primary `node` of an epoch from now on. An epoch that two have, since a person made one of them the
    /// primary by force, is to become that of one: they may not know of each other.
    pub fn follow(&mut self, node: [u8; 16], epoch: u64) {
        self.heir = None;
        let now = Holder {
            node: hex::of(&node),
            epoch,
        };
        let rival = self.holder.take().filter(|before| before.epoch == epoch);
        let rival = rival.and_then(|rival| self.peers.get(&rival.node));
        self.rivals.extend(rival.cloned());
        if let Some(own) = self.peers.get(&now.node) {
            self.rivals.remove(own);
        }
        self.holder = Some(now);
    }

    /// Notes where another node is reached; whether that is new.
    pub fn know(&mut self, node: [u8; 16], address: &str) -> bool {
        let address = plain(address);
        let is_new = self
            .peers
            .get(&hex::of(&node))
            .is_none_or(|known| *known != address);
        if is_new && !address.is_empty() {
            self.peers.insert(hex::of(&node), address);
            return true;
        }
        false
    }
}

/// An address without what makes no difference.
#[must_use]
pub fn plain(address: &str) -> String {
    address.trim_end_matches('/').to_owned()
}

/// Where the extra commits of a node go that was the primary and is not any more.
#[must_use]
pub fn lost(dir: &Path) -> PathBuf {
    dir.join("lost")
}

fn unhex(text: &str) -> Option<[u8; 16]> {
    let is_hex = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = is_hex.then(|| u128::from_str_radix(text, 16).ok())??;
    Some(number.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_saved_is_loaded_again() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(State::load(dir.path()).unwrap(), None);
        let mut state = State::new(Duty::Standby, Some("http://a".into())).unwrap();
        assert!(state.know([7; 16], "http://b"));
        assert!(!state.know([7; 16], "http://b"));
        assert!(!state.know([8; 16], ""));
        state.save(dir.path()).unwrap();
        assert_eq!(State::load(dir.path()).unwrap(), Some(state));
    }

    #[test]
    fn addresses_are_without_what_makes_no_difference_whatever_the_file_has() {
        let dir = tempfile::tempdir().unwrap();
        let mut state = State::new(Duty::Standby, Some("http://a/".into())).unwrap();
        assert!(state.know([7; 16], "http://b/"));
        assert!(!state.know([7; 16], "http://b"));
        let peers = [("at http://c/", "http://c/")];
        let peers = peers.map(|(name, at)| (name.to_owned(), at.to_owned()));
        state.peers.extend(peers);
        state.rivals.insert("http://d/".into());
        state.save(dir.path()).unwrap();
        let loaded = State::load(dir.path()).unwrap().unwrap();
        assert_eq!(loaded.primary.as_deref(), Some("http://a"));
        let peers: Vec<_> = loaded.peers.values().collect();
        assert_eq!(peers, ["http://b", "http://c"]);
        assert!(loaded.peers.contains_key("at http://c"));
        assert!(loaded.rivals.contains("http://d"));
    }

    #[test]
    fn a_file_of_something_else_is_refused_by_name() {
        let dir = tempfile::tempdir().unwrap();
        for text in [
            "",
            "{}",
            r#"{"node":"+1","duty":"primary","epoch":1,"primary":null}"#,
        ] {
            fs::write(dir.path().join(NAME), text).unwrap();
            let error = State::load(dir.path()).unwrap_err().to_string();
            assert!(error.contains(NAME), "{error}");
        }
    }
}
