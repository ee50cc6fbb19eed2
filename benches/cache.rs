//! The response cache against the servers that people would otherwise put in front: same bytes, same headers, same load,
//! one core for the server and the other for wrk, rounds in which all take turns, medians.

pub mod bare;
pub mod http;
mod load;
pub mod mix;
mod peers;
mod report;
mod row;
mod sample;

use std::path::Path;
use std::process::Command;

use http::Client;
use load::{Figures, Load};
use mix::{Mix, Voters};
use report::Cell;
use row::{ROWS, Row};
use sample::{Sample, accepts_gzip};

use crate::generate;
use crate::server::{self, LOAD_CORE, Server};

/// Programs beside the site, and the Debian packages that they are in.
const PROGRAMS: &[(&str, &str)] = &[
    ("wrk", "wrk"),
    ("nginx", "nginx"),
    ("haproxy", "haproxy"),
    ("varnishd", "varnish"),
    ("cc", "gcc"),
];
/// Stories of the site, and different pages of the mixed load.
const STORIES: usize = 10_000;
/// Lists among which, with some stories, the page of about 40 KB is found.
const PAGES: &[&str] = &["/", "/newest", "/active", "/top/all", "/comments"];
/// The same for about 2 KB.
const SMALL: &[&str] = &[
    "/sitemap/lists.xml",
    "/robots.txt",
    "/opensearch.xml",
    "/manifest.webmanifest",
];

/// Measures everything: each run takes so many seconds, and is repeated in so many rounds.
pub fn measure(rounds: usize, seconds: u64) {
    server::check_machine(PROGRAMS);
    server::move_to(LOAD_CORE);
    println!("{}", versions());
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let data = dir.join("data");
    generate::site(&data, STORIES);
    let site = peers::site(dir, &data);
    let samples = samples(dir, &site);
    let plan = Plan {
        rounds,
        seconds,
        done: load::script(dir, "done", ""),
    };
    let page = samples[0].path.clone();
    let cells = plan.compare(dir, &site, &samples);
    report::table(&cells);
    report::bars(&cells);
    plan.members(&site, &page);
    plan.mixed(dir, &site);
}

/// What the peers say of their versions.
fn versions() -> String {
    let said = [("nginx", "-v"), ("haproxy", "-v"), ("varnishd", "-V")].map(|(program, flag)| {
        let output = Command::new(server::find(program).unwrap())
            .arg(flag)
            .output();
        let output = output.unwrap();
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        text.lines().next().unwrap_or_default().to_owned()
    });
    said.join("; ")
}

/// The two pages that everybody sends, written down for the others.
fn samples(dir: &Path, site: &Server) -> Vec<Sample> {
    let mut client = Client::connect(site.address);
    let mut pages = owned(PAGES);
    pages.extend(mix::stories(&mut client).into_iter().step_by(5));
    let mut take = |name: &str, paths: &[String], bytes: usize| {
        let path = sample::nearest(&mut client, paths, bytes);
        let sample = Sample::take(&mut client, name, &path);
        let (plain, gzip) = (sample.identity.body.len(), sample.gzip.body.len());
        println!("{name}: {path}, {plain} bytes, {gzip} as gzip");
        sample.save(dir);
        sample
    };
    vec![
        take("page", &pages, 40_000),
        take("small", &owned(SMALL), 2_000),
    ]
}

fn owned(paths: &[&str]) -> Vec<String> {
    paths.iter().map(|path| (*path).to_owned()).collect()
}

/// How often and how long is measured.
struct Plan {
    rounds: usize,
    seconds: u64,
    /// wrk's script for one path.
    done: std::path::PathBuf,
}

/// A row of a server, and its runs so far.
struct Turn<'a> {
    row: &'static Row,
    server: &'a Server,
    proven: row::Proven,
    runs: Vec<Figures>,
}

