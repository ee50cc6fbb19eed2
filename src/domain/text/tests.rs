//! Properties that hold for whatever comes in; the tables of cases are beside the code. Must never measure time.

use maud::Render;

use super::*;

const PIECES: [&str; 92] = [
    "*",
    "**",
    "_",
    "~~",
    "`",
    "``",
    "```js\n",
    "```\n",
    "~~~\n",
    "[",
    "]",
    "(",
    ")",
    "![",
    "<",
    ">",
    "> ",
    "- ",
    "1. ",
    "\n",
    "\n\n",
    " ",
    "    ",
    "\t",
    "a",
    "é",
    "\\",
    "&",
    "&amp;",
    "&#x3C;",
    "&#60;script&#62;",
    "&lt;",
    "http://e.com",
    "https://e.com/_a_?b=\"c\"&d='e'",
    "www.e.com",
    "a@b.c",
    "<a href=\"",
    "<a href=javascript:alert(1)>",
    "<img src=x onerror=alert(1)>",
    "<script>",
    "</script>",
    "<style>",
    "</a>",
    "<p>",
    "</p>",
    "<i>",
    "</i>",
    "<pre><code>",
    "</code></pre>",
    "<ul>",
    "<li>",
    "</li>",
    "</ul>",
    "<blockquote>",
    "</blockquote>",
    "<br>",
    "<!--",
    "-->",
    "--!>",
    "]]>",
    "<![CDATA[",
    "<?",
    "\"",
    "'",
    "javascript:alert(1)",
    "[a]: javascript:x\n",
    "[a]",
    "[x](javascript:alert(1))",
    "[x](data:text/html,<b>)",
    "[x](https://e.com/\"onclick=x)",
    "<javascript:x>",
    "<https://e.com/\">",
    "\0",
    "\u{1b}",
    "\u{202e}",
    "\u{feff}",
    "\u{fffe}",
    "\u{301}",
    "\r",
    "\u{2028}",
    "👩\u{200d}💻",
    "/",
    "`${",
    "}",
    "function f(",
    "/[",
    "//",
    "=> ",
    "const ",
    "# ",
    "---\n",
    "==\n",
];

/// Random text of such pieces, the same in every run (xorshift64).
fn soup(seed: &mut u64, length: u64) -> String {
    let mut next = |below: u64| {
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        usize::try_from(*seed % below).unwrap()
    };
    let count = next(length);
    (0..count)
        .map(|_| PIECES[next(PIECES.len() as u64)])
        .collect()
}

/// Checks every tag against the closed list, that tags are balanced and where they may stand, and gives the depth.
#[track_caller]
fn check_safe(html: &str, source: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find(['<', '>']) {
        assert!(
            rest[at..].starts_with('<'),
            "bare > in {html:?} from {source:?}"
        );
        let end = at
            + rest[at..]
                .find('>')
                .unwrap_or_else(|| panic!("open tag in {html:?}"));
        let tag = &rest[at + 1..end];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(
                open.pop(),
                Some(name),
                "unbalanced {html:?} from {source:?}"
            );
        } else {
            check_tag(tag, open.last().copied());
            let name = tag.split(' ').next().unwrap();
            if !matches!(name, "br" | "hr") {
                open.push(name);
            }
        }
        assert!(open.len() <= 4 * MAX_DEPTH, "deep: {source:?}");
        rest = &rest[end + 1..];
    }
    assert!(open.is_empty(), "open {open:?} from {source:?}");
    assert!(
        !html
            .chars()
            .any(|c| (c.is_control() && c != '\n' && c != '\t') || c == '\u{fffe}'),
        "control in {html:?}"
    );
}

#[track_caller]
fn check_tag(tag: &str, parent: Option<&str>) {
    let flow = matches!(parent, None | Some("blockquote" | "li"));
    match tag {
        "p" | "blockquote" | "ul" | "ol" | "hr" | "pre tabindex=\"0\"" => {
            assert!(flow, "<{tag}> in {parent:?}");
        }
        "li" => assert!(matches!(parent, Some("ul" | "ol")), "<li> in {parent:?}"),
        "em" | "strong" | "del" | "code" | "br" => assert!(
            !matches!(parent, Some("ul" | "ol" | "code" | "span")),
            "<{tag}> in {parent:?}"
        ),
        _ if tag.starts_with("ol start=\"") => {
            assert!(tag[10..].trim_end_matches('"').parse::<u64>().is_ok() && flow);
        }
        _ if tag.starts_with("span class=\"h") => {
            assert!(tag.len() == 15 && tag.ends_with('"') && parent == Some("code"));
        }
        _ => {
            let href = tag
                .strip_prefix("a href=\"")
                .and_then(|t| t.strip_suffix("\" rel=\"ugc nofollow noopener\""))
                .unwrap_or_else(|| panic!("<{tag}>"));
            assert!(
                ["http://", "https://", "mailto:"]
                    .iter()
                    .any(|scheme| href.starts_with(scheme))
                    && !href.contains(['"', ' ', '\''])
                    || href.starts_with("http"),
                "{href}"
            );
            assert!(!href.contains(['"', ' ', '\n']), "{href}");
        }
    }
}

#[test]
fn whatever_comes_in_only_allowed_tags_come_out() {
    let mut seed = 0x5EED;
    for _ in 0..2_000 {
        let source = soup(&mut seed, 40);
        let rendered = markdown(&source);
        check_safe(rendered.as_str(), &source);
        let rebuilt = from_html(&source);
        check_safe(rebuilt.as_str(), &source);
        // What this module wrote, it reads back the same way.
        let text = plain(&rebuilt);
        check_safe(markdown(&text).as_str(), &text);
        let again = from_html(rendered.as_str());
        check_safe(again.as_str(), rendered.as_str());
        let _ = (plain(&rendered), clean_line(&source), excerpt(&source, 20));
    }
}

#[test]
fn hostile_repetition_stays_bounded() {
    for piece in PIECES {
        let source = piece.repeat(8_192 / piece.len() + 1);
        for html in [markdown(&source), from_html(&source)] {
            check_safe(html.as_str(), piece);
            assert!(
                html.as_str().len() < 40 * source.len() + 4_096,
                "{piece:?} gives {}",
                html.as_str().len()
            );
        }
    }
}

#[test]
fn safe_html_reaches_a_template_as_it_is() {
    let html = markdown("*a*");
    assert_eq!(html.render().0, "<p><em>a</em></p>\n");
    assert_eq!(maud::html! { (html) }.0, html.as_str());
    assert_eq!(SafeHtml::from_stored(html.as_str().to_owned()), html);
    assert!(SafeHtml::default().is_empty() && !html.is_empty());
}
