//! How much memory there is for the response cache where nobody said so.

use std::path::{Path, PathBuf};

/// What the cache may take on a machine with room.
const USUAL: u64 = 64 << 20;
/// Share of a memory limit that it may take: one in so many bytes.
const SHARE: u64 = 8;

/// 64 MiB, or an eighth of the memory that the control group of this process may use, when that is less.
#[must_use]
pub fn cache_size() -> u64 {
    limit(Path::new("/sys/fs/cgroup"), "/proc/self/cgroup")
        .map_or(USUAL, |limit| USUAL.min(limit / SHARE))
}

/// The smallest limit of the process's own group and those above it; `None` when there is none, or no cgroups.
/// <https://docs.kernel.org/admin-guide/cgroup-v2.html>, and version 1's `memory.limit_in_bytes`.
fn limit(root: &Path, own: &str) -> Option<u64> {
    let groups = std::fs::read_to_string(own).ok()?;
    let limits = groups.lines().filter_map(|line| {
        let mut parts = line.splitn(3, ':');
        let (_, controllers, path) = (parts.next()?, parts.next()?, parts.next()?);
        match controllers {
            "" => smallest(root, path, "memory.max"),
            "memory" => smallest(&root.join("memory"), path, "memory.limit_in_bytes"),
            _ => None,
        }
    });
    limits.min()
}

fn smallest(root: &Path, path: &str, file: &str) -> Option<u64> {
    let own: PathBuf = root.join(path.trim_start_matches('/'));
    let groups = own.ancestors().take_while(|group| group.starts_with(root));
    let read = |group: &Path| {
        std::fs::read_to_string(group.join(file))
            .ok()?
            .trim()
            .parse()
            .ok()
    };
    // Version 1 says "no limit" by a number beyond any memory, version 2 by a word.
    groups.filter_map(read).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_limit_on_the_way_up_counts() {
        let dir = tempfile::tempdir().unwrap();
        let group = dir.path().join("a/b");
        std::fs::create_dir_all(&group).unwrap();
        std::fs::write(dir.path().join("a/memory.max"), "268435456\n").unwrap();
        std::fs::write(group.join("memory.max"), "max\n").unwrap();
        let own = dir.path().join("own");
        std::fs::write(&own, "0::/a/b\n").unwrap();
        assert_eq!(limit(dir.path(), own.to_str().unwrap()), Some(268_435_456));
        std::fs::write(&own, "1:cpu:/\n0::/\n").unwrap();
        assert_eq!(limit(dir.path(), own.to_str().unwrap()), None);
        assert_eq!(limit(dir.path(), "/nonexistent"), None);
    }

    #[test]
    fn version_one_has_its_own_tree() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("memory/x")).unwrap();
        std::fs::write(dir.path().join("memory/x/memory.limit_in_bytes"), "1048576").unwrap();
        let own = dir.path().join("own");
        std::fs::write(&own, "7:memory:/x\n").unwrap();
        assert_eq!(limit(dir.path(), own.to_str().unwrap()), Some(1_048_576));
    }
}
