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
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(|error| unusable(path, &error))?;
        refuse_network(path)?;
        probe(path)?;
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
}

/// Where the running process of this data directory listens for commands.
#[must_use]
pub fn control_socket(path: &Path) -> PathBuf {
    path.join("control.sock")
}

fn refuse_network(path: &Path) -> Result<()> {
    let kind = statfs(path)
        .map_err(|error| unusable(path, &error.into()))?
        .f_type;
    match NETWORK.iter().find(|(magic, _)| *magic == kind) {
        None => Ok(()),
        Some((_, name)) => Err(Error::DataDir(format!(
            "{} lies on {name}, where SQLite's locks are not safe. Name a directory on a local disk with --data.",
            path.display()
        ))),
    }
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
        return Error::DataDir(format!(
            "{shown} is not writable: this process runs as uid {uid}, the directory belongs to uid {owner}.\n\
             Fix: sudo chown -R {uid}:{gid} {shown}"
        ));
    }
    Error::DataDir(format!("{shown} cannot be used: {error}."))
}
