//! Exactness: after every act of the site each page shows it on the next request, for everybody, and no page is made anew
//! that shows the same. The reference is a second site that keeps nothing, so this also proves that one to behave the same.

use std::time::Duration;

use site::control::Change;
use site::store::secret::hash;

use crate::app::PASSWORD;
use crate::plot::Content;
use crate::twins::Twins;

/// Routes of pages that are for one person alone, or about the process: never kept.
const UNKEPT: &[&str] = &[
    "/inbox",
    "/saved",
    "/hidden",
    "/voted",
    "/submit",
    "/submit/check",
    "/login",
    "/signup",
    "/reset/{token}",
    "/settings",
    "/settings/delete",
    "/settings/password",
    "/settings/sessions",
    "/settings/invites",
    "/s/{id}/flag",
    "/c/{id}/flag",
    "/mod",
    "/mod/s/{id}",
    "/mod/c/{id}",
    "/mod/s/{id}/edit",
    "/mod/approve",
    "/mod/bans",
    "/mod/u/{name}",
    "/mod/domains",
    "/mod/lessons",
    "/mod/resources",
    "/mod/resources/{id}",
    "/learn/progress",
    "/learn/{lesson}/report",
    "/resources/suggest",
    "/s/{id}/edit",
    "/s/{id}/delete",
    "/c/{id}/reply",
    "/c/{id}/edit",
    "/c/{id}/delete",
    "/setup/{token}",
    "/admin",
    "/admin/tags",
    "/admin/tags/{tag}",
    "/admin/members",
    "/admin/status",
    "/admin/status/events",
    "/assets/{name}",
    "/favicon.ico",
    "/learn/data/{name}.json",
    "/learn/offline.js",
    "/learn/runner{name}.html",
    "/up",
    "/livez",
    "/readyz",
    "/metrics",
];

#[test]
fn every_act_shows_on_every_page_at_once_and_no_other_page_is_made_anew() {
    let (mut twins, content) = Twins::new();
    twins.look("at first", "ada");
    twins.look("once more", "ada");
    let begun = twins.idle();
    for act in [
        set_up,
        votes,
        marks,
        talk,
        stories,
        flags,
        directory,
        lessons,
        pages,
        cases,
        ends,
        bans,
        joining,
        site_and_tags,
        roles,
        own_settings,
        sessions,
        leaving,
    ] {
        act(&mut twins, &content);
    }
    assert_eq!(twins.unposted(), Vec::<String>::new(), "nobody did these");
    let mut unwatched = twins.unwatched();
    unwatched.retain(|pattern| !UNKEPT.contains(&pattern.as_str()));
    assert_eq!(unwatched, Vec::<String>::new(), "nobody looked at these");
    let mut idle = [begun, twins.idle()].concat();
    println!("{}; {} of these without need", twins.told(), idle.len());
    idle.retain(|line| !is_coarse(line));
    assert!(
        idle.is_empty(),
        "made anew without need:\n{}",
        idle.join("\n")
    );
}

/// What may be made anew without showing anything else, since it rests on something a little larger than what it shows.
fn is_coarse(line: &str) -> bool {
    let (page, act) = line.split_once(": ").unwrap();
    let path = page.split('?').next().unwrap();
    let on = |acts: &[&str]| acts.iter().any(|on| act.starts_with(&format!("POST {on}")));
    let is_machines = [".atom", ".rss", ".json"]
        .iter()
        .any(|end| path.ends_with(end));
    // Results rest on whatever any result shows or is ranked by.
    path == "/search"
        // Settings, topics and the names of those who wrote something can stand anywhere: every page rests on them.
        || on(&["/setup", "/admin"])
        || on(&["/settings/delete"]) && act.contains(" by fay")
        // Machines are told less of a story than rows hold: not whether it is pinned or locked, feeds no numbers.
        || is_machines && on(&["/s/", "/mod/s/", "/mod/c/86", "/c/121/delete"])
        // Nor how many points comments have; and the addresses of a member's pages rest on all that is said of them.
        || (is_machines || page == "/u/BOB") && on(&["/c/126/vote", "/c/126/unvote"])
        // An address that leads to a story's rests on all of the story.
        || ["/s/62", "/s/62/other-words"].contains(&page) && on(&["/mod/s/62"])
        // The log may have told of somebody who leaves.
        || path.starts_with("/modlog") && on(&["/settings/delete"])
        // Flags, of which only moderators are told, come with the comment.
        || path.starts_with("/c/") && on(&["/c/86/flag", "/c/86/unflag", "/mod/c/86"])
        // Many stories have equal points, and a page knows the rows around its own by their points only.
        || path.starts_with("/top/") && on(&["/s/"])
        // Another day begins.
        || path.starts_with("/top/") && act == "time went by"
}

