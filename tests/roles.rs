//! Who may do what: every route for every role, with the author's things in its address. A route without a row fails.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::app::{Reply, TestApp};
use crate::cast::{ACTORS, Cast, JSON, password_hash, txid};
use crate::route;

/// What comes of each request, in the order of [`ACTORS`]: the status, or `in!` for the way to the sign-in page; one word
/// for all when it is the same. Whatever is refused changes nothing, and no GET does.
const MATRIX: &str = "
GET /                                200
GET /about                           200
GET /active                          200
GET /active.atom                     200
GET /active.feed.json                200
GET /active.json                     200
GET /active.rss                      200
GET /assets/{name}                   200
GET /c/{id}                          200
GET /comments                        200
GET /comments.atom                   200
GET /comments.feed.json              200
GET /comments.rss                    200
GET /domain/{domain}                 200
GET /domain/{domain}.atom            200
GET /domain/{domain}.feed.json       200
GET /domain/{domain}.rss             200
GET /favicon.ico                     200
GET /guidelines                      200
GET /hot.atom                        200
GET /hot.feed.json                   200
GET /hot.rss                         200
GET /hottest.json                    200
GET /learn                           200
GET /learn/data/{name}.json          200
GET /learn/done                      200
GET /learn/offline.js                200
GET /learn/runner{name}.html         200
GET /learn/{lesson}                  200
GET /learn/{lesson}/talk             200
GET /livez                           200
POST /login                          303
POST /logout                         303
GET /manifest.webmanifest            200
GET /metrics                         200
GET /modlog                          200
GET /modlog.atom                     200
GET /modlog.feed.json                200
GET /modlog.rss                      200
GET /newest                          200
GET /newest.atom                     200
GET /newest.feed.json                200
GET /newest.json                     200
GET /newest.rss                      200
GET /opensearch.xml                  200
GET /privacy                         200
GET /readyz                          200
GET /reset/{token}                   404
POST /reset/{token}                  404
GET /resources                       200
GET /robots.txt                      200
GET /s/{id:[0-9]+}                   301
GET /s/{id}.json                     200
GET /s/{id}/comments.atom            200
GET /s/{id}/comments.feed.json       200
GET /s/{id}/comments.rss             200
GET /s/{id}/{slug}                   200
GET /search                          200
GET /setup/{token}                   403
POST /setup/{token}                  403
POST /signup                         303
GET /sitemap.xml                     200
GET /sitemap/{part}.xml              200
GET /submit/check                    200
GET /t/{tags}                        200
GET /t/{tags}.atom                   200
GET /t/{tags}.feed.json              200
GET /t/{tags}.json                   200
GET /t/{tags}.rss                    200
GET /tags                            200
GET /top/{span}                      200
GET /top/{span}.atom                 200
GET /top/{span}.feed.json            200
GET /top/{span}.rss                  200
GET /u/{name}                        200
GET /u/{name}.json                   200
GET /u/{name}/comments               200
GET /u/{name}/comments.atom          200
GET /u/{name}/comments.feed.json     200
GET /u/{name}/comments.rss           200
GET /u/{name}/stories                200
GET /u/{name}/stories.atom           200
GET /u/{name}/stories.feed.json      200
GET /u/{name}/stories.rss            200
GET /up                              200

