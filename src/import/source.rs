//! JSON values out of a file, one after the other: an array of them, one a line, or both mixed.
//!
//! Only one value is in memory at a time, and each carries its position. A broken one is handed out as such, and reading
//! goes on at the next place where a value seems to begin. It must never take a whole file in, nor stop at bad text.

use std::io::Read;

/// Longest value that is taken.
const LONGEST: usize = 4 << 20;
/// Bytes read at a time.
const CHUNK: usize = 64 << 10;

/// Where a value begins: for people who look for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Position {
    /// Line, from 1.
    pub line: u64,
    /// Byte, from 0.
    pub byte: u64,
    /// Which value of the file, from 1.
    pub item: u64,
}

/// What stands at a position.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// The bytes of one value; complete, but not yet proved to be JSON.
    Value(Vec<u8>),
    /// A value that has no end, or is too long, or stands where none may.
    Broken,
}

/// The values of a file.
pub struct Values<R> {
    source: R,
    buffer: Vec<u8>,
    /// Bytes of the buffer that are done with.
    done: usize,
    /// Position of `buffer[done]`.
    here: Position,
    ended: bool,
    /// Inside something broken: everything up to the next beginning is dropped.
    lost: bool,
}

/// How far the search for the end of a value has come.
#[derive(Default)]
struct Scan {
    at: usize,
    depth: usize,
    in_string: bool,
    escaped: bool,
}

/// What a step of [`Scan`] came to.
enum End {
    At(usize),
    More,
    Never,
}

impl<R: Read> Values<R> {
    /// Reads from here on.
    pub fn new(source: R) -> Self {
        Self {
            source,
            buffer: Vec::new(),
            done: 0,
            here: Position {
                line: 1,
                byte: 0,
                item: 0,
            },
            ended: false,
            lost: false,
        }
    }

    /// The next value; `None` at the end.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub fn next_value(&mut self) -> std::io::Result<Option<(Position, Found)>> {
        if self.lost {
            self.find_beginning()?;
        }
        if !self.skip_separators()? {
            return Ok(None);
        }
        self.here.item += 1;
        let position = self.here;
        let mut scan = Scan::default();
        loop {
            match scan.step(&self.buffer[self.done..]) {
                End::At(end) => {
                    let value = self.buffer[self.done..self.done + end].to_vec();
                    self.consume(end);
                    return Ok(Some((position, Found::Value(value))));
                }
                End::More if scan.at < LONGEST && self.fill()? => {}
                End::More if scan.is_word() => {
                    let value = self.buffer[self.done..].to_vec();
                    self.consume(value.len());
                    return Ok(Some((position, Found::Value(value))));
                }
                End::More | End::Never => {
                    self.give_up();
                    return Ok(Some((position, Found::Broken)));
                }
            }
        }
    }

    /// Says that the value just handed out, `value`, is not JSON: what it swallowed is looked at again.
    pub fn reject(&mut self, position: Position, value: &[u8]) {
        let Some(next) = beginning(&value[1.min(value.len())..]) else {
            return;
        };
        // Put the bytes back and stand where the value began.
        self.buffer.splice(..self.done, value.iter().copied());
        self.done = 0;
        self.here = position;
        self.consume(next + 1);
    }

    /// Drops the value that has no end: up to the next beginning in the buffer, else all, and searches on.
    fn give_up(&mut self) {
        let rest = &self.buffer[self.done..];
        match beginning(&rest[1.min(rest.len())..]) {
            Some(next) => self.consume(1 + next),
            None => self.lost = true,
        }
    }

    fn find_beginning(&mut self) -> std::io::Result<()> {
        self.lost = false;
        loop {
            let rest = &self.buffer[self.done..];
            if let Some(next) = beginning(&rest[1.min(rest.len())..]) {
                self.consume(next + 1);
                return Ok(());
            }
            // A beginning may lie across the edge: `}`, spaces, `,`, spaces, `{`.
            self.consume(rest.len().saturating_sub(64));
            if !self.fill()? {
                let rest = self.buffer.len() - self.done;
                self.consume(rest);
                return Ok(());
            }
        }
    }

    /// Goes to the first byte of a value; false at the end.
    fn skip_separators(&mut self) -> std::io::Result<bool> {
        loop {
            let rest = &self.buffer[self.done..];
            let between =
                |byte: &u8| byte.is_ascii_whitespace() || b",[]\xEF\xBB\xBF".contains(byte);
            let skipped = rest.iter().take_while(|byte| between(byte)).count();
            let found = skipped < rest.len();
            self.consume(skipped);
            if found {
                return Ok(true);
            }
            if !self.fill()? {
                return Ok(false);
            }
        }
    }

    fn consume(&mut self, bytes: usize) {
        let gone = &self.buffer[self.done..self.done + bytes];
        let lines = gone.split(|byte| *byte == b'\n').count() - 1;
        self.here.line += lines as u64;
        self.here.byte += bytes as u64;
        self.done += bytes;
    }

    /// Reads more; false at the end of the source.
    fn fill(&mut self) -> std::io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        self.buffer.drain(..self.done);
        self.done = 0;
        let full = self.buffer.len();
        self.buffer.resize(full + CHUNK, 0);
        let read = loop {
            match self.source.read(&mut self.buffer[full..]) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.buffer.truncate(full + read);
        self.ended = read == 0;
        Ok(!self.ended)
    }
}

