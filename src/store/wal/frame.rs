//! The WAL's format (<https://sqlite.org/fileformat2.html#walformat>): its header, its frames, their running checksum.
//!
//! Pure: bytes in, values out; anything that is not exactly as SQLite writes it is `None`.

use crate::store::commit::Cursor;

/// Bytes of the file's header.
pub(super) const HEADER: usize = 32;
/// Bytes before each page.
pub(super) const FRAME: usize = 24;

/// The magic number when checksums read words in little-endian order; one more: big-endian.
const MAGIC: u32 = 0x377f_0682;
const VERSION: u32 = 3_007_000;

/// How a checksum reads its words: the byte order of the machine that made the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

/// The header of one generation of the WAL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) order: Order,
    pub(super) page_size: u32,
    pub(super) sequence: u32,
    pub(super) salts: [u32; 2],
    pub(super) sum: [u32; 2],
}

impl Header {
    pub(super) fn parse(bytes: &[u8; HEADER]) -> Option<Self> {
        let order = match word(bytes, 0) {
            MAGIC => Order::Little,
            magic if magic == MAGIC + 1 => Order::Big,
            _ => return None,
        };
        let header = Self {
            order,
            page_size: word(bytes, 8),
            sequence: word(bytes, 12),
            salts: [word(bytes, 16), word(bytes, 20)],
            sum: [word(bytes, 24), word(bytes, 28)],
        };
        let is_sound = word(bytes, 4) == VERSION
            && header.page_size.is_power_of_two()
            && (512..=65536).contains(&header.page_size)
            && sum(order, [0, 0], &bytes[..24]) == header.sum;
        is_sound.then_some(header)
    }

    /// Before the first frame.
    pub(super) fn start(&self) -> Cursor {
        Cursor {
            sequence: self.sequence,
            salts: self.salts,
            frame: 0,
            sum: self.sum,
        }
    }

    /// Whether the cursor stands in this generation.
    pub(super) fn holds(&self, cursor: &Cursor) -> bool {
        (self.sequence, self.salts) == (cursor.sequence, cursor.salts)
    }

    /// Whether this is the generation after the cursor's: SQLite counts both numbers up by one.
    pub(super) fn follows(&self, cursor: &Cursor) -> bool {
        self.sequence == cursor.sequence.wrapping_add(1)
            && self.salts[0] == cursor.salts[0].wrapping_add(1)
    }

    /// Bytes of a frame with its page.
    pub(super) fn stride(&self) -> usize {
        FRAME + self.page_size as usize
    }

    /// Where the frame after so many others begins.
    pub(super) fn offset(&self, frame: u32) -> u64 {
        HEADER as u64 + u64::from(frame) * self.stride() as u64
    }
}

/// One frame.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame<'a> {
    /// The page's number.
    pub(super) number: u32,
    /// Pages of the database after the commit that this frame ends; 0 when it ends none.
    pub(super) size: u32,
    pub(super) page: &'a [u8],
    /// The running checksum after it.
    pub(super) sum: [u32; 2],
}

impl<'a> Frame<'a> {
    /// The frame in `bytes`, which follows one with the checksum `before`. `None`: torn, of an older generation, or empty.
    pub(super) fn parse(header: &Header, before: [u32; 2], bytes: &'a [u8]) -> Option<Self> {
        let (head, page) = bytes.get(..header.stride())?.split_at(FRAME);
        let number = word(head, 0);
        if number == 0 || [word(head, 8), word(head, 12)] != header.salts {
            return None;
        }
        let found = sum(header.order, sum(header.order, before, &head[..8]), page);
        (found == stored(head)).then_some(Self {
            number,
            size: word(head, 4),
            page,
            sum: found,
        })
    }
}

/// The running checksum that a frame's header holds.
pub(super) fn stored(head: &[u8]) -> [u32; 2] {
    [word(head, 16), word(head, 20)]
}

/// SQLite's checksum over whole pairs of words.
pub(super) fn sum(order: Order, before: [u32; 2], bytes: &[u8]) -> [u32; 2] {
    match order {
        Order::Little => sum_of(u32::from_le_bytes, before, bytes),
        Order::Big => sum_of(u32::from_be_bytes, before, bytes),
    }
}

/// Of a type for each order: a function that is chosen at run time is called for each word.
fn sum_of(read: impl Fn([u8; 4]) -> u32, before: [u32; 2], bytes: &[u8]) -> [u32; 2] {
    let [mut one, mut two] = before;
    let (pairs, _) = bytes.as_chunks::<8>();
    for [a, b, c, d, e, f, g, h] in pairs {
        one = one.wrapping_add(read([*a, *b, *c, *d])).wrapping_add(two);
        two = two.wrapping_add(read([*e, *f, *g, *h])).wrapping_add(one);
    }
    [one, two]
}

fn word(bytes: &[u8], at: usize) -> u32 {
    bytes[at..]
        .first_chunk()
        .map_or(0, |word| u32::from_be_bytes(*word))
}

#[cfg(test)]
mod tests;
