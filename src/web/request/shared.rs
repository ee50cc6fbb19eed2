//! What all requests share: the application, limits, embedded files, and what is kept of answers.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::app::App;
use crate::cache::{Cache, Entry, Size, Stamp};
use crate::encoding::Accepted;
use crate::error::Result;
use crate::metric::Routes;
use crate::store;
use crate::time::Timestamp;
use crate::web::asset::Assets;
use crate::web::asset::shelf::Shelf;
use crate::web::door::Door;
use crate::web::limit::Limits;
use crate::web::relay::pass::UnderWay;
use crate::web::reply::{Own, Reply, Standing};
use crate::web::request::known::Known;
use crate::web::request::page_key;
use crate::web::request::signing::Signing;
use crate::web::status::Board;

/// Share of the cache's budget for members' own bits: one in so many bytes.
const OWN_SHARE: u64 = 8;

/// How long a page that is asked for often has to stay before it is compressed well.
const SETTLED: Duration = Duration::from_secs(1);

/// A page and a member's own bits of it.
pub(in crate::web) type Joined = (Arc<Entry<Reply>>, Arc<Entry<Own>>);

/// What every handler's thread shares.
pub struct Shared {
    /// The application.
    pub app: Arc<App>,
    /// Abuse limits.
    pub limits: Limits,
    /// Embedded files.
    pub assets: Assets,
    /// What browsers load of the course.
    pub shelf: Shelf,
    /// How often what was answered how.
    pub routes: Routes,
    /// How the site is, for those who run it.
    pub status: Board,
    /// Signs how far a browser has seen the site.
    pub(super) signing: Signing,
    /// What other nodes are asked to answer.
    pub(in crate::web) under_way: UnderWay,
    /// Sessions that are somebody's.
    pub members: Known,
    /// Numbers of requests.
    ids: AtomicU64,
    /// The page that says that too much waits, and the same in JSON.
    pub(in crate::web) busy: [OnceLock<Reply>; 2],
    /// Where connections come in.
    pub door: Arc<Door>,
    pub(in crate::web) standing: Arc<Standing>,
    pub(in crate::web) pages: Cache<Reply>,
    pub(in crate::web) own: Cache<Own>,
    /// Marks holes while a page is drawn; nobody outside can know it.
    pub(in crate::web) word: String,
}

impl Shared {
    /// Puts the parts together.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn new(app: Arc<App>, door: Arc<Door>) -> Result<Self> {
        let assets = Assets::new(&app);
        let shelf = Shelf::new(&app.courses, &assets.names);
        let budget = app.config.cache_size;
        let stamps = app.store.stamps_shared();
        Ok(Self {
            limits: Limits::new(app.config.limits),
            routes: Routes::default(),
            status: Board::default(),
            members: Known::default(),
            ids: AtomicU64::new(first_id(app.now())),
            busy: Default::default(),
            signing: Signing::read(&app)?,
            under_way: UnderWay::default(),
            door,
            standing: Arc::new(crate::web::standing(&app, &assets)),
            pages: Cache::new(budget - budget / OWN_SHARE, Arc::clone(&stamps)),
            own: Cache::new(budget / OWN_SHARE, stamps),
            word: store::secret::new_token(),
            assets,
            shelf,
            app,
        })
    }

    /// A member's page of which both halves are kept and right.
    pub(in crate::web) fn joined(
        &self,
        own_key: &str,
        here: &str,
        head: u64,
        json: bool,
    ) -> Option<Joined> {
        let now = || self.app.now();
        let own = self.own.right(own_key, head, now)?;
        let key = page_key(here, own.page.audience, json);
        let entry = self.pages.right(&key, head, now)?;
        (entry.version == own.page.version && entry.page.woven().is_some()).then_some((entry, own))
    }

    /// Has a page that is asked for often compressed as well as we can, in the background.
    pub(in crate::web) fn compress_later(
        self: &Arc<Self>,
        key: &str,
        entry: &Arc<Entry<Reply>>,
        accepted: Accepted,
    ) {
        let (shared, key, version) = (Arc::clone(self), key.to_owned(), entry.version);
        actix_web::rt::spawn(async move {
            // A page that is made anew all the time is not worth it.
            actix_web::rt::time::sleep(SETTLED).await;
            let kept = shared.pages.peek(&key);
            let Some(entry) = kept.filter(|entry| entry.version == version) else {
                return;
            };
            let page = Arc::clone(&entry);
            match shared
                .app
                .background(move || page.page.compressed_well(accepted))
                .await
            {
                Ok(better) => drop(shared.pages.enrich(&key, &entry, better)),
                Err(error) => tracing::debug!(
                    detail = error.detail(),
                    "a page stays as it was compressed first"
                ),
            }
        });
    }

    /// The groups of stamps that a CDN is told a page by; none without a CDN.
    pub(super) fn groups(&self, stamps: &[Stamp]) -> Vec<u16> {
        if self.app.cdn.is_none() {
            return Vec::new();
        }
        let mut groups: Vec<u16> = stamps.iter().map(|stamp| stamp.group()).collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    }

    /// A number that no other request of this process has.
    pub(in crate::web) fn next_id(&self) -> u64 {
        self.ids.fetch_add(1, Ordering::Relaxed)
    }

    /// How full the caches are: pages, members' own bits.
    #[must_use]
    pub fn sizes(&self) -> [(&'static str, Size); 2] {
        [("pages", self.pages.size()), ("members", self.own.size())]
    }
}

/// The first request's number: other processes' are unlikely to be the same, so that a number finds its line in an old log.
fn first_id(now: Timestamp) -> u64 {
    (now.ms().cast_unsigned() / 1000) << 28
}
