//! A standby's duty: it follows, until it is to become the primary.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::JoinSet;
use url::Url;

use super::{CHANGE, Command, Done, Node, Received, adapt, blocking};
use crate::error::{Error, Result};
use crate::replica::follow::{self, Ended, Following, Status};
use crate::replica::log;
use crate::replica::node::connect::Way;
use crate::replica::node::lead::RETAIN;
use crate::replica::node::state::{Holder, State, lost, plain};
use crate::replica::ship::{self, Notice, Office};
use crate::replica::unpack;
use crate::replica::wire::message::{Node as Name, Refusal};
use crate::store::Role;
use crate::store::commit::{Chain, Point};
use crate::store::migrate;

/// How long the primary has to answer that it hands over.
const ASK: Duration = Duration::from_secs(5);
/// Why it cannot be promoted for a while.
const INSTALLING: &str = "This node is receiving a copy of the site; try again when it has it.";
/// Commits that are applied at once when nobody sends any more.
const MERGE: usize = 256;

/// A run of following, to be ended.
struct Run {
    stop: watch::Sender<bool>,
    end: tokio::task::JoinHandle<Result<Ended>>,
}

impl Node {
    /// Until this node is the primary.
    pub(super) async fn stand(self: &Arc<Self>, received: &mut Received) -> Result<()> {
        if self.app.store.role() == Role::Writing {
            // It was opened so that its log has all that it wrote as a primary.
            self.stop_writing().await?;
        }
        // It ends with this.
        let mut introducing = JoinSet::new();
        introducing.spawn(Arc::clone(self).introduce());
        let mut run = self.follow().await?;
        let mut retain = tokio::time::interval(RETAIN);
        let mut status = self.status.subscribe();
        let mut asked: Option<Done> = None;
        let mut heard = None;
        let ended = loop {
            tokio::select! {
                ended = &mut run.end => match ended.map_err(|error| Error::Internal(error.to_string()))?? {
                    // It was to end for a promotion that did not come about.
                    Ended::Stopped => run = self.follow().await?,
                    ended @ Ended::Promoted(_) => break ended,
                },
                Ok(()) = status.changed() => {
                    // Each commit changes it; what is heeded changes seldom.
                    let now = {
                        let status = status.borrow_and_update();
                        self.shown.note(&status);
                        let news = news(&status);
                        (heard.as_ref() != Some(&news)).then(|| (news, status.clone()))
                    };
                    if let Some((news, status)) = now {
                        self.heed(&status)?;
                        heard = Some(news);
                    }
                }
                // What is not applied yet is nowhere else.
                _ = retain.tick() => {
                    // If it could not be remembered.
                    heard = None;
                    let shown = self.app.store.stamps().head();
                    self.shorten_log_to(Some(shown)).await?;
                }
                Some(notice) = received.notices.recv() => {
                    // Somebody took this node for the primary: it says no by itself.
                    if let Notice::Fenced(epoch, by) = notice {
                        self.meet(&by);
                        self.try_to_remember(|state| state.epoch = state.epoch.max(epoch));
                    }
                }
                Some(command) = received.commands.recv() => match command {
                    Command::Promote { force: false, done } if !self.is_named() => {
                        asked = self.ask(done).await;
                    }
                    Command::Promote { done, .. } => match self.seize(&mut run).await? {
                        Ok(told) => {
                            let _ = done.send(Ok(told));
                            return Ok(());
                        }
                        Err(error) => {
                            let _ = done.send(Err(error));
                        }
                    },
                    // Only a primary can.
                    Command::HandOver { .. } | Command::Outbid | Command::Rival { .. } => {}
                },
            }
        };
        let Ended::Promoted(epoch) = ended else {
            return Err(Error::Internal("following ended by itself".into()));
        };
        self.begin_writing(epoch).await?;
        tracing::info!(epoch, "this node is the primary now");
        if let Some(done) = asked {
            let _ = done.send(Ok(format!(
                "This node is the primary now, in epoch {epoch}."
            )));
        }
        Ok(())
    }

    async fn follow(self: &Arc<Self>) -> Result<Run> {
        let node = Arc::clone(self);
        let applied = blocking(move || node.resume()).await?;
        let following = Following {
            node: self.name()?,
            epoch: self.state().epoch,
            schema: u32::try_from(migrate::newest()).unwrap_or(u32::MAX),
            applied,
            apply: Box::new(adapt::Copy {
                app: Arc::clone(&self.app),
                log: self.log.clone(),
                status: self.status.subscribe(),
                shown: Arc::clone(&self.shown),
                lost: lost(self.app.store.dir()),
            }),
            ledger: Arc::new(self.log.clone()),
            source: Arc::new(self.log.clone()),
            secret: self.secret.clone(),
            handler: self.handler(),
            dir: self.app.store.dir().to_owned(),
            clock: self.app.store.clock().clone(),
            status: self.status.clone(),
        };
        let (stop, stopped) = watch::channel(false);
        let way = Way {
            target: self.targets(),
        };
        let end = tokio::spawn(follow::run(way, following, stopped));
        Ok(Run { stop, end })
    }

