//! The directory of resources: choices, votes, suggestions, decisions.

/// What is known of links.
mod link;

use site::domain::resource::{Choice, Draft, Level, MOST_SHOWN};
use site::domain::user::Role;
use site::store::{self, Conn};

use crate::app::{Browser, TestApp};

/// What a member types.
fn form<'a>(title: &'a str, url: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("title", title),
        ("url", url),
        ("about", "One sentence that says enough."),
        ("level", "advanced"),
        ("format", "tool"),
        ("cost", "free"),
        ("lang", "en"),
    ]
}

fn id_of(site: &TestApp, title: &str) -> i64 {
    site.number(&format!("select id from resource where title = '{title}'"))
}

/// Suggested by ada and accepted by mo.
fn accepted(site: &TestApp, title: &str, url: &str) -> i64 {
    let sent = site
        .member("ada")
        .post("/resources/suggest", &form(title, url));
    assert!(sent.location().contains("sent=1"), "{sent:?}");
    let id = id_of(site, title);
    decide(site, id, &[("do", "accept")]).location();
    id
}

fn decide(site: &TestApp, id: i64, fields: &[(&str, &str)]) -> crate::app::Reply {
    let mut mo = site.member_as("mo", Role::Moderator);
    mo.post(&format!("/mod/resources/{id}"), fields)
}

fn rows(browser: &mut Browser, path: &str) -> Vec<String> {
    let page = browser.get(path).expect(200);
    let rows = page.body.split("id=\"r_").skip(1);
    rows.map(|row| row.split('"').next().unwrap().to_owned())
        .collect()
}

#[test]
fn the_directory_is_there_at_once_and_can_be_narrowed() {
    let site = TestApp::start();
    let mut visitor = site.browser();
    let all = rows(&mut visitor, "/resources");
    assert!(all.len() >= 30);
    let tools = rows(&mut visitor, "/resources?format=tool&cost=free");
    let books = rows(&mut visitor, "/resources?format=book");
    assert!(!tools.is_empty() && !books.is_empty() && tools.len() + books.len() < all.len());
    assert!(tools.iter().all(|id| !books.contains(id)));
    visitor
        .get("/resources?format=book&level=beginner&cost=paid")
        .expect(200)
        .has("Nothing of this kind yet");
    visitor.get("/resources?level=expert").expect(400);
    // Other parameters make no page of their own.
    let hit = visitor.get("/resources?format=book&x=1");
    assert_eq!(hit.header("cache-status"), Some("site; hit"));
}

#[test]
fn of_equals_those_for_beginners_come_first_and_silent_links_last_of_their_level() {
    let site = TestApp::start();
    let order = |sql: &str| {
        let read = |conn: &Conn| store::resource::page(conn, Choice::default());
        site.tamper(sql);
        let page = site.app.store.read(read).unwrap();
        let entries = page.iter();
        let entries = entries.map(|found| (found.score, found.entry.level, found.id.raw()));
        entries.collect::<Vec<_>>()
    };
    let entries = order("update resource set score = 0");
    assert!(entries.is_sorted_by_key(|(_, level, id)| (*level, *id)));
    let (first, voted) = (entries[0].2, entries[entries.len() - 1].2);
    let sql = format!(
        "update resource set failures = 2, failing_ms = 1 where id = {first};
         update resource set score = 1 where id = {voted}"
    );
    let entries = order(&sql);
    assert_eq!(entries[0].2, voted, "votes come before all else");
    let is_level = |entry: &&(i64, Level, i64)| entry.1 == Level::Beginner;
    let last = entries.iter().rfind(is_level);
    assert_eq!(last.unwrap().2, first);
}

#[test]
fn a_vote_counts_once_moves_the_entry_up_and_can_be_taken_back() {
    let site = TestApp::start();
    let id = id_of(&site, "AST Explorer");
    let mut bob = site.member("bob");
    let (vote, unvote) = (
        format!("/resources/{id}/vote"),
        format!("/resources/{id}/unvote"),
    );
    let back = [("back", "/resources?format=tool")];
    for _ in 0..2 {
        let reply = bob.post(&vote, &back);
        assert_eq!(reply.location(), format!("/resources?format=tool#r_{id}"));
        assert_eq!(rows(&mut bob, "/resources")[0], id.to_string());
    }
    bob.get("/resources")
        .has(&format!("formaction=\"{unvote}\""));
    let told = site.member("cy").post_json(&vote, &[]).expect(200);
    assert!(told.body.contains("\"score\":2"), "{}", told.body);
    site.browser().get("/resources").has("Upvote, 2 points");
    for _ in 0..2 {
        bob.post(&unvote, &back).location();
    }
    site.browser().get("/resources").has("Upvote, 1 point");
    let visitor = site.browser().post(&vote, &back);
    assert!(visitor.location().starts_with("/login?next="));
    bob.post("/resources/9999/vote", &[]).expect(404);
    bob.post("/resources/x/vote", &[]).expect(404);
    // Votes for resources are in nobody's list of stories and comments.
    bob.post(&vote, &[]).location();
    bob.get("/voted").expect(200).lacks("AST Explorer");
}

