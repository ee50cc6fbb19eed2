//! The writer's promises: one failing change does not take its neighbours with it, a lost transaction is never answered
//! as done, stamps and head follow the commit; and what the store refuses to open.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use site::cache::{Stamp, Stamps};
use site::error::{Error, Result};
use site::store::{Kind, Store, Tx, Writer, connection, migrate, setting};
use site::time::Clock;

pub type Change = Box<dyn FnOnce(&Tx) -> Result<()> + Send>;

/// A writer by itself, so that its queue can be filled while it is held.
pub struct Fixture {
    writer: Writer,
    stamps: Arc<Stamps>,
    pub reader: rusqlite::Connection,
    // After the writer's end.
    _dir: tempfile::TempDir,
}

impl Fixture {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("site.db");
        let conn = connection::open_writer(&file).unwrap();
        migrate::run(&conn).unwrap();
        let stamps = Arc::new(Stamps::new(0));
        let writer = Writer::start(conn, Arc::clone(&stamps), Clock::System, || {}).unwrap();
        Self {
            writer,
            stamps,
            reader: connection::open_writer(&file).unwrap(),
            _dir: dir,
        }
    }

    /// Queues a change; what is received is its answer, or nothing when it was dropped.
    fn send(&self, change: Change) -> Receiver<Result<()>> {
        self.send_as(Kind::Change, change)
    }

    pub fn send_as(&self, kind: Kind, change: Change) -> Receiver<Result<()>> {
        let (answer, answered) = channel();
        self.writer
            .send(site::errand::Rank::Operator, kind, change, move |result| {
                drop(answer.send(result));
            })
            .unwrap();
        answered
    }

    pub fn write(&self, change: Change) -> Result<()> {
        self.send(change).recv().unwrap_or(Err(Error::Unavailable))
    }

    /// Runs changes in one commit and gives their answers. The writer is held until all of them wait; on a machine so
    /// slow that it takes them apart all the same, the round is made again.
    fn together(&self, changes: impl Fn() -> Vec<Change>) -> Vec<Result<()>> {
        let all = |change| (Kind::Change, change);
        self.together_as(|| changes().into_iter().map(all).collect())
    }

    /// The same for changes of these kinds.
    pub fn together_as(&self, changes: impl Fn() -> Vec<(Kind, Change)>) -> Vec<Result<()>> {
        for _ in 0..1000 {
            let (open, gate) = channel::<()>();
            let held = self.send(Box::new(move |_| {
                // Ends when the other side is dropped.
                let _ = gate.recv();
                Ok(())
            }));
            let (seen, txids) = channel();
            let queued: Vec<_> = changes()
                .into_iter()
                .map(|(kind, change)| {
                    let seen = seen.clone();
                    let change = Box::new(move |tx: &Tx| {
                        let txid: i64 =
                            tx.query_row("select txid from position", [], |row| row.get(0))?;
                        let _ = seen.send(txid);
                        change(tx)
                    });
                    self.send_as(kind, change)
                })
                .collect();
            drop((open, seen));
            // It may share the fate of the others.
            let _ = held.recv();
            let answers = queued
                .into_iter()
                .map(|answer| answer.recv().unwrap_or(Err(Error::Unavailable)))
                .collect();
            let txids: Vec<i64> = txids.iter().collect();
            if txids.iter().all(|txid| *txid == txids[0]) {
                return answers;
            }
        }
        panic!("the writer never took them together");
    }

    pub fn has(&self, name: &str) -> bool {
        let sql = "select exists (select 1 from setting where name = ?1)";
        self.reader
            .query_row(sql, [name], |row| row.get(0))
            .unwrap()
    }

    fn txid(&self) -> u64 {
        let txid: i64 = self
            .reader
            .query_row("select txid from position", [], |row| row.get(0))
            .unwrap();
        txid.cast_unsigned()
    }
}

/// Keeps something under this name.
pub fn keep(name: &'static str) -> Change {
    Box::new(move |tx| setting::set(tx, name, "here"))
}

/// Keeps something, then does worse.
fn keep_then(name: &'static str, then: fn(&Tx) -> Result<()>) -> Change {
    Box::new(move |tx| {
        setting::set(tx, name, "here")?;
        then(tx)
    })
}

/// Makes SQLite drop the whole transaction, as it does by itself after some I/O errors.
pub fn drop_transaction(tx: &Tx) -> Result<()> {
    tx.execute_batch(
        "create table trap (x);
         create trigger snap before insert on trap begin select raise(rollback, 'dropped'); end;
         insert into trap values (1);",
    )?;
    Ok(())
}

#[test]
fn a_change_that_fails_or_panics_rolls_back_alone() {
    let fixture = Fixture::new();
    let answers = fixture.together(|| {
        vec![
            keep("one"),
            keep_then("failed", |_| Err(Error::NotFound)),
            keep("two"),
            keep_then("panicked", |_| panic!("on purpose")),
            keep_then("broken", |tx| {
                Ok(tx.execute_batch("insert into position values (1)")?)
            }),
            keep("three"),
        ]
    });
    assert!(matches!(
        answers[..],
        [
            Ok(()),
            Err(Error::NotFound),
            Ok(()),
            Err(Error::Internal(_)),
            Err(Error::Store(_)),
            Ok(())
        ]
    ));
    for name in ["one", "two", "three"] {
        assert!(fixture.has(name), "{name}");
    }
    for name in ["failed", "panicked", "broken"] {
        assert!(!fixture.has(name), "{name}");
    }
}

