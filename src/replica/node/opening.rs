//! Before the database is opened: what this node is, by what it remembers and what the flags say; its log; and whether
//! another node has taken its place meanwhile.

use std::sync::Arc;
use std::time::Duration;

use url::{Host, Url};

use crate::config::{Config, Replicate};
use crate::error::{Error, Result};
use crate::replica::log::{Limits, Log};
use crate::replica::node::connect;
use crate::replica::node::state::{Duty, Mark, State, plain};
use crate::replica::wire::message::{Hello, Message, Node, PROTOCOL, Refusal, Wants};
use crate::replica::wire::noise::{self, Secret};
use crate::store::commit::{Chain, Journal, Point, Position};
use crate::store::gate::{Gate, Mode};
use crate::store::{self, DataDir, Opening, Role};
use crate::time::Clock;

/// How long a node that was the primary waits for a word of those that it knows.
const ASK: Duration = Duration::from_secs(3);

/// A node that is about to open its database.
pub struct Prepared {
    pub(super) state: State,
    pub(super) log: Log,
    pub(super) secret: Secret,
    mode: Mode,
    /// A process has ended that was about to become the primary.
    is_heir: bool,
    /// It was the primary until now: its log may lack what its database has.
    was_primary: bool,
    /// Somebody else may have written the database: what its log says of it does not count.
    pub(super) is_foreign: bool,
}

impl Prepared {
    /// Finds out what this node is; `None` for a site that has neither token nor other nodes.
    ///
    /// # Errors
    /// When flags, memory and data do not go together, and when log or memory cannot be read.
    pub fn find(dir: &DataDir, config: &Config) -> Result<Option<Self>> {
        let known = State::load(dir.path())?;
        if !config.nodes.token.is_set() {
            return match known {
                Some(state) if state.duty == Duty::Standby => Err(Error::Config(format!(
                    "This data directory is a standby's, of {}: start it with --token-file.",
                    state.primary.as_deref().unwrap_or("another node")
                ))),
                _ => Ok(None),
            };
        }
        let secret = Secret::derive(config.nodes.token.reveal().as_bytes())?;
        warn_of_loopback(config);
        let is_new = known.is_none();
        let mut state = match known {
            Some(state) => remembered(state, config),
            None => begin(dir, config)?,
        };
        if state.duty == Duty::Primary && !is_new {
            resign(&mut state, &secret);
        }
        let (cluster, written) = store::position::of(dir, state.duty == Duty::Primary)?;
        let log = Log::open(
            &dir.path().join("log"),
            &cluster.unwrap_or_default(),
            Limits::default(),
        )?;
        let is_foreign = log.last().is_some() && is_foreign(dir, &state, written);
        if is_foreign && state.duty == Duty::Primary {
            tracing::warn!(
                "the database was changed or replaced while no site ran: its log begins anew, and standbys copy it"
            );
            log.restart(Point {
                position: written,
                chain: Chain::fresh()?,
            })?;
            state.left = Mark::of(&dir.database());
        }
        state.save(dir.path())?;
        let logged = log.last().unwrap_or_default().position;
        let is_heir = state.duty == Duty::Primary
            && written.txid > 0
            && (state.epoch > written.epoch || logged > written);
        let mode = match (config.nodes.require_standby, config.nodes.replicate) {
            (true, _) => Mode::Require,
            (false, Replicate::Async) => Mode::Off,
            (false, Replicate::Wait) => Mode::wait(),
        };
        Ok(Some(Self {
            log,
            secret,
            mode,
            is_heir,
            // One whose log is ahead has not finished a promotion: there is nothing that only the WAL has.
            was_primary: state.owes && logged <= written,
            is_foreign,
            state,
        }))
    }

    /// How its store is opened.
    #[must_use]
    pub fn opening(&self, dir: DataDir, clock: Clock, readers: u32) -> Opening {
        Opening {
            dir,
            clock,
            readers,
            role: match self.state.duty {
                Duty::Primary if !self.is_heir => Role::Writing,
                // So that the log gets what only the WAL has.
                Duty::Standby if self.was_primary => Role::Writing,
                Duty::Primary | Duty::Standby => Role::Following,
            },
            migrates: self.state.duty == Duty::Primary,
            journal: Some(Arc::new(self.log.clone()) as Arc<dyn Journal>),
            gate: Arc::new(Gate::asleep(self.mode)),
        }
    }

    /// Whether it may change its database by itself.
    #[must_use]
    pub fn writes(&self) -> bool {
        self.state.duty == Duty::Primary && !self.is_heir
    }
}

/// Whether somebody else has written the database since this node left it. Without an orderly end there is a WAL, by which
/// SQLite and the log tell; with one, the file is as it was left.
fn is_foreign(dir: &DataDir, state: &State, written: Position) -> bool {
    let has_wal = std::fs::metadata(dir.wal()).is_ok_and(|file| file.len() > 0);
    written != Position::default() && !has_wal && state.left != Mark::of(&dir.database())
}

