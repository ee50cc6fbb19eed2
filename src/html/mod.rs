//! The only markup (maud). Components are functions from domain values to `Markup`; nothing here sees a connection.

pub mod path;

pub mod figure;

pub mod pen;

pub mod page;

pub mod form;

pub mod error;

pub mod resend;

pub mod account;

pub mod settings;

pub mod story;

pub mod tag;

pub mod submit;

pub mod first;

pub mod list;

pub mod talk;

pub mod inbox;

pub mod side;

pub mod profile;

pub mod about;

pub mod topics;

pub mod feed;

pub mod crawl;

pub mod goal;

pub mod tally;

pub mod learn;

pub mod lesson;

pub mod selftest;

pub mod structured;

pub mod shape;

pub mod search;

pub mod flag;

pub mod moderation;

pub mod ban;

pub mod modlog;

pub mod resource;

pub mod revise;

pub mod comment;

pub mod write;

pub mod thread;

pub mod discuss;

pub mod chart;

pub mod admin;
