//! The write-ahead log, read after each commit so that other nodes can have it.
//!
//! Never opened by its path, never written: SQLite alone does that.

mod before;
pub mod capture;
mod frame;
pub(super) mod frames;
mod handle;

pub use capture::{Capture, Captured};
