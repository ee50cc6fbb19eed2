//! All tests that go through the real door: one binary, one file a noun.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    unreachable_pub,
    reason = "tests fail by panicking, and their names are their documentation"
)]

mod access;
mod account;
mod admin;
mod app;
mod asset;
mod ban;
mod budget;
mod cache;
mod cast;
mod cdn;
mod check;
mod cli;
mod comment;
mod contest;
mod crash;
mod crowd;
mod csrf;
mod demo;
mod discuss;
mod door;
mod erase;
mod exact;
mod extra;
mod fault;
mod feed;
mod flag;
mod gone;
mod hand;
mod health;
mod hostile;
mod import;
mod inbox;
mod kills;
mod learn;
mod lesson;
mod lessons;
mod life;
mod list;
mod markup;
mod metrics;
mod moderation;
mod modlog;
mod node;
mod nodes;
mod notify;
mod overload;
mod page;
mod pair;
mod plot;
mod poison;
mod power;
mod private;
mod process;
mod profile;
mod progress;
mod race;
mod raw;
mod relay;
mod replica_store;
mod resource;
mod roles;
mod rounds;
mod route;
mod search;
mod served;
mod session;
mod setup;
mod slow;
mod status;
mod store;
mod story;
mod submit;
mod syncs;
mod tally;
mod thread;
mod tidy;
mod truth;
mod twins;
mod vote;
mod wire;
