//! `site import hn`: items as the API gives them, in every order and shape.

use std::path::PathBuf;
use std::process::{Command, Output};

use site::import::{Report, hacker_news};

use crate::app::TestApp;
use crate::truth;

const STORY: &str = r#"{"by":"Ada","descendants":3,"id":9000,"kids":[9001],"score":12,"time":1600000000,
    "title":"Show HN: CSS &amp; databases [video]","type":"story","url":"https://example.com/css"}"#;
const FIRST: &str = r#"{"by":"bob","id":9001,"parent":9000,"text":"It&#x27;s <i>good</i>.<p>Really.<script>alert(1)</script>","time":1600000100,"type":"comment","kids":[9002]}"#;
const SECOND: &str =
    r#"{"by":"ada","id":9002,"parent":9001,"text":"Thank you","time":1599999000,"type":"comment"}"#;
const DEAD: &str = r#"{"by":"bob","dead":true,"id":9003,"parent":9000,"text":"spam","time":1600000300,"type":"comment"}"#;
const DELETED: &str =
    r#"{"deleted":true,"id":9004,"parent":9001,"time":1600000400,"type":"comment"}"#;

/// Files in a directory that lasts as long as the test.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

/// Imports one file of this text.
#[track_caller]
fn import(site: &TestApp, text: &str) -> Report {
    let files = Files::new();
    let file = files.file("items", text);
    let report = hacker_news(&site.app.store, &[file], |_| {}).unwrap();
    truth::check(site);
    report
}

fn lines(items: &[&str]) -> String {
    let items: Vec<String> = items.iter().map(|item| item.replace('\n', " ")).collect();
    items.join("\n")
}

fn array(items: &[&str]) -> String {
    format!("[{}]", items.join(",\n "))
}

/// All that the fixture must have become, whatever its order and shape.
#[track_caller]
fn check_fixture(site: &TestApp) {
    for (sql, expected) in [
        (
            "select count(*) from story where id = 9000 and state = 0 and score = 12 and base_score = 12",
            1,
        ),
        (
            "select count(*) from story where title = 'CSS & databases' and domain = 'example.com' and day = 18518",
            1,
        ),
        ("select count(*) from comment where story_id = 9000", 4),
        ("select comment_count from story", 2),
        // bob's comment only: the other one is by somebody else of nearly the same name, and not the submitter.
        ("select comment_points from story", 4),
        ("select parent_id is null from comment where id = 9001", 1),
        ("select parent_id from comment where id = 9002", 9001),
        (
            "select count(*) from comment where id = 9003 and state = 3",
            1,
        ),
        (
            "select count(*) from comment where id = 9004 and state = 1",
            1,
        ),
        ("select karma from user where name = 'Ada'", 11),
        (
            "select created_ms from user where name = 'bob'",
            1_600_000_100_000,
        ),
        (
            "select created_ms from user where id = (select user_id from comment where id = 9002)",
            1_599_999_000_000,
        ),
        ("select count(*) from user where password is not null", 0),
        ("select count(*) from user where state = 'deleted'", 1),
        ("select count(*) from story_tag", 4),
        ("select count(*) from import_waiting", 0),
        ("select count(*) from search where search match 'spam'", 0),
        ("select count(*) from search where search match 'alert'", 0),
        ("select next from sequence", 9005),
    ] {
        assert_eq!(site.number(sql), expected, "{sql}");
    }
}

#[test]
fn items_become_stories_comments_and_members() {
    let site = TestApp::start();
    let report = import(
        &site,
        &array(&[STORY, FIRST, SECOND, DEAD, DELETED, "null"]),
    );
    let counts = report.counts;
    assert_eq!((counts.stories, counts.comments, counts.users), (1, 4, 3));
    assert_eq!((report.skipped, report.bad, report.waiting), (1, 0, 0));
    check_fixture(&site);
    let html = site.app.store.read(|conn| {
        let html = "select html from comment where id = 9001";
        Ok(conn.query_row(html, [], |row| row.get::<_, String>(0))?)
    });
    assert_eq!(
        html.unwrap(),
        "<p>It's <em>good</em>.</p>\n<p>Really.</p>\n"
    );
    site.browser()
        .get("/newest")
        .expect(200)
        .has("CSS &amp; databases");
}

