//! Two nodes of one site: what is posted to the standby is done by the primary, once, and seen on the standby afterwards.

/// Two nodes.
pub mod pair;

/// What readers are shown.
mod seen;

use std::sync::atomic::Ordering;
use std::time::Duration;

use site::web::relay::carried::{Question, Reply};

use crate::app::{Browser, PASSWORD, TestApp};
use crate::cast::{Cast, JSON, password_hash, txid};
use crate::raw::Raw;
use crate::route;
use crate::slow::Slow;
use pair::Pair;

const STORY: [(&str, &str); 3] = [
    ("title", "Posted far away"),
    ("url", "https://example.org/far"),
    ("tags", "css"),
];

fn stories(site: &TestApp) -> i64 {
    site.number("select count(*) from story")
}

fn comments(site: &TestApp) -> i64 {
    site.number("select count(*) from comment")
}

#[test]
fn what_is_posted_to_the_standby_is_done_by_the_primary() {
    let pair = Pair::start();
    let mut ada = pair.member("ada");
    let before = txid(&pair.primary);
    let reply = ada.post("/submit", &STORY);
    assert!(reply.location().starts_with("/s/"), "{reply:?}");
    assert!(txid(&pair.primary) > before);
    assert_eq!((stories(&pair.primary), stories(&pair.standby)), (2, 1));
    // The page is right at once on the node that wrote it, and the browser's word of it is that node's.
    let word = reply.header("set-cookie").unwrap();
    assert!(word.starts_with("__Host-position=1-"), "{word}");
    let mut at_primary = ada.at(&pair.primary);
    at_primary.get("/newest").expect(200).has("Posted far away");
}

#[test]
fn who_joins_through_the_standby_is_signed_in_by_both_cookies() {
    let pair = Pair::start();
    let mut browser = pair.standby.browser();
    let form = [
        ("name", "zoe"),
        ("email", "zoe@example.org"),
        ("password", PASSWORD),
    ];
    let reply = browser.post("/signup", &form).expect(303);
    let cookies = reply
        .headers
        .iter()
        .filter(|(name, _)| name == "set-cookie");
    assert_eq!(cookies.count(), 2, "{reply:?}");
    browser
        .at(&pair.primary)
        .get("/settings")
        .expect(200)
        .has("zoe");
}

#[test]
fn another_sites_form_is_refused_by_the_node_that_it_reaches() {
    let pair = Pair::start();
    let mut ada = pair.member("ada");
    for headers in [
        &[][..],
        &[("origin", "https://evil.example")],
        &[("sec-fetch-site", "cross-site")],
        // The primary's own address is another site as far as browsers go.
        &[("origin", &format!("http://{}", pair.primary.address))],
    ] {
        ada.post_with("/submit", &STORY, headers).expect(403);
    }
    assert_eq!((pair.wire.sent(), stories(&pair.primary)), (0, 1));
}

#[test]
fn no_header_makes_a_client_somebody_else() {
    let pair = Pair::with(
        |_| {},
        |config| {
            config.trusted_proxies = vec!["127.0.0.2/32".parse().unwrap()];
        },
    );
    let form = [("name", "ada"), ("password", PASSWORD)];
    let forged = [
        ("sec-fetch-site", "same-origin"),
        ("x-forwarded-for", "203.0.113.7"),
        ("x-forwarded-proto", "https"),
        ("forwarded", "for=203.0.113.7"),
        ("x-carried", "203.0.113.7"),
        ("cross-site", "0"),
    ];
    pair.sign_up("ada");
    let mut browser = pair.standby.browser();
    browser.post_with("/login", &form, &forged).expect(303);
    let session = "select address from session order by id desc limit 1";
    let read = |site: &TestApp| {
        let read = |conn: &site::store::Conn| Ok(conn.query_row(session, [], |row| row.get(0))?);
        site.app.store.read::<String>(read).unwrap()
    };
    assert_eq!(read(&pair.primary), "127.0.0.1");
    let question = Question::decode(&pair.wire.heads()[1]).unwrap();
    assert!(
        question
            .headers
            .keys()
            .all(|name| !name.as_str().starts_with("x-"))
    );
    assert!(!question.headers.contains_key("forwarded"));
}

#[test]
fn the_primarys_limits_count_the_address_of_the_client() {
    let pair = Pair::with(
        |config| config.limits = true,
        |config| config.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()],
    );
    let mut browser = pair.standby.browser();
    let mut attempt = |address: &str, n: usize| {
        let name = format!("nobody{n}");
        let form = [
            ("name", name.as_str()),
            ("password", "wrong but long enough"),
        ];
        let headers = [
            ("sec-fetch-site", "same-origin"),
            ("x-forwarded-for", address),
        ];
        browser.post_with("/login", &form, &headers).status
    };
    let limited = (0..100).find(|n| attempt("203.0.113.7", *n) == 429);
    assert!(limited.is_some_and(|n| n > 2), "{limited:?}");
    assert_eq!(attempt("203.0.113.8", 200), 422);
    assert_eq!(attempt("203.0.113.7", 201), 429);
}

