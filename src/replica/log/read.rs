//! Finding what comes after a point of a history, and reading on from there. Never holds a lock while it reads the disk.

use crate::error::{Error, Result};
use crate::replica::log::record::Head;
use crate::replica::log::segment::{Place, Segment};
use crate::replica::log::{Log, Record, State};
use crate::store::commit::Point;

/// What the log knows of a point.
pub enum Found {
    /// Its history is ours: this reads what comes after it.
    Follows(Box<Reader>),
    /// It is older than what is kept.
    Gone,
    /// Its history is not ours.
    Diverged {
        /// The last state that both have, where it can be told: within one epoch there was one writer, so of two
        /// histories that both know the epoch, one goes on where the other ends.
        common: Option<Point>,
    },
}

/// Reads commits in order. What is in memory is read from there.
///
/// After any error ask [`Log::after`] anew: it says what became of the commits that were to come.
pub struct Reader {
    log: Log,
    at: Point,
    generation: u64,
    // The segment that was read last, which stays readable when it is removed, and the place in it.
    open: Option<(Segment, Place)>,
}

enum Step {
    End,
    Kept(Record),
    Disk(Segment),
}

impl Log {
    /// What comes after `point`.
    ///
    /// # Errors
    /// When the disk cannot be read.
    pub fn after(&self, point: Point) -> Result<Found> {
        let (segments, generation, kept) = {
            let state = self.state();
            let txid = point.position.txid;
            let kept = state.tail.get(txid).map(|record| record.head.point);
            let segments: Vec<Segment> = state.segments.iter().cloned().collect();
            (segments, state.generation, kept)
        };
        let (Some(first), Some(last)) = (segments.first(), segments.last()) else {
            return Ok(Found::Gone);
        };
        let txid = point.position.txid;
        if txid < first.base.position.txid {
            return Ok(Found::Gone);
        }
        let ours = match kept {
            Some(kept) => Some(kept),
            None if txid == last.end.position.txid => Some(last.end),
            None => point_at(&segments, txid)?,
        };
        if ours != Some(point) {
            let common = common(&segments, point)?;
            return Ok(Found::Diverged { common });
        }
        Ok(Found::Follows(Box::new(Reader {
            log: self.clone(),
            at: point,
            generation,
            open: None,
        })))
    }
}

/// Our state after the commit of this number.
fn point_at(segments: &[Segment], txid: u64) -> Result<Option<Point>> {
    if let Some(segment) = segments.iter().find(|one| one.base.position.txid == txid) {
        return Ok(Some(segment.base));
    }
    let segment = segments.iter().find(|segment| segment.holds(txid));
    let place = segment.map(|segment| segment.place_after(txid));
    Ok(place.transpose()?.map(|place| place.point))
}

/// The last state that we have in common with another history that leads to `theirs`.
fn common(segments: &[Segment], theirs: Point) -> Result<Option<Point>> {
    let epoch = theirs.position.epoch;
    let started = |segment: &&Segment| segment.base.position.epoch <= epoch;
    let Some(segment) = segments.iter().rev().find(started) else {
        return Ok(None);
    };
    let ours = if segment.end.position.epoch <= epoch {
        segment.end
    } else {
        let within = |head: &Head| head.point.position.epoch <= epoch;
        segment.walk(segment.start(), within)?.point
    };
    // Beyond that, or in another epoch, both may have gone their own way before.
    let known = ours.position.epoch == epoch && ours.position.txid < theirs.position.txid;
    Ok(known.then_some(ours))
}

impl Reader {
    /// Where it stands: what comes next follows on this.
    #[must_use]
    pub fn at(&self) -> Point {
        self.at
    }

    /// The next commit, as it stands in the log and goes over the wire; `None` at the end.
    ///
    /// # Errors
    /// When it is not there any more (removed, taken back) or damaged.
    // Not an iterator: after its end there may be more.
    #[expect(
        clippy::should_implement_trait,
        reason = "it can fail and go on after its end"
    )]
    pub fn next(&mut self) -> Result<Option<Record>> {
        let record = match self.step()? {
            Step::End => return Ok(None),
            Step::Kept(record) => record,
            Step::Disk(segment) => self.read(segment)?,
        };
        self.pass(&record)?;
        Ok(Some(record))
    }

    /// The next commits as far as they are in memory, up to so many bytes and one more; none at the end. `None` when that
    /// cannot be told without waiting.
    ///
    /// # Errors
    /// As [`Reader::next`].
    pub fn kept(&mut self, bytes: usize) -> Result<Option<Vec<Record>>> {
        let (kept, is_end) = {
            let Some(state) = self.log.try_state() else {
                return Ok(None);
            };
            self.check(&state)?;
            let next = self.at.position.txid.saturating_add(1);
            let mut left = Some(bytes);
            let kept = state.tail.from(next).take_while(|record| {
                let takes = left.is_some();
                left = left.and_then(|left| left.checked_sub(record.bytes.len()));
                takes
            });
            let kept: Vec<Record> = kept.cloned().collect();
            (kept, state.end() == Some(self.at))
        };
        for record in &kept {
            self.pass(record)?;
        }
        Ok((is_end || !kept.is_empty()).then_some(kept))
    }

    fn pass(&mut self, record: &Record) -> Result<()> {
        if !record.head.follows(self.at) {
            return Err(taken_back());
        }
        self.at = record.head.point;
        Ok(())
    }

    fn check(&self, state: &State) -> Result<()> {
        if state.generation != self.generation {
            return Err(taken_back());
        }
        Ok(())
    }

    fn step(&self) -> Result<Step> {
        let state = self.log.state();
        self.check(&state)?;
        if state.end() == Some(self.at) {
            return Ok(Step::End);
        }
        let next = self.at.position.txid.saturating_add(1);
        if let Some(record) = state.tail.get(next) {
            return Ok(Step::Kept(record.clone()));
        }
        let segment = state.segments.iter().find(|segment| segment.holds(next));
        match (segment, &self.open) {
            (Some(segment), _) => Ok(Step::Disk(segment.clone())),
            // Removed meanwhile, but still open.
            (None, Some((open, _))) if open.holds(next) => Ok(Step::Disk(open.clone())),
            (None, _) => Err(Error::Internal(format!(
                "commit {next} was removed from the log before it was read"
            ))),
        }
    }

    fn read(&mut self, segment: Segment) -> Result<Record> {
        let mut place = match self.open.take() {
            Some((open, place)) if open.base == segment.base => place,
            _ => segment.start(),
        };
        // What came from memory meanwhile is passed by.
        if place.point != self.at {
            let txid = self.at.position.txid;
            place = segment.walk(place, |head| head.point.position.txid <= txid)?;
        }
        let (head, bytes) = segment.record_at(place.offset)?;
        place.pass(&head);
        self.open = Some((segment, place));
        let bytes = bytes.into();
        Ok(Record { head, bytes })
    }
}

fn taken_back() -> Error {
    Error::Internal("the log was cut or begun anew while it was read".into())
}
