//! Opening what a crash or a bad disk left behind.

use super::*;
use crate::replica::log::record::encode;

/// What each commit adds to a file, and where it begins.
fn offsets(commits: &[Arc<Commit>]) -> Vec<(usize, usize)> {
    let mut at = usize::try_from(segment::HEADER).unwrap();
    let mut place = |commit: &Arc<Commit>| {
        let from = at;
        at += encode(commit).len();
        (from, at)
    };
    commits.iter().map(&mut place).collect()
}

/// One segment that holds all.
fn in_one(site: &Site, seed: u64, commits: usize) -> (Vec<u8>, Vec<Arc<Commit>>, History) {
    let mut history = History::new(seed);
    let log = site.open_with(Limits {
        segment: 1 << 20,
        ..small()
    });
    log.restart(history.at).unwrap();
    let commits: Vec<_> = (0..commits).map(|_| history.next(1)).collect();
    append(&log, &commits);
    let bytes = std::fs::read(&site.segments()[0]).unwrap();
    (bytes, commits, history)
}

#[test]
fn a_torn_tail_of_any_length_is_cut_off_and_told_once() {
    let site = Site::new();
    let (bytes, commits, _) = in_one(&site, 1, 3);
    let file = site.segments().remove(0);
    let (from, to) = offsets(&commits)[2];
    assert_eq!(to, bytes.len());
    for length in from..to {
        std::fs::write(&file, &bytes[..length]).unwrap();
        let log = site.open();
        let torn = (length > from).then(|| Finding::Torn {
            file: file.clone(),
            bytes: (length - from) as u64,
        });
        assert_eq!(log.finding(), torn.as_ref(), "{length}");
        assert_eq!(log.last(), Some(commits[1].point));
        drop(log);
        let log = site.open();
        assert_eq!(log.finding(), None);
        append(&log, &commits[2..]);
        assert_eq!(contents(&log), commits);
    }
    assert_eq!(site.bad_files(), 0);
}

#[test]
fn a_wrong_last_record_is_torn_and_a_tail_of_zeros_is_room() {
    let site = Site::new();
    let (bytes, commits, _) = in_one(&site, 2, 3);
    let file = site.segments().remove(0);
    let (from, to) = offsets(&commits)[2];
    let mut zeros = bytes.clone();
    zeros[from..].fill(0);
    let mut half = bytes.clone();
    half[to - 20..].fill(0);
    let mut in_room = half.clone();
    in_room.extend([0; 5000]);
    for (damaged, is_torn) in [(zeros, false), (half, true), (in_room, true)] {
        std::fs::write(&file, damaged).unwrap();
        let log = site.open();
        let finding = log.finding();
        assert_eq!(matches!(finding, Some(Finding::Torn { .. })), is_torn);
        assert_eq!(contents(&log), commits[..2]);
        assert_eq!(file.metadata().unwrap().len(), from as u64);
    }
    assert_eq!(site.bad_files(), 0);
}

#[test]
fn any_of_500_flipped_bits_of_a_log_is_found_and_nothing_behind_it_is_believed_or_lost() {
    let site = Site::new();
    let (_, commits) = site.filled(&mut History::new(3), 60);
    let files = site.segments();
    assert!(files.len() > 5);
    let good: Vec<Vec<u8>> = files
        .iter()
        .map(|file| std::fs::read(file).unwrap())
        .collect();
    let mut random = Random(3);
    let mut torn = 0;
    for _ in 0..500 {
        let index = usize::try_from(random.below(files.len() as u64)).unwrap();
        let bit = usize::try_from(random.below(good[index].len() as u64 * 8)).unwrap();
        let mut damaged = good[index].clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        std::fs::write(&files[index], &damaged).unwrap();
        let log = site.open();
        let kept = contents(&log);
        assert_eq!(kept, commits[..kept.len()]);
        assert!(kept.len() < commits.len(), "bit {bit} of {index}");
        match log.finding().unwrap() {
            Finding::Torn { .. } => {
                assert_eq!(kept.len() + 1, commits.len());
                torn += 1;
            }
            Finding::Aside { files: moved } => {
                assert_eq!(site.bad_files(), moved.len());
                // All that is gone from the log is in the files beside it, byte by byte.
                let mut all: Vec<u8> = site
                    .segments()
                    .iter()
                    .flat_map(|f| std::fs::read(f).unwrap())
                    .collect();
                all.extend(moved.iter().flat_map(|file| std::fs::read(file).unwrap()));
                let mut before = good.clone();
                before[index] = damaged;
                assert_eq!(all, before.concat(), "bit {bit} of {index}");
            }
        }
        drop(log);
        assert_eq!(site.open().finding(), None);
        restore(&site, &files, &good);
    }
    assert!(torn < 50, "{torn}");
    assert_eq!(contents(&site.open()), commits);
}

