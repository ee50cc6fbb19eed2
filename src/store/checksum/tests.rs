//! Pages that were changed behind the back of their checksums, and those that were not.

use std::os::unix::fs::FileExt;

use super::scrub::Round;
use super::*;
use crate::store::{Store, connection};
use crate::time::Clock;

/// A site's directory with something in it.
fn filled() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), Clock::System, 2).unwrap();
    store
        .write_blocking(|tx| {
            tx.execute_batch(
                "create table filler (id integer primary key, text blob);
                 with n(i) as (select 1 union all select i + 1 from n where i < 300)
                 insert into filler (text) select randomblob(4000) from n",
            )?;
            Ok(())
        })
        .unwrap();
    store.finish();
    dir
}

/// Flips a bit of a page, as a disk does: nothing else changes.
fn flip(dir: &Path, page: u32) {
    let file = dir.join("site.db");
    let open = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(&file)
        .unwrap();
    let changed = open.metadata().unwrap().modified().unwrap();
    let at = u64::from(page - 1) * 4096 + 1234;
    let mut byte = [0];
    open.read_exact_at(&mut byte, at).unwrap();
    open.write_all_at(&[byte[0] ^ 4], at).unwrap();
    open.set_modified(changed).unwrap();
}

/// What whole rounds find.
fn found(dir: &Path) -> BTreeSet<u32> {
    let dir = DataDir::open(dir).unwrap();
    let checksums = std::sync::Arc::new(Checksums::open(&dir));
    rounds(&dir, &checksums);
    let damaged = checksums.damaged();
    checksums.keep(&dir);
    damaged
}

fn rounds(dir: &DataDir, checksums: &std::sync::Arc<Checksums>) {
    let reader = connection::open_reader(&dir.database()).unwrap();
    let mut round = Round::new(std::sync::Arc::clone(checksums), reader);
    for _ in 0..20 {
        round.step();
    }
}

#[test]
fn a_flipped_bit_is_found_after_a_restart_and_a_sound_file_is_sound() {
    let dir = filled();
    assert_eq!(check(dir.path()).unwrap(), Some(BTreeSet::new()));
    assert!(found(dir.path()).is_empty());
    flip(dir.path(), 7);
    flip(dir.path(), 290);
    let both = BTreeSet::from([7, 290]);
    assert_eq!(check(dir.path()).unwrap(), Some(both.clone()));
    assert_eq!(found(dir.path()), both);
    // Neither is taken for right because it was found.
    assert_eq!(found(dir.path()), both);
    flip(dir.path(), 7);
    assert_eq!(found(dir.path()), BTreeSet::from([290]));
}

#[test]
fn what_another_program_writes_is_taken_as_it_is() {
    let dir = filled();
    Conn::open(dir.path().join("site.db"))
        .unwrap()
        .execute_batch("delete from filler where id % 2 = 0; vacuum")
        .unwrap();
    assert_eq!(check(dir.path()).unwrap(), None);
    assert!(found(dir.path()).is_empty());
}

#[test]
fn checksums_that_are_not_whole_are_none() {
    let dir = filled();
    let file = dir.path().join("checksums");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[100] ^= 1;
    std::fs::write(&file, &bytes).unwrap();
    assert_eq!(check(dir.path()).unwrap(), None);
    std::fs::write(&file, &bytes[..50]).unwrap();
    assert_eq!(check(dir.path()).unwrap(), None);
}

#[test]
fn checkpoints_in_all_modes_leave_what_they_wrote_known_and_a_page_that_is_written_anew_is_sound() {
    let dir = filled();
    let dir = DataDir::open(dir.path()).unwrap();
    let file = dir.database();
    let checksums = std::sync::Arc::new(Checksums::open(&dir));
    let conn = connection::open_writer(&file).unwrap();
    let reader = connection::open_reader(&file).unwrap();
    for (round, mode) in (0..).zip([Mode::Passive, Mode::Restart, Mode::Truncate, Mode::Passive]) {
        conn.execute(
            "update filler set text = randomblob(3900) where id % 4 = ?1",
            [round],
        )
        .unwrap();
        if round == 2 {
            conn.execute_batch("delete from filler where id > 200; vacuum")
                .unwrap();
        }
        reader
            .query_row("select count(*) from filler", [], |_| Ok(()))
            .unwrap();
        let done = checksums
            .checkpoint(&reader, (&conn, Schema::Main), mode)
            .unwrap();
        assert_eq!(done.left(), 0);
        rounds(&dir, &checksums);
        assert!(checksums.damaged().is_empty(), "{mode:?}");
    }
    flip(dir.path(), 7);
    flip(dir.path(), 9);
    rounds(&dir, &checksums);
    assert_eq!(checksums.damaged(), BTreeSet::from([7, 9]));
    let seven = "update sqlite_dbpage set data = data where pgno = 7";
    let unsafe_schema = rusqlite::config::DbConfig::SQLITE_DBCONFIG_DEFENSIVE;
    conn.set_db_config(unsafe_schema, false).unwrap();
    conn.execute(seven, []).unwrap();
    checksums
        .checkpoint(&reader, (&conn, Schema::Main), Mode::Passive)
        .unwrap();
    assert_eq!(checksums.damaged(), BTreeSet::from([9]));
    checksums.repaired();
    assert!(checksums.damaged().is_empty());
}

#[test]
fn pages_that_nobody_has_read_yet_are_taken_as_they_are_and_the_others_are_compared() {
    let dir = filled();
    std::fs::remove_file(dir.path().join("checksums")).unwrap();
    let data = DataDir::open(dir.path()).unwrap();
    let checksums = std::sync::Arc::new(Checksums::open(&data));
    let reader = connection::open_reader(&data.database()).unwrap();
    assert_eq!(checksums.compare(&reader, 1, 20).unwrap(), Some(21));
    checksums.keep(&data);
    drop(reader);
    drop(data);
    assert_eq!(check(dir.path()).unwrap(), Some(BTreeSet::new()));
    flip(dir.path(), 20);
    flip(dir.path(), 21);
    assert_eq!(check(dir.path()).unwrap(), Some(BTreeSet::from([20])));
}
