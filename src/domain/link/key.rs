//! What two URLs of one page have in common.
//!
//! Most rules are those of Lobsters' `Utils.normalize` (its `normalize_url_spec.rb` is the table below), the percent
//! rules are RFC 3986 section 6.2.2. A key must never be opened or shown, and changing a rule needs all keys to be computed
//! anew.

use url::Url;

/// Names of a folder's own page.
const INDEX_PAGES: [&str; 7] = [
    "index.html",
    "index.htm",
    "index.php",
    "index.asp",
    "index.aspx",
    "default.asp",
    "default.aspx",
];

/// Hosts that are other names of one site: GitHub's and Reddit's skins, Twitter's former name.
const ALIASES: [(&str, &str); 10] = [
    ("old.reddit.com", "reddit.com"),
    ("new.reddit.com", "reddit.com"),
    ("np.reddit.com", "reddit.com"),
    ("twitter.com", "x.com"),
    ("dx.doi.org", "doi.org"),
    ("export.arxiv.org", "arxiv.org"),
    ("youtube-nocookie.com", "youtube.com"),
    ("music.youtube.com", "youtube.com"),
    ("tools.ietf.org", "rfc-editor.org"),
    ("datatracker.ietf.org", "rfc-editor.org"),
];

/// The key of a URL that `Link::parse` made.
pub(super) fn of(link: &str) -> String {
    let Ok(url) = Url::parse(link) else {
        return link.to_owned();
    };
    let raw_host = url.host_str().unwrap_or_default();
    let host = host(raw_host);
    let path = path(url.path());
    if let Some(key) = special(host.as_str(), raw_host, &path, &url) {
        return key;
    }
    let mut key = host;
    if let Some(port) = url.port() {
        key = format!("{key}:{port}");
    }
    key.push_str(&path);
    let query = query(url.query().unwrap_or_default());
    if !query.is_empty() {
        key = format!("{key}?{query}");
    }
    // Pages that a script draws by what follows the "#".
    if let Some(route) = url
        .fragment()
        .filter(|f| f.len() > 1 && f.starts_with(['!', '/']))
    {
        key = format!("{key}#{route}");
    }
    key
}

fn host(host: &str) -> String {
    let mut short = host;
    while let Some((label, rest)) = short.split_once('.') {
        let is_www = label
            .strip_prefix("www")
            .is_some_and(|n| n.len() < 3 && n.bytes().all(|b| b.is_ascii_digit()));
        // What is left has to be a whole domain: www10.org is one itself.
        if !rest.contains('.') || !(is_www || matches!(label, "m" | "mobile" | "amp")) {
            break;
        }
        short = rest;
    }
    let short = ALIASES
        .iter()
        .find(|(name, _)| *name == short)
        .map_or(short, |(_, site)| site);
    short.replacen(".m.wikipedia.org", ".wikipedia.org", 1)
}

fn path(path: &str) -> String {
    let path = unify_escapes(path);
    let mut path = path.trim_end_matches('/');
    if let Some((folder, page)) = path.rsplit_once('/')
        && INDEX_PAGES
            .iter()
            .any(|index| index.eq_ignore_ascii_case(page))
    {
        path = folder.trim_end_matches('/');
    }
    match path.strip_suffix(".htm") {
        Some(page) => format!("{page}.html"),
        None => path.to_owned(),
    }
}

/// Decodes what needs no escape and writes the rest in upper case.
fn unify_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let byte = after
            .get(..2)
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (byte, after.get(..2)) {
            (Some(byte), Some(_)) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                out.push(char::from(byte));
            }
            (Some(_), Some(hex)) => {
                out.extend(['%'].into_iter().chain(hex.to_ascii_uppercase().chars()));
            }
            _ => {
                out.push('%');
                rest = after;
                continue;
            }
        }
        rest = &after[2..];
    }
    out + rest
}

