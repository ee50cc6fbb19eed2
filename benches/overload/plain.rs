//! The same site without a pool of its own: every job goes straight to tokio's blocking threads, whose queue has no bound
//! and which refuse nothing (`web::block`). Run as a child process.

use std::net::Ipv4Addr;
use std::path::Path;

use site::config::{Config, PoolKind};
use site::server::Site;
use site::time::Clock;

use super::place::CACHE;

/// Serves a data directory on a port until it is ended.
pub fn serve(data: &Path, port: u16) {
    let mut config = Config::new(data.to_owned());
    config.listen = (Ipv4Addr::LOCALHOST, port).into();
    config.limits = false;
    config.cache_size = CACHE;
    config.pool = PoolKind::Plain;
    let served: site::error::Result<()> = actix_web::rt::System::new()
        .block_on(async { Site::open(config, Clock::System)?.run().await });
    served.unwrap();
}
