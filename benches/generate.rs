//! A site of any size, always the same: stories over five years, ten comments a story on average (one in sixteen has many,
//! one has 2,000), short texts of words that are as unevenly frequent as those of a language.
//!
//! Rows go straight into the tables, with indexes and full text built at the end; the counts are right all the same.

use std::path::Path;
use std::time::Instant;

use rusqlite::{Connection, params};
use site::domain::rank;
use site::store::{self, Store};
use site::time::{Clock, Timestamp};

/// Comments of the story with the long thread.
pub const LONG_THREAD: usize = 2_000;
/// End of the five years: 2026-11-01.
const END_MS: i64 = 1_793_491_200_000;
const SPAN_MS: i64 = 5 * 365 * 86_400_000;

/// Which story has the long thread, by its number from 1: one of the newest.
pub fn long_thread(stories: usize) -> usize {
    stories - 50
}

/// The id of story number `story`: stories and comments share one sequence, ten comments follow each story.
pub fn story_id(story: usize) -> i64 {
    integer((story - 1) * 11 + 1)
}

/// The id of comment number `n`, from 0.
fn comment_id(n: usize) -> i64 {
    integer(n / 10 * 11 + 2 + n % 10)
}

/// A small fast generator of pseudo-random numbers (splitmix64, <https://prng.di.unimi.it/splitmix64.c>).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    /// Small numbers often, `end - 1` seldom.
    fn skewed(&mut self, end: usize) -> usize {
        let limit = self.below(end) + 1;
        let limit = self.below(limit) + 1;
        self.below(limit)
    }
}

/// What is the same for all rows.
struct Plan {
    stories: usize,
    users: usize,
    words: Vec<String>,
    tags: Vec<i64>,
}

/// What comments make of a story.
#[derive(Clone, Default)]
struct Thread {
    comments: i64,
    points: i64,
    active_ms: i64,
    last: i64,
}

/// Makes a data directory.
pub fn site(dir: &Path, stories: usize) {
    let file = dir.join("site.db");
    assert!(!file.exists(), "{} exists", file.display());
    let begun = Instant::now();
    let told = |what: &str| eprintln!("{what}: {:.0} s", begun.elapsed().as_secs_f64());
    let store = Store::open(dir, Clock::System, 2).unwrap();
    store.write_blocking(store::tag::seed).unwrap();
    let tags = store.read(store::tag::all).unwrap();
    drop(store);
    let plan = Plan {
        stories,
        users: (stories / 20).max(100),
        words: words(),
        tags: tags.iter().map(|tag| tag.id.raw()).collect(),
    };
    let conn = store::connection::open_writer(&file).unwrap();
    // The store's last connection may still be closing.
    while conn.execute_batch("pragma journal_mode = off").is_err() {
        assert!(begun.elapsed().as_secs() < 10, "the database stays locked");
        std::thread::yield_now();
    }
    conn.execute_batch(
        "pragma synchronous = off; pragma foreign_keys = off; pragma cache_size = -1000000;",
    )
    .unwrap();
    let indexes = drop_indexes(&conn);
    conn.execute_batch("begin").unwrap();
    let mut karma = vec![0; plan.users];
    let threads = make_comments(&conn, &plan, &mut karma);
    told("comments");
    make_stories(&conn, &plan, &threads, &mut karma);
    make_users(&conn, &karma);
    let next = i64::try_from(stories * 11 + 1).unwrap();
    conn.execute("update sequence set next = ?1", [next])
        .unwrap();
    conn.execute_batch("commit").unwrap();
    told("stories and members");
    for index in &indexes {
        conn.execute_batch(index).unwrap();
    }
    told("indexes");
    conn.execute_batch(
        "insert into search (search, rank) values ('hashsize', 268435456);
         insert into search (search) values ('rebuild');
         insert into search (search, rank) values ('hashsize', 1048576);
         pragma journal_mode = wal;",
    )
    .unwrap();
    let size = std::fs::metadata(&file).unwrap().len() >> 20;
    told(&format!("{stories} stories, {size} MB with full text"));
}

/// 3,000 made-up words after some that searches ask for.
fn words() -> Vec<String> {
    let mut random = Random(7);
    let known = "the a to of and is in it for that on with this as not but you be are have javascript css browser \
                 database performance security rust compiler latency cache index query async promise closure";
    let parts = [
        "ka", "lo", "mi", "ter", "sen", "vor", "an", "pel", "ric", "du", "gra", "nos", "ta", "lim",
    ];
    let mut words: Vec<String> = known.split_whitespace().map(str::to_owned).collect();
    while words.len() < 3_000 {
        let count = 2 + random.below(3);
        words.push(
            (0..count)
                .map(|_| parts[random.below(parts.len())])
                .collect(),
        );
    }
    words
}

/// Indexes are built faster afterwards; answers with how.
fn drop_indexes(conn: &Connection) -> Vec<String> {
    let sql = "select name, sql from sqlite_schema where type = 'index' and sql is not null
               and tbl_name in ('story', 'comment', 'story_tag')";
    let mut query = conn.prepare(sql).unwrap();
    let all: Vec<(String, String)> = query
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    for (name, _) in &all {
        conn.execute_batch(&format!("drop index {name}")).unwrap();
    }
    all.into_iter().map(|(_, sql)| sql).collect()
}