#[test]
fn a_transaction_that_sqlite_dropped_is_answered_as_not_saved_to_all_of_it() {
    let fixture = Fixture::new();
    fixture.write(keep("before")).unwrap();
    let answers = fixture.together(|| vec![keep("early"), keep_then("dropped", drop_transaction)]);
    assert!(matches!(
        answers[..],
        [Err(Error::Unavailable), Err(Error::Unavailable)]
    ));
    assert!(fixture.has("before"));
    assert!(!fixture.has("early") && !fixture.has("dropped"));
    fixture.write(keep("after")).unwrap();
    assert!(fixture.has("after"));
}

#[test]
fn those_who_wait_behind_a_dropped_transaction_are_saved() {
    let fixture = Fixture::new();
    let (open, gate) = channel::<()>();
    let dropped = fixture.send(Box::new(move |tx| {
        let _ = gate.recv();
        drop_transaction(tx)
    }));
    let later = fixture.send(keep("later"));
    drop(open);
    assert!(matches!(dropped.recv(), Ok(Err(Error::Unavailable))));
    assert!(matches!(later.recv(), Ok(Ok(()))));
    assert!(fixture.has("later"));
}

#[test]
fn a_full_disk_is_never_answered_as_saved_and_is_recovered_from() {
    let fixture = Fixture::new();
    fixture
        .write(Box::new(|tx| {
            let pages: i64 = tx.query_row("pragma page_count", [], |row| row.get(0))?;
            tx.query_row(
                &format!("pragma max_page_count = {}", pages + 20),
                [],
                |_| Ok(()),
            )?;
            Ok(())
        }))
        .unwrap();
    let mut saved = Vec::new();
    let mut refused = 0;
    for count in 0..40 {
        let name: &'static str = Box::leak(format!("page-{count}").into_boxed_str());
        let answer = fixture.write(Box::new(move |tx| {
            setting::set(tx, name, &"x".repeat(4000))
        }));
        match answer {
            Ok(()) => saved.push(name),
            Err(error) => {
                assert!(matches!(error, Error::Unavailable), "{error:?}");
                assert!(!fixture.has(name), "{name} was refused and is there");
                refused += 1;
            }
        }
    }
    assert!(refused > 10 && !saved.is_empty(), "{refused} {saved:?}");
    for name in saved {
        assert!(fixture.has(name), "{name} was answered and is gone");
    }
    fixture
        .write(Box::new(|tx| {
            tx.query_row("pragma max_page_count = 1000000", [], |_| Ok(()))?;
            Ok(())
        }))
        .unwrap();
    fixture.write(keep("after")).unwrap();
    assert!(fixture.has("after"));
}

#[test]
fn stamps_and_head_tell_of_a_commit_when_it_is_answered() {
    let fixture = Fixture::new();
    let story = Stamp::new("story", 7);
    let untouched = Stamp::new("story", 8);
    fixture
        .write(Box::new(move |tx| {
            tx.stamp(story);
            Ok(())
        }))
        .unwrap();
    let first = fixture.txid();
    assert_eq!(fixture.stamps.changed(story), first);
    assert_eq!(fixture.stamps.changed(untouched), 0);
    assert_eq!(fixture.stamps.head(), first);
    let failed = fixture.write(Box::new(move |tx| {
        tx.stamp(untouched);
        Err(Error::NotFound)
    }));
    assert!(failed.is_err());
    assert_eq!(fixture.stamps.changed(untouched), 0);
    assert_eq!((fixture.stamps.head(), fixture.txid()), (first, first));
    let answers = fixture.together(|| vec![keep("a"), keep("b")]);
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(fixture.stamps.head(), fixture.txid());
    assert_eq!(fixture.stamps.changed(Stamp::site()), fixture.txid());
}

#[test]
fn what_was_answered_is_there_after_the_store_was_opened_anew() {
    let data = tempfile::tempdir().unwrap();
    let open = || Store::open(&data.path().join("data"), Clock::System, 2).unwrap();
    let store = open();
    store
        .write_blocking(|tx| setting::set(tx, "name", "kept"))
        .unwrap();
    drop(store);
    let settings = open().read(setting::load).unwrap();
    assert_eq!(settings.name, "kept");
}

#[test]
fn a_second_opening_of_a_data_directory_is_refused_with_the_first_ones_pid() {
    let data = tempfile::tempdir().unwrap();
    let _first = Store::open(data.path(), Clock::System, 2).unwrap();
    match Store::open(data.path(), Clock::System, 2).err().unwrap() {
        Error::Locked { pid, dir } => {
            assert_eq!(pid, std::process::id().to_string());
            assert_eq!(dir, data.path().display().to_string());
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_database_of_a_newer_version_is_refused_and_left_alone() {
    let data = tempfile::tempdir().unwrap();
    drop(Store::open(data.path(), Clock::System, 2).unwrap());
    let file = data.path().join("site.db");
    let conn = rusqlite::Connection::open(&file).unwrap();
    conn.pragma_update(None, "user_version", migrate::newest() + 1)
        .unwrap();
    drop(conn);
    let before = std::fs::read(&file).unwrap();
    let refused = Store::open(data.path(), Clock::System, 2).err().unwrap();
    assert!(
        matches!(refused, Error::SchemaNewer { found, known } if found == known + 1),
        "{refused:?}"
    );
    assert!(
        before == std::fs::read(&file).unwrap(),
        "the file was changed"
    );
}
