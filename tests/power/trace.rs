//! What strace has written down, as events in their order. Calls of several threads overlap: each has a line where it begins
//! and one where it ends, and what comes of it is reckoned by the worse of both.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The calls that are needed.
pub const CALLS: &str = "trace=openat,mkdir,write,pwrite64,lseek,copy_file_range,ftruncate,rename,renameat,renameat2,unlink,\
                         unlinkat,fsync,fdatasync,recvfrom,sendto,writev";

/// Something that happened. Times are numbers of lines.
#[derive(Debug)]
pub enum Event {
    /// A change of files began; before `done` no sync is sure to have seen it.
    Changed { change: Change, done: usize },
    /// A sync, which began at `begun`, has ended well.
    Synced { path: PathBuf, begun: usize },
    /// A request came with this text.
    Asked { socket: String, text: String },
    /// It was answered with success.
    Answered { socket: String },
}

/// A change of files.
#[derive(Debug, Clone)]
pub enum Change {
    Create(PathBuf),
    MakeDir(PathBuf),
    /// Without a place: behind what there is.
    Write(PathBuf, Option<u64>, Vec<u8>),
    /// Bytes of one file, from a place on, behind another.
    Copy(PathBuf, u64, usize, PathBuf),
    Cut(PathBuf, u64),
    Rename(PathBuf, PathBuf),
    Remove(PathBuf),
}

/// A call from its first line to its last.
struct Call<'a> {
    begun: usize,
    done: usize,
    name: &'a str,
    text: String,
    result: i64,
}

/// All that a trace tells of files below `root` and of posts, with the times.
pub fn read(trace: &str, root: &Path) -> Vec<(usize, Event)> {
    let mut seek = HashMap::new();
    let mut events: Vec<_> = calls(trace)
        .iter()
        .filter(|call| call.result >= 0)
        .filter_map(|call| event(call, root, &mut seek))
        .collect();
    events.sort_by_key(|(at, _)| *at);
    events
}

/// Joins the halves of calls that others fell into.
fn calls(trace: &str) -> Vec<Call<'_>> {
    let mut open: HashMap<&str, (usize, &str, &str)> = HashMap::new();
    let mut found = Vec::new();
    for (at, line) in trace.lines().enumerate() {
        let Some((thread, rest)) = line.split_once(char::is_whitespace) else {
            continue;
        };
        let rest = rest.trim_start();
        if let Some(rest) = rest.strip_prefix("<... ") {
            let ended = rest.split_once(" resumed>");
            if let (Some((begun, name, first)), Some((_, second))) = (open.remove(thread), ended) {
                found.extend(call(begun, at, name, format!("{first}{second}")));
            }
            continue;
        }
        let Some((name, text)) = rest.split_once('(') else {
            continue;
        };
        match text.strip_suffix(" <unfinished ...>") {
            Some(first) => drop(open.insert(thread, (at, name, first))),
            None => found.extend(call(at, at, name, text.to_owned())),
        }
    }
    // A process that was killed never told how they ended: they may have been carried out, and no sync has seen them.
    found.extend(open.into_values().map(|(begun, name, text)| Call {
        begun,
        done: usize::MAX,
        name,
        text: text.to_owned(),
        result: if name.contains("sync") { -1 } else { 0 },
    }));
    found
}

fn call(begun: usize, done: usize, name: &str, text: String) -> Option<Call<'_>> {
    let (_, result) = text.rsplit_once(" = ")?;
    let number = result.split([' ', '<']).next()?.parse().unwrap_or(-1);
    Some(Call {
        begun,
        done,
        name,
        text,
        result: number,
    })
}

