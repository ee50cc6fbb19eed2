//! The WAL, while people write without a pause and others read all the time: it begins anew again and again.

use std::sync::atomic::{AtomicBool, Ordering};

use site::store::Store;
use site::time::Clock;

/// Those who write; with each there is a commit on its way whenever a checkpoint ends.
const WRITERS: i64 = 3;
/// Bytes that are written in all.
const ALL: i64 = 300_000_000;
/// Most that the WAL may come to.
const MOST: u64 = 150_000_000;

fn site() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), Clock::System, 4).unwrap();
    let made = store.write_blocking(|tx| {
        tx.execute_batch("create table thing (id integer primary key, bytes blob)")?;
        for id in 0..WRITERS {
            tx.execute("insert into thing (id) values (?1)", [id])?;
        }
        Ok(())
    });
    made.unwrap();
    (dir, store)
}

/// Writes all of it, so many bytes at a time; readers whose snapshots overlap look on meanwhile. The WAL's bytes afterwards.
fn write_among(readers: usize, bytes: i64) -> u64 {
    let (_dir, store) = site();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..readers {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    let sum = "select sum(length(hex(bytes))) from thing";
                    let read = |conn: &site::store::Conn| {
                        Ok(conn.query_row(sum, [], |row| row.get::<_, Option<i64>>(0))?)
                    };
                    store.read(read).unwrap();
                }
            });
        }
        let write = |id| {
            let store = &store;
            scope.spawn(move || {
                for _ in 0..ALL / WRITERS / bytes {
                    let change = "update thing set bytes = randomblob(?2) where id = ?1";
                    let write = move |tx: &site::store::Tx| Ok(tx.execute(change, (id, bytes))?);
                    assert_eq!(store.write_blocking(write).unwrap(), 1);
                }
            })
        };
        let writers: Vec<_> = (0..WRITERS).map(write).collect();
        for writer in writers {
            writer.join().unwrap();
        }
        is_over.store(true, Ordering::Relaxed);
    });
    store.bytes().1
}

#[test]
fn a_wal_does_not_grow_for_as_long_as_people_write() {
    let bytes = write_among(0, 100_000);
    assert!(bytes < MOST, "{bytes}");
}

#[test]
fn a_wal_does_not_grow_for_as_long_as_snapshots_overlap() {
    let bytes = write_among(2, 100_000);
    assert!(bytes < MOST, "{bytes}");
}

#[test]
fn a_wal_does_not_grow_for_as_long_as_each_commit_is_larger_than_what_the_writer_waits_for() {
    let bytes = write_among(0, 3_000_000);
    assert!(bytes < MOST, "{bytes}");
}
