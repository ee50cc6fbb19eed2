//! The cache's rules with pages of one word, without pages, SQL or sleeping.

use super::*;
use crate::cache::Stamp;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use tokio::sync::oneshot;

/// A page: its text, and whether it has the form that some want.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Text(String, bool);

impl Weigh for Text {
    fn weight(&self) -> usize {
        self.0.len()
    }
}

const BUDGET: u64 = 1 << 20;
const NOW: Timestamp = Timestamp::from_ms(1000);

fn stamp() -> Stamp {
    Stamp::new("story", 7)
}

fn cache() -> Cache<Text> {
    Cache::new(BUDGET, Arc::new(Stamps::new(1)))
}

fn made(text: &str, snapshot: u64) -> Made<Text> {
    Made {
        page: Text(text.to_owned(), false),
        snapshot,
        stamps: vec![stamp()],
        until: None,
        keep: true,
    }
}

fn ask(head: u64, stale: bool) -> Ask {
    Ask { head, stale }
}

async fn get<Fut>(
    cache: &Cache<Text>,
    ask: Ask,
    make: impl FnOnce() -> Fut,
) -> Result<(String, How)>
where
    Fut: Future<Output = Result<Made<Text>>>,
{
    let served = cache.get("/", ask, || NOW, |_| true, make).await?;
    Ok((served.entry.page.0.clone(), served.how))
}

fn at_once(made: Made<Text>) -> std::future::Ready<Result<Made<Text>>> {
    std::future::ready(Ok(made))
}

/// Lets a future run as far as it can.
async fn step<F: Future>(mut future: Pin<&mut F>) -> Option<F::Output> {
    poll_fn(|cx| {
        Poll::Ready(match future.as_mut().poll(cx) {
            Poll::Ready(value) => Some(value),
            Poll::Pending => None,
        })
    })
    .await
}

/// What an event changes: every page of these tests.
fn change(cache: &Cache<Text>, txid: u64) {
    cache.stamps.set(stamp(), txid);
    cache.stamps.publish(txid);
}

#[tokio::test]
async fn what_is_kept_is_made_once_and_again_when_it_changes() {
    let cache = cache();
    let first = get(&cache, ask(1, true), || at_once(made("one", 1))).await;
    assert_eq!(first.unwrap(), ("one".into(), How::Missing));
    let never = || async { unreachable!("it is kept") };
    let again = get(&cache, ask(1, true), never).await;
    assert_eq!(again.unwrap(), ("one".into(), How::Hit));
    change(&cache, 2);
    let anew = get(&cache, ask(2, true), || at_once(made("two", 2))).await;
    assert_eq!(anew.unwrap(), ("two".into(), How::Outdated));
    assert_eq!(cache.size().evicted, 0, "replaced, for want of nothing");
    assert_eq!(cache.size().entries, 1);
}

#[tokio::test]
async fn pilots_who_leave_cost_nobody_their_page() {
    let cache = cache();
    let mut waits = Box::pin(get(&cache, ask(1, false), || at_once(made("mine", 1))));
    let mut pilot = Box::pin(get(&cache, ask(1, false), std::future::pending));
    assert!(step(pilot.as_mut()).await.is_none());
    assert!(step(waits.as_mut()).await.is_none());
    for _ in 0..5 {
        // The next one boards before the one who waits is woken.
        drop(pilot);
        pilot = Box::pin(get(&cache, ask(1, false), std::future::pending));
        assert!(step(pilot.as_mut()).await.is_none());
        assert!(step(waits.as_mut()).await.is_none());
    }
    drop(pilot);
    assert_eq!(waits.await.unwrap(), ("mine".into(), How::Missing));
}

#[tokio::test]
async fn after_two_failures_one_who_waits_is_told_that_the_site_is_busy() {
    let cache = cache();
    let mut waits = Box::pin(get(&cache, ask(1, true), || at_once(made("mine", 1))));
    let (fail, failing) = oneshot::channel::<()>();
    let broken = |gate: oneshot::Receiver<()>| async {
        let _ = gate.await;
        Err(Error::Unavailable)
    };
    let mut pilot = Box::pin(get(&cache, ask(1, true), || broken(failing)));
    assert!(step(pilot.as_mut()).await.is_none());
    assert!(step(waits.as_mut()).await.is_none());
    let (again, failing) = oneshot::channel::<()>();
    fail.send(()).unwrap();
    assert!(matches!(pilot.await, Err(Error::Unavailable)));
    let mut next = Box::pin(get(&cache, ask(1, true), || broken(failing)));
    assert!(step(next.as_mut()).await.is_none());
    assert!(step(waits.as_mut()).await.is_none());
    again.send(()).unwrap();
    assert!(matches!(next.await, Err(Error::Unavailable)));
    assert!(matches!(waits.await, Err(Error::Busy)));
    assert!(cache.peek("/").is_none());
    // Nothing stays stuck.
    let after = get(&cache, ask(1, true), || at_once(made("well", 1))).await;
    assert_eq!(after.unwrap(), ("well".into(), How::Missing));
}