/// Each one that is asked for is one more: the site itself does not take two for one.
fn invites(site: &TestApp) -> i64 {
    site.number("select count(*) from invite")
}

#[test]
fn a_change_whose_answer_is_lost_is_asked_for_again_and_done_once() {
    let pair = Pair::start();
    let mut ada = pair.member("ada");
    pair.wire.lose.store(1, Ordering::SeqCst);
    let reply = ada.post("/settings/invites", &[("memo", "For a friend")]);
    assert!(reply.status < 400, "{reply:?}");
    let heads = pair.wire.heads();
    assert_eq!(heads.len(), 2);
    assert_eq!(heads[0], heads[1]);
    assert_eq!(invites(&pair.primary), 1);
    // Asked for once more by the person, it is another one.
    ada.post("/settings/invites", &[("memo", "For a friend")]);
    assert_eq!(invites(&pair.primary), 2);
    // Lost twice: nobody knows what came of it, and it is not said that something did.
    pair.wire.lose.store(2, Ordering::SeqCst);
    let page = ada.post("/settings/invites", &[("memo", "For another")]);
    let page = page.expect(503).has("value=\"For another\"");
    let number = page.body.split("name=\"again\" value=\"").nth(1).unwrap();
    let again = [("memo", "For another"), ("again", &number[..32])];
    assert_eq!((pair.wire.sent(), invites(&pair.primary)), (5, 3));
    // Sent again as it is, it is told what came of it; by somebody else, or changed, it is another one.
    let reply = ada.post("/settings/invites", &again);
    assert!(reply.status < 400, "{reply:?}");
    assert_eq!((pair.wire.sent(), invites(&pair.primary)), (6, 3));
    let reply = pair.member("bob").post("/settings/invites", &again);
    assert!(reply.status < 400, "{reply:?}");
    assert_eq!(invites(&pair.primary), 4);
    ada.post("/settings/invites", &[("memo", "Changed"), again[1]]);
    assert_eq!(invites(&pair.primary), 5);
}

#[test]
fn two_of_the_same_at_once_are_one() {
    let pair = Pair::start();
    let mut ada = pair.member("ada");
    ada.post("/settings/invites", &[("memo", "First")]);
    let (head, body) = pair.wire.parcels().remove(0);
    let mut question = Question::decode(&head).unwrap();
    question.key = [9; 16];
    let head = question.encode();
    let answers: Vec<_> = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| pair.wire.ask(head.clone(), body.clone()).unwrap()))
            .collect();
        asked.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(answers.windows(2).all(|two| two[0] == two[1]));
    assert!(Reply::decode(&answers[0].0).unwrap().status.as_u16() < 400);
    assert_eq!(invites(&pair.primary), 2);
    assert!(pair.wire.ask(b"nonsense".to_vec(), Vec::new()).is_err());
}

