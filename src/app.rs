//! The application: what every handler and command works with. Three doors: [`App::read`], [`App::write`],
//! [`App::heavy`]; nothing above opens a connection or a thread of its own.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use crate::cache::Stamp;
use crate::cdn::Cdn;
use crate::changes::Changes;
use crate::config::{Config, PoolKind};
use crate::course::Courses;
use crate::domain::settings::Settings;
use crate::errand::Errand;
use crate::error::{Error, Result};
use crate::fetch::Fetcher;
use crate::health::{Health, Part};
use crate::peer::Peer;
use crate::pool::{Bounds, Lane, Pool, PoolError};
use crate::store::{self, Conn, Store, Tx};
use crate::tally::Tallies;
use crate::time::Timestamp;

/// Everything that a running site consists of, but for its sockets.
pub struct App {
    /// The configuration in force.
    pub config: Config,
    /// The database.
    pub store: Store,
    /// Reads pages' titles, public addresses only.
    pub fetcher: Fetcher,
    /// The course.
    pub courses: Courses,
    /// What was told of its lessons a moment ago; `None`: nothing is counted.
    pub tallies: Option<Tallies>,
    /// Tells a CDN what has changed, where there is one.
    pub cdn: Option<Arc<Cdn>>,
    /// How the site is.
    pub health: Health,
    /// The workers.
    pub pool: Pool,
    /// Changes under way.
    pub changes: Changes,
    settings: RwLock<Option<Known>>,
    peer: OnceLock<Arc<dyn Peer>>,
}

/// Settings as they were read: in which generation, at which transaction.
type Known = (u64, u64, Arc<Settings>);

impl App {
    /// Puts the parts together.
    ///
    /// # Errors
    /// When the system refuses threads.
    pub fn new(config: Config, store: Store, fetcher: Fetcher) -> Result<Self> {
        let pool = pool(&config)?;
        let cdn = config
            .cdn
            .as_ref()
            .map(Cdn::start)
            .transpose()?
            .map(Arc::new);
        if let Some(cdn) = &cdn {
            // What an earlier process could not send any more, and what this program draws otherwise.
            cdn.purge_all();
            let cdn = Arc::clone(cdn);
            store
                .stamps()
                .watch(move |changed| cdn.purge(changed.iter().map(|stamp| stamp.group())));
        }
        let courses = Courses::open(&config.data);
        Ok(Self {
            health: Health::new(config.pace),
            tallies: config.lesson_counts.then(|| Tallies::new(&courses)),
            courses,
            config,
            store,
            fetcher,
            cdn,
            pool,
            changes: Changes::default(),
            settings: RwLock::new(None),
            peer: OnceLock::new(),
        })
    }

    /// Makes the site one of several nodes. The first peer stays.
    pub fn join(&self, peer: Arc<dyn Peer>) {
        let _ = self.peer.set(peer);
    }

    /// The other nodes; `None` for a site alone.
    #[must_use]
    pub fn peer(&self) -> Option<&Arc<dyn Peer>> {
        self.peer.get()
    }

    /// Whether another node writes for this one.
    #[must_use]
    pub fn is_following(&self) -> bool {
        self.peer().is_some_and(|peer| peer.is_following())
    }

    /// Whether another node writes for this one, and cannot be reached.
    #[must_use]
    pub fn is_cut_off(&self) -> bool {
        self.peer()
            .is_some_and(|peer| peer.is_following() && !peer.is_connected())
    }

    /// Whether there is something to show; a new standby has nothing at first.
    #[must_use]
    pub fn has_copy(&self) -> bool {
        self.peer().is_none_or(|peer| peer.has_copy())
    }

