//! Rounds of kill -9 under write load: what was answered must be there, and the file must be whole.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use site::domain::id::{StoryId, UserId};
use site::domain::story::Title;
use site::domain::user::{Role, UserName};
use site::store::{self, Store};
use site::time::{Clock, Timestamp};
use site::web::cookie;

use crate::check;
use crate::process::Process;
use crate::wire::Wire;

const WRITERS: usize = 8;
const STORIES: usize = 3;

/// What is expected of the database.
#[derive(Default)]
pub struct Expected {
    /// Texts of comments that were asked for, answered or not.
    asked: HashSet<String>,
    /// Texts of comments that were answered.
    comments: Vec<String>,
    /// Votes by writer and story that were answered; `None` while the answer is open.
    votes: HashMap<(usize, i64), Option<bool>>,
    /// Writes that were answered.
    pub answered: usize,
}

/// What came of all rounds.
pub struct Outcome {
    pub answered: usize,
    /// The longest that a start took, after a kill as after any other end.
    pub slowest_start: Duration,
}

/// A site with members who can write.
pub struct Fixture {
    pub writers: Vec<(UserId, String)>,
    pub stories: Vec<i64>,
}

/// Kills the server `count` times in the data directory below `dir` and checks after each time.
pub fn run(dir: &Path, count: usize) -> Outcome {
    let data = dir.join("data");
    let fixture = fixture(&data);
    let expected = Mutex::new(Expected::default());
    let mut slowest_start = Duration::ZERO;
    for round in 0..count {
        let begun = Instant::now();
        let mut process = Process::serve(&data);
        slowest_start = slowest_start.max(begun.elapsed());
        // From a kill before the first answer to one in the midst of many.
        let answers = (round * 37) % 211;
        let died = write_and_kill(&mut process, &fixture, round, answers, &expected);
        assert!(!died, "the server ended by itself");
        check_database(&data, &fixture, &expected.lock().unwrap());
    }
    Outcome {
        answered: expected.into_inner().unwrap().answered,
        slowest_start,
    }
}

/// Makes it in this data directory.
pub fn fixture(data: &Path) -> Fixture {
    let opened = Store::open(data, Clock::System, 2).unwrap();
    opened.write_blocking(store::tag::seed).unwrap();
    let fixture = opened.write_blocking(|tx| {
        let host = member(tx, "host")?;
        let tag = store::tag::find(tx, "programming")?.id;
        let mut fixture = Fixture {
            writers: Vec::new(),
            stories: Vec::new(),
        };
        for n in 0..STORIES {
            let story = store::story::NewStory {
                author: host,
                title: Title::parse(&format!("Story number {n}")).unwrap(),
                url: None,
                text: "To be written under.".into(),
                tags: vec![tag],
                created: tx.now(),
            };
            fixture
                .stories
                .push(store::story::create(tx, &story)?.raw());
        }
        for n in 0..WRITERS {
            let writer = member(tx, &format!("writer{n}"))?;
            let token = cookie::new_token();
            store::session::open(tx, writer, &cookie::hash(&token), "192.0.2.1", "test")?;
            let cookie = cookie::set(&token, true);
            let pair = cookie.split(';').next().unwrap().to_owned();
            fixture.writers.push((writer, pair));
        }
        Ok(fixture)
    });
    fixture.unwrap()
}

/// A member of this name, made now.
pub fn member(tx: &store::Tx, name: &str) -> site::error::Result<UserId> {
    let new = store::user::NewUser {
        name: UserName::parse(name).unwrap(),
        email: None,
        password: None,
        role: Role::Member,
        waiting: false,
        request: None,
        invited_by: None,
        created: Timestamp::from_ms(0),
    };
    store::user::create(tx, &new)
}

/// Writes from all sides until so many were answered, then kills in the midst of it. Whether it was dead before.
pub fn write_and_kill(
    process: &mut Process,
    fixture: &Fixture,
    round: usize,
    answers: usize,
    expected: &Mutex<Expected>,
) -> bool {
    write_and_kill_after(process, fixture, round, answers, expected, |_| ())
}

