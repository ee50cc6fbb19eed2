//! One commit as bytes, on disk and on the wire. Pure: no I/O, no clock.
//!
//! All numbers are little-endian. A head of [`HEAD`] bytes with a checksum of its own says how long the record is and what
//! it follows on, so that a damaged length is never believed; then come stamps, the numbers of pages that are there whole and
//! of those of which only the difference to what they were is, the whole ones in compressed blocks, the differences, zeros
//! (see [`RATIO`]) and a checksum of everything. Whatever the bytes, decoding never panics, and it allocates at most
//! [`RATIO`] times what it was given, and one page for each difference.

use xxhash_rust::xxh3::xxh3_64;

use crate::cache::Stamp;
use crate::error::{Error, Result};
use crate::replica::pack::{pack, unpack};
use crate::store::commit::{Chain, Changed, Commit, Cursor, Delta, Page, Point, Position};
use crate::store::delta;

/// Bytes of a head.
pub const HEAD: usize = 120;

/// Bytes of the checksum at the end.
const SUM: usize = 8;

/// Shortest record: a head, no stamps, no pages.
const SHORTEST: u64 = (HEAD + SUM) as u64;

/// Most bytes of pages for one byte of record. A database full of zeros compresses better, so such a record is padded:
/// then a short record that claims to be gigabytes is refused before anything is allocated.
const RATIO: u64 = 64;

/// First bytes of a record; the last one is its version.
const MAGIC: [u8; 4] = *b"rec\x02";

/// As the number of stamps: not known, everything changed.
const EVERYTHING: u32 = u32::MAX;

/// Bytes of pages that are compressed together: neighbours share much, and a commit of gigabytes needs no second copy.
const BLOCK: usize = 256 << 10;

/// Set in a block's length when it is stored as it is, since it did not shrink.
const RAW: u32 = 1 << 31;

/// The level of zstd. Every commit waits for this, on the writer's thread: 15 pages of 4 KiB took 231 µs at level 1 (1.9
/// times smaller), 107 µs at this one (1.4 times), 77 µs at -10 (1.3 times).
const LEVEL: i32 = -5;

/// What a record's head says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Bytes of the whole record.
    pub length: u64,
    /// The state after the commit.
    pub point: Point,
    /// The hash before it.
    pub before: Chain,
    /// When it was made, in UTC milliseconds.
    pub wall_ms: i64,
    /// Bytes of a page.
    pub page_size: u32,
    /// Where its frames end in the WAL of the node that made it.
    pub cursor: Cursor,
    pub(super) pages: u32,
    /// Those that are there as differences.
    deltas: u32,
    size: u32,
    stamps: u32,
}

impl Head {
    /// Whether the commit is the next one after `point`.
    #[must_use]
    pub fn follows(&self, point: Point) -> bool {
        follows(self.before, self.point, point)
    }
}

/// Whether a commit that leads from `before` to `after` is the next one of the history that stands at `point`.
#[must_use]
pub fn follows(before: Chain, after: Point, point: Point) -> bool {
    before == point.chain
        && point.position.txid.checked_add(1) == Some(after.position.txid)
        && after.position.epoch >= point.position.epoch
}

/// Whether a commit can be recorded at all.
///
/// # Errors
/// [`Error::Internal`] with what is wrong with it.
pub fn check(commit: &Commit) -> Result<()> {
    if !is_page_size(commit.page_size) {
        return Err(bad("page size"));
    }
    let ascending = numbers_are_right(commit.pages.iter().map(|page| page.number), commit.size);
    let full = |page: &Page| page.data.len() == commit.page_size as usize;
    if !ascending || !commit.pages.iter().all(full) {
        return Err(bad("pages"));
    }
    let mut pages = commit.pages.iter();
    let is_there = |delta: &Delta| pages.any(|page| page.number == delta.number);
    if !commit.deltas.iter().all(is_there) {
        return Err(bad("differences"));
    }
    Ok(())
}

