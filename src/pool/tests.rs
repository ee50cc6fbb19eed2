//! The pool as a whole, with real threads.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};

use super::*;
use crate::errand::Rank;
use crate::errand::limits::is_over;

/// Jobs that wait at a gate until it is opened.
struct Gate {
    _open: Sender<()>,
    gate: Arc<Mutex<Receiver<()>>>,
}

impl Gate {
    fn new() -> Self {
        let (open, gate) = channel();
        Self {
            _open: open,
            gate: Arc::new(Mutex::new(gate)),
        }
    }

    fn job(&self) -> impl FnOnce() + Send + 'static {
        let gate = Arc::clone(&self.gate);
        move || {
            let _ = gate.lock().unwrap_or_else(PoisonError::into_inner).recv();
        }
    }
}

fn bounds() -> Bounds {
    Bounds {
        most: 4,
        ..Bounds::default()
    }
}

fn lane(pool: &Pool, lane: Lane) -> LaneReport {
    pool.report().unwrap().lanes[lane as usize].clone()
}

/// Begins to wait for a job, so that it is queued.
async fn begin<F: Future>(job: &mut std::pin::Pin<Box<F>>) -> Option<F::Output> {
    std::future::poll_fn(|cx| match job.as_mut().poll(cx) {
        std::task::Poll::Ready(value) => std::task::Poll::Ready(Some(value)),
        std::task::Poll::Pending => std::task::Poll::Ready(None),
    })
    .await
}

async fn until(mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < end, "it did not come to that");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn a_panic_in_any_lane_costs_the_job_and_not_the_thread() {
    let pool = Pool::start(bounds()).unwrap();
    for which in Lane::EACH {
        for _ in 0..8 {
            let result = pool.run(which, || panic!("on purpose")).await;
            assert_eq!(result, Err::<(), _>(PoolError::Panicked));
        }
        assert_eq!(pool.run(which, || 7).await, Ok(7));
        until(|| lane(&pool, which).panicked == 8).await;
    }
    assert_eq!(pool.report().unwrap().threads, 3);
}

#[tokio::test]
async fn work_whose_asker_has_gone_is_skipped() {
    let pool = Pool::start(bounds()).unwrap();
    let gate = Gate::new();
    let mut holding: Vec<_> = (0..3)
        .map(|_| Box::pin(pool.run(Lane::Page, gate.job())))
        .collect();
    for job in &mut holding {
        assert!(begin(job).await.is_none());
    }
    until(|| lane(&pool, Lane::Page).running == 3).await;
    let (told, ran) = channel();
    let mut job = Box::pin(pool.run(Lane::Page, move || told.send(())));
    assert!(begin(&mut job).await.is_none());
    drop(job);
    drop(gate);
    until(|| lane(&pool, Lane::Page).unwanted == 1).await;
    assert!(ran.recv().is_err(), "it ran");
}

#[tokio::test]
async fn running_work_learns_that_its_asker_has_gone() {
    let pool = Pool::start(bounds()).unwrap();
    let (told, heard) = channel();
    let mut work = Box::pin(pool.run(Lane::Page, move || {
        told.send(is_over()).unwrap();
        while !is_over() {
            std::thread::yield_now();
        }
        told.send(true).unwrap();
    }));
    assert!(begin(&mut work).await.is_none());
    assert_eq!(heard.recv_timeout(Duration::from_secs(20)), Ok(false));
    drop(work);
    assert_eq!(heard.recv_timeout(Duration::from_secs(20)), Ok(true));
    assert!(!is_over(), "nothing is over outside of the pool");
}

