//! A primary's duty: answers wait for standbys, the log is kept short, and the duty is given away, by hand or because
//! another node has it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::rival::at;
use super::{Command, Node, Received, blocking};
use crate::error::Result;
use crate::hex;
use crate::replica::follow::Status;
use crate::replica::node::state::{Duty, Holder, plain};
use crate::replica::ship::{Notice, Order};
use crate::replica::wire::message::Reason;
use crate::store::Role;

/// Time between two looks at answers that wait.
const TICK: Duration = Duration::from_millis(100);
/// Time between two of them from which on this thread was held up.
const HELD_UP: Duration = Duration::from_millis(500);
/// Time between two looks at the log's length.
pub(super) const RETAIN: Duration = Duration::from_secs(10);
/// How long a standby has for the last commits before the duty stays here.
const HAND_OVER: Duration = Duration::from_secs(5);

/// What came of a handover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heard {
    /// The heir has all.
    Ready,
    /// Another node is the primary of this epoch already.
    Fenced(u64),
    /// Nothing in time.
    Nothing,
}

impl Node {
    /// Until another node is the primary.
    pub(super) async fn lead(self: &Arc<Self>, received: &mut Received) -> Result<()> {
        self.app.store.gate().watch();
        // On their own, since answers are to be given while the duty is handed over, too.
        let answering = tokio::spawn(Arc::clone(self).answer());
        let end = self.lead_on(received).await;
        answering.abort();
        self.app.store.gate().abandon();
        end
    }

    async fn lead_on(self: &Arc<Self>, received: &mut Received) -> Result<()> {
        // Each for itself: one that is gone for good is not to keep the others from hearing. They end with this.
        let mut telling = JoinSet::new();
        for url in self.known() {
            telling.spawn(Arc::clone(self).tell_until_heard(url));
        }
        let mut retain = tokio::time::interval(RETAIN);
        let mut in_sync = self.acks.in_sync();
        in_sync.mark_changed();
        loop {
            tokio::select! {
                Ok(()) = in_sync.changed() => self.know_followers(),
                _ = retain.tick() => {
                    // If it could not be remembered when they came.
                    self.know_followers();
                    self.shorten_log().await?;
                }
                Some(notice) = received.notices.recv() => {
                    let own = self.office.borrow().epoch;
                    match notice {
                        Notice::Fenced(epoch, by) if epoch > own => {
                            self.meet(&by);
                            return self.step_back(epoch).await;
                        }
                        // It was of a later epoch when it said so, and this node has gone one further meanwhile.
                        Notice::Fenced(epoch, by) if epoch == own => {
                            self.tell_rival(&by.address, &mut telling);
                        }
                        Notice::Fenced(..) | Notice::Ready(..) => {}
                    }
                }
                Some(command) = received.commands.recv() => match command {
                    Command::Promote { done, .. } => {
                        // Whoever asked may have gone.
                        let _ = done.send(Ok("This node is the primary already.".into()));
                    }
                    Command::Outbid => {
                        let epoch = self.office.borrow().epoch + 1;
                        self.stop_writing().await?;
                        self.begin_writing(epoch).await?;
                    }
                    Command::HandOver { to } => {
                        if self.hand_over(to, received).await? {
                            return Ok(());
                        }
                    }
                    Command::Rival { address, taken } => {
                        if self.tell_rival(&address, &mut telling) {
                            let _ = taken.send(());
                        }
                    }
                },
            }
        }
    }

    /// Lets answers go that have waited too long for a standby; those that one has go at once ([`super::open_gate`]).
    async fn answer(self: Arc<Self>) {
        let gate = self.app.store.gate();
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut last = Instant::now();
        loop {
            tick.tick().await;
            let now = Instant::now();
            // A thread that was held up (by a slow disk) reads first what standbys have said meanwhile.
            if now.saturating_duration_since(last) < HELD_UP {
                gate.tick(now);
            }
            last = now;
        }
    }

    fn know_followers(&self) {
        let followers = self.acks.followers();
        self.try_to_remember(|state| {
            for follower in &followers {
                state.know(follower.node.id, &follower.node.address);
            }
        });
    }

    async fn shorten_log(&self) -> Result<()> {
        let acked = self.acks.followers().into_iter();
        let slowest = acked
            .filter_map(|follower| follower.progress.received)
            .map(|point| point.position.txid)
            .min();
        self.shorten_log_to(slowest).await
    }