/// The same, but not before `wait` has come to its end; people write all the while.
pub fn write_and_kill_after(
    process: &mut Process,
    fixture: &Fixture,
    round: usize,
    answers: usize,
    expected: &Mutex<Expected>,
    wait: impl FnOnce(&mut Process),
) -> bool {
    let address = process.address;
    let until = expected.lock().unwrap().answered + answers;
    let (full, is_full) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let full = full.clone();
            scope.spawn(move || {
                let Ok(mut wire) = Wire::connect(address) else {
                    return;
                };
                for step in 0.. {
                    let name = format!("round{round}writer{writer}step{step}");
                    let story = fixture.stories[step % STORIES];
                    if write(&mut wire, fixture, writer, story, &name, expected).is_none() {
                        return;
                    }
                    if expected.lock().unwrap().answered >= until {
                        // Nobody listens any more once one has said so.
                        let _ = full.send(());
                    }
                }
            });
        }
        drop(full);
        // An error means that all writers have ended: then the server has died by itself.
        let died = is_full.recv().is_err();
        wait(process);
        process.kill();
        died
    })
}

/// One comment and one change of a vote; `None` when the server is gone.
fn write(
    wire: &mut Wire,
    fixture: &Fixture,
    writer: usize,
    story: i64,
    name: &str,
    expected: &Mutex<Expected>,
) -> Option<()> {
    let cookie = &fixture.writers[writer].1;
    let fields = [("text", name), ("parent", "")];
    expected.lock().unwrap().asked.insert(name.to_owned());
    let answer = wire
        .post(&format!("/s/{story}/comments"), cookie, &fields)
        .ok()?;
    assert_eq!(
        answer.status,
        303,
        "{}",
        String::from_utf8_lossy(&answer.body)
    );
    let wanted = {
        let mut expected = expected.lock().unwrap();
        expected.comments.push(name.to_owned());
        expected.answered += 1;
        let vote = expected.votes.entry((writer, story)).or_insert(Some(false));
        // After a kill nobody knows: then it is set anew.
        !vote.take().unwrap_or(false)
    };
    let verb = if wanted { "vote" } else { "unvote" };
    let path = format!("/s/{story}/{verb}");
    let answer = wire.post(&path, cookie, &[("back", "/")]).ok()?;
    assert_eq!(
        answer.status,
        303,
        "{}",
        String::from_utf8_lossy(&answer.body)
    );
    let mut expected = expected.lock().unwrap();
    expected.votes.insert((writer, story), Some(wanted));
    expected.answered += 1;
    Some(())
}

/// That all that was answered is there, and beyond that nothing but what may have been under way.
pub fn check_database(data: &Path, fixture: &Fixture, expected: &Expected) {
    // The process is dead, so nobody else has the file open.
    let conn = store::connection::open_writer(&data.join("site.db")).unwrap();
    check::check_file(&conn);
    assert_eq!(check::lies(&conn), Vec::<String>::new());
    let mut by_text = HashMap::new();
    let mut texts = conn.prepare("select text from comment").unwrap();
    for text in texts.query_map([], |row| row.get::<_, String>(0)).unwrap() {
        *by_text.entry(text.unwrap()).or_insert(0) += 1;
    }
    for text in &expected.comments {
        assert_eq!(by_text.get(text), Some(&1), "{text} was answered");
    }
    // Those that a kill cut off: at most one of each writer, of each round.
    for (text, count) in &by_text {
        let is_asked = expected.asked.contains(text);
        assert!(is_asked && *count == 1, "{text} is there {count} times");
    }
    let mut found = conn
        .prepare("select count(*) from vote where user_id = ?1 and item_id = ?2")
        .unwrap();
    for ((writer, story), vote) in &expected.votes {
        let Some(vote) = vote else { continue };
        let (user, story) = (fixture.writers[*writer].0, StoryId::new(*story));
        let rows: i64 = found
            .query_row([user.raw(), story.raw()], |row| row.get(0))
            .unwrap();
        assert_eq!(rows, i64::from(*vote), "vote of writer {writer} on {story}");
    }
}
