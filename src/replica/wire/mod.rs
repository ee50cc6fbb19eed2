//! What nodes say to each other: an encrypted channel ([`noise`]), the messages ([`message`]), when a peer counts as dead
//! ([`pulse`]), and the sum over a snapshot ([`Sum`]).

mod field;

pub mod message;

pub mod noise;

pub mod pulse;

mod sum;

pub use message::Message;
pub use sum::Sum;
