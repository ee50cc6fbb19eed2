//! What is taken from a real WAL: spilled, shrunk, padded, written by somebody else.

use std::collections::BTreeMap;
use std::path::Path;

use super::*;
use crate::store::{connection, delta, migrate};

/// Keeps commits in memory.
#[derive(Default)]
struct Memory {
    kept: Mutex<Vec<Arc<Commit>>>,
    start: Mutex<Option<Point>>,
}

impl Journal for Memory {
    fn end(&self) -> Option<(Point, Cursor)> {
        let kept = self.kept.lock().unwrap();
        let start = self
            .start
            .lock()
            .unwrap()
            .map(|point| (point, Cursor::default()));
        kept.last()
            .map(|commit| (commit.point, commit.cursor))
            .or(start)
    }

    fn append(&self, commit: Arc<Commit>) -> Result<()> {
        assert_eq!(commit.before, self.end().unwrap().0.chain);
        assert!(commit.is_whole());
        self.kept.lock().unwrap().push(commit);
        Ok(())
    }

    fn sync(&self) -> Result<()> {
        Ok(())
    }

    fn restart(&self, point: Point) -> Result<()> {
        self.kept.lock().unwrap().clear();
        *self.start.lock().unwrap() = Some(point);
        Ok(())
    }
}

struct Fixture {
    conn: Connection,
    capture: Capture,
    journal: Arc<Memory>,
    dir: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut conn = connection::open_writer(&dir.path().join("site.db")).unwrap();
        migrate::run(&conn).unwrap();
        conn.execute_batch("create table thing (id integer primary key, text)")
            .unwrap();
        let journal = Arc::new(Memory::default());
        let capture = Capture::begin(&mut conn, Arc::clone(&journal) as Arc<dyn Journal>).unwrap();
        Self {
            conn,
            capture,
            journal,
            dir,
        }
    }

    fn commit(&mut self, sql: &str) -> Kept {
        self.conn.execute_batch("begin immediate").unwrap();
        self.conn.execute_batch(sql).unwrap();
        let position = position::advance(&self.conn, 1, Some(self.capture.chain())).unwrap();
        self.conn.execute_batch("commit").unwrap();
        self.capture.commit(&self.conn, position, 1, Vec::new())
    }

    fn last(&self) -> Arc<Commit> {
        Arc::clone(self.journal.kept.lock().unwrap().last().unwrap())
    }

    /// The database as this connection sees it.
    fn page(&self, number: u32) -> Vec<u8> {
        let sql = "select data from sqlite_dbpage where pgno = ?1";
        self.conn
            .query_row(sql, [number], |row| row.get(0))
            .unwrap()
    }

    fn size(&self) -> u32 {
        self.conn
            .query_row("pragma page_count", [], |row| row.get(0))
            .unwrap()
    }
}

const GROW: &str = "with recursive n(n) as (select 1 union all select n + 1 from n limit 3000)
    insert into thing (text) select hex(randomblob(200)) from n;";

#[test]
fn each_commit_is_taken_with_the_pages_that_it_left_also_when_it_spilled() {
    let mut fixture = Fixture::new();
    fixture
        .conn
        .execute_batch("pragma cache_size = 10")
        .unwrap();
    let before = fixture.size();
    assert_eq!(fixture.commit(GROW), Kept::Yes);
    let commit = fixture.last();
    assert_eq!(
        (commit.point.position.txid, commit.size),
        (1, fixture.size())
    );
    assert!(
        commit
            .pages
            .is_sorted_by(|one, other| one.number < other.number)
    );
    let grown = commit
        .pages
        .iter()
        .filter(|page| page.number > before)
        .count();
    assert_eq!(grown, (commit.size - before) as usize);
    for page in &commit.pages {
        assert!(
            *page.data == *fixture.page(page.number),
            "page {}",
            page.number
        );
    }
    assert_eq!(fixture.commit("delete from thing where id % 2"), Kept::Yes);
    assert_eq!(fixture.last().before, commit.point.chain);
}

#[test]
fn the_row_says_which_history_came_before() {
    let mut fixture = Fixture::new();
    fixture.commit("insert into thing (text) values ('a')");
    let first = fixture.last().point;
    fixture.commit("insert into thing (text) values ('b')");
    let row = position::read(&fixture.conn).unwrap();
    assert_eq!(row.before, first.chain);
    assert_eq!(row.position, Position { epoch: 1, txid: 2 });
}

#[test]
fn a_wal_that_begins_anew_is_followed() {
    let mut fixture = Fixture::new();
    let mut generations = Vec::new();
    for _ in 0..5 {
        assert_eq!(fixture.commit(GROW), Kept::Yes);
        generations.push(fixture.last().cursor.sequence);
        for mode in ["passive", "truncate"] {
            let sql = format!("pragma wal_checkpoint({mode})");
            fixture.conn.query_row(&sql, [], |_| Ok(())).unwrap();
            assert_eq!(
                fixture.commit("delete from thing where id % 3 = 0"),
                Kept::Yes
            );
        }
    }
    assert!(
        generations.windows(2).all(|pair| pair[1] == pair[0] + 2),
        "{generations:?}"
    );
}

