//! The composition root: opens the data directory, puts the parts together, binds, serves, drains.
//!
//! Tests start a server through here too, so that what they test is what runs. What must not end, and does, ends the
//! process: the server, the control socket, the probes (here), the writer and the checkpointer (`essential.rs`).

mod drain;
mod entrance;
mod meet;
pub mod rounds;
pub mod sums;
mod watch;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_http::error::DispatchError;
use actix_http::{HttpService, KeepAlive};
use actix_server::{Server, ServerHandle};
use actix_service::{ServiceFactoryExt, fn_service};
use tokio::net::TcpStream;

use crate::app::App;
use crate::config::Config;
use crate::control::serve::Listener;
use crate::demo;
use crate::directory;
use crate::error::{Error, Result};
use crate::fetch::Fetcher;
use crate::priority::Priority;
use crate::replica::node::{Node, Prepared};
use crate::server::entrance::Entrance;
use crate::server::meet::Meeting;
use crate::service::Manager;
use crate::store::{self, DataDir, Opening, Store};
use crate::time::Clock;
use crate::web;
use crate::web::door::{self, Door, Room};
use crate::web::request::Shared;
use crate::web::service;

/// How long a stop waits for work that no visitor waits for: titles being fetched, pages being compressed.
const LAST_WORK: Duration = Duration::from_secs(2);
/// How long a stop waits for the CDN to hear of the last changes.
const LAST_PURGE: Duration = Duration::from_secs(2);

/// Newcomers that the system lets wait until they are accepted; it may allow fewer.
const ARRIVALS: i32 = 4096;
/// So much the system keeps of an answer that its peer does not take yet, in bytes: the site keeps the rest, for all who are
/// sent it together.
const UNSENT: u32 = 64 * 1024;

/// A site that is bound and can be run.
pub struct Site {
    /// The application behind it.
    pub app: Arc<App>,
    /// Where connections come in.
    pub door: Arc<Door>,
    /// Where it listens.
    pub address: SocketAddr,
    /// What became of the demonstration, when it was asked for.
    pub demo: Option<demo::Outcome>,
    server: Server,
    entrance: Entrance,
    control: Listener,
    /// What its handlers share.
    pub shared: Arc<Shared>,
    /// The node, where there may be others.
    pub node: Option<Arc<Node>>,
    meeting: Meeting,
}

impl Site {
    /// Opens the data directory and binds the address.
    ///
    /// # Errors
    /// As [`Store::open`]; [`Error::Io`] when the address is taken.
    pub fn open(config: Config, clock: Clock) -> Result<Self> {
        Self::open_at(None, config, clock)
    }

    /// As [`Site::open`]; with a socket that somebody else has bound, the configured address is not used.
    ///
    /// # Errors
    /// As [`Site::open`].
    pub fn open_at(
        handed_over: Option<TcpListener>,
        mut config: Config,
        clock: Clock,
    ) -> Result<Self> {
        let most_readers = u32::try_from(readers(&config)).unwrap_or(u32::MAX);
        let dir = DataDir::open(&config.data)?;
        let prepared = Prepared::find(&dir, &config)?;
        let opening = match &prepared {
            None => Opening::alone(dir, clock, most_readers),
            Some(prepared) => prepared.opening(dir, clock, most_readers),
        };
        // First, so that a site that cannot serve leaves the database as it was, and newcomers wait while it is migrated.
        let (listener, entrance) = listen(handed_over, config.listen)?;
        let address = listener.local_addr()?;
        config.listen = address;
        let store = Store::open_with(opening)?;
        let is_ours = prepared.as_ref().is_none_or(Prepared::writes);
        if is_ours {
            store.write_blocking(store::tag::seed)?;
            directory::lay(&store)?;
        }
        let control = Listener::bind(&config.data)?;
        let wanted = config.demo && is_ours;
        let demo = wanted.then(|| demo::load(&store)).transpose()?;
        let app = Arc::new(App::new(config, store, Fetcher::new())?);
        for problem in &app.courses.problems {
            tracing::warn!(file = %format_args!("lessons/{}", problem.path), "{problem}");
        }
        let meeting = Meeting::default();
        let (server, shared) = serve(&app, listener, &meeting)?;
        let node = prepared
            .map(|prepared| meeting.begin(&shared, prepared))
            .transpose()?;
        Ok(Self {
            app,
            door: Arc::clone(&shared.door),
            address,
            demo,
            server,
            entrance,
            control,
            shared,
            node,
            meeting,
        })
    }

    /// The handle that stops it.
    #[must_use]
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// Serves until the handle stops it; then the database file is made whole.
    ///
    /// # Errors
    /// [`Error::Io`] when the server or the control socket fails: neither ends by itself.
    pub async fn run(self) -> Result<()> {
        let Self {
            shared,
            server,
            control,
            node,
            meeting,
            ..
        } = self;
        let serving = async { Ok(server.await?) };
        let nodes = (node, meeting);
        beside(&shared, nodes, serving, control, Manager::absent()).await
    }

    /// Serves until `stop` comes to its end, drains, and makes the database file whole.
    ///
    /// # Errors
    /// As [`Site::run`], and when the server ends before it is asked to.
    pub async fn run_until(self, stop: impl Future<Output = ()>, manager: Manager) -> Result<()> {
        let Self {
            app,
            door,
            mut server,
            entrance,
            control,
            shared,
            node,
            meeting,
            ..
        } = self;
        let serving = async {
            tokio::select! {
                ended = &mut server => {
                    ended?;
                    return Err(Error::Internal("the server ended by itself".into()));
                }
                () = stop => {}
            }
            app.health.begin_draining();
            manager.stopping("draining: running requests are finished");
            drain::drain(app.config.drain, server, entrance, &door).await
        };
        beside(&shared, (node, meeting), serving, control, manager).await
    }
}

