//! The data directory: created, proved writable, locked for one process, refused on network file systems.
//!
//! Every refusal says what to do. It never falls back to another directory.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock, statfs};

use crate::error::{Error, Result};

/// File systems on which WAL's shared memory or locks do not work (statfs(2) magic numbers).
const NETWORK: &[(i64, &str)] = &[
    (0x6969, "NFS"),
    (0x517B, "SMB"),
    (0xFF53_4D42, "CIFS"),
    (0xFE53_4D42, "SMB2"),
    (0x0102_1997, "9P"),
    (0x5346_414F, "AFS"),
    (0x00C3_6400, "Ceph"),
    (0x6573_5546, "FUSE"),
];

/// A data directory that this process alone may use, for as long as the value lives.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Makes (mode 0700), probes and locks the directory.
    ///
    /// # Errors
    /// [`Error::DataDir`] with the fix, [`Error::Locked`] with the pid of the process that has it.
    pub fn open(path: &Path) -> Result<Self> {
        make(path).map_err(|error| unusable(path, &error))?;
        check(path)?;
        Ok(Self {
            path: path.to_owned(),
            _lock: lock(path)?,
        })
    }

    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The database file.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.path.join("site.db")
    }

    /// Its write-ahead log.
    #[must_use]
    pub fn wal(&self) -> PathBuf {
        self.path.join("site.db-wal")
    }
}

/// Looks at a directory that exists, without locking it.
///
/// # Errors
/// [`Error::DataDir`] with the fix.
pub fn check(path: &Path) -> Result<()> {
    refuse_network(path)?;
    probe(path)
}

/// The pid of the process that has the directory's lock; `None` when none has.
#[must_use]
pub fn holder(path: &Path) -> Option<String> {
    let mut file = File::open(path.join("LOCK")).ok()?;
    if flock(&file, FlockOperation::NonBlockingLockShared).is_ok() {
        return None;
    }
    let mut pid = String::new();
    file.read_to_string(&mut pid).ok()?;
    Some(pid.trim().to_owned())
}

/// Where the running process of this data directory listens for commands.
#[must_use]
pub fn control_socket(path: &Path) -> PathBuf {
    path.join("control.sock")
}

/// Where the set-up link stands while there is no administrator and no terminal to print it on.
#[must_use]
pub fn setup_link(path: &Path) -> PathBuf {
    path.join("setup-url")
}

/// Puts the set-up link into its file, which only its owner can read.
///
/// # Errors
/// When the file cannot be written.
pub fn keep_setup_link(path: &Path, link: &str) -> Result<PathBuf> {
    forget_setup_link(path)?;
    let file = setup_link(path);
    let mut open = OpenOptions::new();
    let mut written = open.write(true).create_new(true).mode(0o600).open(&file)?;
    writeln!(written, "{link}")?;
    Ok(file)
}

/// Takes the file of the set-up link away; nothing happens when there is none.
///
/// # Errors
/// When it is there and cannot be removed.
pub fn forget_setup_link(path: &Path) -> Result<()> {
    match std::fs::remove_file(setup_link(path)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::from(error)),
        _ => Ok(()),
    }
}

/// The name of a network file system by its magic number, which the kernel gives as a signed or unsigned word.
fn network(kind: i64) -> Option<&'static str> {
    let found = NETWORK
        .iter()
        .find(|(magic, _)| *magic == kind & 0xFFFF_FFFF);
    found.map(|(_, name)| *name)
}

fn refuse_network(path: &Path) -> Result<()> {
    let kind = statfs(path)
        .map_err(|error| unusable(path, &error.into()))?
        .f_type;
    match network(kind) {
        None => Ok(()),
        Some(name) => Err(Error::DataDir(format!(
            "{} lies on {name}, where SQLite's locks are not safe. Name a directory on a local disk with --data.",
            path.display()
        ))),
    }
}

