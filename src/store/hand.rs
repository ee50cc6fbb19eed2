//! The hand that changes the database: the writer's, or that of another node whose commits are applied. It can change while
//! readers go on.

use std::path::Path;
use std::sync::{Arc, MutexGuard, PoisonError};

use crate::cache::Stamps;
use crate::error::{Error, Result};
use crate::store::apply::Applier;
use crate::store::checksum::Checksums;
use crate::store::commit::{Changed, Commit, Journal, Page, Point, Position};
use crate::store::gate::{Gate, Mode};
use crate::store::position::{self, Standing};
use crate::store::raise::Raises;
use crate::store::snapshot::Cover;
use crate::store::wal::{Capture, Captured};
use crate::store::writer::{Batches, Gauge};
use crate::store::{Checkpointer, DataDir, Store, Writer, connection, migrate};
use crate::time::Clock;

/// Who changes the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    /// This node's own writer.
    #[default]
    Writing,
    /// Another node, whose commits are applied.
    Following,
}

/// How a store is opened.
pub struct Opening {
    /// The data directory.
    pub dir: DataDir,
    /// The clock of writes.
    pub clock: Clock,
    /// Most reading connections.
    pub readers: u32,
    /// Who changes the database.
    pub role: Role,
    /// Whether a writing store brings an older schema to this program's. One that only hands on what it had written, to follow
    /// then, must not: no other node has such a commit.
    pub migrates: bool,
    /// Where this node's own commits are recorded; without one nothing is captured.
    pub journal: Option<Arc<dyn Journal>>,
    /// What answers wait for.
    pub gate: Arc<Gate>,
}

impl Opening {
    /// Of a site that nobody follows.
    #[must_use]
    pub fn alone(dir: DataDir, clock: Clock, readers: u32) -> Self {
        Self {
            dir,
            clock,
            readers,
            role: Role::Writing,
            migrates: true,
            journal: None,
            gate: Arc::new(Gate::new(Mode::Off)),
        }
    }
}

/// The writer with what belongs to it.
pub(super) struct Writing {
    // Before the checkpointer, which waits for its end.
    pub(super) writer: Writer,
    pub(super) checkpointer: Checkpointer,
    captured: Option<Arc<Captured>>,
}

/// What a writer is made of beside its connections.
#[derive(Clone)]
pub(super) struct Parts {
    pub(super) journal: Option<Arc<dyn Journal>>,
    pub(super) stamps: Arc<Stamps>,
    pub(super) clock: Clock,
    pub(super) gauge: Arc<Gauge>,
    pub(super) gate: Arc<Gate>,
    pub(super) checksums: Arc<Checksums>,
}

/// Why a writer begins.
#[derive(Clone, Copy)]
pub(super) enum Begin {
    /// The process starts: the journal may have lost something.
    Start {
        /// As [`Opening::migrates`].
        migrates: bool,
    },
    /// This node, which followed until now, goes on writing in a new epoch. What it applied is of the journal's history, if
    /// the point is known.
    Epoch(u64, Option<Point>),
}

impl Writing {
    /// Migrates the database unless it is not to, begins to capture, then to write.
    pub(super) fn begin(file: &Path, parts: Parts, begin: Begin) -> Result<Self> {
        let mut conn = connection::open_writer(file)?;
        connection::check_library(&conn)?;
        if parts.journal.is_none() || migrate::version(&conn)? == 0 {
            migrate::run(&conn)?;
        }
        let capture = match (parts.journal, &begin) {
            (None, _) => None,
            (Some(journal), Begin::Start { .. }) => Some(Capture::begin(&mut conn, journal)?),
            (Some(journal), Begin::Epoch(_, point)) => {
                Some(Capture::take_over(&mut conn, journal, *point)?)
            }
        };
        let captured = capture.as_ref().map(Capture::shared);
        let mut batches = Batches {
            capture,
            conn,
            stamps: parts.stamps,
            clock: parts.clock,
            gauge: parts.gauge,
            gate: parts.gate,
            raises: Raises::default(),
        };
        if let Begin::Epoch(epoch, _) = begin {
            // Recovery takes what it finds to be of one epoch.
            let sync = || captured.as_ref().map_or(Ok(()), |captured| captured.sync());
            sync()?;
            batches.alone(|conn| position::set_epoch(conn, epoch))?;
            sync()?;
        }
        let steps = match begin {
            Begin::Start { migrates: false } => Vec::new(),
            _ => migrate::steps(&batches.conn)?,
        };
        // Each is a commit like others, so that who follows gets it too.
        for step in steps {
            batches.alone(|conn| step.run(conn))?;
        }
        let txid = position::read(&batches.conn)?.position.txid;
        batches.stamps.publish(txid);
        let connections = (
            connection::open_writer(file)?,
            connection::open_reader(file)?,
        );
        let checkpointer = Checkpointer::start(connections, captured.clone(), parts.checksums)?;
        Ok(Self {
            writer: Writer::start_with(batches, checkpointer.waker())?,
            checkpointer,
            captured,
        })
    }
}

impl Store {
    /// Who changes the database now; nobody does while that changes.
    #[must_use]
    pub fn role(&self) -> Role {
        if self.writing().is_some() {
            Role::Writing
        } else {
            Role::Following
        }
    }

    /// The gate that answers pass.
    #[must_use]
    pub fn gate(&self) -> &Arc<Gate> {
        &self.gate
    }