/// Runs what is to run while the site serves, and afterwards brings everything to disk.
async fn beside(
    shared: &Arc<Shared>,
    (node, meeting): (Option<Arc<Node>>, Meeting),
    serving: impl Future<Output = Result<()>>,
    control: Listener,
    manager: Manager,
) -> Result<()> {
    let app = &shared.app;
    watch::first(app).await;
    meeting.happens_here();
    let ended = tokio::select! {
        // First the server, so that it takes connections before anybody is told that it does.
        biased;
        ended = serving => ended,
        Err(error) = control.run(Arc::clone(app), node.clone()) => Err(error),
        Err(error) = meet::run(node.clone()) => Err(error),
        never = watch::run(Arc::clone(app), manager) => match never {},
        never = web::status::run(shared) => match never {},
        never = rounds::run(Arc::clone(app)) => match never {},
        never = sums::run(Arc::clone(app)) => match never {},
    };
    sums::last(app).await;
    meeting.end();
    let _time = manager.ask_for_time("writing the database file");
    let app = Arc::clone(app);
    // On a thread of its own: it may take a while, and a second signal is obeyed meanwhile.
    actix_web::rt::task::spawn_blocking(move || settle(&app))
        .await
        .map_err(|error| Error::Internal(error.to_string()))?;
    if let Some(node) = node {
        node.leave();
    }
    ended
}

/// Brings to an end what goes on without visitors.
fn settle(app: &App) {
    if !app.pool.settle(Instant::now() + LAST_WORK) {
        tracing::warn!("what still runs in the background is broken off");
    }
    if let Some(cdn) = &app.cdn
        && !cdn.flush(LAST_PURGE)
    {
        tracing::warn!("the CDN was not told of the last changes; the next start purges all of it");
    }
    app.store.finish();
}

fn listen(
    handed_over: Option<TcpListener>,
    address: SocketAddr,
) -> Result<(TcpListener, Entrance)> {
    if let Some(listener) = handed_over {
        let entrance = Entrance::handed_over(&listener)?;
        return Ok((listener, entrance));
    }
    let listener = TcpListener::bind(address).map_err(|error| Error::Io(taken(address, &error)))?;
    let entrance = Entrance::bound(&listener)?;
    Ok((listener, entrance))
}

/// Most connections that read the database.
fn readers(config: &Config) -> usize {
    // One for each worker and for each that may be stuck, and some for what reads without one while the site starts.
    2 * config.workers().1 + 2
}

fn serve(
    app: &Arc<App>,
    listener: TcpListener,
    meeting: &Meeting,
) -> Result<(Server, Arc<Shared>)> {
    let config = &app.config;
    let loops = std::thread::available_parallelism().map_or(2, usize::from);
    let room = Room::find(config.max_connections, readers(config), loops);
    let door = Door::open(config, room.most)?;
    let shared = Arc::new(Shared::new(Arc::clone(app), Arc::clone(&door))?);
    let address = config.listen;
    let socket = socket2::SockRef::from(&listener);
    // Each accepted connection has it from here.
    if let Err(error) = socket.set_tcp_notsent_lowat(UNSENT) {
        tracing::debug!(%error, "no low-water mark for what is not sent");
    }
    socket.listen(ARRIVALS)?;
    let (entrance, all, meeting) = (door, Arc::clone(&shared), meeting.clone());
    let has_others = config.nodes.token.is_set();
    let server = Server::build()
        .workers(loops)
        .max_concurrent_connections(room.each_loop)
        .shutdown_timeout(app.config.drain.as_secs())
        .disable_signals()
        .listen("site", listener, move || {
            // This is called on each loop's own thread.
            if has_others {
                Priority::Loops.take();
            }
            let http = HttpService::build()
                // The door times heads and idle connections; a timer for each would cost more.
                .keep_alive(KeepAlive::Os)
                .client_request_timeout(Duration::ZERO)
                .client_disconnect_timeout(Duration::from_secs(1))
                .h1_allow_half_closed(false)
                .local_addr(address)
                .on_connect_ext(|stream: &door::Stream, data| {
                    data.insert(stream.visit());
                })
                .upgrade(meeting.clone().service())
                .h1(service::whole(Arc::clone(&shared)));
            let door = Arc::clone(&entrance);
            fn_service(move |io: TcpStream| {
                let door = Arc::clone(&door);
                async move {
                    let peer = io.peer_addr().ok();
                    // What is written is whole; what another node waits for must not wait for its acknowledgement.
                    io.set_nodelay(true).map_err(DispatchError::Io)?;
                    let stream = door.enter(io).map_err(DispatchError::Io)?;
                    Ok::<_, DispatchError>((stream, peer))
                }
            })
            .and_then(http)
        })?;
    Ok((server.run(), all))
}

fn taken(address: SocketAddr, error: &std::io::Error) -> String {
    let hint = match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            " Another program has that port; name another with --listen."
        }
        std::io::ErrorKind::PermissionDenied => {
            " Ports below 1024 need a privilege; use 8080 behind a proxy, or AmbientCapabilities=CAP_NET_BIND_SERVICE."
        }
        _ => "",
    };
    format!("Cannot listen on {address}: {error}.{hint}")
}
