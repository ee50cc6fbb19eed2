//! Lists of stories. Each is an index scan from a key on: no list costs more as the site grows.

use rusqlite::types::Value;

use crate::domain::id::{StoryId, UserId};
use crate::domain::list::{After, List, MOST_TAGS, Page, Span, TagOrder};
use crate::domain::story::{Story, StoryRow};
use crate::domain::tag::TagName;
use crate::error::{Error, Result};
use crate::store::scan::{Arms, Scan, Way};
use crate::store::{Conn, story, tag};
use crate::time::Timestamp;

/// One page of `list` as `viewer` sees it: without what they hid (but on their own and on one member's list).
///
/// # Errors
/// [`Error::NotFound`] for a tag that does not exist; when SQLite fails.
pub fn page(
    conn: &Conn,
    list: &List,
    viewer: Option<UserId>,
    after: Option<After>,
    now: Timestamp,
) -> Result<Page<StoryRow>> {
    let places = scan(conn, list, now)?.page(conn, viewer, after)?;
    places.try_map(|place| story::find_row(conn, StoryId::new(place.id), viewer))
}

/// The first `most` stories of `list`, as visitors see them.
///
/// # Errors
/// As [`page`].
pub fn first(conn: &Conn, list: &List, most: usize, now: Timestamp) -> Result<Page<StoryRow>> {
    let places = scan(conn, list, now)?.page(conn, None, None)?.first(most);
    places.try_map(|place| story::find_row(conn, StoryId::new(place.id), None))
}

/// One page of `list` with the stories' texts, as visitors see it: for feeds.
///
/// # Errors
/// As [`page`].
pub fn stories(
    conn: &Conn,
    list: &List,
    after: Option<After>,
    now: Timestamp,
) -> Result<Page<Story>> {
    let places = scan(conn, list, now)?.page(conn, None, after)?;
    places.try_map(|place| story::find(conn, StoryId::new(place.id), None))
}

/// The stories that stand above the first page of [`List::Hot`] (which leaves them out), last pinned first.
///
/// # Errors
/// When SQLite fails.
pub fn pinned(conn: &Conn, viewer: Option<UserId>) -> Result<Vec<StoryRow>> {
    let ids = pinned_ids(conn, viewer)?;
    ids.into_iter()
        .map(|id| story::find_row(conn, id, viewer))
        .collect()
}

/// [`pinned`] with texts, as visitors see them.
///
/// # Errors
/// When SQLite fails.
pub fn pinned_stories(conn: &Conn) -> Result<Vec<Story>> {
    let ids = pinned_ids(conn, None)?;
    ids.into_iter()
        .map(|id| story::find(conn, id, None))
        .collect()
}

