//! Two sites that live through the same: one keeps its pages, the other makes each of them anew for everybody who asks.
//! Whatever people do, the two must show the same, and the first one must have made anew only what has changed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::time::Duration;

use site::domain::user::Role;

use crate::app::{Browser, Reply, TestApp};
use crate::plot::{self, AUTHORS, Content, MODERATOR, READER};
use crate::route;

/// Pages that members look at after each act; the others they look at in turns.
const ALWAYS: usize = 4;
/// How many acts such turns take.
const TURNS: usize = 12;

/// The two sites, and everybody's browsers on both.
pub struct Twins {
    sites: [TestApp; 2],
    browsers: BTreeMap<String, [Browser; 2]>,
    /// Who visits without a name, side by side.
    visitors: [[Browser; 2]; 2],
    pages: Vec<Page>,
    /// Patterns of the routes that were posted to.
    posted: BTreeSet<String>,
    acts: usize,
    made: usize,
    idle: Vec<String>,
}

/// A page that is watched.
struct Page {
    path: String,
    /// What it showed to visitors last.
    shown: Option<Shown>,
    /// The reader has got it since it was made.
    is_known: bool,
    /// It was just answered from memory.
    is_hit: bool,
    /// It was just made anew although it shows the same.
    is_idle: bool,
    /// What was just found to be wrong with it.
    wrong: String,
}

/// All that a client sees of a page but for the time and how it came about.
#[derive(PartialEq, Eq)]
struct Shown {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl From<Reply> for Shown {
    fn from(reply: Reply) -> Self {
        let mut headers = reply.headers;
        headers.retain(|(name, _)| name != "date" && name != "cache-status");
        headers.sort();
        Self {
            status: reply.status,
            headers,
            body: reply.body,
        }
    }
}

impl Twins {
    /// Two new sites with the same on them.
    pub fn new() -> (Self, Content) {
        let base = || Some("http://site.example".parse().unwrap());
        let kept = TestApp::stopped_with(|config| {
            config.base_url = base();
            config.cache_size = 64 << 20;
        });
        let plain = TestApp::stopped_with(|config| {
            config.base_url = base();
            config.cache_size = 0;
        });
        let sites = [kept, plain];
        let [content, same] = [&sites[0], &sites[1]].map(plot::fill);
        assert_eq!(content, same);
        let mut browsers = BTreeMap::new();
        for (name, role) in AUTHORS
            .iter()
            .map(|name| (*name, Role::Member))
            .chain([(READER, Role::Member), (MODERATOR, Role::Moderator)])
        {
            let both = [0, 1].map(|at: usize| sites[at].member_as(name, role));
            browsers.insert(name.to_owned(), both);
        }
        let visitor = || [sites[0].browser(), sites[1].browser()];
        let mut twins = Self {
            visitors: [visitor(), visitor()],
            sites,
            browsers,
            pages: Vec::new(),
            posted: BTreeSet::new(),
            acts: 0,
            made: 0,
            idle: Vec::new(),
        };
        twins.pages = plot::paths(&content, &mut twins.sites[1].browser())
            .into_iter()
            .map(Page::new)
            .collect();
        (twins, content)
    }

    /// Somebody posts something on both sites, and may; then every page is looked at.
    #[track_caller]
    pub fn act(&mut self, who: &str, path: &str, fields: &[(&str, &str)]) -> [Reply; 2] {
        self.act_each(who, [path, path], fields)
    }

    /// As [`Twins::act`], for what no page of others tells: only some are looked at now, and all with the next act.
    #[track_caller]
    pub fn quiet(&mut self, who: &str, path: &str, fields: &[(&str, &str)]) {
        let [reply, _] = self.post(who, [path, path], fields, ALWAYS);
        assert!(reply.status < 400, "{path}: {}", reply.body);
    }

    /// As [`Twins::quiet`], with JSON.
    #[track_caller]
    pub fn quiet_json(&mut self, who: &str, path: &str, json: &str) {
        let headers = [
            ("content-type", "application/json"),
            ("sec-fetch-site", "same-origin"),
        ];
        let send =
            |browser: &mut Browser, path: &str| browser.post_body(path, json.as_bytes(), &headers);
        let [reply, _] = self.send(who, [path, path], json, ALWAYS, send);
        assert!(reply.status < 400, "{path}: {}", reply.body);
    }

    /// As [`Twins::quiet`], but it is refused.
    #[track_caller]
    pub fn refused(&mut self, who: &str, path: &str, fields: &[(&str, &str)]) {
        let [reply, _] = self.post(who, [path, path], fields, ALWAYS);
        assert!(
            (400..500).contains(&reply.status),
            "{path}: {}",
            reply.status
        );
    }

