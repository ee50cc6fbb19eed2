//! Decides whether a URL may be visited, and at which addresses.
//!
//! One check is one decision about scheme, port, host name and every address
//! that the name has; what it returns is what gets dialled, so a name that
//! answers differently a moment later (DNS rebinding) changes nothing.
//! This file must never connect, and never let a URL through because a check
//! could not be made: what cannot be checked is refused.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use url::{Host, Url};

use super::address;
use super::error::FetchError;

/// `getaddrinfo` cannot be cancelled, so a lookup that hangs keeps its thread
/// until the system gives up; this many may hang before new ones are refused.
const MAX_LOOKUPS: usize = 16;
/// Addresses of one host that are tried; all of them are checked.
const MAX_ADDRESSES: usize = 4;
const MAX_URL_BYTES: usize = 4096;

/// Names that mean this machine or its local network wherever they resolve.
const LOCAL_SUFFIXES: [&str; 6] = [
    ".localhost",
    ".local",
    ".internal",
    ".intranet",
    ".lan",
    ".home.arpa",
];

/// Turns a host name into addresses. May block; the guard waits no longer
/// than the fetch's deadline.
pub trait Resolve: Send + Sync {
    /// All addresses of `host`.
    ///
    /// # Errors
    /// When the name has no address or cannot be looked up.
    fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The resolver of the operating system.
struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        Ok((host, 0).to_socket_addrs()?.map(|addr| addr.ip()).collect())
    }
}

/// The rules that a URL must pass before anything is dialled.
#[derive(Clone)]
pub struct Guard {
    resolver: Arc<dyn Resolve>,
    may_visit: fn(IpAddr) -> bool,
    may_dial: fn(u16) -> bool,
    lookups: Arc<AtomicUsize>,
}

impl Guard {
    /// The rules of production: public addresses that are not this machine's
    /// own, ports 80 and 443, the system's resolver.
    #[must_use]
    pub fn public() -> Self {
        Self::with(
            SystemResolver,
            |ip| address::is_public(ip) && !address::is_own(ip),
            |port| matches!(port, 80 | 443),
        )
    }

    /// Other rules, for tests whose servers listen on loopback and any port.
    /// No setting and no flag leads here: production code calls
    /// [`super::Fetcher::new`] only. Schemes and local names stay refused.
    pub fn with(
        resolver: impl Resolve + 'static,
        may_visit: fn(IpAddr) -> bool,
        may_dial: fn(u16) -> bool,
    ) -> Self {
        Self {
            resolver: Arc::new(resolver),
            may_visit,
            may_dial,
            lookups: Arc::default(),
        }
    }

    /// Checks `url` from scratch and returns the only addresses that may be
    /// dialled for it. Blocks for at most one lookup or until `deadline`.
    pub(super) fn check(
        &self,
        url: &Url,
        deadline: Instant,
    ) -> Result<Vec<SocketAddr>, FetchError> {
        let port = self.check_form(url)?;
        let addresses = match url.host().ok_or(FetchError::Url)? {
            Host::Ipv4(ip) => vec![ip.into()],
            Host::Ipv6(ip) => vec![ip.into()],
            Host::Domain(name) if is_local_name(name) => return Err(FetchError::Forbidden),
            Host::Domain(name) => self.resolve(name, deadline)?,
        };
        if addresses.is_empty() {
            return Err(FetchError::Unreachable);
        }
        if !addresses.iter().all(|ip| (self.may_visit)(*ip)) {
            return Err(FetchError::Forbidden);
        }
        let pinned = addresses.into_iter().take(MAX_ADDRESSES);
        Ok(pinned.map(|ip| SocketAddr::new(ip, port)).collect())
    }

    fn check_form(&self, url: &Url) -> Result<u16, FetchError> {
        let plain = matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none()
            && url.as_str().len() <= MAX_URL_BYTES;
        url.port_or_known_default()
            .filter(|port| plain && (self.may_dial)(*port))
            .ok_or(FetchError::Url)
    }

    fn resolve(&self, host: &str, deadline: Instant) -> Result<Vec<IpAddr>, FetchError> {
        let slot = Slot::take(&self.lookups).ok_or(FetchError::Unreachable)?;
        let (sender, receiver) = mpsc::sync_channel(1);
        let (resolver, host) = (Arc::clone(&self.resolver), host.to_owned());
        thread::Builder::new()
            .name("fetch-dns".to_owned())
            .spawn(move || {
                let _slot = slot;
                // Nobody listens any more once the deadline has passed.
                let _ = sender.send(resolver.resolve(&host));
            })
            .map_err(|_| FetchError::Unreachable)?;
        let left = deadline.saturating_duration_since(Instant::now());
        match receiver.recv_timeout(left) {
            Ok(Ok(addresses)) => Ok(addresses),
            Ok(Err(_)) | Err(_) => Err(FetchError::Unreachable),
        }
    }
}

/// One of the lookups that may run at a time; given back on drop.
struct Slot(Arc<AtomicUsize>);

impl Slot {
    fn take(count: &Arc<AtomicUsize>) -> Option<Self> {
        let slot = Self(Arc::clone(count));
        (count.fetch_add(1, Ordering::Relaxed) < MAX_LOOKUPS).then_some(slot)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Names without a dot are completed by the local search domain, and a
/// trailing dot only serves to slip past lists of names.
fn is_local_name(name: &str) -> bool {
    !name.contains('.')
        || name.ends_with('.')
        || LOCAL_SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
}
