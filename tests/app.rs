//! A site to test: the same wiring as `site serve`, on a free port, in a data directory of its own that goes with it.

/// Who visits it.
mod browser;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use site::app::App;
use site::config::Config;
use site::domain::id::{CommentId, StoryId, UserId};
use site::domain::link::Link;
use site::domain::story::Title;
use site::domain::user::{Role, UserName};
use site::server::Site;
use site::store;
use site::store::comment::NewComment;
use site::store::story::NewStory;
use site::store::user::NewUser;
use site::time::{Clock, Timestamp};
use site::web::cookie;
use site::web::door::Door;
use site::web::request::Shared;

pub use browser::{Browser, Reply, nesting};

/// Where the hand of a stopped clock stands at first: 2026-11-23, 22:16 UTC.
pub const STOPPED_AT: Timestamp = Timestamp::from_ms(1_795_472_177_000);

/// The password of those who join by [`TestApp::sign_up`].
pub const PASSWORD: &str = "a lamp on every landing";

/// A running site; dropping it stops it.
pub struct TestApp {
    pub app: Arc<App>,
    pub address: SocketAddr,
    pub door: Arc<Door>,
    pub shared: Arc<Shared>,
    // Moves time when the clock is stopped.
    hand: Arc<AtomicI64>,
    // After the server's end.
    data: Option<tempfile::TempDir>,
    handle: actix_web::dev::ServerHandle,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl TestApp {
    /// A new site with limits off.
    pub fn start() -> Self {
        Self::with(|_| {})
    }

    /// A new site with another configuration.
    pub fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self::at(tempfile::tempdir().unwrap(), change)
    }

    /// A site on what is in this directory.
    pub fn at(data: tempfile::TempDir, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = config(&data);
        change(&mut config);
        Self::open(config, Clock::System, Arc::default(), Some(data))
    }

    /// A new site whose clock stands still at [`STOPPED_AT`] until [`TestApp::pass`] moves it.
    pub fn stopped() -> Self {
        Self::stopped_with(|_| {})
    }

