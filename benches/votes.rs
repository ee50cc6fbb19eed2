//! Durable votes over HTTP: 64 connections, each vote answered after its commit is on disk.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use site::domain::id::UserId;
use site::store::{self, Store};
use site::time::Clock;
use site::web::cookie;
use tokio::task::spawn_local;

use crate::generate;
use crate::overload::line::{Line, on_this_thread};
use crate::process::Process;

pub const CONNECTIONS: usize = 64;
/// Threads that drive them.
pub const THREADS: usize = 2;
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
    let order = Order::Same;
    let votes = run(
        process.address,
        &cookies,
        seconds,
        &mut [0; CONNECTIONS],
        order,
    );
    println!(
        "{} votes/s ({} refused), p50 {:.2} ms, p99 {:.2} ms, longest {:.2} ms",
        votes.rate(),
        votes.refused(),
        votes.ms(500),
        votes.ms(990),
        votes.ms(1000)
    );
}

/// Which stories are voted for at the same time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Nearly the same ones by all members, as those of a front page.
    Same,
    /// Each member's own.
    Spread,
}

impl Order {
    /// By how many stories the one that begins with this cookie is ahead, far from where the others are and were.
    fn ahead(self, cookie: &str) -> usize {
        let lot = cookie.bytes().fold(0, |lot: usize, byte| {
            lot.wrapping_mul(31).wrapping_add(usize::from(byte))
        });
        match self {
            Self::Same => 0,
            Self::Spread => STORIES / 2 + lot % (STORIES / 2),
        }
    }
}

/// How many votes each member has sent: those go through the stories, so that each vote changes something.
pub type Sent = [usize; CONNECTIONS];

/// Votes for so long, a connection for each member. Two threads drive all of them, as with pgbench: a thread for each took a fifth
/// of both cores for itself.
pub fn run(
    address: SocketAddr,
    cookies: &[String],
    seconds: u64,
    sent: &mut Sent,
    order: Order,
) -> Votes {
    let end = Instant::now() + Duration::from_secs(seconds);
    let share = cookies.len().div_ceil(THREADS);
    let votes: Vec<_> = std::thread::scope(|scope| {
        let shares = cookies.chunks(share).zip(sent.chunks(share));
        let drive = |(cookies, from)| {
            scope.spawn(move || on_this_thread(members(address, cookies, end, from, order)))
        };
        let threads: Vec<_> = shares.map(drive).collect();
        let votes = threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap());
        votes.collect()
    });
    for (sent, own) in sent.iter_mut().zip(&votes) {
        *sent += own.len();
    }
    let mut times = votes.concat();
    times.sort_unstable();
    Votes { times, seconds }
}

async fn members(
    address: SocketAddr,
    cookies: &[String],
    end: Instant,
    from: &[usize],
    order: Order,
) -> Vec<Vec<(Duration, u16)>> {
    let begin = |(cookie, from): (&String, &usize)| {
        spawn_local(votes(address, cookie.clone(), end, *from, order))
    };
    let members: Vec<_> = cookies.iter().zip(from).map(begin).collect();
    let mut times = Vec::new();
    for member in members {
        times.push(member.await.unwrap());
    }
    times
}

/// The votes of one member.
async fn votes(
    address: SocketAddr,
    cookie: String,
    end: Instant,
    from: usize,
    order: Order,
) -> Vec<(Duration, u16)> {
    let ahead = order.ahead(&cookie);
    let mut line = Line::open(address).await.unwrap();
    let mut own = Vec::new();
    while Instant::now() < end {
        let (story, is_given) = story(from + own.len());
        let word = if is_given { "vote" } else { "unvote" };
        let id = generate::story_id((story + ahead) % STORIES + 1);
        let path = format!("/s/{id}/{word}");
        let begun = Instant::now();
        let answer = line.ask(post(address, &path, &cookie).as_bytes()).await;
        own.push((begun.elapsed(), answer.unwrap().status));
    }
    own
}

/// The story of a member's vote of this number, and whether it is given or, when all stories have one, taken back: a vote that
/// changes nothing costs nothing.
pub fn story(number: usize) -> (usize, bool) {
    (number % STORIES + 1, (number / STORIES).is_multiple_of(2))
}

fn post(host: SocketAddr, path: &str, cookie: &str) -> String {
    let form = "back=%2F";
    let length = form.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\norigin: http://{host}\r\nsec-fetch-site: same-origin\r\n\
         cookie: {cookie}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\r\n{form}"
    )
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