/// Sorts parameters by name and value; a second `?` is taken for `&`, as it is mostly meant.
fn query(query: &str) -> String {
    let query = unify_escapes(query);
    let mut parts: Vec<&str> = query
        .split(['&', '?'])
        .filter(|part| !part.is_empty())
        .collect();
    parts.sort_unstable();
    parts.join("&")
}

/// Sites that give one page several addresses.
fn special(host: &str, raw_host: &str, path: &str, url: &Url) -> Option<String> {
    let first = |start: &str| {
        path.strip_prefix(start)
            .and_then(|rest| rest.split('/').next())
            .filter(|part| !part.is_empty())
    };
    match host {
        "youtu.be" => first("/").map(youtube),
        "youtube.com" if path == "/watch" => parameter(url, "v").map(youtube),
        "youtube.com" if path == "/playlist" => {
            parameter(url, "list").map(|list| format!("youtube.com/playlist?list={list}"))
        }
        "youtube.com" => first("/shorts/")
            .or_else(|| first("/embed/"))
            .or_else(|| first("/live/"))
            .or_else(|| first("/v/"))
            .map(youtube),
        "arxiv.org" => arxiv(path),
        "rfc-editor.org" => rfc(path)
            .or_else(|| (raw_host.ends_with("ietf.org")).then(|| format!("{raw_host}{path}"))),
        "github.com" => Some(github(path, url)),
        "stackoverflow.com" => first("/questions/")
            .filter(|id| id.bytes().all(|b| b.is_ascii_digit()))
            .map(|id| format!("{host}/questions/{id}")),
        "lobste.rs" => first("/s/").map(|id| format!("{host}/s/{id}")),
        _ => None,
    }
}

fn youtube(id: &str) -> String {
    format!("youtube.com/watch?v={id}")
}

fn parameter<'a>(url: &'a Url, name: &str) -> Option<&'a str> {
    url.query()?.split(['&', '?']).find_map(|part| {
        part.split_once('=')
            .filter(|(key, value)| *key == name && !value.is_empty())
            .map(|(_, value)| value)
    })
}

/// A paper's abstract, PDF and HTML; its versions stay apart (Lobsters' bug 954).
fn arxiv(path: &str) -> Option<String> {
    let id = ["/abs/", "/pdf/", "/html/"]
        .iter()
        .find_map(|start| path.strip_prefix(start))?;
    Some(format!(
        "arxiv.org/abs/{}",
        id.strip_suffix(".pdf").unwrap_or(id)
    ))
}

