//! What the site is asked for: searches, the longest thread and others, sign-ins, votes, and comments that have the longest
//! thread made anew.

use std::fmt::{self, Display, Formatter};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::crowd::Crowd;
use super::host::Host;
use crate::generate::{Random, long_thread, story_id};
use crate::votes::STORIES;
use crate::wire::{Answer, Wire};

/// Connections beside those that ask without a pause.
const CROWD: usize = 1_000;
/// How often the crowd is looked at.
const TURN: Duration = Duration::from_secs(1);
/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How soon after a failure somebody tries again.
const AGAIN: Duration = Duration::from_millis(20);
/// How every comment begins.
pub const MARK: &str = "within little memory: ";

/// What searches ask for, two at a time.
const WORDS: &str = "the javascript css browser database performance security rust compiler latency cache index query async";

/// A kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Search,
    Thread,
    Story,
    SignIn,
    Vote,
    Comment,
}

impl Kind {
    pub const EACH: [Self; 6] = [
        Self::Search,
        Self::Thread,
        Self::Story,
        Self::SignIn,
        Self::Vote,
        Self::Comment,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Search => "searches",
            Self::Thread => "long threads",
            Self::Story => "stories",
            Self::SignIn => "sign-ins",
            Self::Vote => "votes",
            Self::Comment => "comments",
        }
    }

    /// How many ask for it without a pause.
    const fn askers(self) -> usize {
        match self {
            Self::Search | Self::Thread | Self::Story | Self::Vote => 4,
            Self::SignIn => 2,
            Self::Comment => 1,
        }
    }
}

/// What became of requests of one kind.
#[derive(Debug, Default)]
pub struct Tally {
    good: AtomicUsize,
    refused: AtomicUsize,
    broken: AtomicUsize,
}

impl Display for Tally {
    fn fmt(&self, to: &mut Formatter) -> fmt::Result {
        let count = |of: &AtomicUsize| of.load(Ordering::Relaxed);
        let (good, refused, broken) = (&self.good, &self.refused, &self.broken);
        write!(to, "{} (", count(good))?;
        write!(to, "{} refused, {} broken)", count(refused), count(broken))
    }
}

/// The load, and what was answered of it.
pub struct Load {
    length: Duration,
    cookies: Vec<String>,
    tallies: [Tally; Kind::EACH.len()],
    /// Numbers of votes and comments, over all runs.
    next: AtomicUsize,
    votes: Mutex<Vec<[i64; 2]>>,
    comments: Mutex<Vec<String>>,
}

impl Load {
    /// For so long each time; `cookies` are as of [`crate::votes::sign_in`].
    pub fn new(cookies: Vec<String>, length: Duration) -> Self {
        Self {
            length,
            cookies,
            tallies: Default::default(),
            next: AtomicUsize::new(0),
            votes: Mutex::default(),
            comments: Mutex::default(),
        }
    }

    /// Asks for so long, and has the site looked after meanwhile.
    pub fn run(&mut self, host: &mut Host) {
        self.tallies = Default::default();
        let thread = path_of(host, long_thread(STORIES));
        let mut crowd = Crowd::new(host.address, CROWD, "/about", &thread);
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            for kind in Kind::EACH {
                for number in 0..kind.askers() {
                    let asker = Asker {
                        load: self,
                        kind,
                        address: host.address,
                        thread: &thread,
                        random: Random((number as u64) << 32 | kind as u64),
                    };
                    scope.spawn(|| asker.ask_until(&is_over));
                }
            }
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    crowd.turn();
                    thread::sleep(TURN);
                }
            });
            let begun = Instant::now();
            while begun.elapsed() < self.length {
                host.look_after();
                thread::sleep(Duration::from_millis(1));
            }
            is_over.store(true, Ordering::Relaxed);
        });
        // What was under way may have killed it last of all.
        host.look_after();
    }

    /// What became of requests of a kind in the last run.
    pub fn tally(&self, kind: Kind) -> &Tally {
        &self.tallies[kind as usize]
    }

    /// Votes that were answered: members and stories.
    pub fn votes(&self) -> Vec<[i64; 2]> {
        self.votes.lock().unwrap().clone()
    }

    /// Comments that were answered.
    pub fn comments(&self) -> Vec<String> {
        self.comments.lock().unwrap().clone()
    }
}