#[tokio::test]
async fn who_came_after_a_write_does_not_take_what_an_earlier_flight_brings() {
    let cache = cache();
    let (land, gate) = oneshot::channel();
    let slow = || async { Ok(gate.await.unwrap()) };
    let mut early = Box::pin(get(&cache, ask(1, false), slow));
    assert!(step(early.as_mut()).await.is_none());
    change(&cache, 2);
    let mut same_time = Box::pin(get(&cache, ask(1, false), || at_once(made("mine", 1))));
    let mut late = Box::pin(get(&cache, ask(2, true), || at_once(made("new", 2))));
    assert!(step(same_time.as_mut()).await.is_none());
    assert!(step(late.as_mut()).await.is_none());
    land.send(made("old", 1)).unwrap();
    assert_eq!(early.await.unwrap(), ("old".into(), How::Missing));
    assert_eq!(same_time.await.unwrap(), ("old".into(), How::Joined));
    assert_eq!(late.await.unwrap(), ("new".into(), How::Outdated));
}

#[tokio::test]
async fn who_needs_another_form_has_it_made_for_all() {
    let cache = cache();
    get(&cache, ask(1, true), || at_once(made("plain", 1)))
        .await
        .unwrap();
    let rich = || async {
        Ok(Made {
            page: Text("rich".into(), true),
            ..made("", 1)
        })
    };
    let fits = |text: &Text| text.1;
    let served = cache.get("/", ask(1, true), || NOW, fits, rich).await;
    assert_eq!(served.unwrap().entry.page.0, "rich");
    let never = || async { unreachable!("it is kept") };
    let again = get(&cache, ask(1, true), never).await;
    assert_eq!(again.unwrap(), ("rich".into(), How::Hit));
}

#[tokio::test]
async fn what_was_being_made_while_all_was_forgotten_is_not_kept() {
    let cache = cache();
    let (land, gate) = oneshot::channel();
    let slow = || async { Ok(gate.await.unwrap()) };
    let mut fill = Box::pin(get(&cache, ask(1, true), slow));
    assert!(step(fill.as_mut()).await.is_none());
    cache.clear();
    land.send(made("before", 1)).unwrap();
    assert_eq!(fill.await.unwrap().0, "before");
    assert!(cache.peek("/").is_none());
    assert_eq!(cache.size().entries, 0);
}

#[tokio::test]
async fn nothing_larger_than_its_share_and_nothing_that_may_not_is_kept() {
    let cache = cache();
    let most = usize::try_from(BUDGET).unwrap() / SHARDS;
    let large = get(&cache, ask(1, true), || at_once(made(&"x".repeat(most), 1)));
    large.await.unwrap();
    assert!(cache.peek("/").is_none());
    get(&cache, ask(1, true), || at_once(made("small", 1)))
        .await
        .unwrap();
    assert!(cache.peek("/").is_some());
    change(&cache, 2);
    let unkept = Made {
        keep: false,
        ..made("not for long", 2)
    };
    get(&cache, ask(2, true), || at_once(unkept)).await.unwrap();
    assert!(cache.peek("/").is_none(), "what was there is wrong");
}

#[tokio::test]
async fn without_room_nothing_is_kept_and_flights_are_shared() {
    let cache: Cache<Text> = Cache::new(0, Arc::new(Stamps::new(1)));
    let (land, gate) = oneshot::channel();
    let slow = || async { Ok(gate.await.unwrap()) };
    let mut pilot = Box::pin(get(&cache, ask(1, true), slow));
    assert!(step(pilot.as_mut()).await.is_none());
    let mut waits = pin!(get(&cache, ask(1, true), || at_once(made("mine", 1))));
    assert!(step(waits.as_mut()).await.is_none());
    land.send(made("one", 1)).unwrap();
    assert_eq!(pilot.await.unwrap(), ("one".into(), How::Missing));
    assert_eq!(waits.await.unwrap(), ("one".into(), How::Joined));
    assert_eq!(cache.size().entries, 0);
}

#[tokio::test]
async fn more_of_a_page_does_not_bring_back_one_that_was_replaced_or_forgotten() {
    let cache = cache();
    get(&cache, ask(1, true), || at_once(made("old", 1)))
        .await
        .unwrap();
    let old = cache.peek("/").unwrap();
    let richer = cache.enrich("/", &old, Text("old and more".into(), false));
    assert_eq!(cache.peek("/").unwrap().page.0, "old and more");
    assert_eq!(richer.version, old.version);
    assert_eq!(cache.size().evicted, 0);
    change(&cache, 2);
    get(&cache, ask(2, true), || at_once(made("new", 2)))
        .await
        .unwrap();
    cache.enrich("/", &old, Text("old and more".into(), false));
    assert_eq!(cache.peek("/").unwrap().page.0, "new");
    let new = cache.peek("/").unwrap();
    cache.clear();
    cache.enrich("/", &new, Text("new and more".into(), false));
    assert!(cache.peek("/").is_none());
    let large = "x".repeat(usize::try_from(BUDGET).unwrap());
    get(&cache, ask(2, true), || at_once(made("new", 2)))
        .await
        .unwrap();
    let new = cache.peek("/").unwrap();
    let given = cache.enrich("/", &new, Text(large.clone(), false));
    assert_eq!(given.page.0, large, "for the one who asked");
    assert_eq!(cache.peek("/").unwrap().page.0, "new");
}

