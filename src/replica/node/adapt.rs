//! The node's store and log in the shapes that [`ship`](crate::replica::ship) and [`follow`](crate::replica::follow) work
//! with.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use tokio::sync::watch;

use crate::app::App;
use crate::error::{Error, Result};
use crate::priority::Priority;
use crate::replica::follow::{Apply, Outcome, Snapshot, Status};
use crate::replica::log::{self, Log};
use crate::replica::node::shown::Shown;
use crate::replica::ship::{Dump, Snapshots};
use crate::replica::source::{Found, Ledger, Next, Record, Source};
use crate::replica::wire::message::{Begin, What, Why};
use crate::store::checksum;
use crate::store::commit::{Commit, Page, Point};
use crate::store::migrate;
use crate::store::snapshot::Cover;

/// Pages that a snapshot is read ahead.
const AHEAD: usize = 256;

impl Source for Log {
    fn after(&self, point: Point) -> Result<Found> {
        Ok(match Self::after(self, point)? {
            log::Found::Follows(reader) => Found::Follows(reader),
            log::Found::Gone => Found::Gone,
            log::Found::Diverged { .. } => Found::Diverged,
        })
    }
}

impl Next for log::Reader {
    fn next(&mut self) -> Result<Option<Record>> {
        Self::next(self)
    }

    fn kept(&mut self, bytes: usize) -> Result<Option<Vec<Record>>> {
        Self::kept(self, bytes)
    }
}

impl Ledger for Log {
    fn append_records(&self, records: Vec<Record>) -> Result<()> {
        Self::append_records(self, records)
    }
}

/// Reads snapshots of the application's database.
pub(super) struct Dumps(pub(super) Arc<App>);

struct Reading {
    begin: Begin,
    pages: Receiver<Result<Page>>,
}

impl Snapshots for Dumps {
    fn open(&self) -> Result<Box<dyn Dump>> {
        // Nobody should have what is wrong here.
        if let Some(why) = damage(&self.0) {
            return Err(Error::Io(why));
        }
        let app = Arc::clone(&self.0);
        let (begin, cover) = sync_channel(1);
        let (send, pages) = sync_channel(AHEAD);
        std::thread::Builder::new()
            .name("snapshot".into())
            .spawn(move || {
                Priority::Copies.take();
                read(&app, &begin, &send);
            })?;
        let cover: Cover = cover.recv().map_err(|_| Error::Unavailable)??;
        Ok(Box::new(Reading {
            begin: Begin {
                point: cover.point,
                size: cover.size,
                page_size: cover.page_size,
                bytes: bytes(&cover),
            },
            pages,
        }))
    }
}

/// What is to be said of the database file's damaged pages, if there are any.
fn damage(app: &App) -> Option<String> {
    let damaged = app.store.damaged();
    (!damaged.is_empty()).then(|| checksum::told(&damaged))
}

fn read(app: &App, begin: &SyncSender<Result<Cover>>, pages: &SyncSender<Result<Page>>) {
    let told = |cover| begin.send(Ok(cover)).map_err(|_| Error::Unavailable);
    let sent = |page| pages.send(Ok(page)).map_err(|_| Error::Unavailable);
    if let Err(error) = app.store.snapshot(told, sent) {
        // Whoever waits for one of both is told; when nobody does any more, the reading was broken off.
        if let Err(unsent) = pages.send(Err(error)) {
            drop(unsent);
        }
    }
}

/// Bytes of all its pages, but the one that is never sent.
fn bytes(cover: &Cover) -> u64 {
    let unused = crate::store::snapshot::unused_page(cover.page_size);
    let pages = cover.size - u32::from(unused <= cover.size);
    u64::from(pages) * u64::from(cover.page_size)
}

impl Dump for Reading {
    fn begin(&self) -> Begin {
        self.begin
    }