fn event(call: &Call, root: &Path, seek: &mut HashMap<PathBuf, u64>) -> Option<(usize, Event)> {
    let all = arguments(&call.text);
    let text =
        |index: usize| Some(String::from_utf8_lossy(&unquote(all.get(index)?)?).into_owned());
    let named = |index: usize| {
        text(index)
            .map(PathBuf::from)
            .filter(|path| is_kept(path, root))
    };
    let open = |index: usize| {
        let (_, path) = all.get(index)?.split_once('<')?;
        Some(PathBuf::from(path.strip_suffix('>')?)).filter(|path| is_kept(path, root))
    };
    let number = |index: usize| all.get(index)?.parse::<u64>().ok();
    let change = match call.name {
        "openat" if all.get(2)?.contains("O_CREAT") || all.get(2)?.contains("O_TRUNC") => {
            let path = named(1)?;
            if all[2].contains("O_TRUNC") {
                Change::Cut(path, 0)
            } else {
                Change::Create(path)
            }
        }
        "mkdir" => Change::MakeDir(named(0)?),
        "pwrite64" => Change::Write(open(0)?, number(3), unquote(all.get(1)?)?),
        "write" if open(0).is_some() => Change::Write(open(0)?, None, unquote(all.get(1)?)?),
        "lseek" => {
            seek.insert(open(0)?, u64::try_from(call.result).ok()?);
            return None;
        }
        "copy_file_range" => {
            let (from, length) = (open(0)?, usize::try_from(call.result).ok()?);
            let at = seek.entry(from.clone()).or_default();
            let begin = *at;
            *at += length as u64;
            Change::Copy(from, begin, length, open(2)?)
        }
        "ftruncate" => Change::Cut(open(0)?, number(1)?),
        "rename" => Change::Rename(named(0)?, named(1)?),
        "renameat" | "renameat2" => Change::Rename(named(1)?, named(3)?),
        "unlink" => Change::Remove(named(0)?),
        "unlinkat" => Change::Remove(named(1)?),
        "fsync" | "fdatasync" => {
            let (path, begun) = (open(0)?, call.begun);
            return Some((call.done, Event::Synced { path, begun }));
        }
        _ => return talk(call, &all),
    };
    let done = call.done;
    Some((call.begun, Event::Changed { change, done }))
}

/// A post that came in, or its answer.
fn talk(call: &Call, all: &[&str]) -> Option<(usize, Event)> {
    let socket = all.first()?.split_once("<socket:")?.1.to_owned();
    let quoted = &call.text[call.text.find('"')?..];
    let said = String::from_utf8_lossy(&unquote(quoted)?).into_owned();
    if said.starts_with("HTTP/1.1 303") && call.name != "recvfrom" {
        return Some((call.begun, Event::Answered { socket }));
    }
    let (_, form) = said
        .split_once("\r\n\r\n")
        .filter(|_| said.starts_with("POST /s/"))?;
    let mut fields = url::form_urlencoded::parse(form.as_bytes());
    let text = fields.find(|(name, _)| name == "text")?.1.into_owned();
    Some((call.begun, Event::Asked { socket, text }))
}

/// Below the root, and more than the system's own for processes that run.
fn is_kept(path: &Path, root: &Path) -> bool {
    let ending = path.extension().unwrap_or_default();
    path.starts_with(root) && ending != "db-shm" && ending != "sock"
}

/// The arguments, as strace wrote them.
fn arguments(text: &str) -> Vec<&str> {
    let (mut found, mut from) = (Vec::new(), 0);
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            b',' | b')' if !quoted => {
                found.push(text[from..at].trim());
                from = at + 1;
                if byte == b')' {
                    break;
                }
            }
            _ => {}
        }
    }
    if from == 0 || !text.contains(')') {
        // The call was broken off.
        found.push(text[from..].trim());
    }
    found
}

/// The bytes of the string that begins here, written as in C.
fn unquote(text: &str) -> Option<Vec<u8>> {
    let mut rest = text.strip_prefix('"')?.bytes().peekable();
    let mut bytes = Vec::new();
    while let Some(byte) = rest.next() {
        let byte = match byte {
            b'"' => return Some(bytes),
            b'\\' => match rest.next()? {
                b'n' => b'\n',
                b't' => b'\t',
                b'r' => b'\r',
                b'v' => 11,
                b'f' => 12,
                digit @ b'0'..=b'7' => {
                    let mut value = digit - b'0';
                    for _ in 0..2 {
                        let Some(next) = rest.next_if(|byte| (b'0'..=b'7').contains(byte)) else {
                            break;
                        };
                        value = value * 8 + (next - b'0');
                    }
                    value
                }
                other => other,
            },
            other => other,
        };
        bytes.push(byte);
    }
    None
}