    /// As [`Twins::act`], where the address holds a secret of each site.
    #[track_caller]
    pub fn act_each(&mut self, who: &str, paths: [&str; 2], fields: &[(&str, &str)]) -> [Reply; 2] {
        let replies = self.post(who, paths, fields, usize::MAX);
        let reply = &replies[0];
        assert!(reply.status < 400, "{}: {}", paths[0], reply.body);
        replies
    }

    #[track_caller]
    fn post(
        &mut self,
        who: &str,
        paths: [&str; 2],
        fields: &[(&str, &str)],
        most: usize,
    ) -> [Reply; 2] {
        let send = |browser: &mut Browser, path: &str| browser.post(path, fields);
        self.send(who, paths, &format!("{fields:?}"), most, send)
    }

    #[track_caller]
    fn send(
        &mut self,
        who: &str,
        paths: [&str; 2],
        told: &str,
        most: usize,
        send: impl Fn(&mut Browser, &str) -> Reply,
    ) -> [Reply; 2] {
        // Stretches of lists are told apart by 4 seconds.
        self.pass(Duration::from_secs(6));
        let mut replies = Vec::new();
        for (browser, path) in self.both(who).iter_mut().zip(paths) {
            replies.push(send(browser, path));
        }
        let word = format!("POST {} {told} by {who}", paths[0]);
        let replies: [Reply; 2] = replies.try_into().unwrap();
        let statuses = [0, 1].map(|at: usize| replies[at].status);
        assert_eq!(statuses[0], statuses[1], "{word}");
        let posts = route::table().into_iter();
        let posts = posts.filter(|(method, pattern)| *method == "POST" && fits(pattern, paths[0]));
        self.posted.extend(posts.map(|(_, pattern)| pattern));
        self.look_at(most, &format!("{word}: {}", statuses[0]), who);
        replies
    }

    /// So much time goes by that sessions are noted to be in use, after which members' pages are made once more.
    #[track_caller]
    pub fn wait(&mut self, time: Duration, who: &str) {
        self.pass(time);
        self.forget();
        self.look("time went by", who);
        self.forget();
    }

    fn forget(&mut self) {
        for page in &mut self.pages {
            page.is_known = false;
        }
    }

    fn pass(&self, time: Duration) {
        for site in &self.sites {
            site.pass(time);
        }
    }

    /// One number, the same on both.
    #[track_caller]
    pub fn number(&self, sql: &str) -> i64 {
        let [one, other] = [&self.sites[0], &self.sites[1]].map(|site| site.number(sql));
        assert_eq!(one, other, "{sql}");
        one
    }

    /// A change on both that is not done through the door.
    pub fn apply(&self, change: &site::control::Change) {
        for site in &self.sites {
            let change = change.clone();
            site.write(move |tx| site::control::apply(tx, &change));
        }
    }

    fn both(&mut self, who: &str) -> &mut [Browser; 2] {
        let sites = &self.sites;
        let new = || [sites[0].browser(), sites[1].browser()];
        self.browsers.entry(who.to_owned()).or_insert_with(new)
    }

    /// Everybody looks at every page.
    #[track_caller]
    pub fn look(&mut self, word: &str, who: &str) {
        self.look_at(usize::MAX, word, who);
    }

    /// Everybody looks at the first pages.
    #[track_caller]
    fn look_at(&mut self, most: usize, word: &str, who: &str) {
        self.acts += 1;
        let mut all = std::mem::take(&mut self.pages);
        let most = most.min(all.len());
        let pages = &mut all[..most];
        let half = pages.len().div_ceil(2);
        std::thread::scope(|scope| {
            for (visitor, pages) in self.visitors.iter_mut().zip(pages.chunks_mut(half)) {
                scope.spawn(|| pages.iter_mut().for_each(|page| page.visit(visitor)));
            }
        });
        let mut wrong = String::new();
        for (number, page) in pages.iter_mut().enumerate() {
            wrong.push_str(&std::mem::take(&mut page.wrong));
            self.made += usize::from(!page.is_hit);
            if page.is_idle {
                self.idle.push(format!("{}: {word}", page.path));
            }
            if number < ALWAYS || (number + self.acts).is_multiple_of(TURNS) {
                self.read(page, &mut wrong);
                for member in [MODERATOR, who] {
                    let [one, other] = self.get(member, &page.path);
                    same(&mut wrong, member, &page.path, one, other);
                }
            }
        }
        self.pages = all;
        assert!(wrong.is_empty(), "{word}\n{wrong}");
    }

    fn get(&mut self, who: &str, path: &str) -> [Reply; 2] {
        let [one, other] = self.both(who);
        [one.get(path), other.get(path)]
    }