impl Scan {
    /// Looks on for the end of the value at the start of `bytes`.
    fn step(&mut self, bytes: &[u8]) -> End {
        while let Some(&byte) = bytes.get(self.at) {
            let first = self.at == 0;
            self.at += 1;
            if self.in_string {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => self.in_string = false,
                    b'\n' => return End::Never,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' if first => self.depth = 1,
                // A line that begins with an object inside another one: that one was cut off.
                b'{' if self.depth > 0 && bytes[self.at - 2] == b'\n' => return End::Never,
                b'{' | b'[' if self.depth > 0 => self.depth += 1,
                b'}' | b']' if self.depth > 0 => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return End::At(self.at);
                    }
                }
                b',' | b']' | b'\n' | b' ' if self.depth == 0 => return End::At(self.at - 1),
                _ => {}
            }
        }
        End::More
    }

    /// Whether it is a bare word (`null`) that ends with the file.
    fn is_word(&self) -> bool {
        self.depth == 0 && !self.in_string && self.at < LONGEST
    }
}

/// Where the next value seems to begin: an object after a line's end, or after `},`.
fn beginning(bytes: &[u8]) -> Option<usize> {
    let mut after_line = false;
    let mut after_object = false;
    let mut after_comma = false;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'{' if after_line || after_comma => return Some(at),
            b'\n' => after_line = true,
            b',' if after_object => after_comma = true,
            byte if byte.is_ascii_whitespace() => {}
            other => {
                after_line = false;
                after_comma = false;
                after_object = *other == b'}';
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands out a few bytes at a time, so that every edge is met.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let now = 3.min(self.0.len()).min(buffer.len());
            buffer[..now].copy_from_slice(&self.0[..now]);
            self.0 = &self.0[now..];
            Ok(now)
        }
    }

    /// Values as text, broken ones as `!line:byte`; values that are not JSON are rejected.
    fn read(text: &str) -> Vec<String> {
        let mut values = Values::new(Drip(text.as_bytes()));
        let mut out = Vec::new();
        while let Some((position, found)) = values.next_value().unwrap() {
            let broken = format!("!{}:{}", position.line, position.byte);
            out.push(match found {
                Found::Value(value) => {
                    if serde_json::from_slice::<serde_json::Value>(&value).is_ok() {
                        String::from_utf8(value).unwrap()
                    } else {
                        values.reject(position, &value);
                        broken
                    }
                }
                Found::Broken => broken,
            });
        }
        out
    }

    #[test]
    fn arrays_and_lines_and_both_are_read() {
        let expected = [r#"{"a":1}"#, "null", r#"{"b":{"c":["}"]}}"#];
        for text in [
            r#"[{"a":1},null,{"b":{"c":["}"]}}]"#,
            "{\"a\":1}\nnull\n{\"b\":{\"c\":[\"}\"]}}",
            "\u{feff}[ {\"a\":1} ,\n null]\n\n[{\"b\":{\"c\":[\"}\"]}}",
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
        assert_eq!(read(""), Vec::<String>::new());
        assert_eq!(read("null"), ["null"]);
        let indented = "[\n  {\n    \"a\": {\n      \"b\": 1\n    }\n  }\n]\n";
        assert_eq!(read(indented).len(), 1);
    }

    #[test]
    fn reading_goes_on_after_what_is_broken() {
        for (text, expected) in [
            ("{\"a\":\n{\"b\":2}\n", vec!["!1:0", "{\"b\":2}"]),
            (
                "{\"a\":\"x\n{\"b\":2}\n{\"c\":3}",
                vec!["!1:0", "{\"b\":2}", "{\"c\":3}"],
            ),
            (
                "[{\"a\":\"x},{\"b\":2},{\"c\":3}]",
                vec!["!1:1", "{\"b\":2}", "{\"c\":3}"],
            ),
            (
                "[{\"a\":1},{\"b\" 2},{\"c\":3}]",
                vec!["{\"a\":1}", "!1:9", "{\"c\":3}"],
            ),
            (
                "{\"a\":1}\nwhat\n{\"b\":2}",
                vec!["{\"a\":1}", "!2:8", "{\"b\":2}"],
            ),
            ("[{\"a\":1},{\"b\":2", vec!["{\"a\":1}", "!1:9"]),
            ("[{\"a\":1},{\"b\":\"2", vec!["{\"a\":1}", "!1:9"]),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn a_value_without_end_is_given_up_before_it_fills_the_memory() {
        let mut text = String::from("[{\"a\":\"");
        text.push_str(&"x".repeat(LONGEST + CHUNK));
        text.push_str("\"},{\"b\":2}]");
        let mut values = Values::new(text.as_bytes());
        assert_eq!(values.next_value().unwrap().unwrap().1, Found::Broken);
        assert!(values.buffer.len() <= LONGEST + 2 * CHUNK);
        let (position, found) = values.next_value().unwrap().unwrap();
        assert_eq!(found, Found::Value(b"{\"b\":2}".to_vec()));
        assert_eq!(position.byte, text.len() as u64 - 8);
    }
}