/// The record of a commit, for which [`check`] found nothing wrong.
#[must_use]
pub fn encode(commit: &Commit) -> Vec<u8> {
    let mut out = vec![0; HEAD];
    if let Changed::Named(stamps) = &commit.changed {
        for stamp in stamps {
            out.extend(stamp.number().to_le_bytes());
        }
    }
    let whole = whole(commit);
    for page in &whole {
        out.extend(page.number.to_le_bytes());
    }
    for delta in &commit.deltas {
        out.extend(delta.number.to_le_bytes());
    }
    let mut block = Vec::new();
    for pages in whole.chunks(in_block(commit.page_size)) {
        block.clear();
        for page in pages {
            block.extend_from_slice(&page.data);
        }
        put_block(&mut out, &block);
    }
    let mut raw = whole.len() * commit.page_size as usize;
    if !commit.deltas.is_empty() {
        raw += put_deltas(&mut out, &commit.deltas);
    }
    let least = raw.div_ceil(usize::try_from(RATIO).expect("a small number"));
    out.resize(out.len().max(least), 0);
    let length = (out.len() + SUM) as u64;
    out[..HEAD].copy_from_slice(&head_bytes(commit, length));
    let sum = xxh3_64(&out);
    out.extend(sum.to_le_bytes());
    out
}

/// The commit of a record, which has to be all of `bytes`. `before` tells what a page was before it, `None` when there is no
/// such page.
///
/// # Errors
/// [`Error::Internal`] when anything at all is wrong with it; [`Error::Refused`] when a page is not there that it changed,
/// and those of `before`.
pub fn decode(bytes: &[u8], before: &mut Before) -> Result<Commit> {
    let head = verify(bytes)?;
    check_limits(&head)?;
    let mut rest = Rest(&bytes[HEAD..bytes.len() - SUM]);
    let changed = rest.changed(head.stamps)?;
    let [whole, changed_ones] = rest.both_numbers(&head)?;
    let mut pages = rest.pages(&whole, head.page_size as usize)?;
    if head.deltas > 0 {
        let deltas = rest.deltas(&changed_ones, head.length)?;
        pages.extend(apply(&deltas, head.page_size as usize, before)?);
        pages.sort_unstable_by_key(|page| page.number);
    }
    check_padding(&rest)?;
    Ok(Commit {
        point: head.point,
        before: head.before,
        wall_ms: head.wall_ms,
        page_size: head.page_size,
        size: head.size,
        pages,
        deltas: Vec::new(),
        changed,
        cursor: head.cursor,
    })
}

/// Checks all of a record that can be checked without unpacking it: what was received is kept and acknowledged before it
/// is unpacked. `bytes` have to be all of it.
///
/// # Errors
/// [`Error::Internal`] with what is wrong with it.
pub fn receive(bytes: &[u8]) -> Result<Head> {
    let head = verify(bytes)?;
    check_limits(&head)?;
    let mut rest = Rest(&bytes[HEAD..bytes.len() - SUM]);
    if head.stamps != EVERYTHING {
        rest.bytes((head.stamps as usize).saturating_mul(8))?;
    }
    let [whole, _] = rest.both_numbers(&head)?;
    for numbers in whole.chunks(in_block(head.page_size)) {
        rest.stored(numbers.len() * head.page_size as usize)?;
    }
    if head.deltas > 0 {
        let raw = rest.deltas_length(head.length)?;
        rest.stored(raw)?;
    }
    check_padding(&rest)?;
    Ok(head)
}

