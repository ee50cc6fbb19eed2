//! Counts against the rows that they count: recomputed here, independently of the store's own SQL.

use rusqlite::Connection;
use site::domain::rank;
use site::time::Timestamp;

/// Rows that would be false, each with what they are; every query must find none.
const LIES: &[(&str, &str)] = &[
    (
        "score of a story",
        "select id, score, base_score + (select count(*) from vote where item_id = story.id) as truth
         from story where score <> truth",
    ),
    (
        "score of a comment",
        "select id, score, base_score + (select count(*) from vote where item_id = comment.id) as truth
         from comment where score <> truth",
    ),
    (
        "comments of a story",
        "select s.id, s.comment_count, count(c.id) as truth
         from story s left join comment c on c.story_id = s.id and c.state = 0
         group by s.id having s.comment_count <> count(c.id)",
    ),
    (
        "points of a story's comments",
        "select s.id, s.comment_points, total(c.base_score + 1 + (select count(*) from vote v where v.item_id = c.id)) as truth
         from story s left join comment c on c.story_id = s.id and c.state = 0 and c.user_id <> s.user_id
         group by s.id having s.comment_points <> truth",
    ),
    (
        "last activity of a story",
        "select s.id, s.active_ms, max(s.created_ms, coalesce(max(c.created_ms), 0)) as truth
         from story s left join comment c on c.story_id = s.id and c.state = 0
         group by s.id having s.active_ms <> truth",
    ),
    (
        "karma",
        "with item (id, user_id, base_score) as (
           select id, user_id, base_score from story union all select id, user_id, base_score from comment)
         select u.id, u.karma, total(i.base_score - 1 + (select count(*) from vote v where v.item_id = i.id)) as truth
         from user u left join item i on i.user_id = u.id group by u.id having u.karma <> truth",
    ),
    (
        "open flags",
        "with item (id, flags) as (select id, flags from story union all select id, flags from comment)
         select id, flags, (select count(*) from flag f where f.item_id = item.id and f.settled_ms is null) as truth
         from item where flags <> truth",
    ),
    (
        "a vote on nothing or on one's own",
        "select v.item_id, v.user_id, 0 from vote v
         left join story s on s.id = v.item_id left join comment c on c.id = v.item_id
         where coalesce(s.user_id, c.user_id, v.user_id) = v.user_id",
    ),
    (
        "copies beside a tag",
        "select st.story_id, st.tag_id, 0 from story_tag st join story s on s.id = st.story_id
         where st.state <> s.state or st.hot <> s.hot or st.created_ms <> s.created_ms",
    ),
    (
        "a comment away from its parent's story",
        "select c.id, c.parent_id, 0 from comment c join comment p on p.id = c.parent_id where p.story_id <> c.story_id",
    ),
    (
        "an id of a story and a comment",
        "select s.id, 0, 0 from story s join comment c on c.id = s.id",
    ),
    (
        "the next id is taken",
        "select next, 0, 0 from sequence
         where next <= (select coalesce(max(id), 0) from story) or next <= (select coalesce(max(id), 0) from comment)",
    ),
];

/// Everything that is counted wrong.
pub fn lies(conn: &Connection) -> Vec<String> {
    let mut found = Vec::new();
    for (what, sql) in LIES {
        let mut query = conn.prepare(sql).unwrap();
        let mut rows = query.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let (id, kept): (i64, i64) = (row.get(0).unwrap(), row.get(1).unwrap());
            found.push(format!("{what}: {id} has {kept}, not {:?}", row.get_ref(2)));
        }
    }
    found.extend(wrong_ranks(conn));
    found
}

fn wrong_ranks(conn: &Connection) -> Vec<String> {
    let sql = "select s.id, s.hot, s.score - s.flags, s.comment_points, s.created_ms,
                 (select total(t.hotness_mod) from story_tag st join tag t on t.id = st.tag_id where st.story_id = s.id)
               from story s";
    let mut query = conn.prepare(sql).unwrap();
    let rows = query
        .query_map([], |row| {
            let created = Timestamp::from_ms(row.get(4)?);
            let truth = rank::hot(row.get(2)?, row.get(3)?, row.get(5)?, created);
            Ok((row.get::<_, i64>(0)?, row.get::<_, f64>(1)?, truth))
        })
        .unwrap();
    rows.map(Result::unwrap)
        .filter(|(_, kept, truth)| (kept - truth).abs() > 1e-9)
        .map(|(id, kept, truth)| format!("hot of story {id}: {kept}, not {truth}"))
        .collect()
}

/// SQLite's own check of the file and of the full-text index against the texts. Needs a connection that may write.
pub fn check_file(conn: &Connection) {
    let answer: String = conn
        .query_row("pragma integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(answer, "ok");
    let broken_keys = conn
        .prepare("pragma foreign_key_check")
        .unwrap()
        .exists([])
        .unwrap();
    assert!(!broken_keys, "a foreign key leads nowhere");
    conn.execute(
        "insert into search (search, rank) values ('integrity-check', 1)",
        [],
    )
    .unwrap();
}
