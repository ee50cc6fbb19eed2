//! The demonstration: fills what is empty, leaves alone what is not, and everything that follows from it is right.

use site::config::Config;
use site::demo::{self, Outcome};
use site::domain::user::Role;
use site::store::{Conn, Store};
use site::time::Clock;

use crate::app::TestApp;

fn site() -> TestApp {
    TestApp::with(|config: &mut Config| config.demo = true)
}

#[test]
fn an_empty_directory_becomes_a_living_place() {
    let site = site();
    let mut visitor = site.browser();
    visitor
        .get("/")
        .expect(200)
        .has("Welcome: what this place is for")
        .lacks("Nothing here yet");
    assert_eq!(site.number("select count(*) from user"), 14);
    assert_eq!(site.number("select count(*) from story"), 40);
    assert_eq!(site.number("select count(*) from comment"), 235);
    let keeper = "select count(*) from user where name = 'marguerite' and role = 'moderator'";
    assert_eq!(site.number(keeper), 1);
    let about = "select count(*) from user where about_html like '<p>%'";
    assert_eq!(site.number(about), 14);
    let pinned = "select count(*) from story where pinned_ms is not null and title like 'Welcome%'";
    assert_eq!(site.number(pinned), 1);
    assert_eq!(
        site.number("select count(*) from user where password is not null"),
        0
    );
}

#[test]
fn counts_ranks_karma_and_times_are_what_the_rows_say() {
    let site = site();
    for wrong in [
        "story s where s.score <> 1 + (select count(*) from vote v where v.item_id = s.id)",
        "comment c where c.score <> 1 + (select count(*) from vote v where v.item_id = c.id)",
        "story s where s.comment_count <> (select count(*) from comment c where c.story_id = s.id)",
        "story s where s.comment_points <> (select coalesce(sum(c.score + 1), 0) from comment c
           where c.story_id = s.id and c.user_id <> s.user_id)",
        "story s where s.active_ms <> max(s.created_ms, coalesce(
           (select max(c.created_ms) from comment c where c.story_id = s.id), 0))",
        "story s where s.hot >= 0",
        "user u where u.karma <>
           (select count(*) from vote v join story s on s.id = v.item_id where s.user_id = u.id)
           + (select count(*) from vote v join comment c on c.id = v.item_id where c.user_id = u.id)",
        "comment c join comment p on p.id = c.parent_id where p.story_id <> c.story_id or p.created_ms > c.created_ms",
        "comment c join user u on u.id = c.user_id where c.created_ms < u.created_ms",
        "story s join user u on u.id = s.user_id where s.created_ms < u.created_ms",
        "comment a join comment b on b.id > a.id where b.created_ms < a.created_ms",
        "story s where not exists (select 1 from story_tag t where t.story_id = s.id)",
    ] {
        let found = site.number(&format!("select count(*) from {wrong}"));
        assert_eq!(found, 0, "{wrong}");
    }
    let now = site.app.now().ms();
    let late = format!("select count(*) from comment where created_ms > {now}");
    assert_eq!(site.number(&late), 0);
    let found = "select count(*) from search where search match '\"generator\"'";
    assert!(site.number(found) > 0);
}

#[test]
fn a_directory_in_use_is_served_as_it_is() {
    let data = tempfile::tempdir().unwrap();
    let store = Store::open(&data.path().join("data"), Clock::System, 2).unwrap();
    store.write_blocking(site::store::tag::seed).unwrap();
    let first = demo::load(&store).unwrap();
    assert!(matches!(
        first,
        Outcome::Filled {
            members: 14,
            stories: 40,
            comments: 235
        }
    ));
    assert!(first.to_string().contains("Nobody can sign in as them"));
    let second = demo::load(&store).unwrap();
    assert_eq!(second, Outcome::InUse);
    assert!(second.to_string().contains("is not empty"));
    let count = |conn: &Conn| {
        Ok(conn.query_row("select count(*) from story", [], |row| row.get::<_, i64>(0))?)
    };
    assert_eq!(store.read(count).unwrap(), 40);
}

#[test]
fn real_people_can_join_the_demonstration() {
    let site = site();
    let mut ada = site.member_as("ada", Role::Admin);
    ada.get("/")
        .expect(200)
        .has("Welcome: what this place is for");
}
