//! The thread that watches the others: how many there should be, and whether one is stuck.
//!
//! A thread whose job runs on after its deadline and some grace is given up: it is told of, another takes its place, and it
//! ends should its job ever come back. When as many are stuck as there may be threads at all, the process ends, so that
//! whatever supervises it starts it anew.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use crate::errand::written;
use crate::pool::Lane;
use crate::pool::balance::{Balance, Measured, TICK};
use crate::pool::thread::{Running, Slot, Usage};
use crate::pool::work::Core;

/// Time between two lines on refusals.
const TELL: Duration = Duration::from_secs(10);

/// Starts it; it ends with the pool.
pub(super) fn start(core: &Arc<Core>) -> std::io::Result<()> {
    let bounds = core.bounds;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut watch = Watch {
        core: Arc::downgrade(core),
        balance: Balance::new(cores, bounds.least, bounds.most),
        before: HashMap::new(),
        looked: Instant::now(),
        told: Told {
            at: Instant::now(),
            refused: [0; 3],
        },
    };
    crate::essential::spawn("pool-watch", move || {
        while watch.tick() {
            std::thread::sleep(TICK);
        }
    })?;
    Ok(())
}

struct Watch {
    core: Weak<Core>,
    balance: Balance,
    /// What each thread had used when it was last looked at.
    before: HashMap<usize, Used>,
    looked: Instant,
    told: Told,
}

/// What the log was last told of refusals.
struct Told {
    at: Instant,
    refused: [u64; 3],
}

#[derive(Clone, Copy)]
struct Used {
    busy: Duration,
    kernel: Option<Usage>,
}

impl Watch {
    /// Looks once; false when the pool has ended.
    fn tick(&mut self) -> bool {
        let Some(core) = self.core.upgrade() else {
            return false;
        };
        let (slots, waited) = {
            let state = core.lock();
            if state.closed {
                return false;
            }
            (state.slots.clone(), state.queues.longest(Instant::now()))
        };
        for slot in &slots {
            replace_if_stuck(&core, slot);
        }
        let measured = self.measure(&slots, waited);
        resize(&core, &mut self.balance, &measured);
        if self.told.at.elapsed() >= TELL {
            self.told.tell(&core);
        }
        true
    }

    fn measure(&mut self, slots: &[Arc<Slot>], waited: Duration) -> Measured {
        let mut measured = Measured {
            wall: self.looked.elapsed(),
            waited,
            cpu_and_delay: Some(Default::default()),
            ..Measured::default()
        };
        self.looked = Instant::now();
        let counted = slots.iter().filter(|slot| !slot.is_given_up());
        let now: HashMap<usize, Used> = counted
            .map(|slot| {
                let used = Used {
                    busy: slot.busy(),
                    kernel: slot.usage(),
                };
                (slot.number, used)
            })
            .collect();
        for (number, used) in &now {
            if let Some(before) = self.before.get(number) {
                add(&mut measured, before, used);
            }
        }
        self.before = now;
        measured
    }
}

impl Told {
    /// Says how much was refused since the last time, if anything was.
    fn tell(&mut self, core: &Core) {
        self.at = Instant::now();
        let refused = core.refused();
        for (lane, (now, before)) in Lane::EACH.iter().zip(refused.iter().zip(self.refused)) {
            if *now > before {
                tracing::warn!(
                    lane = lane.word(),
                    refused = now - before,
                    "work was refused: too much waits"
                );
            }
        }
        self.refused = refused;
    }
}

/// Adds what a thread has used between two looks.
fn add(measured: &mut Measured, before: &Used, used: &Used) {
    measured.busy += used.busy.saturating_sub(before.busy);
    measured.cpu_and_delay = match (measured.cpu_and_delay, before.kernel, used.kernel) {
        (Some((cpu, delay)), Some(before), Some(used)) => Some((
            cpu + used.cpu.saturating_sub(before.cpu),
            delay + used.delay.saturating_sub(before.delay),
        )),
        _ => None,
    };
}

fn resize(core: &Arc<Core>, balance: &mut Balance, measured: &Measured) {
    let threads = core.lock().threads;
    let wanted = balance.decide(threads, measured, Instant::now());
    core.lock().target = wanted;
    if wanted < threads {
        core.wake_all();
    }
    for _ in threads..wanted {
        if let Err(error) = core.add_thread() {
            tracing::warn!(%error, threads, "no more threads for the pool");
            return;
        }
    }
}

fn replace_if_stuck(core: &Arc<Core>, slot: &Slot) {
    let Some((running, stuck)) = give_up(core, slot) else {
        return;
    };
    core.stuck_total.fetch_add(1, Ordering::Relaxed);
    tracing::error!(
        worker = slot.number,
        lane = running.lane.word(),
        request = written(running.request),
        seconds = running.time.as_secs(),
        stuck,
        "a worker is stuck; another takes its place"
    );
    if stuck >= core.bounds.most {
        tracing::error!("as many workers are stuck as there may be; ending the process");
        eprintln!("site: {stuck} workers are stuck; ending, so that the site is started anew");
        std::process::exit(1);
    }
    if let Err(error) = core.add_thread() {
        tracing::error!(%error, "a stuck worker could not be replaced");
    }
}

/// Counts a stuck thread no more, and tells what it runs and how many are stuck now. All under the lock under which a thread
/// says that its job has ended: either it is stuck for all, or for nobody.
fn give_up(core: &Core, slot: &Slot) -> Option<(Running, usize)> {
    let mut state = core.lock();
    let running = slot.running()?;
    let limit = core.bounds.deadlines[running.lane as usize] + core.bounds.grace;
    if running.time < limit || !slot.give_up() {
        return None;
    }
    state.threads -= 1;
    state.stuck += 1;
    state.queues.abandon(running.lane);
    Some((running, state.stuck))
}
