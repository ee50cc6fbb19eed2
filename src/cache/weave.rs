//! Pages with holes as compressed bytes: the fixed parts are compressed once, a person's own bits are laid between them.
//!
//! A [`Weave`] is one raw deflate stream (RFC 1951) cut at its holes. Each part before a hole ends with an empty stored
//! block, as a sync flush writes it; its last four bytes, the block's length, are cut off, so that [`Weave::fill`] can write
//! the length of a value and the value itself in their place. Nothing is compressed when a page is joined.
//!
//! What follows a hole may refer back to what stands before it only when distances stay the same: across holes of a fixed
//! width. In their place the compressor sees bytes that no UTF-8 text holds, so that it never refers into a hole. Before a
//! hole of any width the compressor forgets (full flush).

use actix_web::web::Bytes;
use flate2::{Compress, Compression, Crc, FlushCompress};

use crate::cache::footprint;

/// A piece of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// Bytes that are the same for everybody; UTF-8.
    Fixed(&'a str),
    /// A hole; its width in bytes, when every value of it is as wide.
    Hole(Option<usize>),
}

/// From this length on, in bytes, what is sent counts for more than the time that compressing takes.
const LONG: usize = 256 << 10;
/// Magic, deflate, no flags, no time, no hint, unknown system (RFC 1952).
const GZIP_HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
/// Header of a stored block that is not the last, at a byte's boundary.
const STORED: u8 = 0;
/// Longest stored block.
const MOST_STORED: usize = 0xffff;

/// A page's fixed parts, compressed, with holes between them.
#[derive(Debug)]
pub struct Weave {
    bytes: Bytes,
    /// Where each part ends in `bytes`; a hole lies behind each but the last.
    ends: Vec<usize>,
    /// Checksum of each part, uncompressed.
    sums: Vec<Sum>,
}

/// CRC-32 and length of some bytes.
#[derive(Debug)]
struct Sum(Crc);

impl Sum {
    fn of(bytes: &[u8]) -> Self {
        let mut crc = Crc::new();
        crc.update(bytes);
        Self(crc)
    }
}

/// A person's values for the holes of one weave, with the checksum of the page that they make.
#[derive(Debug, Clone)]
pub struct Values {
    bytes: Bytes,
    ends: Box<[u32]>,
    crc: u32,
    length: u32,
}

impl Values {
    /// Bytes that they take.
    #[must_use]
    pub fn weight(&self) -> usize {
        size_of::<Self>() + footprint(self.bytes.len()) + footprint(size_of_val(&*self.ends))
    }

    /// Each value: what makes this page differ from others.
    pub fn each(&self) -> impl Iterator<Item = &[u8]> {
        let mut from = 0;
        self.ends.iter().map(move |end| {
            let value = &self.bytes[from..*end as usize];
            from = *end as usize;
            value
        })
    }
}

/// How hard to compress a page: a short one is often made for one reader, and with the quickest way it takes a third less CPU in
/// all, for a seventh more bytes.
fn level(parts: &[Part]) -> Compression {
    let length = |part: &Part| match part {
        Part::Fixed(text) => text.len(),
        Part::Hole(_) => 0,
    };
    let total: usize = parts.iter().map(length).sum();
    Compression::new(if total < LONG { 1 } else { 6 })
}

impl Weave {
    /// Compresses the fixed parts.
    #[must_use]
    pub fn new(parts: &[Part]) -> Self {
        let mut loom = Loom {
            deflate: Compress::new(level(parts), false),
            bytes: Vec::new(),
            ends: Vec::new(),
            sums: Vec::new(),
        };
        let mut text = String::new();
        for part in parts {
            match part {
                Part::Fixed(fixed) => text.push_str(fixed),
                Part::Hole(width) => {
                    loom.part(&text, *width);
                    text.clear();
                }
            }
        }
        loom.last(&text);
        Self {
            // Room was made for the uncompressed text.
            bytes: loom.bytes.into_boxed_slice().into(),
            ends: loom.ends,
            sums: loom.sums,
        }
    }

    /// Number of holes.
    #[must_use]
    pub fn holes(&self) -> usize {
        self.ends.len() - 1
    }