#[test]
fn the_order_of_the_items_does_not_matter() {
    let items = [STORY, FIRST, SECOND, DEAD, DELETED];
    for turn in 0..5 {
        let mut turned = items;
        turned.rotate_left(turn);
        if turn % 2 == 1 {
            turned.reverse();
        }
        let site = TestApp::start();
        let text = if turn % 2 == 0 {
            lines(&turned)
        } else {
            array(&turned)
        };
        let report = import(&site, &text);
        assert_eq!((report.counts.stories, report.counts.comments), (1, 4));
        check_fixture(&site);
    }
}

#[test]
fn comments_wait_for_their_parents_over_files_and_runs() {
    let site = TestApp::start();
    let report = import(&site, &lines(&[SECOND, DELETED]));
    assert_eq!((report.counts.comments, report.waiting), (0, 2));
    let report = import(&site, &lines(&[FIRST, DEAD]));
    assert_eq!((report.counts.comments, report.waiting), (0, 4));
    let report = import(&site, STORY);
    assert_eq!(
        (
            report.counts.stories,
            report.counts.comments,
            report.waiting
        ),
        (1, 4, 0)
    );
    check_fixture(&site);
}

#[test]
fn importing_again_changes_nothing() {
    let site = TestApp::start();
    let text = array(&[STORY, FIRST, SECOND, DEAD, DELETED]);
    import(&site, &text);
    let again = import(&site, &text).counts;
    assert_eq!(
        (again.stories, again.comments, again.users, again.updated),
        (0, 0, 0, 0)
    );
    assert_eq!(again.unchanged, 5);
    check_fixture(&site);
}

#[test]
fn new_points_and_new_deletions_are_taken_over() {
    let site = TestApp::start();
    import(&site, &array(&[STORY, FIRST, SECOND]));
    let voter = site.user("carl", site::domain::user::Role::Member);
    site.write(move |tx| {
        let story = site::domain::id::ItemId::Story(site::domain::id::StoryId::new(9000));
        site::store::vote::set(tx, voter, story, true)
    });
    let risen = STORY.replace("\"score\":12", "\"score\":20");
    let gone = r#"{"deleted":true,"id":9001,"parent":9000,"time":1600000100,"type":"comment"}"#;
    let counts = import(&site, &array(&[&risen, gone, SECOND])).counts;
    assert_eq!((counts.updated, counts.unchanged), (2, 1));
    assert_eq!(site.number("select score from story"), 21);
    assert_eq!(site.number("select karma from user where name = 'Ada'"), 20);
    assert_eq!(site.number("select comment_count from story"), 1);
    let words =
        "select count(*) from comment where id = 9001 and state = 1 and text = '' and html = ''";
    assert_eq!(site.number(words), 1);
    assert_eq!(
        site.number("select count(*) from search where search match 'good'"),
        0
    );
}

#[test]
fn what_was_removed_here_stays_removed() {
    let site = TestApp::start();
    import(&site, &array(&[STORY, FIRST]));
    site.write(|tx| {
        site::store::search::remove(tx, 9001)?;
        tx.execute("update comment set state = 2 where id = 9001", [])?;
        let was = site::store::stamp::Was::of(tx, site::domain::id::StoryId::new(9000))?;
        site::store::rank::recount(tx, was)
    });
    import(&site, &array(&[STORY, FIRST]));
    assert_eq!(site.number("select state from comment where id = 9001"), 2);
}

#[test]
fn taken_ids_and_names_are_left_to_those_who_have_them() {
    let site = TestApp::start();
    let own = site.story("bob", "A story of this site");
    let text = [STORY, FIRST, SECOND, DEAD, DELETED]
        .join("\n")
        .replace("9000", &own.raw().to_string());
    let report = import(&site, &text);
    assert_eq!(report.counts.comments, 4);
    assert_eq!(site.number("select count(*) from story"), 2);
    let imported = site.number("select id from story where domain = 'example.com'");
    assert_eq!(
        site.number("select story_id from comment where id = 9001"),
        imported
    );
    assert_eq!(
        site.number("select count(*) from user where name = 'bob~2'"),
        1
    );
    assert_eq!(
        site.number("select count(*) from user where name = 'ada~2'"),
        1
    );
    let reserved = STORY
        .replace("\"Ada\"", "\"admin\"")
        .replace("9000", "9100");
    import(&site, &reserved);
    assert_eq!(
        site.number("select count(*) from user where name = 'admin'"),
        0
    );
    assert_eq!(
        site.number("select count(*) from user where name = 'admin~2'"),
        1
    );
}

