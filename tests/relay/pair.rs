//! A primary and a standby in one process. The standby has a copy of the primary's files as they were at first; what joins the
//! two is a double of the channel, which can lose answers, be dead, and have the standby's head follow the primary's.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::Duration;

use site::app::App;
use site::config::Config;
use site::error::{Error, Result};
use site::peer::{Carrier, Carrying, Parcel, Peer, Primary, Report, Standby};
use site::web::relay::Inside;
use site::web::relay::carried::Reply;

use crate::app::{Browser, PASSWORD, TestApp};

/// A way to the inside of another node.
pub struct Wire {
    inside: Arc<Inside>,
    /// The node that the wire comes from.
    from: Weak<App>,
    pub is_dead: AtomicBool,
    /// So many answers are lost after what was asked for was done.
    pub lose: AtomicUsize,
    /// Whether the head of the node that asks follows at once.
    pub applies: AtomicBool,
    answered: Arc<AtomicUsize>,
    parcels: Mutex<Vec<Parcel>>,
}

impl Wire {
    fn new(to: &TestApp, from: &TestApp) -> Arc<Self> {
        Arc::new(Self {
            inside: Arc::new(Inside::start(Arc::clone(&to.shared)).unwrap()),
            from: Arc::downgrade(&from.app),
            is_dead: AtomicBool::new(false),
            lose: AtomicUsize::new(0),
            applies: AtomicBool::new(true),
            answered: Arc::default(),
            parcels: Mutex::default(),
        })
    }

    /// How often something was sent.
    pub fn sent(&self) -> usize {
        self.parcels.lock().unwrap().len()
    }

    /// How often an answer came back.
    pub fn answered(&self) -> usize {
        self.answered.load(Ordering::SeqCst)
    }

    /// What was sent.
    pub fn parcels(&self) -> Vec<Parcel> {
        self.parcels.lock().unwrap().clone()
    }

    /// The heads of what was sent.
    pub fn heads(&self) -> Vec<Vec<u8>> {
        self.parcels().into_iter().map(|(head, _)| head).collect()
    }

    /// The node inside answers nothing any more.
    pub fn end(&self) {
        self.inside.end();
    }

    /// Asks the node inside, past everything.
    pub fn ask(&self, head: Vec<u8>, body: Vec<u8>) -> Result<Parcel> {
        let asking = self.inside.answer(head, body, Duration::from_secs(20));
        actix_web::rt::System::new().block_on(asking)
    }
}

impl Carrier for Wire {
    fn carry(&self, head: Vec<u8>, body: Vec<u8>, deadline: Duration) -> Carrying {
        if self.is_dead.load(Ordering::SeqCst) {
            return Box::pin(std::future::ready(Err(Error::Io("it is dead".into()))));
        }
        self.parcels
            .lock()
            .unwrap()
            .push((head.clone(), body.clone()));
        let (inside, from) = (Arc::clone(&self.inside), self.from.upgrade());
        let is_lost = (self.lose)
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            })
            .is_ok();
        let from = from.filter(|_| self.applies.load(Ordering::SeqCst));
        let answered = Arc::clone(&self.answered);
        Box::pin(async move {
            let answer = inside.answer(head, body, deadline).await?;
            answered.fetch_add(1, Ordering::SeqCst);
            if is_lost {
                return Err(Error::Io("the channel is lost".into()));
            }
            if let Some(app) = from.filter(|app| app.is_following()) {
                let reply = Reply::decode(&answer.0).unwrap();
                // Only what was changed through it: a read brings nothing along.
                if reply.status == 303 {
                    app.store.stamps().publish(reply.position.txid);
                }
            }
            Ok(answer)
        })
    }
}

/// What a node knows of the other.
pub struct Link {
    pub is_following: AtomicBool,
    pub is_connected: AtomicBool,
    pub has_copy: AtomicBool,
    /// What is told to those who look after it.
    pub report: Mutex<Report>,
    primary: OnceLock<Arc<Wire>>,
    spare: OnceLock<Arc<Wire>>,
}

impl Link {
    fn new(is_following: bool) -> Arc<Self> {
        Arc::new(Self {
            is_following: AtomicBool::new(is_following),
            is_connected: AtomicBool::new(true),
            has_copy: AtomicBool::new(true),
            report: Mutex::new(report(is_following)),
            primary: OnceLock::new(),
            spare: OnceLock::new(),
        })
    }
}

