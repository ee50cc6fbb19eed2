//! The format against files that SQLite made, and against what may have become of them.

use super::*;

/// A header and frames as SQLite would write them: `(page, size, fill)` each.
fn file(order: Order, salts: [u32; 2], frames: &[(u32, u32, u8)]) -> Vec<u8> {
    let magic = match order {
        Order::Little => MAGIC,
        Order::Big => MAGIC + 1,
    };
    let mut bytes = Vec::new();
    for word in [magic, VERSION, 512, 7, salts[0], salts[1]] {
        bytes.extend(word.to_be_bytes());
    }
    let mut running = sum(order, [0, 0], &bytes);
    bytes.extend(running.iter().flat_map(|word| word.to_be_bytes()));
    for (number, size, fill) in frames {
        let head: Vec<u8> = [*number, *size]
            .iter()
            .flat_map(|word| word.to_be_bytes())
            .collect();
        let page = [*fill; 512];
        running = sum(order, sum(order, running, &head), &page);
        bytes.extend(head);
        bytes.extend(
            salts
                .iter()
                .chain(&running)
                .flat_map(|word| word.to_be_bytes()),
        );
        bytes.extend(page);
    }
    bytes
}

fn header(bytes: &[u8]) -> Option<Header> {
    Header::parse(bytes.first_chunk().unwrap())
}

/// Page and size of the frames that count.
fn sound(bytes: &[u8]) -> Vec<(u32, u32)> {
    let Some(header) = header(bytes) else {
        return Vec::new();
    };
    let mut before = header.sum;
    let mut found = Vec::new();
    let mut rest = &bytes[HEADER..];
    while let Some(frame) = Frame::parse(&header, before, rest) {
        before = frame.sum;
        found.push((frame.number, frame.size));
        rest = &rest[header.stride()..];
    }
    found
}

const FRAMES: [(u32, u32, u8); 3] = [(2, 0, 1), (1, 3, 2), (3, 3, 3)];
const SOUND: [(u32, u32); 3] = [(2, 0), (1, 3), (3, 3)];

#[test]
fn both_byte_orders_are_read_and_each_is_its_own() {
    for order in [Order::Little, Order::Big] {
        let bytes = file(order, [4, 5], &FRAMES);
        let header = header(&bytes).unwrap();
        assert_eq!(
            (header.order, header.page_size, header.sequence),
            (order, 512, 7)
        );
        assert_eq!(sound(&bytes), SOUND);
        let mut other = bytes.clone();
        other[3] ^= 1;
        assert_eq!(sound(&other), []);
    }
}

#[test]
fn no_flipped_bit_is_overlooked() {
    let bytes = file(Order::Little, [4, 5], &FRAMES);
    let stride = header(&bytes).unwrap().stride();
    for at in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        let before = at.checked_sub(HEADER).map_or(0, |at| at / stride);
        assert_eq!(sound(&flipped), SOUND[..before], "byte {at}");
    }
}

#[test]
fn a_torn_frame_counts_for_nothing() {
    let bytes = file(Order::Big, [4, 5], &FRAMES);
    let stride = header(&bytes).unwrap().stride();
    for length in HEADER..bytes.len() {
        let whole = (length - HEADER) / stride;
        assert_eq!(sound(&bytes[..length]), SOUND[..whole]);
        // What was never written reads as zeros.
        let mut padded = bytes[..length].to_vec();
        padded.resize(bytes.len(), 0);
        assert_eq!(sound(&padded)[..whole], SOUND[..whole]);
        assert!(sound(&padded).len() < 3);
    }
}

#[test]
fn frames_of_an_older_generation_do_not_follow() {
    let old = file(Order::Little, [4, 5], &FRAMES);
    let new = file(Order::Little, [5, 99], &FRAMES[..1]);
    let mut bytes = new.clone();
    bytes.extend(&old[new.len()..]);
    assert_eq!(sound(&bytes), SOUND[..1]);
    let (old, new) = (header(&old).unwrap(), header(&new).unwrap());
    assert!(old.holds(&old.start()) && !new.holds(&old.start()));
    // The sequence did not go on.
    assert!(!new.follows(&old.start()));
    let next = Header { sequence: 8, ..new };
    assert!(next.follows(&old.start()) && !old.follows(&next.start()));
}
