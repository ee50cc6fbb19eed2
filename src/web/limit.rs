//! Abuse limits: token buckets per address and per account, bounded in memory whatever arrives.
//!
//! Time is monotonic, so a clock that jumps neither opens nor locks anything.

use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use quick_cache::sync::Cache;

use crate::error::{Error, Result};

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Passwords tried at sign-in.
    SignIn,
    /// Accounts made.
    SignUp,
    /// Stories posted or edited.
    Submit,
    /// Comments posted or edited.
    Comment,
    /// Votes, saves, hides, flags.
    Vote,
    /// Searches.
    Search,
    /// Titles fetched from other sites.
    Fetch,
    /// What is told of lessons for the sums: a class of learners may share an address.
    Tally,
    /// Settings, moderation and all else that changes something.
    Other,
}

/// How many at once, and how many a hour after that.
struct Rate {
    burst: u16,
    per_hour: u32,
}

impl Action {
    /// Per address (an IPv6 /64 counts as one).
    const fn by_address(self) -> Rate {
        match self {
            Self::SignIn => Rate {
                burst: 20,
                per_hour: 60,
            },
            Self::SignUp => Rate {
                burst: 5,
                per_hour: 10,
            },
            Self::Submit => Rate {
                burst: 10,
                per_hour: 30,
            },
            Self::Comment => Rate {
                burst: 20,
                per_hour: 120,
            },
            Self::Vote | Self::Tally => Rate {
                burst: 120,
                per_hour: 1200,
            },
            Self::Search => Rate {
                burst: 30,
                per_hour: 900,
            },
            Self::Fetch => Rate {
                burst: 10,
                per_hour: 60,
            },
            Self::Other => Rate {
                burst: 60,
                per_hour: 600,
            },
        }
    }

    /// What an account may do how fast, for people: what, how many at once, how many an hour.
    #[must_use]
    pub fn paces() -> Vec<(&'static str, u16, u32)> {
        [
            ("Sign-in attempts", Self::SignIn),
            ("Stories", Self::Submit),
            ("Comments", Self::Comment),
            ("Votes, saves, hides and flags", Self::Vote),
            ("Searches", Self::Search),
            ("Titles fetched", Self::Fetch),
            ("Everything else", Self::Other),
        ]
        .map(|(what, action)| {
            let rate = action.by_account();
            (what, rate.burst, rate.per_hour)
        })
        .to_vec()
    }

