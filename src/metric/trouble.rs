//! The newest warnings and errors of this process's log, kept for the operator's page.
//!
//! A fixed number, each cut to a fixed length. What the log may not hold (tokens, members' data) is not here either: these
//! are its lines and nothing more. One kind takes one place, with how often it was said and what was said with it last: a
//! flood, each line with another number in it, does not push out the others.

use std::collections::VecDeque;
use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer};

use crate::time::{Clock, Timestamp};

/// Most that are kept.
const MOST: usize = 50;
/// Longest text of one, in characters.
const LONGEST: usize = 300;

/// A warning or an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// When it was said, the last time.
    pub at: Timestamp,
    /// Whether it is an error, not only a warning.
    pub is_error: bool,
    /// Which part of the program said it.
    pub target: &'static str,
    /// What happened.
    pub message: String,
    /// What was said with it, the last time: `request=17 path=/`.
    pub fields: String,
    /// How often it was said since it is kept.
    pub times: u64,
}

impl Trouble {
    /// Whether it tells of the same as another; what is said with it is another each time.
    fn is_like(&self, other: &Self) -> bool {
        self.is_error == other.is_error
            && self.target == other.target
            && self.message == other.message
    }
}

/// The newest ones.
#[derive(Debug, Default)]
pub struct Troubles(Mutex<Ring>);

#[derive(Debug, Default)]
struct Ring {
    kept: VecDeque<Trouble>,
    count: u64,
}

/// Those of this process, as [`Catch`] fills them.
static OURS: Troubles = Troubles(Mutex::new(Ring {
    kept: VecDeque::new(),
    count: 0,
}));

/// Those of this process.
#[must_use]
pub fn ours() -> &'static Troubles {
    &OURS
}

impl Troubles {
    fn lock(&self) -> MutexGuard<'_, Ring> {
        // A push that panicked half-way leaves a ring that is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many there ever were: another number, other ones.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.lock().count
    }

    /// What is kept, newest first.
    #[must_use]
    pub fn newest(&self) -> Vec<Trouble> {
        self.lock().kept.iter().rev().cloned().collect()
    }

    fn push(&self, mut new: Trouble) {
        let mut ring = self.lock();
        ring.count += 1;
        // Wherever it stands: floods of two kinds come mixed.
        if let Some(at) = ring.kept.iter().position(|one| one.is_like(&new)) {
            new.times += ring.kept.remove(at).map_or(0, |one| one.times);
        } else if ring.kept.len() == MOST {
            ring.kept.pop_front();
        }
        ring.kept.push_back(new);
    }
}

/// Takes warnings and errors out of what is logged.
#[derive(Debug, Clone)]
pub struct Catch(Place);

#[derive(Debug, Clone)]
enum Place {
    Ours,
    These(Arc<Troubles>),
}

impl Catch {
    /// Into [`ours`].
    #[must_use]
    pub const fn ours() -> Self {
        Self(Place::Ours)
    }

    /// Into these.
    #[must_use]
    pub const fn into_these(troubles: Arc<Troubles>) -> Self {
        Self(Place::These(troubles))
    }
}

impl<S: Subscriber> Layer<S> for Catch {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let level = *event.metadata().level();
        if level > Level::WARN {
            return;
        }
        let mut said = Said::default();
        event.record(&mut said);
        let trouble = Trouble {
            at: Clock::System.now(),
            is_error: level == Level::ERROR,
            target: event.metadata().target(),
            message: cut(&said.message),
            fields: cut(&said.fields),
            times: 1,
        };
        match &self.0 {
            Place::Ours => OURS.push(trouble),
            Place::These(troubles) => troubles.push(trouble),
        }
    }
}

/// What an event says.
#[derive(Default)]
struct Said {
    message: String,
    fields: String,
}

impl Visit for Said {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.add(field, format_args!("{value:?}"));
    }
}

impl Said {
    fn add(&mut self, field: &Field, value: std::fmt::Arguments) {
        // Writing to a String cannot fail.
        let _ = if field.name() == "message" {
            write!(self.message, "{value}")
        } else {
            let space = if self.fields.is_empty() { "" } else { " " };
            write!(self.fields, "{space}{}={value}", field.name())
        };
    }
}

/// One line of at most so many characters.
fn cut(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    if text.chars().count() <= LONGEST {
        return text.chars().map(plain).collect();
    }
    let start = text.chars().take(LONGEST - 1).map(plain);
    start.chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    fn caught(run: impl FnOnce()) -> Vec<Trouble> {
        let troubles = Arc::new(Troubles::default());
        let catch = Catch::into_these(Arc::clone(&troubles));
        let registry = tracing_subscriber::registry().with(catch);
        tracing::subscriber::with_default(registry, run);
        troubles.newest()
    }

    #[test]
    fn warnings_and_errors_are_kept_newest_first_with_what_was_said() {
        let found = caught(|| {
            tracing::info!("nothing");
            tracing::warn!(lane = "page", refused = 3, "work was refused");
            tracing::error!(request = %"1f", "request failed");
        });
        let told: Vec<_> = found
            .iter()
            .map(|one| (one.is_error, one.message.as_str(), one.fields.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                (true, "request failed", "request=1f"),
                (false, "work was refused", "lane=page refused=3"),
            ]
        );
    }

    #[test]
    fn a_flood_of_one_kind_does_not_push_out_others() {
        let found = caught(|| {
            tracing::warn!("said once");
            for n in 0..200 {
                tracing::error!(request = n, "request failed");
                tracing::warn!(refused = n, "work was refused");
            }
        });
        let told: Vec<_> = found
            .iter()
            .map(|one| (one.message.as_str(), one.fields.as_str(), one.times))
            .collect();
        assert_eq!(
            told,
            [
                ("work was refused", "refused=199", 200),
                ("request failed", "request=199", 200),
                ("said once", "", 1),
            ]
        );
    }

    #[test]
    fn another_level_or_another_part_is_another_kind() {
        let found = caught(|| {
            tracing::warn!("it failed");
            tracing::error!("it failed");
            tracing::error!(target: "elsewhere", "it failed");
        });
        let told: Vec<_> = found.iter().map(|one| (one.is_error, one.times)).collect();
        assert_eq!(told, [(true, 1), (true, 1), (false, 1)]);
        assert_eq!(found[0].target, "elsewhere");
    }

    #[test]
    fn no_more_are_kept_than_there_are_places() {
        let found = caught(|| {
            for n in 0..2 * MOST {
                tracing::warn!("kind {n}");
            }
        });
        assert_eq!(found.len(), MOST);
        assert_eq!(found[0].message, "kind 99");
    }

    #[test]
    fn what_is_long_is_cut_and_stays_one_line() {
        let found = caught(|| tracing::error!(panic = "a\nb".repeat(400), "x\ty"));
        assert_eq!(found[0].message, "x y");
        assert_eq!(found[0].fields.chars().count(), LONGEST);
        assert!(!found[0].fields.contains('\n'));
    }
}
