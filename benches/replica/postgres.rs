//! PostgreSQL with one standby, the peer: the same votes without HTTP, one statement each, by pgbench over a Unix socket on the
//! same cores and disk. Skipped, and said so, where it is not installed (Debian: postgresql).

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::{BETWEEN, CLIENTS, PAUSE, SOON, Way, percentile};

/// Where Debian puts its programs.
const HOME: &str = "/usr/lib/postgresql";
const PORTS: [&str; 2] = ["54321", "54322"];
/// As many stories as the site has; voters are drawn from a million, so that hardly any votes twice.
const SETUP: &str = "create table story (id int primary key, points int not null default 0, title text not null); \
    create table vote (member int, story int, at timestamptz not null default now(), primary key (story, member)); \
    insert into story select n, 0, repeat('x', 60) from generate_series(1, 10000) n;";
const VOTE: &str = "\\set story random(1, 10000)\n\\set member random(1, 1000000)\n\
    with new as (insert into vote values (:member, :story) on conflict do nothing returning story) \
    update story set points = points + 1 where id in (select story from new);\n";

/// What a vote does on the site besides: the story's hotness and its place in four orders and in those of its two tags, its author's
/// karma.
const RANKED_SETUP: &str = "create table member (id int primary key, karma int not null default 0); \
    create table story (id int primary key, author int not null, points int not null default 0, hot float not null default 0, \
        day int not null, month int not null, created int not null, title text not null); \
    create table story_tag (story int, tag int, hot float not null default 0, primary key (story, tag)); \
    create table vote (member int, story int, at timestamptz not null default now(), primary key (story, member)); \
    insert into member select n, 0 from generate_series(1, 500) n; \
    insert into story select n, n % 500 + 1, 0, -n / 22.0, n / 20, n / 600, n, repeat('x', 60) from generate_series(1, 10000) n; \
    insert into story_tag select id, tag, hot from story, lateral (values (id % 20), (20 + id % 7)) as t (tag); \
    create index on story (hot, id); \
    create index on story (day, points desc, id desc); \
    create index on story (month, points desc, id desc); \
    create index on story (points desc, id desc); \
    create index on story_tag (tag, hot, story); \
    create index on vote (member, at desc, story desc);";
const RANKED_VOTE: &str = "\\set story random(1, 10000)\n\\set member random(1, 1000000)\n\
    with new as (insert into vote values (:member, :story) on conflict do nothing returning story), \
    raised as (update story set points = points + 1, hot = -created / 22.0 - log(greatest(points + 2, 1)) \
        where id in (select story from new) returning id, author, hot), \
    tagged as (update story_tag t set hot = r.hot from raised r where t.story = r.id) \
    update member m set karma = karma + 1 from raised r where m.id = r.author;\n";

/// What a vote does on PostgreSQL.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Work {
    /// A row, and a point for the story.
    Bare,
    /// All that it changes on the site.
    Ranked,
}

impl Work {
    const fn name(self) -> &'static str {
        match self {
            Self::Bare => "",
            Self::Ranked => ", ranked",
        }
    }

    const fn setup(self) -> &'static str {
        match self {
            Self::Bare => SETUP,
            Self::Ranked => RANKED_SETUP,
        }
    }

    const fn vote(self) -> &'static str {
        match self {
            Self::Bare => VOTE,
            Self::Ranked => RANKED_VOTE,
        }
    }
}

/// A PostgreSQL, perhaps with a standby. Dropping it ends both.
struct Postgres {
    dir: PathBuf,
    programs: PathBuf,
    servers: Vec<Child>,
}

/// Measures and prints rows like the site's.
pub(super) fn measure(seconds: u64) {
    let Some(programs) = programs() else {
        println!(
            "(PostgreSQL is not installed: apt-get install --no-install-recommends postgresql)"
        );
        return;
    };
    let bare = Way::EACH.map(|way| (way, Work::Bare, &CLIENTS[..]));
    let ranked = (Way::Wait, Work::Ranked, &CLIENTS[CLIENTS.len() - 1..]);
    for (way, work, clients) in bare.into_iter().chain([ranked]) {
        let dir = tempfile::tempdir().unwrap();
        let postgres = Postgres::start(dir.path(), &programs, (way, work));
        for &clients in clients {
            let (rate, latency, lags) = postgres.load(clients, seconds);
            println!(
                "| PostgreSQL {}{} | {clients} | {rate:.0} | mean {latency:.2} | – | – | – | – | – | {} | {} | {} |",
                way.name(),
                work.name(),
                percentile(&lags, 500),
                percentile(&lags, 990),
                percentile(&lags, 1000)
            );
        }
    }
}

