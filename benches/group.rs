//! A control group with a limit on memory, in either version of the kernel's interface: what is in it may use so much, files
//! that it reads included, and is killed when it needs more.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::server::pinned;

/// Where the memory controller usually is: version 1 of the interface, and version 2.
const USUAL: [&str; 2] = ["/sys/fs/cgroup/memory", "/sys/fs/cgroup"];

/// A control group. Dropping it removes it; nothing may run in it any more.
pub struct Group(PathBuf);

/// What a group has come to since it was made.
#[derive(Debug, Clone, Copy)]
pub struct Pressure {
    /// Times that it was at its limit, and something had to be given back first.
    pub reached: u64,
    /// Processes that were killed for want of memory.
    pub killed: u64,
    /// Most bytes that it used.
    pub most: u64,
}

impl Group {
    /// A group below the one that `BENCH_CGROUP` names; `None` without that.
    pub fn given(bytes: u64) -> Option<Self> {
        let above = std::env::var_os("BENCH_CGROUP")?;
        Some(Self::below(Path::new(&above), bytes))
    }

    /// A group below the one that `BENCH_CGROUP` names, or else below the topmost one.
    pub fn make(bytes: u64) -> Self {
        Self::given(bytes).unwrap_or_else(|| {
            let above = USUAL.iter().map(Path::new).find(|above| above.exists());
            Self::below(above.expect("control groups are not mounted"), bytes)
        })
    }

    fn below(above: &Path, bytes: u64) -> Self {
        let own = above.join(format!("site-bench-{}", std::process::id()));
        fs::create_dir(&own).unwrap_or_else(|error| panic!("{}: {error}", own.display()));
        let group = Self(own);
        let (v1, v2) = ("memory.limit_in_bytes", "memory.max");
        let limit = if group.has(v1) { v1 } else { v2 };
        assert!(
            group.has(limit),
            "{} has no memory controller; name a group that has one in BENCH_CGROUP",
            above.display()
        );
        fs::write(group.0.join(limit), bytes.to_string()).unwrap();
        // Nor may it use a swap file instead. (Version 1 counts nothing when the limit of both together is the same.)
        for file in ["memory.swappiness", "memory.swap.max"] {
            if group.has(file) {
                fs::write(group.0.join(file), "0").unwrap();
            }
        }
        group
    }

    /// A program that enters the group before it begins.
    pub fn command(&self, cores: &str, program: &str) -> Command {
        let mut command = pinned(cores, "sh");
        command
            .args(["-c", r#"echo $$ > "$0" && exec "$@""#])
            .arg(self.0.join("cgroup.procs"))
            .arg(program);
        command
    }

    /// What it has come to.
    pub fn pressure(&self) -> Pressure {
        if self.has("memory.failcnt") {
            return Pressure {
                reached: self.number("memory.failcnt", ""),
                killed: self.number("memory.oom_control", "oom_kill "),
                most: self.number("memory.max_usage_in_bytes", ""),
            };
        }
        Pressure {
            reached: self.number("memory.events", "max "),
            killed: self.number("memory.events", "oom_kill "),
            most: self.number("memory.peak", ""),
        }
    }

    fn has(&self, file: &str) -> bool {
        self.0.join(file).exists()
    }

    /// The number on the line that begins so.
    fn number(&self, file: &str, begin: &str) -> u64 {
        let text = fs::read_to_string(self.0.join(file)).unwrap();
        let mut lines = text.lines();
        let number = lines.find_map(|line| line.strip_prefix(begin)?.parse().ok());
        number.unwrap_or_else(|| panic!("{file} says no {begin:?}: {text}"))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.0);
    }
}
