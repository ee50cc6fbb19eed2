//! Durable votes over HTTP: 64 connections, each vote answered after its commit is on disk.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use site::domain::id::UserId;
use site::store::{self, Store};
use site::time::Clock;
use site::web::cookie;

use crate::generate;
use crate::process::Process;
use crate::wire::Wire;

const CONNECTIONS: usize = 64;
pub const STORIES: usize = 10_000;

/// What came of votes.
pub struct Votes {
    /// Each one's time and status, the shortest first.
    times: Vec<(Duration, u16)>,
    seconds: u64,
}

impl Votes {
    /// Votes that were answered as kept, a second.
    pub fn rate(&self) -> u64 {
        let kept = self.times.iter().filter(|(_, status)| *status == 303);
        kept.count() as u64 / self.seconds
    }

    /// Votes that were refused.
    pub fn refused(&self) -> usize {
        let kept = self.times.iter().filter(|(_, status)| *status == 303);
        self.times.len() - kept.count()
    }

    /// So many of a thousand took no longer, in milliseconds.
    pub fn ms(&self, per_mille: usize) -> f64 {
        self.times[(self.times.len() - 1) * per_mille / 1000]
            .0
            .as_secs_f64()
            * 1000.0
    }
}

/// Votes for so long and prints the rate and its latency.
pub fn measure(seconds: u64) {
    let dir = tempfile::tempdir().unwrap();
    generate::site(dir.path(), STORIES);
    let cookies = sign_in(dir.path());
    let process = Process::serve(dir.path());
    let votes = run(process.address, &cookies, seconds, &AtomicUsize::new(0));
    println!(
        "{} votes/s ({} refused), p50 {:.2} ms, p99 {:.2} ms, longest {:.2} ms",
        votes.rate(),
        votes.refused(),
        votes.ms(500),
        votes.ms(990),
        votes.ms(1000)
    );
}

/// Votes for so long, a connection for each member; `next` counts them.
pub fn run(address: SocketAddr, cookies: &[String], seconds: u64, next: &AtomicUsize) -> Votes {
    let times = Mutex::new(Vec::new());
    let end = Instant::now() + Duration::from_secs(seconds);
    std::thread::scope(|scope| {
        for cookie in cookies {
            scope.spawn(|| {
                let mut wire = Wire::connect(address).unwrap();
                let mut own = Vec::new();
                while Instant::now() < end {
                    // Each member goes through the stories, so hardly a vote is a repetition.
                    let story = next.fetch_add(1, Ordering::Relaxed) / CONNECTIONS % STORIES + 1;
                    let story = generate::story_id(story);
                    let begun = Instant::now();
                    let answer = wire.post(&format!("/s/{story}/vote"), cookie, &[("back", "/")]);
                    own.push((begun.elapsed(), answer.unwrap().status));
                }
                times.lock().unwrap().append(&mut own);
            });
        }
    });
    let mut times = times.into_inner().unwrap();
    times.sort_unstable();
    Votes { times, seconds }
}

/// Cookies of members of a site of [`STORIES`], those who post least: on stories of their own they would be refused.
pub fn sign_in(dir: &std::path::Path) -> Vec<String> {
    let store = Store::open(dir, Clock::System, 2).unwrap();
    let users = i64::try_from(STORIES / 20).unwrap();
    let cookies = store.write_blocking(move |tx| {
        let mut cookies = Vec::new();
        for n in 0..i64::try_from(CONNECTIONS).unwrap() {
            let token = cookie::new_token();
            let user = UserId::new(users - n);
            store::session::open(tx, user, &cookie::hash(&token), "192.0.2.1", "bench")?;
            let set = cookie::set(&token, true);
            cookies.push(set.split(';').next().unwrap().to_owned());
        }
        Ok(cookies)
    });
    cookies.unwrap()
}
