//! The demonstration: invented members, stories and threads, so that `site serve --demo` shows a living place at once.
//!
//! It fills an empty database only, in one transaction, through the functions that members' own acts use: ranks, counts,
//! karma and the search index come out as if people had done it all. Times count back from now. Nobody of them has a
//! password, so nobody can sign in as them.

use std::collections::HashMap;
use std::fmt::{Display, Formatter};
use std::time::Duration;

use serde::Deserialize;

use crate::domain::id::{CommentId, ItemId, StoryId, UserId};
use crate::domain::link::Link;
use crate::domain::story::Title;
use crate::domain::text::markdown;
use crate::domain::user::{Role, UserName};
use crate::error::{Error, Result};
use crate::store::comment::NewComment;
use crate::store::story::NewStory;
use crate::store::user::NewUser;
use crate::store::{self, Store, Tx};
use crate::time::Timestamp;

const MEMBERS: &str = include_str!("../assets/demo/members.toml");
const STORIES: [&str; 4] = [
    include_str!("../assets/demo/stories-1.toml"),
    include_str!("../assets/demo/stories-2.toml"),
    include_str!("../assets/demo/stories-3.toml"),
    include_str!("../assets/demo/stories-4.toml"),
];

/// What became of it; its `Display` is the line for the operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The database was empty and is filled now.
    Filled {
        /// How many members.
        members: usize,
        /// How many stories.
        stories: usize,
        /// How many comments.
        comments: usize,
    },
    /// Somebody has used this database; nothing was added.
    InUse,
}

impl Display for Outcome {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Filled {
                members,
                stories,
                comments,
            } => write!(
                f,
                "demonstration: {members} invented members, {stories} stories, {comments} comments. Nobody can sign in as \
                 them; the set-up link above makes you administrator."
            ),
            Self::InUse => f.write_str(
                "demonstration: this data directory is not empty, so nothing was added; serving what is there. \
                 Name a new directory with --data to see the demonstration.",
            ),
        }
    }
}