    /// Bytes that it takes.
    #[must_use]
    pub fn weight(&self) -> usize {
        footprint(self.bytes.len()) + self.ends.len() * (size_of::<usize>() + size_of::<Sum>())
    }

    /// A person's values, one a hole.
    ///
    /// # Panics
    /// When there are more or fewer than holes.
    #[must_use]
    pub fn values(&self, values: &[String]) -> Values {
        assert_eq!(values.len(), self.holes(), "one value a hole");
        let (mut bytes, mut ends) = (Vec::new(), Vec::with_capacity(values.len()));
        let mut page = Crc::new();
        for (sum, value) in self.sums.iter().zip(values) {
            page.combine(&sum.0);
            page.combine(&Sum::of(value.as_bytes()).0);
            bytes.extend_from_slice(value.as_bytes());
            ends.push(u32::try_from(bytes.len()).expect("a page's values are far below 4 GiB"));
        }
        if let Some(last) = self.sums.last() {
            page.combine(&last.0);
        }
        Values {
            bytes: bytes.into_boxed_slice().into(),
            ends: ends.into(),
            crc: page.sum(),
            length: page.amount(),
        }
    }

    /// The page with these values, as gzip. Copies, and does not compress.
    #[must_use]
    pub fn fill(&self, values: &Values) -> Bytes {
        let room = self.bytes.len() + values.bytes.len() + values.ends.len() * 5 + 32;
        let mut page = Vec::with_capacity(room);
        page.extend_from_slice(&GZIP_HEAD);
        let mut from = 0;
        for (end, value) in self.ends.iter().zip(values.each()) {
            page.extend_from_slice(&self.bytes[from..*end]);
            from = *end;
            store(&mut page, value);
        }
        page.extend_from_slice(&self.bytes[from..]);
        page.extend_from_slice(&values.crc.to_le_bytes());
        page.extend_from_slice(&values.length.to_le_bytes());
        page.into()
    }
}

/// Writes a value as stored blocks; the header of the first has been written.
fn store(page: &mut Vec<u8>, value: &[u8]) {
    let mut chunks = value.chunks(MOST_STORED);
    let mut next = Some(chunks.next().unwrap_or_default());
    while let Some(chunk) = next {
        let length = u16::try_from(chunk.len()).expect("chunks fit");
        page.extend_from_slice(&length.to_le_bytes());
        page.extend_from_slice(&(!length).to_le_bytes());
        page.extend_from_slice(chunk);
        next = chunks.next();
        if next.is_some() {
            page.push(STORED);
        }
    }
}

/// What makes a weave.
struct Loom {
    deflate: Compress,
    bytes: Vec<u8>,
    ends: Vec<usize>,
    sums: Vec<Sum>,
}

impl Loom {
    /// A part with a hole behind it.
    fn part(&mut self, text: &str, width: Option<usize>) {
        let flush = match width {
            Some(_) => FlushCompress::Sync,
            None => FlushCompress::Full,
        };
        if text.is_empty() {
            self.bytes.push(STORED);
            if width.is_none() {
                // Nothing to flush, but what stands before must be forgotten.
                self.deflate.reset();
            }
        } else {
            self.compress(text.as_bytes(), flush, Keep::Yes);
            // Length and complement of the empty block that ends a flush: each hole writes its own.
            self.bytes.truncate(self.bytes.len() - 4);
        }
        if let Some(width) = width.filter(|width| *width > 0) {
            // 0xff stands in no UTF-8 text.
            self.compress(&vec![0xff; width], FlushCompress::Sync, Keep::No);
        }
        self.end(text);
    }

    fn last(&mut self, text: &str) {
        self.compress(text.as_bytes(), FlushCompress::Finish, Keep::Yes);
        self.end(text);
    }

    fn end(&mut self, text: &str) {
        self.ends.push(self.bytes.len());
        self.sums.push(Sum::of(text.as_bytes()));
    }

