//! Lists of stories. Each is an index scan from a key on: no list costs more as the site grows.

use rusqlite::types::Value;

use crate::domain::id::UserId;
use crate::domain::list::{After, List, PAGE, Page};
use crate::domain::story::StoryRow;
use crate::error::Result;
use crate::store::Conn;
use crate::store::story::{ROW, ROW_COLUMNS, row};

/// How one list is read: where its rows come from, and what it is sorted by.
struct Plan {
    /// `from … where …`, with the story as `s` and its author as `u`; `:value` and `:id` are the place to go on from.
    from: &'static str,
    /// The sort value, and `asc` or `desc`.
    key: &'static str,
    ascending: bool,
}

/// One page of `list` as `viewer` sees it: without what they hid.
///
/// # Errors
/// When SQLite fails.
pub fn page(
    conn: &Conn,
    list: &List,
    viewer: Option<UserId>,
    after: Option<After>,
) -> Result<Page<StoryRow>> {
    let plan = plan(list);
    let (compare, order) = if plan.ascending {
        (">", "asc")
    } else {
        ("<", "desc")
    };
    let key = plan.key;
    let sql = format!(
        "select {ROW}, {key} from {from}
         and not exists (select 1 from hidden h where h.story_id = s.id and h.user_id = ?1)
         and (?2 is null or ({key}, s.id) {compare} (?2, ?3))
         order by {key} {order}, s.id {order} limit {limit}",
        from = plan.from,
        limit = PAGE + 1
    );
    let params: [Value; 3] = [
        viewer.map(UserId::raw).into(),
        after.map(|after| after.value).into(),
        after.map(|after| after.id).into(),
    ];
    let mut query = conn.prepare_cached(&sql)?;
    let rows = query.query_map(params, |r| Ok((row(r)?, r.get::<_, f64>(ROW_COLUMNS)?)))?;
    let rows: Vec<(StoryRow, f64)> = rows.collect::<rusqlite::Result<_>>()?;
    let page = Page::cut(rows, |(story, value)| After {
        value: *value,
        id: story.id.raw(),
    });
    Ok(Page {
        rows: page.rows.into_iter().map(|(story, _)| story).collect(),
        next: page.next,
    })
}

fn plan(list: &List) -> Plan {
    match list {
        List::Hot => Plan {
            from: "story s join user u on u.id = s.user_id where s.state = 0",
            key: "s.hot",
            ascending: true,
        },
        _ => Plan {
            from: "story s join user u on u.id = s.user_id where s.state = 0",
            key: "s.created_ms",
            ascending: false,
        },
    }
}
