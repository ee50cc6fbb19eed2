//! Walks through the frames of a connection's WAL and gathers the pages of one commit after another.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;

use crate::store::commit::{Cursor, Page};
use crate::store::wal::frame::{FRAME, Frame, HEADER, Header, stored};
use crate::store::wal::handle::{self, Of};

/// Frames that are read at once.
const CHUNK: u32 = 32;

/// The header of the WAL as it is now; `None` when it is empty or not a WAL.
pub(super) fn header(conn: &Connection) -> rusqlite::Result<Option<Header>> {
    let mut bytes = [0; HEADER];
    handle::read(conn, Of::Wal, &mut bytes, 0)?;
    Ok(Header::parse(&bytes))
}

/// Whether the frame before the cursor is the one that it was taken from.
pub(super) fn is_there(
    conn: &Connection,
    header: &Header,
    cursor: &Cursor,
) -> rusqlite::Result<bool> {
    if !header.holds(cursor) {
        return Ok(false);
    }
    let Some(last) = cursor.frame.checked_sub(1) else {
        return Ok(cursor.sum == header.sum);
    };
    let mut head = [0; FRAME];
    handle::read(conn, Of::Wal, &mut head, header.offset(last))?;
    Ok(stored(&head) == cursor.sum)
}

/// Pages of the database that the commit which ends with this frame (from 1) announced.
pub(in crate::store) fn size_at(conn: &Connection, frame: u32) -> rusqlite::Result<Option<u32>> {
    let (Some(header), Some(last)) = (header(conn)?, frame.checked_sub(1)) else {
        return Ok(None);
    };
    let mut head = [0; FRAME];
    handle::read(conn, Of::Wal, &mut head, header.offset(last))?;
    let size = head[4..]
        .first_chunk()
        .map(|size| u32::from_be_bytes(*size));
    Ok(size.filter(|size| *size > 0))
}

/// The pages that frames after the first `from` are of, up to frame `to`.
pub(in crate::store) fn numbers(
    conn: &Connection,
    from: u32,
    to: u32,
) -> rusqlite::Result<BTreeSet<u32>> {
    let Some(header) = header(conn)?.filter(|_| from < to) else {
        return Ok(BTreeSet::new());
    };
    let mut head = [0; 4];
    let number = |frame| {
        handle::read(conn, Of::Wal, &mut head, header.offset(frame))?;
        Ok(u32::from_be_bytes(head))
    };
    (from..to).map(number).collect()
}

/// What one commit left in the WAL.
pub(super) struct Gathered {
    /// Pages of the database after it.
    pub(super) size: u32,
    /// By number, the last frame of each, none beyond `size`.
    pub(super) pages: Vec<Page>,
    /// The numbers of those frames.
    pub(super) frames: Vec<u32>,
    /// After its last frame.
    pub(super) cursor: Cursor,
}

/// A walk from a cursor onwards.
pub(super) struct Frames<'a> {
    conn: &'a Connection,
    header: Header,
    /// After the last frame that was taken.
    cursor: Cursor,
    /// Frames that may be read; what lies beyond may be anything.
    end: u32,
    buffer: Vec<u8>,
    /// Frames before the buffer's first.
    first: u32,
}

impl<'a> Frames<'a> {
    /// From `cursor` to frame `end` (`u32::MAX`: as far as frames are sound).
    pub(super) fn new(conn: &'a Connection, header: Header, cursor: Cursor, end: u32) -> Self {
        Self {
            conn,
            header,
            cursor,
            end,
            buffer: Vec::new(),
            first: 0,
        }
    }

    /// The next commit; `None` when no sound one follows.
    pub(super) fn commit(&mut self) -> rusqlite::Result<Option<Gathered>> {
        let mut pages: BTreeMap<u32, (u32, Box<[u8]>)> = BTreeMap::new();
        let mut gathered = None;
        loop {
            let at = self.cursor.frame;
            let Some(frame) = self.next()? else {
                break;
            };
            // What was written last is what stands; a repeated page is usual when a cache spills.
            let (number, size, sum) = (frame.number, frame.size, frame.sum);
            pages.insert(number, (at, frame.page.into()));
            self.pass(sum);
            if size > 0 {
                self.skip_padding(number, size, &pages[&number].1)?;
                gathered = Some(size);
                break;
            }
        }
        Ok(gathered.map(|size| {
            // Spilled before the database became smaller within the same transaction.
            let kept = pages.into_iter().filter(|(number, _)| *number <= size);
            let (frames, pages) = kept
                .map(|(number, (frame, data))| (frame, Page { number, data }))
                .unzip();
            Gathered {
                size,
                pages,
                frames,
                cursor: self.cursor,
            }
        }))
    }

    /// Where the last sound commit ends.
    pub(super) fn last(mut self) -> rusqlite::Result<Cursor> {
        let mut last = self.cursor;
        while let Some(frame) = self.next()? {
            let (size, sum) = (frame.size, frame.sum);
            self.pass(sum);
            if size > 0 {
                last = self.cursor;
            }
        }
        Ok(last)
    }

    /// On disks that may tear a sector SQLite repeats the last frame to the sector's end. Another commit can not look like
    /// that: each one changes the row of the position.
    fn skip_padding(&mut self, number: u32, size: u32, page: &[u8]) -> rusqlite::Result<()> {
        while let Some(frame) = self.next()? {
            if (frame.number, frame.size) != (number, size) || frame.page != page {
                break;
            }
            let sum = frame.sum;
            self.pass(sum);
        }
        Ok(())
    }

    fn pass(&mut self, sum: [u32; 2]) {
        self.cursor.frame += 1;
        self.cursor.sum = sum;
    }

    /// The frame after the cursor.
    fn next(&mut self) -> rusqlite::Result<Option<Frame<'_>>> {
        let at = self.cursor.frame;
        if at >= self.end {
            return Ok(None);
        }
        let stride = self.header.stride();
        let is_read =
            at >= self.first && ((at - self.first) as usize + 1) * stride <= self.buffer.len();
        if !is_read {
            let count = CHUNK.min(self.end - at) as usize;
            self.buffer.resize(count * stride, 0);
            self.first = at;
            let at = self.header.offset(at);
            handle::read(self.conn, Of::Wal, &mut self.buffer, at)?;
        }
        let from = (at - self.first) as usize * stride;
        Ok(Frame::parse(
            &self.header,
            self.cursor.sum,
            &self.buffer[from..],
        ))
    }
}