/// The head of the record that `bytes` begin with.
///
/// # Errors
/// [`Error::Internal`] when they are too few or damaged.
pub fn head(bytes: &[u8]) -> Result<Head> {
    let mut rest = Rest(bytes.get(..HEAD).ok_or_else(|| bad("too short"))?);
    let sum = xxh3_64(&bytes[..HEAD - SUM]).to_le_bytes();
    if sum != bytes[HEAD - SUM..HEAD] || rest.array()? != MAGIC {
        return Err(bad("head"));
    }
    let page_size = rest.u32()?;
    let length = rest.u64()?;
    let position = Position {
        epoch: rest.u64()?,
        txid: rest.u64()?,
    };
    let before = Chain(rest.array()?);
    let chain = Chain(rest.array()?);
    let wall_ms = i64::from_le_bytes(rest.array()?);
    let [size, pages, deltas, stamps] = [rest.u32()?, rest.u32()?, rest.u32()?, rest.u32()?];
    if length < SHORTEST || deltas > pages {
        return Err(bad("length"));
    }
    Ok(Head {
        length,
        point: Point { position, chain },
        before,
        wall_ms,
        page_size,
        cursor: rest.cursor()?,
        size,
        pages,
        deltas,
        stamps,
    })
}

/// Checks both checksums of a record, which has to be all of `bytes`, without unpacking it.
///
/// # Errors
/// [`Error::Internal`] when a bit has changed or some are missing.
pub fn verify(bytes: &[u8]) -> Result<Head> {
    let head = head(bytes)?;
    if head.length != bytes.len() as u64 {
        return Err(bad("length"));
    }
    let (body, sum) = bytes.split_at(bytes.len() - SUM);
    if xxh3_64(body).to_le_bytes() != sum {
        return Err(bad("checksum"));
    }
    Ok(head)
}

/// The first of several records that stand one after another, and what follows it.
///
/// # Errors
/// [`Error::Internal`] when it is damaged or not all there.
pub fn split(bytes: &[u8]) -> Result<(&[u8], &[u8])> {
    let length = usize::try_from(head(bytes)?.length).map_err(|_| bad("length"))?;
    bytes
        .split_at_checked(length)
        .ok_or_else(|| bad("too short"))
}

/// Whether its pages are such as there may be, and not more than its bytes may hold.
fn check_limits(head: &Head) -> Result<()> {
    let raw = u64::from(head.pages - head.deltas) * u64::from(head.page_size);
    if is_page_size(head.page_size) && raw <= RATIO.saturating_mul(head.length) {
        return Ok(());
    }
    Err(bad("page size"))
}

fn check_numbers(whole: &[u32], changed: &[u32], head: &Head) -> Result<()> {
    let in_order = |numbers: &[u32]| numbers_are_right(numbers.iter().copied(), head.size);
    let is_new = |number: &u32| whole.binary_search(number).is_err();
    if in_order(whole) && in_order(changed) && changed.iter().all(is_new) {
        return Ok(());
    }
    Err(bad("page numbers"))
}

fn check_padding(rest: &Rest) -> Result<()> {
    if rest.0.iter().all(|byte| *byte == 0) {
        return Ok(());
    }
    Err(bad("padding"))
}

/// What is wrong with a record.
fn bad(what: &str) -> Error {
    Error::Internal(format!("a record of a commit is damaged: {what}"))
}

const fn is_page_size(bytes: u32) -> bool {
    bytes.is_power_of_two() && bytes >= 512 && bytes <= 65536
}

/// Each once, in order, none beyond the end.
fn numbers_are_right(numbers: impl Iterator<Item = u32>, size: u32) -> bool {
    let mut last = 0;
    for number in numbers {
        if number <= last || number > size {
            return false;
        }
        last = number;
    }
    true
}

/// Pages of a full block.
fn in_block(page_size: u32) -> usize {
    (BLOCK / page_size.max(1) as usize).max(1)
}

/// How many stamps, pages and the like there are, as it is written.
fn count(length: usize) -> u32 {
    u32::try_from(length).expect("a database has fewer than 2^32 pages and a commit fewer stamps")
}

