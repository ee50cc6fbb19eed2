//! Commits for tests, and their records.

use crate::replica::source::Record;
use crate::store::commit::{Chain, Changed, Commit, Cursor, Page, Point, Position};

/// Bytes of a page in tests.
pub(crate) const PAGE: usize = 512;

/// The record of a commit.
pub(crate) fn record(commit: &Commit) -> Record {
    Record::of(commit).unwrap()
}

/// Nothing that differences could be applied to: what tests write has none.
#[expect(clippy::unnecessary_wraps, reason = "what tells of pages can fail")]
pub(crate) fn nothing(_: u32) -> crate::error::Result<Option<Box<[u8]>>> {
    Ok(None)
}

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
        deltas: Vec::new(),
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
