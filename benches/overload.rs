//! More than the site can do: an open load of uncached pages with sign-ins among them, at rates below and far above what
//! the site can answer, side by side with the same site whose pool is plain `web::block`.
//!
//! What is measured is what a person at the other end sees: goodput, how long who is let in waits, how soon who is not let
//! in is told. Everything ends by itself.

mod drive;
pub mod line;
mod memory;
mod metrics;
mod mix;
mod place;
pub mod plain;
mod rates;
pub mod refuse;
mod sample;
mod signins;
mod step;
mod watch;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use drive::Phase;
use mix::{Content, DAY, Mix, READING, Shares};
use place::{Kind, Place};
use sample::Figures;
use tempfile::TempDir;

use crate::server::{self, Server};
use crate::{generate, votes};

/// Connections that are kept open: as many as may wait for an answer at the same time.
const CONNECTIONS: usize = 1_000;
/// Connections that find out what the site can do at most.
const ENOUGH: usize = 16;
/// What one more visitor asks for, a second, and the connections for it: too little to be a load of its own.
const VISITOR: f64 = 200.0;
const VISITOR_CONNECTIONS: usize = 16;
/// What is sent before anything is counted.
const WARM_UP: Duration = Duration::from_secs(3);

/// Measures one part, or all, with so many seconds for each rate.
pub fn measure(words: &[&str]) {
    let (part, seconds) = match *words {
        [] => ("all", 15),
        [one] => one.parse().map_or((one, 15), |seconds| ("all", seconds)),
        [part, seconds] => (part, seconds.parse().unwrap()),
        _ => panic!("see the top of benches/main.rs"),
    };
    let seconds = Duration::from_secs(seconds);
    server::check_machine(&[]);
    let bench = Bench::make();
    match part {
        "rates" => rates::measure(&bench, &Place::each(), seconds),
        "small" => rates::measure(&bench, &[Place::small()], seconds),
        "large" => rates::measure(&bench, &[Place::large()], seconds),
        "step" => step::measure(&bench),
        "signins" => signins::measure(&bench, seconds),
        "memory" => memory::measure(&bench),
        "all" => {
            rates::measure(&bench, &Place::each(), seconds);
            step::measure(&bench);
            signins::measure(&bench, seconds);
            memory::measure(&bench);
        }
        _ => panic!("see the top of benches/main.rs"),
    }
}

/// What all parts share.
struct Bench {
    dir: TempDir,
    data: PathBuf,
    cookies: Vec<String>,
}

/// A server under load, what to ask it for, and how much of that it can answer.
struct Subject {
    server: Server,
    content: Content,
    /// Good answers a second on a few connections that never pause.
    peak: f64,
}

impl Bench {
    fn make() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        generate::site(&data, votes::STORIES);
        let cookies = votes::sign_in(&data);
        Self { dir, data, cookies }
    }

    /// Starts a server, warm, and finds out what it can do.
    fn start(&self, place: &Place, kind: Kind) -> Subject {
        server::move_to(place.load_cores);
        let server = place.start(self.dir.path(), &self.data, kind);
        let content = Content::read(server.address, self.cookies.clone());
        let peak = capacity(&server, &content);
        Subject {
            server,
            content,
            peak,
        }
    }
}

impl Subject {
    /// Requests at one rate for so long after the warm-up.
    fn load(&self, shares: &Shares, rate: f64, length: Duration) -> drive::Run {
        let phase = Phase {
            rate,
            length: WARM_UP + length,
        };
        self.phases(shares, &[phase])
    }

    /// The same, with one more visitor meanwhile.
    fn visited(&self, phases: &[Phase]) -> (drive::Run, drive::Run) {
        visited(self.server.address, &self.content, phases, || {
            self.phases(DAY, phases)
        })
    }

    /// Requests at several rates, one after the other.
    fn phases(&self, shares: &Shares, phases: &[Phase]) -> drive::Run {
        let mut mix = Mix::new(&self.content, shares, 1);
        let run = drive::open(self.server.address, CONNECTIONS, phases, &mut mix);
        if let Some(problem) = &run.problem {
            println!("(first that got no answer: {problem})");
        }
        run
    }
}

/// A load, and what one more visitor meets meanwhile, who has a thread of their own. Whoever sends the load has a thousand
/// connections on one thread, and reads an answer that has come when it has the time: at the highest rates that takes longer
/// than the answer did. The visitor's thread goes first on its core, since they would be at a machine of their own.
fn visited(
    address: SocketAddr,
    content: &Content,
    phases: &[Phase],
    load: impl FnOnce() -> drive::Run,
) -> (drive::Run, drive::Run) {
    std::thread::scope(|scope| {
        let visitor = scope.spawn(|| {
            let phases: Vec<_> = phases
                .iter()
                .map(|phase| Phase {
                    rate: VISITOR,
                    ..*phase
                })
                .collect();
            if !server::goes_first() {
                println!("(the visitor's thread waits for its turn like all: it takes root to let it go first)");
            }
            let mut mix = Mix::new(content, READING, 3);
            drive::open_and_read_at_once(address, VISITOR_CONNECTIONS, &phases, &mut mix)
        });
        let run = load();
        (run, visitor.join().unwrap())
    })
}

/// Good answers a second when a few connections ask without a pause. Their answers do not gather, which would be a pause: each
/// request costs this load more than those of the rates, so that where it is on the server's cores the peak is somewhat low.
fn capacity(server: &Server, content: &Content) -> f64 {
    let length = Duration::from_secs(8);
    let mut mix = Mix::new(content, DAY, 2);
    let run = drive::closed(server.address, ENOUGH, WARM_UP + length, &mut mix);
    Figures::of(&run.samples, WARM_UP..WARM_UP + length).in_time()
}

/// KiB as MiB, for a table.
fn mib(kib: u64) -> u64 {
    kib.div_ceil(1024)
}
