//! Whatever people do, in seeded order: no page shows something else than what it was made of without being told.

use super::scene::{COMMENTS, STORIES, Scene, comment, tag_ids};

use crate::domain::comment::CommentText;
use crate::domain::id::{CommentId, ItemId, StoryId, UserId};
use crate::domain::moderation::Act;
use crate::domain::story::{ItemState, Story, Title};
use crate::error::{Error, Result};
use crate::store::story::Revision;
use crate::store::{self, Tx};

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        // Knuth's MMIX constants.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

/// Something that somebody does.
type Deed = Box<dyn FnOnce(&Tx) -> Result<()> + Send>;

fn deed<T>(what: impl FnOnce(&Tx) -> Result<T> + Send + 'static) -> Deed {
    Box::new(move |tx| what(tx).map(drop))
}

/// Any deed on anything, and a word for it.
fn any(scene: &Scene, numbers: &mut Numbers) -> (String, Deed) {
    let who = scene.users[numbers.below(3)];
    let mo = scene.users[3];
    // The first ones are those that have comments and pages here.
    let near = numbers.below(8);
    let story = scene.stories[[numbers.below(STORIES), near][numbers.below(2)]];
    let said = scene.comments[numbers.below(COMMENTS)];
    let item = [ItemId::Story(story), ItemId::Comment(said)][numbers.below(2)];
    let act = Act::EACH[numbers.below(Act::EACH.len())];
    let n = numbers.below(1000);
    let kind = numbers.below(14);
    let (word, deed) = match kind {
        0..=2 => (
            "vote",
            deed(move |tx| store::vote::set(tx, who, item, true)),
        ),
        3 => (
            "unvote",
            deed(move |tx| store::vote::set(tx, who, item, false)),
        ),
        4 => (
            "comment",
            deed(move |tx| shown(tx, story).and_then(|_| comment(tx, who, story, None))),
        ),
        5 => ("reply", deed(move |tx| reply(tx, who, said))),
        6 => ("edit", deed(move |tx| edit(tx, said, n))),
        7 => (
            "flag",
            deed(move |tx| store::flag::set(tx, who, item, "spam")),
        ),
        8 => ("unflag", deed(move |tx| store::flag::unset(tx, who, item))),
        9 | 10 => (
            act.word(),
            deed(move |tx| store::moderation::act(tx, mo, item, act, "Because.")),
        ),
        11 => ("revise", deed(move |tx| revise(tx, story, n))),
        12 => ("delete", deed(move |tx| delete(tx, item))),
        _ => ("save", deed(move |tx| store::mark::save(tx, who, item))),
    };
    (format!("{word} {item:?} {story:?} {said:?} by {who}"), deed)
}

/// A story as long as it is shown, as acts of members ask for.
fn shown(tx: &Tx, id: StoryId) -> Result<Story> {
    let story = store::story::find(tx, id, None)?;
    match story.row.state {
        ItemState::Shown => Ok(story),
        _ => Err(Error::NotFound),
    }
}

fn reply(tx: &Tx, who: UserId, to: CommentId) -> Result<CommentId> {
    let parent = store::comment::find(tx, to, None)?;
    shown(tx, parent.story)?;
    comment(tx, who, parent.story, Some(to))
}

pub(super) fn edit(tx: &Tx, id: CommentId, n: usize) -> Result<()> {
    let author = store::comment::find(tx, id, None)?.author_id;
    let text = CommentText::parse(&format!("Other words {n}")).unwrap();
    store::comment::edit(tx, author, id, &text).map(drop)
}

fn revise(tx: &Tx, id: StoryId, n: usize) -> Result<()> {
    let old = shown(tx, id)?;
    let tags = [&["css"][..], &["wasm", "html"], &["html"]][n % 3];
    let revision = Revision {
        title: Title::parse(&format!("Title {}", n % 4)).unwrap(),
        text: format!("{} {}", old.text, n % 2),
        tags: tag_ids(tx, tags)?,
    };
    store::story::revise(tx, id, &revision)
}

pub(super) fn delete(tx: &Tx, item: ItemId) -> Result<()> {
    match item {
        ItemId::Story(id) => {
            let author = store::story::find(tx, id, None)?.row.author_id;
            store::story::delete(tx, author, id)
        }
        ItemId::Comment(id) => {
            let author = store::comment::find(tx, id, None)?.author_id;
            store::comment::delete(tx, author, id).map(drop)
        }
    }
}

#[test]
fn whatever_people_do_a_page_is_made_anew_when_it_shows_something_else_and_hardly_ever_otherwise() {
    let scene = Scene::new();
    let mut numbers = Numbers(42);
    let (mut done, mut stale, mut idle) = (0, 0, Vec::new());
    let mut before = scene.pages();
    while done < 120 {
        scene.pass(30);
        let (word, deed) = any(&scene, &mut numbers);
        if scene.try_write(deed).is_err() {
            continue;
        }
        done += 1;
        let after = scene.pages();
        let named = scene.stale(&before);
        for (name, page) in &before {
            let same = after[name].shows == page.shows;
            assert!(
                same || named.contains(name),
                "{word}: {name} shows something else\n{}\n{}",
                page.shows,
                after[name].shows
            );
            stale += usize::from(!same);
            // Search is one stamp, of many earlier stories only some are told of, and most stories here have one point.
            let coarse = ["search", "story", "top"];
            let coarse = coarse.iter().any(|word| name.starts_with(word));
            if same && !coarse && named.contains(name) {
                idle.push(format!("{name}: {word}"));
            }
        }
        before = after;
        if done % 20 == 0 {
            scene.follow();
            before = scene.pages();
        }
    }
    // A page knows the rows before and after its own by their places only.
    assert!(stale > 500 && idle.len() * 50 < stale, "{stale} {idle:#?}");
}