fn rfc(path: &str) -> Option<String> {
    let name = path.rsplit('/').next()?.to_ascii_lowercase();
    let number = name
        .strip_prefix("rfc")?
        .split('.')
        .next()?
        .trim_start_matches('0');
    (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
        .then(|| format!("rfc-editor.org/rfc/{number}"))
}

/// Owner and repository do not mind case; `.git` and the main branch's root are the repository itself. Files keep
/// their case and their lines.
fn github(path: &str, url: &Url) -> String {
    let mut parts = path.trim_start_matches('/').splitn(3, '/');
    let owner = parts.next().unwrap_or_default().to_ascii_lowercase();
    let repository = parts.next().unwrap_or_default().to_ascii_lowercase();
    let repository = repository.strip_suffix(".git").unwrap_or(&repository);
    let rest = parts
        .next()
        .filter(|rest| !matches!(*rest, "tree/main" | "tree/master"))
        .unwrap_or_default();
    let key = format!("github.com/{owner}/{repository}/{rest}");
    let query = query(
        url.query()
            .filter(|query| !query.starts_with("tab=readme"))
            .unwrap_or_default(),
    );
    let key = key.trim_end_matches('/').to_owned();
    if query.is_empty() {
        key
    } else {
        format!("{key}?{query}")
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::link::Link;

    #[track_caller]
    fn check(input: &str, expected: &str) {
        let link = Link::parse(input).expect(input);
        assert_eq!(link.key(), expected, "{input}");
        let again = Link::parse(&link.key()).expect("a key reads as a link");
        assert_eq!(again.key(), expected, "a key's key is itself");
    }

    #[test]
    fn one_page_has_one_key() {
        for (input, expected) in [
            ("https://example.com", "example.com"),
            ("http://www.e.com", "e.com"),
            ("https://e.com/", "e.com"),
            ("https://e.com/#foo", "e.com"),
            ("https://www4.e.com", "e.com"),
            ("https://m.e.com", "e.com"),
            ("https://web.e.com", "web.e.com"),
            ("https://www10.org", "www10.org"),
            ("https://m.com", "m.com"),
            ("https://e.com/index.html", "e.com"),
            ("https://e.com/a/Index.PHP?x=1", "e.com/a?x=1"),
            ("https://e.com/asdf.html", "e.com/asdf.html"),
            ("https://e.com/asdf.htm", "e.com/asdf.html"),
            ("https://e.com?c=3&a=1?b=2&", "e.com?a=1&b=2&c=3"),
            ("https://e.com/%7euser/%c3%a9%2f", "e.com/~user/%C3%A9%2F"),
            ("https://e.com:8443/", "e.com:8443"),
            ("https://e.com/#!/a", "e.com#!/a"),
            ("https://e.com/app#/a", "e.com/app#/a"),
            ("https://e.com/app#/", "e.com/app"),
            (
                "https://en.m.wikipedia.org/wiki/A_(b)",
                "en.wikipedia.org/wiki/A_(b)",
            ),
            ("https://mobile.twitter.com/a/status/1", "x.com/a/status/1"),
            ("https://old.reddit.com/r/a/", "reddit.com/r/a"),
        ] {
            check(input, expected);
        }
    }

    #[test]
    fn sites_with_many_addresses_are_known() {
        for (input, expected) in [
            ("https://www.arxiv.org", "arxiv.org"),
            (
                "https://arxiv.org/pdf/1234.12345",
                "arxiv.org/abs/1234.12345",
            ),
            (
                "https://arxiv.org/pdf/2311.09394v2.pdf",
                "arxiv.org/abs/2311.09394v2",
            ),
            (
                "https://arxiv.org/abs/cs/0112017",
                "arxiv.org/abs/cs/0112017",
            ),
            (
                "https://www.rfc-editor.org/rfc/rfc9338.html",
                "rfc-editor.org/rfc/9338",
            ),
            (
                "https://rfc-editor.org/info/rfc0822",
                "rfc-editor.org/rfc/822",
            ),
            (
                "https://datatracker.ietf.org/doc/html/rfc9338#section-1",
                "rfc-editor.org/rfc/9338",
            ),
            (
                "https://tools.ietf.org/html/rfc9338",
                "rfc-editor.org/rfc/9338",
            ),
            (
                "https://datatracker.ietf.org/doc/draft-x/",
                "datatracker.ietf.org/doc/draft-x",
            ),
            (
                "https://m.youtube.com/watch?list=foo&v=asdf_1",
                "youtube.com/watch?v=asdf_1",
            ),
            ("https://youtu.be/asdf?t=3", "youtube.com/watch?v=asdf"),
            (
                "https://www.youtube.com/shorts/asdf",
                "youtube.com/watch?v=asdf",
            ),
            (
                "https://www.youtube-nocookie.com/embed/asdf",
                "youtube.com/watch?v=asdf",
            ),
            (
                "https://youtube.com/playlist?index=1&list=foo",
                "youtube.com/playlist?list=foo",
            ),
            ("https://youtube.com/@channel/", "youtube.com/@channel"),
            ("https://github.com/A/B.git", "github.com/a/b"),
            ("https://github.com/a/b/tree/main", "github.com/a/b"),
            (
                "https://github.com/A/b/blob/main/README.md#L3",
                "github.com/a/b/blob/main/README.md",
            ),
            ("https://github.com/", "github.com"),
            (
                "https://stackoverflow.com/questions/11/why-is-it",
                "stackoverflow.com/questions/11",
            ),
            ("https://lobste.rs/s/abc/title", "lobste.rs/s/abc"),
        ] {
            check(input, expected);
        }
    }
}
