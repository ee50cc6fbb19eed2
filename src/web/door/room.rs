//! How many connections the system's limit of open files allows, so that files of the database can always be opened.

use std::fs;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files that may be opened beside connections and readers of the database: the log, the control socket's clients, calls to
/// other sites.
const BESIDE: usize = 16;
/// Files of one reading connection: the database and its journal.
const READER: usize = 2;
/// Files of one event loop, or of the thread that accepts.
const LOOP: usize = 3;
/// Fewer connections make no site.
const LEAST: usize = 4;
/// Open files where the system does not say how many there are.
const UNKNOWN: usize = 64;

/// Room for connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Most connections that are kept.
    pub most: usize,
    /// Most connections that one event loop is given. All loops together get some more than are kept: a newcomer has to be
    /// let in before another is closed for it.
    pub each_loop: usize,
}

impl Room {
    /// Raises the limit of open files as far as it goes, and divides it.
    #[must_use]
    pub fn find(wanted: usize, readers: usize, loops: usize) -> Self {
        let reserve = open_files() + BESIDE + READER * readers + LOOP * (loops + 1);
        let room = Self::divide(limit().saturating_sub(reserve), wanted, loops);
        if room.most < wanted {
            tracing::warn!(
                wanted,
                possible = room.most,
                "the limit of open files (ulimit -n, LimitNOFILE=) allows fewer connections than configured"
            );
        }
        room
    }

    fn divide(files: usize, wanted: usize, loops: usize) -> Self {
        let most = (files.saturating_sub(2 * loops) / 9 * 8).clamp(LEAST, wanted.max(LEAST));
        let most = most.min(wanted);
        Self {
            most,
            each_loop: (most + most / 8 + 2 * loops) / loops,
        }
    }
}

/// The limit of open files, raised to what this process may have.
fn limit() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    let now = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    };
    now.map_or(usize::MAX, |files| {
        usize::try_from(files).unwrap_or(usize::MAX)
    })
}

fn open_files() -> usize {
    fs::read_dir("/proc/self/fd").map_or(UNKNOWN, Iterator::count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_all_loops_are_given_stays_below_the_limit_and_above_what_is_kept() {
        for files in [20, 64, 250, 1_000, 20_000, 1_000_000] {
            for loops in [1, 2, 16] {
                let room = Room::divide(files, 10_000, loops);
                let given = room.each_loop * loops;
                assert!(given <= files.max(LEAST + 2 * loops), "{files} {room:?}");
                assert!(given > room.most, "{files} {room:?}");
                assert!((LEAST..=10_000).contains(&room.most), "{files} {room:?}");
            }
        }
        assert_eq!(Room::divide(1_000_000, 10_000, 2).most, 10_000);
        assert_eq!(Room::divide(1_000, 2, 2).most, 2);
    }
}
