//! Requests that other sites' pages make a member's browser send: none of them changes anything, whatever the route.
//!
//! [`crate::roles`] is the control: the same forms, sent from the site's own pages, do change something.

use crate::app::{Browser, Reply, TestApp};
use crate::cast::{Cast, password_hash, txid};
use crate::route;

/// Headers as browsers (or older ones, or none at all) send them with a form of another site's page.
const FOREIGN: &[&[(&str, &str)]] = &[
    &[],
    &[("origin", "https://evil.example")],
    &[("origin", "null")],
    &[("origin", "")],
    &[("sec-fetch-site", "cross-site")],
    &[("sec-fetch-site", "same-site")],
    &[("sec-fetch-site", "cross-site"), ("origin", "null")],
    &[
        ("sec-fetch-site", "same-origin"),
        ("origin", "https://evil.example"),
    ],
    &[
        ("sec-fetch-site", "none"),
        ("origin", "https://evil.example"),
    ],
    &[
        ("sec-fetch-site", "cross-site"),
        ("accept", "application/json"),
    ],
    &[
        ("origin", "https://evil.example"),
        ("content-type", "text/plain"),
    ],
];

/// Whoever may do most; between them, everything that can be done at all.
const VICTIMS: [&str; 3] = ["author", "other", "admin"];

struct Trial {
    site: TestApp,
    cast: Cast,
}

impl Trial {
    fn new() -> Self {
        let site = TestApp::start();
        let cast = Cast::several(&site, 0..1, &password_hash()).remove(0);
        Self { site, cast }
    }

    /// Sends something for each victim, and makes sure that nothing came of it.
    fn harmless(&self, what: &str, send: impl Fn(&mut Browser) -> Reply) {
        for actor in VICTIMS {
            let before = txid(&self.site);
            let mut browser = self.cast.browser(&self.site, actor);
            let reply = send(&mut browser);
            let at = format!("{what} by {actor}: {}", reply.status);
            assert_eq!(txid(&self.site), before, "{at}: something changed");
            assert_eq!(reply.header("set-cookie"), None, "{at}: a session changed");
        }
    }

    fn body(&self, route: &str) -> String {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(self.cast.fields(route));
        body.finish()
    }
}

fn posted() -> impl Iterator<Item = String> {
    let table = route::table().into_iter();
    table.filter_map(|(method, route)| (method == "POST").then_some(route))
}

#[test]
fn no_form_of_another_site_changes_anything() {
    let trial = Trial::new();
    for route in posted() {
        let (path, body) = (trial.cast.path(&route), trial.body(&route));
        for headers in FOREIGN {
            let what = format!("POST {route} with {headers:?}");
            trial.harmless(&what, |browser| {
                let reply = browser.post_body(&path, body.as_bytes(), headers);
                assert!(
                    matches!(reply.status, 400 | 403),
                    "{what}: {}",
                    reply.status
                );
                reply
            });
        }
    }
}

#[test]
fn nobody_is_signed_in_or_up_or_out_by_another_site() {
    let trial = Trial::new();
    for route in ["/login", "/signup", "/logout"] {
        let body = trial.body(route);
        // Without a cookie there is nothing to abuse but the browser itself; scripts of no site may sign in.
        for headers in FOREIGN.iter().filter(|headers| !headers.is_empty()) {
            let before = txid(&trial.site);
            let mut visitor = trial.site.browser();
            let reply = visitor.post_body(route, body.as_bytes(), headers);
            assert!(
                matches!(reply.status, 400 | 403),
                "{route} {headers:?}: {}",
                reply.status
            );
            assert_eq!(txid(&trial.site), before, "{route} {headers:?}");
            assert_eq!(visitor.cookie, None, "{route} {headers:?}");
        }
    }
}

#[test]
fn no_address_of_an_action_does_anything_when_it_is_only_looked_at() {
    let trial = Trial::new();
    for route in posted() {
        let path = format!("{}?{}", trial.cast.path(&route), trial.body(&route));
        trial.harmless(&format!("GET {route}"), |browser| browser.get(&path));
        trial.harmless(&format!("HEAD {route}"), |browser| browser.head(&path));
    }
}

/// Actions that read no field, and so no body: where they come from is all that counts.
const WITHOUT_FIELDS: &[&str] = &[
    "/logout",
    "/settings/sessions/end",
    "/settings/sessions/end-others",
    "/settings/sessions/{id}/end",
    "/settings/invites/{id}/withdraw",
    "/admin/members/{name}/reset",
];

#[test]
fn a_body_that_is_no_form_changes_nothing_even_from_our_own_pages() {
    let trial = Trial::new();
    for route in posted().filter(|route| !WITHOUT_FIELDS.contains(&route.as_str())) {
        let (path, body) = (trial.cast.path(&route), trial.body(&route));
        for kind in [
            "text/plain",
            "multipart/form-data; boundary=x",
            "application/json",
        ] {
            let headers = [("content-type", kind), ("sec-fetch-site", "same-origin")];
            trial.harmless(&format!("POST {route} as {kind}"), |browser| {
                browser.post_body(&path, body.as_bytes(), &headers)
            });
        }
    }
}