/// An address that only this machine has is of no use to a node elsewhere, which will look for this one once it is the primary.
fn warn_of_loopback(config: &Config) {
    let own = config.node_address().parse().ok();
    let is_apart = config
        .nodes
        .follow
        .as_ref()
        .is_some_and(|url| !is_loopback(url));
    if is_apart && own.as_ref().is_some_and(is_loopback) {
        tracing::warn!(
            url = %config.node_address(),
            "the other node cannot reach this one there, which it has to once this one is the primary: set node-url"
        );
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// What is remembered stands over flags; the primary's address may have changed.
fn remembered(mut state: State, config: &Config) -> State {
    let follow = config.nodes.follow.as_ref().map(Url::to_string);
    match (state.duty, follow) {
        (Duty::Standby, Some(url)) => state.primary = Some(plain(&url)),
        (Duty::Primary, Some(url)) => {
            tracing::warn!(
                follow = url,
                epoch = state.epoch,
                "this node is the primary by now: --follow is not obeyed"
            );
        }
        (_, None) => {}
    }
    state
}

fn begin(dir: &DataDir, config: &Config) -> Result<State> {
    let Some(url) = &config.nodes.follow else {
        return State::new(Duty::Primary, None);
    };
    if dir.database().exists() {
        return Err(Error::Config(format!(
            "{} holds a site of its own: a standby starts with an empty data directory.",
            dir.path().display()
        )));
    }
    State::new(Duty::Standby, Some(plain(url.as_str())))
}

/// Steps back when one of the nodes that this one knows is the primary of a later epoch.
fn resign(state: &mut State, secret: &Secret) {
    let own = hello(state);
    let asked: Vec<Url> = state
        .peers
        .values()
        .filter_map(|address| address.parse().ok())
        .collect();
    if asked.is_empty() {
        return;
    }
    let secret = secret.clone();
    // A runtime of its own on a thread of its own, since the caller may stand in one.
    let found = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        Ok::<_, Error>(runtime.block_on(ask_all(&asked, &own, &secret)))
    });
    match found.join() {
        Ok(Ok((_, Some((epoch, url))))) if epoch > state.epoch => {
            tracing::warn!(epoch, primary = %url, "another node is the primary by now: this one follows it");
            state.duty = Duty::Standby;
            state.owes = true;
            state.epoch = epoch;
            state.primary = Some(plain(url.as_str()));
        }
        Ok(Ok((0, _))) => tracing::warn!(
            "none of the nodes that this one knows could be asked whether it is still the primary: it goes on as such"
        ),
        _ => {}
    }
}

/// How many answered, and the primary of the highest epoch among them.
async fn ask_all(asked: &[Url], hello: &Hello, secret: &Secret) -> (usize, Option<(u64, Url)>) {
    let (mut answers, mut found) = (0, None::<(u64, Url)>);
    for url in asked {
        let answer = tokio::time::timeout(ASK, ask(url, hello, secret)).await;
        if let Ok(Ok(told)) = answer {
            answers += usize::from(told != Told::Itself);
            if let Told::Primary(epoch) = told
                && found.as_ref().is_none_or(|(highest, _)| epoch > *highest)
            {
                found = Some((epoch, url.clone()));
            }
        }
    }
    (answers, found)
}

/// What a node answers to one that says of which epoch it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    /// It is this node.
    Itself,
    /// It was the primary of an earlier epoch, and has heard now.
    Fenced,
    /// It follows the node there, if it knows one.
    Standby(Option<String>),
    /// It is the primary of this epoch.
    Primary(u64),
}

/// Asks the node there what it is.
pub(super) async fn ask(url: &Url, hello: &Hello, secret: &Secret) -> Result<Told> {
    let stream = connect::connect(url).await?;
    let (mut send, mut receive) = noise::connect(stream, secret).await?;
    send.send(&Message::Hello(hello.clone()).encode()).await?;
    let answer = receive.receive(|| {}).await?;
    send.close().await;
    let answer = answer.ok_or(Error::Unavailable)?;
    let refusal = match Message::decode(&answer)? {
        Message::Welcome(welcome) => return Ok(Told::Primary(welcome.epoch)),
        Message::Refused { refusal, text } => (refusal, text),
        _ => return Err(Error::Io("The other node says something else.".into())),
    };
    match refusal {
        (Refusal::Itself, _) => Ok(Told::Itself),
        (Refusal::Fenced { .. }, _) => Ok(Told::Fenced),
        (Refusal::NotPrimary { primary }, _) => Ok(Told::Standby(primary)),
        (_, text) => Err(Error::Refused(text)),
    }
}

/// The words by which it is asked.
fn hello(state: &State) -> Hello {
    Hello {
        protocol: PROTOCOL,
        node: Node {
            id: state.id().unwrap_or_default(),
            version: env!("CARGO_PKG_VERSION").into(),
            ..Node::default()
        },
        epoch: state.epoch,
        point: Point::default(),
        wants: Wants::Rest,
    }
}
