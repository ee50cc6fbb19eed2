//! What the site takes: memory with many readers and a small cache, time until it answers, bytes on disk.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::mix::{Content, Mix, READING};
use super::place::Place;
use super::sample::{Figures, Times, ms};
use super::watch::{self, Look, Process};
use super::{Bench, drive};
use crate::server::{self, free_port};

/// Connections that read.
const READERS: usize = 64;
/// How long they do.
const LENGTH: Duration = Duration::from_secs(20);
/// The cache's budget.
const CACHE: &str = "16MiB";
/// How often it is started.
const STARTS: usize = 9;

/// Measures and prints all.
pub fn measure(bench: &Bench) {
    println!("\n## What it takes\n");
    println!("| what | found | bar |\n|---|---:|---:|");
    let program = fs::metadata(env!("CARGO_BIN_EXE_site")).unwrap().len();
    println!(
        "| program | {:.1} MiB | < 25 MB (23.8 MiB) |",
        mebibytes(program)
    );
    let starts = Times::of((0..STARTS).map(|_| start(&bench.data)));
    println!(
        "| first 200 after it is started, median of {STARTS} (longest {} ms) | {} ms | < 100 ms |",
        starts.ms(1000),
        starts.ms(500)
    );
    readers(bench);
}

fn readers(bench: &Bench) {
    let place = Place::large();
    server::move_to(place.load_cores);
    let data = bench.data.to_str().unwrap();
    let server = place.serve(bench.dir.path(), data, free_port(), CACHE);
    let content = Content::read(server.address, bench.cookies.clone());
    // Half of what it can do, so that nobody is refused: whoever asks again at once after a refusal is no reader.
    let phase = drive::Phase {
        rate: super::capacity(&server, &content) / 2.0,
        length: LENGTH,
    };
    let (run, seen) = watch::during(&server, Look::Process, || {
        let mut mix = Mix::new(&content, READING, 3);
        drive::open(server.address, READERS, &[phase], &mut mix)
    });
    let figures = Figures::of(&run.samples, Duration::ZERO..LENGTH);
    let now = Process::read(server.pid());
    let size = |what: &str, kib: u64| {
        let size = mebibytes(kib * 1024);
        println!("| {what} | {size:.1} MiB | < 64 MB (61 MiB) |");
    };
    println!(
        "| {READERS} connections, {CACHE}: pages/s, p99 | {:.0}, {} ms | |",
        figures.good(),
        ms(figures.admitted.at(990).unwrap_or_default())
    );
    size("resident afterwards", now.resident);
    size(
        "of it anonymous; the rest is files: the program, the database",
        now.anonymous,
    );
    size("most resident while they read", seen.most_resident());
    size("most resident ever", now.peak);
    println!("| most threads | {} | |", seen.most_threads());
}

/// Bytes in MiB.
fn mebibytes(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes >> 10).unwrap()) / 1024.0
}

/// Time from starting the program to the end of its first good answer.
fn start(data: &Path) -> Duration {
    let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let begun = Instant::now();
    let child = Command::new(env!("CARGO_BIN_EXE_site"))
        .arg("--data")
        .arg(data)
        .args(["serve", "--listen", &address.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let child = Ended(child);
    while !answers(address) {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "it does not start"
        );
        thread::sleep(Duration::from_millis(1));
    }
    let taken = begun.elapsed();
    drop(child);
    taken
}

/// Whether the front page is answered.
fn answers(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(address)?;
        write!(
            stream,
            "GET / HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
        )?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer.starts_with(b"HTTP/1.1 200"))
    };
    ask().unwrap_or(false)
}

/// A process that is ended when dropped.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