/// Bytes and time of a base backup, of a directory with a table of about so many bytes.
pub(super) fn copy(bytes: u64) -> Option<(u64, Duration)> {
    let dir = tempfile::tempdir().unwrap();
    let postgres = Postgres::start(dir.path(), &programs()?, (Way::Alone, Work::Bare));
    let rows = bytes / 1000;
    postgres.sql(&format!(
        "create table filler as select n, repeat(md5(n::text), 30) as text from generate_series(1, {rows}) n"
    ));
    postgres.sql("checkpoint");
    let begun = Instant::now();
    postgres.back_up();
    let time = begun.elapsed();
    let said = Command::new("du")
        .args(["-sb"])
        .arg(dir.path().join("standby"))
        .output();
    let said = String::from_utf8_lossy(&said.unwrap().stdout).into_owned();
    Some((said.split_whitespace().next()?.parse().ok()?, time))
}

/// The newest that is installed.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir(HOME).ok()?;
    let mut found: Vec<PathBuf> = versions
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|bin| bin.join("initdb").exists() && bin.join("pgbench").exists())
        .collect();
    found.sort();
    found.pop()
}

impl Postgres {
    fn start(dir: &Path, programs: &Path, (way, work): (Way, Work)) -> Self {
        let mut postgres = Self {
            dir: dir.to_owned(),
            programs: programs.to_owned(),
            servers: Vec::new(),
        };
        // It refuses to run as root.
        let id = |what: &str| {
            let found = Command::new("id")
                .args([what, "postgres"])
                .output()
                .unwrap();
            String::from_utf8_lossy(&found.stdout)
                .trim()
                .parse()
                .unwrap()
        };
        chown(dir, Some(id("-u")), Some(id("-g"))).unwrap();
        postgres.run(
            "initdb",
            &["-D", "primary", "-A", "trust", "-U", "postgres"],
        );
        postgres.serve(0, "primary");
        postgres.sql(work.setup());
        if way != Way::Alone {
            postgres.back_up();
            postgres.serve(1, "standby");
        }
        if way == Way::Wait {
            postgres.sql("alter system set synchronous_standby_names = '*'");
            postgres.sql("alter system set synchronous_commit = 'remote_apply'");
            postgres.sql("select pg_reload_conf()");
        }
        fs::write(dir.join("vote.sql"), work.vote()).unwrap();
        postgres
    }

    fn back_up(&self) {
        let socket = self.dir.to_str().unwrap();
        let from = ["-h", socket, "-p", PORTS[0], "-U", "postgres"];
        self.run(
            "pg_basebackup",
            &[
                &from[..],
                &["-D", "standby", "-R", "-X", "stream", "-c", "fast"],
            ]
            .concat(),
        );
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new("setpriv");
        command
            .args([
                "--reuid",
                "postgres",
                "--regid",
                "postgres",
                "--clear-groups",
            ])
            .args(["--pdeathsig", "INT"])
            .arg(self.programs.join(program))
            .args(arguments)
            .current_dir(&self.dir)
            .stdin(Stdio::null());
        command
    }

