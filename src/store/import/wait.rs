//! Comments whose parent has not come yet: kept as they will be stored, found by the parent they wait for.

use rusqlite::params;
use serde::{Deserialize, Serialize};

use super::ForeignComment;
use crate::domain::story::ItemState;
use crate::domain::text::SafeHtml;
use crate::error::Result;
use crate::store::Tx;
use crate::time::Timestamp;

/// A waiting comment, as the database keeps it.
#[derive(Serialize, Deserialize)]
struct Kept {
    by: Option<String>,
    created_ms: i64,
    text: String,
    html: String,
    state: i64,
}

/// Lets a comment wait; one that waits already is replaced.
pub(super) fn begin(tx: &Tx, new: ForeignComment) -> Result<()> {
    let (id, parent) = (new.id, new.parent);
    let kept = Kept {
        by: new.by,
        created_ms: new.created.ms(),
        text: new.text,
        html: new.html.into_string(),
        state: new.state.raw(),
    };
    let json = serde_json::to_string(&kept).expect("strings and numbers are JSON");
    tx.prepare_cached(
        "insert into import_waiting (foreign_id, parent_id, item) values (?1, ?2, ?3)
         on conflict (foreign_id) do update set parent_id = ?2, item = ?3",
    )?
    .execute(params![id, parent, json])?;
    Ok(())
}

/// Takes out the comments that wait for `parent`.
pub(super) fn end(tx: &Tx, parent: i64) -> Result<Vec<ForeignComment>> {
    let mut query = tx.prepare_cached(
        "delete from import_waiting where parent_id = ?1 returning foreign_id, item",
    )?;
    let mut rows = query.query([parent])?;
    let mut comments = Vec::new();
    while let Some(row) = rows.next()? {
        let json: String = row.get(1)?;
        let Ok(kept) = serde_json::from_str::<Kept>(&json) else {
            tracing::warn!("a waiting comment cannot be read; import its file again");
            continue;
        };
        comments.push(ForeignComment {
            id: row.get(0)?,
            parent,
            by: kept.by,
            created: Timestamp::from_ms(kept.created_ms),
            text: kept.text,
            html: SafeHtml::from_stored(kept.html),
            state: ItemState::from_raw(kept.state),
        });
    }
    Ok(comments)
}