/// Makes the directory and those above it. Their names are on disk when this returns: what is synced in a directory that a power
/// cut takes away is gone with it.
fn make(path: &Path) -> std::io::Result<()> {
    let is_missing = |above: &&Path| !above.as_os_str().is_empty() && !above.exists();
    let made: Vec<&Path> = path.ancestors().take_while(is_missing).collect();
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)?;
    for made in made {
        let above = made.parent().filter(|above| !above.as_os_str().is_empty());
        match File::open(above.unwrap_or(Path::new("."))) {
            // Whoever may make a directory there need not be allowed to read it.
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {}
            above => above?.sync_all()?,
        }
    }
    Ok(())
}

fn probe(path: &Path) -> Result<()> {
    let file = path.join(format!(".probe-{}", std::process::id()));
    std::fs::write(&file, b"probe")
        .and_then(|()| std::fs::remove_file(&file))
        .map_err(|error| unusable(path, &error))
}

fn lock(path: &Path) -> Result<File> {
    let name = path.join("LOCK");
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&name)
        .map_err(|error| unusable(path, &error))?;
    if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
        let mut pid = String::new();
        file.read_to_string(&mut pid)?;
        return Err(Error::Locked {
            pid: pid.trim().to_owned(),
            dir: path.display().to_string(),
        });
    }
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())?;
    Ok(file)
}

fn unusable(path: &Path, error: &std::io::Error) -> Error {
    let uid = rustix::process::getuid().as_raw();
    let gid = rustix::process::getgid().as_raw();
    let shown = path.display();
    if error.kind() == std::io::ErrorKind::PermissionDenied {
        let owner =
            std::fs::metadata(path).map_or_else(|_| "?".into(), |meta| meta.uid().to_string());
        return Error::DataDir(not_writable(path, (uid, gid), &owner));
    }
    Error::DataDir(format!(
        "{shown} cannot be used: {error}. Name a directory on a local disk with --data."
    ))
}

/// What to do about a directory that belongs to somebody else.
fn not_writable(path: &Path, (uid, gid): (u32, u32), owner: &str) -> String {
    let shown = path.display();
    format!(
        "{shown} is not writable: this process runs as uid {uid}, the directory belongs to uid {owner}.\n\
         Fix: sudo chown -R {uid}:{gid} {shown}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_file_systems_are_known_by_their_numbers_and_local_ones_pass() {
        for (kind, name) in [
            (0x6969, "NFS"),
            (0xFF53_4D42, "CIFS"),
            (0xFE53_4D42, "SMB2"),
            (0x6573_5546, "FUSE"),
            (0x0102_1997, "9P"),
            // CIFS as a negative word, as 32-bit kernels give it.
            (-11_317_950, "CIFS"),
        ] {
            assert_eq!(network(kind), Some(name), "{kind:#x}");
        }
        let local = [
            ("ext4", 0xEF53),
            ("xfs", 0x5846_5342),
            ("btrfs", 0x9123_683E),
            ("overlay", 0x794c_7630),
        ];
        for (name, kind) in local
            .into_iter()
            .chain([("tmpfs", 0x0102_1994), ("zfs", 0x2FC1_2FC1)])
        {
            assert_eq!(network(kind), None, "{name}");
        }
    }

    #[test]
    fn a_directory_of_somebody_else_is_told_with_the_exact_fix() {
        let text = not_writable(Path::new("/srv/site"), (65532, 65532), "0");
        assert!(text.contains("runs as uid 65532, the directory belongs to uid 0"));
        assert!(text.ends_with("Fix: sudo chown -R 65532:65532 /srv/site"));
    }

    #[test]
    fn the_holder_of_a_lock_is_named_and_a_free_directory_has_none() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(holder(dir.path()), None);
        let held = DataDir::open(dir.path()).unwrap();
        let pid = std::process::id().to_string();
        assert_eq!(holder(dir.path()), Some(pid.clone()));
        let error = DataDir::open(dir.path()).unwrap_err();
        assert!(matches!(error, Error::Locked { pid: found, .. } if found == pid));
        drop(held);
        assert_eq!(holder(dir.path()), None);
    }
}
