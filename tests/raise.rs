//! Votes of one batch for the same story: each counts, the story is written once, and nobody ever reads it without them.

use std::cell::Cell;

use site::domain::id::{CommentId, ItemId, StoryId, UserId};
use site::error::{Error, Result};
use site::store::{self, Kind, Tx, setting};

use crate::store::{Change, Fixture, drop_transaction, keep};

/// Stories that no round has used yet, members who vote, and a list of what was written to stories.
const SITE: &str = "
    with recursive n (n) as (values (1) union all select n + 1 from n where n < 9)
    insert into user (id, name, name_key, created_ms) select n, 'u' || n, 'u' || n, 0 from n;
    with recursive n (n) as (values (1) union all select n + 1 from n where n < 1000)
    insert into story (id, user_id, title, day, month, created_ms, active_ms) select n, 1, 'Title', 0, 0, 0, 0 from n;
    insert into tag (id, name, category, description, hotness_mod) values (9999, 'test', 'Test', 'Test', 0.5);
    insert into story_tag (story_id, tag_id, state, hot, created_ms) select id, 9999, 0, 0, 0 from story;
    insert into comment (id, story_id, user_id, text, html, created_ms) select 5000 + id, id, 2, 'Words', 'Words', 0 from story;
    create table written (story_id, score);
    create trigger writes after update of hot on story begin insert into written values (new.id, new.score); end;";

fn fixture() -> Fixture {
    let fixture = Fixture::new();
    let made = fixture.write(Box::new(|tx| Ok(tx.execute_batch(SITE)?)));
    made.unwrap();
    fixture
}

/// A member's vote for a story, and what comes after it in the same closure.
fn vote_then(member: i64, story: i64, then: fn(&Tx) -> Result<()>) -> (Kind, Change) {
    let item = ItemId::Story(StoryId::new(story));
    let change = move |tx: &Tx| {
        store::vote::set(tx, UserId::new(member), item, true)?;
        then(tx)
    };
    (Kind::Vote, Box::new(change))
}

fn vote(member: i64, story: i64) -> (Kind, Change) {
    vote_then(member, story, |_| Ok(()))
}

/// Runs changes of a story that nothing happened to yet in one batch; their answers, and which story it was.
fn together(
    fixture: &Fixture,
    changes: impl Fn(i64) -> Vec<(Kind, Change)>,
) -> (Vec<Result<()>>, i64) {
    let story = Cell::new(0);
    let answers = fixture.together_as(|| {
        story.set(story.get() + 1);
        changes(story.get())
    });
    (answers, story.get())
}

/// Points of a story and of its comments, how often it was written, and whether its ranks are what its row says.
fn found(fixture: &Fixture, story: i64) -> (i64, i64, i64, bool) {
    let sql = "select score, comment_points, (select count(*) from written where story_id = s.id),
          hot = hot_rank(score - flags, comment_points, 0.5, created_ms)
          and hot = (select hot from story_tag where story_id = s.id)
        from story s where id = ?1";
    let read = |row: &rusqlite::Row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
    fixture.reader.query_row(sql, [story], read).unwrap()
}

fn votes(fixture: &Fixture, story: i64) -> i64 {
    let sql = "select count(*) from vote where item_id = ?1";
    let count = fixture.reader.query_row(sql, [story], |row| row.get(0));
    count.unwrap()
}

#[test]
fn votes_of_a_batch_for_one_story_all_count_and_write_it_once() {
    let fixture = fixture();
    let (answers, story) = together(&fixture, |story| {
        vec![
            vote(2, story),
            vote(3, story),
            vote_then(4, story, |_| Err(Error::NotFound)),
            vote_then(5, story, |_| panic!("on purpose")),
            // A second time.
            vote(2, story),
            // One's own.
            vote(1, story),
            vote(6, story),
        ]
    });
    assert!(matches!(
        answers[..],
        [
            Ok(()),
            Ok(()),
            Err(Error::NotFound),
            Err(Error::Internal(_)),
            Ok(()),
            Err(Error::Refused(_)),
            Ok(())
        ]
    ));
    assert_eq!(votes(&fixture, story), 3);
    assert_eq!(found(&fixture, story), (4, 0, 1, true));
    let sql = "select (select karma from user where id = 1), (select sum(score - 1) from story)";
    let read = |row: &rusqlite::Row| Ok((row.get(0)?, row.get(1)?));
    let (karma, points): (i64, i64) = fixture.reader.query_row(sql, [], read).unwrap();
    assert_eq!(karma, points);
    assert!(points >= 3);
}

