//! Opening a log: every record is verified, and what cannot be right is cut off or moved aside. Nothing that may still be
//! of use is deleted: only a last record that was never completed is.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::replica::log::record;
use crate::replica::log::segment::{self, FIRST, Segment};
use crate::store::commit::{Cursor, Point};

/// The name of a base that is about to replace all segments; see [`super::cut`].
pub(super) const RESTART: &str = "restart";

/// What opening a log found and did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The last record was not complete, as after a crash, and was cut off.
    Torn {
        /// The segment.
        file: PathBuf,
        /// How much was cut off.
        bytes: u64,
    },
    /// Something in the middle is damaged or missing; it and all that follows was moved here.
    Aside {
        /// The new files.
        files: Vec<PathBuf>,
    },
}

/// A log as it was found, in order.
pub(super) struct Recovered {
    pub(super) segments: Vec<Segment>,
    /// Where the last commit ended in the WAL.
    pub(super) cursor: Option<Cursor>,
    pub(super) finding: Option<Finding>,
}

/// Why a segment ends before its file does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// Only the last record is not complete.
    Torn,
    /// Anything else.
    Bad,
}

/// Reads the whole log of a directory, and repairs it.
///
/// # Errors
/// When the disk refuses, or the log is another cluster's or a newer program's.
pub(super) fn run(dir: &Path, cluster: &str) -> Result<Recovered> {
    finish_restart(dir)?;
    let names = segment::list(dir)?;
    let mut recovered = Recovered {
        segments: Vec::new(),
        cursor: None,
        finding: None,
    };
    for (index, (first, path)) in names.iter().enumerate() {
        let later = &names[index + 1..];
        let before = recovered.segments.last().map(|segment| segment.end);
        let Some(mut segment) = open(path, *first, cluster, before)? else {
            recovered.finding = Some(without(path, later)?);
            break;
        };
        let (cursor, mut fault) = scan(&mut segment, later.is_empty())?;
        if fault.is_some() && later.is_empty() && is_zero(&segment.file, segment.bytes)? {
            // Room for what was to come.
            segment.trim()?;
            segment.file.sync_all()?;
            fault = None;
        }
        recovered.cursor = cursor.or(recovered.cursor);
        recovered.finding = fault
            .map(|fault| end_here(&segment, fault, later))
            .transpose()?;
        recovered.segments.push(segment);
        if fault.is_some() {
            break;
        }
    }
    if let Some(finding) = &recovered.finding {
        segment::sync_dir(dir)?;
        tell(finding, recovered.segments.last().map(|last| last.end));
    }
    Ok(recovered)
}

/// Completes a restart that was decided: its base takes the place of all segments.
pub(super) fn finish_restart(dir: &Path) -> Result<()> {
    let decided = dir.join(RESTART);
    if !decided.exists() {
        return Ok(());
    }
    let Some((segment, _)) = Segment::open(&decided)? else {
        return Err(Error::DataDir(format!(
            "{} is damaged. Move it away; followers may need a whole copy then.",
            decided.display()
        )));
    };
    for (_, path) in segment::list(dir)? {
        std::fs::remove_file(path)?;
    }
    let first = segment.base.position.txid.saturating_add(1);
    std::fs::rename(&decided, segment::name(dir, first))?;
    Ok(segment::sync_dir(dir)?)
}

/// A segment whose header is right and follows on `before`; `None` when it is not.
fn open(path: &Path, first: u64, cluster: &str, before: Option<Point>) -> Result<Option<Segment>> {
    let Some((segment, header)) = Segment::open(path)? else {
        return Ok(None);
    };
    if header.cluster != cluster {
        return Err(Error::DataDir(format!(
            "{} belongs to another site ({}). Move it away: followers then get a whole copy.",
            path.display(),
            header.cluster
        )));
    }
    let named = segment.base.position.txid.checked_add(1) == Some(first);
    let follows = before.is_none_or(|before| before == segment.base);
    Ok((named && follows).then_some(segment))
}

/// Verifies the records of a segment and counts in those that are right. Where the last one ends in the WAL, and what
/// stands behind it.
fn scan(segment: &mut Segment, last: bool) -> Result<(Option<Cursor>, Option<Fault>)> {
    let length = segment.file.metadata()?.len();
    let page_size = segment.page_size;
    let file = Arc::clone(&segment.file);
    let mut input = std::io::BufReader::with_capacity(256 << 10, &*file);
    input.seek(SeekFrom::Start(FIRST))?;
    let (mut cursor, mut bytes) = (None, Vec::new());
    while segment.bytes < length {
        let left = length - segment.bytes;
        let fault = match next(&mut input, left, &mut bytes)? {
            Next::Record(head)
                if head.follows(segment.end) && [0, head.page_size].contains(&page_size) =>
            {
                cursor = Some(head.cursor);
                segment.grow(&head);
                continue;
            }
            Next::Short if last => Fault::Torn,
            Next::Wrong { length } if last && is_zero(&segment.file, segment.bytes + length)? => {
                Fault::Torn
            }
            _ => Fault::Bad,
        };
        return Ok((cursor, Some(fault)));
    }
    Ok((cursor, None))
}