    /// Removes what is old of the log, but nothing after this transaction.
    pub(super) async fn shorten_log_to(&self, txid: Option<u64>) -> Result<()> {
        let (log, now) = (self.log.clone(), self.app.now());
        blocking(move || {
            log.keep_from(txid);
            match log.retain(now) {
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "the log could not be shortened"),
            }
            Ok(())
        })
        .await
    }

    /// A later epoch exists: nothing is written here any more, and what waits for a standby is not confirmed.
    async fn step_back(self: &Arc<Self>, epoch: u64) -> Result<()> {
        tracing::warn!(
            epoch,
            "another node is the primary by now: this one follows it"
        );
        self.remember(|state| {
            state.duty = Duty::Standby;
            state.owes = true;
            state.epoch = state.epoch.max(epoch);
            // Which of them is it they say when they are asked.
            state.primary = None;
        })?;
        if self.app.store.role() == Role::Writing {
            self.stop_writing().await?;
        }
        self.take_office()
    }

    pub(super) async fn stop_writing(self: &Arc<Self>) -> Result<()> {
        self.writes.send_replace(false);
        let app = Arc::clone(&self.app);
        blocking(move || app.store.end_writing().map(drop)).await?;
        // The log has all now, on disk.
        self.remember(|state| state.owes = false)
    }

    /// Gives the duty to a standby that has all; whether it has it now.
    async fn hand_over(self: &Arc<Self>, to: [u8; 16], received: &mut Received) -> Result<bool> {
        let Some(heir) = self
            .acks
            .followers()
            .into_iter()
            .find(|one| one.node.id == to)
        else {
            return Ok(false);
        };
        if !heir.progress.in_sync {
            tracing::warn!("a standby that is not in sync asked to become the primary");
            return Ok(false);
        }
        // New changes wait for the new primary from here on; those that have begun come to their end.
        self.begin_duty();
        self.writes.send_replace(false);
        self.app.changes.settle(HAND_OVER).await;
        self.stop_writing().await?;
        let epoch = self.office.borrow().epoch + 1;
        let heard = if self.acks.order(to, Order::Handoff(epoch)) {
            self.becomes_ready(to, received).await
        } else {
            Heard::Nothing
        };
        if let Heard::Fenced(epoch) = heard {
            self.step_back(epoch).await?;
            return Ok(true);
        }
        if heard == Heard::Nothing {
            tracing::warn!("the standby was not ready in time: this node goes on as the primary");
            let why = "the primary goes on itself".to_owned();
            // Gone with its connection, if it is.
            let _ = self.acks.order(to, Order::End(Reason::Failed(why)));
            self.begin_writing(epoch).await?;
            return Ok(false);
        }
        self.remember(|state| {
            state.duty = Duty::Standby;
            state.epoch = epoch;
            state.primary = Some(plain(&heir.node.address));
            let heir = Holder {
                node: hex::of(&to),
                epoch,
            };
            (state.heir, state.holder) = (Some(heir.clone()), Some(heir));
        })?;
        // From here on nobody else writes. Should this word be lost, the heir hears it when it comes again. One of an older program
        // is to be given `site promote` once more, and knows then that it may ([`Node::is_named`]).
        let _ = self
            .acks
            .order(to, Order::End(Reason::HandedOver { epoch }));
        self.wait_until_gone(to).await;
        self.take_office()?;
        tracing::info!(epoch, to = heir.node.address, "handed over");
        Ok(true)
    }

    async fn becomes_ready(&self, heir: [u8; 16], received: &mut Received) -> Heard {
        let ready = async {
            while let Some(notice) = received.notices.recv().await {
                match notice {
                    Notice::Ready(node, point) if node == heir => {
                        // It has all that was written, whatever is still on its way to say so.
                        self.app.store.gate().acked(point.position.txid);
                        return Heard::Ready;
                    }
                    Notice::Fenced(epoch, _) if epoch > self.office.borrow().epoch => {
                        return Heard::Fenced(epoch);
                    }
                    Notice::Ready(..) | Notice::Fenced(..) => {}
                }
            }
            Heard::Nothing
        };
        let heard = tokio::time::timeout(HAND_OVER, ready).await;
        heard.unwrap_or(Heard::Nothing)
    }

    async fn wait_until_gone(&self, node: [u8; 16]) {
        let gone = async {
            let mut in_sync = self.acks.in_sync();
            while self.acks.followers().iter().any(|one| one.node.id == node) {
                if in_sync.changed().await.is_err() {
                    return;
                }
            }
        };
        // A dead connection is given up all the same.
        let _ = tokio::time::timeout(Duration::from_secs(1), gone).await;
    }

    /// Goes on where a process ended that was about to become the primary.
    pub(super) async fn finish_promotion(self: &Arc<Self>) -> Result<()> {
        let (duty, epoch) = {
            let state = self.state();
            (state.duty, state.epoch)
        };
        if duty == Duty::Standby || self.app.store.role() == Role::Writing {
            return Ok(());
        }
        let node = Arc::clone(self);
        blocking(move || {
            node.resume()?;
            node.catch_up()
        })
        .await?;
        let written = self.app.store.standing()?.position.epoch;
        self.begin_writing(epoch.max(written + 1)).await
    }

    /// This node writes from now on. The duty is remembered before the first commit.
    pub(super) async fn begin_writing(self: &Arc<Self>, epoch: u64) -> Result<()> {
        self.remember(|state| {
            state.duty = Duty::Primary;
            state.epoch = epoch;
            (state.heir, state.holder) = (None, None);
            for rival in std::mem::take(&mut state.rivals) {
                state.peers.insert(at(&rival), rival);
            }
            if let Some(former) = state.primary.take() {
                state.peers.insert(at(&former), former);
            }
        })?;
        // Who kept up with this node when it wrote before says nothing of now.
        self.app.store.gate().degrade();
        let app = Arc::clone(&self.app);
        blocking(move || app.store.begin_writing(epoch).map(drop)).await?;
        self.take_office()?;
        self.status.send_replace(Status::default());
        self.writes.send_replace(true);
        Ok(())
    }
}
