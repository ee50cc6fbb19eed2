//! Commits for tests, with a way to write them that is good enough for tests.

use crate::error::{Error, Result};
use crate::replica::source::Records;
use crate::store::commit::{Chain, Changed, Commit, Cursor, Page, Point, Position};

/// Bytes of a page in tests.
pub(crate) const PAGE: usize = 64;

/// How tests write commits.
pub(crate) const RECORDS: Records = Records { encode, decode };

/// The commit that follows on `before`; `salt` tells it from others that would.
pub(crate) fn commit_after(before: Point, epoch: u64, salt: u64) -> Commit {
    sized(before, epoch, salt, 1)
}

/// The same, of some pages.
pub(crate) fn sized(before: Point, epoch: u64, salt: u64, pages: u32) -> Commit {
    let txid = before.position.txid + 1;
    let position = Position { epoch, txid };
    let chain = mix(before.chain, position, salt);
    Commit {
        point: Point { position, chain },
        before: before.chain,
        wall_ms: salt.cast_signed(),
        page_size: u32::try_from(PAGE).unwrap(),
        size: pages,
        pages: (1..=pages)
            .map(|number| Page {
                number,
                data: vec![salt.to_be_bytes()[7]; PAGE].into(),
            })
            .collect(),
        changed: Changed::Everything,
        cursor: Cursor::default(),
    }
}

/// A page that holds a point: databases of tests hold nothing else.
pub(crate) fn page_of(number: u32, point: &Point) -> Page {
    let mut data = point.position.epoch.to_be_bytes().to_vec();
    data.extend(point.position.txid.to_be_bytes());
    data.extend(point.chain.0);
    data.resize(PAGE, 0);
    let data = data.into();
    Page { number, data }
}

/// The point that a page holds.
pub(crate) fn point_of(data: &[u8]) -> Point {
    let word = |at: usize| u64::from_be_bytes(data[at..at + 8].try_into().unwrap());
    Point {
        position: Position {
            epoch: word(0),
            txid: word(8),
        },
        chain: Chain(data[16..32].try_into().unwrap()),
    }
}

fn mix(before: Chain, position: Position, salt: u64) -> Chain {
    let mut state = u128::from_be_bytes(before.0);
    for word in [position.epoch, position.txid, salt] {
        state = (state ^ u128::from(word)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        state ^= state >> 59;
    }
    Chain(state.to_be_bytes())
}

fn encode(commit: &Commit) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(commit.point.position.epoch.to_be_bytes());
    bytes.extend(commit.point.position.txid.to_be_bytes());
    bytes.extend(commit.point.chain.0);
    bytes.extend(commit.before.0);
    bytes.extend(commit.wall_ms.to_be_bytes());
    for page in &commit.pages {
        bytes.extend(&page.data);
    }
    bytes
}

fn decode(bytes: &[u8]) -> Result<Commit> {
    let short = || Error::Io("too short".into());
    let word = |at: usize| {
        let bytes = bytes.get(at..at + 8).ok_or_else(short)?;
        Ok::<_, Error>(u64::from_be_bytes(bytes.try_into().unwrap()))
    };
    let chain = |at: usize| {
        let bytes = bytes.get(at..at + 16).ok_or_else(short)?;
        Ok::<_, Error>(Chain(bytes.try_into().unwrap()))
    };
    let (epoch, txid) = (word(0)?, word(8)?);
    let position = Position { epoch, txid };
    let pages = bytes.get(56..).ok_or_else(short)?.chunks(PAGE);
    let pages: Vec<Page> = (1..)
        .zip(pages)
        .map(|(number, data)| Page {
            number,
            data: data.into(),
        })
        .collect();
    Ok(Commit {
        point: Point {
            position,
            chain: chain(16)?,
        },
        before: chain(32)?,
        wall_ms: word(48)?.cast_signed(),
        page_size: u32::try_from(PAGE).unwrap(),
        size: u32::try_from(pages.len()).unwrap(),
        pages,
        changed: Changed::Everything,
        cursor: Cursor::default(),
    })
}
