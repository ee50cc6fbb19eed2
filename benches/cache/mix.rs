//! What only the site does: members' pages, many pages of uneven popularity, and reading while others write.

use std::fmt::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::http::Client;
use super::load::{self, Figures, Load};
use super::sample::accepts_gzip;
use crate::server::Server;
use crate::wire::Wire;

/// Draws in the list of a mixed load.
const DRAWS: usize = 200_000;
/// Members who vote.
const VOTERS: usize = 8;
/// Time from one vote to the next.
const VOTE_EVERY: Duration = Duration::from_millis(10);
/// Time from one sample of the hit ratio to the next.
const SAMPLE_EVERY: Duration = Duration::from_millis(5);
/// Good enough for sign-up.
const PASSWORD: &str = "a lamp on every landing";

/// Joins over HTTP; answers with the cookies as a browser sends them.
pub fn sign_up(address: SocketAddr, name: &str) -> String {
    let email = format!("{name}@example.org");
    let fields = [("name", name), ("email", &email), ("password", PASSWORD)];
    let response = Client::connect(address).post("/signup", &fields);
    assert_eq!(response.status, 303, "{name} cannot sign up");
    let pairs: Vec<&str> = response
        .headers
        .iter()
        .filter(|(name, _)| name == "set-cookie")
        .filter_map(|(_, value)| value.split(';').next())
        .collect();
    assert!(!pairs.is_empty(), "{name} got no session");
    pairs.join("; ")
}

/// The paths of all stories, from the site's map.
pub fn stories(client: &mut Client) -> Vec<String> {
    let index = client.get("/sitemap.xml", &[]);
    let parts = locations(&index.body);
    let pages = parts
        .iter()
        .flat_map(|part| locations(&client.get(part, &[]).body));
    pages.filter(|path| path.starts_with("/s/")).collect()
}

/// The paths in a sitemap.
fn locations(xml: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(xml).unwrap();
    let whole = text
        .split("<loc>")
        .skip(1)
        .filter_map(|rest| rest.split("</loc>").next());
    whole
        .filter_map(|url| {
            let (_, rest) = url.split_once("://")?;
            Some(rest[rest.find('/')?..].to_owned())
        })
        .collect()
}

/// Many pages, the n-th of them asked for in proportion to 1/n.
pub struct Mix {
    paths: Vec<String>,
    /// Places in `paths`, as they are drawn one after the other.
    draws: Vec<usize>,
    script: PathBuf,
}

impl Mix {
    /// Draws from these paths, always the same, and writes the script that asks for them.
    pub fn new(dir: &Path, paths: Vec<String>) -> Self {
        let draws = draws(paths.len());
        let mut lua = String::from("local paths = {\n");
        for path in &paths {
            writeln!(lua, "{path:?},").unwrap();
        }
        lua.push_str("}\nlocal draws = {\n");
        for draw in &draws {
            writeln!(lua, "{},", draw + 1).unwrap();
        }
        // All requests are written once; wrk's own headers come in by its format function.
        lua.push_str(
            "}\nlocal ready, at = {}, 0
            init = function() for n, path in ipairs(paths) do ready[n] = wrk.format('GET', path) end end
            request = function() at = at % #draws + 1; return ready[draws[at]] end\n",
        );
        let script = load::script(dir, "mix", &lua);
        Self {
            paths,
            draws,
            script,
        }
    }

    /// The load of this mix.
    pub fn load<'a>(&'a self, headers: &'a [String], seconds: u64) -> Load<'a> {
        Load {
            path: "/",
            headers,
            script: &self.script,
            seconds,
        }
    }

