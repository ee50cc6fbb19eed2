//! Tables in Markdown, and how the figures stand to what they must reach.

use super::load::Figures;
use super::mix::Votes;
use super::peers::{BARE, HAPROXY, NGINX_PROXY, NGINX_TUNED, SITE, VARNISH};
use super::row::Proven;

/// One row of one server.
pub struct Cell {
    pub row: &'static str,
    pub server: &'static str,
    pub proven: Proven,
    pub figures: Figures,
}

/// The comparison, one line for each row and server.
pub fn table(cells: &[Cell]) {
    println!(
        "| row | server | requests/s | CPU µs | busy % | p50 ms | p99 ms | head bytes | body bytes | errors |"
    );
    println!("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|");
    for Cell {
        row,
        server,
        proven,
        figures,
    } in cells
    {
        println!(
            "| {row} | {server} | {:.0} | {:.2} | {:.0} | {:.2} | {:.2} | {} | {} | {:.0} |",
            figures.per_second,
            figures.cpu_us,
            busy(figures),
            figures.p50_ms,
            figures.p99_ms,
            proven.head_bytes,
            proven.body_bytes,
            figures.errors
        );
    }
}

/// Share of its core that the server used: far below 100, something else held it up (the load, or other programs), and
/// only the CPU time of a request can be compared.
fn busy(figures: &Figures) -> f64 {
    figures.cpu_us * figures.per_second / 1e4
}

/// Head of the table of what only the site does.
pub fn mixed_head() {
    println!("\n| site | requests/s | CPU µs | busy % | p50 ms | p99 ms | errors |");
    println!("|---|---:|---:|---:|---:|---:|---:|");
}

/// A line of that table.
pub fn mixed(name: &str, figures: &Figures) {
    println!(
        "| {name} | {:.0} | {:.2} | {:.0} | {:.2} | {:.2} | {:.0} |",
        figures.per_second,
        figures.cpu_us,
        busy(figures),
        figures.p50_ms,
        figures.p99_ms,
        figures.errors
    );
}

/// The votes that were sent while others read.
pub fn votes(votes: &mut Votes) {
    votes.times.sort();
    let at = |percent: usize| {
        let place = (votes.times.len().saturating_sub(1)) * percent / 100;
        votes
            .times
            .get(place)
            .map_or(0.0, |time| time.as_secs_f64() * 1000.0)
    };
    let count = u32::try_from(votes.times.len()).unwrap();
    println!(
        "\nmeanwhile {:.0} votes/s, {} refused, p50 {:.2} ms, p99 {:.2} ms",
        f64::from(count) / votes.span.as_secs_f64(),
        votes.refused,
        at(50),
        at(99)
    );
}

/// What the first row must reach against the others.
pub fn bars(cells: &[Cell]) {
    let first = cells[0].row;
    let of = |server: &str| {
        let found = cells
            .iter()
            .find(|cell| cell.row == first && cell.server == server);
        found.unwrap().figures
    };
    let site = of(SITE);
    println!("\n| {first} | ratio | bar | |");
    println!("|---|---:|---:|---|");
    for (server, bar) in [
        (BARE, 1.1),
        (NGINX_PROXY, 0.75),
        (NGINX_TUNED, 0.75),
        (VARNISH, 0.6),
    ] {
        let name = format!("CPU per request, site ÷ {server}");
        at_most(&name, site.cpu_us / of(server).cpu_us, bar);
    }
    for (server, bar) in [(NGINX_PROXY, 1.4), (NGINX_TUNED, 1.4), (HAPROXY, 1.0)] {
        let name = format!("requests/s, site ÷ {server}");
        at_least(&name, site.per_second / of(server).per_second, bar);
    }
}

/// A ratio that should be small.
fn at_most(name: &str, ratio: f64, bar: f64) {
    line(name, ratio, &format!("≤ {bar}"), ratio <= bar);
}

/// A ratio that should be great.
pub fn at_least(name: &str, ratio: f64, bar: f64) {
    line(name, ratio, &format!("≥ {bar}"), ratio >= bar);
}

fn line(name: &str, ratio: f64, bar: &str, reached: bool) {
    let verdict = if reached { "PASS" } else { "MISS" };
    println!("| {name} | {ratio:.2} | {bar} | {verdict} |");
}