#[test]
fn while_the_primary_is_gone_nothing_that_was_typed_is_lost() {
    let pair = Pair::start();
    let mut ada = pair.member("ada");
    pair.wire.is_dead.store(true, Ordering::SeqCst);
    let path = format!("/s/{}/comments", pair.story);
    let text = "Two lines\nwith <b>\"marks\"</b>";
    let page = ada
        .post(&path, &[("text", text), ("parent", "")])
        .expect(503);
    assert_eq!(page.header("retry-after"), Some("5"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert_eq!(page.header("set-cookie"), None);
    page.has(&format!("action=\"{path}\""))
        .has("Send again")
        .has("Two lines\nwith &lt;b&gt;&quot;marks&quot;&lt;/b&gt;</textarea>");
    let form = [
        ("name", "ada"),
        ("password", "hunter2 and more"),
        ("next", "/saved"),
    ];
    let page = pair.standby.browser().post("/login", &form).expect(503);
    page.has("value=\"ada\"")
        .has("value=\"/saved\"")
        .lacks("hunter2");
    let told = ada.post_json(&path, &[("text", text)]).expect(503);
    told.has("\"unreachable\"").lacks("<html");
    // Reading goes on, by those too whose last change has not come here.
    ada.get("/newest").expect(200);
    assert_eq!(comments(&pair.primary), 0);
    pair.wire.is_dead.store(false, Ordering::SeqCst);
    ada.post(&path, &[("text", text)]).expect(303);
}

#[test]
fn a_page_that_is_sent_again_never_leads_away() {
    let pair = Pair::start();
    pair.wire.is_dead.store(true, Ordering::SeqCst);
    let mut raw = Raw::connect(pair.standby.address);
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let heard = raw.ask("POST", "//evil.example/x", &[kind], b"a=b");
    assert_eq!(heard.status, 503);
    let page = heard.text();
    assert!(
        !page.contains("action=\"//evil") && page.contains("action=\"/\""),
        "{page}"
    );
}

#[test]
fn bodies_that_are_too_big_or_too_slow_end_at_the_standby() {
    let pair = Pair::with(
        |_| {},
        |config| {
            config.patience.body = Duration::from_millis(300);
        },
    );
    let mut raw = Raw::connect(pair.standby.address);
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let big = vec![b'a'; 256 * 1024 + 1];
    assert_eq!(raw.ask("POST", "/submit", &[kind], &big).status, 413);
    let mut raw = Raw::connect(pair.standby.address);
    let coded = [kind, ("content-encoding", "gzip")];
    assert_eq!(raw.ask("POST", "/submit", &coded, b"xx").status, 415);
    let mut slow = Slow::connect(pair.standby.address);
    assert!(slow.send(b"POST /login HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nname="));
    slow.until_heard("took too long");
    slow.until_closed();
    assert_eq!(pair.wire.sent(), 0);
    // As big as may be: all of it arrives.
    let mut ada = pair.member("ada");
    let text = "word ".repeat(1500);
    let path = format!("/s/{}/comments", pair.story);
    ada.post(&path, &[("text", &text)]).expect(303);
    assert_eq!(
        pair.primary.number("select length(text) from comment"),
        7499
    );
}

#[test]
fn a_change_never_goes_round_in_circles() {
    let pair = Pair::start();
    let spare = pair.offload();
    let mut ada = pair.member("ada");
    ada.post("/submit", &STORY).expect(303);
    let (head, body) = pair.wire.parcels().remove(0);
    // The standby is asked to write, as if it were the primary.
    assert!(spare.ask(head.clone(), body.clone()).is_err());
    assert_eq!((pair.wire.sent(), stories(&pair.standby)), (1, 1));
    // Nor does a node that has nothing yet show its empty pages to others' visitors.
    pair.link.has_copy.store(false, Ordering::SeqCst);
    let mut question = Question::decode(&head).unwrap();
    question.method = actix_web::http::Method::GET;
    assert!(spare.ask(question.encode(), Vec::new()).is_err());
    // And what has ended answers nothing any more.
    pair.link.has_copy.store(true, Ordering::SeqCst);
    pair.wire.end();
    assert!(pair.wire.ask(head, body).is_err());
    ada.post("/submit", &STORY).expect(503).has("Send again");
}

/// Routes that take more than a cast has: an address with a title, one-time links.
const EXCEPT: [&str; 3] = ["/submit/title", "/reset/{token}", "/setup/{token}"];

/// Each route twice: for one cast at the primary, for another through the standby. What comes of it is the same.
#[test]
fn every_action_works_through_the_standby() {
    let posts: Vec<String> = route::table()
        .into_iter()
        .filter_map(|(method, route)| (method == "POST").then_some(route))
        .collect();
    let mut casts = Vec::new();
    let pair = Pair::filled(|site| {
        casts = Cast::several(site, 0..2 * posts.len(), &password_hash());
    });
    let outcome = |site: &TestApp, cast: &Cast, route: &str| {
        let actor = match route {
            _ if route.starts_with("/admin") => "admin",
            _ if route.starts_with("/mod/") => "moderator",
            "/login" | "/signup" => "visitor",
            _ if route.ends_with("flag") => "other",
            _ if route.ends_with("vote") => "other",
            _ => "author",
        };
        let before = txid(&pair.primary);
        let mut browser: Browser = cast.browser(site, actor);
        let fields = cast.fields(route);
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let reply = match Cast::json(route) {
            None => browser.post(&cast.path(route), &fields),
            Some(json) => browser.post_body(&cast.path(route), json, &JSON),
        };
        let cookies = reply
            .headers
            .iter()
            .filter(|(name, _)| name == "set-cookie")
            .count();
        (reply.status, cookies, txid(&pair.primary) - before)
    };
    let mut refused = Vec::new();
    for (route, casts) in posts.iter().zip(casts.chunks(2)) {
        let at_primary = outcome(&pair.primary, &casts[0], route);
        let through = outcome(&pair.standby, &casts[1], route);
        assert_eq!(at_primary, through, "{route}");
        assert!(through.0 < 500, "{route}: {through:?}");
        if ![200, 204, 303].contains(&through.0) {
            refused.push(route.as_str());
        }
    }
    assert_eq!(pair.wire.sent(), posts.len());
    assert_eq!(refused, EXCEPT);
}