#[test]
fn what_somebody_else_writes_lets_the_journal_begin_anew() {
    for sql in [
        "insert into thing (text) values ('x')",
        "vacuum",
        "update position set txid = 9",
        "vacuum; pragma wal_checkpoint(passive)",
        "vacuum; pragma wal_checkpoint(truncate)",
    ] {
        let mut fixture = Fixture::new();
        fixture.commit(GROW);
        let before = fixture.last().point;
        let other = Connection::open(fixture.dir.path().join("site.db")).unwrap();
        other.execute_batch(sql).unwrap();
        assert_eq!(
            fixture.commit("delete from thing where id = 1"),
            Kept::No,
            "{sql}"
        );
        let (end, _) = fixture.journal.end().unwrap();
        assert_ne!(end.chain, before.chain);
        assert_eq!(
            end.position,
            position::read(&fixture.conn).unwrap().position
        );
        assert_eq!(
            fixture.commit("delete from thing where id = 2"),
            Kept::Yes,
            "{sql}"
        );
        assert_eq!(fixture.last().before, end.chain);
    }
}

#[test]
fn pages_without_a_frame_are_filled_in_and_the_lock_page_never_is() {
    let page = |number| Page {
        number,
        data: Box::default(),
    };
    let filled = |size, to, numbers: &[u32]| {
        let mut gathered = Gathered {
            size: to,
            pages: numbers.iter().map(|number| page(*number)).collect(),
            frames: Vec::new(),
            cursor: Cursor::default(),
        };
        fill(&mut gathered, size, 65536, |_| Ok(Vec::new())).unwrap();
        gathered
            .pages
            .iter()
            .map(|page| page.number)
            .collect::<Vec<_>>()
    };
    assert_eq!(filled(4, 9, &[2, 5, 7, 8]), [2, 5, 6, 7, 8, 9]);
    assert_eq!(filled(4, 6, &[2]), [2, 5, 6]);
    assert_eq!(filled(4, 4, &[2]), [2]);
    assert_eq!(filled(9, 4, &[2]), [2]);
    assert_eq!(filled(16383, 16387, &[16384]), [16384, 16386, 16387]);
}

/// The pages of a commit as its differences make them, from what all pages were before.
fn put_together(commit: &Commit, before: &BTreeMap<u32, Vec<u8>>) -> Vec<Page> {
    let page = |delta: &Delta| {
        let mut data = before[&delta.number].clone();
        delta::apply(&mut data, &delta.bytes).unwrap();
        let (number, data) = (delta.number, data.into());
        Page { number, data }
    };
    commit.deltas.iter().map(page).collect()
}

#[test]
fn differences_lead_from_what_pages_were_to_what_they_are_in_every_generation_of_the_wal() {
    let mut fixture = Fixture::new();
    let (mut changed, mut whole) = (0, 0);
    fixture.commit(GROW);
    for round in 0..60 {
        let before = (1..=fixture.size())
            .map(|number| (number, fixture.page(number)))
            .collect();
        let sql = match round % 12 {
            3 => "delete from thing where id > 1500 and id % 7 = 0".into(),
            5 => GROW.replace("3000", "40"),
            7 => "delete from thing where id > 2900".into(),
            _ => format!(
                "update thing set text = replace(text, 'A', 'F') where id = {}",
                round * 37 + 1
            ),
        };
        assert_eq!(fixture.commit(&sql), Kept::Yes, "round {round}");
        let commit = fixture.last();
        for page in put_together(&commit, &before) {
            let is_right = commit.pages.contains(&page);
            assert!(is_right, "page {} in round {round}", page.number);
        }
        changed += commit.deltas.len();
        whole += commit.pages.len() - commit.deltas.len();
        if round % 4 == 3 {
            // All is copied back: the next commit begins another generation.
            let sql = "pragma wal_checkpoint(passive)";
            let left = |row: &rusqlite::Row| Ok(row.get::<_, i64>(1)? - row.get::<_, i64>(2)?);
            assert_eq!(fixture.conn.query_row(sql, [], left).unwrap(), 0);
        }
    }
    assert!(changed > whole, "{changed} of {whole} more");
}

#[test]
fn when_capture_begins_in_the_middle_of_a_wal_pages_without_a_frame_since_are_whole() {
    let mut fixture = Fixture::new();
    fixture.commit(GROW);
    let journal = Arc::new(Memory::default());
    fixture.capture =
        Capture::begin(&mut fixture.conn, Arc::clone(&journal) as Arc<dyn Journal>).unwrap();
    fixture.journal = journal;
    let sql = "update thing set text = replace(text, 'A', 'F') where id = 1000";
    assert_eq!(fixture.commit(sql), Kept::Yes);
    assert_eq!(fixture.last().deltas, []);
    let sql = "update thing set text = replace(text, 'B', 'F') where id = 1000";
    assert_eq!(fixture.commit(sql), Kept::Yes);
    assert_ne!(fixture.last().deltas, []);
}

