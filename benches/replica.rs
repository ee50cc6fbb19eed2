//! What a standby costs and how far it is behind: durable votes over HTTP on a primary alone, with a standby that is not
//! waited for, and with one that is; all on the same two cores and the same disk.
//!
//! The members vote for the same stories at about the same time, as on a front page, and once more each for others (spread):
//! votes for one story in one commit write it once. PostgreSQL's are for others each; for the same row they would wait for each
//! other. They are a row and a point for the story; ranked, they change all that a vote changes on the site: the story's place in
//! four orders and in those of its tags, its author's karma. Of those, with 64 clients, about every
//! eighth has to wait for another of the same author (1 - (499/500)^63).
//!
//! The lag is what a reader meets: the time from when the primary shows a transaction until the standby does, asked for over
//! HTTP twice a millisecond, so that the time of two requests and of a pause is in it. (Asked for without a pause, the asking
//! alone was a quarter of the load.) PostgreSQL's is asked for on two connections with the same pauses, from when a transaction is
//! on its primary's disk: with `remote_apply` it shows none before its standby does. What it says of itself (`replay_lag`) has
//! neither questions nor pauses in it.
//!
//! Then copies: a new standby's first one, and what it lacks after it was away, each until it shows all there is.

mod copy;
mod inside;
mod postgres;

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::generate;
use crate::server::{Server, free_port, pinned};
use crate::votes::{self, Order, Sent, Votes};
use crate::wire::Wire;

/// Connections that vote.
const CLIENTS: [usize; 3] = [1, 16, 64];
/// What the nodes share.
const TOKEN: &str = "0123456789abcdef0123456789abcdef";
/// Longest wait for something that is to happen.
const SOON: Duration = Duration::from_mins(1);

/// Time between two questions of how far the standby is.
const PAUSE: Duration = Duration::from_micros(500);
/// Time between two samples: a hundred a second, more would be load of its own.
const BETWEEN: Duration = Duration::from_millis(10);

/// A way to run a site.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Alone,
    Async,
    Wait,
}

impl Way {
    const EACH: [Self; 3] = [Self::Alone, Self::Async, Self::Wait];

    const fn name(self) -> &'static str {
        match self {
            Self::Alone => "alone",
            Self::Async => "async",
            Self::Wait => "wait",
        }
    }
}

/// Measures and prints all, or the parts of this name: alone, async, wait, inside (without HTTP), peer (PostgreSQL) or copy.
pub fn measure(seconds: u64, part: Option<&str>) {
    let is_wanted = |name| part.is_none_or(|part| part == name);
    println!(
        "| standby | clients | votes/s | p50 ms | p99 ms | longest ms | refused | CPU of the primary, us a vote | of the standby | \
         lag p50 ms | lag p99 ms | longest lag ms |\n|---|{}",
        "---:|".repeat(11)
    );
    for way in Way::EACH.into_iter().filter(|way| is_wanted(way.name())) {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("primary");
        generate::site(&data, votes::STORIES);
        let cookies = votes::sign_in(&data);
        let pair = Pair::start(dir.path(), &data, way);
        let mut sent = [0; votes::CONNECTIONS];
        for clients in CLIENTS {
            pair.measure(
                &cookies[..clients],
                seconds,
                &mut sent,
                (way.name(), Order::Same),
            );
        }
        let name = format!("{}, spread", way.name());
        let sent = &mut [0; votes::CONNECTIONS];
        pair.measure(&cookies, seconds, sent, (&name, Order::Spread));
        pair.catches_up();
    }
    if is_wanted("peer") {
        postgres::measure(seconds);
    }
    if is_wanted("inside") {
        inside::measure(seconds);
    }
    if is_wanted("copy") {
        copy::measure(seconds);
    }
}

fn line(
    name: &str,
    clients: usize,
    votes: &Votes,
    cpu: [Duration; 2],
    lags: &[Duration],
    seconds: u64,
) {
    let cpu = cpu.map(|cpu| cpu.as_micros() / u128::from((votes.rate() * seconds).max(1)));
    println!(
        "| {} | {clients} | {} | {:.2} | {:.2} | {:.2} | {} | {} | {} | {} | {} | {} |",
        name,
        votes.rate(),
        votes.ms(500),
        votes.ms(990),
        votes.ms(1000),
        votes.refused(),
        cpu[0],
        cpu[1],
        percentile(lags, 500),
        percentile(lags, 990),
        percentile(lags, 1000)
    );
}

/// So many of a thousand lags, the shortest first, are not longer; in ms, for a table.
fn percentile(lags: &[Duration], per_mille: usize) -> String {
    let found = lags.get(lags.len().saturating_sub(1) * per_mille / 1000);
    found.map_or("–".to_owned(), |lag| {
        format!("{:.2}", lag.as_secs_f64() * 1000.0)
    })
}