GET /admin                           401 403 403 403 403 403 200
POST /admin                          401 403 403 403 403 403 303
GET /admin/members                   401 403 403 403 403 403 200
POST /admin/members/{name}/reset     401 403 403 403 403 403 200
POST /admin/members/{name}/role      401 403 403 403 403 403 303
GET /admin/status                    401 403 403 403 403 403 200
GET /admin/status/events             401 403 403 403 403 403 200
GET /admin/tags                      401 403 403 403 403 403 200
POST /admin/tags                     401 403 403 403 403 403 303
GET /admin/tags/{tag}                401 403 403 403 403 403 200
POST /admin/tags/{tag}               401 403 403 403 403 403 303
POST /admin/tags/{tag}/retire        401 403 403 403 403 403 303
GET /c/{id}/delete                   401 403 200 403 403 403 403
POST /c/{id}/delete                  401 403 303 403 403 403 403
GET /c/{id}/edit                     401 403 200 403 403 403 403
POST /c/{id}/edit                    401 403 303 403 403 403 403
GET /c/{id}/flag                     401 403 403 200 403 200 200
POST /c/{id}/flag                    401 403 403 303 403 303 303
GET /c/{id}/reply                    in! 403 200 200 403 200 200
POST /c/{id}/save                    in! 403 303 303 403 303 303
POST /c/{id}/unflag                  401 403 403 303 403 303 303
POST /c/{id}/unsave                  in! 403 303 303 403 303 303
POST /c/{id}/unvote                  in! 403 403 303 403 303 303
POST /c/{id}/vote                    in! 403 403 303 403 303 303
GET /hidden                          401 200 200 200 200 200 200
GET /inbox                           401 200 200 200 200 200 200
POST /inbox/read                     401 403 303 303 403 303 303
POST /learn/progress/tally           204
GET /learn/progress                  401 200 200 200 200 200 200
POST /learn/progress                 401 200 200 200 200 200 200
GET /learn/{lesson}/report           200 403 200 200 403 200 200
POST /learn/{lesson}/report          in! 403 303 303 403 303 303
POST /learn/{lesson}/talk            401 403 303 303 403 303 303
GET /login                           200 303 303 303 303 303 303
GET /mod                             401 403 403 403 403 200 200
GET /mod/approve                     401 403 403 403 403 200 200
POST /mod/approve                    401 403 403 403 403 303 303
GET /mod/bans                        401 403 403 403 403 200 200
GET /mod/c/{id}                      401 403 403 403 403 200 200
POST /mod/c/{id}                     401 403 403 403 403 303 303
GET /mod/domains                     401 403 403 403 403 200 200
POST /mod/domains                    401 403 403 403 403 303 303
GET /mod/lessons                     401 403 403 403 403 200 200
POST /mod/lessons                    401 403 403 403 403 303 303
GET /mod/resources                   401 403 403 403 403 200 200
GET /mod/resources/{id}              401 403 403 403 403 200 200
POST /mod/resources/{id}             401 403 403 403 403 303 303
GET /mod/s/{id}                      401 403 403 403 403 200 200
POST /mod/s/{id}                     401 403 403 403 403 303 303
GET /mod/s/{id}/edit                 401 403 403 403 403 200 200
POST /mod/s/{id}/edit                401 403 403 403 403 303 303
GET /mod/u/{name}                    401 403 403 403 403 200 200
POST /mod/u/{name}                   401 403 403 403 403 303 303
GET /resources/suggest               in! 403 200 200 403 200 200
POST /resources/suggest              401 403 303 303 403 303 303
POST /resources/{id}/unvote          in! 403 403 303 403 303 303
POST /resources/{id}/vote            in! 403 403 303 403 303 303
POST /s/{id}/comments                401 403 303 303 403 303 303
GET /s/{id}/delete                   401 403 200 403 403 403 403
POST /s/{id}/delete                  401 403 303 403 403 403 403
GET /s/{id}/edit                     401 403 200 403 403 403 403
POST /s/{id}/edit                    401 403 303 403 403 403 403
GET /s/{id}/flag                     401 403 403 200 403 200 200
POST /s/{id}/flag                    401 403 403 303 403 303 303
POST /s/{id}/hide                    in! 403 303 303 403 303 303
POST /s/{id}/save                    in! 403 303 303 403 303 303
POST /s/{id}/unflag                  401 403 403 303 403 303 303
POST /s/{id}/unhide                  in! 403 303 303 403 303 303
POST /s/{id}/unsave                  in! 403 303 303 403 303 303
POST /s/{id}/unvote                  in! 403 403 303 403 303 303
POST /s/{id}/vote                    in! 403 403 303 403 303 303
GET /saved                           401 200 200 200 200 200 200
GET /settings                        401 200 200 200 200 200 200
GET /settings/delete                 401 200 200 200 200 200 200
POST /settings/delete                401 303 303 303 303 303 303
POST /settings/email                 401 303 303 303 303 303 303
GET /settings/invites                401 200 200 200 200 200 200
POST /settings/invites               401 403 303 303 403 303 303
POST /settings/invites/{id}/withdraw 401 303 303 303 303 303 303
POST /settings/look                  401 303 303 303 303 303 303
GET /settings/password               401 200 200 200 200 200 200
POST /settings/password              401 303 303 303 303 303 303
POST /settings                       401 403 303 303 403 303 303
GET /settings/sessions               401 200 200 200 200 200 200
POST /settings/sessions/{id}/end     401 303 303 303 303 303 303
POST /settings/sessions/end          401 303 303 303 303 303 303
POST /settings/sessions/end-others   401 303 303 303 303 303 303
GET /signup                          200 303 303 303 303 303 303
GET /submit                          in! 403 200 200 403 200 200
POST /submit                         401 403 303 303 403 303 303
POST /submit/title                   401 403 422 422 403 422 422
GET /voted                           401 200 200 200 200 200 200
";

