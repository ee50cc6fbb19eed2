//! Pure values and rules: no I/O, no clock, no SQL, no markup.
//!
//! Siblings follow the rule of `lib.rs` too: a module imports only from those above it.

pub mod text;

pub mod link;

pub mod id;

pub mod rank;

pub mod tag;

pub mod topic;

pub mod user;

pub mod list;

pub mod email;

pub mod password;

pub mod agent;

pub mod lesson;

pub mod story;

pub mod submission;

pub mod query;

pub mod comment;

pub mod thread;

pub mod moderation;

pub mod lesson_report;

pub mod tally;

pub mod resource;

pub mod progress;

pub mod settings;
