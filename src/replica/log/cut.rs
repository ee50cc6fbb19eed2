//! Taking commits back: beginning anew at a point, and keeping the diverged end of an old primary as a file.
//!
//! Both take the lock of the state for as long as they work: nothing may be appended meanwhile.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::replica::log::recover::{self, RESTART};
use crate::replica::log::segment::{self, Place, Segment};
use crate::replica::log::{Log, State};
use crate::store::commit::Point;

impl Log {
    /// Removes everything: the next commit follows on `point`. A crash leaves the old log or one that begins at `point`.
    pub(super) fn begin_anew(&self, point: Point) -> Result<()> {
        let _files = self.files();
        self.check()?;
        let mut state = self.state();
        let dir = &self.0.dir;
        let draft = dir.join("restart.tmp");
        let segment = Segment::create(draft.clone(), &self.header(point, 0))?;
        segment.file.sync_all()?;
        // With this name it is decided: were the process to die after it, the next start would do the rest.
        std::fs::rename(&draft, dir.join(RESTART))?;
        let taken = segment::sync_dir(dir)
            .map_err(Error::from)
            .and_then(|()| recover::finish_restart(dir));
        taken.map_err(|error| self.break_down(error))?;
        let first = point.position.txid.saturating_add(1);
        let path = segment::name(dir, first);
        state.segments = std::iter::once(Segment { path, ..segment }).collect();
        state.cursor = None;
        state.torn = false;
        state.tail.cut(0);
        state.generation += 1;
        self.0.changed.send_replace(point);
        Ok(())
    }

    /// Takes the commits after `point` back: they are moved into one file in the directory `aside`, named by the position
    /// of the first of them, as records one after another (see [`super::record::split`]). The path of that file; `None`
    /// when `point` is the end.
    ///
    /// # Errors
    /// When `point` is not in the log, or the disk refuses.
    pub fn cut(&self, point: Point, aside: &Path) -> Result<Option<PathBuf>> {
        let _files = self.files();
        self.check()?;
        let mut state = self.state();
        if state.end() == Some(point) {
            return Ok(None);
        }
        state.mend()?;
        let (index, place) = find(&state, point)?;
        let file = save(&state, index, place, aside)?;
        let done = self.cut_at(&mut state, index, place);
        done.map_err(|error| self.break_down(error))?;
        state.tail.cut(point.position.txid);
        state.generation += 1;
        self.0.changed.send_replace(point);
        Ok(Some(file))
    }

    /// Makes `place` in the segment of this index the end.
    fn cut_at(&self, state: &mut State, index: usize, place: Place) -> Result<()> {
        // The last one first, so that there is never a gap.
        while state.segments.len() > index + 1 {
            if let Some(last) = state.segments.pop_back() {
                std::fs::remove_file(&last.path)?;
                segment::sync_dir(&self.0.dir)?;
            }
        }
        let segment = &mut state.segments[index];
        segment.bytes = place.offset;
        segment.end = place.point;
        segment.trim()?;
        segment.file.sync_all()?;
        state.cursor = place.cursor;
        Ok(())
    }
}

/// The segment and the place in it where the state is `point`.
fn find(state: &State, point: Point) -> Result<(usize, Place)> {
    let txid = point.position.txid;
    // Behind the last record of one rather than before the first of the next, which goes then.
    let ends = |segment: &Segment| segment.holds(txid);
    let starts = |segment: &Segment| segment.base.position.txid == txid;
    let segments = &state.segments;
    let index = segments
        .iter()
        .position(ends)
        .or_else(|| segments.iter().position(starts));
    let place = index.map(|index| segments[index].place_after(txid));
    match index.zip(place.transpose()?) {
        Some((index, place)) if place.point == point => Ok((index, place)),
        _ => Err(Error::Internal(format!(
            "the log cannot be cut at {}: it has no such commit",
            point.position
        ))),
    }
}

/// Writes all records from a place on into one file, which is on disk when this returns.
fn save(state: &State, index: usize, place: Place, aside: &Path) -> Result<PathBuf> {
    use std::os::unix::fs::DirBuilderExt;
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true).mode(0o700).create(aside)?;
    let mut parts = Vec::new();
    for (number, segment) in state.segments.iter().enumerate().skip(index) {
        let from = if number == index {
            place.offset
        } else {
            segment::FIRST
        };
        parts.push((Arc::clone(&segment.file), from, segment.bytes));
    }
    let first = first_lost(state, index, place)?;
    let position = first.position;
    let wanted = aside.join(format!("{}-{}.log", position.epoch, position.txid));
    let path = segment::free_path(&wanted);
    let draft = path.with_extension("tmp");
    segment::copy(&parts, &draft)?;
    std::fs::rename(&draft, &path)?;
    segment::sync_dir(aside)?;
    if let Some(parent) = aside.parent() {
        segment::sync_dir(parent)?;
    }
    Ok(path)
}

/// The state after the first commit behind a place.
fn first_lost(state: &State, index: usize, place: Place) -> Result<Point> {
    let segment = &state.segments[index];
    if place.offset < segment.bytes {
        return Ok(segment.head_at(place.offset)?.point);
    }
    Ok(state.segments[index + 1].head_at(segment::FIRST)?.point)
}