#[test]
fn bad_items_are_listed_with_their_place_and_the_rest_is_taken() {
    let site = TestApp::start();
    let text = format!(
        "{}\n{{\"id\":1,\"type\":\"story\"\nnonsense\n{{\"id\":2,\"type\":\"story\",\"time\":5,\"by\":\"x y\",\"title\":\"t\"}}\n{}\n",
        lines(&[STORY]),
        lines(&[
            FIRST,
            r#"{"id":3,"type":"poll","by":"a","time":5,"title":"t"}"#
        ]),
    );
    let report = import(&site, &text);
    assert_eq!((report.counts.stories, report.counts.comments), (1, 1));
    assert_eq!((report.skipped, report.bad), (1, 2));
    let seen: Vec<(u64, u64, &str)> = report
        .bad_items
        .iter()
        .map(|bad| (bad.position.line, bad.position.item, bad.reason.as_str()))
        .collect();
    let lost = "it has no end";
    let name = "its author's name cannot be a name";
    assert_eq!(seen, [(2, 2, lost), (4, 3, name)]);
    assert!(report.bad_items[0].file.ends_with("items"));
}

#[test]
fn stories_without_a_usable_link_keep_it_as_text() {
    let site = TestApp::start();
    let ftp = STORY.replace("https://example.com/css", "ftp://example.com/a<b>");
    import(&site, &ftp);
    assert_eq!(site.number("select count(*) from story where url is null and html like '%ftp://example.com/a&lt;b%'"), 1);
}

/// Runs the real program.
fn command(data: &std::path::Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_site"))
        .arg("--data")
        .arg(data)
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn the_command_prints_a_summary_for_people_and_for_machines() {
    let files = Files::new();
    let data = files.0.path().join("data");
    let good = files.file("good.json", &array(&[STORY, FIRST, SECOND, DEAD, DELETED]));
    let bad = files.file("bad.ndjson", "{\"id\":\nnull\n");
    let (good, bad) = (good.to_str().unwrap(), bad.to_str().unwrap());
    let output = command(&data, &["import", "hn", good, bad]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    assert!(
        text.starts_with("Imported 1 story and 4 comments by 3 new members in "),
        "{text}"
    );
    assert!(
        text.contains("bad.ndjson: item 1 (line 1, byte 0): "),
        "{text}"
    );
    let output = command(&data, &["import", "hn", "--json", good]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&json["stories"], &json["unchanged"], &json["bad"]),
        (&0.into(), &5.into(), &0.into())
    );
    let output = command(&data, &["import", "hn", "/nowhere/at.all"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("/nowhere/at.all")
    );
}

#[test]
fn a_running_site_is_not_imported_into_behind_its_back() {
    let site = TestApp::start();
    let files = Files::new();
    let file = files.file("items", STORY);
    let output = command(
        site.app.store.dir(),
        &["import", "hn", file.to_str().unwrap()],
    );
    assert_eq!(output.status.code(), Some(15));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("Stop it first"), "{said}");
}

#[test]
fn an_item_that_changes_within_one_file_is_as_it_was_last() {
    let site = TestApp::start();
    let gone = r#"{"deleted":true,"id":9001,"parent":9000,"time":1600000100,"type":"comment"}"#;
    let risen = STORY.replace("\"score\":12", "\"score\":20");
    let dead = STORY
        .replace("9000", "9900")
        .replace("\"id\"", "\"dead\":true,\"id\"");
    let other = STORY.replace("9000", "9900");
    let counts = import(
        &site,
        &array(&[STORY, FIRST, SECOND, gone, &risen, &other, &dead, SECOND]),
    )
    .counts;
    assert_eq!((counts.stories, counts.comments), (2, 2));
    assert_eq!((counts.updated, counts.unchanged), (3, 1));
    for (sql, expected) in [
        ("select score from story where id = 9000", 20),
        ("select comment_count from story where id = 9000", 1),
        ("select state from comment where id = 9001", 1),
        ("select state from story where id = 9900", 3),
        (
            "select count(*) from search where search match 'databases'",
            1,
        ),
        ("select count(*) from search where search match 'good'", 0),
    ] {
        assert_eq!(site.number(sql), expected, "{sql}");
    }
}
