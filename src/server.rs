//! The composition root: opens the data directory, puts the parts together, binds, serves, drains.
//!
//! Tests start a server through here too, so that what they test is what runs.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_http::{HttpService, KeepAlive};
use actix_server::{Server, ServerHandle};
use actix_service::{IntoServiceFactory, ServiceFactoryExt, map_config};
use actix_web::dev::AppConfig;
use actix_web::{App as Actix, web as actix};

use crate::app::App;
use crate::config::Config;
use crate::control::serve::Listener;
use crate::demo;
use crate::error::{Error, Result};
use crate::fetch::Fetcher;
use crate::store::{self, Store};
use crate::time::Clock;
use crate::web;
use crate::web::front::FrontFactory;
use crate::web::request::Shared;

/// How long a stop waits for the CDN to hear of the last changes.
const LAST_PURGE: Duration = Duration::from_secs(2);

/// A site that is bound and can be run.
pub struct Site {
    /// The application behind it.
    pub app: Arc<App>,
    /// Where it listens.
    pub address: SocketAddr,
    /// What became of the demonstration, when it was asked for.
    pub demo: Option<demo::Outcome>,
    server: Server,
    control: Listener,
    shared: Arc<Shared>,
}

impl Site {
    /// Opens the data directory and binds the address.
    ///
    /// # Errors
    /// As [`Store::open`]; [`Error::Io`] when the address is taken.
    pub fn open(mut config: Config, clock: Clock) -> Result<Self> {
        // One for each worker, and some for what reads without one while the site starts.
        let readers = u32::try_from(config.workers().1 + 2).unwrap_or(u32::MAX);
        let store = Store::open(&config.data, clock, readers)?;
        store.write_blocking(store::tag::seed)?;
        let control = Listener::bind(&config.data)?;
        let demo = config.demo.then(|| demo::load(&store)).transpose()?;
        let listener = std::net::TcpListener::bind(config.listen)
            .map_err(|error| Error::Io(taken(config.listen, &error)))?;
        let address = listener.local_addr()?;
        config.listen = address;
        let app = Arc::new(App::new(config, store, Fetcher::new())?);
        let shared = Arc::new(Shared::new(Arc::clone(&app))?);
        let server = serve(&shared, listener)?;
        Ok(Self {
            app,
            address,
            demo,
            server,
            control,
            shared,
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
            never = web::status::run(self.shared) => match never {},
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

fn serve(shared: &Arc<Shared>, listener: std::net::TcpListener) -> Result<Server> {
    let address = shared.app.config.listen;
    let shared = Arc::clone(shared);
    let server = Server::build()
        .shutdown_timeout(shared.app.config.drain.as_secs())
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
            HttpService::build()
                .keep_alive(KeepAlive::Timeout(Duration::from_secs(30)))
                .client_request_timeout(Duration::from_secs(5))
                .client_disconnect_timeout(Duration::from_secs(1))
                .h1_allow_half_closed(false)
                .local_addr(address)
                .finish(FrontFactory::new(routes, Arc::clone(&shared)))
                .tcp()
        })?;
    Ok(server.run())
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