#[derive(Deserialize)]
struct Members {
    member: Vec<Member>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Member {
    name: String,
    about: String,
    joined_days_ago: u64,
    role: String,
}

#[derive(Deserialize)]
struct Stories {
    story: Vec<Story>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Story {
    by: String,
    title: String,
    url: Option<String>,
    #[serde(default)]
    text: String,
    tags: Vec<String>,
    hours_ago: f64,
    votes: Vec<String>,
    #[serde(default)]
    comment: Vec<Comment>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Comment {
    id: String,
    parent: Option<String>,
    by: String,
    minutes_after: f64,
    text: String,
    votes: Vec<String>,
}

/// Fills an empty database; leaves any other alone.
///
/// # Errors
/// When SQLite fails, or the embedded files contradict themselves.
pub fn load(store: &Store) -> Result<Outcome> {
    let members: Members = parse(MEMBERS)?;
    let mut stories = Vec::new();
    for file in STORIES {
        stories.extend(parse::<Stories>(file)?.story);
    }
    store.write_blocking(move |tx| {
        if store::demo::is_empty(tx)? {
            fill(tx, &members.member, &stories)
        } else {
            Ok(Outcome::InUse)
        }
    })
}

fn parse<T: serde::de::DeserializeOwned>(file: &str) -> Result<T> {
    toml::from_str(file).map_err(|error| broken(&error))
}

fn broken(what: &impl Display) -> Error {
    Error::Internal(format!("demonstration: {what}"))
}

fn fill(tx: &Tx, members: &[Member], stories: &[Story]) -> Result<Outcome> {
    let mut people = People(HashMap::new());
    for member in members {
        people.0.insert(member.name.clone(), join(tx, member)?);
    }
    let mut made: Vec<Made> = Vec::new();
    made.resize_with(stories.len(), Made::default);
    for event in events(stories, tx.now()) {
        event.happen(tx, stories, &people, &mut made)?;
    }
    let welcome = made.first().and_then(|made| made.story);
    if let Some(welcome) = welcome {
        store::demo::pin(tx, welcome, tx.now())?;
    }
    Ok(Outcome::Filled {
        members: members.len(),
        stories: stories.len(),
        comments: stories.iter().map(|story| story.comment.len()).sum(),
    })
}

fn join(tx: &Tx, member: &Member) -> Result<UserId> {
    let days = Duration::from_hours(24 * member.joined_days_ago);
    let new = NewUser {
        name: UserName::parse(&member.name).map_err(|error| broken(&error))?,
        email: None,
        password: None,
        role: member
            .role
            .parse::<Role>()
            .map_err(|()| broken(&member.role))?,
        waiting: false,
        request: None,
        invited_by: None,
        created: tx.now().minus(days),
    };
    let id = store::user::create(tx, &new)?;
    store::account::set_about(tx, id, &member.about, &markdown(&member.about))?;
    Ok(id)
}

struct People(HashMap<String, UserId>);

impl People {
    fn id(&self, name: &str) -> Result<UserId> {
        self.0
            .get(name)
            .copied()
            .ok_or_else(|| broken(&format!("nobody is called {name}")))
    }
}

/// What has become of a story of the files.
#[derive(Default)]
struct Made {
    story: Option<StoryId>,
    comments: HashMap<String, CommentId>,
}

/// A story or a comment, in the order in which they were written: ids grow with time, as they do in life.
struct Event {
    at: Timestamp,
    story: usize,
    comment: Option<usize>,
}

fn events(stories: &[Story], now: Timestamp) -> Vec<Event> {
    let mut events = Vec::new();
    for (index, story) in stories.iter().enumerate() {
        let posted = now.minus(Duration::from_secs_f64(story.hours_ago * 3600.0));
        events.push(Event {
            at: posted,
            story: index,
            comment: None,
        });
        events.extend(story.comment.iter().enumerate().map(|(which, comment)| {
            let later = Duration::from_secs_f64(comment.minutes_after * 60.0);
            Event {
                at: posted.plus(later).min(now),
                story: index,
                comment: Some(which),
            }
        }));
    }
    events.sort_by_key(|event| event.at);
    events
}

impl Event {
    fn happen(&self, tx: &Tx, stories: &[Story], people: &People, made: &mut [Made]) -> Result<()> {
        let story = &stories[self.story];
        let made = &mut made[self.story];
        let (item, votes) = match self.comment {
            None => {
                let id = post(tx, story, people, self.at)?;
                made.story = Some(id);
                (ItemId::Story(id), &story.votes)
            }
            Some(which) => {
                let comment = &story.comment[which];
                let id = self.write(tx, comment, people, made)?;
                made.comments.insert(comment.id.clone(), id);
                (ItemId::Comment(id), &comment.votes)
            }
        };
        for voter in votes {
            store::vote::set(tx, people.id(voter)?, item, true)?;
        }
        Ok(())
    }

    fn write(&self, tx: &Tx, comment: &Comment, people: &People, made: &Made) -> Result<CommentId> {
        let early = || broken(&format!("comment {} comes too early", comment.id));
        let parent = match &comment.parent {
            None => None,
            Some(parent) => Some(*made.comments.get(parent).ok_or_else(early)?),
        };
        let new = NewComment {
            author: people.id(&comment.by)?,
            story: made.story.ok_or_else(early)?,
            parent,
            text: comment.text.trim().to_owned(),
            created: self.at,
        };
        store::comment::create(tx, &new)
    }
}

fn post(tx: &Tx, story: &Story, people: &People, at: Timestamp) -> Result<StoryId> {
    let mut tags = Vec::new();
    for name in &story.tags {
        tags.push(store::tag::find(tx, name)?.id);
    }
    let url = story.url.as_deref().map(Link::parse).transpose();
    let new = NewStory {
        author: people.id(&story.by)?,
        title: Title::parse(&story.title).map_err(|error| broken(&error))?,
        url: url.map_err(|error| broken(&error))?,
        text: story.text.trim().to_owned(),
        tags,
        created: at,
    };
    store::story::create(tx, &new)
}
