//! How a page differs from what it was: runs of changed bytes. A vote changes some ten bytes of a page; what travels and is
//! logged for it should be those.
//!
//! A delta is a list of runs, each an offset and a length in bytes (both 16 bits, little-endian) and the new bytes. Pure;
//! applying one to the wrong page gives a wrong page, which the hash of the commit tells.

use crate::error::{Error, Result};

/// Bytes that are compared at once; runs begin and end between them.
const WORD: usize = 8;
/// Bytes of a run's offset and length.
const HEAD: usize = 4;

/// What makes `before` into `after`, which are as long; `None` when that is more than half a page.
#[must_use]
pub fn of(before: &[u8], after: &[u8]) -> Option<Box<[u8]>> {
    let (old, []) = before.as_chunks::<WORD>() else {
        return None;
    };
    let (new, []) = after.as_chunks::<WORD>() else {
        return None;
    };
    let most = after.len() / 2;
    let mut delta = Vec::new();
    let mut at = 0;
    while at < new.len() {
        if old[at] == new[at] {
            at += 1;
            continue;
        }
        let end = run_end(old, new, at);
        let bytes = &after[at * WORD..end * WORD];
        if delta.len() + HEAD + bytes.len() > most {
            return None;
        }
        delta.extend(u16::try_from(at * WORD).ok()?.to_le_bytes());
        delta.extend(u16::try_from(bytes.len()).ok()?.to_le_bytes());
        delta.extend_from_slice(bytes);
        at = end;
    }
    (old.len() == new.len()).then(|| delta.into())
}

/// Where the run that begins at this word ends. One word that is the same costs no more than the head of another run.
fn run_end(old: &[[u8; WORD]], new: &[[u8; WORD]], from: usize) -> usize {
    let mut end = from + 1;
    let mut at = end;
    while at < new.len() && at <= end + 1 {
        if old.get(at) != new.get(at) {
            end = at + 1;
        }
        at += 1;
    }
    end
}

/// Makes a page what it was changed to.
///
/// # Errors
/// [`Error::Internal`] when the delta is not one of a page of this length.
pub fn apply(page: &mut [u8], delta: &[u8]) -> Result<()> {
    let mut rest = delta;
    while !rest.is_empty() {
        rest = run(page, rest)
            .ok_or_else(|| Error::Internal("the difference of a page is damaged".into()))?;
    }
    Ok(())
}

/// Applies the first run; what follows it.
fn run<'a>(page: &mut [u8], delta: &'a [u8]) -> Option<&'a [u8]> {
    let (head, rest) = delta.split_first_chunk::<HEAD>()?;
    let [a, b, c, d] = *head;
    let offset = usize::from(u16::from_le_bytes([a, b]));
    let length = usize::from(u16::from_le_bytes([c, d]));
    let (bytes, rest) = rest.split_at_checked(length)?;
    page.get_mut(offset..offset + length)?
        .copy_from_slice(bytes);
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(before: &[u8], delta: &[u8]) -> Vec<u8> {
        let mut page = before.to_vec();
        apply(&mut page, delta).unwrap();
        page
    }

    #[test]
    fn what_changed_is_all_that_a_delta_holds() {
        let before = vec![7; 4096];
        assert_eq!(of(&before, &before).unwrap().len(), 0);
        for at in [0, 1, 2049, 4095] {
            let mut after = before.clone();
            after[at] = 8;
            let delta = of(&before, &after).unwrap();
            assert_eq!(delta.len(), HEAD + WORD, "byte {at}");
            assert_eq!(applied(&before, &delta), after, "byte {at}");
        }
    }

    #[test]
    fn any_two_pages_lead_to_each_other_or_are_too_different() {
        let mut state = 1_u64;
        let mut next = |below: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            usize::try_from(state >> 33).unwrap() % below
        };
        let mut found = 0;
        for round in 0..2_000 {
            let size = 512 << next(8);
            let before: Vec<u8> = (0..size).map(|_| next(256).to_le_bytes()[0]).collect();
            let mut after = before.clone();
            for _ in 0..next(20) {
                let from = next(size);
                let length = next(size / 16).min(size - from);
                for byte in &mut after[from..from + length] {
                    *byte = next(256).to_le_bytes()[0];
                }
            }
            if let Some(delta) = of(&before, &after) {
                assert!(delta.len() <= size / 2, "round {round}");
                assert_eq!(applied(&before, &delta), after, "round {round}");
                found += 1;
            }
        }
        assert!(found > 1_000, "{found}");
    }

    #[test]
    fn a_damaged_delta_or_a_shorter_page_is_refused() {
        let (before, mut after) = (vec![0; 1024], vec![0; 1024]);
        after[1000] = 1;
        let delta = of(&before, &after).unwrap();
        for length in 1..delta.len() {
            assert!(apply(&mut before.clone(), &delta[..length]).is_err());
        }
        assert!(apply(&mut [0; 512], &delta).is_err());
        assert_eq!(of(&before, &after[..512]), None);
        assert_eq!(of(&before, &[1; 1024]), None);
    }
}
