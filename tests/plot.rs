//! What is on a site at first, for tests that watch all of its pages: members, stories, talk; and which pages there are.

use std::time::Duration;

use site::domain::id::{CommentId, ItemId, StoryId, TagId, UserId};
use site::domain::link::Link;
use site::domain::moderation::Act;
use site::domain::story::Title;
use site::domain::user::{Role, UserName};
use site::error::Result;
use site::store::comment::NewComment;
use site::store::story::NewStory;
use site::store::user::NewUser;
use site::store::{self, Tx};

use crate::app::{Browser, TestApp};

/// Stories: more than two pages of them; the first is the oldest.
const STORIES: usize = 75;
/// Comments below six of the newest stories: more than a page of them.
const COMMENTS: usize = 45;
/// Who wrote all that.
pub const AUTHORS: [&str; 4] = ["ada", "bob", "cy", "dan"];
/// Who only reads: nothing is done by or to them.
pub const READER: &str = "eve";
/// Moderators see more on some pages.
pub const MODERATOR: &str = "mo";
/// What is on both sites at first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Content {
    pub stories: Vec<StoryId>,
    pub comments: Vec<CommentId>,
    /// The number that the next story or comment gets.
    pub next: i64,
}

/// The pages that are watched: of every kind, some that are not there yet, those that lists lead to.
pub fn paths(content: &Content, browser: &mut Browser) -> Vec<String> {
    let (stories, comments, next) = (&content.stories, &content.comments, content.next);
    let story = |n: usize| format!("/s/{}/story-number-{n}", stories[n]);
    let mut paths: Vec<String> = vec!["/".into(), story(70), story(61), story(66)];
    paths.push(format!("/c/{}", comments[10]));
    paths.extend(["/u/ada", "/comments", "/newest"].map(str::to_owned));
    paths.extend(
        FIXED
            .lines()
            .filter(|line| !line.is_empty())
            .map(str::to_owned),
    );
    paths.extend([3, 40, 74].map(story));
    paths.extend([
        format!("{}?order=oldest", story(61)),
        format!("{}?order=newest", story(61)),
        format!("/s/{}/other-words", stories[61]),
        format!("/s/{}", stories[61]),
        format!("/s/{}.json", stories[61]),
        format!("/s/{}.json", stories[40]),
        format!("/c/{}", comments[4]),
        format!("/c/{}", comments[28]),
        format!("/s/{}/comments.rss", stories[61]),
        format!("/s/{}/comments.atom", stories[61]),
        format!("/s/{}/comments.feed.json", stories[70]),
    ]);
    // What comes to be there.
    paths.push(format!("/c/{next}"));
    for id in [next, next + 2, next + 3] {
        paths.extend([
            format!("/s/{id}"),
            format!("/s/{id}/something-new"),
            format!("/s/{id}.json"),
        ]);
    }
    for list in [
        "/",
        "/newest",
        "/newest",
        "/comments",
        "/t/javascript",
        "/u/ada",
        "/top/all",
    ] {
        let last = paths
            .iter()
            .rfind(|path| path.starts_with(&format!("{list}?after=")));
        let page = browser.get(&last.unwrap_or(&list.to_owned()).clone()).body;
        let more = page.split("href=\"").find(|part| part.contains("?after="));
        let more = more.unwrap_or_else(|| panic!("{list} is too short"));
        paths.push(more.split('"').next().unwrap().replace("&amp;", "&"));
    }
    paths
}

/// Pages whose addresses need no numbers.
const FIXED: &str = "
/resources
/resources?format=tool
/resources?format=tool&cost=paid
/resources?level=advanced
/resources?level=beginner&format=tool
/resources?level=beginner&format=book
/resources?level=none
/learn
/learn/done
/learn/give-it-a-name
/learn/give-it-a-name/talk
/learn/give-it-a-name/talk?order=newest
/learn/let-it-change/talk
/learn/nowhere/talk
/active
/top/day
/top/week
/top/month
/top/year
/top/all
/t/javascript
/t/css
/t/css?order=newest
/t/css,html
/t/html,css
/t/newtag
/domain/often.example
/domain/site41.example
/domain/new.org
/u/ada/stories
/u/ada/comments
/u/bob
/u/BOB
/u/cy/comments
/u/dan
/u/fay
/u/gus
/u/ada.json
/u/fay.json
/u/bob/stories.atom
/u/bob/stories.rss
/u/ada/stories.feed.json
/u/ada/comments.atom
/u/cy/comments.rss
/u/cy/comments.feed.json
/hot.atom
/hot.rss
/hot.feed.json
/newest.atom
/newest.rss
/newest.feed.json
/active.atom
/active.rss
/active.feed.json
/top/week.atom
/top/all.rss
/top/month.feed.json
/t/css.atom
/t/css.rss
/t/javascript.feed.json
/t/newtag.rss
/domain/often.example.atom
/domain/often.example.rss
/domain/new.org.feed.json
/comments.atom
/comments.rss
/comments.feed.json
/modlog
/modlog?by=mo
/modlog?kind=member
/modlog.atom
/modlog.rss
/modlog.feed.json
/hottest.json
/newest.json
/active.json
/t/css.json
/search?q=story
/tags
/about
/guidelines
/privacy
/robots.txt
/sitemap.xml
/sitemap/lists.xml
/sitemap/0.xml
/opensearch.xml
/manifest.webmanifest
/nowhere
";

