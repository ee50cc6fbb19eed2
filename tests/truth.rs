//! Many writers at once, then every count against the rows.

use std::sync::Barrier;

use crate::app::TestApp;
use crate::check;
use crate::wire::Wire;

/// Nothing is counted wrong, the file is whole, and the search index holds what is shown.
#[track_caller]
pub fn check(site: &TestApp) {
    let found = site.app.store.read(|conn| Ok(check::lies(conn))).unwrap();
    assert!(found.is_empty(), "{found:#?}");
    site.write(|tx| {
        check::check_file(tx);
        Ok(())
    });
}

const WRITERS: usize = 64;
const ROUNDS: usize = 12;

#[test]
fn sixty_four_writers_on_the_same_stories_leave_every_count_true() {
    let site = TestApp::start();
    let stories: Vec<i64> = (0..3)
        .map(|n| site.story("host", &format!("Story number {n}")).raw())
        .collect();
    let comments: Vec<i64> = stories
        .iter()
        .map(|story| {
            let story = site::domain::id::StoryId::new(*story);
            site.comment("guest", story, None, "A first comment").raw()
        })
        .collect();
    let cookies: Vec<String> = (0..WRITERS)
        .map(|n| site.member(&format!("writer{n}")).cookie.unwrap())
        .collect();
    let start = Barrier::new(WRITERS);
    std::thread::scope(|scope| {
        for (writer, cookie) in cookies.iter().enumerate() {
            let (site, stories, comments, start) = (&site, &stories, &comments, &start);
            scope.spawn(move || {
                let mut wire = Wire::connect(site.address).unwrap();
                start.wait();
                for round in 0..ROUNDS {
                    assert_eq!(wire.get("/").unwrap().status, 200);
                    let at = (writer + round) % stories.len();
                    for (path, fields) in steps(writer, round, stories[at], comments[at]) {
                        let fields: Vec<(&str, &str)> = fields
                            .iter()
                            .map(|(name, value)| (*name, value.as_str()))
                            .collect();
                        let answer = wire.post(&path, cookie, &fields).unwrap();
                        let said = String::from_utf8_lossy(&answer.body);
                        assert_eq!(answer.status, 303, "{path}: {said}");
                        assert!(answer.location.unwrap().starts_with('/'), "{path}");
                    }
                }
            });
        }
    });
    check(&site);
    let written = i64::try_from(WRITERS * ROUNDS).unwrap() + 3;
    assert_eq!(site.number("select count(*) from comment"), written);
    assert_eq!(site.number("select sum(comment_count) from story"), written);
    // A writer votes in each round and takes every third one back: the last round on an item decides.
    assert!(site.number("select count(*) from vote") > 64);
    for (story, comment) in stories.iter().zip(&comments) {
        let votes = |id| site.number(&format!("select count(*) from vote where item_id = {id}"));
        let score = |table, id| site.number(&format!("select score from {table} where id = {id}"));
        assert_eq!(score("story", story), 1 + votes(story));
        assert_eq!(score("comment", comment), 1 + votes(comment));
    }
}

type Step = (String, Vec<(&'static str, String)>);

/// What a writer does in a round.
fn steps(writer: usize, round: usize, story: i64, comment: i64) -> Vec<Step> {
    let back = || vec![("back", "/".to_owned())];
    let mut steps = vec![
        (format!("/s/{story}/vote"), back()),
        (
            format!("/s/{story}/comments"),
            vec![
                ("text", format!("Writer {writer} in round {round}")),
                ("parent", parent(round, comment)),
            ],
        ),
        (format!("/c/{comment}/vote"), back()),
        // Twice is once.
        (format!("/c/{comment}/vote"), back()),
    ];
    if (writer + round).is_multiple_of(3) {
        steps.push((format!("/s/{story}/unvote"), back()));
    }
    if (writer + round).is_multiple_of(5) {
        steps.push((format!("/c/{comment}/unvote"), back()));
    }
    steps
}

fn parent(round: usize, comment: i64) -> String {
    if round.is_multiple_of(2) {
        String::new()
    } else {
        comment.to_string()
    }
}
