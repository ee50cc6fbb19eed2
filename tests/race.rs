//! Readers and writers on the same pages, and those who want the same page at the same time. For a minute:
//! `cargo bench -- race`.

use std::sync::{Arc, Barrier, mpsc};
use std::time::Duration;

use site::cache::{Ask, Cache, How, Made, Stamp, Stamps, Weigh};
use site::error::Result;
use site::time::Timestamp;

use crate::app::TestApp;
use crate::contest;
use crate::wire::Wire;

#[test]
fn no_answer_is_older_than_what_was_committed_before_its_request() {
    let dir = tempfile::tempdir().unwrap();
    let done = contest::run(dir.path(), Duration::from_millis(2500), 7);
    assert!(done.violations.is_empty(), "{:#?}", done.violations);
    assert!(done.reads > 100 && done.writes > 10, "{done:?}");
    for result in ["hit", "miss"] {
        assert!(done.metrics.contains_key(result), "{done:?}");
    }
    // What a busy site refused was not judged; most was.
    let refused = |status: &str| status.contains("refused");
    let counts = done.by_status.iter();
    let refused: u64 = counts
        .filter(|(status, _)| refused(status))
        .map(|(_, count)| count)
        .sum();
    assert!(refused * 2 < done.reads, "{done:?}");
}

#[test]
fn a_cold_page_that_many_ask_for_at_once_is_made_once() {
    const MANY: usize = 32;
    let site = TestApp::start();
    for n in 0..30 {
        site.story("ada", &format!("Story number {n}"));
    }
    let start = Barrier::new(MANY);
    std::thread::scope(|scope| {
        for _ in 0..MANY {
            scope.spawn(|| {
                let mut wire = Wire::connect(site.address).unwrap();
                start.wait();
                assert_eq!(wire.get("/top/year").unwrap().status, 200);
            });
        }
    });
    let metrics = site.browser().get("/metrics").body;
    let count = |result: &str| {
        let name =
            format!("site_cache_requests_total{{route=\"/top/{{span}}\",result=\"{result}\"}} ");
        let line = metrics.lines().find_map(|line| line.strip_prefix(&name));
        line.map_or(0, |count| count.parse::<usize>().unwrap())
    };
    assert_eq!((count("miss"), count("stale")), (1, 0), "{metrics}");
    assert_eq!(count("joined") + count("hit"), MANY - 1, "{metrics}");
}

/// What is kept in place of a page.
#[derive(Debug, PartialEq, Eq)]
struct Word(&'static str);

impl Weigh for Word {
    fn weight(&self) -> usize {
        self.0.len()
    }
}

fn made(page: &'static str, snapshot: u64) -> Made<Word> {
    Made {
        page: Word(page),
        snapshot,
        stamps: vec![Stamp::new("story", 7)],
        until: None,
        keep: true,
    }
}

/// One flight begins, a write is committed, and others want the page before the flight has landed.
#[test]
fn who_comes_after_a_write_gets_no_page_of_a_flight_that_began_before_it() {
    actix_web::rt::System::new().block_on(async {
        let stamps = Arc::new(Stamps::new(1));
        let cache = Arc::new(Cache::new(1 << 20, Arc::clone(&stamps)));
        let now = || Timestamp::from_ms(0);
        let ask = |head| Ask { head, stale: false };
        let (land, landing) = tokio::sync::oneshot::channel::<()>();
        let (take_off, in_the_air) = mpsc::channel();
        let want = |head, make: std::pin::Pin<Box<dyn Future<Output = Result<Made<Word>>>>>| {
            let cache = Arc::clone(&cache);
            actix_web::rt::spawn(async move {
                let served = cache
                    .get("/", ask(head), now, |_: &Word| true, || make)
                    .await;
                served
                    .map(|served| (served.entry.page.0, served.how))
                    .unwrap()
            })
        };
        let pilot = want(
            1,
            Box::pin(async move {
                take_off.send(()).unwrap();
                landing.await.unwrap();
                Ok(made("old", 1))
            }),
        );
        let never = || Box::pin(async { panic!("made twice") });
        let passenger = want(1, never());
        tokio::task::yield_now().await;
        in_the_air.try_recv().expect("the flight has begun");
        stamps.set(Stamp::new("story", 7), 2);
        stamps.publish(2);
        // Which of the two takes off anew when the first flight has landed is nobody's business.
        let anew = || Box::pin(async { Ok(made("new", 2)) });
        let (late, later) = (want(2, anew()), want(2, anew()));
        tokio::task::yield_now().await;
        land.send(()).unwrap();
        assert_eq!(pilot.await.unwrap(), ("old", How::Missing));
        assert_eq!(passenger.await.unwrap(), ("old", How::Joined));
        let mut after = [late.await.unwrap(), later.await.unwrap()];
        after.sort_by_key(|(_, how)| *how == How::Joined);
        assert_eq!(after, [("new", How::Outdated), ("new", How::Joined)]);
        assert_eq!(cache.peek("/").unwrap().page, Word("new"));
    });
}