#[test]
fn an_older_page_never_takes_the_place_of_a_newer_one_in_a_race() {
    let cache = cache();
    let newest = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while newest.load(Ordering::Acquire) < 20_000 {
                    if let Some(entry) = cache.peek("/") {
                        let page = entry.page.clone();
                        cache.enrich("/", &entry, page);
                    }
                }
            });
        }
        for number in 1..=20_000_u64 {
            cache.put("/", made(&number.to_string(), number));
            newest.store(number, Ordering::Release);
            assert_eq!(cache.peek("/").unwrap().page.0, number.to_string());
        }
    });
}

#[tokio::test]
async fn ten_rebuilds_in_a_second_are_no_storm_and_the_eleventh_makes_one_for_visitors() {
    let cache = cache();
    get(&cache, ask(1, true), || at_once(made("0", 1)))
        .await
        .unwrap();
    let mut head = 1;
    for number in 1..=11 {
        head += 1;
        change(&cache, head);
        let text = number.to_string();
        let rebuilt = get(&cache, ask(head, true), || at_once(made(&text, head))).await;
        assert_eq!(rebuilt.unwrap(), (text, How::Outdated), "{number}");
    }
    // Were this thread held up for long, the page would be too old; it is made anew then, and the storm goes on.
    let mut visitor = (String::new(), How::Hit);
    for number in 12..100 {
        head += 1;
        change(&cache, head);
        let text = number.to_string();
        visitor = get(&cache, ask(head, true), || at_once(made(&text, head)))
            .await
            .unwrap();
        if visitor.1 == How::Storm {
            break;
        }
    }
    assert_eq!(visitor.1, How::Storm);
    let member = get(&cache, ask(head, false), || at_once(made("12", head))).await;
    assert_eq!(member.unwrap(), ("12".into(), How::Outdated));
}

#[tokio::test]
async fn a_failure_gives_visitors_the_stale_page_and_others_the_error() {
    let cache = cache();
    get(&cache, ask(1, true), || at_once(made("old", 1)))
        .await
        .unwrap();
    change(&cache, 2);
    let broken = || async { Err(Error::Unavailable) };
    let visitor = get(&cache, ask(2, true), broken).await.unwrap();
    assert_eq!(visitor, ("old".into(), How::Failing));
    let member = get(&cache, ask(2, false), broken).await;
    assert!(matches!(member, Err(Error::Unavailable)));
    // Wrong addresses are no failures of ours.
    let wrong = || async { Err(Error::NotFound) };
    let visitor = get(&cache, ask(2, true), wrong).await;
    assert!(matches!(visitor, Err(Error::NotFound)));
    let well = get(&cache, ask(2, true), || at_once(made("new", 2))).await;
    assert_eq!(well.unwrap(), ("new".into(), How::Outdated));
}

#[test]
fn many_pages_stay_within_the_budget_and_what_goes_is_counted() {
    let cache = cache();
    let kept = |cache: &Cache<Text>| cache.size().entries;
    for number in 0..20_000 {
        cache.put(&format!("/{number}"), made(&"x".repeat(400), 1));
        assert!(cache.size().bytes <= BUDGET);
    }
    let size = cache.size();
    assert!(size.bytes > BUDGET / 2, "{size:?}");
    assert_eq!(size.evicted, 20_000 - kept(&cache));
    // Two who ask: then it is one of those that stay.
    for _ in 0..3 {
        cache.put("/hot", made("hot", 1));
        assert!(cache.right("/hot", 1, || NOW).is_some());
    }
    for number in 0..20_000 {
        cache.put(&format!("/again/{number}"), made(&"x".repeat(400), 1));
        if number % 100 == 0 {
            assert!(cache.right("/hot", 1, || NOW).is_some(), "{number}");
        }
    }
}

/// What a subscriber writes.
#[derive(Clone, Default)]
struct Written(Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn stale_pages_under_overload_are_no_warning_and_others_are() {
    let level = |error: &Error| {
        let written = Written::default();
        let lines = written.clone();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .with_max_level(tracing::Level::DEBUG)
            .with_writer(move || lines.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, || tell_of_stale(error));
        let text = written.0.lock().unwrap().clone();
        let line: serde_json::Value = serde_json::from_slice(&text).unwrap();
        line["level"].as_str().unwrap().to_owned()
    };
    assert_eq!(level(&Error::Busy), "DEBUG");
    assert_eq!(level(&Error::Unavailable), "WARN");
}