fn pinned_ids(conn: &Conn, viewer: Option<UserId>) -> Result<Vec<StoryId>> {
    let mut query = conn.prepare_cached(PINNED)?;
    let ids = query.query_map([viewer.map(UserId::raw)], |row| {
        Ok(StoryId::new(row.get(0)?))
    })?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

/// `+state` keeps SQLite from walking all shown stories; those pinned are few.
const PINNED: &str = "select id from story where pinned_ms is not null and +state = 0
    and not exists (select 1 from hidden h where h.user_id = ?1 and h.story_id = id)
    order by pinned_ms desc, id desc";

/// Whether any story of this site is shown.
///
/// # Errors
/// When SQLite fails.
pub fn knows_domain(conn: &Conn, domain: &str) -> Result<bool> {
    let known = conn
        .prepare_cached("select exists (select 1 from story where domain = ?1 and state = 0)")?
        .query_row([domain], |row| row.get(0))?;
    Ok(known)
}

fn scan(conn: &Conn, list: &List, now: Timestamp) -> Result<Scan> {
    let by_time = |arm: &str| Scan::one(arm, "created_ms", "id", Way::Down);
    Ok(match list {
        // What is pinned stands above, on the first page only.
        List::Hot => Scan::one(
            "story where state = 0 and id not in (select id from story where pinned_ms is not null)",
            "hot",
            "id",
            Way::Up,
        )
        .without_hidden(),
        List::Newest => by_time("story where state = 0").without_hidden(),
        List::Active => {
            Scan::one("story where state = 0", "active_ms", "id", Way::Down).without_hidden()
        }
        List::Top(span) => top(*span, now).without_hidden(),
        List::Tags(tags, order) => tagged(conn, tags, *order)?.without_hidden(),
        List::Domain(domain) => by_time("story where domain = ?5 and state = 0")
            .with([Value::from(domain.clone())])
            .without_hidden(),
        List::By(user, _) => {
            by_time("story where user_id = ?5 and state = 0").with([user.raw().into()])
        }
        List::Hidden(user) => Scan::one(
            "hidden where user_id = ?5
             and exists (select 1 from story s where s.id = story_id and s.state = 0)",
            "created_ms",
            "story_id",
            Way::Down,
        )
        .with([user.raw().into()]),
    })
}

/// The best of a span: its days or months, each in order of points, merged.
fn top(span: Span, now: Timestamp) -> Scan {
    let (bucket, last, buckets) = match span {
        Span::Day => ("day", now.day(), 2),
        Span::Week => ("day", now.day(), 7),
        Span::Month => ("day", now.day(), 30),
        Span::Year => ("month", now.month(), 12),
        Span::All => return Scan::one("story where state = 0", "score", "id", Way::Down),
    };
    Scan {
        arms: (0..buckets)
            .map(|n| format!("story where state = 0 and {bucket} = ?{}", n + 5))
            .collect(),
        kind: Arms::Apart,
        key: "score",
        id: "id",
        way: Way::Down,
        own: (0..buckets).map(|n| Value::from(last - n)).collect(),
    }
}

/// Stories with any of these tags: the tags' lists merged, each story once.
fn tagged(conn: &Conn, tags: &[TagName], order: TagOrder) -> Result<Scan> {
    if tags.is_empty() || tags.len() > MOST_TAGS {
        return Err(Error::BadRequest("That is too many tags for one list."));
    }
    let ids = tags
        .iter()
        .map(|name| Ok(tag::find(conn, name.as_str())?.id.raw().into()))
        .collect::<Result<Vec<Value>>>()?;
    let (key, way) = match order {
        TagOrder::Hot => ("hot", Way::Up),
        TagOrder::Newest => ("created_ms", Way::Down),
    };
    Ok(Scan {
        arms: (0..ids.len())
            .map(|n| format!("story_tag x where x.tag_id = ?{} and x.state = 0", n + 5))
            .collect(),
        kind: Arms::Overlapping,
        key,
        // With its table: bare, it would be that of "hidden" in there.
        id: "x.story_id",
        way,
        own: ids,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::user::UserName;
    use crate::store::{connection, kept, migrate, talk};
    use rusqlite::StatementStatus;

    const NOW: Timestamp = Timestamp::from_ms(1_795_472_177_000);

    /// A site with this many stories, one every 10 minutes, three in four of them with one point.
    fn site(stories: i64) -> (tempfile::TempDir, Conn) {
        let dir = tempfile::tempdir().unwrap();
        let conn = connection::open_writer(&dir.path().join("test.db")).unwrap();
        migrate::run(&conn).unwrap();
        conn.execute_batch("begin; insert into user (id, name, name_key, created_ms) values (1, 'ada', 'ada', 0);
            insert into tag (id, name, description, category) values (1, 'css', '', ''), (2, 'js', '', '');").unwrap();
        for id in 1..=stories {
            let at = NOW.ms() - (stories - id) * 600_000;
            let at = Timestamp::from_ms(at);
            let score = if id % 4 == 0 { 1 + id % 50 } else { 1 };
            conn.prepare_cached(
                "insert into story (id, user_id, title, url, domain, score, hot, day, month, created_ms, active_ms)
                 values (?1, 1, 'A story', 'https://a.org', 'a.org', ?2, ?3, ?4, ?5, ?6, ?6)",
            )
            .unwrap()
            .execute((id, score, -at.seconds(), at.day(), at.month(), at.ms()))
            .unwrap();
            conn.prepare_cached(
                "insert into story_tag select id, 1 + id % 2, 0, hot, created_ms from story where id = ?1
                 union all select id, 2 - id % 2, 0, hot, created_ms from story where id = ?1 and id % 3 = 0",
            )
            .unwrap()
            .execute([id])
            .unwrap();
            conn.prepare_cached(
                "insert into comment (id, story_id, user_id, text, html, created_ms) values (?1 + 1000000, ?1, 1, '', '', ?2)",
            )
            .unwrap()
            .execute((id, at.ms()))
            .unwrap();
        }
        conn.execute_batch("commit").unwrap();
        (dir, conn)
    }

    fn lists() -> Vec<List> {
        let tags = vec![
            TagName::parse("css").unwrap(),
            TagName::parse("js").unwrap(),
        ];
        let mut lists = vec![
            List::Hot,
            List::Newest,
            List::Active,
            List::Tags(tags[..1].to_vec(), TagOrder::Hot),
            List::Tags(tags[..1].to_vec(), TagOrder::Newest),
            List::Tags(tags.clone(), TagOrder::Hot),
            List::Tags(tags, TagOrder::Newest),
            List::Domain("a.org".into()),
            List::By(UserId::new(1), UserName::parse("ada").unwrap()),
            List::Hidden(UserId::new(1)),
        ];
        lists.extend(Span::EACH.map(List::Top));
        lists
    }

    fn scans(conn: &Conn) -> Vec<Scan> {
        let user = UserId::new(1);
        let mut scans: Vec<Scan> = lists()
            .iter()
            .map(|list| scan(conn, list, NOW).unwrap())
            .collect();
        scans.extend(talk::scans(user, StoryId::new(1)));
        scans.extend(kept::scans(user));
        scans
    }

    #[test]
    fn no_list_sorts_or_walks_a_table() {
        let (_dir, conn) = site(10);
        let mut statements: Vec<String> = scans(&conn)
            .iter()
            .flat_map(|scan| [scan.sql(false), scan.sql(true)])
            .collect();
        statements.push(PINNED.to_owned());
        for sql in statements {
            let mut explain = conn.prepare(&format!("explain query plan {sql}")).unwrap();
            let count = explain.parameter_count();
            let steps: Vec<String> = explain
                .query_map(rusqlite::params_from_iter(vec![1; count]), |row| row.get(3))
                .unwrap()
                .collect::<rusqlite::Result<_>>()
                .unwrap();
            for step in &steps {
                let walks =
                    step.starts_with("SCAN") && !step.contains("USING COVERING INDEX story_pinned");
                assert!(!walks && !step.contains("TEMP B-TREE"), "{sql}\n{steps:#?}");
            }
        }
    }

    /// Steps of SQLite's machine for the first page and for one far below.
    fn cost(conn: &Conn, scan: &Scan, after: Option<After>) -> i32 {
        let mut statement = conn.prepare(&scan.sql(after.is_some())).unwrap();
        let mut params: Vec<Value> = vec![
            Value::Null,
            after.map(|after| after.value).into(),
            after.map(|after| after.id).into(),
            31.into(),
        ];
        params.extend(scan.own.iter().cloned());
        statement
            .query_map(rusqlite::params_from_iter(params), |_| Ok(()))
            .unwrap()
            .for_each(drop);
        statement.get_status(StatementStatus::VmStep)
    }

    #[test]
    fn a_list_costs_the_same_whatever_the_number_of_stories() {
        let (_small, few) = site(500);
        let (_large, many) = site(10_000);
        for (small, large) in scans(&few).iter().zip(scans(&many)) {
            let first = (cost(&few, small, None), cost(&many, &large, None));
            assert!(first.1 < first.0 * 6 / 5 + 200, "{large:?}: {first:?}");
        }
    }

    #[test]
    fn a_page_far_below_costs_no_more_than_the_first_ones() {
        let (_dir, conn) = site(10_000);
        for scan in scans(&conn) {
            let first = cost(&conn, &scan, None);
            let mut after = scan.page(&conn, None, None).unwrap().next;
            for _ in 0..60 {
                let Some(place) = after else { break };
                let cost = cost(&conn, &scan, after);
                assert!(
                    cost < first * 3 + 500,
                    "{scan:?} after {place:?}: {cost}, first {first}"
                );
                after = scan.page(&conn, None, after).unwrap().next;
            }
        }
    }

    #[test]
    fn paging_shows_every_story_once_and_in_order() {
        let (_dir, conn) = site(500);
        for list in lists() {
            let mut seen = Vec::new();
            let mut after = None;
            loop {
                let places = scan(&conn, &list, NOW)
                    .unwrap()
                    .page(&conn, None, after)
                    .unwrap();
                seen.extend(places.rows.iter().map(|place| place.id));
                after = places.next;
                if after.is_none() {
                    break;
                }
            }
            let mut unique = seen.clone();
            unique.sort_unstable();
            unique.dedup();
            assert_eq!(seen.len(), unique.len(), "{list:?} repeats");
            // 500 stories at 10 minutes each reach back 3 days and 11 hours.
            let expected = match &list {
                List::Hidden(_) => 0,
                List::Top(Span::Day) => 278,
                List::Tags(tags, _) if tags.len() == 1 => 333,
                _ => 500,
            };
            assert_eq!(seen.len(), expected, "{list:?}");
        }
    }
}
