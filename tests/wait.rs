//! Many who wait for one page that is made: each gets it, in the form that is theirs.

use std::sync::{Arc, Mutex, mpsc};

use crate::app::TestApp;
use crate::cache::{pages, purge};
use crate::raw::Raw;

/// A visitor's connection.
fn raw(site: &TestApp) -> Raw {
    Raw::connect(site.address)
}

/// Holds up all three threads of a site until what is returned is dropped.
fn hold_up<'a>(site: &TestApp, scope: &'a std::thread::Scope<'a, '_>) -> mpsc::Sender<()> {
    let (open, gate) = mpsc::channel::<()>();
    let gate = Arc::new(Mutex::new(gate));
    for _ in 0..3 {
        let (app, gate) = (Arc::clone(&site.app), Arc::clone(&gate));
        scope.spawn(move || {
            actix_web::rt::System::new().block_on(app.compute(move || {
                let _ = gate.lock().unwrap().recv();
                Ok(())
            }))
        });
    }
    open
}

#[test]
fn who_waits_gets_the_page_when_those_before_hang_up() {
    let site = TestApp::with(|config| config.workers_max = Some(3));
    site.story("author", "A story");
    std::thread::scope(|scope| {
        let open = hold_up(&site, scope);
        let request = format!("GET / HTTP/1.1\r\nhost: {}\r\n\r\n", site.address);
        let asking = || {
            let mut raw = raw(&site);
            raw.send(request.as_bytes()).unwrap();
            raw
        };
        let all_are_in =
            || (0..20).for_each(|_| assert_eq!(raw(&site).get("/up", &[]).status, 200));
        let mut leaving: Vec<Raw> = (0..20).map(|_| asking()).collect();
        all_are_in();
        let mut waiting: Vec<Raw> = (0..10).map(|_| asking()).collect();
        leaving.extend((0..20).map(|_| asking()));
        all_are_in();
        for gone in leaving {
            drop(gone);
            assert_eq!(raw(&site).get("/up", &[]).status, 200);
        }
        drop(open);
        for raw in &mut waiting {
            assert_eq!(raw.hear("GET").unwrap().status, 200);
        }
    });
    assert_eq!(raw(&site).get("/", &[]).how(), "site; hit");
}

#[test]
fn a_cold_page_is_made_for_who_asks_and_then_for_others_who_ask_too() {
    let (site, path) = pages();
    let other = site.story("author", "Another story");
    let other = format!("/s/{other}/another-story");
    let member = site.member("member").cookie.unwrap();
    let own = [("cookie", member.as_str())];
    let mut raw = raw(&site);
    for (path, first, second) in [(&path, &own[..], &[][..]), (&other, &[][..], &own[..])] {
        assert_eq!(raw.get(path, first).how(), "site; fwd=miss; stored");
        let two = raw.get(path, second);
        assert_eq!((two.status, two.how()), (200, "site; fwd=stale; stored"));
        // Both forms are kept, and made together from then on.
        let are_kept = |raw: &mut Raw, cookies: [&[(&str, &str)]; 2]| {
            for cookie in cookies {
                let how = raw.get(path, cookie);
                assert!(how.how().starts_with("site; hit"), "{}", how.how());
            }
        };
        are_kept(&mut raw, [first, second]);
        purge(&site);
        assert_eq!(raw.get(path, first).how(), "site; fwd=stale; stored");
        are_kept(&mut raw, [second, first]);
        for (cookie, name) in [(&own[..], true), (&[][..], false)] {
            let page = String::from_utf8(raw.get(path, cookie).body).unwrap();
            assert_eq!(page.contains("/u/member"), name, "{page}");
        }
    }
}

#[test]
fn members_and_visitors_who_wait_for_one_cold_page_each_get_theirs() {
    let site = TestApp::with(|config| config.workers_max = Some(3));
    let cookie = site.member("member").cookie.unwrap();
    for first_is_member in [false, true] {
        let story = site.story("author", "A story");
        let path = format!("/s/{story}/a-story");
        std::thread::scope(|scope| {
            let open = hold_up(&site, scope);
            let ask = |is_member: bool| {
                let own = if is_member {
                    format!("cookie: {cookie}\r\n")
                } else {
                    String::new()
                };
                let mut raw = raw(&site);
                let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\n{own}\r\n", site.address);
                raw.send(request.as_bytes()).unwrap();
                // Its connection is open when this one is answered.
                assert_eq!(self::raw(&site).get("/up", &[]).status, 200);
                (raw, is_member)
            };
            let order = [first_is_member, !first_is_member].repeat(5);
            let waiting: Vec<_> = order.into_iter().map(ask).collect();
            drop(open);
            for (mut raw, is_member) in waiting {
                let heard = raw.hear("GET").unwrap();
                assert_eq!(heard.status, 200);
                assert_eq!(heard.text().contains("/u/member"), is_member);
            }
        });
    }
}
