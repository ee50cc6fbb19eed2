//! What makes a second node of a site: commits are kept in a log, shipped to those who follow, and applied there.
//!
//! Nothing here knows pages, routes or SQL; a commit is what [`crate::store::commit`] says it is.

pub mod log;
