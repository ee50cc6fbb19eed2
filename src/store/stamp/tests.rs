//! What writes name meets the pages that show the change, and no others.

/// Deeds in seeded order.
mod seeded;

/// A site with all kinds of pages.
mod scene;

use scene::{Scene, comment, story};
use seeded::{delete, edit};

use crate::domain::id::{ItemId, StoryId};
use crate::domain::moderation::Act;
use crate::domain::user::Role;
use crate::error::Result;
use crate::store::moderation::Correction;
use crate::store::{self, Tx};

/// What a change leaves to be made anew: these pages, besides search and top lists, where most stories tie.
#[track_caller]
fn check<T>(
    scene: &Scene,
    change: impl FnOnce(&Tx) -> Result<T> + Send + 'static,
    expected: &[&str],
) {
    let mut changed = scene.changed(|tx| change(tx).map(drop));
    changed.retain(|name| name != "search" && !name.starts_with("top"));
    assert_eq!(changed, expected);
}

#[test]
fn a_vote_meets_the_pages_on_which_the_story_stands() {
    let scene = Scene::new();
    let [_, bob, cy, _] = scene.users[..] else {
        panic!("four users")
    };
    // Posted by ada as the 26th of 65, so it is the 40th of the newest.
    let fortieth = scene.stories[25 - 1];
    let story = ItemId::Story(fortieth);
    check(
        &scene,
        move |tx| store::vote::set(tx, cy, story, true),
        &[
            "active 2",
            "by ada 1",
            "css 1",
            "css new 1",
            "css,html 1",
            "domain 1",
            "hot 1",
            "hot 2",
            "marks cy",
            "newest 2",
            "profile ada",
        ],
    );
    // Now it stands on the first page of the hottest, and stays there.
    check(
        &scene,
        move |tx| store::vote::set(tx, bob, story, true),
        &[
            "active 2",
            "by ada 1",
            "css 1",
            "css new 1",
            "css,html 1",
            "domain 1",
            "hot 1",
            "marks bob",
            "newest 2",
            "profile ada",
        ],
    );
}

#[test]
fn what_happens_to_a_comment_meets_its_thread_and_no_list_of_stories_but_by_their_number() {
    let scene = Scene::new();
    let [ada, bob, _, mo] = scene.users[..] else {
        panic!("four users")
    };
    // By cy, an answer to one of bob's.
    let (id, story) = (scene.comments[20], scene.stories[6]);
    let item = ItemId::Comment(id);
    check(
        &scene,
        move |tx| store::vote::set(tx, ada, item, true),
        &[
            "comment 86",
            "comments 1",
            "marks ada",
            "profile cy",
            "said by cy 1",
            "story 7",
        ],
    );
    check(
        &scene,
        move |tx| edit(tx, id, 1),
        &["comment 86", "comments 1", "said by cy 1", "story 7"],
    );
    check(
        &scene,
        move |tx| store::flag::set(tx, ada, item, "spam"),
        &["comment 86", "flags", "marks ada", "story 7"],
    );
    let lists = ["active 1", "by ada 1"];
    let rest = ["css 1", "css new 1", "css,html 1"];
    check(
        &scene,
        move |tx| store::moderation::act(tx, mo, item, Act::Remove, "Because."),
        &[
            &lists[..],
            &["comment 86", "comments 1"],
            &rest,
            &[
                "flags",
                "hot 2",
                "inbox bob",
                "modlog",
                "newest 2",
                "row 7",
                "said by cy 1",
                "story 7",
            ],
        ]
        .concat(),
    );
    check(
        &scene,
        move |tx| comment(tx, bob, story, None),
        &[
            &lists[..],
            &["comment 86", "comments 1"],
            &rest,
            &[
                "hot 2",
                "inbox ada",
                "newest 2",
                "row 7",
                "said by bob 1",
                "sitemap 0",
                "story 7",
            ],
        ]
        .concat(),
    );
}

#[test]
fn what_moderators_do_to_a_story_meets_its_lists_and_its_thread_only_where_it_shows() {
    let scene = Scene::new();
    let [_, bob, _, mo] = scene.users[..] else {
        panic!("four users")
    };
    let item = ItemId::Story(scene.stories[6]);
    let act = |act| move |tx: &Tx| store::moderation::act(tx, mo, item, act, "Because.");
    let lists = ["active 1", "by ada 1"];
    let rest = ["css 1", "css new 1", "css,html 1"];
    // Only the order changes.
    check(
        &scene,
        move |tx| store::flag::set(tx, bob, item, "spam"),
        &[
            "css 1",
            "css,html 1",
            "flags",
            "hot 2",
            "hot 3",
            "marks bob",
        ],
    );
    check(
        &scene,
        act(Act::Pin),
        &[
            &lists[..],
            &rest,
            &["hot 3", "modlog", "newest 2", "pinned", "row 7", "story 7"],
        ]
        .concat(),
    );
    check(
        &scene,
        act(Act::Lock),
        &[
            &lists[..],
            &["comment 86"],
            &rest,
            &["modlog", "newest 2", "pinned", "row 7", "story 7"],
        ]
        .concat(),
    );
    check(
        &scene,
        act(Act::Remove),
        &[
            &lists[..],
            &["comment 86", "comments 1", "comments 2"],
            &rest,
            &[
                "flags",
                "inbox ada",
                "inbox bob",
                "inbox cy",
                "modlog",
                "newest 2",
                "pinned",
                "row 7",
                "said by ada 1",
                "said by bob 1",
                "said by cy 1",
                "sitemap 0",
                "story 7",
            ],
        ]
        .concat(),
    );
}