fn set_up(twins: &mut Twins, _: &Content) {
    let token = "5e7".repeat(22)[..64].to_owned();
    twins.apply(&Change::SetUp {
        token_hash: hash(&token),
    });
    let form = [
        ("site_name", "Curly Braces"),
        ("name", "ann"),
        ("email", "ann@example.org"),
        ("password", PASSWORD),
        ("signup", "open"),
    ];
    twins.act("ann", &format!("/setup/{token}"), &form);
}

fn votes(twins: &mut Twins, content: &Content) {
    for (n, act) in [
        (40, "vote"),
        (40, "vote"),
        (74, "vote"),
        (74, "unvote"),
        (3, "vote"),
        (70, "vote"),
    ] {
        twins.act(
            "bob",
            &format!("/s/{}/{act}", content.stories[n]),
            &[("back", "/")],
        );
    }
    for act in ["vote", "vote", "unvote"] {
        twins.act(
            "bob",
            &format!("/c/{}/{act}", content.comments[10]),
            &[("back", "/")],
        );
    }
    twins.quiet(
        "nobody-else",
        &format!("/s/{}/vote", content.stories[40]),
        &[],
    );
}

fn marks(twins: &mut Twins, content: &Content) {
    for act in ["save", "unsave", "hide", "unhide"] {
        twins.act("cy", &format!("/s/{}/{act}", content.stories[70]), &[]);
    }
    for act in ["save", "unsave"] {
        twins.act("cy", &format!("/c/{}/{act}", content.comments[10]), &[]);
    }
}

fn talk(twins: &mut Twins, content: &Content) {
    let path = format!("/s/{}/comments", content.stories[70]);
    twins.quiet(
        "bob",
        &path,
        &[("text", "Something *new*"), ("preview", "1")],
    );
    twins.act("bob", &path, &[("text", "Something *new*")]);
    let new = content.next;
    twins.act(
        "ada",
        &path,
        &[("text", "An answer"), ("parent", &new.to_string())],
    );
    twins.quiet("bob", "/inbox/read", &[]);
    let edit = format!("/c/{new}/edit");
    twins.quiet(
        "bob",
        &edit,
        &[("text", "Something else"), ("preview", "1")],
    );
    twins.act("bob", &edit, &[("text", "Something else")]);
    twins.refused("cy", &edit, &[("text", "Not mine")]);
}

fn stories(twins: &mut Twins, content: &Content) {
    let link = [
        ("title", "Something new"),
        ("url", "https://new.org/"),
        ("text", ""),
        ("tags", "css"),
    ];
    let preview = [&link[..], &[("preview", "1")]].concat();
    twins.quiet("cy", "/submit", &preview);
    twins.act("cy", "/submit", &link);
    twins.refused("dan", "/submit", &link);
    let ask = [
        ("title", "Something new"),
        ("text", "What *is* it?"),
        ("tags", "ask"),
    ];
    twins.act("dan", "/submit", &ask);
    twins.refused("dan", "/submit/title", &[("url", "ftp://nowhere")]);
    let edit = format!("/s/{}/edit", content.next + 3);
    let other = [
        ("title", "Something other"),
        ("text", "What *was* it?"),
        ("tags", "html"),
    ];
    let preview = [&other[..], &[("preview", "1")]].concat();
    twins.quiet("dan", &edit, &preview);
    twins.act("dan", &edit, &other);
}

fn flags(twins: &mut Twins, content: &Content) {
    let (story, comment) = (content.stories[61], content.comments[10]);
    let spam = [("reason", "spam")];
    for path in [format!("/s/{story}"), format!("/c/{comment}")] {
        twins.act("ada", &format!("{path}/flag"), &spam);
        twins.act("cy", &format!("{path}/flag"), &spam);
        twins.act("ada", &format!("{path}/unflag"), &[]);
    }
}

/// Votes, suggestions and decisions in the directory.
fn directory(twins: &mut Twins, _: &Content) {
    let of = |twins: &Twins, title: &str| {
        twins.number(&format!("select id from resource where title = '{title}'"))
    };
    let tool = of(twins, "AST Explorer");
    for act in ["vote", "vote", "unvote", "vote"] {
        twins.act("bob", &format!("/resources/{tool}/{act}"), &[]);
    }
    let entry = |title, level| {
        [
            ("title", title),
            ("url", "https://suggested.example/"),
            ("about", "One sentence that says enough."),
            ("level", level),
            ("format", "tool"),
            ("cost", "paid"),
            ("lang", "en"),
        ]
    };
    twins.quiet("dan", "/resources/suggest", &entry("Suggested", "advanced"));
    twins.refused("cy", "/resources/suggest", &entry("Again", "advanced"));
    let new = of(twins, "Suggested");
    let path = format!("/mod/resources/{new}");
    let why = ("reason", "Because.");
    twins.act("mo", &path, &[("do", "accept"), why]);
    twins.refused("dan", &format!("/resources/{new}/vote"), &[]);
    twins.act("cy", &format!("/resources/{new}/vote"), &[]);
    let edit = [&entry("Edited", "beginner")[..], &[("do", "edit"), why]].concat();
    twins.act("mo", &path, &edit);
    for act in ["remove", "restore"] {
        twins.act("mo", &path, &[("do", act), why]);
    }
}