/// Members, stories, comments, votes, a flag and a pin: the same on every site.
pub fn fill(site: &TestApp) -> Content {
    let content = site.write(|tx| {
        let members = [
            &AUTHORS[..],
            &["v0", "v1", "v2", "v3", "v4", "v5", READER, MODERATOR],
        ]
        .concat();
        let ids = members
            .iter()
            .map(|name| member(tx, name))
            .collect::<Result<Vec<_>>>()?;
        let mut stories = Vec::new();
        for n in 0..STORIES {
            // So that the first has more than a page of them.
            stories.push(story(tx, ids[[0, 1, 0, 3][n % 4]], n)?);
        }
        let mut comments: Vec<CommentId> = Vec::new();
        for n in 0..COMMENTS {
            let new = NewComment {
                author: ids[(n + 1) % 4],
                story: stories[60 + n % 6],
                parent: n.checked_sub(6).map(|above| comments[above]),
                text: format!("Words of comment {n}"),
                created: tx.now().minus(minutes(COMMENTS - n)),
            };
            comments.push(store::comment::create(tx, &new)?);
        }
        let voters = &ids[4..10];
        for (n, id) in stories.iter().enumerate() {
            for voter in &voters[..n * 7 % 6] {
                store::vote::set(tx, *voter, ItemId::Story(*id), true)?;
            }
        }
        for (n, id) in comments.iter().enumerate() {
            for voter in &voters[..n * 5 % 4] {
                store::vote::set(tx, *voter, ItemId::Comment(*id), true)?;
            }
        }
        store::flag::set(tx, ids[4], ItemId::Story(stories[65]), "spam")?;
        store::flag::set(tx, ids[4], ItemId::Comment(comments[3]), "unkind")?;
        let pinned = ItemId::Story(stories[50]);
        store::moderation::act(tx, ids[11], pinned, Act::Pin, "Read this.")?;
        let next = comments[COMMENTS - 1].raw() + 1;
        Ok(Content {
            stories,
            comments,
            next,
        })
    });
    site.pass(Duration::from_mins(1));
    content
}

fn minutes(count: usize) -> Duration {
    Duration::from_mins(u64::try_from(count).unwrap())
}

fn member(tx: &Tx, name: &str) -> Result<UserId> {
    let new = NewUser {
        name: UserName::from_stored(name.to_owned()),
        email: None,
        password: None,
        role: if name == MODERATOR {
            Role::Moderator
        } else {
            Role::Member
        },
        waiting: false,
        request: None,
        invited_by: None,
        created: tx.now(),
    };
    store::user::create(tx, &new)
}

/// The n-th story: the first 15 come one a month, the others one in 40 minutes; some lead to the same site or page.
fn story(tx: &Tx, author: UserId, n: usize) -> Result<StoryId> {
    let age = if n < 15 {
        (15 - n) * 30 * 24 * 60
    } else {
        (STORIES - n) * 40
    };
    let mut tags = vec![if n.is_multiple_of(3) {
        "css"
    } else {
        "javascript"
    }];
    tags.extend(n.is_multiple_of(5).then_some("html"));
    let url = match n % 4 {
        0 => format!("https://often.example/{}", n % 16),
        _ => format!("https://site{n}.example/"),
    };
    let tags = tags.iter().map(|name| Ok(store::tag::find(tx, name)?.id));
    let new = NewStory {
        author,
        title: Title::parse(&format!("Story number {n}")).unwrap(),
        url: Some(Link::parse(&url).unwrap()),
        text: format!("Words of story {n}"),
        tags: tags.collect::<Result<Vec<TagId>>>()?,
        created: tx.now().minus(minutes(age)),
    };
    store::story::create(tx, &new)
}
