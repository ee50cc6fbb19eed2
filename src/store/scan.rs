//! Pages by key: which ids stand on a page, read from an index in its own order.
//!
//! A [`Scan`] never sorts and never skips what earlier pages showed: each of its arms goes from a key on along one
//! index, several arms are merged as they come, and rows are looked up only for the ids of the page. Where a page ends
//! within equal keys (thousands of stories with one point), the next begins at exactly the id after.

use rusqlite::types::Value;

use crate::domain::id::UserId;
use crate::domain::list::{After, PAGE, Page};
use crate::error::Result;
use crate::store::Conn;

/// Which way keys (and ids among equal keys) go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Smallest first.
    Up,
    /// Largest first.
    Down,
}

/// Whether arms can hold the same id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arms {
    /// Each id stands in one arm.
    Apart,
    /// An id may stand in several, with the same key.
    Overlapping,
}

/// A scan: one or more arms `TABLE where …`, the columns of key and id, and what the arms bind.
///
/// `?1` is the viewer, `?2` and `?3` are the place after which to begin, `?4` is the limit; an arm's own begin at `?5`.
#[derive(Debug)]
pub(super) struct Scan {
    pub(super) arms: Vec<String>,
    pub(super) kind: Arms,
    pub(super) key: &'static str,
    pub(super) id: &'static str,
    pub(super) way: Way,
    pub(super) own: Vec<Value>,
}

impl Scan {
    /// A scan of one arm.
    pub(super) fn one(arm: &str, key: &'static str, id: &'static str, way: Way) -> Self {
        Self {
            arms: vec![arm.to_owned()],
            kind: Arms::Apart,
            key,
            id,
            way,
            own: Vec::new(),
        }
    }

    /// With values for `?5` and on.
    pub(super) fn with(mut self, own: impl IntoIterator<Item = Value>) -> Self {
        self.own.extend(own);
        self
    }

    /// Leaves out the stories that the viewer hid.
    pub(super) fn without_hidden(mut self) -> Self {
        for arm in &mut self.arms {
            *arm +=
                " and not exists (select 1 from hidden h where h.user_id = ?1 and h.story_id = ";
            *arm += self.id;
            *arm += ")";
        }
        self
    }

    /// The statement for a first page, or for one that begins after a place.
    pub(super) fn sql(&self, later: bool) -> String {
        let Self { key, id, .. } = self;
        let (order, beyond) = match self.way {
            Way::Up => ("asc", ">"),
            Way::Down => ("desc", "<"),
        };
        let merge = match self.kind {
            Arms::Apart => "union all",
            Arms::Overlapping => "union",
        };
        let arms: Vec<String> = self
            .arms
            .iter()
            .flat_map(|arm| {
                let all = format!("select {id}, {key} from {arm}");
                if later {
                    // Two seeks instead of one row comparison: SQLite would walk through all equal keys otherwise.
                    vec![
                        format!("{all} and {key} = ?2 and {id} {beyond} ?3"),
                        format!("{all} and {key} {beyond} ?2"),
                    ]
                } else {
                    vec![all]
                }
            })
            .collect();
        let arms = arms.join(&format!(" {merge} "));
        format!("{arms} order by 2 {order}, 1 {order} limit ?4")
    }

    /// The places of one page.
    pub(super) fn page(
        &self,
        conn: &Conn,
        viewer: Option<UserId>,
        after: Option<After>,
    ) -> Result<Page<After>> {
        let mut params: Vec<Value> = vec![
            viewer.map(UserId::raw).into(),
            after.map(|after| after.value).into(),
            after.map(|after| after.id).into(),
            i64::try_from(PAGE + 1).unwrap_or(i64::MAX).into(),
        ];
        params.extend(self.own.iter().cloned());
        let mut query = conn.prepare_cached(&self.sql(after.is_some()))?;
        let places = query.query_map(rusqlite::params_from_iter(params), |row| {
            Ok(After {
                id: row.get(0)?,
                value: row.get(1)?,
            })
        })?;
        let places: Vec<After> = places.collect::<rusqlite::Result<_>>()?;
        Ok(Page::cut(places, |place| *place))
    }
}