fn head_bytes(commit: &Commit, length: u64) -> [u8; HEAD] {
    let stamps = match &commit.changed {
        Changed::Named(stamps) => count(stamps.len()),
        Changed::Everything => EVERYTHING,
    };
    let cursor = commit.cursor;
    let mut out = Vec::with_capacity(HEAD);
    out.extend(MAGIC);
    out.extend(commit.page_size.to_le_bytes());
    out.extend(length.to_le_bytes());
    out.extend(commit.point.position.epoch.to_le_bytes());
    out.extend(commit.point.position.txid.to_le_bytes());
    out.extend(commit.before.0);
    out.extend(commit.point.chain.0);
    out.extend(commit.wall_ms.to_le_bytes());
    let [pages, deltas] = [commit.pages.len(), commit.deltas.len()].map(count);
    for number in [commit.size, pages, deltas, stamps] {
        out.extend(number.to_le_bytes());
    }
    for number in [
        cursor.sequence,
        cursor.salts[0],
        cursor.salts[1],
        cursor.frame,
        cursor.sum[0],
        cursor.sum[1],
    ] {
        out.extend(number.to_le_bytes());
    }
    let sum = xxh3_64(&out);
    out.extend(sum.to_le_bytes());
    out.try_into().expect("the fields above are as long")
}

fn put_block(out: &mut Vec<u8>, block: &[u8]) {
    let start = out.len();
    out.extend([0; 4]);
    // A buffer that is too small for the result is how zstd says that the block did not shrink.
    out.resize(start + 4 + block.len(), 0);
    let packed = pack(LEVEL, block, &mut out[start + 4..]).filter(|length| *length < block.len());
    if packed.is_none() {
        out[start + 4..].copy_from_slice(block);
    }
    let length = packed.unwrap_or(block.len());
    out.truncate(start + 4 + length);
    let flag = if packed.is_none() { RAW } else { 0 };
    out[start..start + 4].copy_from_slice(&(count(length) | flag).to_le_bytes());
}

/// The pages of which no difference is there.
fn whole(commit: &Commit) -> Vec<&Page> {
    let mut deltas = commit.deltas.iter().peekable();
    let is_whole = |page: &&Page| {
        deltas
            .next_if(|delta| delta.number == page.number)
            .is_none()
    };
    commit.pages.iter().filter(is_whole).collect()
}

/// Writes how long each difference is, and all of them; how many bytes that are unpacked.
fn put_deltas(out: &mut Vec<u8>, deltas: &[Delta]) -> usize {
    let mut block = Vec::new();
    for delta in deltas {
        block.extend(count(delta.bytes.len()).to_le_bytes());
    }
    for delta in deltas {
        block.extend_from_slice(&delta.bytes);
    }
    out.extend(count(block.len()).to_le_bytes());
    put_block(out, &block);
    block.len()
}

/// What a page was before a commit; `None` when there is no such page.
pub type Before<'a> = dyn FnMut(u32) -> Result<Option<Box<[u8]>>> + 'a;

/// The pages that these differences lead to.
fn apply(deltas: &[Delta], page_size: usize, before: &mut Before) -> Result<Vec<Page>> {
    let page = |delta: &Delta| {
        let number = delta.number;
        let found = before(number)?.filter(|page| page.len() == page_size);
        let missing = || {
            Error::Refused(format!(
                "page {number}, which a commit changed, is not here"
            ))
        };
        let mut data = found.ok_or_else(missing)?;
        delta::apply(&mut data, &delta.bytes)?;
        Ok(Page { number, data })
    };
    deltas.iter().map(page).collect()
}