    /// One who only reads gets it from memory unless it was made anew for visitors.
    fn read(&mut self, page: &mut Page, wrong: &mut String) {
        let [one, other] = self.get(READER, &page.path);
        // Members' results are drawn for each of them.
        let is_drawn = page.path.starts_with("/search");
        if page.is_known && !is_hit(&one) && !is_drawn {
            writeln!(wrong, "{}: a member's was made anew", page.path).unwrap();
        }
        same(wrong, READER, &page.path, one, other);
        page.is_known = true;
    }

    /// Pages that were made anew although they show the same, each with what was done; taken.
    pub fn idle(&mut self) -> Vec<String> {
        std::mem::take(&mut self.idle)
    }

    /// Routes that nobody has posted to.
    pub fn unposted(&self) -> Vec<String> {
        let all = route::table().into_iter();
        let posts = all.filter(|(method, _)| *method == "POST");
        let left = posts.filter(|(_, pattern)| !self.posted.contains(pattern));
        left.map(|(_, pattern)| pattern).collect()
    }

    /// Routes that no watched page belongs to.
    pub fn unwatched(&self) -> Vec<String> {
        let all = route::table().into_iter();
        let reads = all.filter(|(method, _)| *method == "GET");
        let watched = |pattern: &str| self.pages.iter().any(|page| fits(pattern, &page.path));
        let left = reads.filter(|(_, pattern)| !watched(pattern));
        left.map(|(_, pattern)| pattern).collect()
    }

    /// What was done and seen, in numbers.
    pub fn told(&self) -> String {
        let (pages, acts) = (self.pages.len(), self.acts);
        let made = self.made;
        format!("{acts} acts, {pages} pages, {made} times one was made anew")
    }
}

impl Page {
    fn new(path: String) -> Self {
        Self {
            path,
            shown: None,
            is_known: false,
            is_hit: false,
            is_idle: false,
            wrong: String::new(),
        }
    }

    /// A visitor gets it: the same from both, and from memory exactly when it is what it was.
    fn visit(&mut self, [kept, plain]: &mut [Browser; 2]) {
        let [one, other] = [kept, plain].map(|browser| browser.get(&self.path));
        self.is_hit = is_hit(&one);
        if is_hit(&other) {
            writeln!(self.wrong, "{}: without a cache it is kept", self.path).unwrap();
        }
        let now = same(&mut self.wrong, "nobody", &self.path, one, other);
        self.is_idle = self.shown.as_ref() == Some(&now) && !self.is_hit;
        self.is_known &= self.is_hit;
        self.shown = Some(now);
    }
}

fn is_hit(reply: &Reply) -> bool {
    reply.header("cache-status") == Some("site; hit")
}

/// Both sites show the same.
fn same(wrong: &mut String, who: &str, path: &str, one: Reply, other: Reply) -> Shown {
    let how = one.header("cache-status").unwrap_or_default().to_owned();
    // A search that ran out of time on a busy machine shows what it had, and is kept by nobody.
    let is_late = |reply: &Reply| {
        path.starts_with("/search") && reply.header("cache-control") == Some("no-store")
    };
    let late = is_late(&one) || is_late(&other);
    let (one, other) = (Shown::from(one), Shown::from(other));
    if one != other && !late {
        let mut headers = one.headers.iter().zip(&other.headers);
        let difference = match headers.find(|(one, other)| one != other) {
            Some(headers) if one.body == other.body => format!("{headers:?}"),
            _ => apart(&one.body, &other.body),
        };
        writeln!(
            wrong,
            "{path} for {who} ({how}): {} {}\n    {difference}",
            one.status, other.status
        )
        .unwrap();
    }
    one
}

/// The first place where two texts differ.
fn apart(one: &str, other: &str) -> String {
    let at = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b);
    let at = at.count().saturating_sub(40);
    let part = |text: &str| {
        let bytes = text.as_bytes();
        let end = bytes.len().min(at + 160);
        String::from_utf8_lossy(&bytes[at.min(end)..end]).into_owned()
    };
    format!("{}\n    {}", part(one), part(other))
}

/// Whether an address is one of a route.
fn fits(pattern: &str, path: &str) -> bool {
    let path = path.split('?').next().unwrap();
    let (mut patterns, mut segments) = (pattern.split('/'), path.split('/'));
    loop {
        match (patterns.next(), segments.next()) {
            (None, None) => return true,
            (Some(pattern), Some(segment)) => {
                let fits = match (pattern.find('{'), pattern.find('}')) {
                    (Some(0), Some(end)) => segment.ends_with(&pattern[end + 1..]),
                    _ => pattern == segment,
                };
                if !fits {
                    return false;
                }
            }
            _ => return false,
        }
    }
}
