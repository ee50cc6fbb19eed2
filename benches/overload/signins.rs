//! Fifty sign-ins a second, each an argon2id computation of 19 MiB, while others read.

use std::time::Duration;

use super::mix::Shares;
use super::place::{Kind, Place};
use super::sample::{Class, Figures};
use super::watch::{self, Look};
use super::{Bench, WARM_UP, mib};

/// Sign-ins a second.
const SIGN_INS: f64 = 50.0;
/// Reads, as a part of what the site can do.
const READS: f64 = 0.3;

/// Measures and prints both kinds in both places.
pub fn measure(bench: &Bench, length: Duration) {
    println!("\n## {SIGN_INS} sign-ins a second, and reads at {READS} × of what the site can do");
    for place in [Place::small(), Place::large()] {
        println!("\n{}\n", place.name);
        println!(
            "| | kind | offered/s | good/s | refused/s | no answer | p50 ms | p99 ms | max ms | refusals: sent p99 ms | MiB | \
             threads | cores busy |"
        );
        println!("|---|---{}|", "|---:".repeat(11));
        // Both are asked for the same.
        let mut reads = None;
        for kind in Kind::EACH {
            let subject = bench.start(&place, kind);
            let reads = *reads.get_or_insert(READS * subject.peak);
            let shares: &Shares = &[(Class::Page, reads), (Class::SignIn, SIGN_INS)];
            let (run, seen) = watch::during(&subject.server, Look::Process, || {
                subject.load(shares, reads + SIGN_INS, length)
            });
            for class in [Class::Page, Class::SignIn] {
                let own = run.samples.iter().filter(|sample| sample.class == class);
                let figures = Figures::of(own, WARM_UP..WARM_UP + length);
                println!(
                    "| {} | {} | {:.0} | {:.0} | {:.0} | {} | {} | {} | {} | {} | {} | {} | {:.2} |",
                    kind.name(),
                    class.name(),
                    figures.offered(),
                    figures.good(),
                    figures.refused_rate(),
                    figures.lost(),
                    figures.admitted.ms(500),
                    figures.admitted.ms(990),
                    figures.admitted.ms(1000),
                    figures.refusing.ms(990),
                    mib(seen.most_resident()),
                    seen.most_threads(),
                    seen.busy,
                );
            }
        }
    }
}