/// What has not been read yet.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn bytes(&mut self, length: usize) -> Result<&'a [u8]> {
        let (found, rest) = self
            .0
            .split_at_checked(length)
            .ok_or_else(|| bad("too short"))?;
        self.0 = rest;
        Ok(found)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let found = self.bytes(N)?;
        Ok(found.try_into().expect("as many as were asked for"))
    }

    fn u32(&mut self) -> Result<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn cursor(&mut self) -> Result<Cursor> {
        Ok(Cursor {
            sequence: self.u32()?,
            salts: [self.u32()?, self.u32()?],
            frame: self.u32()?,
            sum: [self.u32()?, self.u32()?],
        })
    }

    fn changed(&mut self, stamps: u32) -> Result<Changed> {
        if stamps == EVERYTHING {
            return Ok(Changed::Everything);
        }
        let bytes = self.bytes((stamps as usize).saturating_mul(8))?;
        let (numbers, _) = bytes.as_chunks();
        let stamp = |number: &[u8; 8]| Stamp::from_number(u64::from_le_bytes(*number));
        Ok(Changed::Named(numbers.iter().map(stamp).collect()))
    }

    fn numbers(&mut self, pages: u32) -> Result<Vec<u32>> {
        let bytes = self.bytes((pages as usize).saturating_mul(4))?;
        let (numbers, _) = bytes.as_chunks();
        Ok(numbers
            .iter()
            .map(|number| u32::from_le_bytes(*number))
            .collect())
    }

    /// Of whole pages, and of those that are there as differences.
    fn both_numbers(&mut self, head: &Head) -> Result<[Vec<u32>; 2]> {
        let whole = self.numbers(head.pages - head.deltas)?;
        let changed = self.numbers(head.deltas)?;
        check_numbers(&whole, &changed, head)?;
        Ok([whole, changed])
    }

    /// How long the differences are, in a record of so many bytes.
    fn deltas_length(&mut self, record: u64) -> Result<usize> {
        let length = self.u32()?;
        if u64::from(length) > RATIO.saturating_mul(record) {
            return Err(bad("differences"));
        }
        Ok(length as usize)
    }

    fn deltas(&mut self, numbers: &[u32], record: u64) -> Result<Vec<Delta>> {
        let mut block = vec![0; self.deltas_length(record)?];
        self.block(&mut block)?;
        let mut rest = Rest(&block);
        let lengths = rest.numbers(count(numbers.len()))?;
        let deltas = numbers.iter().zip(lengths).map(|(number, length)| {
            Ok(Delta {
                number: *number,
                bytes: rest.bytes(length as usize)?.into(),
            })
        });
        let deltas = deltas.collect::<Result<Vec<_>>>()?;
        if !rest.0.is_empty() {
            return Err(bad("differences"));
        }
        Ok(deltas)
    }

    fn pages(&mut self, numbers: &[u32], page_size: usize) -> Result<Vec<Page>> {
        let mut pages = Vec::with_capacity(numbers.len());
        let mut buffer = Vec::new();
        for numbers in numbers.chunks(in_block(count(page_size))) {
            buffer.resize(numbers.len() * page_size, 0);
            self.block(&mut buffer)?;
            let data = buffer.chunks_exact(page_size);
            pages.extend(numbers.iter().zip(data).map(|(number, data)| Page {
                number: *number,
                data: data.into(),
            }));
        }
        Ok(pages)
    }

    /// Unpacks the next block, which has to fill `into`.
    fn block(&mut self, into: &mut [u8]) -> Result<()> {
        match self.stored(into.len())? {
            Stored::Packed(bytes) => (unpack(bytes, into) == Some(into.len()))
                .then_some(())
                .ok_or_else(|| bad("block")),
            Stored::Raw(bytes) => {
                into.copy_from_slice(bytes);
                Ok(())
            }
        }
    }

    /// The next block as it is stored, of so many bytes of pages.
    fn stored(&mut self, raw: usize) -> Result<Stored<'a>> {
        let length = self.u32()?;
        let bytes = self.bytes((length & !RAW) as usize)?;
        if length & RAW == 0 {
            return Ok(Stored::Packed(bytes));
        }
        if bytes.len() != raw {
            return Err(bad("block"));
        }
        Ok(Stored::Raw(bytes))
    }
}

/// A block in a record.
enum Stored<'a> {
    Packed(&'a [u8]),
    Raw(&'a [u8]),
}
