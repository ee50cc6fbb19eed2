//! Zstandard for blocks of pages, with what makes it cost something kept by each thread.

use std::cell::RefCell;

use zstd::bulk::{Compressor, Decompressor};

thread_local! {
    // Making these costs more than a small commit takes.
    static PACK: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static UNPACK: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// Compresses a block at a level of zstd; how many bytes there are. `None` when they do not fit.
pub(super) fn pack(level: i32, block: &[u8], into: &mut [u8]) -> Option<usize> {
    PACK.with_borrow_mut(|pack| {
        if pack.is_none() {
            *pack = Compressor::new(level).ok();
        }
        let pack = pack.as_mut()?;
        pack.set_compression_level(level).ok()?;
        pack.compress_to_buffer(block, into).ok()
    })
}

/// Unpacks a block, which may be any bytes; how many there are. `None` when it is none, or they do not fit.
pub(super) fn unpack(packed: &[u8], into: &mut [u8]) -> Option<usize> {
    UNPACK.with_borrow_mut(|unpack| {
        if unpack.is_none() {
            *unpack = Decompressor::new().ok();
        }
        unpack.as_mut()?.decompress_to_buffer(packed, into).ok()
    })
}
