//! Letting people in who ask to join, and turning them away; both stand in the public log.

use crate::domain::id::UserId;
use crate::error::Result;
use crate::store::modlog::{self, Entry};
use crate::store::{Tx, user};

/// Lets somebody in.
///
/// # Errors
/// [`Error::NotFound`](crate::error::Error::NotFound) when nobody of this id waits.
pub fn approve(tx: &Tx, by: UserId, whom: UserId) -> Result<()> {
    user::approve(tx, whom)?;
    record(tx, by, "user.approve", Some(whom))
}

/// Turns somebody away. The log does not tell whom: there is nobody of that name any more.
///
/// # Errors
/// [`Error::NotFound`](crate::error::Error::NotFound) when nobody of this id waits.
pub fn refuse(tx: &Tx, by: UserId, whom: UserId) -> Result<()> {
    user::refuse(tx, whom)?;
    record(tx, by, "user.refuse", None)
}

fn record(tx: &Tx, by: UserId, action: &str, whom: Option<UserId>) -> Result<()> {
    modlog::record(
        tx,
        &Entry {
            moderator: Some(by),
            action,
            user: whom,
            ..Entry::default()
        },
    )
}
