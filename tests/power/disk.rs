//! A disk that forgets: what was written, made, renamed and removed is there for whoever looks, and after a power cut only
//! as far as a sync came after it. A file's name is its directory's: it lasts once that was synced.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::trace::{Change, Event};

/// What a power cut leaves of what no sync has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// All of it.
    Kept,
    /// Nothing.
    Dropped,
    /// Parts, in pieces of so many bytes.
    Torn(u64),
}

/// Numbers of files by their names.
type Names = BTreeMap<PathBuf, usize>;

/// What stands for a directory.
const DIRECTORY: usize = usize::MAX;

#[derive(Default)]
pub struct Disk {
    files: Vec<File>,
    names: Names,
    durable: Names,
    moves: Vec<(usize, Move)>,
    /// Syncs that had something to do.
    pub syncs: usize,
}

#[derive(Clone)]
enum Move {
    Add(PathBuf, usize),
    Rename(PathBuf, PathBuf),
    Remove(PathBuf),
}

#[derive(Default)]
struct File {
    now: Vec<u8>,
    durable: Vec<u8>,
    parts: Vec<(usize, Part)>,
}

enum Part {
    Write(u64, Vec<u8>),
    Cut(u64),
}

impl Disk {
    /// With all that is below `root`, on disk long since.
    pub fn of(root: &Path) -> Self {
        let mut disk = Self::default();
        disk.names.insert(root.to_owned(), DIRECTORY);
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    disk.names.insert(path.clone(), DIRECTORY);
                    folders.push(path);
                } else if path.is_file() {
                    let bytes = fs::read(&path).unwrap();
                    disk.names.insert(path, disk.files.len());
                    disk.files.push(File {
                        now: bytes.clone(),
                        durable: bytes,
                        parts: Vec::new(),
                    });
                }
            }
        }
        disk.durable = disk.names.clone();
        disk
    }

    /// Takes the next event.
    pub fn take(&mut self, event: &Event) {
        match event {
            Event::Changed { change, done } => self.change(change, *done),
            Event::Synced { path, begun } => self.sync(path, *begun),
            Event::Asked { .. } | Event::Answered { .. } => {}
        }
    }

    fn change(&mut self, change: &Change, done: usize) {
        match change {
            Change::Create(path) => drop(self.file(path, done)),
            Change::MakeDir(path) => {
                self.names.insert(path.clone(), DIRECTORY);
                self.moves.push((done, Move::Add(path.clone(), DIRECTORY)));
            }
            Change::Write(path, at, data) => {
                let file = self.file(path, done);
                let at = at.unwrap_or(file.now.len() as u64);
                file.push(done, Part::Write(at, data.clone()));
            }
            Change::Copy(from, at, length, to) => {
                let from = self.file(from, done);
                let begin = usize::try_from(*at).unwrap();
                let data = from.now[begin..begin + length].to_vec();
                let to = self.file(to, done);
                to.push(done, Part::Write(to.now.len() as u64, data));
            }
            Change::Cut(path, length) => self.file(path, done).push(done, Part::Cut(*length)),
            Change::Rename(from, to) => {
                let step = Move::Rename(from.clone(), to.clone());
                step.take(&mut self.names);
                self.moves.push((done, step));
            }
            Change::Remove(path) => {
                let step = Move::Remove(path.clone());
                step.take(&mut self.names);
                self.moves.push((done, step));
            }
        }
    }

    /// The file of this name, made when there is none.
    fn file(&mut self, path: &Path, done: usize) -> &mut File {
        let number = if let Some(number) = self.names.get(path) {
            *number
        } else {
            self.files.push(File::default());
            let number = self.files.len() - 1;
            self.names.insert(path.to_owned(), number);
            self.moves.push((done, Move::Add(path.to_owned(), number)));
            number
        };
        &mut self.files[number]
    }

    fn sync(&mut self, path: &Path, begun: usize) {
        match self.names.get(path) {
            Some(&DIRECTORY) => {
                let (seen, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut self.moves)
                    .into_iter()
                    .partition(|(done, step)| *done < begun && step.is_in(path));
                self.syncs += usize::from(!seen.is_empty());
                for (_, step) in &seen {
                    step.take(&mut self.durable);
                }
                self.moves = rest;
            }
            Some(&number) => {
                let file = &mut self.files[number];
                let (seen, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut file.parts)
                    .into_iter()
                    .partition(|(done, _)| *done < begun);
                self.syncs += usize::from(!seen.is_empty());
                for (_, part) in &seen {
                    part.take(&mut file.durable);
                }
                file.parts = rest;
            }
            None => {}
        }
    }

    /// Writes what a power cut leaves of `from` at this moment into the directory `to`. How many changes were lost.
    pub fn cut(
        &self,
        from: &Path,
        to: &Path,
        cut: Cut,
        roll: &mut dyn FnMut(usize) -> usize,
    ) -> usize {
        let (names, mut lost) = self.names_after(cut, roll);
        let is_reached = |path: &Path| {
            let above = path.ancestors().skip(1);
            above
                .take_while(|above| above.starts_with(from))
                .all(|above| names.get(above) == Some(&DIRECTORY))
        };
        for (path, number) in &names {
            let Ok(inner) = path.strip_prefix(from) else {
                continue;
            };
            if !is_reached(path) {
                continue;
            }
            let target = to.join(inner);
            if *number == DIRECTORY {
                fs::create_dir(&target).unwrap();
                continue;
            }
            let file = &self.files[*number];
            let (bytes, gone) = file.after(cut, roll);
            lost += gone;
            fs::write(target, bytes).unwrap();
        }
        lost
    }

    fn names_after(&self, cut: Cut, roll: &mut dyn FnMut(usize) -> usize) -> (Names, usize) {
        let kept = match cut {
            Cut::Kept => self.moves.len(),
            Cut::Dropped => 0,
            // A file system with a journal keeps them in order.
            Cut::Torn(_) => roll(self.moves.len() + 1),
        };
        let mut names = self.durable.clone();
        for (_, step) in &self.moves[..kept] {
            step.take(&mut names);
        }
        (names, self.moves.len() - kept)
    }
}

