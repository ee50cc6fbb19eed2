//! `site`: a community news site in one executable.
//!
//! # Map
//! Folder = kind of work, file = noun: stories are `domain/story.rs` (rules), `store/story.rs` (SQL), `html/story.rs`
//! (markup), `web/story.rs` (routes), `tests/story.rs`. The modules below stand bottom to top, and **a module imports
//! only from those above it in this list**; `tests/tidy.rs` enforces it.
//!
//! The course: lessons are folders in `assets/lessons` (rules: `domain/lesson.rs`; with the operator's: `course.rs`; what browsers
//! load: `web/asset/shelf.rs`), what runs them in a browser stands in `assets/learn`, `site learn check` in `cli/learn.rs`.
//!
//! # Life of a request
//! `GET`: `web/front` → `cache`: right → bytes. Stale or missing → a worker of `pool` → `store` (one read snapshot) → `html`
//! → `cache` → bytes. A member's page is the one for everybody, joined with their own bits.
//! `POST`: `web` (origin, limits, form) → [`app::App::write`] → the one writer thread: many requests, one COMMIT with
//! fsync → stamps set, head published → 303. On a node that follows another: `web/relay` → [`peer::Peer`] → that one's `web` → the
//! answer, once its change is here too.
//!
//! # Invariants
//! - SQL stands only in `store`, markup only in `html`, paths only in `html/path.rs`.
//! - Only the writer's thread changes the database; an answer is sent after its commit is on disk.
//! - A write names the stamps of everything that it changes; a page says what it rests on.
//! - What is drawn for everybody is drawn without anybody's data at hand.
//! - Text from people reaches a page only escaped (maud) or as [`domain::text::SafeHtml`].
//! - Absolute URLs come from the configuration, never from a request's `Host`.

pub mod error;

pub mod time;

pub mod hex;

pub mod domain;

pub mod health;

pub mod config;

pub mod metric;

pub mod essential;

pub mod priority;

pub mod errand;

pub mod pool;

pub mod encoding;

pub mod cache;

pub mod store;

pub mod demo;

pub mod directory;

pub mod import;

pub mod course;

pub mod tally;

pub mod html;

pub mod fetch;

pub mod cdn;

pub mod peer;

pub mod changes;

pub mod app;

pub mod replica;

pub mod web;

pub mod control;

pub mod service;

pub mod server;

pub mod cli;
