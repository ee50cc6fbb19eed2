//! Search: what is found, how it is shown and ordered, and that no line of any kind breaks it.

use std::time::{Duration, Instant};

use site::domain::query::Query;
use site::domain::user::Role;
use site::error::Error;
use site::store::{self, deadline, find};
use site::time::Timestamp;

use crate::app::{Reply, TestApp};

fn search(site: &TestApp, query: &[(&str, &str)]) -> Reply {
    let mut path = url::form_urlencoded::Serializer::new(String::from("/search?"));
    path.extend_pairs(query);
    site.browser().get(&path.finish())
}

/// Titles in the order of the results.
fn titles(reply: &Reply) -> Vec<String> {
    let hits = reply.body.split(r#"<p class="title">"#).skip(1);
    hits.map(|hit| {
        let link = hit.split("</a>").next().unwrap();
        let text = link.split_once('>').unwrap().1;
        text.replace("<mark>", "").replace("</mark>", "")
    })
    .collect()
}

#[test]
fn an_empty_search_shows_the_empty_form_and_keeps_out_of_search_engines() {
    let site = TestApp::start();
    site.story("ada", "A story");
    for path in [
        "/search",
        "/search?q=",
        "/search?q=%20%22%22",
        "/search?q=-word",
    ] {
        site.browser()
            .get(path)
            .expect(200)
            .has(r#"role="search""#)
            .has(r#"<meta name="robots" content="noindex">"#)
            .lacks(r#"class="hits""#)
            .lacks("Nothing found");
    }
}

#[test]
fn stories_and_comments_are_found_with_the_words_marked_and_escaped() {
    let site = TestApp::start();
    let story = site.post_story(
        "ada",
        "A <garbage> collector",
        Some("https://e.com/gc"),
        "First marking, then <script>sweeping</script> the *heap*.",
    );
    site.comment("bob", story, None, "My heaps are <b>small</b>.");
    let found = search(&site, &[("q", "heap")])
        .expect(200)
        .has("2 results")
        .has("A &lt;garbage&gt; collector")
        .has("<mark>heap</mark>.")
        .has("&lt;script&gt;sweeping&lt;/script&gt;")
        .has("My <mark>heaps</mark> are &lt;b&gt;small&lt;/b&gt;.")
        .has(r#"href="/c/2""#)
        .has(r#"href="https://e.com/gc""#);
    assert_eq!(titles(&found).len(), 2);
    search(&site, &[("q", "garbage")]).has("A &lt;<mark>garbage</mark>&gt; collector");
    let stories = search(&site, &[("q", "heap"), ("what", "stories")]).has("1 result<");
    assert_eq!(titles(&stories), ["A &lt;garbage&gt; collector"]);
    search(&site, &[("q", "heap"), ("what", "comments")])
        .has("1 result<")
        .has("bob");
    search(&site, &[("q", "zxqv <b>"), ("what", "stories")])
        .expect(200)
        .has("Nothing found for “zxqv &lt;b&gt;”")
        .has("/search?q=zxqv%20%3Cb%3E");
}

#[test]
fn what_is_removed_is_found_no_longer() {
    let site = TestApp::start();
    let story = site.story("ada", "Quicksort explained");
    site.comment("bob", story, None, "A remark on quicksort");
    search(&site, &[("q", "quicksort")]).has("2 results");
    site.write(move |tx| {
        site::store::search::remove(tx, story.raw())?;
        tx.execute("update story set state = 2 where id = ?1", [story.raw()])?;
        tx.stamp(site::store::stamp::search());
        site::store::search::add(tx, story.raw())
    });
    search(&site, &[("q", "quicksort")])
        .expect(200)
        .has("Nothing found");
}

#[test]
fn operators_and_form_fields_narrow_the_search() {
    let site = TestApp::start();
    let story = site.post_story(
        "ada",
        "Sorting arrays fast",
        Some("https://v8.dev/sort"),
        "",
    );
    site.post_story(
        "bob",
        "Sorting arrays slowly",
        Some("https://www.e.com/sort"),
        "",
    );
    site.post_story("bob", "Arrays, sorting them", None, "the quick brown fox");
    site.comment("cyd", story, None, "Sorting is fun");
    site.write(move |tx| {
        let css = site::store::tag::find(tx, "css")?.id;
        let was = site::store::stamp::Was::of(tx, story)?;
        site::store::story::set_tags(tx, &was, &[css])
    });
    let found = |query: &[(&str, &str)]| {
        let mut titles = titles(&search(&site, query).expect(200));
        titles.sort();
        titles
    };
    let (fast, slow, them) = (
        "Sorting arrays fast",
        "Sorting arrays slowly",
        "Arrays, sorting them",
    );
    assert_eq!(found(&[("q", "sort array")]), [them, fast, slow]);
    assert_eq!(found(&[("q", "\"sorting arrays\"")]), [fast, slow]);
    assert_eq!(
        found(&[("q", "sorting arrays -slowly -\"brown fox\"")]),
        [fast]
    );
    assert_eq!(found(&[("q", "sorting tag:css")]), [fast, fast]);
    assert_eq!(
        found(&[("q", "sorting"), ("tag", "css"), ("what", "stories")]),
        [fast]
    );
    assert_eq!(found(&[("q", "arrays by:ADA")]), [fast]);
    assert_eq!(
        found(&[("q", "sorting author:bob author:cyd")]),
        [them, fast, slow]
    );
    assert_eq!(found(&[("q", "arrays"), ("author", "bob")]), [them, slow]);
    assert_eq!(found(&[("q", "arrays domain:v8.dev")]), [fast]);
    assert_eq!(found(&[("q", "arrays"), ("domain", "www.e.com")]), [slow]);
    assert_eq!(found(&[("q", "by:bob")]), [them, slow]);
    assert_eq!(found(&[("q", "by:bob -fox")]), [slow]);
    assert_eq!(found(&[("q", "tag:css"), ("what", "stories")]), [fast]);
    assert_eq!(found(&[("q", "domain:v8.dev")]), [fast, fast]);
    assert_eq!(
        found(&[("q", "sorting points>0 what:x")]),
        Vec::<String>::new()
    );
    assert_eq!(found(&[("q", "arrays points>1")]), Vec::<String>::new());
    assert_eq!(found(&[("q", "arrays tag:nothing")]), Vec::<String>::new());
    assert_eq!(found(&[("q", "arrays by:nobody")]), Vec::<String>::new());
    search(&site, &[("q", "arrays"), ("tag", "nothing")])
        .has(r#"<a href="/search?q=arrays">take the filters away</a>"#);
    search(&site, &[("q", "arrays"), ("tag", "css")])
        .has(r#"<details class="hint" open>"#)
        .has(r#"name="tag" value="css""#);
}

#[test]
fn results_come_by_relevance_date_or_points() {
    let site = TestApp::stopped();
    let old = site.post_story("ada", "Old story", None, "about closures");
    site.pass(Duration::from_hours(24));
    site.post_story("ada", "Closures in the title", None, "x");
    site.pass(Duration::from_hours(24));
    site.post_story("ada", "New story", None, "closures as well");
    site.write(move |tx| {
        tx.execute("update story set score = 9 where id = ?1", [old.raw()])?;
        Ok(())
    });
    let by = |order| titles(&search(&site, &[("q", "closures"), ("order", order)]).expect(200));
    let (old, title, new) = ("Old story", "Closures in the title", "New story");
    assert_eq!(by("relevance"), [title, old, new]);
    assert_eq!(by("newest"), [new, title, old]);
    assert_eq!(by("score"), [old, new, title]);
    assert_eq!(by("nonsense"), [title, old, new]);
}

#[test]
fn the_beginning_of_a_word_helps_when_nothing_else_does() {
    let site = TestApp::start();
    site.story("ada", "PostgreSQL and friends");
    search(&site, &[("q", "postgre")])
        .has("<mark>PostgreSQL</mark> and friends")
        .has("1 result<");
    search(&site, &[("q", "pos")]).has("Nothing found");
}

#[test]
fn results_are_paged_within_bounds() {
    let site = TestApp::start();
    for n in 0..45 {
        site.story("ada", &format!("Pagination {n}"));
    }
    let page = |page: &str| {
        search(
            &site,
            &[("q", "pagination"), ("order", "newest"), ("page", page)],
        )
        .expect(200)
    };
    let first = page("1")
        .has("45 results")
        .has("/search?q=pagination&amp;order=newest&amp;page=2");
    let (second, third) = (page("2"), page("3").lacks("More results"));
    let mut all = [titles(&first), titles(&second), titles(&third)].concat();
    assert_eq!(
        (all.len(), all[0].as_str(), all[44].as_str()),
        (45, "Pagination 44", "Pagination 0")
    );
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 45);
    for odd in ["0", "-1", "x", "21", "99999999999999999999"] {
        page(odd).lacks("Something broke");
    }
}

#[test]
fn of_very_many_matches_the_newest_are_ranked_and_the_page_says_so() {
    let site = TestApp::start();
    let ada = site.user("ada", Role::Member).raw();
    site.write(move |tx| {
        tx.execute(
            "insert into story (id, user_id, title, day, month, created_ms, active_ms)
             with recursive n(i) as (select 1 union all select i + 1 from n where i < 6000)
             select i, ?1, 'Common ' || i, 0, 0, i, i from n",
            [ada],
        )?;
        tx.execute(
            "insert into search (rowid, title, body) select id, title, text from story",
            [],
        )?;
        Ok(())
    });
    let newest = search(&site, &[("q", "common"), ("order", "newest")])
        .expect(200)
        .has("More than 5,000 results; these are the best of the newest 5,000.");
    assert_eq!(titles(&newest)[0], "Common 6000");
    let last = search(
        &site,
        &[("q", "common"), ("order", "newest"), ("page", "20")],
    )
    .expect(200);
    assert_eq!(titles(&last)[19], "Common 5601");
    last.lacks("More results");
}

#[test]
fn a_flood_of_searches_is_slowed_down_but_the_empty_form_is_not() {
    let site = TestApp::with(|config| config.limits = true);
    let status = |word: &str| search(&site, &[("q", word)]).status;
    assert!((0..30).all(|n| status(&format!("word{n}")) == 200));
    assert_eq!(status("another"), 429);
    assert_eq!(status("word7"), 200, "it is at hand and costs nothing");
    assert_eq!(search(&site, &[]).status, 200);
}

#[test]
fn hostile_queries_are_quick_and_only_ever_words() {
    let site = TestApp::start();
    for n in 0..300 {
        site.post_story(
            "ada",
            &format!("A title {n}"),
            None,
            "a b c quote near title body search",
        );
    }
    let long = |part: &str| part.repeat(60_000 / part.len());
    let hostile = [
        "a*".into(),
        "a* OR b*".into(),
        long("a* OR "),
        long("\""),
        long("\"a"),
        long("NEAR(a b) "),
        "NEAR(a b, 100000)".into(),
        "title:a".into(),
        "{title body}:a".into(),
        "- {title}: a".into(),
        "^a".into(),
        "a + b".into(),
        "a AND (b OR".into(),
        "a NOT".into(),
        "NOT a".into(),
        "') or 1=1 --".into(),
        "\" union select password from user --".into(),
        "'; drop table story; --".into(),
        "tag:' by:\" domain:%".into(),
        "points>99999999999999999999 a".into(),
        "points>-1 a".into(),
        "a\0b".into(),
        "\u{2}a\u{3}".into(),
        long("e\u{301}"),
        long("-a "),
        long("tag:a "),
        "\u{fffe}\u{10ffff}".into(),
        "ﷺ ﷽ 字 ะ ९ ²".into(),
        long("("),
    ];
    for query in hostile {
        for order in ["relevance", "newest"] {
            // Addresses are bounded in length by the server itself; a browser sends no more than the field takes.
            let short: String = query.chars().take(8000).collect();
            let begun = Instant::now();
            let reply = search(&site, &[("q", &short), ("order", order)]);
            let took = begun.elapsed();
            assert!(reply.status < 500, "{short:.40}: {}", reply.body);
            assert!(took < Duration::from_secs(2), "{short:.40}: {took:?}");
        }
    }
    assert_eq!(site.number("select count(*) from story"), 300);
}

#[test]
fn a_search_that_takes_too_long_is_stopped_in_the_middle_of_the_index() {
    let site = TestApp::start();
    // Two words that stand in every text but never in this order: the index has to look everywhere.
    let ada = site.user("ada", Role::Member).raw();
    site.write(move |tx| {
        tx.execute(
            "insert into story (id, user_id, title, text, day, month, created_ms, active_ms)
             with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000)
             select i, ?1, 'T', replace(printf('%060d', 0), '0', 'left x '), 0, 0, i, i from n",
            [ada],
        )?;
        tx.execute(
            "insert into search (rowid, title, body) select id, title, text from story",
            [],
        )?;
        Ok(())
    });
    let query = Query::parse("\"left left\"");
    let find = |limit| {
        let read = |conn: &store::Conn| {
            deadline::within(limit, || {
                find::find(conn, &query, 0, None, Timestamp::from_ms(0))
            })
        };
        site.app.store.read(read)
    };
    assert!(matches!(find(Duration::ZERO), Err(Error::Deadline)));
    let begun = Instant::now();
    let reply = search(&site, &[("q", "\"left left\"")]).expect(200);
    let stopped = reply.body.contains("the search was stopped");
    assert!(
        stopped || reply.body.contains("Nothing found"),
        "{}",
        reply.body
    );
    assert!(begun.elapsed() < Duration::from_secs(2));
}

#[test]
fn earlier_stories_and_filters_are_found_by_their_own_indexes() {
    let site = TestApp::start();
    let plan = |sql: &str| {
        let read = |conn: &store::Conn| {
            let mut query = conn.prepare(&format!("explain query plan {sql}"))?;
            let steps = query.query_map([], |row| row.get::<_, String>(3))?;
            Ok(steps.collect::<Result<Vec<_>, _>>()?.join("; "))
        };
        site.app.store.read(read).unwrap()
    };
    let earlier = "select id from story where url_key = 'k' and +state = 0 and id is not 1 order by created_ms desc, id desc";
    assert!(
        plan(earlier).contains("story_url_key (url_key=?)"),
        "{}",
        plan(earlier)
    );
    let domain = "select s.id from story s where +s.state = 0 and s.domain in ('a', 'b') order by s.created_ms desc, s.id desc";
    assert!(
        plan(domain).contains("story_domain (domain=?"),
        "{}",
        plan(domain)
    );
    let points = "select s.id from story s where s.state = 0 and +s.score > 9 order by s.created_ms desc, s.id desc";
    assert!(!plan(points).contains("TEMP B-TREE"), "{}", plan(points));
}