#[test]
fn nobody_votes_for_what_they_suggested() {
    let site = TestApp::start();
    let id = accepted(&site, "My tool", "https://tool.example/");
    let mut ada = site.member("ada");
    ada.post(&format!("/resources/{id}/vote"), &[]).expect(403);
    ada.get("/resources").expect(200).has("title=\"Your own\"");
}

#[test]
fn a_suggestion_waits_for_a_moderator_and_its_author_reads_what_was_decided() {
    let site = TestApp::start();
    let mut ada = site.member("ada");
    ada.post(
        "/resources/suggest",
        &form("A tool", "tool.example/?utm_source=x"),
    )
    .location();
    // Sent twice is sent once.
    ada.post(
        "/resources/suggest",
        &form("A tool", "https://tool.example/"),
    )
    .location();
    ada.get("/resources/suggest")
        .expect(200)
        .has("Waits for a moderator");
    site.browser().get("/resources").expect(200).lacks("A tool");
    site.member("bob")
        .post(
            "/resources/suggest",
            &form("Same", "http://www.tool.example/"),
        )
        .expect(422)
        .has("It was suggested already, as “A tool”")
        .has("value=\"Same\"");
    let id = id_of(&site, "A tool");
    let mut mo = site.member_as("mo", Role::Moderator);
    mo.get("/mod").expect(200).has("Resources\u{a0}1");
    mo.get("/mod/resources")
        .expect(200)
        .has("A tool")
        .has("ada");
    decide(&site, id, &[("do", "decline")])
        .expect(422)
        .has("Say why");
    for _ in 0..2 {
        decide(&site, id, &[("do", "decline"), ("reason", "It is a shop.")]).location();
    }
    ada.get("/resources/suggest")
        .has("Not taken")
        .has("It is a shop.");
    ada.post(
        "/resources/suggest",
        &form("Again", "https://tool.example/"),
    )
    .expect(422)
    .has("was suggested before and not taken: It is a shop.");
    site.browser()
        .get("/modlog")
        .has("declined the resource tool.example")
        .has("It is a shop.")
        .lacks("A tool")
        .lacks("ada");
    assert_eq!(site.number("select count(*) from modlog"), 1);
    decide(&site, id, &[("do", "accept")]).expect(403);
    decide(&site, id, &[("do", "restore")]).location();
    site.browser().get("/resources").has("A tool");
}

#[test]
fn what_is_wrong_with_a_suggestion_is_told_beside_it_and_only_so_many_wait() {
    let site = TestApp::start();
    let mut ada = site.member("ada");
    ada.post(
        "/resources/suggest",
        &[("title", "x"), ("url", "ftp://a.example")],
    )
    .expect(422)
    .has("id=\"e-title\"")
    .has("id=\"e-url\"")
    .has("id=\"e-level\"");
    ada.post(
        "/resources/suggest",
        &form("Known", "https://eloquentjavascript.net"),
    )
    .expect(422)
    .has("It is in the directory already, as “Eloquent JavaScript”");
    for n in 0..5 {
        let (title, url) = (format!("Tool {n}"), format!("https://tool{n}.example/"));
        ada.post("/resources/suggest", &form(&title, &url))
            .location();
    }
    ada.post(
        "/resources/suggest",
        &form("Tool 5", "https://tool5.example/"),
    )
    .expect(403)
    .has("wait for a moderator");
    let mut visitor = site.browser();
    assert!(
        visitor
            .get("/resources/suggest")
            .location()
            .starts_with("/login?next=")
    );
}

#[test]
fn moderators_correct_and_remove_and_what_they_removed_is_not_laid_in_again() {
    let site = TestApp::start();
    let id = id_of(&site, "Codewars");
    let mut edit = form("Code wars", "https://www.codewars.com/");
    edit.extend([("do", "edit"), ("reason", "")]);
    decide(&site, id, &edit).location();
    site.browser()
        .get("/resources?format=tool")
        .has("Code wars");
    let other = [("url", "https://eloquentjavascript.net/"), ("do", "edit")];
    let mut taken = form("Code wars", "");
    taken.retain(|(name, _)| *name != "url");
    taken.extend(other);
    decide(&site, id, &taken).expect(422);
    decide(&site, id, &[("do", "remove")]).expect(422);
    decide(&site, id, &[("do", "remove"), ("reason", "It is gone.")]).location();
    site.browser().get("/resources").lacks("Code wars");
    site.browser()
        .get("/modlog")
        .has("removed the resource Code wars")
        .has("corrected the resource Codewars: title, sentence");
    let site = TestApp::at(site.stop().unwrap(), |_| {});
    site.browser()
        .get("/resources")
        .expect(200)
        .lacks("Codewars")
        .lacks("Code wars");
}

