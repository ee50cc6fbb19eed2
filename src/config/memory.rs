//! How much memory there is, for the response cache and for threads, where nobody said so.

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

/// Memory that a worker and its reading connection may take, in bytes.
const WORKER: u64 = 8 << 20;
/// Memory that hashing a password takes, in bytes: argon2id with 19 MiB.
const HASH: u64 = 19 << 20;

/// Memory that a connection may take whose peer reads nothing, in bytes: what HTTP and the system hold for it.
const CONNECTION: u64 = 128 << 10;

/// Most connections: 10,000, or what fits into a quarter of the memory when none of their peers reads.
#[must_use]
pub fn connections() -> usize {
    connections_in(memory())
}

fn connections_in(memory: u64) -> usize {
    let fit = usize::try_from(memory / 4 / CONNECTION).unwrap_or(usize::MAX);
    fit.clamp(256, 10_000)
}

/// Most that large answers may take which are being sent: an eighth of the memory.
#[must_use]
pub fn answers() -> u64 {
    memory() / SHARE
}

/// Most threads of the pool: four to a core and four more, so that blocked ones do not stop the others; no more than fit into
/// a quarter of the memory, and no more than 64.
#[must_use]
pub fn workers(cores: usize) -> usize {
    workers_in(cores, memory())
}

/// Most passwords that are hashed at a time: one a core, no more than fit into an eighth of the memory.
#[must_use]
pub fn heavy_jobs(cores: usize) -> usize {
    heavy_in(cores, memory())
}

fn workers_in(cores: usize, memory: u64) -> usize {
    let fit = usize::try_from(memory / 4 / WORKER).unwrap_or(usize::MAX);
    (4 * cores + 4).min(64).min(fit.max(4))
}

fn heavy_in(cores: usize, memory: u64) -> usize {
    let fit = usize::try_from(memory / 8 / HASH).unwrap_or(usize::MAX);
    cores.min(fit).max(1)
}

/// What this process may use: the limit of its control group, else what the machine has.
fn memory() -> u64 {
    let machine = machine();
    limit(Path::new("/sys/fs/cgroup"), "/proc/self/cgroup")
        .map_or(machine, |limit| limit.min(machine))
}

/// What the machine has, in bytes. Asked of the kernel itself: a service with `ProcSubset=pid` sees no `/proc/meminfo`.
fn machine() -> u64 {
    let info = rustix::system::sysinfo();
    info.totalram.saturating_mul(info.mem_unit.into())
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
    fn threads_and_hashes_fit_into_memory_and_cores() {
        let mib = 1 << 20;
        assert_eq!((workers_in(1, 512 * mib), heavy_in(1, 512 * mib)), (8, 1));
        assert_eq!(
            (workers_in(2, 8192 * mib), heavy_in(2, 8192 * mib)),
            (12, 2)
        );
        assert_eq!(
            (workers_in(16, 8192 * mib), heavy_in(16, 8192 * mib)),
            (64, 16)
        );
        assert_eq!((workers_in(16, 256 * mib), heavy_in(16, 256 * mib)), (8, 1));
        let connections = [64, 512, 16_384].map(|size| connections_in(size * mib));
        assert_eq!(connections, [256, 1024, 10_000]);
    }

    #[test]
    fn the_machine_has_as_much_memory_as_proc_says() {
        let meminfo = std::fs::read_to_string("/proc/meminfo").unwrap();
        let line = meminfo.lines().find_map(|line| {
            let kib = line.strip_prefix("MemTotal:")?.trim();
            kib.strip_suffix(" kB")
        });
        let kib: u64 = line.unwrap().parse().unwrap();
        assert_eq!(machine() / 1024, kib);
        assert!(memory() > 0 && memory() <= machine());
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
