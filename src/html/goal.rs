//! The weekly goal of a learner, on the map: how many lessons a week they mean to pass. It is set and shown by script, from what
//! their browser knows. Never: a warning, a streak, a word of what was missed.

use maud::{Markup, html};

use crate::domain::progress::MOST_GOAL;

/// Where it is chosen.
#[must_use]
pub fn choice() -> Markup {
    html! {
        div.goal-set hidden {
            label for="goal" { "A goal for the week" } select id="goal" aria-describedby="h-goal" {
                option value="0" { "none" }
                @for n in 1..=MOST_GOAL {
                    option value=(n) { (n) @if n == 1 { " lesson" } @else { " lessons" } }
                }
            }
            p.hint id="h-goal" { "Whatever you pass for the first time counts: a lesson, a step of a project, a recap, a bonus lesson." }
        }
    }
}