    /// What the database's row says of where it stands.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn standing(&self) -> Result<Standing> {
        self.read(position::read)
    }

    /// The last commit with the hash of its history, where that is known.
    #[must_use]
    pub fn point(&self) -> Option<Point> {
        match self.captured() {
            Some(captured) => captured.sound().ok(),
            None => self.following().as_ref().and_then(Applier::point),
        }
    }

    /// Tells a following store what its log has of the commit that it stands at: see [`Applier::resume`].
    ///
    /// # Errors
    /// As there; [`Error::Unavailable`] when the store does not follow.
    pub fn resume(&self, point: Point, before: crate::store::commit::Chain) -> Result<()> {
        let mut following = self.following();
        let applier = following.as_mut().ok_or(Error::Unavailable)?;
        applier.resume(point, before)
    }

    /// Applies consecutive commits of the node that is followed, which this node's log has on disk. Blocks.
    ///
    /// # Errors
    /// As [`Applier::apply`]; [`Error::Unavailable`] when the store does not follow.
    pub fn apply(&self, commits: &[Arc<Commit>]) -> Result<()> {
        let mut following = self.following();
        let applier = following.as_mut().ok_or(Error::Unavailable)?;
        let epoch = applier.position().epoch;
        applier.apply(commits)?;
        let is_jump = commits.iter().any(|commit| {
            commit.changed == Changed::Everything || commit.point.position.epoch != epoch
        });
        if is_jump {
            self.stamps.reset(applier.position().txid);
        } else {
            for commit in commits {
                if let Changed::Named(stamps) = &commit.changed {
                    self.stamps.commit(stamps, commit.point.position.txid);
                }
            }
        }
        applier.checkpoint();
        Ok(())
    }

    /// What a page of a following store is now; `None` when there is none of this number.
    ///
    /// # Errors
    /// When SQLite fails; [`Error::Unavailable`] when the store does not follow.
    pub fn page(&self, number: u32) -> Result<Option<Box<[u8]>>> {
        let mut following = self.following();
        following.as_mut().ok_or(Error::Unavailable)?.page(number)
    }

    /// Makes the database what another node's snapshot is. Readers see the one or the other. Blocks.
    ///
    /// # Errors
    /// As [`Applier::install`]; [`Error::Unavailable`] when the store does not follow.
    pub fn install(&self, cover: Cover, pages: impl Iterator<Item = Result<Page>>) -> Result<()> {
        let mut following = self.following();
        let applier = following.as_mut().ok_or(Error::Unavailable)?;
        applier.install(cover, pages)?;
        self.stamps.reset(cover.point.position.txid);
        applier.checkpoint();
        Ok(())
    }

    /// From now on this node writes, in a new epoch, whose beginning is a commit. All that the log has must be applied.
    /// Blocks while the schema is migrated.
    ///
    /// # Errors
    /// [`Error::Refused`] when the epoch is not new or the copy is empty, [`Error::Unavailable`] when the store does not
    /// follow, and as [`Store::open_with`]: it goes on following then.
    pub fn begin_writing(&self, epoch: u64) -> Result<Position> {
        let mut following = self.following();
        let applier = following.as_mut().ok_or(Error::Unavailable)?;
        let position = applier.position();
        if position == Position::default() || position.epoch >= epoch {
            return Err(Error::Refused(format!(
                "A copy at {position} cannot begin epoch {epoch}."
            )));
        }
        // A journal decides from now on what may be copied back.
        applier.rest();
        let begin = Begin::Epoch(epoch, applier.point());
        match Writing::begin(&self.dir.database(), self.parts(), begin) {
            Ok(writing) => {
                let position = self.standing()?.position;
                // In another epoch nothing that was kept or signed before is right. Before there is anybody who writes.
                self.stamps.reset(position.txid);
                *following = None;
                *self.hand.write().unwrap_or_else(PoisonError::into_inner) = Some(writing);
                Ok(position)
            }
            Err(error) => {
                // It may have written something before it failed.
                *following = Some(Applier::open(
                    &self.dir.database(),
                    Arc::clone(&self.checksums),
                )?);
                Err(error)
            }
        }
    }

    /// Takes no change any more, finishes those that wait, and follows from now on. Answers that the gate holds stay there.
    /// Blocks.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the store does not write; when SQLite fails.
    pub fn end_writing(&self) -> Result<Position> {
        let mut following = self.following();
        let writing = self
            .hand
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
            .ok_or(Error::Unavailable)?;
        let captured = writing.captured.clone();
        drop(writing);
        let mut applier = Applier::open(&self.dir.database(), Arc::clone(&self.checksums))?;
        if let Some(point) = captured.and_then(|captured| captured.sound().ok()) {
            applier.know(point);
        }
        let position = applier.position();
        *following = Some(applier);
        Ok(position)
    }

    pub(super) fn captured(&self) -> Option<Arc<Captured>> {
        self.writing().as_ref()?.captured.clone()
    }

    pub(super) fn writing(&self) -> std::sync::RwLockReadGuard<'_, Option<Writing>> {
        // A panic cannot happen while it is held for writing.
        self.hand.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn following(&self) -> MutexGuard<'_, Option<Applier>> {
        // What a panic left half-way SQLite rolls back, and the applier knows no chain until it is done.
        self.applier.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
