//! A small site with all kinds of pages, each as what it shows and what it rests on.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::cache::Stamp;
use crate::domain::id::{CommentId, StoryId, TagId, UserId};
use crate::domain::link::Link;
use crate::domain::list::{After, List, Span, TagOrder, Talk};
use crate::domain::query::Query;
use crate::domain::story::{Story, Title};
use crate::domain::tag::TagName;
use crate::domain::thread::around;
use crate::domain::user::{Role, UserName};
use crate::error::{Error, Result};
use crate::store::comment::NewComment;
use crate::store::story::NewStory;
use crate::store::user::NewUser;
use crate::store::{self, Conn, Store, Tx, stamp};
use crate::time::{Clock, Timestamp};

/// Stories: more than two pages of them, one every 10 minutes, the first one oldest.
pub(super) const STORIES: usize = 65;
/// Comments below the first stories: more than a page of them.
pub(super) const COMMENTS: usize = 40;
/// Who writes; the last one only moderates.
const NAMES: [&str; 4] = ["ada", "bob", "cy", "mo"];

/// The site.
pub(super) struct Scene {
    store: Store,
    hand: Arc<AtomicI64>,
    pub(super) users: Vec<UserId>,
    pub(super) stories: Vec<StoryId>,
    pub(super) comments: Vec<CommentId>,
    /// Where the pages of each list begin: their addresses, whatever becomes of the list.
    addresses: RefCell<BTreeMap<String, Vec<Option<After>>>>,
    // After the store's end.
    _dir: tempfile::TempDir,
}

/// A page: what it shows, and what it rests on.
pub(super) struct Kept {
    pub(super) shows: String,
    rests_on: Vec<Stamp>,
    from: u64,
}

impl Scene {
    pub(super) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let hand = Arc::new(AtomicI64::new(1_795_440_000_000));
        let clock = Clock::Manual(Arc::clone(&hand));
        let mut scene = Self {
            store: Store::open(dir.path(), clock, 2).unwrap(),
            hand,
            users: Vec::new(),
            stories: Vec::new(),
            comments: Vec::new(),
            addresses: RefCell::default(),
            _dir: dir,
        };
        scene.users = scene.write(|tx| {
            store::tag::seed(tx)?;
            NAMES.iter().map(|name| member(tx, name)).collect()
        });
        for n in 0..STORIES {
            scene.pass(600);
            let author = scene.users[n % 3];
            let story = scene.write(move |tx| story(tx, author, n));
            scene.stories.push(story);
        }
        for n in 0..COMMENTS {
            scene.pass(60);
            let (author, story) = (scene.users[n % 3], scene.stories[n % 7]);
            let parent = n.checked_sub(7).map(|above| scene.comments[above]);
            let comment = scene.write(move |tx| comment(tx, author, story, parent));
            scene.comments.push(comment);
        }
        scene.pass(60);
        scene
    }

    /// Lets time go by.
    pub(super) fn pass(&self, seconds: i64) {
        self.hand.fetch_add(seconds * 1000, Ordering::Relaxed);
    }

    pub(super) fn now(&self) -> Timestamp {
        self.store.clock().now()
    }

    pub(super) fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Tx) -> Result<T> + Send + 'static,
    ) -> T {
        self.try_write(change).unwrap()
    }

    pub(super) fn try_write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.store.write_blocking(change)
    }

    /// What the last write left to be made anew, of pages that were kept before it.
    pub(super) fn stale(&self, kept: &BTreeMap<String, Kept>) -> HashSet<String> {
        let stale = kept.iter().filter(|(_, page)| self.is_stale(page));
        stale.map(|(name, _)| name.clone()).collect()
    }

    fn is_stale(&self, page: &Kept) -> bool {
        let stamps = self.store.stamps();
        page.rests_on
            .iter()
            .any(|stamp| stamps.changed(*stamp) > page.from)
    }

    /// Names of the pages that a write leaves to be made anew, in their order.
    pub(super) fn changed(
        &self,
        change: impl FnOnce(&Tx) -> Result<()> + Send + 'static,
    ) -> Vec<String> {
        let kept = self.pages();
        self.pass(60);
        self.write(change);
        let mut stale: Vec<String> = self.stale(&kept).into_iter().collect();
        stale.sort();
        stale
    }

    /// From now on pages are those that lists lead to now.
    pub(super) fn follow(&self) {
        self.addresses.borrow_mut().clear();
    }

    /// All pages as they are now.
    pub(super) fn pages(&self) -> BTreeMap<String, Kept> {
        let read = |conn: &Conn| {
            let from = store::setting::snapshot_txid(conn)?;
            let mut pages = Pages {
                conn,
                from,
                now: self.now(),
                addresses: &self.addresses,
                kept: BTreeMap::new(),
            };
            pages.lists()?;
            pages.talk(&self.users)?;
            for id in [0, 3, 6, 40].map(|n| self.stories[n]) {
                pages.story(id)?;
            }
            for id in [0, 7, 20].map(|n| self.comments[n]) {
                pages.comment(id)?;
            }
            for (name, id) in NAMES.iter().zip(&self.users) {
                pages.member(name, *id)?;
            }
            pages.others()?;
            Ok(pages.kept)
        };
        self.store.read(read).unwrap()
    }
}

