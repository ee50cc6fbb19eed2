//! Records: round trips, damage, hostile bytes.

use super::*;
use std::collections::HashMap;

use crate::replica::log::record::{HEAD, check, decode, encode, head, receive, split, verify};
use crate::store::commit::Delta;
use crate::store::delta;

/// A commit of any shape.
fn any(random: &mut Random) -> Commit {
    let page_size = 512 << random.below(8);
    let pages = u32::try_from(random.below(12)).unwrap();
    let stamps = (0..random.below(50)).map(|_| Stamp::from_number(random.next()));
    let changed = Changed::Named(stamps.collect());
    let everything = random.below(5) == 0;
    let mut number = 0;
    let mut page = |random: &mut Random| {
        number += 1 + u32::try_from(random.below(1000)).unwrap();
        random.page(number, page_size)
    };
    let pages = (0..pages).map(|_| page(random)).collect();
    Commit {
        point: Point {
            position: Position {
                epoch: random.next(),
                txid: random.next(),
            },
            chain: random.chain(),
        },
        before: random.chain(),
        wall_ms: random.next().cast_signed(),
        page_size,
        size: number + u32::try_from(random.below(3)).unwrap(),
        pages,
        deltas: Vec::new(),
        changed: if everything {
            Changed::Everything
        } else {
            changed
        },
        cursor: Cursor {
            sequence: u32::try_from(random.below(1 << 32)).unwrap(),
            salts: [u32::MAX, 0],
            frame: u32::try_from(random.below(1 << 32)).unwrap(),
            sum: [1, u32::MAX],
        },
    }
}

#[test]
fn what_is_encoded_is_decoded_again() {
    let mut random = Random(1);
    for round in 0..500 {
        let commit = any(&mut random);
        check(&commit).unwrap();
        let bytes = encode(&commit);
        assert_eq!(
            decode(&bytes, &mut nothing).unwrap(),
            commit,
            "round {round}"
        );
        let head = head(&bytes).unwrap();
        assert_eq!(head.length, bytes.len() as u64);
        assert_eq!((head.point, head.before), (commit.point, commit.before));
    }
}

/// A commit some of whose pages differ little from what they were, and what they were.
fn changing(random: &mut Random) -> (Commit, HashMap<u32, Box<[u8]>>) {
    let mut commit = any(random);
    let mut before = HashMap::new();
    for page in &commit.pages {
        let mut old = page.data.clone();
        for _ in 0..random.below(6) {
            let at = random.below(old.len() as u64);
            old[usize::try_from(at).unwrap()] ^= 1;
        }
        if random.below(4) > 0 {
            let (number, bytes) = (page.number, delta::of(&old, &page.data).unwrap());
            commit.deltas.push(Delta { number, bytes });
            before.insert(number, old);
        }
    }
    (commit, before)
}

#[test]
fn pages_that_are_there_as_differences_are_put_together_from_what_they_were() {
    let mut random = Random(6);
    let (mut smaller, mut missing) = (0, 0);
    for round in 0..500 {
        let (mut commit, before) = changing(&mut random);
        check(&commit).unwrap();
        let bytes = encode(&commit);
        receive(&bytes).unwrap();
        let is_changed = !commit.deltas.is_empty();
        commit.deltas.clear();
        smaller += usize::from(is_changed && bytes.len() < encode(&commit).len());
        let found = decode(&bytes, &mut |number| Ok(before.get(&number).cloned()));
        assert_eq!(found.unwrap(), commit, "round {round}");
        if is_changed {
            let found = decode(&bytes, &mut nothing);
            assert!(matches!(found, Err(Error::Refused(_))), "{found:?}");
            let found = decode(&bytes, &mut |_| Ok(Some(Box::default())));
            assert!(matches!(found, Err(Error::Refused(_))), "{found:?}");
            missing += 1;
        }
    }
    assert!(smaller > 200 && missing > 200, "{smaller} {missing}");
}

#[test]
fn a_difference_of_a_page_that_the_commit_has_not_is_no_record() {
    let mut commit = any(&mut Random(7));
    commit.pages.truncate(3);
    let bytes: Box<[u8]> = Box::default();
    let number = commit.pages.last().map_or(1, |page| page.number + 1);
    commit.deltas.push(Delta { number, bytes });
    assert!(check(&commit).is_err());
}