    fn run(&self, program: &str, arguments: &[&str]) -> String {
        let output = self.command(program, arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{program}: {output:?}");
        said
    }

    fn serve(&mut self, number: usize, data: &str) {
        let socket = self.dir.to_str().unwrap().to_owned();
        let mut command = self.command(
            "postgres",
            &[
                "-D",
                data,
                "-k",
                &socket,
                "-p",
                PORTS[number],
                "-c",
                "listen_addresses=",
            ],
        );
        let child = command.stdout(Stdio::null()).stderr(Stdio::null());
        self.servers.push(child.spawn().unwrap());
        let end = Instant::now() + Duration::from_secs(30);
        let arguments = ["-h", &socket, "-p", PORTS[number]];
        while !self
            .command("pg_isready", &arguments)
            .output()
            .unwrap()
            .status
            .success()
        {
            assert!(Instant::now() < end, "PostgreSQL does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn sql(&self, text: &str) -> String {
        let socket = self.dir.to_str().unwrap();
        let at = [
            "-h", socket, "-p", PORTS[0], "-U", "postgres", "-At", "-c", text,
        ];
        self.run("psql", &at)
    }

    /// Votes a second, mean latency in ms, and the lags of the standby, the shortest first.
    fn load(&self, clients: usize, seconds: u64) -> (f64, f64, Vec<Duration>) {
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let watching = scope.spawn(|| self.watch(&is_over));
            let socket = self.dir.to_str().unwrap();
            let (clients, seconds) = (clients.to_string(), seconds.to_string());
            let mut voted = self.command(
                "pgbench",
                &[
                    "-h", socket, "-p", PORTS[0], "-U", "postgres", "-n", "-M", "prepared", "-f",
                    "vote.sql", "-c", &clients, "-j", "2", "-T", &seconds, "postgres",
                ],
            );
            let voted = voted.output();
            // First, or whoever watches would go on for ever.
            is_over.store(true, Ordering::Relaxed);
            let voted = voted.unwrap();
            assert!(voted.status.success(), "pgbench: {voted:?}");
            let said = String::from_utf8_lossy(&voted.stdout).into_owned();
            let number = |line: &str| {
                let found = said.lines().find_map(|text| text.trim().strip_prefix(line));
                let word = found.unwrap().split_whitespace().next().unwrap();
                word.parse::<f64>().unwrap()
            };
            let (rate, latency) = (number("tps ="), number("latency average ="));
            (rate, latency, watching.join().unwrap())
        })
    }

    /// Asked for as the site's: when the standby has applied what is on the primary's disk.
    fn watch(&self, is_over: &AtomicBool) -> Vec<Duration> {
        let mut lags = Vec::new();
        if self.servers.len() < 2 {
            return lags;
        }
        let [mut primary, mut standby] = PORTS.map(|port| Session::open(self, port));
        while !is_over.load(Ordering::Relaxed) {
            let flushed = primary.ask("select pg_current_wal_flush_lsn()");
            let applied = format!("select pg_last_wal_replay_lsn() >= '{flushed}'");
            let begun = Instant::now();
            while standby.ask(&applied) != "t" {
                assert!(begun.elapsed() < SOON, "the standby does not come");
                std::thread::sleep(PAUSE);
            }
            lags.push(begun.elapsed());
            std::thread::sleep(BETWEEN);
        }
        lags.sort_unstable();
        lags
    }
}

/// A connection, held by a `psql` that reads statements and answers each at once.
struct Session {
    psql: Child,
    said: BufReader<ChildStdout>,
}

impl Session {
    fn open(postgres: &Postgres, port: &str) -> Self {
        let socket = postgres.dir.to_str().unwrap();
        let at = [
            "-h",
            socket,
            "-p",
            port,
            "-U",
            "postgres",
            "-AtqX",
            "-v",
            "ON_ERROR_STOP=1",
        ];
        let mut command = postgres.command("psql", &at);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut psql = command.spawn().unwrap();
        let said = BufReader::new(psql.stdout.take().unwrap());
        Self { psql, said }
    }

    /// What one statement answers with one row of one column.
    fn ask(&mut self, statement: &str) -> String {
        let mut asked = self.psql.stdin.as_ref().unwrap();
        writeln!(asked, "{statement};").unwrap();
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "psql has ended");
        line.trim_end().to_owned()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // It ends when there is nothing more to read.
        drop(self.psql.stdin.take());
        let _ = self.psql.wait();
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // The standby first.
        for mut server in self.servers.drain(..).rev() {
            let own = rustix::process::Pid::from_child(&server);
            let _ = rustix::process::kill_process(own, rustix::process::Signal::INT);
            let _ = server.wait();
        }
    }
}
