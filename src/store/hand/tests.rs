//! A newer program on an older database: its migrations reach those who follow like any commit.

use std::sync::Mutex;

use super::*;
use crate::store::commit::Cursor;

#[derive(Default)]
struct Memory {
    kept: Mutex<Vec<Arc<Commit>>>,
    start: Mutex<Option<Point>>,
}

impl Journal for Memory {
    fn end(&self) -> Option<(Point, Cursor)> {
        let kept = self.kept.lock().unwrap();
        let start = self.start.lock().unwrap().map(|at| (at, Cursor::default()));
        kept.last().map(|last| (last.point, last.cursor)).or(start)
    }

    fn append(&self, commit: Arc<Commit>) -> Result<()> {
        self.kept.lock().unwrap().push(commit);
        Ok(())
    }

    fn sync(&self) -> Result<()> {
        Ok(())
    }

    fn restart(&self, point: Point) -> Result<()> {
        *self.start.lock().unwrap() = Some(point);
        Ok(())
    }
}

/// A database as an older program left it: so many migrations fewer.
fn older(dir: &Path, fewer: usize) {
    let conn = connection::open_writer(&dir.join("site.db")).unwrap();
    let steps = migrate::steps(&conn).unwrap();
    for step in &steps[..steps.len() - fewer] {
        step.run(&conn).unwrap();
    }
}

fn open(dir: &Path, role: Role, journal: &Arc<Memory>) -> Store {
    open_as(dir, role, true, journal)
}

fn open_as(dir: &Path, role: Role, migrates: bool, journal: &Arc<Memory>) -> Store {
    let opening = Opening {
        role,
        migrates,
        journal: Some(Arc::clone(journal) as Arc<dyn Journal>),
        ..Opening::alone(DataDir::open(dir).unwrap(), Clock::System, 1)
    };
    Store::open_with(opening).unwrap()
}

fn cover_and_pages(store: &Store) -> (Cover, Vec<Page>) {
    let (mut cover, mut pages) = (None, Vec::new());
    let begin = |found| {
        cover = Some(found);
        Ok(())
    };
    let page = |page| {
        pages.push(page);
        Ok(())
    };
    store.snapshot(begin, page).unwrap();
    (cover.unwrap(), pages)
}

#[test]
fn migrations_are_commits_that_copies_get() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    older(dir.path(), 2);
    let journal = Arc::new(Memory::default());
    let primary = open(dir.path(), Role::Writing, &journal);
    let commits = journal.kept.lock().unwrap().clone();
    assert_eq!(commits.len(), 2);
    assert_eq!(primary.stamps().head(), 2);
    // A copy of what it was before.
    older(other.path(), 2);
    let kept = Arc::new(Memory::default());
    let copy = open(other.path(), Role::Following, &kept);
    let sql = "select cluster_id from position";
    let id = |store: &Store| {
        store.read(|conn| Ok(conn.query_row(sql, [], |row| row.get::<_, String>(0))?))
    };
    assert_ne!(id(&primary).unwrap(), id(&copy).unwrap());
    let (cover, pages) = cover_and_pages(&primary);
    copy.install(cover, pages.into_iter().map(Ok)).unwrap();
    assert_eq!(id(&primary).unwrap(), id(&copy).unwrap());
    let version = |store: &Store| store.read(|conn| Ok(migrate::version(conn)?)).unwrap();
    assert_eq!(version(&copy), migrate::newest());
}

#[test]
fn promotion_migrates_after_the_new_epoch_has_begun() {
    let dir = tempfile::tempdir().unwrap();
    older(dir.path(), 1);
    let journal = Arc::new(Memory::default());
    let store = open(dir.path(), Role::Following, &journal);
    let position = store.begin_writing(7).unwrap();
    assert_eq!(position, Position { epoch: 7, txid: 2 });
    let commits = journal.kept.lock().unwrap().clone();
    let positions: Vec<_> = commits.iter().map(|commit| commit.point.position).collect();
    let expected = [1, 2].map(|txid| Position { epoch: 7, txid });
    assert_eq!(positions, expected);
}

#[test]
fn one_that_was_the_primary_and_follows_now_commits_nothing_more_by_a_migration() {
    let dir = tempfile::tempdir().unwrap();
    older(dir.path(), 1);
    let journal = Arc::new(Memory::default());
    let store = open_as(dir.path(), Role::Writing, false, &journal);
    store.end_writing().unwrap();
    assert_eq!(store.standing().unwrap().position.txid, 0);
    assert!(journal.kept.lock().unwrap().is_empty());
    let version = store.read(|conn| Ok(migrate::version(conn)?)).unwrap();
    assert_eq!(version, migrate::newest() - 1);
}

#[test]
fn without_a_journal_a_migrated_database_does_not_pass_for_what_it_was() {
    let dir = tempfile::tempdir().unwrap();
    older(dir.path(), 2);
    let store = Store::open(dir.path(), Clock::System, 1).unwrap();
    assert_eq!(store.standing().unwrap().position.txid, 2);
    let new = tempfile::tempdir().unwrap();
    let store = Store::open(new.path(), Clock::System, 1).unwrap();
    assert_eq!(store.standing().unwrap().position.txid, 0);
}

#[test]
fn what_a_copy_remembers_of_its_pages_stays_until_somebody_else_writes_it() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let journal = Arc::new(Memory::default());
    let primary = open(dir.path(), Role::Writing, &journal);
    let copy = open(other.path(), Role::Following, &Arc::default());
    let (cover, pages) = cover_and_pages(&primary);
    copy.install(cover, pages.into_iter().map(Ok)).unwrap();
    let remembers = |page: &Page| {
        let following = copy.following();
        following.as_ref().unwrap().remembers(page.number)
    };
    let mut last = None;
    for value in ["one", "two", "three"] {
        let set = move |tx: &crate::store::Tx| crate::store::setting::set(tx, "name", value);
        primary.write_blocking(set).unwrap();
        let commit = journal.kept.lock().unwrap().last().unwrap().clone();
        copy.apply(&[Arc::clone(&commit)]).unwrap();
        let holds = |page: &&Page| String::from_utf8_lossy(&page.data).contains(value);
        let page = commit.pages.iter().find(holds).unwrap().clone();
        assert_eq!(copy.page(page.number).unwrap(), Some(page.data.clone()));
        assert!(remembers(&page), "by its own commits it forgets nothing");
        last = Some(page);
    }
    let page = last.unwrap();
    let set = |tx: &crate::store::Tx| crate::store::setting::set(tx, "about", "four");
    primary.write_blocking(set).unwrap();
    let commit = journal.kept.lock().unwrap().last().unwrap().clone();
    copy.apply(&[commit]).unwrap();
    let conn = connection::open_writer(&other.path().join("site.db")).unwrap();
    conn.execute("update setting set value = 'other'", [])
        .unwrap();
    let now = copy.page(page.number).unwrap().unwrap();
    assert!(String::from_utf8_lossy(&now).contains("other"));
    assert!(!remembers(&page));
}