#[tokio::test]
async fn a_stuck_thread_is_replaced_and_its_asker_is_told() {
    let short = Duration::from_millis(50);
    let pool = Pool::start(Bounds {
        deadlines: [short; 3],
        grace: short,
        ..bounds()
    })
    .unwrap();
    let gate = Gate::new();
    assert_eq!(
        pool.run(Lane::Heavy, gate.job()).await,
        Err(PoolError::Late)
    );
    until(|| pool.report().unwrap().stuck == 1).await;
    until(|| pool.report().unwrap().threads == 3).await;
    assert_eq!(lane(&pool, Lane::Heavy).running, 0);
    assert_eq!(pool.run(Lane::Heavy, || 7).await, Ok(7));
    drop(gate);
    until(|| pool.report().unwrap().stuck == 0).await;
    assert_eq!(pool.report().unwrap().stuck_total, 1);
    assert_eq!(pool.run(Lane::Page, || 7).await, Ok(7));
}

#[tokio::test]
async fn a_flood_of_one_lane_is_refused_and_leaves_the_others_alone() {
    let pool = Pool::start(Bounds {
        least: 3,
        most: 3,
        ..bounds()
    })
    .unwrap();
    // What a fetch takes, so that the lane knows.
    for _ in 0..40 {
        let fetch = || std::thread::sleep(Duration::from_millis(5));
        assert!(pool.run(Lane::Background, fetch).await.is_ok());
    }
    let gate = Gate::new();
    let mut waiting = Vec::new();
    let mut refused = 0;
    for _ in 0..200 {
        let mut job = Box::pin(pool.run(Lane::Background, gate.job()));
        match begin(&mut job).await {
            Some(Err(PoolError::Refused)) => refused += 1,
            _ => waiting.push(job),
        }
    }
    assert!(refused >= 100, "refused {refused}");
    assert_eq!(lane(&pool, Lane::Background).refused, refused);
    assert_eq!(pool.run(Lane::Page, || 1).await, Ok(1));
    assert_eq!(pool.run(Lane::Heavy, || 1).await, Ok(1));
    drop(gate);
    for job in waiting {
        let _ = job.await;
    }
}

#[tokio::test]
async fn blocked_work_gets_more_threads() {
    let pool = Pool::start(Bounds {
        most: 6,
        ..bounds()
    })
    .unwrap();
    let gate = Gate::new();
    let errand = Arc::new(Errand::new(1, Rank::Operator));
    let mut waiting: Vec<_> = (0..6)
        .map(|_| Box::pin(Arc::clone(&errand).run(pool.run(Lane::Page, gate.job()))))
        .collect();
    for job in &mut waiting {
        assert!(begin(job).await.is_none());
    }
    until(|| pool.report().unwrap().threads == 6).await;
    drop(gate);
    for job in waiting {
        assert_eq!(job.await, Ok(()));
    }
}

#[tokio::test]
async fn settling_forgets_what_waits_in_the_background_and_waits_for_what_runs() {
    let pool = Pool::start(bounds()).unwrap();
    let gate = Gate::new();
    let mut running = Box::pin(pool.run(Lane::Background, gate.job()));
    assert!(begin(&mut running).await.is_none());
    until(|| lane(&pool, Lane::Background).running == 1).await;
    let mut waiting = Box::pin(pool.run(Lane::Background, || 1));
    assert!(begin(&mut waiting).await.is_none());
    assert!(!pool.settle(Instant::now()));
    assert_eq!(waiting.await, Err(PoolError::Refused));
    assert_eq!(
        pool.run(Lane::Background, || 1).await,
        Err(PoolError::Refused)
    );
    assert_eq!(pool.run(Lane::Page, || 1).await, Ok(1));
    drop(gate);
    assert_eq!(running.await, Ok(()));
    assert!(pool.settle(Instant::now() + Duration::from_secs(20)));
}

#[tokio::test]
async fn an_errand_learns_what_its_work_took() {
    let pool = Pool::start(bounds()).unwrap();
    let errand = Arc::new(Errand::new(1, Rank::Visitor));
    let slow = || std::thread::sleep(Duration::from_millis(5));
    let done = Arc::clone(&errand).run(pool.run(Lane::Page, slow)).await;
    assert_eq!(done, Ok(()));
    until(|| errand.served() >= Duration::from_millis(5)).await;
}
