//! Pages of a snapshot, compressed: packed where the snapshot is read and unpacked where it is written, never on an event
//! loop. Unpacking takes any bytes, and makes room for no more than [`MOST`].

use super::field::{Fields, Writing, malformed};
use crate::error::Result;
use crate::replica::pack::{pack, unpack};
use crate::store::commit::Page;

/// Most bytes of pages in one message.
pub const MOST: usize = 1 << 20;

/// The level of zstd. A snapshot is read for a while and sent over a network mostly: half its size is worth a core.
const LEVEL: i32 = 1;

/// Some pages of a snapshot, ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed(pub Vec<u8>);

impl Packed {
    /// Of pages, which all have the same size.
    #[must_use]
    pub fn of(pages: &[Page]) -> Self {
        let mut to = Writing(Vec::new());
        to.u32(u32::try_from(pages.len()).unwrap_or(u32::MAX));
        let mut block = Vec::with_capacity(pages.iter().map(|page| page.data.len()).sum());
        for page in pages {
            to.u32(page.number);
            block.extend_from_slice(&page.data);
        }
        let mut out = to.0;
        let start = out.len();
        out.resize(start + 1 + block.len(), 0);
        // A buffer that is too small for the result is how zstd says that the block did not shrink.
        let packed = pack(LEVEL, &block, &mut out[start + 1..]);
        if let Some(length) = packed.filter(|length| *length < block.len()) {
            out[start] = 1;
            out.truncate(start + 1 + length);
        } else {
            out[start + 1..].copy_from_slice(&block);
        }
        Self(out)
    }

    /// The pages, each of so many bytes.
    ///
    /// # Errors
    /// When that is not what these bytes are.
    pub fn pages(&self, page_size: u32) -> Result<Vec<Page>> {
        let size = page_size as usize;
        let mut from = Fields(&self.0);
        let count = from.u32()? as usize;
        let length = count.checked_mul(size).filter(|length| *length <= MOST);
        let length = length.filter(|_| size > 0).ok_or_else(malformed)?;
        let numbers = (0..count).map(|_| from.u32()).collect::<Result<Vec<_>>>()?;
        let is_packed = from.flag()?;
        let mut block = vec![0; length];
        if is_packed {
            let unpacked = unpack(from.0, &mut block);
            unpacked
                .filter(|unpacked| *unpacked == length)
                .ok_or_else(malformed)?;
        } else if from.0.len() == length {
            block.copy_from_slice(from.0);
        } else {
            return Err(malformed());
        }
        let pages = numbers.into_iter().zip(block.chunks_exact(size));
        Ok(pages
            .map(|(number, data)| Page {
                number,
                data: data.into(),
            })
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(number: u32, size: usize, noise: bool) -> Page {
        let mut state = u64::from(number) + 1;
        let mut next = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            if noise { state.to_be_bytes()[0] } else { 7 }
        };
        Page {
            number,
            data: (0..size).map(|_| next()).collect(),
        }
    }

    #[test]
    fn pages_come_back_and_shrink_where_they_can() {
        for (size, noise) in [(512, false), (512, true), (4096, false), (65_536, true)] {
            let pages: Vec<Page> = (1..10).map(|number| page(number, size, noise)).collect();
            let packed = Packed::of(&pages);
            let size = u32::try_from(size).unwrap();
            assert_eq!(packed.pages(size).unwrap(), pages);
            assert_eq!(packed.0.len() < 9 * size as usize / 2, !noise);
            assert!(packed.pages(size * 2).is_err());
            assert!(packed.pages(0).is_err());
            for cut in [0, 3, 20, packed.0.len() - 1] {
                assert!(Packed(packed.0[..cut].to_vec()).pages(size).is_err());
            }
        }
        assert_eq!(Packed::of(&[]).pages(512).unwrap(), []);
    }

    #[test]
    fn a_count_that_is_a_lie_costs_no_memory() {
        for count in [MOST / 512 + 1, u32::MAX as usize] {
            let mut bytes = u32::try_from(count).unwrap().to_be_bytes().to_vec();
            bytes.extend([0; 100]);
            assert!(Packed(bytes).pages(512).is_err());
        }
    }
}
