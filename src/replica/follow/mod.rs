//! The standby's end: it finds its primary again and again, keeps what comes in its log, then applies it.

mod backlog;

mod backoff;

mod disk;

mod drive;

mod machine;

mod snapshot;

pub use disk::{Apply, Outcome};
pub use drive::{Connector, Ended, Following, Status, run};
pub use machine::{Action, Event, Follow, Start};
pub use snapshot::Snapshot;
