//! Which threads go first when there are fewer cores than work: each kind gives way by some steps of nice (setpriority(2)) to those
//! above it. It must never raise a thread above what the process was started with.
//!
//! Commits go first: the writer, and what brings a commit to another node, where it is logged and applied. Each of these threads
//! has little to do at a time, and all who wait for a commit wait for every one of them in turn. Linux lets who runs go on for
//! some milliseconds (its tick) before one of equal weight gets the core; one of more weight gets it sooner.
//!
//! Other processes on the machine count too: where one of them computes without a pause, pages take longer than they would
//! otherwise. The steps are therefore no larger than they have to be.

use rustix::process::{getpid, getpriority_process, setpriority_process};
use rustix::thread::gettid;

/// Kinds of threads, those that go first above.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Commits, and what does little: that of the process itself, with which threads begin.
    Commits,
    /// Event loops, which send kept pages, refuse, and hand on: on a node that has others. Alone, nobody waits for a commit but
    /// who is answered by a loop.
    Loops,
    /// What reads or copies the whole database beside. Nobody waits for it, but it has to keep up.
    Copies,
    /// Workers, which make pages.
    Workers,
}

impl Priority {
    /// What it gives way by, in steps of nice.
    const fn steps(self) -> i32 {
        match self {
            Self::Commits => 0,
            Self::Loops => 4,
            Self::Copies => 8,
            Self::Workers => 10,
        }
    }

    /// Gives it to the thread that calls this, for good: without privileges a thread cannot take back that it gives way. So never
    /// on a thread that does other things afterwards, or starts threads of a higher one.
    pub fn take(self) {
        // The process's own is that of its first thread, and a thread begins with that of the one that started it.
        let own = getpriority_process(Some(getpid()));
        // On Linux this is for the one thread; where it is refused all threads are equal, which works less well.
        let taken = own.and_then(|own| setpriority_process(Some(gettid()), own + self.steps()));
        if let Err(error) = taken {
            tracing::debug!(%error, priority = ?self, "a thread cannot give way to others");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The nice value of a thread that takes it.
    fn nice(priority: Priority) -> i32 {
        let taken = std::thread::spawn(move || {
            priority.take();
            getpriority_process(Some(gettid())).unwrap()
        });
        taken.join().unwrap()
    }

    #[test]
    fn each_kind_gives_way_to_those_above_it_and_none_goes_before_the_process() {
        let own = getpriority_process(Some(getpid())).unwrap();
        let all = [
            Priority::Commits,
            Priority::Loops,
            Priority::Copies,
            Priority::Workers,
        ];
        let found = all.map(nice);
        assert_eq!(found[0], own);
        // A process that was started as low as can be has no steps left.
        let most = own + Priority::Workers.steps();
        assert!(found.is_sorted() && (most > 19 || found.windows(2).all(|pair| pair[0] < pair[1])));
    }
}
