//! One file of the log: a header that says what its first record follows on, then records. Never decides what is removed.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use xxhash_rust::xxh3::xxh3_64;

use crate::error::{Error, Result};
use crate::replica::log::record::{self, Head};
use crate::store::commit::{Chain, Cursor, Point, Position};

/// Bytes of a header.
pub(super) const HEADER: u64 = 128;

/// Where the first record stands.
pub(super) const FIRST: u64 = HEADER;

/// First bytes of a segment.
const MAGIC: [u8; 8] = *b"sitelog\0";

/// The format that this program writes and reads.
const VERSION: u32 = 1;

/// Longest name of a cluster.
const LONGEST_CLUSTER: usize = 68;

/// How the name of a segment ends.
const ENDING: &str = ".log";

/// What a segment's header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    /// Whose history it is.
    pub(super) cluster: String,
    /// Bytes of a page; 0 when there was no commit yet that tells.
    pub(super) page_size: u32,
    /// What the first record follows on.
    pub(super) base: Point,
}

impl Header {
    /// Whether a cluster of this name can have a log.
    pub(super) fn check_cluster(cluster: &str) -> Result<()> {
        if cluster.len() <= LONGEST_CLUSTER {
            return Ok(());
        }
        Err(Error::Internal("the cluster's name is too long".into()))
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(128);
        out.extend(MAGIC);
        out.extend(VERSION.to_le_bytes());
        out.extend(self.page_size.to_le_bytes());
        out.extend(self.base.position.epoch.to_le_bytes());
        out.extend(self.base.position.txid.to_le_bytes());
        out.extend(self.base.chain.0);
        let length = u32::try_from(self.cluster.len()).expect("checked when the log was opened");
        out.extend(length.to_le_bytes());
        out.extend(self.cluster.as_bytes());
        out.resize(120, 0);
        let sum = xxh3_64(&out);
        out.extend(sum.to_le_bytes());
        out
    }

    /// `None` when it is damaged.
    ///
    /// # Errors
    /// When a newer program wrote it.
    fn decode(bytes: &[u8; 128]) -> Result<Option<Self>> {
        let (body, sum) = bytes.split_at(120);
        if body[..8] != MAGIC || xxh3_64(body).to_le_bytes() != sum {
            return Ok(None);
        }
        let u32_at = |at: usize| u32::from_le_bytes(array(&body[at..]));
        let u64_at = |at: usize| u64::from_le_bytes(array(&body[at..]));
        if u32_at(8) != VERSION {
            return Err(Error::DataDir(format!(
                "The replication log has format {}, this program knows {VERSION}. Use the newer program again, or move the directory \"log\" away: followers then get a whole copy.",
                u32_at(8)
            )));
        }
        let cluster = body[52..].get(..u32_at(48) as usize);
        let cluster = cluster.and_then(|name| std::str::from_utf8(name).ok());
        Ok(cluster.map(|cluster| Self {
            cluster: cluster.to_owned(),
            page_size: u32_at(12),
            base: Point {
                position: Position {
                    epoch: u64_at(16),
                    txid: u64_at(24),
                },
                chain: Chain(array(&body[32..])),
            },
        }))
    }
}

/// The first bytes of a slice that is long enough.
fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes[..N].try_into().expect("a header has all its fields")
}

/// A segment as far as its records are right. A clone reads the same file, also after that was unlinked.
#[derive(Debug, Clone)]
pub(super) struct Segment {
    pub(super) path: PathBuf,
    pub(super) file: Arc<File>,
    /// What its first record follows on.
    pub(super) base: Point,
    /// The state after its last record; the base when it has none.
    pub(super) end: Point,
    /// Bytes up to the end of its last record.
    pub(super) bytes: u64,
    /// Bytes of the file: behind the last record there may be zeros.
    pub(super) room: u64,
    /// Bytes of a page of its records.
    pub(super) page_size: u32,
    /// When its last commit was made.
    pub(super) wall_ms: i64,
    /// Whether something was written to it since it was brought to disk.
    pub(super) dirty: bool,
}