#[test]
fn a_commit_of_several_blocks_and_one_of_zeros_come_back() {
    let mut random = Random(2);
    let mut commit = any(&mut random);
    commit.page_size = 4096;
    commit.size = 1000;
    commit.pages = (1..=1000).map(|number| random.page(number, 4096)).collect();
    assert_eq!(decode(&encode(&commit), &mut nothing).unwrap(), commit);
    for page in &mut commit.pages {
        page.data.fill(0);
    }
    let bytes = encode(&commit);
    assert_eq!(decode(&bytes, &mut nothing).unwrap(), commit);
    assert!(bytes.len() < 1000 * 4096 / 32, "{}", bytes.len());
}

#[test]
fn every_flipped_bit_of_a_record_is_found() {
    let commit = History::new(3).next(3);
    let bytes = encode(&commit);
    for bit in 0..bytes.len() * 8 {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        assert!(verify(&damaged).is_err(), "bit {bit}");
        assert!(decode(&damaged, &mut nothing).is_err(), "bit {bit}");
    }
}

#[test]
fn every_shortened_or_prolonged_record_is_refused() {
    let bytes = encode(&History::new(4).next(3));
    for length in 0..bytes.len() {
        assert!(decode(&bytes[..length], &mut nothing).is_err(), "{length}");
        assert!(split(&bytes[..length]).is_err(), "{length}");
    }
    assert!(decode(&[&bytes[..], &[0]].concat(), &mut nothing).is_err());
}

#[test]
fn several_records_are_split() {
    let mut history = History::new(5);
    let commits = history.many(3);
    let mut rest = &commits
        .iter()
        .map(|commit| encode(commit))
        .collect::<Vec<_>>()
        .concat()[..];
    for commit in &commits {
        let (first, behind) = split(rest).unwrap();
        assert_eq!(decode(first, &mut nothing).unwrap(), **commit);
        rest = behind;
    }
    assert!(rest.is_empty());
}

/// Sets the checksums right, as whoever means harm would.
fn seal(bytes: &mut [u8]) {
    use xxhash_rust::xxh3::xxh3_64;
    if bytes.len() < HEAD + 8 {
        return;
    }
    let length = bytes.len() as u64;
    bytes[8..16].copy_from_slice(&length.to_le_bytes());
    let sum = xxh3_64(&bytes[..HEAD - 8]);
    bytes[HEAD - 8..HEAD].copy_from_slice(&sum.to_le_bytes());
    let end = bytes.len() - 8;
    let sum = xxh3_64(&bytes[..end]);
    bytes[end..].copy_from_slice(&sum.to_le_bytes());
}

#[test]
fn hostile_bytes_under_right_checksums_are_refused_or_a_commit_never_a_panic() {
    let mut random = Random(6);
    let mut refused = 0;
    for _ in 0..20_000 {
        let (commit, before) = changing(&mut random);
        let mut bytes = encode(&commit);
        for _ in 0..=random.below(3) {
            let at = usize::try_from(random.below(bytes.len() as u64)).unwrap();
            bytes[at] = random.next().to_le_bytes()[0];
        }
        if random.below(4) == 0 {
            let length = random.below(bytes.len() as u64);
            bytes.truncate(usize::try_from(length).unwrap());
        }
        seal(&mut bytes);
        // It may be taken without being unpacked, and be refused then.
        let _ = receive(&bytes);
        match decode(&bytes, &mut |number| Ok(before.get(&number).cloned())) {
            // Whatever was changed was a value that may be there.
            Ok(commit) => check(&commit).unwrap(),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 5_000, "{refused}");
}

#[test]
fn counts_that_promise_more_than_is_there_are_refused() {
    let bytes = encode(&History::new(7).next(1));
    // Bytes of a page, pages, differences, stamps.
    for at in [4, 76, 80, 84] {
        for number in [1 << 20, 1 << 31, u32::MAX - 1] {
            let mut bytes = bytes.clone();
            bytes[at..at + 4].copy_from_slice(&u32::to_le_bytes(number));
            seal(&mut bytes);
            assert!(decode(&bytes, &mut nothing).is_err(), "{number} at {at}");
        }
    }
}

#[test]
fn a_commit_that_no_database_makes_is_not_recorded() {
    let good = History::new(8).next(2);
    let mut short = (*good).clone();
    short.pages[0].data = vec![0; 100].into();
    let mut twice = (*good).clone();
    twice.pages[1].number = twice.pages[0].number;
    let mut beyond = (*good).clone();
    beyond.size = 1;
    let mut odd = (*good).clone();
    odd.page_size = 1000;
    for wrong in [short, twice, beyond, odd] {
        assert!(check(&wrong).is_err());
    }
}
