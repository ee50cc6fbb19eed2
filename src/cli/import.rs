//! `site import`: stories and comments from elsewhere.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use crate::error::{Error, Result};
use crate::import::{self, Report};
use crate::replica::node::state::State;
use crate::store::Store;
use crate::time::Clock;

/// Flags of `site import`.
#[derive(Debug, Args)]
pub(super) struct Import {
    #[command(subcommand)]
    from: From,
}

#[derive(Debug, Subcommand)]
enum From {
    /// Hacker News items as its API gives them: JSON arrays, or one object a line. Stop the site first
    Hn {
        /// Files to read, in any order; importing a file again changes nothing
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Print the summary as JSON
        #[arg(long)]
        json: bool,
    },
}

impl Import {
    /// Imports, then prints a summary.
    ///
    /// # Errors
    /// [`Error::Locked`] when the site is running; as [`import::hacker_news`].
    pub(super) fn run(self, data: &Path) -> Result<()> {
        let From::Hn { files, json } = self.from;
        State::refuse_to_write(data)?;
        let store = Store::open(data, Clock::System, 1)?;
        let bar = progress_bar(&files);
        let done = import::hacker_news(&store, &files, |bytes| bar.inc(bytes));
        bar.finish_and_clear();
        let report = done?;
        store.finish();
        if json {
            let text = serde_json::to_string_pretty(&report);
            println!(
                "{}",
                text.map_err(|error| Error::Internal(error.to_string()))?
            );
        } else {
            print(&report);
        }
        Ok(())
    }
}

/// Shows how many bytes were read; hidden when nobody looks.
fn progress_bar(files: &[PathBuf]) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let sizes = files.iter().filter_map(|file| file.metadata().ok());
    let bar = ProgressBar::new(sizes.map(|meta| meta.len()).sum());
    let style = "{bar:40} {bytes} of {total_bytes} · {eta} left";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    bar
}

fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

fn print(report: &Report) {
    let counts = &report.counts;
    println!(
        "Imported {} and {} by {} in {:.1} s.",
        counted(counts.stories, "story", "stories"),
        counted(counts.comments, "comment", "comments"),
        counted(counts.users, "new member", "new members"),
        report.seconds
    );
    let lines = [
        (counts.updated, "known, updated"),
        (counts.unchanged, "known, as before"),
        (report.skipped, "skipped: jobs, polls and empty entries"),
        (
            report.waiting.unsigned_abs(),
            "waiting for a parent that is in none of the files so far",
        ),
        (report.bad, "bad, left out:"),
    ];
    for (count, what) in lines.iter().filter(|(count, _)| *count > 0) {
        println!("{count:>9} {what}");
    }
    for bad in &report.bad_items {
        let at = bad.position;
        println!(
            "          {}: item {} (line {}, byte {}): {}",
            bad.file, at.item, at.line, at.byte, bad.reason
        );
    }
    let more = report.bad - report.bad_items.len() as u64;
    if more > 0 {
        println!("          … and {more} more");
    }
}