/// Makes a directory hold these files and no others.
fn restore(site: &Site, files: &[PathBuf], good: &[Vec<u8>]) {
    for name in site.names() {
        std::fs::remove_file(site.dir.join(name)).unwrap();
    }
    for (file, bytes) in files.iter().zip(good) {
        std::fs::write(file, bytes).unwrap();
    }
}

#[test]
fn after_damage_in_the_middle_the_log_goes_on_from_there() {
    let site = Site::new();
    let (_, commits) = site.filled(&mut History::new(4), 30);
    let file = site.segments().remove(1);
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, &bytes).unwrap();
    let log = site.open();
    let kept = contents(&log).len();
    assert!(kept > 0 && kept < 30);
    append(&log, &commits[kept..]);
    assert_eq!(contents(&log), commits);
    drop(log);
    let log = site.open();
    assert_eq!(log.finding(), None);
    assert_eq!(contents(&log), commits);
    assert!(site.bad_files() > 1);
}

#[test]
fn what_stands_behind_a_gap_is_moved_aside() {
    let site = Site::new();
    let (_, commits) = site.filled(&mut History::new(5), 30);
    let files = site.segments();
    std::fs::remove_file(&files[1]).unwrap();
    let log = site.open();
    let Some(Finding::Aside { files: moved }) = log.finding() else {
        panic!("{:?}", log.finding());
    };
    assert_eq!(moved.len(), files.len() - 2);
    let kept = contents(&log);
    assert_eq!(kept, commits[..kept.len()]);
    assert_eq!(site.segments(), files[..1]);
    drop(log);
    assert_eq!(site.open().finding(), None);
}

#[test]
fn a_segment_that_was_just_being_made_is_forgotten() {
    let site = Site::new();
    let (_, commits) = site.filled(&mut History::new(6), 10);
    let next = segment::name(&site.dir, 11);
    for length in [0, 1, 64, 127, 128] {
        std::fs::write(&next, vec![0; length]).unwrap();
        let log = site.open();
        assert!(
            matches!(log.finding(), Some(Finding::Torn { .. })),
            "{length}"
        );
        assert_eq!(contents(&log), commits);
        assert!(!next.exists());
    }
    std::fs::write(&next, [1; 200]).unwrap();
    assert!(matches!(site.open().finding(), Some(Finding::Aside { .. })));
}

#[test]
fn a_torn_segment_before_others_ends_the_log() {
    let site = Site::new();
    let (_, commits) = site.filled(&mut History::new(7), 30);
    let file = site.segments().remove(0);
    truncate(&file, file.metadata().unwrap().len() - 1);
    let log = site.open();
    assert!(matches!(log.finding(), Some(Finding::Aside { .. })));
    let kept = contents(&log);
    assert_eq!(kept, commits[..kept.len()]);
    append(&log, &commits[kept.len()..]);
    assert_eq!(contents(&log), commits);
}

#[test]
fn a_newer_programs_log_is_refused_and_left_alone() {
    let site = Site::new();
    let (mut bytes, _, _) = in_one(&site, 8, 3);
    let file = site.segments().remove(0);
    bytes[8] = 2;
    let sum = xxhash_rust::xxh3::xxh3_64(&bytes[..120]);
    bytes[120..128].copy_from_slice(&sum.to_le_bytes());
    std::fs::write(&file, &bytes).unwrap();
    assert!(matches!(
        Log::open(&site.dir, CLUSTER, small()),
        Err(Error::DataDir(_))
    ));
    assert_eq!(std::fs::read(&file).unwrap(), bytes);
}