impl Segment {
    /// Makes a file with a header and no record; what had its name is overwritten.
    pub(super) fn create(path: PathBuf, header: &Header) -> io::Result<Self> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&path)?;
        if let Err(error) = file.write_all_at(&header.encode(), 0) {
            // Half a header is cut off at the next start; without the file there is nothing to cut.
            let _ = std::fs::remove_file(&path);
            return Err(error);
        }
        Ok(Self::empty(path, file, header))
    }

    fn empty(path: PathBuf, file: File, header: &Header) -> Self {
        Self {
            path,
            file: Arc::new(file),
            base: header.base,
            end: header.base,
            bytes: HEADER,
            room: HEADER,
            page_size: header.page_size,
            wall_ms: 0,
            dirty: true,
        }
    }

    /// Opens a file and reads its header, but no record; `None` when the header is damaged.
    pub(super) fn open(path: &Path) -> Result<Option<(Self, Header)>> {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        let mut bytes = [0; 128];
        match file.read_exact_at(&mut bytes, 0) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            other => other?,
        }
        let Some(header) = Header::decode(&bytes)? else {
            return Ok(None);
        };
        Ok(Some((Self::empty(path.to_owned(), file, &header), header)))
    }

    /// Counts in a record that stands right behind the others.
    pub(super) fn grow(&mut self, head: &Head) {
        self.end = head.point;
        self.bytes += head.length;
        self.room = self.room.max(self.bytes);
        self.page_size = head.page_size;
        self.wall_ms = head.wall_ms;
    }

    /// Cuts off what stands behind its last record.
    pub(super) fn trim(&mut self) -> io::Result<()> {
        self.file.set_len(self.bytes)?;
        self.room = self.bytes;
        self.dirty = true;
        Ok(())
    }

    /// Whether the commit of this number is in it.
    pub(super) fn holds(&self, txid: u64) -> bool {
        self.base.position.txid < txid && txid <= self.end.position.txid
    }

    /// The head of the record that stands at `offset`.
    pub(super) fn head_at(&self, offset: u64) -> Result<Head> {
        let mut bytes = [0; record::HEAD];
        self.file.read_exact_at(&mut bytes, offset)?;
        record::head(&bytes)
    }

    /// The record at `offset`, its checksums verified.
    pub(super) fn record_at(&self, offset: u64) -> Result<(Head, Vec<u8>)> {
        let head = self.head_at(offset)?;
        if head.length > self.bytes.saturating_sub(offset) {
            return Err(Error::Internal(
                "a record of the log is longer than its file".into(),
            ));
        }
        let length = usize::try_from(head.length)
            .map_err(|_| Error::Internal("a record is longer than memory".into()))?;
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, offset)?;
        Ok((record::verify(&bytes)?, bytes))
    }

    /// The place behind the commit of this number.
    ///
    /// # Errors
    /// As [`Segment::walk`].
    pub(super) fn place_after(&self, txid: u64) -> Result<Place> {
        self.walk(self.start(), |head| head.point.position.txid <= txid)
    }

    /// The place before the first record.
    pub(super) fn start(&self) -> Place {
        Place {
            offset: FIRST,
            point: self.base,
            cursor: None,
        }
    }

    /// Goes past all records from a place on that `pass` lets pass. Only heads are read.
    ///
    /// # Errors
    /// When the file cannot be read, or has been cut meanwhile.
    pub(super) fn walk(&self, from: Place, pass: impl Fn(&Head) -> bool) -> Result<Place> {
        let mut place = from;
        while place.offset < self.bytes {
            let head = self.head_at(place.offset)?;
            if !head.follows(place.point) {
                return Err(Error::Internal(
                    "the log was cut while it was read; ask anew".into(),
                ));
            }
            if !pass(&head) {
                break;
            }
            place.pass(&head);
        }
        Ok(place)
    }
}

/// A place between two records of a segment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// Where the next record stands, or would stand.
    pub(super) offset: u64,
    /// The state there.
    pub(super) point: Point,
    /// Where the record before it ended in the WAL; `None` at the start.
    pub(super) cursor: Option<Cursor>,
}

impl Place {
    /// Goes past the record that stands here.
    pub(super) fn pass(&mut self, head: &Head) {
        self.offset += head.length;
        self.point = head.point;
        self.cursor = Some(head.cursor);
    }
}

/// The name of the segment whose first commit has this number.
pub(super) fn name(dir: &Path, first: u64) -> PathBuf {
    // As many digits as the largest number has, so that names sort as numbers do.
    dir.join(format!("{first:020}{ENDING}"))
}

/// The segments of a directory by their first numbers.
pub(super) fn list(dir: &Path) -> Result<Vec<(u64, PathBuf)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        let first = path
            .file_name()
            .and_then(|name| name.to_str()?.strip_suffix(ENDING)?.parse().ok());
        found.extend(first.map(|first| (first, path)));
    }
    found.sort();
    Ok(found)
}

/// Writes parts of files, each from one offset up to another, into a new file, which is on disk when this returns.
pub(super) fn copy(parts: &[(Arc<File>, u64, u64)], to: &Path) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut out = options.open(to)?;
    for (file, from, end) in parts {
        let mut file = &**file;
        file.seek(SeekFrom::Start(*from))?;
        let length = end - from;
        if io::copy(&mut file.take(length), &mut out)? != length {
            return Err(Error::Io(format!("{} could not be filled", to.display())));
        }
    }
    Ok(out.sync_all()?)
}

/// Brings the names in a directory to disk.
pub(super) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// A path beside others, with a number behind it when it is taken.
pub(super) fn free_path(wanted: &Path) -> PathBuf {
    let numbered = (2..).map(|number: u32| {
        let mut name = wanted.as_os_str().to_owned();
        name.push(format!(".{number}"));
        PathBuf::from(name)
    });
    std::iter::once(wanted.to_owned())
        .chain(numbered)
        .find(|path| !path.exists())
        .expect("one of four billion names is free")
}