impl Plan {
    fn text(&self, random: &mut Random, count: usize) -> String {
        let words: Vec<&str> = (0..count)
            .map(|_| self.words[random.skewed(self.words.len())].as_str())
            .collect();
        words.join(" ")
    }

    fn story_ms(&self, story: usize) -> i64 {
        END_MS - SPAN_MS + SPAN_MS / integer(self.stories) * integer(story)
    }

    fn author(&self, story: usize) -> usize {
        Random(story as u64).skewed(self.users)
    }

    /// The story that comment `n` belongs to: one of the newest then, rather a popular one; the long thread takes every
    /// second comment at the end.
    fn story_of(&self, n: usize, random: &mut Random) -> usize {
        let long = long_thread(self.stories);
        if n + LONG_THREAD * 2 >= self.stories * 10 && n.is_multiple_of(2) {
            return long;
        }
        let newest = n / 10 + 1;
        let story = newest - random.skewed(newest.min(400));
        let popular = story / 16 * 16;
        let story = if popular > 0 && random.below(2) == 0 {
            popular
        } else {
            story
        };
        if story == long { long - 1 } else { story }
    }
}

fn integer(number: usize) -> i64 {
    i64::try_from(number).unwrap()
}

/// Comments in the order of time.
fn make_comments(conn: &Connection, plan: &Plan, karma: &mut [i64]) -> Vec<Thread> {
    let mut random = Random(1);
    let mut threads = vec![Thread::default(); plan.stories + 1];
    let sql = "insert into comment (id, story_id, parent_id, user_id, text, html, base_score, score, created_ms)
               values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8)";
    let mut insert = conn.prepare(sql).unwrap();
    for n in 0..plan.stories * 10 {
        let story = plan.story_of(n, &mut random);
        let thread = &mut threads[story];
        let id = comment_id(n);
        let user = random.skewed(plan.users);
        let score = 1 + integer(random.skewed(30));
        let created = plan.story_ms(n / 10 + 1).max(plan.story_ms(story)) + integer(n % 10) * 1000;
        let parent = (thread.last > 0 && random.below(3) > 0).then_some(thread.last);
        let count = 10 + random.below(15);
        let text = plan.text(&mut random, count);
        let html = format!("<p>{text}</p>\n");
        insert
            .execute(params![
                id,
                story_id(story),
                parent,
                integer(user + 1),
                text,
                html,
                score,
                created
            ])
            .unwrap();
        // A chain goes on for a while, then another one begins.
        thread.last = if random.below(6) == 0 { 0 } else { id };
        thread.comments += 1;
        thread.active_ms = thread.active_ms.max(created);
        thread.points += if plan.author(story) == user {
            0
        } else {
            score + 1
        };
        karma[user] += score - 1;
    }
    threads
}

fn make_stories(conn: &Connection, plan: &Plan, threads: &[Thread], karma: &mut [i64]) {
    let mut random = Random(2);
    let sql = "insert into story (id, user_id, title, url, url_key, domain, base_score, score, comment_count,
                 comment_points, hot, day, month, created_ms, active_ms)
               values (?1, ?2, ?3, ?4, ?4, ?5, ?6, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    let mut insert = conn.prepare(sql).unwrap();
    let sql = "insert or ignore into story_tag values (?1, ?2, 0, ?3, ?4)";
    let mut insert_tag = conn.prepare(sql).unwrap();
    for (story, thread) in threads.iter().enumerate().skip(1) {
        let user = plan.author(story);
        let created = Timestamp::from_ms(plan.story_ms(story));
        let score = 1 + integer(random.skewed(500));
        let domain = format!("site{}.example", random.skewed(2_000));
        let count = 4 + random.below(7);
        let hot = rank::hot(score, thread.points, 0.0, created);
        insert
            .execute(params![
                story_id(story),
                integer(user + 1),
                plan.text(&mut random, count),
                format!("https://{domain}/{story}"),
                domain,
                score,
                thread.comments,
                thread.points,
                hot,
                created.day(),
                created.month(),
                created.ms(),
                thread.active_ms.max(created.ms()),
            ])
            .unwrap();
        karma[user] += score - 1;
        for _ in 0..=random.below(3) {
            let tag = plan.tags[random.skewed(plan.tags.len())];
            insert_tag
                .execute(params![story_id(story), tag, hot, created.ms()])
                .unwrap();
        }
    }
}

fn make_users(conn: &Connection, karma: &[i64]) {
    let sql =
        "insert into user (id, name, name_key, karma, created_ms) values (?1, ?2, ?2, ?3, ?4)";
    let mut insert = conn.prepare(sql).unwrap();
    for (n, karma) in karma.iter().enumerate() {
        let id = integer(n + 1);
        let name = format!("member{id}");
        insert
            .execute(params![id, name, karma, END_MS - SPAN_MS])
            .unwrap();
    }
}