impl Move {
    fn take(&self, names: &mut Names) {
        match self {
            Self::Add(path, number) => drop(names.insert(path.clone(), *number)),
            Self::Rename(from, to) => {
                if let Some(number) = names.remove(from) {
                    names.insert(to.clone(), number);
                }
            }
            Self::Remove(path) => drop(names.remove(path)),
        }
    }

    /// Whether it is of this directory.
    fn is_in(&self, folder: &Path) -> bool {
        let (Self::Add(path, _) | Self::Rename(_, path) | Self::Remove(path)) = self;
        path.parent() == Some(folder)
    }
}

impl File {
    fn push(&mut self, done: usize, part: Part) {
        part.take(&mut self.now);
        self.parts.push((done, part));
    }

    fn after(&self, cut: Cut, roll: &mut dyn FnMut(usize) -> usize) -> (Vec<u8>, usize) {
        let Cut::Torn(piece) = cut else {
            return match cut {
                Cut::Kept => (self.now.clone(), 0),
                _ => (self.durable.clone(), self.parts.len()),
            };
        };
        let (mut bytes, mut lost) = (self.durable.clone(), 0);
        // Of some files nearly all was written, of some nearly nothing.
        let odds = 1 + roll(9);
        for (_, part) in &self.parts {
            for part in part.pieces(piece) {
                if roll(10) < odds {
                    part.take(&mut bytes);
                } else {
                    lost += 1;
                }
            }
        }
        (bytes, lost)
    }
}

impl Part {
    fn take(&self, bytes: &mut Vec<u8>) {
        let place = |at: &u64| usize::try_from(*at).unwrap();
        match self {
            Self::Cut(length) => bytes.resize(place(length), 0),
            Self::Write(at, data) => {
                let (begin, end) = (place(at), place(at) + data.len());
                if bytes.len() < end {
                    bytes.resize(end, 0);
                }
                bytes[begin..end].copy_from_slice(data);
            }
        }
    }

    /// As a disk writes it: no piece goes over a border.
    fn pieces(&self, size: u64) -> Vec<Self> {
        let Self::Write(at, data) = self else {
            let Self::Cut(length) = self else {
                return Vec::new();
            };
            return vec![Self::Cut(*length)];
        };
        let (mut at, mut rest) = (*at, &data[..]);
        let mut pieces = Vec::new();
        while !rest.is_empty() {
            let room = usize::try_from(size - at % size).unwrap();
            let (piece, later) = rest.split_at(room.min(rest.len()));
            pieces.push(Self::Write(at, piece.to_vec()));
            at += piece.len() as u64;
            rest = later;
        }
        pieces
    }
}
