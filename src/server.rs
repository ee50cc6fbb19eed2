//! The composition root: opens the data directory, puts the parts together, binds, serves, drains.
//!
//! Tests start a server through here too, so that what they test is what runs.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpService, KeepAlive};
use actix_server::{Server, ServerHandle};
use actix_service::{IntoServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::dev::AppConfig;
use actix_web::{App as Actix, web as actix};
use tokio::net::TcpStream;

use crate::app::App;
use crate::config::Config;
use crate::control::serve::Listener;
use crate::demo;
use crate::error::{Error, Result};
use crate::fetch::Fetcher;
use crate::store::{self, Store};
use crate::time::Clock;
use crate::web;
use crate::web::door::{self, Door, Room};
use crate::web::front::FrontFactory;
use crate::web::request::Shared;

/// How long a stop waits for the CDN to hear of the last changes.
const LAST_PURGE: Duration = Duration::from_secs(2);

/// Newcomers that the system lets wait until they are accepted; it may allow fewer.
const ARRIVALS: i32 = 4096;

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
    control: Listener,
}

impl Site {
    /// Opens the data directory and binds the address.
    ///
    /// # Errors
    /// As [`Store::open`]; [`Error::Io`] when the address is taken.
    pub fn open(mut config: Config, clock: Clock) -> Result<Self> {
        let most_readers = u32::try_from(readers(&config)).unwrap_or(u32::MAX);
        let store = Store::open(&config.data, clock, most_readers)?;
        store.write_blocking(store::tag::seed)?;
        let control = Listener::bind(&config.data)?;
        let demo = config.demo.then(|| demo::load(&store)).transpose()?;
        let listener = std::net::TcpListener::bind(config.listen)
            .map_err(|error| Error::Io(taken(config.listen, &error)))?;
        let address = listener.local_addr()?;
        config.listen = address;
        let app = Arc::new(App::new(config, store, Fetcher::new())?);
        let (server, door) = serve(&app, listener)?;
        Ok(Self {
            app,
            door,
            address,
            demo,
            server,
            control,
        })
    }

    /// The handle that stops it.
    #[must_use]
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// Serves until the handle stops it; running requests are finished first, then the database file is made whole.
    ///
    /// # Errors
    /// [`Error::Io`] when the server or the control socket fails: neither ends by itself.
    pub async fn run(self) -> Result<()> {
        let ended = tokio::select! {
            ended = self.server => Ok(ended?),
            Err(error) = self.control.run(Arc::clone(&self.app)) => Err(error),
        };
        self.app.store.finish();
        if let Some(cdn) = &self.app.cdn
            && !cdn.flush(LAST_PURGE)
        {
            tracing::warn!(
                "the CDN was not told of the last changes; the next start purges all of it"
            );
        }
        ended
    }
}

/// Most connections that read the database.
const fn readers(config: &Config) -> usize {
    config.workers + 2
}

fn serve(app: &Arc<App>, listener: std::net::TcpListener) -> Result<(Server, Arc<Door>)> {
    let config = &app.config;
    let loops = std::thread::available_parallelism().map_or(2, usize::from);
    let room = Room::find(config.max_connections, readers(config), loops);
    let door = Door::open(config, room.most)?;
    let shared = Arc::new(Shared::new(Arc::clone(app), Arc::clone(&door))?);
    let address = config.listen;
    socket2::SockRef::from(&listener).listen(ARRIVALS)?;
    let entrance = Arc::clone(&door);
    let server = Server::build()
        .workers(loops)
        .max_concurrent_connections(room.each_loop)
        .shutdown_timeout(app.config.drain.as_secs())
        .disable_signals()
        .listen("site", listener, move || {
            let data = actix::Data::from(Arc::clone(&shared));
            let routes = Actix::new().app_data(data).configure(web::routes);
            let routes = map_config(
                routes
                    .into_factory()
                    .map_err(|error: actix_web::Error| error.error_response().into()),
                move |()| AppConfig::default(),
            );
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
                .h1(FrontFactory::new(routes, Arc::clone(&shared)));
            let door = Arc::clone(&entrance);
            fn_service(move |io: TcpStream| {
                let door = Arc::clone(&door);
                async move {
                    let peer = io.peer_addr().ok();
                    let stream = door.enter(io).map_err(DispatchError::Io)?;
                    Ok::<_, DispatchError>((stream, peer))
                }
            })
            .and_then(http)
        })?;
    Ok((server.run(), door))
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