impl Plan {
    /// All rows of all servers that know them.
    fn compare(&self, dir: &Path, site: &Server, samples: &[Sample]) -> Vec<Cell> {
        let (peers, upstream) = peers::start(dir, samples);
        let servers: Vec<&Server> = std::iter::once(site).chain(&peers).collect();
        let mut turns: Vec<Turn> = Vec::new();
        for row in ROWS {
            for server in &servers {
                match row.prove(server, &upstream, samples) {
                    Some(proven) => turns.push(Turn {
                        row,
                        server,
                        proven,
                        runs: Vec::new(),
                    }),
                    None => eprintln!("{} is left out of {}", server.name, row.name),
                }
            }
        }
        for round in 0..=self.rounds {
            for turn in &mut turns {
                // Round 0 only warms up.
                let seconds = if round == 0 { 1 } else { self.seconds };
                let figures = self.load(
                    turn.server,
                    &turn.proven.path,
                    &turn.proven.headers,
                    seconds,
                );
                turn.proven.check_load(turn.server.name, figures.bytes);
                if round > 0 {
                    turn.runs.push(figures);
                }
            }
            eprintln!("round {round} of {}", self.rounds);
        }
        let cell = |turn: Turn| Cell {
            row: turn.row.name,
            server: turn.server.name,
            figures: load::median(&turn.runs),
            proven: turn.proven,
        };
        turns.into_iter().map(cell).collect()
    }

    fn load(&self, server: &Server, path: &str, headers: &[String], seconds: u64) -> Figures {
        let load = Load {
            path,
            headers,
            script: &self.done,
            seconds,
        };
        load::run(server, &load)
    }

    /// The same page for a visitor and for a member.
    fn members(&self, site: &Server, path: &str) {
        let cookie = mix::sign_up(site.address, "reader");
        let visitor = [accepts_gzip()];
        let member = [accepts_gzip(), format!("Cookie: {cookie}")];
        let page = Client::connect(site.address).get(path, &member);
        let keep = page.header("cache-control");
        assert!(
            keep.is_some_and(|keep| keep.contains("private")),
            "not a member's page: {keep:?}"
        );
        let (mut visitors, mut members) = (Vec::new(), Vec::new());
        for _ in 0..self.rounds {
            visitors.push(self.load(site, path, &visitor, self.seconds));
            members.push(self.load(site, path, &member, self.seconds));
        }
        let (visitors, members) = (load::median(&visitors), load::median(&members));
        let ratio = members.per_second / visitors.per_second;
        report::at_least("requests/s, member ÷ visitor", ratio, 0.4);
        report::mixed_head();
        report::mixed("the page of 40 KB, visitor", &visitors);
        report::mixed("the same, member", &members);
    }

    /// Many pages; then them, and the front page, while 100 votes a second are written.
    fn mixed(&self, dir: &Path, site: &Server) {
        let stories = mix::stories(&mut Client::connect(site.address));
        assert_eq!(stories.len(), STORIES, "stories in the sitemap");
        let mut voters = Voters::join(site.address, &stories);
        let mix = Mix::new(dir, stories);
        let visitor = [accepts_gzip()];
        mix.run(site, self.seconds);
        let rounds = 0..self.rounds;
        let quiet: Vec<_> = rounds
            .clone()
            .map(|_| mix.run(site, self.seconds))
            .collect();
        let (written, mut sent) = voters.during(site.address, || {
            let runs = rounds.map(|_| {
                let many = mix.run(site, self.seconds);
                (many, self.load(site, "/", &visitor, self.seconds))
            });
            runs.collect::<Vec<_>>()
        });
        let (busy, one): (Vec<_>, Vec<_>) = written.into_iter().unzip();
        for (name, runs) in [("no writes", quiet), ("100 writes/s", busy)] {
            let (figures, hits): (Vec<_>, Vec<_>) = runs.into_iter().unzip();
            let hits: Vec<f64> = hits.into_iter().flatten().collect();
            let hits = hits
                .iter()
                .copied()
                .reduce(f64::min)
                .map_or("unknown".to_owned(), |share| {
                    format!("at least {:.1} %", share * 100.0)
                });
            let name = format!("{STORIES} pages by Zipf, {name}, hits {hits}");
            report::mixed(&name, &load::median(&figures));
        }
        report::mixed("/, 100 writes/s", &load::median(&one));
        report::votes(&mut sent);
    }
}