#[test]
fn new_words_meet_what_shows_them() {
    let scene = Scene::new();
    let (cy, mo) = (scene.users[2], scene.users[3]);
    let id = scene.stories[6];
    let correction = Correction {
        title: "Another title".into(),
        tags: vec!["css".into()],
        reason: "Because.".into(),
    };
    check(
        &scene,
        move |tx| store::moderation::correct(tx, mo, id, &correction),
        &[
            "active 1",
            "by ada 1",
            "comment 86",
            "comments 1",
            "comments 2",
            "css 1",
            "css new 1",
            "css,html 1",
            "hot 2",
            "modlog",
            "newest 2",
            "row 7",
            "said by ada 1",
            "said by bob 1",
            "said by cy 1",
            "sitemap 0",
            "story 7",
        ],
    );
    check(
        &scene,
        move |tx| story(tx, cy, 101),
        &["active 1", "by cy 1", "hot 1", "newest 1", "sitemap 0"],
    );
    // The first one that leads there; the address is known by it alone.
    let only = scene.stories[1];
    check(
        &scene,
        move |tx| delete(tx, ItemId::Story(only)),
        &[
            "active 1",
            "by bob 1",
            "comments 1",
            "comments 2",
            "hot 2",
            "inbox ada",
            "inbox bob",
            "inbox cy",
            "knows site1.example",
            "newest 3",
            "said by ada 1",
            "said by bob 1",
            "said by cy 1",
            "sitemap 0",
        ],
    );
}

#[test]
fn what_members_do_to_themselves_meets_their_own_pages() {
    let scene = Scene::new();
    let (ada, bob, mo) = (scene.users[0], scene.users[1], scene.users[3]);
    let item = ItemId::Story(scene.stories[40]);
    check(
        &scene,
        move |tx| store::mark::save(tx, ada, item),
        &["marks ada"],
    );
    let theme = crate::domain::user::Theme::Dark;
    check(
        &scene,
        move |tx| store::account::set_look(tx, ada, theme, true),
        &[],
    );
    check(
        &scene,
        move |tx| store::inbox::read_all(tx, bob),
        &["inbox bob"],
    );
    check(
        &scene,
        move |tx| store::role::set(tx, ada, Role::Moderator, Some(mo)),
        &["modlog", "profile ada"],
    );
    check(&scene, |tx| scene::member(tx, "Dan"), &["name dan"]);
    check(
        &scene,
        |tx| store::setting::set(tx, "name", "Anew"),
        &["site"],
    );
    // Dan never said anything.
    let leave = |name| {
        move |tx: &Tx| {
            let dan = store::user::id_of(tx, "dan")?;
            store::account::delete(tx, dan, name)
        }
    };
    check(&scene, leave(store::account::Name::Freed), &["name dan"]);
    scene.write(|tx| scene::member(tx, "Dan"));
    check(
        &scene,
        leave(store::account::Name::Held),
        &["modlog", "name dan"],
    );
    check(
        &scene,
        move |tx| store::account::delete(tx, bob, store::account::Name::Held),
        &["inbox bob", "marks bob", "modlog", "profile bob", "site"],
    );
}

#[test]
fn a_page_loses_its_way_on_with_the_last_story_after_it() {
    let scene = Scene::new();
    let oldest: Vec<StoryId> = scene.stories[..4].to_vec();
    scene.write(move |tx| {
        oldest
            .iter()
            .try_for_each(|id| delete(tx, ItemId::Story(*id)))
    });
    // 61 are left: 30, 30 and 1.
    let last = scene.stories[4];
    let changed = scene.changed(move |tx| delete(tx, ItemId::Story(last)));
    let newest: Vec<&String> = changed
        .iter()
        .filter(|name| name.starts_with("newest"))
        .collect();
    assert_eq!(newest, ["newest 2", "newest 3"]);
}

#[test]
fn a_thread_too_long_to_be_told_one_by_one_is_told_as_a_whole() {
    let scene = Scene::new();
    let (bob, mo, long) = (scene.users[1], scene.users[3], scene.stories[50]);
    scene.write(move |tx| (0..250).try_for_each(|_| comment(tx, bob, long, None).map(drop)));
    let act = move |tx: &Tx| store::moderation::act(tx, mo, ItemId::Story(long), Act::Remove, "");
    let changed = scene.changed(act);
    for (page, meets) in [
        ("comments 9", true),
        ("said by bob 2", true),
        ("said by cy 1", false),
    ] {
        assert_eq!(
            changed.iter().any(|name| name == page),
            meets,
            "{page} {changed:?}"
        );
    }
}