struct Pair {
    primary: Server,
    standby: Option<Server>,
}

impl Pair {
    fn start(dir: &Path, data: &Path, way: Way) -> Self {
        let mut pair = Self::lone(dir, data, way);
        if way != Way::Alone {
            pair.follow(dir);
            pair.catches_up();
        }
        pair
    }

    /// Without its standby yet.
    fn lone(dir: &Path, data: &Path, way: Way) -> Self {
        let token = dir.join("token");
        fs::write(&token, TOKEN).unwrap();
        let token = token.to_str().unwrap();
        let mut words = vec!["--replicate", way.name(), "--token-file", token];
        if way == Way::Alone {
            words.clear();
        }
        Self {
            primary: serve(dir, "primary", data, &words),
            standby: None,
        }
    }

    /// Starts the standby, anew or again.
    fn follow(&mut self, dir: &Path) {
        self.standby = Some(follow(dir, self.primary.address));
    }

    /// CPU time of both so far.
    fn cpu(&self) -> [Duration; 2] {
        let standby = self.standby.as_ref().map(Server::cpu);
        [self.primary.cpu(), standby.unwrap_or_default()]
    }

    /// Waits until the standby shows all; panics when it does not.
    fn catches_up(&self) {
        if let Some(standby) = &self.standby {
            let txid = self.shown();
            let mut wire = Wire::connect(standby.address).unwrap();
            let end = Instant::now() + SOON;
            while shown(&mut wire) < txid {
                assert!(Instant::now() < end, "the standby does not come");
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }

    /// The transaction that the primary shows.
    fn shown(&self) -> u64 {
        shown(&mut Wire::connect(self.primary.address).unwrap())
    }

    fn measure(
        &self,
        cookies: &[String],
        seconds: u64,
        sent: &mut Sent,
        (name, order): (&str, Order),
    ) {
        let before = self.cpu();
        let (votes, lags) = self.load(cookies, seconds, sent, order);
        let after = self.cpu();
        let cpu = [0, 1].map(|node: usize| after[node].saturating_sub(before[node]));
        line(name, cookies.len(), &votes, cpu, &lags, seconds);
    }

    fn load(
        &self,
        cookies: &[String],
        seconds: u64,
        sent: &mut Sent,
        order: Order,
    ) -> (Votes, Vec<Duration>) {
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let watching = self.standby.as_ref().map(|standby| {
                let addresses = (self.primary.address, standby.address);
                let is_over = &is_over;
                scope.spawn(move || watch(addresses, is_over))
            });
            let votes = votes::run(self.primary.address, cookies, seconds, sent, order);
            is_over.store(true, Ordering::Relaxed);
            let lags = watching.map(|watching| watching.join().unwrap());
            (votes, lags.unwrap_or_default())
        })
    }
}

/// Starts a standby of the node at this address.
fn follow(dir: &Path, primary: SocketAddr) -> Server {
    let token = dir.join("token");
    fs::write(&token, TOKEN).unwrap();
    let follow = format!("http://{primary}");
    let words = ["--token-file", token.to_str().unwrap(), "--follow", &follow];
    serve(dir, "standby", &dir.join("standby"), &words)
}

fn serve(dir: &Path, name: &'static str, data: &Path, more: &[&str]) -> Server {
    let port = free_port();
    let listen = format!("127.0.0.1:{port}");
    let mut command = pinned("0-1", env!("CARGO_BIN_EXE_site"));
    command
        .arg("--data")
        .arg(data)
        .args(["serve", "--listen", &listen, "--limits", "off"])
        .args(more);
    Server::run(dir, name, port, command, "0-1")
}

/// Lags, the shortest first.
fn watch((primary, standby): (SocketAddr, SocketAddr), is_over: &AtomicBool) -> Vec<Duration> {
    let mut primary = Wire::connect(primary).unwrap();
    let mut standby = Wire::connect(standby).unwrap();
    let mut lags = Vec::new();
    while !is_over.load(Ordering::Relaxed) {
        let txid = shown(&mut primary);
        let begun = Instant::now();
        while shown(&mut standby) < txid {
            assert!(begun.elapsed() < SOON, "the standby does not come");
            std::thread::sleep(PAUSE);
        }
        lags.push(begun.elapsed());
        std::thread::sleep(BETWEEN);
    }
    lags.sort_unstable();
    lags
}

/// The transaction that a node shows.
fn shown(wire: &mut Wire) -> u64 {
    let answer = wire.get("/readyz").unwrap();
    let told: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    told["txid"].as_u64().unwrap()
}
