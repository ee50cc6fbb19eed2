//! People who post through both hosts all the while, and remember what was answered.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, Scope};
use std::time::Duration;

use super::host::Host;
use super::until;
use crate::rounds::Fixture;
use crate::wire::Wire;

/// People.
const WRITERS: usize = 4;
/// A post that is not answered by then will not be.
const PATIENCE: Duration = Duration::from_secs(15);
/// Between two posts of one person, so that the site stays small over hundreds of rounds.
const PAUSE: Duration = Duration::from_millis(20);

/// Posts of one round.
pub struct Posts {
    round: usize,
    addresses: [SocketAddr; 2],
    cookies: Vec<String>,
    story: String,
    answered: Mutex<Vec<String>>,
    count: AtomicUsize,
    refused: AtomicUsize,
    is_over: AtomicBool,
}

/// Ends the posting when it is dropped, also by a panic.
pub struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Posts {
    pub fn new(round: usize, hosts: &[Host; 2], fixture: &Fixture) -> Self {
        // These hosts are reached without encryption and not at a loopback address: there the cookie has its plain name.
        let plain = |cookie: &str| cookie.trim_start_matches("__Host-").to_owned();
        let cookies: Vec<_> = fixture
            .writers
            .iter()
            .map(|(_, cookie)| plain(cookie))
            .collect();
        Self {
            round,
            addresses: hosts.each_ref().map(|host| host.address),
            story: submit(hosts[0].address, &cookies[0], round),
            cookies,
            answered: Mutex::default(),
            count: AtomicUsize::new(0),
            refused: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
        }
    }

    pub fn spawn<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>) {
        for writer in 0..WRITERS {
            scope.spawn(move || self.post(writer));
        }
    }

    pub const fn ends(&self) -> Ends<'_> {
        Ends(&self.is_over)
    }

    /// Waits until so many more are answered.
    pub fn more(&self, count: usize) {
        let wanted = self.count.load(Ordering::Relaxed) + count;
        until("some posts are answered", || {
            self.count.load(Ordering::Relaxed) >= wanted
        });
    }

    /// Posts that were refused so far.
    pub fn refused(&self) -> usize {
        self.refused.load(Ordering::Relaxed)
    }

    pub fn answered(self) -> Vec<String> {
        self.answered.into_inner().unwrap()
    }

    fn post(&self, writer: usize) {
        let mut wire = None;
        for step in 0.. {
            if self.is_over.load(Ordering::Relaxed) {
                return;
            }
            let text = format!("round {} writer {writer} step {step}", self.round);
            match self.try_once(&mut wire, writer, &text) {
                Some(303) => {
                    self.answered.lock().unwrap().push(text);
                    self.count.fetch_add(1, Ordering::Relaxed);
                    thread::sleep(PAUSE);
                }
                // The node is gone or cannot: a person tries again, with other words.
                answer @ (None | Some(502..=504)) => {
                    self.refused
                        .fetch_add(usize::from(answer.is_some()), Ordering::Relaxed);
                    wire = None;
                    thread::sleep(Duration::from_millis(50));
                }
                Some(status) => panic!("{text}: {status}"),
            }
        }
    }

    fn try_once(&self, wire: &mut Option<Wire>, writer: usize, text: &str) -> Option<u16> {
        if wire.is_none() {
            *wire = Some(Wire::connect_within(self.addresses[writer % 2], PATIENCE).ok()?);
        }
        let path = format!("/s/{}/comments", self.story);
        let fields = [("text", text), ("parent", "")];
        let answer = wire.as_mut()?.post(&path, &self.cookies[writer], &fields);
        answer.ok().map(|answer| answer.status)
    }
}

/// A story of this round; its number.
fn submit(address: SocketAddr, cookie: &str, round: usize) -> String {
    let title = format!("Round {round}");
    let fields = [
        ("title", &*title),
        ("url", ""),
        ("text", "What breaks next?"),
        ("tags", "programming"),
    ];
    let answer = Wire::connect(address)
        .unwrap()
        .post("/submit", cookie, &fields)
        .unwrap();
    let location = answer.location.unwrap_or_default();
    let number = location.split('/').nth(2);
    number
        .unwrap_or_else(|| panic!("{} {location}", answer.status))
        .to_owned()
}