    fn next(&mut self, bytes: usize) -> Result<Vec<Page>> {
        let mut pages = Vec::new();
        let mut length = 0;
        while length < bytes {
            // The end of the thread is the end of the snapshot; what is missing then the hash and the count tell.
            let Ok(page) = self.pages.recv() else {
                break;
            };
            let page = page?;
            length += page.data.len();
            pages.push(page);
        }
        Ok(pages)
    }
}

/// Whether pages hold a schema that is newer than this program: page 1 says so (SQLite's `user_version`, at byte 60).
pub(super) fn is_newer(pages: &[Page]) -> bool {
    let first = pages.iter().find(|page| page.number == 1);
    let version = first.and_then(|page| page.data.get(60..64)?.try_into().ok());
    version.is_some_and(|version| i64::from(u32::from_be_bytes(version)) > migrate::newest())
}

/// The application's database, to be made what the primary's is.
pub(super) struct Copy {
    pub(super) app: Arc<App>,
    pub(super) log: Log,
    pub(super) status: watch::Receiver<Status>,
    pub(super) shown: Arc<Shown>,
    pub(super) lost: PathBuf,
}

impl Apply for Copy {
    fn apply(&mut self, commits: &[Arc<Commit>]) -> Result<Outcome> {
        if commits.iter().any(|commit| is_newer(&commit.pages)) {
            // It stays in the log until this program is as new as the primary's.
            return Ok(Outcome::Later);
        }
        match self.app.store.apply(commits) {
            Ok(()) => {}
            // There is no room, or the process is about to end.
            Err(Error::Unavailable) => return Ok(Outcome::Later),
            Err(error) => return Err(error),
        }
        if let Some(last) = commits.last() {
            self.shown.is_of(last.wall_ms);
        }
        Ok(Outcome::Applied)
    }

    fn page(&mut self, number: u32) -> Result<Option<Box<[u8]>>> {
        self.app.store.page(number)
    }

    fn damage(&mut self) -> Option<String> {
        damage(&self.app)
    }

    fn install(&mut self, snapshot: &Snapshot) -> Result<()> {
        let file = File::open(&snapshot.path)?;
        let size = snapshot.page_size;
        let page = |number: u32| {
            let mut data = vec![0; size as usize];
            file.read_exact_at(&mut data, u64::from(number - 1) * u64::from(size))?;
            Ok(Page {
                number,
                data: data.into(),
            })
        };
        if is_newer(&[page(1)?]) {
            return Err(Error::Config(
                "The primary's program is newer: upgrade this one, and it copies the site.".into(),
            ));
        }
        if self.is_fork() {
            self.save_own()?;
        }
        let unused = crate::store::snapshot::unused_page(size);
        let pages = (1..=snapshot.size)
            .filter(|number| *number != unused)
            .map(page);
        let cover = Cover {
            point: snapshot.point,
            size: snapshot.size,
            page_size: size,
        };
        self.app.store.install(cover, pages)?;
        self.shown.is_of(self.app.store.standing()?.wall_ms);
        let cluster = self.app.store.cluster()?;
        self.log.adopt(&cluster.unwrap_or_default())
    }
}

impl Copy {
    /// Whether the snapshot comes because this node's own history goes another way.
    fn is_fork(&self) -> bool {
        let status = self.status.borrow();
        let what = status.welcome.as_ref().map(|welcome| welcome.what);
        matches!(
            what,
            Some(What::Snapshot {
                why: Why::Diverged | Why::Ahead
            })
        )
    }

    /// Keeps what this node has written and the primary does not have, with what went before it in the log.
    fn save_own(&self) -> Result<()> {
        let Some(first) = self.log.first() else {
            return Ok(());
        };
        std::fs::create_dir_all(&self.lost)?;
        if let Some(file) = self.log.cut(first, &self.lost)? {
            tracing::warn!(
                file = %file.display(),
                "this node's history goes another way than the primary's: its own commits are kept in this file"
            );
        }
        Ok(())
    }
}