    /// Per account; for [`Action::SignIn`] the name or address that is tried, as typed: a bucket for each, since one for
    /// both would tell whose address it is.
    #[expect(clippy::match_same_arms, reason = "a table: one row an action")]
    const fn by_account(self) -> Rate {
        match self {
            // At most 5 wrong guesses in any hour by name and as many by e-mail address: 3 at once and 2 an hour.
            Self::SignIn => Rate {
                burst: 3,
                per_hour: 2,
            },
            Self::SignUp => Rate {
                burst: 5,
                per_hour: 5,
            },
            Self::Submit => Rate {
                burst: 5,
                per_hour: 12,
            },
            Self::Comment => Rate {
                burst: 10,
                per_hour: 60,
            },
            Self::Vote => Rate {
                burst: 60,
                per_hour: 600,
            },
            Self::Search => Rate {
                burst: 30,
                per_hour: 600,
            },
            Self::Fetch => Rate {
                burst: 10,
                per_hour: 40,
            },
            // Nothing of an account is asked for here.
            Self::Other | Self::Tally => Rate {
                burst: 60,
                per_hour: 600,
            },
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Who {
    Address(IpAddr),
    Account(String),
}

/// All buckets; the least used go first when there are too many.
pub struct Limits {
    buckets: Cache<(Action, Who), std::sync::Arc<Mutex<Bucket>>>,
    enabled: bool,
}

/// Buckets kept: about 10 MB at most.
const MOST_BUCKETS: usize = 65_536;

impl Limits {
    /// Empty buckets' keeper; `enabled` false lets everything pass.
    #[must_use]
    pub fn new(enabled: bool) -> Self {
        Self {
            buckets: Cache::new(MOST_BUCKETS),
            enabled,
        }
    }

    /// Takes one from the bucket of an address.
    ///
    /// # Errors
    /// [`Error::Limited`] with the time until the next is there.
    pub fn address(&self, action: Action, network: IpAddr) -> Result<()> {
        self.take(&(action, Who::Address(network)), &action.by_address())
    }

    /// Takes one from the bucket of an account (its name's key).
    ///
    /// # Errors
    /// [`Error::Limited`] with the time until the next is there.
    pub fn account(&self, action: Action, name_key: &str) -> Result<()> {
        self.take(
            &(action, Who::Account(name_key.to_owned())),
            &action.by_account(),
        )
    }

    /// Puts back what was taken from the bucket of an address for a guess that was right.
    pub fn give_back_address(&self, action: Action, network: IpAddr) {
        self.give_back(&(action, Who::Address(network)), &action.by_address());
    }

    /// Puts back what was taken from the bucket of an account for a guess that was right.
    pub fn give_back_account(&self, action: Action, name_key: &str) {
        self.give_back(
            &(action, Who::Account(name_key.to_owned())),
            &action.by_account(),
        );
    }

    fn give_back(&self, key: &(Action, Who), rate: &Rate) {
        if let Some(bucket) = self.buckets.get(key) {
            let mut bucket = bucket.lock().unwrap_or_else(PoisonError::into_inner);
            bucket.left = (bucket.left + 1.0).min(f64::from(rate.burst));
        }
    }

    fn take(&self, key: &(Action, Who), rate: &Rate) -> Result<()> {
        if !self.enabled {
            return Ok(());
        }
        let fresh = || Ok::<_, Error>(std::sync::Arc::new(Mutex::new(Bucket::full(rate))));
        let bucket = self.buckets.get_or_insert_with(key, fresh)?;
        let mut bucket = bucket.lock().unwrap_or_else(PoisonError::into_inner);
        bucket.take(rate, Instant::now()).map_err(Error::Limited)
    }
}

struct Bucket {
    left: f64,
    at: Instant,
}

impl Bucket {
    fn full(rate: &Rate) -> Self {
        Self {
            left: f64::from(rate.burst),
            at: Instant::now(),
        }
    }

    fn take(&mut self, rate: &Rate, now: Instant) -> std::result::Result<(), Duration> {
        let per_second = f64::from(rate.per_hour) / 3600.0;
        let gained = now.saturating_duration_since(self.at).as_secs_f64() * per_second;
        self.left = (self.left + gained).min(f64::from(rate.burst));
        self.at = now;
        if self.left >= 1.0 {
            self.left -= 1.0;
            return Ok(());
        }
        Err(Duration::from_secs_f64(
            ((1.0 - self.left) / per_second).ceil(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_its_burst_then_its_rate() {
        let rate = Rate {
            burst: 3,
            per_hour: 3600,
        };
        let mut bucket = Bucket::full(&rate);
        let start = bucket.at;
        assert!((0..3).all(|_| bucket.take(&rate, start).is_ok()));
        assert_eq!(bucket.take(&rate, start), Err(Duration::from_secs(1)));
        assert!(bucket.take(&rate, start + Duration::from_secs(1)).is_ok());
        assert!(bucket.take(&rate, start + Duration::from_secs(1)).is_err());
    }

    #[test]
    fn a_million_addresses_stay_within_the_bound() {
        let limits = Limits::new(true);
        for n in 0..1_000_000_u32 {
            let _ = limits.address(Action::Vote, IpAddr::from(n.to_be_bytes()));
        }
        assert!(limits.buckets.len() <= MOST_BUCKETS);
    }

    #[test]
    fn at_most_five_wrong_guesses_an_hour_reach_a_name_and_as_many_an_address() {
        let rate = Action::SignIn.by_account();
        let mut bucket = Bucket::full(&rate);
        let start = bucket.at;
        let passed = (0..3600)
            .filter(|&s| bucket.take(&rate, start + Duration::from_secs(s)).is_ok())
            .count();
        assert!(passed <= 5, "{passed}");
    }
}