    /// As [`TestApp::stopped`], with another configuration.
    pub fn stopped_with(change: impl FnOnce(&mut Config)) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut config = config(&data);
        change(&mut config);
        let hand = Arc::new(AtomicI64::new(STOPPED_AT.ms()));
        let clock = Clock::Manual(Arc::clone(&hand));
        Self::open(config, clock, hand, Some(data))
    }

    /// Moves the hand of a stopped clock.
    pub fn pass(&self, time: Duration) {
        let ms = i64::try_from(time.as_millis()).unwrap();
        self.hand.fetch_add(ms, Ordering::Relaxed);
    }

    /// Has the hand of a stopped clock jump by so many milliseconds, either way.
    pub fn jump(&self, ms: i64) {
        self.hand.fetch_add(ms, Ordering::Relaxed);
    }

    fn open(
        config: Config,
        clock: Clock,
        hand: Arc<AtomicI64>,
        data: Option<tempfile::TempDir>,
    ) -> Self {
        let (send, receive) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let site = opened(&config, &clock);
                let parts = (
                    Arc::clone(&site.app),
                    Arc::clone(&site.door),
                    Arc::clone(&site.shared),
                );
                send.send((parts, site.address, site.handle())).unwrap();
                site.run().await.unwrap();
            });
        });
        let ((app, door, shared), address, handle) = receive.recv().unwrap();
        Self {
            app,
            address,
            door,
            shared,
            hand,
            data,
            handle,
            thread: Some(thread),
        }
    }

    /// Stops the site; its files stay until what comes back is dropped.
    pub fn stop(mut self) -> Option<tempfile::TempDir> {
        self.data.take()
    }

    /// A visitor's browser.
    pub fn browser(&self) -> Browser {
        Browser::new(self.address)
    }

    /// The browser of somebody who has just joined through the door, with [`PASSWORD`] and `NAME@example.org`.
    pub fn sign_up(&self, name: &str) -> Browser {
        let mut browser = self.browser();
        let email = format!("{name}@example.org");
        browser
            .post(
                "/signup",
                &[("name", name), ("email", &email), ("password", PASSWORD)],
            )
            .location();
        browser
    }

    /// A signed-in member's browser; the member is made when there is none of this name.
    pub fn member(&self, name: &str) -> Browser {
        self.member_as(name, Role::Member)
    }

    /// A signed-in browser of a member with this role.
    pub fn member_as(&self, name: &str, role: Role) -> Browser {
        let user = self.user(name, role);
        let token = cookie::new_token();
        let hash = cookie::hash(&token);
        self.write(move |tx| store::session::open(tx, user, &hash, "192.0.2.1", "test"));
        let mut browser = self.browser();
        browser.cookie = cookie::set(&token, true)
            .split(';')
            .next()
            .map(str::to_owned);
        browser
    }

    /// The member of this name, made when there is none.
    pub fn user(&self, name: &str, role: Role) -> UserId {
        let new = NewUser {
            name: UserName::from_stored(name.to_owned()),
            email: None,
            password: None,
            role,
            waiting: false,
            request: None,
            invited_by: None,
            created: self.app.now(),
        };
        self.write(move |tx| match store::user::id_of(tx, new.name.as_str()) {
            Ok(id) => Ok(id),
            Err(_) => store::user::create(tx, &new),
        })
    }

    /// A story with one tag, a link of its own and no text.
    pub fn story(&self, author: &str, title: &str) -> StoryId {
        let url = format!("https://example.org/{}", site::domain::story::slug(title));
        self.post_story(author, title, Some(&url), "")
    }

    /// A story by this member, with the tag `javascript`.
    pub fn post_story(&self, author: &str, title: &str, url: Option<&str>, text: &str) -> StoryId {
        let mut new = NewStory {
            author: self.user(author, Role::Member),
            title: Title::parse(title).unwrap(),
            url: url.map(|url| Link::parse(url).unwrap()),
            text: text.to_owned(),
            tags: Vec::new(),
            created: self.app.now(),
        };
        self.write(move |tx| {
            new.tags = vec![store::tag::find(tx, "javascript")?.id];
            store::story::create(tx, &new)
        })
    }

    /// A comment by this member.
    pub fn comment(
        &self,
        author: &str,
        story: StoryId,
        parent: Option<CommentId>,
        text: &str,
    ) -> CommentId {
        let new = NewComment {
            author: self.user(author, Role::Member),
            story,
            parent,
            text: text.to_owned(),
            created: self.app.now(),
        };
        self.write(move |tx| store::comment::create(tx, &new))
    }

    /// Runs one write, which must succeed.
    #[track_caller]
    pub fn write<T, F>(&self, change: F) -> T
    where
        T: Send + 'static,
        F: FnOnce(&store::Tx) -> site::error::Result<T> + Send + 'static,
    {
        self.app.store.write_blocking(change).unwrap()
    }

    /// Changes rows behind the site's back, so to speak: all pages are made anew.
    #[track_caller]
    pub fn tamper(&self, sql: &str) {
        let sql = sql.to_owned();
        self.write(move |tx| {
            tx.stamp(site::cache::Stamp::site());
            Ok(tx.execute_batch(&sql)?)
        });
    }

    /// All that was kept or signed before counts for nothing, as when the epoch changes.
    pub fn begin_anew(&self) {
        let stamps = self.app.store.stamps();
        stamps.reset(stamps.head());
    }

    /// One number that the database tells.
    #[track_caller]
    pub fn number(&self, sql: &str) -> i64 {
        let read = |conn: &store::Conn| Ok(conn.query_row(sql, [], |row| row.get(0))?);
        self.app.store.read(read).unwrap()
    }
}

fn config(data: &tempfile::TempDir) -> Config {
    let mut config = Config::new(data.path().join("data"));
    config.listen = "127.0.0.1:0".parse().unwrap();
    config.limits = false;
    config.link_checks = false;
    config.drain = Duration::from_secs(1);
    config
}

impl Drop for TestApp {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Opens the site, once whoever had its data directory has let go of it.
fn opened(config: &Config, clock: &Clock) -> Site {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        match Site::open(config.clone(), clock.clone()) {
            Err(site::error::Error::Locked { .. }) if std::time::Instant::now() < end => {
                std::thread::yield_now();
            }
            other => return other.unwrap(),
        }
    }
}
