//! The composition root: opens the data directory, puts the parts together, binds, serves, drains.
//!
//! Tests start a server through here too, so that what they test is what runs.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::{App as Actix, HttpServer, web as actix};

use crate::app::App;
use crate::config::Config;
use crate::demo;
use crate::error::{Error, Result};
use crate::fetch::Fetcher;
use crate::store::{self, Store};
use crate::time::Clock;
use crate::web;
use crate::web::asset::Assets;
use crate::web::limit::Limits;
use crate::web::request::Shared;

/// A site that is bound and can be run.
pub struct Site {
    /// The application behind it.
    pub app: Arc<App>,
    /// Where it listens.
    pub address: SocketAddr,
    /// What became of the demonstration, when it was asked for.
    pub demo: Option<demo::Outcome>,
    server: Server,
}

impl Site {
    /// Opens the data directory and binds the address.
    ///
    /// # Errors
    /// As [`Store::open`]; [`Error::Io`] when the address is taken.
    pub fn open(mut config: Config, clock: Clock) -> Result<Self> {
        let readers = u32::try_from(config.workers + 2).unwrap_or(u32::MAX);
        let store = Store::open(&config.data, clock, readers)?;
        store.write_blocking(store::tag::seed)?;
        let demo = config.demo.then(|| demo::load(&store)).transpose()?;
        let listener = std::net::TcpListener::bind(config.listen)
            .map_err(|error| Error::Io(format!("Cannot listen on {}: {error}.", config.listen)))?;
        let address = listener.local_addr()?;
        config.listen = address;
        let drain_s = config.drain.as_secs();
        let limits = Limits::new(config.limits);
        let app = Arc::new(App::new(config, store, Fetcher::new())?);
        let shared = actix::Data::new(Shared {
            limits,
            assets: Assets::new(&app),
            app: Arc::clone(&app),
        });
        let server = HttpServer::new(move || {
            Actix::new()
                .app_data(shared.clone())
                .wrap(web::default_headers(&shared.app))
                .configure(web::routes)
        })
        .client_request_timeout(Duration::from_secs(5))
        .keep_alive(Duration::from_secs(30))
        .shutdown_timeout(drain_s)
        .disable_signals()
        .listen(listener)?
        .run();
        Ok(Self {
            app,
            address,
            demo,
            server,
        })
    }

    /// The handle that stops it.
    #[must_use]
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// Serves until the handle stops it; running requests are finished first.
    ///
    /// # Errors
    /// [`Error::Io`] when the server fails.
    pub async fn run(self) -> Result<()> {
        Ok(self.server.await?)
    }
}
