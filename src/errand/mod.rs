//! Work that somebody asks for: for whom it is done, until when ([`limits`]), and whether a queue takes it ([`codel`]).
//!
//! An errand is set once around a request and read wherever its work is queued. It follows the task and not the arguments, so that nothing between a request and the queues has to hand it on.

pub mod codel;

pub mod limits;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

tokio::task_local! {
    static CURRENT: Arc<Errand>;
}

/// Who asks; the later one stands here, the later it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Somebody unknown who reads.
    Visitor,
    /// Somebody unknown who sends a form.
    Form,
    /// A member.
    Member,
    /// Whoever runs the site, and the site itself when it looks whether it works.
    Operator,
}

impl Rank {
    /// How many times the wait of a visitor is accepted for it; `None`: any.
    #[must_use]
    pub const fn factor(self) -> Option<u32> {
        match self {
            Self::Visitor => Some(1),
            Self::Form => Some(2),
            Self::Member => Some(4),
            Self::Operator => None,
        }
    }
}

/// Somebody's request (or command) on its way.
#[derive(Debug)]
pub struct Errand {
    /// Its number, as the log and error pages tell it.
    pub id: u64,
    /// Who asks.
    pub rank: Rank,
    admitted: AtomicBool,
    waited: AtomicU64,
    served: AtomicU64,
}

impl Errand {
    /// An errand.
    #[must_use]
    pub const fn new(id: u64, rank: Rank) -> Self {
        Self {
            id,
            rank,
            admitted: AtomicBool::new(false),
            waited: AtomicU64::new(0),
            served: AtomicU64::new(0),
        }
    }

    /// Its number as people read it: in the log, on pages of errors.
    #[must_use]
    pub fn written(&self) -> String {
        written(self.id)
    }

    /// The errand that this task is on.
    #[must_use]
    pub fn current() -> Option<Arc<Self>> {
        CURRENT.try_with(Arc::clone).ok()
    }

    /// The rank of the errand that this task is on; work without one is nobody's, and comes last.
    #[must_use]
    pub fn current_rank() -> Rank {
        CURRENT
            .try_with(|errand| errand.rank)
            .unwrap_or(Rank::Visitor)
    }

    /// Does `work` on the errand that this task is on, in a task that goes on by itself.
    pub fn carry<F: Future>(work: F) -> impl Future<Output = F::Output> {
        let errand = Self::current();
        async move {
            match errand {
                Some(errand) => errand.run(work).await,
                None => work.await,
            }
        }
    }

    /// Does `work` as the operator's, which is not refused. The errand that this task is on is told what the work took.
    pub async fn urgent<F: Future>(work: F) -> F::Output {
        let outer = Self::current();
        let id = outer.as_ref().map_or(0, |outer| outer.id);
        let errand = Arc::new(Self::new(id, Rank::Operator));
        let done = Arc::clone(&errand).run(work).await;
        if let Some(outer) = outer {
            outer.note(errand.waited(), errand.served());
        }
        done
    }

    /// Does `work` on this errand.
    pub async fn run<F: Future>(self: Arc<Self>, work: F) -> F::Output {
        CURRENT.scope(self, work).await
    }

    /// A queue has taken a piece of its work.
    pub fn admit(&self) {
        self.admitted.store(true, Ordering::Relaxed);
    }

    /// Whether a queue has taken a piece of its work: what was begun is brought to its end, or its first part was for nothing.
    #[must_use]
    pub fn is_admitted(&self) -> bool {
        self.admitted.load(Ordering::Relaxed)
    }

    /// Notes what a piece of its work took: in the queue, then itself.
    pub fn note(&self, waited: Duration, served: Duration) {
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.waited.fetch_add(micros(waited), Ordering::Relaxed);
        self.served.fetch_add(micros(served), Ordering::Relaxed);
    }

    /// Time that its work waited in queues.
    #[must_use]
    pub fn waited(&self) -> Duration {
        Duration::from_micros(self.waited.load(Ordering::Relaxed))
    }

    /// Time that its work took itself.
    #[must_use]
    pub fn served(&self) -> Duration {
        Duration::from_micros(self.served.load(Ordering::Relaxed))
    }
}

/// The number of an errand as people read it.
#[must_use]
pub fn written(id: u64) -> String {
    format!("{id:x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_errand_is_known_within_its_work_only() {
        assert_eq!(Errand::current_rank(), Rank::Visitor);
        let errand = Arc::new(Errand::new(7, Rank::Member));
        let within = Arc::clone(&errand).run(async { (Errand::current_rank(), Errand::current()) });
        let (rank, current) = within.await;
        assert_eq!((rank, current.unwrap().id), (Rank::Member, 7));
        assert!(Errand::current().is_none());
    }
}