/// A pair of which all is well.
fn report(is_following: bool) -> Report {
    let standby = Standby {
        node: "0b".repeat(16),
        address: "http://standby.example".into(),
        version: "9.8.7".into(),
        received: 1204,
        applied: 1200,
        behind: 4,
        in_sync: true,
    };
    let primary = Primary {
        address: "http://primary.example".into(),
        connected: true,
        silent_ms: Some(40),
        behind: 0,
        lag_ms: 0,
        trouble: None,
    };
    Report {
        node: "0a".repeat(16),
        role: if is_following { "standby" } else { "primary" }.into(),
        epoch: 3,
        txid: 1204,
        mode: "wait".into(),
        in_sync: true,
        log_bytes: 4096,
        standbys: if is_following { vec![] } else { vec![standby] },
        primary: is_following.then_some(primary),
    }
}

impl Peer for Link {
    fn is_following(&self) -> bool {
        self.is_following.load(Ordering::SeqCst)
    }

    fn is_connected(&self) -> bool {
        self.is_connected.load(Ordering::SeqCst)
    }

    fn has_copy(&self) -> bool {
        self.has_copy.load(Ordering::SeqCst)
    }

    fn primary(&self) -> Arc<dyn Carrier> {
        Arc::clone(self.primary.get().unwrap()) as _
    }

    fn overflow(&self) -> Option<Arc<dyn Carrier>> {
        self.spare.get().map(|wire| Arc::clone(wire) as _)
    }

    fn report(&self) -> Report {
        let mut report = self.report.lock().unwrap().clone();
        if let Some(primary) = &mut report.primary {
            primary.connected = self.is_connected();
        }
        report
    }
}

/// The two nodes.
pub struct Pair {
    pub primary: TestApp,
    pub standby: TestApp,
    /// From the standby to the primary.
    pub wire: Arc<Wire>,
    /// What the standby knows.
    pub link: Arc<Link>,
    /// What the primary knows.
    pub back: Arc<Link>,
    /// A story that is on both.
    pub story: i64,
}

impl Pair {
    /// Two nodes with the members ada and bob, and a story.
    pub fn start() -> Self {
        Self::with(|_| {}, |_| {})
    }

    /// As [`Pair::start`], with other configurations of the primary and of the standby.
    pub fn with(primary: impl FnOnce(&mut Config), standby: impl FnOnce(&mut Config)) -> Self {
        Self::make(|_| {}, primary, standby)
    }

    /// As [`Pair::start`], with more on both.
    pub fn filled(fill: impl FnOnce(&TestApp)) -> Self {
        Self::make(fill, |_| {}, |_| {})
    }

    fn make(
        fill: impl FnOnce(&TestApp),
        primary: impl FnOnce(&mut Config),
        standby: impl FnOnce(&mut Config),
    ) -> Self {
        let first = TestApp::start();
        let story = first.story("bob", "A story on both").raw();
        fill(&first);
        let original = first.stop().unwrap();
        let copy = tempfile::tempdir().unwrap();
        std::fs::create_dir(copy.path().join("data")).unwrap();
        let database = |dir: &tempfile::TempDir| dir.path().join("data/site.db");
        std::fs::copy(database(&original), database(&copy)).unwrap();
        let (primary, standby) = (TestApp::at(original, primary), TestApp::at(copy, standby));
        let (link, back) = (Link::new(true), Link::new(false));
        let wire = Wire::new(&primary, &standby);
        let _ = link.primary.set(Arc::clone(&wire));
        standby.app.join(Arc::clone(&link) as _);
        primary.app.join(Arc::clone(&back) as _);
        Self {
            primary,
            standby,
            wire,
            link,
            back,
            story,
        }
    }

    /// The primary may give visitors' pages to the standby from now on.
    pub fn offload(&self) -> Arc<Wire> {
        let wire = Wire::new(&self.standby, &self.primary);
        let _ = self.back.spare.set(Arc::clone(&wire));
        wire
    }

    /// A member's browser at the standby, which knows the session as the primary does.
    pub fn member(&self, name: &str) -> Browser {
        let browser = self.primary.member(name);
        let session = "select token_hash from session order by id desc limit 1";
        let read = |conn: &site::store::Conn| Ok(conn.query_row(session, [], |row| row.get(0))?);
        let hash: [u8; 32] = self.primary.app.store.read(read).unwrap();
        let user = self.standby.user(name, site::domain::user::Role::Member);
        self.standby
            .write(move |tx| site::store::session::open(tx, user, &hash, "192.0.2.1", "test"));
        browser.at(&self.standby)
    }

    /// Somebody joins through the standby.
    pub fn sign_up(&self, name: &str) -> Browser {
        let mut browser = self.standby.browser();
        browser
            .post("/signup", &[("name", name), ("password", PASSWORD)])
            .expect(303);
        browser
    }

    /// The standby's head is the primary's now.
    pub fn catch_up(&self) {
        let head = self.primary.app.store.stamps().head();
        self.standby.app.store.stamps().publish(head);
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        self.wire.end();
        if let Some(spare) = self.back.spare.get() {
            spare.end();
        }
    }
}
