//! Too much work: what is refused and how, what goes on all the same, and who comes last.

use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use site::errand::{Errand, Rank};
use site::pool::{Lane, LaneReport};

use crate::app::{PASSWORD, TestApp};
use crate::raw::{Raw, metric};

/// All workers of a site, held up until this is dropped.
pub struct HeldUp {
    open: Option<Sender<()>>,
    jobs: Vec<JoinHandle<()>>,
}

impl HeldUp {
    /// Holds up all workers, and has one job more wait for long enough that nothing may join it.
    pub fn workers(site: &TestApp) -> Self {
        let held = Self::start(site, 4);
        let begun = Instant::now();
        until(|| {
            let pages = pages(site);
            let is_old = begun.elapsed() > Duration::from_millis(700);
            pages.running == 3 && pages.queued >= 1 && is_old
        });
        held
    }

    /// Queues so many jobs that end when this is dropped.
    fn start(site: &TestApp, count: usize) -> Self {
        let (open, gate) = channel::<()>();
        let gate = Arc::new(Mutex::new(gate));
        let jobs = (0..count)
            .map(|_| {
                let (app, gate) = (Arc::clone(&site.app), Arc::clone(&gate));
                std::thread::spawn(move || {
                    let job = app.compute(move || {
                        let _ = gate.lock().unwrap().recv();
                        Ok(())
                    });
                    actix_web::rt::System::new().block_on(job).unwrap();
                })
            })
            .collect();
        Self {
            open: Some(open),
            jobs,
        }
    }
}

impl Drop for HeldUp {
    fn drop(&mut self) {
        self.open.take();
        for job in self.jobs.drain(..) {
            job.join().unwrap();
        }
    }
}

fn until(mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < end, "it did not come to that");
        std::thread::yield_now();
    }
}

fn three_workers() -> TestApp {
    TestApp::with(|config| config.workers_max = Some(3))
}

#[test]
fn what_would_wait_too_long_is_refused_at_once_with_a_page_and_a_time_to_come_again() {
    let site = three_workers();
    let held = HeldUp::workers(&site);
    let mut visitor = site.browser();
    let refused = visitor.get("/newest").expect(503).has("Not right now");
    assert_eq!(refused.header("retry-after"), Some("2"));
    assert_eq!(refused.header("cache-control"), Some("no-store"));
    let headers = [("accept", "application/json")];
    visitor
        .get_with("/newest.json", &headers)
        .expect(503)
        .has("{\"error\":{\"code\":\"busy\",");
    let mut raw = Raw::connect(site.address);
    let zipped = raw.get("/newest", &[("accept-encoding", "gzip")]);
    assert_eq!(
        (zipped.status, zipped.told("content-encoding")),
        (503, "gzip")
    );
    assert!(zipped.text().contains("Not right now"));
    assert_eq!(
        metric(site.address, "site_lane_refused_total{lane=\"page\"}"),
        3
    );
    drop(held);
    visitor.get("/newest").expect(200);
}

#[test]
fn pages_at_hand_are_served_while_all_workers_are_held_up() {
    let site = three_workers();
    site.story("ada", "A story at hand");
    let cookie = site.member("bob").cookie.unwrap();
    let (zipped, cookie) = (("accept-encoding", "gzip"), ("cookie", cookie.as_str()));
    let askers: [&[(&str, &str)]; 2] = [&[zipped], &[zipped, cookie]];
    let mut raw = Raw::connect(site.address);
    for headers in [askers, askers].concat() {
        assert_eq!(raw.get("/", headers).status, 200);
    }
    let held = HeldUp::workers(&site);
    for headers in askers {
        let page = raw.get("/", headers);
        assert_eq!((page.status, page.how()), (200, "site; hit"));
        assert!(page.text().contains("A story at hand"));
    }
    assert_eq!(raw.get("/up", &[]).status, 200);
    drop(held);
}

#[test]
fn a_page_at_hand_is_served_whatever_else_its_address_names_and_others_are_refused() {
    let site = three_workers();
    site.story("ada", "A story at hand");
    let mut visitor = site.browser();
    visitor.get("/newest").expect(200);
    visitor.get("/newest?after=zz").expect(400);
    let held = HeldUp::workers(&site);
    // The first is refused by the pool, those that follow before their route is looked for.
    for _ in 0..3 {
        visitor
            .get("/newest?after=yy")
            .expect(503)
            .has("Not right now");
        visitor.get("/search?q=story").expect(503);
        visitor.get("/newest?after=zz").expect(400);
        let page = visitor.get("/newest?utm_source=letter").expect(200);
        assert_eq!(page.header("cache-status"), Some("site; hit"));
    }
    drop(held);
    visitor.get("/newest?after=yy").expect(400);
}