    /// One run, and the share of hits among samples taken meanwhile: what the answers say of themselves.
    pub fn run(&self, site: &Server, seconds: u64) -> (Figures, Option<f64>) {
        let headers = [accepts_gzip()];
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            let sampler = scope.spawn(|| self.sample(site.address, &over));
            let figures = load::run(site, &self.load(&headers, seconds));
            over.store(true, Ordering::Relaxed);
            (figures, sampler.join().unwrap())
        })
    }

    /// Asks for pages of the same popularity, from the other end of the draws.
    fn sample(&self, address: SocketAddr, over: &AtomicBool) -> Option<f64> {
        let mut client = Client::connect(address);
        let headers = [accepts_gzip()];
        let (mut hits, mut all) = (0_u32, 0_u32);
        for draw in self.draws.iter().rev() {
            if over.load(Ordering::Relaxed) {
                break;
            }
            let response = client.get(&self.paths[*draw], &headers);
            // Under this load a page that is not at hand may be refused: it counts as none that was.
            if response.status != 503 {
                assert_eq!(response.status, 200, "{}", self.paths[*draw]);
                hits += u32::from(response.hit()?);
            }
            all += 1;
            thread::sleep(SAMPLE_EVERY);
        }
        (all > 0).then(|| f64::from(hits) / f64::from(all))
    }
}

/// Places below `count`, popular ones spread over all of them.
#[expect(clippy::cast_precision_loss, reason = "numbers far below 2^52")]
fn draws(count: usize) -> Vec<usize> {
    let mut sums: Vec<f64> = Vec::with_capacity(count);
    for rank in 1..=count {
        sums.push(sums.last().unwrap_or(&0.0) + 1.0 / rank as f64);
    }
    let total = sums.last().copied().unwrap();
    let mut random = Random(1);
    (0..DRAWS)
        .map(|_| {
            let point = random.next() as f64 / u64::MAX as f64 * total;
            let rank = sums.partition_point(|sum| *sum < point).min(count - 1);
            // A prime that divides no count in use: each rank has a place of its own.
            rank * 7_919 % count
        })
        .collect()
}

/// xorshift64*, <https://doi.org/10.1145/2845077>.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
}

/// Members who vote at a fixed rate.
pub struct Voters {
    cookies: Vec<String>,
    /// Paths of their votes.
    votes: Vec<String>,
    random: Random,
}

/// What became of the votes.
#[derive(Default)]
pub struct Votes {
    /// Times of those that were counted.
    pub times: Vec<Duration>,
    pub refused: usize,
    pub span: Duration,
}

impl Voters {
    /// New members, and the stories that they vote on.
    pub fn join(address: SocketAddr, stories: &[String]) -> Self {
        let vote = |path: &String| format!("/s/{}/vote", path.split('/').nth(2).unwrap());
        Self {
            cookies: (0..VOTERS)
                .map(|n| sign_up(address, &format!("voter{n}")))
                .collect(),
            votes: stories.iter().map(vote).collect(),
            random: Random(2),
        }
    }

    /// Votes on one story after the other while `work` runs; what comes late is made up for.
    pub fn during<T>(&mut self, address: SocketAddr, work: impl FnOnce() -> T) -> (T, Votes) {
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            let voting = scope.spawn(|| self.vote(address, &over));
            let done = work();
            over.store(true, Ordering::Relaxed);
            (done, voting.join().unwrap())
        })
    }

    fn vote(&mut self, address: SocketAddr, over: &AtomicBool) -> Votes {
        let mut wire = Wire::connect(address).unwrap();
        let mut votes = Votes::default();
        let begun = Instant::now();
        let mut due = begun;
        for voter in (0..VOTERS).cycle() {
            if over.load(Ordering::Relaxed) {
                break;
            }
            thread::sleep(due.saturating_duration_since(Instant::now()));
            due += VOTE_EVERY;
            let count = self.votes.len() as u64;
            let story = usize::try_from(self.random.next() % count).unwrap();
            let sent = Instant::now();
            let cookie = &self.cookies[voter];
            let answer = wire.post(&self.votes[story], cookie, &[("back", "/")]);
            match answer.unwrap().status {
                303 => votes.times.push(sent.elapsed()),
                _ => votes.refused += 1,
            }
        }
        votes.span = begun.elapsed();
        votes
    }
}
