//! The service manager (systemd, or what speaks its protocol): told how the service is, and asked for the socket that
//! it has bound. Without one, everything here does nothing.
//!
//! Protocols: `sd_notify(3)`, `sd_watchdog_enabled(3)`, `sd_listen_fds(3)`. A message that cannot be sent is never a
//! reason to stop serving.

use std::net::TcpListener;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use listenfd::ListenFd;
use sd_notify::NotifyState;
use socket2::SockRef;

use crate::error::{Error, Result};

/// How often more time is asked for, and how much: enough for one message to be lost.
const ASK_EVERY: Duration = Duration::from_secs(5);
const ASK_FOR_US: u32 = 15_000_000;

/// The service manager of this process.
#[derive(Debug, Clone, Copy)]
pub struct Manager {
    is_there: bool,
    watchdog: Option<Duration>,
}

impl Manager {
    /// The one that the environment names.
    #[must_use]
    pub fn from_env() -> Self {
        Self {
            is_there: std::env::var_os("NOTIFY_SOCKET").is_some(),
            watchdog: sd_notify::watchdog_enabled(),
        }
    }

    /// None at all.
    #[must_use]
    pub const fn absent() -> Self {
        Self {
            is_there: false,
            watchdog: None,
        }
    }

    /// Within which time it expects a sign of life, where it does.
    #[must_use]
    pub const fn watchdog(&self) -> Option<Duration> {
        self.watchdog
    }

    /// The service serves.
    pub fn ready(&self, status: &str) {
        self.tell(&[NotifyState::Ready, NotifyState::Status(status)]);
    }

    /// The service ends.
    pub fn stopping(&self, status: &str) {
        self.tell(&[NotifyState::Stopping, NotifyState::Status(status)]);
    }

    /// The sign of life.
    pub fn alive(&self) {
        if self.watchdog.is_some() {
            self.tell(&[NotifyState::Watchdog]);
        }
    }

    /// Asks for more time, again and again, until what comes back is dropped: for what may take long and must not be
    /// broken off, such as a migration.
    #[must_use = "no time is asked for once it is dropped"]
    pub fn ask_for_time(&self, status: &'static str) -> Option<Sender<()>> {
        if !self.is_there {
            return None;
        }
        let (end, ended) = channel();
        let manager = *self;
        let ask = move || {
            while ended.recv_timeout(ASK_EVERY) == Err(RecvTimeoutError::Timeout) {
                manager.tell(&[
                    NotifyState::ExtendTimeoutUsec(ASK_FOR_US),
                    NotifyState::Status(status),
                ]);
            }
        };
        let started = std::thread::Builder::new()
            .name("ask-for-time".into())
            .spawn(ask);
        // Without the thread, the unit's own time has to do.
        started.is_ok().then_some(end)
    }

    fn tell(self, states: &[NotifyState]) {
        if self.is_there
            && let Err(error) = sd_notify::notify(states)
        {
            tracing::warn!(%error, "the service manager could not be told");
        }
    }
}

/// The listening socket that the service manager handed over, if it did. To be called first of all, while there is one
/// thread, since it takes its variables out of the environment.
///
/// # Errors
/// [`Error::Config`] when there are several, or it is no TCP socket that listens.
pub fn listener() -> Result<Option<TcpListener>> {
    let mut handed = ListenFd::from_env();
    if handed.len() > 1 {
        return Err(Error::Config(format!(
            "The service manager handed over {} sockets; the site listens on one. Keep a single ListenStream= in site.socket.",
            handed.len()
        )));
    }
    let unfit = |what: &str| {
        Error::Config(format!(
            "The socket that the service manager handed over {what}. site.socket needs ListenStream=ADDRESS:PORT, and Accept=no."
        ))
    };
    let listener = handed
        .take_tcp_listener(0)
        .map_err(|error| unfit(&format!("is of no use ({error})")))?;
    match listener {
        Some(listener) if !SockRef::from(&listener).is_listener()? => Err(unfit("does not listen")),
        listener => Ok(listener),
    }
}
