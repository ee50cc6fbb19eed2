//! What a piece of memory takes besides what is in it: the allocator has four sizes from each power of two to the next.

/// Bytes that the allocator takes for a piece of so many.
#[must_use]
pub const fn footprint(bytes: usize) -> usize {
    // So far its sizes are 16 bytes apart.
    let step = if bytes <= 128 {
        16
    } else {
        1 << ((bytes - 1).ilog2() - 2)
    };
    bytes.next_multiple_of(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_takes_the_next_of_the_allocators_sizes() {
        // What jemalloc(3) lists.
        let sizes = [
            (0, 0),
            (1, 16),
            (16, 16),
            (100, 112),
            (128, 128),
            (129, 160),
            (256, 256),
            (257, 320),
            (4097, 5120),
            (16_384, 16_384),
            (16_385, 20_480),
            (28_000, 28_672),
        ];
        for (bytes, size) in sizes {
            assert_eq!(footprint(bytes), size, "{bytes}");
        }
    }
}