#[test]
fn who_leaves_takes_what_waits_along_and_leaves_the_rest() {
    let site = TestApp::start();
    let mut ada = site.sign_up("ada");
    let id = accepted(&site, "Stays", "https://stays.example/");
    ada.post("/resources/suggest", &form("Goes", "https://goes.example/"))
        .location();
    let leave = [("password", crate::app::PASSWORD)];
    ada.post("/settings/delete", &leave).location();
    let count = "select count(*) from resource where title = 'Goes' or suggested_by is not null";
    assert_eq!(site.number(count), 0);
    let read = |conn: &Conn| store::resource::page(conn, Choice::default());
    let all = site.app.store.read(read).unwrap();
    assert!(all.iter().any(|one| one.id.raw() == id && one.by.is_none()));
}

#[test]
fn a_banned_site_gets_into_the_directory_by_no_way() {
    let site = TestApp::start();
    let waits = |title: &str, url: &str| {
        let sent = site
            .member("ada")
            .post("/resources/suggest", &form(title, url));
        assert!(sent.location().contains("sent=1"), "{sent:?}");
        id_of(&site, title)
    };
    let declined = waits("Declined", "https://a.spam.example/");
    decide(
        &site,
        declined,
        &[("do", "decline"), ("reason", "It is a shop.")],
    )
    .location();
    let waiting = waits("Waiting", "https://b.spam.example/");
    let other = accepted(&site, "Other", "https://other.example/");
    let ban = [
        ("do", "ban"),
        ("domain", "spam.example"),
        ("reason", "Nothing but shops."),
        ("good", "1"),
    ];
    let mut mo = site.member_as("mo", Role::Moderator);
    mo.post("/mod/domains", &ban).location();
    let told = "are not taken here: Nothing but shops.";
    site.member("bob")
        .post(
            "/resources/suggest",
            &form("New", "https://c.spam.example/"),
        )
        .expect(422)
        .has(told);
    decide(&site, waiting, &[("do", "accept")])
        .expect(422)
        .has(told);
    decide(&site, declined, &[("do", "restore")])
        .expect(422)
        .has(told);
    let mut edit = form("Other", "https://d.spam.example/");
    edit.push(("do", "edit"));
    decide(&site, other, &edit).expect(422).has(told);
    let shown =
        "select count(*) from resource where state = 'shown' and domain like '%spam.example'";
    assert_eq!(site.number(shown), 0);
}

#[test]
fn a_suggestion_that_is_corrected_before_it_is_shown_is_logged_by_its_site() {
    let site = TestApp::start();
    site.member("ada")
        .post(
            "/resources/suggest",
            &form("A tool", "https://tool.example/"),
        )
        .location();
    let mut edit = form("A better tool", "https://tool.example/");
    edit.push(("do", "edit"));
    decide(&site, id_of(&site, "A tool"), &edit).location();
    site.browser()
        .get("/modlog")
        .has("corrected the resource tool.example: title")
        .lacks("A tool")
        .lacks("ada");
    assert_eq!(
        site.number("select count(*) from modlog where user_id is not null"),
        0
    );
}

#[test]
fn a_corrected_link_does_not_come_back_at_the_next_start() {
    let site = TestApp::start();
    let count = "select count(*) from resource";
    let before = site.number(count);
    let id = id_of(&site, "Codewars");
    let mut edit = form("Codewars", "https://moved.example/");
    edit.push(("do", "edit"));
    decide(&site, id, &edit).location();
    site::directory::lay(&site.app.store).unwrap();
    assert_eq!(site.number(count), before);
    let site = TestApp::at(site.stop().unwrap(), |_| {});
    assert_eq!(site.number(count), before);
}

#[test]
fn no_more_is_laid_in_than_the_directory_takes() {
    let site = TestApp::stopped();
    let entries = (0..MOST_SHOWN).map(|n| {
        let draft = Draft {
            title: format!("Tool {n}"),
            url: format!("https://tool{n}.example/"),
            about: "One sentence that says enough.".into(),
            level: "beginner".into(),
            format: "tool".into(),
            cost: "free".into(),
            lang: "en".into(),
        };
        draft.check().unwrap()
    });
    let entries: Vec<_> = entries.collect();
    let again = entries.clone();
    site.write(move |tx| store::resource::lay(tx, &entries));
    let shown = "select count(*) from resource where state = 'shown'";
    assert_eq!(site.number(shown), MOST_SHOWN);
    // What found no room comes when there is some.
    let id = id_of(&site, "Tool 0");
    site.tamper(&format!(
        "update resource set state = 'removed' where id = {id}"
    ));
    site.write(move |tx| store::resource::lay(tx, &again));
    assert_eq!(site.number(shown), MOST_SHOWN);
}

#[test]
fn links_that_members_brought_are_marked_as_theirs_also_when_they_have_left() {
    let site = TestApp::start();
    let mut ada = site.sign_up("ada");
    accepted(&site, "My tool", "https://tool.example/");
    let theirs = "href=\"https://tool.example/\" rel=\"ugc noopener\"";
    site.browser()
        .get("/resources")
        .has(theirs)
        .has("href=\"https://eloquentjavascript.net/\" rel=\"noopener\"");
    let leave = [("password", crate::app::PASSWORD)];
    ada.post("/settings/delete", &leave).location();
    site.begin_anew();
    site.browser().get("/resources").has(theirs);
}
