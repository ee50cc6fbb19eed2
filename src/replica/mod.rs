//! Nodes that hold the same site: a primary that writes, standbys that follow it.
//!
//! [`log`] keeps commits on disk, [`wire`] is what nodes say to each other and the channel that they say it over, [`ship`] the
//! primary's end of it, [`follow`] the standby's; [`node`] joins them with the store and says whose duty is what. Both ends are
//! machines without I/O (events in, actions out), so that tests drive them through any weather on a simulated network; a
//! driver beside each joins it with sockets, threads and disks.
//!
//! A commit becomes a record once, on the primary's writer thread. The record's bytes are what the primary's log holds, what
//! goes over the wire and what the standby's log holds; the standby checks them when they come and unpacks them once, to
//! apply them. Of most pages a record has only what the commit changed in them; the rest is what they were.
//!
//! # Invariants
//! - A standby says that it has a commit only after its log has it on disk.
//! - A commit is applied only after that, in order, once.
//! - Nothing is appended that does not follow on what is there, by number and by hash of the whole history.
//! - A slow standby costs its primary a window of memory and no more: what it has not taken yet is read from the log.

mod pack;

pub mod log;

pub mod source;

mod unpack;

pub mod wire;

pub mod ship;

pub mod follow;

pub mod node;

#[cfg(test)]
mod sample;

#[cfg(test)]
mod simulation;

#[cfg(test)]
mod live;
