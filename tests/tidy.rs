//! The house's own rules, checked on the sources: layers, sizes, words that must not stand in them, routes without tests.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::route;

/// Imports that the order of `lib.rs` alone would allow, and that we do not want.
const DENIED: &[(&str, &[&str])] = &[
    ("html", &["store", "pool", "cache", "config", "fetch"]),
    ("domain", &["pool", "cache", "config", "store", "html"]),
    ("store", &["pool", "config", "html"]),
    ("web", &["replica", "server", "cli"]),
];

/// Longest file, in lines.
const LONGEST: usize = 600;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file of this ending below a folder, with its text.
pub fn files(below: &str, ending: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root().join(below)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("node_modules") {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == ending) {
                let name = path.strip_prefix(root()).unwrap().display().to_string();
                found.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    assert!(!found.is_empty(), "no .{ending} files below {below}");
    found
}

/// The modules that a file declares, in its order.
fn modules(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    text.lines()
        .filter_map(|line| {
            let rest = line
                .strip_prefix("pub mod ")
                .or_else(|| line.strip_prefix("mod "))?;
            rest.strip_suffix(';')
        })
        .map(str::to_owned)
        .collect()
}

/// The part of a source that is not its unit tests.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or(text)
}

/// First module of every `crate::…` path in a source.
fn imports(text: &str) -> impl Iterator<Item = &str> {
    without_tests(text)
        .match_indices("crate::")
        .filter_map(|(at, mark)| {
            let doc = text[..at]
                .rsplit('\n')
                .next()
                .unwrap_or("")
                .trim_start()
                .starts_with("//");
            let rest = &text[at + mark.len()..];
            let end = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            (!doc).then_some(&rest[..end])
        })
}

#[test]
fn a_module_imports_only_from_those_above_it() {
    let order = modules(&root().join("src/lib.rs"));
    let place = |name: &str| order.iter().position(|module| module == name);
    let mut wrong = Vec::new();
    for (file, text) in files("src", "rs") {
        let module = file
            .trim_start_matches("src/")
            .split(['/', '.'])
            .next()
            .unwrap()
            .to_owned();
        let Some(own) = place(&module) else { continue };
        let denied = DENIED
            .iter()
            .find(|(name, _)| *name == module)
            .map_or(&[][..], |(_, denied)| denied);
        for import in imports(&text) {
            if place(import).is_some_and(|other| other > own) || denied.contains(&import) {
                wrong.push(format!("{file} imports {import}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_noun_imports_only_from_siblings_above_it() {
    let mut wrong = Vec::new();
    for layer in ["domain", "html"] {
        let order = modules(&root().join(format!("src/{layer}/mod.rs")));
        let place = |name: &str| order.iter().position(|module| module == name);
        let mark = format!("crate::{layer}::");
        for (file, text) in files(&format!("src/{layer}"), "rs") {
            let own = file.split('/').nth(2).unwrap().trim_end_matches(".rs");
            for (at, _) in without_tests(&text).match_indices(&mark) {
                let rest = &text[at + mark.len()..];
                let other = &rest[..rest
                    .find(|c: char| !c.is_alphanumeric() && c != '_')
                    .unwrap_or(0)];
                if place(other) > place(own) && place(own).is_some() {
                    wrong.push(format!("{file} imports {other}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_file_says_what_it_is_and_stays_short() {
    let mut wrong = Vec::new();
    for folder in ["src", "tests", "benches"] {
        if !root().join(folder).exists() {
            continue;
        }
        for (file, text) in files(folder, "rs") {
            if !text.starts_with("//!") {
                wrong.push(format!("{file} does not begin with //!"));
            }
            let lines = text.lines().count();
            if lines > LONGEST {
                wrong.push(format!("{file} has {lines} lines"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn sql_stands_only_in_the_store() {
    let words = [
        "select ",
        "insert into ",
        "update ",
        "delete from ",
        "pragma ",
    ];
    let mut wrong = Vec::new();
    for (file, text) in files("src", "rs")
        .iter()
        .filter(|(file, _)| !file.starts_with("src/store/"))
    {
        for line in without_tests(text)
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
        {
            let opened = words.iter().any(|word| {
                line.contains(&format!("\"{word}")) || line.trim_start().starts_with(word)
            });
            if opened || line.contains("rusqlite::") && !file.ends_with("error.rs") {
                wrong.push(format!("{file}: {}", line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn unescaped_markup_and_paths_stand_only_where_they_may() {
    let mut wrong = Vec::new();
    for (file, text) in files("src", "rs") {
        let may_emit =
            ["src/domain/text.rs", "src/html/page.rs", "src/html/pen.rs"].contains(&file.as_str());
        if !may_emit && without_tests(&text).contains("PreEscaped") {
            wrong.push(format!("{file} uses PreEscaped"));
        }
        if !file.starts_with("src/html/") && without_tests(&text).contains("html! {\n") {
            wrong.push(format!("{file} holds markup"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn nothing_unfinished_or_asleep_is_left() {
    // Written in halves, so that this file does not find itself.
    let words = [
        ["to", "do!("],
        ["dbg", "!("],
        ["unimpl", "emented!("],
        ["#[ig", "nore"],
        ["FIX", "ME"],
        ["should_", "panic"],
    ];
    let mut wrong = Vec::new();
    for folder in ["src", "tests"] {
        for (file, text) in files(folder, "rs") {
            wrong.extend(
                words
                    .iter()
                    .filter(|word| text.contains(&word.concat()))
                    .map(|word| format!("{file}: {}", word.concat())),
            );
            if folder == "tests" && text.contains(&["thread::", "sleep"].concat()) {
                wrong.push(format!("{file} sleeps"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_route_is_named_by_a_test() {
    let table = route::tables();
    let routes: Vec<&str> = table
        .split('"')
        .skip(1)
        .step_by(2)
        .filter(|text| text.starts_with('/'))
        .collect();
    assert!(routes.len() > 100, "the route table was not found");
    let tests: String = files("tests", "rs").into_values().collect();
    let missing: Vec<&str> = routes
        .into_iter()
        .filter(|route| !named(&tests, route))
        .collect();
    assert!(missing.is_empty(), "no test names {missing:#?}");
}

/// Whether a test holds the route literally, or a path that it matches.
fn named(tests: &str, route: &str) -> bool {
    if tests.contains(&format!("\"{route}\"")) {
        return true;
    }
    let parts: Vec<&str> = route.split('/').collect();
    tests.split('"').any(|text| {
        let path: Vec<&str> = text
            .split(['?', '#'])
            .next()
            .unwrap_or("")
            .split('/')
            .collect();
        path.len() == parts.len()
            && parts.iter().zip(&path).all(|(part, given)| {
                let (before, rest) = part.split_once('{').unwrap_or((part, ""));
                let after = rest.split_once('}').map_or("", |(_, after)| after);
                if rest.is_empty() {
                    part == given
                } else {
                    given.starts_with(before) && given.ends_with(after) && !given.is_empty()
                }
            })
    })
}