    /// Where the primary may be: where it was last, then all other nodes in turn.
    fn targets(self: &Arc<Self>) -> Box<dyn Fn() -> Result<Url> + Send + Sync> {
        let node = Arc::clone(self);
        let turn = AtomicUsize::new(0);
        Box::new(move || {
            let known = node.known();
            let turn = turn.fetch_add(1, Ordering::Relaxed);
            let next = known.get(turn % known.len().max(1)).cloned();
            next.ok_or_else(|| Error::Io(nowhere(&node.state(), &node.address())))
        })
    }

    pub(super) fn address(&self) -> String {
        self.app.config.node_address()
    }

    /// Whether the node that was the primary says that this one is: it handed over, and its last word was lost.
    fn is_named(&self) -> bool {
        let status = self.status.borrow();
        // Others may say so too, by guess or from long ago.
        if !status.is_ready {
            return false;
        }
        let named = match &status.refusal {
            Some((Refusal::NotPrimary { primary }, _)) => primary.as_deref().map(plain),
            _ => None,
        };
        named == Some(self.address())
    }

    /// What the primary says is remembered.
    fn heed(&self, status: &Status) -> Result<()> {
        if self.office.borrow().node.cluster.is_none() && self.has_copy() {
            // With its first copy it has become one of these nodes.
            self.take_office()?;
        }
        if let Some(beat) = status.beat {
            *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = Some(beat);
        }
        let own = self.address();
        self.try_to_remember(|state| {
            if let Some(welcome) = status.welcome.as_ref().filter(|_| status.primary.is_some()) {
                state.epoch = state.epoch.max(welcome.epoch);
                state.follow(welcome.node.id, welcome.epoch);
                if is_somewhere(&welcome.node.address) {
                    state.know(welcome.node.id, &welcome.node.address);
                    state.primary = Some(plain(&welcome.node.address));
                }
            }
            if let Some((Refusal::NotPrimary { primary: Some(at) }, _)) = &status.refusal
                && plain(at) != own
            {
                state.primary = Some(plain(at));
            }
        });
        self.tell_primary();
        Ok(())
    }

    /// Whoever asks this standby hears of the primary, and of an heir, that it knows of now.
    fn tell_primary(&self) {
        let state = self.state().clone();
        self.office.send_if_modified(|office| {
            let now = Office {
                epoch: office.epoch.max(state.epoch),
                role: ship::Role::Other(state.primary.clone()),
                heir: state.heir.as_ref().and_then(Holder::told),
                node: office.node.clone(),
            };
            let is_new = *office != now;
            *office = now;
            is_new
        });
    }

    /// A node that has the token is known from then on.
    pub(super) fn meet(&self, other: &Name) {
        if is_somewhere(&other.address) {
            self.try_to_remember(|state| {
                state.know(other.id, &other.address);
            });
        }
    }

    /// Tells the store what its log has of the commit that it stands at; where the store stands.
    pub(super) fn resume(&self) -> Result<Point> {
        let store = &self.app.store;
        if let Some(point) = store.point() {
            return Ok(point);
        }
        let standing = store.standing()?;
        let unknown = Point {
            position: standing.position,
            ..Point::default()
        };
        if standing.position.txid == 0 {
            return Ok(Point::default());
        }
        let Some(first) = self.log.first().filter(|_| !self.is_foreign) else {
            return Ok(unknown);
        };
        // Where the log begins there is no record that tells what came before. A place that was not known has no hash.
        let is_first = first.position == standing.position && first.chain != Chain::default();
        let mut found = is_first.then_some((first, standing.before));
        if let log::Found::Follows(mut reader) = self.log.after(first)? {
            while found.is_none() {
                let Some(record) = reader.next()? else {
                    break;
                };
                let head = &record.head;
                found =
                    (head.point.position == standing.position).then_some((head.point, head.before));
            }
        }
        let Some((point, before)) = found else {
            return Ok(unknown);
        };
        match store.resume(point, before) {
            Ok(()) => Ok(point),
            Err(Error::Refused(why)) => {
                tracing::warn!(
                    why,
                    "the database is not of the log's history: it is copied anew"
                );
                Ok(unknown)
            }
            Err(error) => Err(error),
        }
    }

