//! The primary's end: it takes standbys, sends each what it lacks, and knows how far each is.

mod acks;

mod drive;

mod flight;

mod greet;

mod machine;

pub use acks::{Acks, Follower, Order, Progress, Seat, Synced};
pub use drive::{Dump, Notice, Shipping, Snapshots, run};
pub use flight::WINDOW;
pub use greet::{Office, Role};
pub use machine::{Action, Event, LATE, Lookup, SNAPSHOT_WINDOW, Ship};
