//! What a page was before the commit that has just been made, without a copy of the database in memory: its last frame in
//! this generation of the WAL, or else the database file. Of pages that this generation has changed before, which most
//! commits change again (those of an index that everything goes through), some are at hand.
//!
//! # Why the file is what the page was
//! A generation of the WAL begins when all frames of the last one were copied into the file. Of its own frames only those are
//! copied whose commits were captured (see `checkpoint`), so a page that has no frame before this commit is in the file as
//! it was. When capture began in the middle of a generation, what came before it in the WAL is not known, and neither are
//! the pages that have no frame since.
//!
//! Should something else copy frames back in this very moment, the difference is a wrong one; whoever applies it finds that
//! the commit is not what its hash says, and asks for a snapshot.

use std::collections::HashMap;

use rusqlite::Connection;

use crate::store::commit::{Cursor, Delta, Page};
use crate::store::delta;
use crate::store::wal::frame::{FRAME, Header};
use crate::store::wal::handle::{self, Of};

/// Most pages that are at hand: 2 MiB.
const IMAGES: usize = 512;

/// Where the last image of each page is.
#[derive(Default)]
pub(super) struct Before {
    /// The generation that this is about.
    generation: Option<(u32, [u32; 2])>,
    /// The number of each page's last frame.
    frames: HashMap<u32, u32>,
    /// Some of these images.
    images: HashMap<u32, Box<[u8]>>,
    /// All frames of this generation are known.
    is_complete: bool,
}

impl Before {
    /// Nothing is known any more.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// A commit's frames begin after `from`.
    pub(super) fn enter(&mut self, header: &Header, from: &Cursor) {
        let generation = Some((header.sequence, header.salts));
        if self.generation != generation {
            self.generation = generation;
            self.frames.clear();
            // Others may come more often now.
            self.images.clear();
            self.is_complete = from.frame == 0;
        }
    }

    /// How pages of the commit differ from what they were in a database of `size` pages; of some it is not known, or too
    /// much.
    pub(super) fn deltas(
        &self,
        conn: &Connection,
        header: &Header,
        pages: &[Page],
        size: u32,
    ) -> Vec<Delta> {
        let mut room = vec![0; header.page_size as usize];
        let mut deltas = Vec::new();
        // Each node writes some of page 1 by itself.
        for page in pages
            .iter()
            .filter(|page| (2..=size).contains(&page.number))
        {
            let number = page.number;
            let before = match self.images.get(&number) {
                Some(image) => Some(&**image),
                None => self
                    .read(conn, header, number, &mut room)
                    .then_some(&room[..]),
            };
            let bytes = before.and_then(|before| delta::of(before, &page.data));
            deltas.extend(bytes.map(|bytes| Delta { number, bytes }));
        }
        deltas
    }

    /// Fills `page`; whether it could.
    fn read(&self, conn: &Connection, header: &Header, number: u32, page: &mut [u8]) -> bool {
        let (of, at) = match self.frames.get(&number) {
            Some(frame) => (Of::Wal, header.offset(*frame) + FRAME as u64),
            None if self.is_complete => {
                let at = u64::from(number - 1) * u64::from(header.page_size);
                (Of::Database, at)
            }
            None => return false,
        };
        // What cannot be read travels whole.
        handle::read(conn, of, page, at).unwrap_or(false)
    }

    /// Notes the commit: these pages have these frames, and there are `size` pages.
    pub(super) fn pass(&mut self, pages: &[Page], frames: &[u32], size: u32, was: u32) {
        for (page, frame) in pages.iter().zip(frames) {
            self.frames.insert(page.number, *frame);
            if let Some(image) = self.images.get_mut(&page.number) {
                image.copy_from_slice(&page.data);
            } else if self.images.len() < IMAGES {
                self.images.insert(page.number, page.data.clone());
            }
        }
        if size < was {
            self.frames.retain(|number, _| *number <= size);
            self.images.retain(|number, _| *number <= size);
        }
    }
}
