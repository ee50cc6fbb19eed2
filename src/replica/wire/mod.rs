//! What nodes say to each other: an encrypted channel ([`noise`]), the messages ([`message`]), when a peer counts as dead
//! ([`pulse`]), the sum over a snapshot ([`Sum`]) and its pages ([`pack`]), calls of the other node ([`call`]), and the tasks that carry all this
//! over a socket.

mod field;

pub mod pack;

pub mod message;

pub mod noise;

pub mod pulse;

mod sum;

pub(in crate::replica) mod link;

pub mod call;

pub use message::Message;
pub use sum::Sum;
