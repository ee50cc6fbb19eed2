//! Requests that one node answers for another: what a standby cannot do itself the primary does for it, and what a primary has
//! no room for a standby may.
//!
//! [`carried`] says how a request and an answer travel, [`pass`] sends them and takes what comes back, [`inside`] answers them
//! on the other side, [`aside`] tells people when nobody does. How bytes get from node to node is not known here
//! ([`Carrier`](crate::peer::Carrier)).

mod again;

pub mod aside;

pub mod carried;

pub mod inside;

mod once;

pub(in crate::web) mod pass;

pub use inside::Inside;
