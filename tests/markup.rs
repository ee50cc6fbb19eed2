//! The markup of pages that all members share is sound, whatever their holes hold, and the same in every coding.

use crate::private::{AUTHOR, LURKER, MODERATOR, NAMES, Scene, VISITOR};
use crate::raw::Raw;

#[test]
fn every_coding_of_a_page_holds_the_same_text_and_sound_markup() {
    let scene = Scene::new();
    let mut raw = Raw::connect(scene.site.address);
    for who in [VISITOR, LURKER, AUTHOR, MODERATOR] {
        let cookie = (who != VISITOR).then(|| scene.sign_in(who));
        for path in &scene.paths {
            let mut texts: Vec<String> = Vec::new();
            for coding in ["identity", "gzip", "br", "zstd", "gzip"] {
                let mut headers = vec![("accept-encoding", coding)];
                headers.extend(cookie.as_deref().map(|cookie| ("cookie", cookie)));
                let heard = raw.get(path, &headers);
                texts.push(heard.text());
                if heard
                    .header("content-type")
                    .is_some_and(|kind| kind.starts_with("text/html"))
                {
                    sound(&texts[0], path);
                }
            }
            assert!(
                texts.iter().all(|text| *text == texts[0]),
                "{path} for {}",
                NAMES[who]
            );
        }
    }
}

/// Elements that have no end.
const VOID: [&str; 8] = ["meta", "link", "input", "br", "hr", "img", "wbr", "source"];

/// Tags are balanced, attributes are quoted, apart, and named once.
#[track_caller]
fn sound(page: &str, path: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = page.strip_prefix("<!DOCTYPE html>").unwrap();
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let mut end = 0;
        let mut quoted = false;
        for byte in rest.bytes() {
            match byte {
                b'"' => quoted = !quoted,
                b'>' if !quoted => break,
                b'<' => panic!("{path}: < within <{}", &rest[..end]),
                _ => {}
            }
            end += 1;
        }
        let (tag, after) = rest.split_at(end);
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{path}: </{name}>");
            continue;
        }
        let name = tag.split_whitespace().next().unwrap();
        attributes(&tag[name.len()..], path);
        if name == "script" {
            rest = &rest[rest.find("</script>").unwrap()..];
        }
        if !VOID.contains(&name) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{path}: {open:?} left open");
}

#[track_caller]
fn attributes(mut text: &str, path: &str) {
    let mut names: Vec<&str> = Vec::new();
    while !text.trim_end().is_empty() {
        assert!(text.starts_with(char::is_whitespace), "{path}: {text:?}");
        text = text.trim_start();
        let end = text
            .find(|c: char| c == '=' || c.is_whitespace())
            .unwrap_or(text.len());
        let name = &text[..end];
        let plain = |c: char| c.is_ascii_alphanumeric() || "-:".contains(c);
        assert!(
            !name.is_empty() && name.chars().all(plain),
            "{path}: {text:?}"
        );
        assert!(!names.contains(&name), "{path}: {name} twice");
        names.push(name);
        text = &text[end..];
        if let Some(value) = text.strip_prefix("=\"") {
            text = &value[value.find('"').unwrap() + 1..];
        } else {
            assert!(!text.starts_with('='), "{path}: {text:?}");
        }
    }
}