#[test]
fn votes_for_a_story_and_for_its_comments_count_together() {
    let fixture = fixture();
    let (answers, story) = together(&fixture, |story| {
        let comment = move |tx: &Tx| {
            let item = ItemId::Comment(CommentId::new(5000 + story));
            store::vote::set(tx, UserId::new(4), item, true).map(drop)
        };
        vec![
            vote(2, story),
            (Kind::Vote, Box::new(comment)),
            vote(3, story),
        ]
    });
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    let (score, comments, _, is_ranked) = found(&fixture, story);
    assert_eq!((score, comments, is_ranked), (3, 1, true));
}

#[test]
fn whatever_else_is_done_in_a_batch_of_votes_finds_them() {
    let fixture = fixture();
    let (answers, story) = together(&fixture, |story| {
        let look = move |tx: &Tx| {
            let sql = "select score from story where id = ?1";
            let score: i64 = tx.query_row(sql, [story], |row| row.get(0))?;
            setting::set(tx, "seen", &score.to_string())
        };
        vec![
            vote(2, story),
            vote(3, story),
            (Kind::Change, Box::new(look)),
            vote(4, story),
        ]
    });
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    let sql = "select value from setting where name = 'seen'";
    let seen: String = fixture.reader.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(seen, "3");
    assert_eq!(found(&fixture, story), (4, 0, 2, true));
}

#[test]
fn what_a_change_has_only_looked_at_is_read_anew_by_the_votes_behind_it() {
    let fixture = fixture();
    let (answers, story) = together(&fixture, |story| {
        let flag = move |tx: &Tx| {
            let own =
                store::vote::set(tx, UserId::new(1), ItemId::Story(StoryId::new(story)), true);
            assert!(own.is_err());
            tx.execute("update story set flags = 3 where id = ?1", [story])?;
            Ok(())
        };
        vec![(Kind::Change, Box::new(flag)), vote(2, story)]
    });
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    let (score, _, _, is_ranked) = found(&fixture, story);
    assert_eq!((score, is_ranked), (2, true));
}

#[test]
fn points_of_votes_that_sqlite_dropped_are_not_given_by_the_next_batch() {
    let fixture = fixture();
    let (answers, story) = together(&fixture, |story| {
        vec![
            vote(2, story),
            vote(3, story),
            vote_then(4, story, drop_transaction),
        ]
    });
    let is_lost = |answer: &Result<()>| matches!(answer, Err(Error::Unavailable));
    assert!(answers.iter().all(is_lost), "{answers:?}");
    fixture.write(keep("another")).unwrap();
    assert_eq!((votes(&fixture, story), found(&fixture, story).0), (0, 1));
    let (kind, change) = vote(5, story);
    let answer = fixture.send_as(kind, change).recv();
    answer.unwrap().unwrap();
    assert_eq!((votes(&fixture, story), found(&fixture, story).0), (1, 2));
}

#[test]
fn votes_whose_points_cannot_be_written_are_all_answered_as_not_saved() {
    let fixture = fixture();
    let trap = "create trigger trap before update of score on story begin select raise(abort, 'on purpose'); end;";
    let set = fixture.write(Box::new(move |tx| Ok(tx.execute_batch(trap)?)));
    set.unwrap();
    for with_another in [false, true] {
        let (answers, story) = together(&fixture, |story| {
            let mut changes = vec![vote(2, story), vote(3, story)];
            changes.extend(with_another.then(|| (Kind::Change, keep("behind"))));
            changes
        });
        let is_lost = |answer: &Result<()>| matches!(answer, Err(Error::Unavailable));
        assert!(answers.iter().all(is_lost), "{answers:?}");
        assert_eq!(votes(&fixture, story), 0);
        assert_eq!(found(&fixture, story).0, 1);
        assert!(!fixture.has("behind"));
    }
    fixture.write(keep("after")).unwrap();
    assert!(fixture.has("after"));
}