    fn compress(&mut self, input: &[u8], flush: FlushCompress, keep: Keep) {
        let before = self.bytes.len();
        let begun = self.deflate.total_in();
        loop {
            let used = usize::try_from(self.deflate.total_in() - begun).unwrap_or(input.len());
            let rest = &input[used..];
            self.bytes.reserve(rest.len() + 64);
            let room = self.bytes.capacity() - self.bytes.len();
            let written = self.bytes.len();
            // A Vec as output never fails; it may want more room.
            let _ = self.deflate.compress_vec(rest, &mut self.bytes, flush);
            let all_in = self.deflate.total_in() - begun == input.len() as u64;
            if all_in && self.bytes.len() - written < room {
                break;
            }
        }
        if keep == Keep::No {
            self.bytes.truncate(before);
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    Yes,
    No,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[track_caller]
    fn read(page: &[u8]) -> String {
        let mut text = String::new();
        // The decoder checks length and checksum.
        let mut decoder = flate2::read::GzDecoder::new(page);
        decoder.read_to_string(&mut text).unwrap();
        text
    }

    #[track_caller]
    fn check(parts: &[Part], values: &[&str]) -> usize {
        let weave = Weave::new(parts);
        let owned: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        let page = weave.fill(&weave.values(&owned));
        let mut values = values.iter();
        let expected: String = parts
            .iter()
            .map(|part| match part {
                Part::Fixed(text) => *text,
                Part::Hole(_) => *values.next().unwrap(),
            })
            .collect();
        assert_eq!(read(&page), expected);
        page.len()
    }

    #[test]
    fn what_is_filled_reads_as_what_was_written() {
        use Part::{Fixed, Hole};
        check(&[Fixed("all alone")], &[]);
        check(&[], &[]);
        check(&[Hole(None)], &["x"]);
        check(&[Hole(None)], &[""]);
        check(&[Hole(None), Hole(Some(2)), Hole(None)], &["", "ab", "c"]);
        check(
            &[Fixed("a"), Hole(Some(0)), Fixed("b"), Hole(Some(3))],
            &["", "xyz"],
        );
        check(&[Fixed("a"), Fixed("b"), Hole(None), Fixed("c")], &["–"]);
        let long = "z".repeat(200_000);
        check(&[Fixed("a"), Hole(None), Fixed("b")], &[&long]);
        check(&[Fixed("a"), Hole(None), Fixed("b")], &[&long[..65_535]]);
    }

    #[test]
    fn fixed_parts_never_refer_into_holes_whatever_stands_in_them() {
        let short = rows_with_holes(400);
        let long = rows_with_holes(LONG / 50);
        assert!(long > short);
    }

    /// Bytes of a page of so many rows.
    fn rows_with_holes(count: usize) -> usize {
        // Everything repeats, also the values, so that the compressor would love to refer to all of it.
        let row =
            |n: usize| format!("<li class=\"story\" id=\"s_{n}\">vote\" aria-pressed=\"false</li>");
        let rows: Vec<String> = (0..count).map(row).collect();
        let mut parts = vec![Part::Fixed("<ol>"), Part::Hole(None)];
        let mut values = vec!["vote".to_owned()];
        for (n, row) in rows.iter().enumerate() {
            parts.push(Part::Fixed(row));
            parts.push(Part::Hole(Some(25)));
            values.push(
                if n % 3 == 0 {
                    "vote\"  aria-pressed=\"false"
                } else {
                    "unvote\" aria-pressed=\"true"
                }[..25]
                    .to_owned(),
            );
            if n % 50 == 7 {
                parts.push(Part::Hole(None));
                values.push("a".repeat(n));
            }
        }
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        check(&parts, &values)
    }

    #[test]
    fn parts_between_fixed_holes_compress_nearly_as_well_as_one_text() {
        let row = |n: usize| {
            format!(
                "<li class=\"story\" id=\"s_{n}\"><h2><a href=\"https://example.org/a-story-{n}\" rel=\"ugc noopener\">A story about {n}</a></h2>"
            )
        };
        let rows: Vec<String> = (1000..1030).map(row).collect();
        let mut parts = Vec::new();
        let mut values = Vec::new();
        for row in &rows {
            parts.extend([Part::Fixed(row), Part::Hole(Some(8))]);
            values.push(" hidden ");
        }
        let woven = check(&parts, &values);
        let whole = check(&[Part::Fixed(&rows.concat())], &[]);
        assert!(
            woven < whole + 30 * 24,
            "{woven} bytes, {whole} as one text"
        );
    }
}