/// A copy of the files as a crash would leave them.
fn crash(dir: &Path) -> (tempfile::TempDir, Connection) {
    let image = tempfile::tempdir().unwrap();
    for name in ["site.db", "site.db-wal"] {
        std::fs::copy(dir.join(name), image.path().join(name)).unwrap();
    }
    let conn = connection::open_writer(&image.path().join("site.db")).unwrap();
    (image, conn)
}

/// Repeats the last frame so often, as SQLite does on disks that may tear a sector.
fn pad(dir: &Path, times: usize) {
    let file = dir.join("site.db-wal");
    let mut bytes = std::fs::read(&file).unwrap();
    let header = super::super::frame::Header::parse(bytes.first_chunk().unwrap()).unwrap();
    let last = bytes.len() - header.stride();
    for _ in 0..times {
        let mut frame = bytes[last..].to_vec();
        let before = super::super::frame::stored(&bytes[bytes.len() - header.stride()..]);
        let sum = super::super::frame::sum(header.order, before, &frame[..8]);
        let sum = super::super::frame::sum(header.order, sum, &frame[24..]);
        frame[16..20].copy_from_slice(&sum[0].to_be_bytes());
        frame[20..24].copy_from_slice(&sum[1].to_be_bytes());
        bytes.extend(frame);
    }
    std::fs::write(&file, bytes).unwrap();
}

#[test]
fn after_a_crash_the_journal_gets_what_it_lost_from_the_wal() {
    for padding in [0, 3] {
        let mut fixture = Fixture::new();
        for id in 1..=20 {
            fixture.commit(if id % 5 == 0 {
                GROW
            } else {
                "delete from thing where id % 7 = 0"
            });
        }
        let all = fixture.journal.kept.lock().unwrap().clone();
        pad(fixture.dir.path(), padding);
        // A cursor that was taken stands after the padding, so that only what was lost can have some.
        let first = usize::from(padding > 0);
        for lost in [0, 1, 2, 7, 19, 20].into_iter().skip(first) {
            let journal = Arc::new(Memory::default());
            *journal.start.lock().unwrap() = *fixture.journal.start.lock().unwrap();
            *journal.kept.lock().unwrap() = all[..20 - lost].to_vec();
            let (_image, mut conn) = crash(fixture.dir.path());
            let capture =
                Capture::begin(&mut conn, Arc::clone(&journal) as Arc<dyn Journal>).unwrap();
            let kept = journal.kept.lock().unwrap();
            if lost == 20 {
                // Its cursor is of no WAL, and the WAL begins before it.
                assert!(kept.is_empty() && capture.chain() != all[19].point.chain);
                continue;
            }
            assert_eq!(kept.len(), 20, "{lost} lost, {padding}");
            for (one, other) in kept.iter().zip(&all) {
                assert_eq!(
                    (one.point, &one.pages, one.size),
                    (other.point, &other.pages, other.size)
                );
            }
            assert_eq!(capture.chain(), all[19].point.chain);
        }
    }
}

#[test]
fn a_journal_that_lost_more_than_the_wal_has_begins_anew() {
    let mut fixture = Fixture::new();
    for _ in 0..3 {
        fixture.commit(GROW);
    }
    fixture
        .conn
        .query_row("pragma wal_checkpoint(passive)", [], |_| Ok(()))
        .unwrap();
    for _ in 0..3 {
        fixture.commit("delete from thing where id % 7 = 0");
    }
    let all = fixture.journal.kept.lock().unwrap().clone();
    assert_eq!(all[5].cursor.sequence, all[2].cursor.sequence + 1);
    for (kept, is_whole) in [(2, false), (3, true), (4, true), (6, true)] {
        let journal = Arc::new(Memory::default());
        *journal.kept.lock().unwrap() = all[..kept].to_vec();
        let (_image, mut conn) = crash(fixture.dir.path());
        let capture = Capture::begin(&mut conn, Arc::clone(&journal) as Arc<dyn Journal>).unwrap();
        assert_eq!(capture.chain() == all[5].point.chain, is_whole, "{kept}");
        assert_eq!(journal.end().unwrap().0.position, all[5].point.position);
    }
}

#[test]
fn a_journal_that_is_ahead_of_its_database_is_left_alone() {
    let mut fixture = Fixture::new();
    fixture.commit(GROW);
    let (_image, mut conn) = crash(fixture.dir.path());
    fixture.commit(GROW);
    let begun = Capture::begin(&mut conn, Arc::clone(&fixture.journal) as Arc<dyn Journal>);
    assert!(matches!(begun.map(drop), Err(Error::DataDir(_))));
    assert_eq!(fixture.journal.kept.lock().unwrap().len(), 2);
}