pub(super) fn member(tx: &Tx, name: &str) -> Result<UserId> {
    let new = NewUser {
        name: UserName::parse(name).unwrap(),
        email: None,
        password: None,
        role: if name == "mo" {
            Role::Moderator
        } else {
            Role::Member
        },
        waiting: false,
        request: None,
        invited_by: None,
        created: tx.now(),
    };
    store::user::create(tx, &new)
}

/// The n-th story: one in three is of css, one in five of html too; every fourth leads to the same page as others.
pub(super) fn story(tx: &Tx, author: UserId, n: usize) -> Result<StoryId> {
    let mut tags = vec![if n.is_multiple_of(3) { "css" } else { "wasm" }];
    tags.extend(n.is_multiple_of(5).then_some("html"));
    let url = match n % 4 {
        0 => "https://often.example/".to_owned(),
        _ => format!("https://site{n}.example/"),
    };
    let new = NewStory {
        author,
        title: Title::parse(&format!("Story number {n}")).unwrap(),
        url: Some(Link::parse(&url).unwrap()),
        text: format!("Words of story {n}"),
        tags: tag_ids(tx, &tags)?,
        created: tx.now(),
    };
    store::story::create(tx, &new)
}

pub(super) fn tag_ids(conn: &Conn, names: &[&str]) -> Result<Vec<TagId>> {
    let names = names.iter();
    names
        .map(|name| Ok(store::tag::find(conn, name)?.id))
        .collect()
}

pub(super) fn comment(
    tx: &Tx,
    author: UserId,
    story: StoryId,
    parent: Option<CommentId>,
) -> Result<CommentId> {
    let new = NewComment {
        author,
        story,
        parent,
        text: "Words of a comment".into(),
        created: tx.now(),
    };
    store::comment::create(tx, &new)
}

struct Pages<'a> {
    conn: &'a Conn,
    from: u64,
    now: Timestamp,
    addresses: &'a RefCell<BTreeMap<String, Vec<Option<After>>>>,
    kept: BTreeMap<String, Kept>,
}