/// What stands at a place in a segment.
enum Next {
    Record(record::Head),
    /// Less than a record.
    Short,
    /// No record, or one of this length with a wrong checksum.
    Wrong {
        length: u64,
    },
}

fn next(input: &mut impl Read, left: u64, bytes: &mut Vec<u8>) -> Result<Next> {
    bytes.clear();
    if left < record::HEAD as u64 {
        return Ok(Next::Short);
    }
    bytes.resize(record::HEAD, 0);
    input.read_exact(bytes)?;
    let Ok(head) = record::head(bytes) else {
        return Ok(Next::Wrong { length: 0 });
    };
    if head.length > left {
        return Ok(Next::Short);
    }
    let rest = head.length - record::HEAD as u64;
    input.take(rest).read_to_end(bytes)?;
    Ok(match record::verify(bytes) {
        Ok(head) => Next::Record(head),
        Err(_) => Next::Wrong {
            length: head.length,
        },
    })
}

/// Whether a file holds only zeros from here on: room that was made, or what some file systems leave after a power cut.
fn is_zero(file: &File, from: u64) -> Result<bool> {
    let mut bytes = vec![0; 64 << 10];
    let mut offset = from;
    loop {
        let count = file.read_at(&mut bytes, offset)?;
        if bytes[..count].iter().any(|byte| *byte != 0) {
            return Ok(false);
        }
        if count == 0 {
            return Ok(true);
        }
        offset += count as u64;
    }
}

/// Takes a file away that is no segment of this log, and all later ones.
fn without(path: &Path, later: &[(u64, PathBuf)]) -> Result<Finding> {
    let file = File::open(path)?;
    let bytes = file.metadata()?.len();
    // So it is after a crash just when it was made.
    let unfinished = bytes < segment::HEADER || is_zero(&file, 0)?;
    if later.is_empty() && unfinished {
        std::fs::remove_file(path)?;
        let file = path.to_owned();
        return Ok(Finding::Torn { file, bytes });
    }
    let mut files = aside(later)?;
    files.insert(0, move_aside(path)?);
    Ok(Finding::Aside { files })
}

/// Ends a segment with its last right record; what is behind it is cut off or moved aside, together with all later files.
fn end_here(segment: &Segment, fault: Fault, later: &[(u64, PathBuf)]) -> Result<Finding> {
    let bytes = segment.file.metadata()?.len() - segment.bytes;
    let finding = match fault {
        Fault::Torn => Finding::Torn {
            file: segment.path.clone(),
            bytes,
        },
        Fault::Bad => {
            // The later ones first: were the process to die here, the same fault would be found again.
            let mut files = aside(later)?;
            let rest = bad_path(&segment.path);
            let all = (
                Arc::clone(&segment.file),
                segment.bytes,
                segment.bytes + bytes,
            );
            segment::copy(&[all], &rest)?;
            files.insert(0, rest);
            Finding::Aside { files }
        }
    };
    segment.file.set_len(segment.bytes)?;
    segment.file.sync_all()?;
    Ok(finding)
}

/// Moves segments aside, the last one first, so that there is never a gap before one that is left.
fn aside(segments: &[(u64, PathBuf)]) -> Result<Vec<PathBuf>> {
    let moved = segments.iter().rev().map(|(_, path)| move_aside(path));
    let mut files = moved.collect::<Result<Vec<_>>>()?;
    files.reverse();
    Ok(files)
}

fn move_aside(path: &Path) -> Result<PathBuf> {
    let to = bad_path(path);
    std::fs::rename(path, &to)?;
    Ok(to)
}

fn bad_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".bad");
    segment::free_path(Path::new(&name))
}

fn tell(finding: &Finding, end: Option<Point>) {
    let end = end.map(|end| end.position.to_string()).unwrap_or_default();
    match finding {
        Finding::Torn { file, bytes } => tracing::warn!(
            file = %file.display(), bytes, end,
            "the last record of the replication log was not complete and was cut off"
        ),
        Finding::Aside { files } => tracing::error!(
            ?files,
            end,
            "the replication log was damaged; the part from there on was moved aside"
        ),
    }
}