#[test]
fn a_page_that_has_changed_is_served_as_it_was_rather_than_refused() {
    let site = three_workers();
    site.story("ada", "The first story");
    let mut visitor = site.browser();
    visitor.get("/newest").expect(200);
    let held = HeldUp::workers(&site);
    site.story("ada", "The second story");
    let page = visitor.get("/newest").expect(200).has("The first story");
    assert_eq!(
        page.header("cache-status"),
        Some("site; fwd=stale; detail=error")
    );
    drop(held);
    visitor.get("/newest").expect(200).has("The second story");
}

#[test]
fn writing_goes_on_while_all_workers_are_held_up() {
    let site = three_workers();
    let story = site.story("ada", "A story");
    let mut member = site.member("bob");
    let held = HeldUp::workers(&site);
    let path = format!("/s/{}/vote", story.raw());
    assert_eq!(member.post(&path, &[]).status, 303);
    drop(held);
    assert_eq!(site.number("select score from story"), 2);
}

#[test]
fn a_storm_of_sign_ins_leaves_room_for_pages_and_ends_with_everybody_answered() {
    let site = three_workers();
    site.sign_up("ada");
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let storm: Vec<_> = (0..24)
            .map(|_| {
                scope.spawn(|| {
                    let form = [("name", "ada"), ("password", PASSWORD)];
                    site.browser().post("/login", &form).status
                })
            })
            .collect();
        let mut visitor = site.browser();
        for n in 0..20 {
            visitor.get(&format!("/search?q=word{n}")).expect(200);
        }
        storm.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(
        statuses.iter().all(|status| [303, 503].contains(status)),
        "{statuses:?}"
    );
    assert!(statuses.contains(&303));
    let form = [("name", "ada"), ("password", PASSWORD)];
    assert_eq!(site.browser().post("/login", &form).status, 303);
}

#[test]
fn a_member_is_let_in_where_visitors_are_refused() {
    let site = TestApp::with(|config| {
        config.workers_max = Some(3);
        // Nothing but what is queued here waits.
        config.pace.every = Duration::from_hours(1);
    });
    let mut member = site.member("bob");
    // Known from now on.
    member.get("/settings").expect(200);
    // Slow work for a while, so that the site knows that what waits will wait long.
    for job in at_once(&site, 18, Duration::from_millis(500)) {
        job.join().unwrap();
    }
    // More than one turn ahead, and less than two.
    let jobs = at_once(&site, 3 + 4, Duration::from_secs(3));
    until(|| (pages(&site).running, pages(&site).queued) == (3, 4));
    let (visitor, member) = std::thread::scope(|scope| {
        let member = scope.spawn(|| member.get("/inbox").status);
        let visitor = site.browser().get("/newest").status;
        (visitor, member.join().unwrap())
    });
    assert_eq!((visitor, member), (503, 200));
    for job in jobs {
        job.join().unwrap();
    }
}

fn pages(site: &TestApp) -> LaneReport {
    site.app.pool.report().unwrap().lanes[Lane::Page as usize].clone()
}

/// Starts so many jobs of the operator that take so long each.
fn at_once(site: &TestApp, count: usize, time: Duration) -> Vec<JoinHandle<()>> {
    (0..count)
        .map(|_| {
            let app = Arc::clone(&site.app);
            std::thread::spawn(move || {
                let job = app.compute(move || {
                    // Nobody ever sends: it waits for the time.
                    let (_never, heard) = channel::<()>();
                    let _ = heard.recv_timeout(time);
                    Ok(())
                });
                let errand = Arc::new(Errand::new(0, Rank::Operator));
                let done = actix_web::rt::System::new().block_on(errand.run(job));
                done.unwrap();
            })
        })
        .collect()
}

#[test]
fn work_for_a_client_that_has_gone_is_not_done() {
    let site = TestApp::with(|config| {
        config.workers_max = Some(3);
        // Nothing but what is sent here waits.
        config.pace.every = Duration::from_hours(1);
    });
    // Its first probe, and the first of those that follow.
    until(|| pages(&site).services.total() == 2);
    let held = HeldUp::start(&site, 3);
    until(|| pages(&site).running == 3);
    let mut leaving = Raw::connect(site.address);
    let request = format!("GET /newest HTTP/1.1\r\nhost: {}\r\n\r\n", site.address);
    leaving.send(request.as_bytes()).unwrap();
    until(|| pages(&site).queued == 1);
    drop(leaving);
    until(|| site.door.connections() == 0);
    drop(held);
    until(|| pages(&site).unwanted == 1);
    // The last one is counted just after its answer.
    until(|| pages(&site).services.total() == 2 + 3);
}
