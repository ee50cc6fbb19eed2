//! The standby's end: it finds its primary again and again, keeps what comes in its log, then applies it.

mod backoff;

mod machine;

pub use machine::{Action, Event, Follow, Start};