/// What people say about a lesson, and what they keep of it.
fn lessons(twins: &mut Twins, _: &Content) {
    let talk = "/learn/give-it-a-name/talk";
    twins.quiet("bob", talk, &[("text", "Why?"), ("preview", "1")]);
    twins.act("bob", talk, &[("text", "Why *const*?")]);
    let comment = twins.number("select max(id) from comment");
    let story = twins.number("select max(id) from story");
    let parent = comment.to_string();
    let answer = [("text", "So that it stays."), ("parent", &parent)];
    twins.act("ada", &format!("/s/{story}/comments"), &answer);
    for act in ["vote", "unvote", "vote"] {
        twins.act("cy", &format!("/c/{comment}/{act}"), &[]);
    }
    let edit = format!("/c/{comment}/edit");
    twins.act("bob", &edit, &[("text", "Why *let*?")]);
    for act in ["lock", "unlock"] {
        let form = [("do", act), ("reason", "Because.")];
        twins.act("mo", &format!("/mod/s/{story}"), &form);
    }
    for act in ["remove", "restore"] {
        let form = [("do", act), ("reason", "Because.")];
        twins.act("mo", &format!("/mod/c/{comment}"), &form);
    }
    let report = "/learn/give-it-a-name/report";
    twins.quiet("dan", report, &[("text", "It is wrong."), ("version", "1")]);
    twins.act(
        "mo",
        "/mod/lessons",
        &[("report", "1"), ("reason", "Mended.")],
    );
    twins.quiet_json(
        "dan",
        "/learn/progress",
        r#"{"v":1,"lessons":{"give-it-a-name":{"passed":1,"tries":1,"at":1}},"open":"count-up","openAt":1,"goal":3,"goalAt":1}"#,
    );
    twins.quiet_json(
        "dan",
        "/learn/progress/tally",
        r#"{"v":1,"lessons":{"give-it-a-name":{"version":"0","told":["tried"]}}}"#,
    );
    twins.act("bob", &format!("/c/{comment}/delete"), &[]);
}

/// What moderators do to stories and comments.
fn cases(twins: &mut Twins, content: &Content) {
    let (story, comment) = (content.stories[61], content.comments[10]);
    for (path, acts) in [
        (
            format!("/mod/s/{story}"),
            &[
                "keep", "lock", "unlock", "pin", "unpin", "remove", "restore",
            ][..],
        ),
        (format!("/mod/c/{comment}"), &["keep", "remove", "restore"]),
    ] {
        for act in acts {
            twins.act("mo", &path, &[("do", act), ("reason", "Because.")]);
        }
    }
}

/// Corrections, and a pinned story.
fn pages(twins: &mut Twins, content: &Content) {
    let edit = format!("/mod/s/{}/edit", content.stories[66]);
    let form = [
        ("title", "Corrected"),
        ("tags", "wasm"),
        ("reason", "It was wrong."),
    ];
    twins.act("mo", &edit, &form);
    let pinned = content.stories[50];
    twins.act("dan", &format!("/s/{pinned}/vote"), &[]);
    twins.act(
        "mo",
        &format!("/mod/s/{pinned}"),
        &[("do", "unpin"), ("reason", "Read.")],
    );
}

fn bans(twins: &mut Twins, _: &Content) {
    let why = ("reason", "Noise.");
    twins.act(
        "mo",
        "/mod/u/dan",
        &[("do", "ban"), why, ("until", "2026-11-24")],
    );
    // It ends by the clock alone: at midnight, 1 h 44 min after the clock was stopped.
    twins.wait(Duration::from_hours(2), "dan");
    twins.act("mo", "/mod/u/dan", &[("do", "ban"), why, ("good", "1")]);
    twins.act("mo", "/mod/u/dan", &[("do", "unban"), why]);
    let site = ("domain", "often.example");
    twins.act(
        "mo",
        "/mod/domains",
        &[("do", "ban"), site, why, ("good", "1")],
    );
    twins.act("mo", "/mod/domains", &[("do", "unban"), site, why]);
}

