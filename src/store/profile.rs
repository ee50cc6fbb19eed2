//! Members as their pages show them.

use crate::domain::id::UserId;
use crate::domain::text::SafeHtml;
use crate::domain::user::{Profile, UserName};
use crate::error::Result;
use crate::store::{Conn, session};
use crate::time::Timestamp;

/// The member of a name, whatever its case; deleted ones are not found.
///
/// # Errors
/// [`Error::NotFound`](crate::error::Error::NotFound).
pub fn find(conn: &Conn, name: &str, now: Timestamp) -> Result<Profile> {
    let profile = conn
        .prepare_cached(
            "select u.id, u.name, u.role, u.state, u.karma, u.about, u.about_html, u.created_ms, i.name,
               u.banned_until_ms, u.ban_reason
             from user u left join user i on i.id = u.invited_by and i.state <> 'deleted'
             where u.name_key = ?1 and u.state <> 'deleted'",
        )?
        .query_row([name.to_ascii_lowercase()], |row| {
            Ok(Profile {
                id: UserId::new(row.get(0)?),
                name: UserName::from_stored(row.get(1)?),
                role: session::role(&row.get::<_, String>(2)?),
                state: session::state(&row.get::<_, String>(3)?),
                karma: row.get(4)?,
                about: row.get(5)?,
                about_html: SafeHtml::from_stored(row.get(6)?),
                created: Timestamp::from_ms(row.get(7)?),
                invited_by: row.get::<_, Option<String>>(8)?.map(UserName::from_stored),
                ban: session::ban(row.get(9)?, row.get(10)?, now),
            })
        })?;
    Ok(profile)
}