/// The path of a story, where its short one leads.
fn path_of(host: &Host, story: usize) -> String {
    let wire = Wire::connect_within(host.address, PATIENCE);
    let short = format!("/s/{}", story_id(story));
    let answer = wire.and_then(|mut wire| wire.get(&short)).unwrap();
    answer.location.expect("a short path leads to the long one")
}

/// One connection that asks without a pause.
struct Asker<'a> {
    load: &'a Load,
    kind: Kind,
    address: std::net::SocketAddr,
    thread: &'a str,
    random: Random,
}

impl Asker<'_> {
    fn ask_until(mut self, is_over: &AtomicBool) {
        let mut wire = None;
        while !is_over.load(Ordering::Relaxed) {
            let line = match wire.take() {
                Some(line) => Ok(line),
                None => Wire::connect_within(self.address, PATIENCE),
            };
            let asked = line.and_then(|mut line| Ok((self.ask(&mut line)?, line)));
            let is_good = self.count(asked.as_ref().ok().map(|(answer, _)| answer.status));
            // Who is told that the connection ends makes a new one.
            wire = asked.ok().and_then(|(answer, line)| {
                let ends = answer.header("connection") == Some("close");
                (!ends).then_some(line)
            });
            if !is_good {
                thread::sleep(AGAIN);
            }
        }
    }

    /// Counts an answer by its status, `None` when there was none; whether it was what was asked for.
    fn count(&self, status: Option<u16>) -> bool {
        let tally = self.load.tally(self.kind);
        // A wrong password is told so, which is what was asked for.
        let is_good = status.is_some_and(|status| {
            status < 400 || self.kind == Kind::SignIn && status < 500 && status != 429
        });
        let counter = match status {
            Some(_) if is_good => &tally.good,
            Some(_) => &tally.refused,
            None => &tally.broken,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        is_good
    }

    fn ask(&mut self, line: &mut Wire) -> std::io::Result<Answer> {
        match self.kind {
            Kind::Search => {
                let words: Vec<&str> = WORDS.split(' ').collect();
                let mut word = || words[self.random.below(words.len())];
                let (one, other) = (word(), word());
                let author = self.random.below(STORIES / 20);
                // Nobody has asked for the same just now.
                line.get(&format!("/search?q={one}+{other}&author=member{author}"))
            }
            Kind::Thread => line.get(self.thread),
            Kind::Story => {
                let story = story_id(1 + self.random.below(STORIES));
                let answer = line.get(&format!("/s/{story}"))?;
                match &answer.location {
                    Some(path) => line.get(path),
                    None => Ok(answer),
                }
            }
            Kind::SignIn => {
                let name = format!("member{}", 1 + self.random.below(STORIES / 20));
                let fields = [("name", name.as_str()), ("password", "not the one")];
                line.post("/login", "", &fields)
            }
            Kind::Vote => self.vote(line),
            Kind::Comment => self.comment(line),
        }
    }

    fn vote(&mut self, line: &mut Wire) -> std::io::Result<Answer> {
        let members = self.load.cookies.len();
        let number = self.load.next.fetch_add(1, Ordering::Relaxed);
        let (member, story) = (number % members, story_id(1 + number / members % STORIES));
        let cookie = &self.load.cookies[member];
        let answer = line.post(&format!("/s/{story}/vote"), cookie, &[("back", "/")])?;
        if answer.status == 303 {
            let member = i64::try_from(STORIES / 20 - member).unwrap();
            self.load.votes.lock().unwrap().push([member, story]);
        }
        Ok(answer)
    }

    fn comment(&mut self, line: &mut Wire) -> std::io::Result<Answer> {
        let number = self.load.next.fetch_add(1, Ordering::Relaxed);
        let cookie = &self.load.cookies[number % self.load.cookies.len()];
        let story = story_id(long_thread(STORIES));
        let text = format!("{MARK}{number}");
        let path = format!("/s/{story}/comments");
        let answer = line.post(&path, cookie, &[("text", &text)])?;
        if answer.status == 303 {
            self.load.comments.lock().unwrap().push(text);
        }
        Ok(answer)
    }
}