/// What a person might add to a form in the hope that it counts.
const WISHES: &[(&str, &str)] = &[
    ("is_admin", "1"),
    ("admin", "true"),
    ("role", "admin"),
    ("karma", "1000000"),
    ("score", "1000000"),
    ("state", "active"),
    ("user_id", "3"),
    ("author", "author-0"),
    ("created_ms", "0"),
];

#[test]
fn every_role_may_do_on_every_route_what_the_matrix_says_and_nothing_else() {
    let site = TestApp::start();
    let hash = password_hash();
    let everybodys = Cast::several(&site, 0..1, &hash).remove(0);
    let mut found = BTreeMap::new();
    for (number, (method, route)) in route::table().into_iter().enumerate() {
        let cells: Vec<String> = if method == "GET" {
            let cells = ACTORS.iter();
            cells
                .map(|actor| get(&site, &everybodys, &route, actor))
                .collect()
        } else {
            let casts = Cast::several(&site, number * 7 + 1..number * 7 + 8, &hash);
            let cells = ACTORS.iter().zip(&casts);
            cells
                .map(|(actor, cast)| post(&site, cast, &route, actor))
                .collect()
        };
        let same = cells.iter().all(|cell| *cell == cells[0]);
        let cells = if same {
            cells[0].clone()
        } else {
            cells.join(" ")
        };
        found.insert(format!("{method} {route}"), cells);
    }
    assert_same(&written(), &found);
}

/// The matrix: request and cells.
fn written() -> BTreeMap<String, String> {
    let rows = MATRIX.lines().filter(|line| !line.is_empty());
    let rows = rows.map(|line| {
        let mut words = line.split_whitespace();
        let request = format!("{} {}", words.next().unwrap(), words.next().unwrap());
        (request, words.collect::<Vec<_>>().join(" "))
    });
    rows.collect()
}

fn assert_same(written: &BTreeMap<String, String>, found: &BTreeMap<String, String>) {
    let requests: BTreeSet<&String> = written.keys().chain(found.keys()).collect();
    let mut wrong = String::new();
    for request in requests {
        let (expected, is) = (written.get(request), found.get(request));
        if expected != is {
            writeln!(
                wrong,
                "{request}\n  written: {expected:?}\n  found:   {is:?}"
            )
            .unwrap();
        }
    }
    assert!(wrong.is_empty(), "{ACTORS:?}\n{wrong}");
}

fn get(site: &TestApp, cast: &Cast, route: &str, actor: &str) -> String {
    let before = txid(site);
    let reply = cast.browser(site, actor).get(&cast.path(route));
    assert_eq!(
        txid(site),
        before,
        "GET {route} by {actor} changed something"
    );
    outcome(&reply)
}

/// The status; a way to the sign-in page is a refusal, whatever its status.
fn outcome(reply: &Reply) -> String {
    match reply.header("location") {
        Some(path) if path.starts_with("/login?next=") => "in!".into(),
        _ => reply.status.to_string(),
    }
}

fn post(site: &TestApp, cast: &Cast, route: &str, actor: &str) -> String {
    let mut fields = cast.fields(route);
    fields.extend(
        WISHES
            .iter()
            .map(|(key, value)| (*key, (*value).to_owned())),
    );
    let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let (own, standing) = (cast.authors_own(site), cast.standing(site, actor));
    let before = txid(site);
    let mut browser = cast.browser(site, actor);
    let reply = match Cast::json(route) {
        Some(json) => browser.post_body(&cast.path(route), json, &JSON),
        None => browser.post(&cast.path(route), &fields),
    };
    let outcome = outcome(&reply);
    let at = format!("POST {route} by {actor}: {outcome}");
    if reply.status >= 400 || outcome == "in!" {
        assert_eq!(
            txid(site),
            before,
            "{at}: refused, and yet something changed"
        );
    }
    let trusted = matches!(actor, "moderator" | "admin") && route.starts_with("/mod/")
        || actor == "admin" && route.starts_with("/admin/");
    // Whoever knows the password opens a session.
    if actor != "author" && !trusted && route != "/login" {
        assert_eq!(
            cast.authors_own(site),
            own,
            "{at}: the author's own was changed"
        );
    }
    let after = cast.standing(site, actor);
    let left = after == "left" && route == "/settings/delete";
    assert!(
        left || after == standing,
        "{at}: raised themselves to {after}"
    );
    outcome
}