fn joining(twins: &mut Twins, _: &Content) {
    let form = |name, email| [("name", name), ("email", email), ("password", PASSWORD)];
    twins.act("fay", "/signup", &form("fay", "fay@example.org"));
    settings(twins, "Curly Braces", "approve");
    twins.act("gus", "/signup", &form("gus", "gus@example.org"));
    twins.act("hal", "/signup", &form("hal", "hal@example.org"));
    for (name, decision) in [("gus", "approve"), ("hal", "refuse")] {
        let id = twins.number(&format!("select id from user where name = '{name}'"));
        twins.act(
            "mo",
            "/mod/approve",
            &[("do", decision), ("user", &id.to_string())],
        );
    }
}

fn settings(twins: &mut Twins, name: &str, signup: &str) {
    let form = [
        ("name", name),
        ("signup", signup),
        ("accent", "plum"),
        ("lang", "en"),
        ("guidelines", "Be kind."),
    ];
    twins.act("ann", "/admin", &form);
}

fn site_and_tags(twins: &mut Twins, _: &Content) {
    settings(twins, "Other Braces", "open");
    let form = |tag, description| {
        [
            ("tag", tag),
            ("category", "Craft"),
            ("description", description),
            ("hotness", "0.5"),
        ]
    };
    twins.act("ann", "/admin/tags", &form("newtag", "What is new"));
    twins.act("ann", "/admin/tags/newtag", &form("newtag", "What was new"));
    twins.act("ann", "/admin/tags/css", &form("css", "Style"));
    for retired in ["1", "0"] {
        twins.act("ann", "/admin/tags/html/retire", &[("retired", retired)]);
    }
}

fn roles(twins: &mut Twins, _: &Content) {
    for role in ["moderator", "member"] {
        twins.act("ann", "/admin/members/cy/role", &[("role", role)]);
    }
    let replies = twins.act("ann", "/admin/members/fay/reset", &[]);
    let links = replies.map(|reply| {
        let link = reply.body.split("/reset/").nth(1).expect("no link");
        format!("/reset/{}", &link[..64])
    });
    let [one, other] = &links;
    twins.act_each("fay", [one, other], &[("password", PASSWORD)]);
    twins.quiet("fay", "/login", &[("name", "fay"), ("password", PASSWORD)]);
}

fn own_settings(twins: &mut Twins, _: &Content) {
    twins.quiet("fay", "/settings", &[("about", "I *am*"), ("preview", "1")]);
    twins.act("fay", "/settings", &[("about", "I *am*")]);
    twins.quiet("fay", "/settings/look", &[("theme", "dark"), ("keys", "1")]);
    let email = [("email", "new@example.org"), ("password", PASSWORD)];
    twins.quiet("fay", "/settings/email", &email);
    twins.quiet("fay", "/settings/invites", &[("memo", "For a friend")]);
    let invite = twins.number("select max(id) from invite");
    twins.quiet("fay", &format!("/settings/invites/{invite}/withdraw"), &[]);
}

fn sessions(twins: &mut Twins, _: &Content) {
    twins.quiet(
        "fay again",
        "/login",
        &[("name", "fay"), ("password", PASSWORD)],
    );
    let session = twins.number("select max(id) from session");
    twins.quiet("fay", &format!("/settings/sessions/{session}/end"), &[]);
    twins.quiet("fay", "/settings/sessions/end-others", &[]);
    let new = "another lamp on a landing";
    twins.quiet(
        "fay",
        "/settings/password",
        &[("old", PASSWORD), ("new", new)],
    );
    twins.quiet("fay", "/logout", &[]);
    twins.quiet("fay", "/login", &[("name", "fay"), ("password", new)]);
    twins.quiet("fay", "/settings/sessions/end", &[]);
    twins.quiet("fay", "/login", &[("name", "fay"), ("password", new)]);
}

/// An account that wrote something goes, and one that never did.
fn leaving(twins: &mut Twins, content: &Content) {
    twins.act(
        "fay",
        &format!("/s/{}/comments", content.stories[70]),
        &[("text", "Bye")],
    );
    twins.act("fay", &format!("/s/{}/vote", content.stories[70]), &[]);
    let password = [("password", "another lamp on a landing")];
    twins.act("fay", "/settings/delete", &password);
    let joins = [("name", "ivy"), ("password", PASSWORD)];
    twins.quiet("ivy", "/signup", &joins);
    twins.act("ivy", "/settings/delete", &[("password", PASSWORD)]);
}

/// Authors delete what they wrote.
fn ends(twins: &mut Twins, content: &Content) {
    twins.act("bob", &format!("/c/{}/delete", content.next), &[]);
    // Its only story was all that the site new.org was known for.
    twins.act("cy", &format!("/s/{}/delete", content.next + 2), &[]);
    twins.act("bob", &format!("/s/{}/delete", content.stories[61]), &[]);
    twins.act("dan", &format!("/s/{}/delete", content.stories[3]), &[]);
}
