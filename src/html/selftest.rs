//! The page of `site learn check`: nothing but a place for the script that runs lessons.

use maud::{DOCTYPE, Markup, html};

/// The page; it takes its lessons from beside itself and reports to `report`.
#[must_use]
pub fn page(runner: &str, report: &str) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { "Self-test of the lessons" }
            }
            body {
                main id="selftest" data-runner=(runner) data-lessons={ (report) ".json" } data-report=(report) {}
                script src={ (report) ".js" } {}
            }
        }
    }
}