    /// Other than before: what was read from the database once has to be read anew.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.store.stamps().generation()
    }

    /// Now, by the store's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.store.clock().now()
    }

    /// Runs `read` on a worker with one snapshot of the database.
    ///
    /// # Errors
    /// What `read` answers; [`Error::Busy`] when too much waits.
    pub async fn read<T, F>(self: &Arc<Self>, read: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Conn) -> Result<T> + Send + 'static,
    {
        let app = Arc::clone(self);
        self.on(Lane::Page, move || app.store.read(read)).await
    }

    /// Runs `change` in the writer's next transaction.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn write<T, F>(&self, change: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx) -> Result<T> + Send + 'static,
    {
        self.store.write(change).await
    }

    /// As [`App::write`], for votes ([`Store::vote`]).
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn vote<T, F>(&self, change: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx) -> Result<T> + Send + 'static,
    {
        self.store.vote(change).await
    }

    /// Runs some computing (rendering what was posted) for a person who waits.
    ///
    /// # Errors
    /// What `job` answers; [`Error::Busy`] when too much waits.
    pub async fn compute<T, F>(&self, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T> + Send + 'static,
    {
        self.on(Lane::Page, job).await
    }

    /// Runs expensive computing (password hashing) on its own lane.
    ///
    /// # Errors
    /// What `job` answers; [`Error::Busy`] when too much waits.
    pub async fn heavy<T, F>(&self, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T> + Send + 'static,
    {
        self.on(Lane::Heavy, job).await
    }

    /// Runs slow work that no page waits for (title fetching) on its own lane.
    ///
    /// # Errors
    /// What `job` answers; [`Error::Busy`] when too much waits.
    pub async fn background<T, F>(&self, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T> + Send + 'static,
    {
        self.on(Lane::Background, job).await
    }

    async fn on<T, F>(&self, lane: Lane, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T> + Send + 'static,
    {
        match self.pool.run(lane, job).await {
            Ok(result) => result,
            Err(PoolError::Refused) => Err(Error::Busy),
            Err(PoolError::Late) => Err(Error::Deadline),
            Err(PoolError::Panicked) => Err(Error::Internal("a job panicked; see the log".into())),
        }
    }

    /// The settings as of `conn`'s snapshot: read once, kept until a write names [`Stamp::site`].
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn settings(&self, conn: &Conn) -> Result<Arc<Settings>> {
        let generation = self.generation();
        let changed = self.store.stamps().changed(Stamp::site());
        let kept = self
            .settings
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some((of, at, settings)) = kept
            && of == generation
            && at >= changed
        {
            return Ok(settings);
        }
        // The snapshot may be older than the head, never newer than what it says of itself.
        let at = store::setting::snapshot_txid(conn)?;
        let mut settings = store::setting::load(conn)?;
        if let Some((mode, _)) = &self.config.signup {
            settings.signup = *mode;
        }
        settings.locked = self.locked();
        let settings = Arc::new(settings);
        *self
            .settings
            .write()
            .unwrap_or_else(PoisonError::into_inner) =
            Some((generation, at, Arc::clone(&settings)));
        Ok(settings)
    }

    /// Settings that the configuration decides, each with what says so.
    #[must_use]
    pub fn locked(&self) -> Vec<(&'static str, String)> {
        let signup = self.config.signup.iter();
        signup.map(|(_, by)| ("signup", by.clone())).collect()
    }

    /// Scheme and host for absolute URLs, never from a request.
    #[must_use]
    pub fn base(&self) -> String {
        self.config.base()
    }

    /// Whether visitors reach the site by HTTPS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.config
            .base_url
            .as_ref()
            .is_some_and(|url| url.scheme() == "https")
    }

    /// Passes a job through the pool that reads the newest position, and notes how the pool and the database did.
    /// `false` when the pool was too full even for that: it says nothing yet, and it has to be asked again soon.
    pub async fn probe_reading(self: &Arc<Self>) -> bool {
        let app = Arc::clone(self);
        let job = move || {
            app.note(Part::Pool, Ok(()));
            // Of an empty copy too.
            let read = app.store.standing();
            app.note(Part::Database, read.map(drop));
            Ok(())
        };
        match Errand::urgent(self.compute(job)).await {
            Err(Error::Busy) => return false,
            Err(error) => self.note(Part::Pool, Err(error)),
            Ok(()) => {}
        }
        true
    }

    /// Passes an empty write through the writer, and notes how it did. `false` as in [`App::probe_reading`].
    pub async fn probe_writing(&self) -> bool {
        if self.store.role() == store::Role::Following {
            // Another node's writer is probed there.
            self.note(Part::Writer, Ok(()));
            return true;
        }
        match Errand::urgent(self.store.probe()).await {
            Err(Error::Busy) => return false,
            passed => self.note(Part::Writer, passed),
        }
        true
    }

    /// Notes how a part did; what changed by it is logged once.
    fn note(&self, part: Part, passed: Result<()>) {
        match passed {
            Ok(()) => {
                if self.health.pass(part) {
                    tracing::info!(part = part.word(), "passes probes again");
                }
            }
            Err(error) => {
                if self.health.fail(part) {
                    tracing::warn!(
                        part = part.word(),
                        detail = error.detail(),
                        "does not pass probes"
                    );
                }
            }
        }
    }
}

fn pool(config: &Config) -> std::io::Result<Pool> {
    match config.pool {
        PoolKind::Plain => Ok(Pool::plain()),
        PoolKind::Balanced => {
            let (least, most) = config.workers();
            Pool::start(Bounds {
                least,
                most,
                heavy: config.heavy_jobs,
                ..Bounds::default()
            })
        }
    }
}