impl Pages<'_> {
    fn keep(&mut self, name: impl Into<String>, shows: impl Debug, rests_on: Vec<Stamp>) {
        let page = Kept {
            shows: format!("{shows:?}"),
            rests_on,
            from: self.from,
        };
        assert!(self.kept.insert(name.into(), page).is_none());
    }

    fn lists(&mut self) -> Result<()> {
        let tags = |names: &[&str]| -> Vec<TagName> {
            let names = names.iter();
            names.map(|name| TagName::parse(name).unwrap()).collect()
        };
        let lists = [
            ("hot", List::Hot),
            ("newest", List::Newest),
            ("active", List::Active),
            ("top day", List::Top(Span::Day)),
            ("top year", List::Top(Span::Year)),
            ("top all", List::Top(Span::All)),
            ("css", List::Tags(tags(&["css"]), TagOrder::Hot)),
            ("css new", List::Tags(tags(&["css"]), TagOrder::Newest)),
            (
                "css,html",
                List::Tags(tags(&["css", "html"]), TagOrder::Hot),
            ),
            ("domain", List::Domain("often.example".into())),
        ];
        for (name, list) in lists {
            self.list(name, &list)?;
        }
        let pinned = store::list::pinned_stories(self.conn)?;
        let shows: Vec<String> = pinned.iter().map(shown).collect();
        self.keep("pinned", shows, vec![stamp::pinned()]);
        Ok(())
    }

    fn list(&mut self, name: &str, list: &List) -> Result<()> {
        let addresses = self.addresses(name, |after| {
            Ok(store::list::page(self.conn, list, None, after, self.now)?.next)
        })?;
        for (number, after) in (1..).zip(addresses) {
            let page = store::list::stories(self.conn, list, after, self.now)?;
            let shows: Vec<String> = page.rows.iter().map(shown).collect();
            let stamps = stamp::list(list, after, &page, self.now);
            self.keep(format!("{name} {number}"), (shows, page.next), stamps);
        }
        Ok(())
    }

    /// Where the pages of a list begin, by the way from each to the next.
    fn addresses(
        &self,
        name: &str,
        next: impl Fn(Option<After>) -> Result<Option<After>>,
    ) -> Result<Vec<Option<After>>> {
        if let Some(known) = self.addresses.borrow().get(name) {
            return Ok(known.clone());
        }
        let mut places = vec![None];
        while let Some(place) = next(places[places.len() - 1])? {
            places.push(Some(place));
        }
        let mut all = self.addresses.borrow_mut();
        all.insert(name.to_owned(), places.clone());
        Ok(places)
    }

    fn talk(&mut self, users: &[UserId]) -> Result<()> {
        self.said("comments", Talk::All)?;
        for (name, user) in NAMES.iter().zip(users) {
            self.said(&format!("said by {name}"), Talk::By(*user))?;
        }
        Ok(())
    }

    fn said(&mut self, name: &str, talk: Talk) -> Result<()> {
        let addresses = self.addresses(name, |after| {
            Ok(store::talk::page(self.conn, talk, None, after)?.next)
        })?;
        for (number, after) in (1..).zip(addresses) {
            let mut page = store::talk::page(self.conn, talk, None, after)?;
            let stamps = stamp::talk(talk, after, &page);
            for row in &mut page.rows {
                row.comment.flags = 0;
            }
            self.keep(format!("{name} {number}"), (page.rows, page.next), stamps);
        }
        Ok(())
    }

    fn story(&mut self, id: StoryId) -> Result<()> {
        let story = store::story::find(self.conn, id, None)?;
        let thread = store::comment::of_story(self.conn, id, None)?;
        let mut stamps = vec![stamp::story(id)];
        let mut earlier = Vec::new();
        if let Some(link) = &story.row.url {
            earlier = store::submission::earlier(self.conn, link, Some(id))?;
            stamps.push(stamp::link(&link.key()));
        }
        self.keep(
            format!("story {id}"),
            (shown(&story), &story.state_reason, thread, earlier),
            stamps,
        );
        self.keep(format!("row {id}"), &story.row, vec![stamp::story_row(id)]);
        Ok(())
    }

    fn comment(&mut self, id: CommentId) -> Result<()> {
        let here = store::comment::find(self.conn, id, None)?;
        let row = store::story::find(self.conn, here.story, None)?.row;
        let rows = around(store::comment::of_story(self.conn, here.story, None)?, id);
        let stamps = rows.iter().map(|row| stamp::comment(row.id));
        let stamps = stamps.chain([stamp::heading(here.story)]).collect();
        let heading = (row.title, row.comments, row.state, row.locked);
        self.keep(format!("comment {id}"), (heading, rows), stamps);
        Ok(())
    }

    fn member(&mut self, name: &str, id: UserId) -> Result<()> {
        let profile = store::profile::find(self.conn, name, self.now)?;
        self.keep(format!("profile {name}"), profile, vec![stamp::profile(id)]);
        let by = List::By(id, UserName::parse(name).unwrap());
        self.list(&format!("by {name}"), &by)?;
        let marks: String = self.conn.query_row(
            "select json_array(
               (select json_group_array(item_id) from (select item_id from vote where user_id = ?1 order by 1)),
               (select json_group_array(item_id) from (select item_id from saved where user_id = ?1 order by 1)),
               (select json_group_array(story_id) from (select story_id from hidden where user_id = ?1 order by 1)),
               (select json_group_array(item_id) from (select item_id from flag where user_id = ?1 order by 1)))",
            [id.raw()],
            |row| row.get(0),
        )?;
        self.keep(format!("marks {name}"), marks, vec![stamp::marks(id)]);
        let unread = store::inbox::unread(self.conn, id)?;
        self.keep(format!("inbox {name}"), unread, vec![stamp::inbox(id)]);
        Ok(())
    }

    fn others(&mut self) -> Result<()> {
        let conn = self.conn;
        for name in ["dan", "ada"] {
            let known = match store::user::id_of(conn, name) {
                Err(Error::NotFound) => None,
                found => Some(found?),
            };
            self.keep(format!("name {name}"), known, vec![stamp::name(name)]);
        }
        for domain in ["often.example", "site1.example", "new.example"] {
            let known = store::list::knows_domain(conn, domain)?;
            let stamps = vec![stamp::domain_known(domain)];
            self.keep(format!("knows {domain}"), known, stamps);
        }
        let log = store::modlog::page(conn, &store::modlog::Filter::default(), None)?;
        self.keep("modlog", log.rows, vec![stamp::modlog()]);
        let parts = store::sitemap::parts(conn)?;
        self.keep("sitemap", parts, vec![stamp::sitemap()]);
        let part = store::sitemap::part(conn, 0)?;
        self.keep("sitemap 0", part, vec![stamp::sitemap_part(0)]);
        let mut found = search(conn, self.now)?;
        for hit in &mut found.hits {
            if let store::find::Hit::Comment { row, .. } = hit {
                row.comment.flags = 0;
            }
        }
        self.keep("search", found, vec![stamp::search()]);
        let flags: i64 = conn.query_row(
            "select count(distinct item_id) from flag where settled_ms is null",
            [],
            |row| row.get(0),
        )?;
        self.keep("flags", flags, vec![stamp::flags()]);
        self.keep("site", store::setting::load(conn)?, vec![stamp::site()]);
        Ok(())
    }
}

/// All that lists, feeds and its page show of a story: not its flags.
fn shown(story: &Story) -> String {
    format!("{:?} {:?} {:?}", story.row, story.html, story.edited)
}

/// What a search finds that had the time to mark all of its words.
fn search(conn: &Conn, now: Timestamp) -> Result<store::find::Found> {
    let query = Query::parse("words");
    for _ in 0..50 {
        let found = store::find::find(conn, &query, 0, None, now)?;
        if found.complete {
            return Ok(found);
        }
    }
    panic!("a search among a few items never had the time that it needs")
}