    /// Asks the primary to hand over; `done` is told when this node is the primary.
    async fn ask(&self, done: Done) -> Option<Done> {
        let id = self.state().id().unwrap_or_default();
        let answer = self.call(super::PROMOTE.to_vec(), id.to_vec(), ASK).await;
        let why = match answer {
            Ok(_) => return Some(done),
            Err(Error::Busy) => {
                "The primary does not hand over to this node, which is not in sync yet; try again in a moment."
            }
            Err(_) => {
                "The primary does not answer. If it is gone for good, use --force: what it had answered and not sent here is lost then."
            }
        };
        let _ = done.send(Err(Error::Refused(why.into())));
        None
    }

    /// Becomes the primary without the one that was. The inner error is for whoever asked.
    async fn seize(self: &Arc<Self>, run: &mut Run) -> Result<Result<String>> {
        if self.app.store.stamps().head() == 0 {
            return Ok(Err(Error::Refused(
                "This node has no copy of the site yet.".into(),
            )));
        }
        if self.status.borrow().is_installing {
            return Ok(Err(Error::Refused(INSTALLING.into())));
        }
        let heard = self.heard();
        let in_sync = heard.is_some_and(|(beat, _)| beat.in_sync);
        let silent = heard.map(|(_, at)| at.elapsed());
        run.stop.send_replace(true);
        let Ok(ended) = tokio::time::timeout(CHANGE, &mut run.end).await else {
            // Its end is waited for all the same; then the node follows anew, or is promoted again.
            return Ok(Err(Error::Refused(INSTALLING.into())));
        };
        ended.map_err(|error| Error::Internal(error.to_string()))??;
        let node = Arc::clone(self);
        match blocking(move || node.catch_up()).await {
            Ok(()) => {}
            Err(Error::Refused(why)) => {
                // It goes on as what it is.
                *run = self.follow().await?;
                return Ok(Err(Error::Refused(why)));
            }
            Err(error) => return Err(error),
        }
        // What it has copied may say more than what it could remember.
        let copied = self.app.store.standing()?.position.epoch;
        let heard = self.state().epoch.max(self.office.borrow().epoch);
        let epoch = heard.max(copied) + 1;
        self.begin_writing(epoch).await?;
        tracing::warn!(epoch, "this node was made the primary by force");
        let lost = match (in_sync, silent) {
            (true, Some(silent)) => format!(
                "The former primary was in sync until {} s ago: what it answered while it waited for this node is here; what it may have answered alone since then is not.",
                silent.as_secs()
            ),
            _ => "The former primary was not in sync: what it answered and had not sent yet is not here.".to_owned(),
        };
        Ok(Ok(format!(
            "This node is the primary now, in epoch {epoch}. {lost} If it comes back, it follows this node and keeps such changes in files."
        )))
    }

    /// Applies what the log has and the database has not.
    pub(super) fn catch_up(&self) -> Result<()> {
        let store = &self.app.store;
        let logged = self.log.last().unwrap_or_default().position;
        let ahead = store.standing()?.position < logged;
        let reader = match store.point() {
            Some(at) => match self.log.after(at)? {
                log::Found::Follows(reader) => Some(reader),
                _ => None,
            },
            None => None,
        };
        let Some(mut reader) = reader else {
            return if ahead {
                Err(Error::Refused(
                    "This node has acknowledged changes that it cannot apply: it needs a copy of the primary first."
                        .into(),
                ))
            } else {
                Ok(())
            };
        };
        loop {
            let mut records = Vec::new();
            while records.len() < MERGE {
                let Some(record) = reader.next()? else {
                    break;
                };
                records.push(record);
            }
            if records.is_empty() {
                return Ok(());
            }
            let commits = unpack::commits(&records, &mut |number| store.page(number))?;
            if commits.iter().any(|commit| adapt::is_newer(&commit.pages)) {
                return Err(Error::Refused(
                    "The primary's program was newer: upgrade this one first.".into(),
                ));
            }
            store.apply(&commits)?;
        }
    }
}

/// What of a status tells that there is something new in it.
type News = (
    Option<([u8; 16], u64)>,
    Option<Instant>,
    Option<Refusal>,
    bool,
);

fn news(status: &Status) -> News {
    let welcome = status.welcome.as_ref();
    (
        welcome.map(|welcome| (welcome.node.id, welcome.epoch)),
        status.beat.as_ref().map(|(_, at)| *at),
        status.refusal.as_ref().map(|(refusal, _)| refusal.clone()),
        status.primary.is_some(),
    )
}

/// Why there is nobody to connect to.
fn nowhere(state: &State, own: &str) -> String {
    if state.primary.as_deref() == Some(own) {
        return "That is this node itself: --follow has to name the other one.".into();
    }
    "It is not known where the primary is.".into()
}

/// Whether an address leads anywhere.
fn is_somewhere(address: &str) -> bool {
    let url: Option<Url> = address.parse().ok();
    let host = url.as_ref().and_then(Url::host_str);
    host.is_some_and(|host| host != "0.0.0.0" && host != "[::]")
}
