//! The answering side, in the process that serves.

use std::fs::Permissions;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::sync::Semaphore;

use crate::app::App;
use crate::control::{MOST_LINE, Reply, Request, Status, apply, socket, told};
use crate::errand::Errand;
use crate::error::{Error, Result};
use crate::replica::node::Node;
use crate::store;
use crate::store::datadir::control_socket;

/// Most commands at a time, and the longest that one may keep its place while it says nothing.
const AT_ONCE: usize = 8;
const PATIENCE: Duration = Duration::from_secs(10);
/// How long nothing is taken after a failure.
const BREATH: Duration = Duration::from_millis(100);

/// A bound socket; dropping it removes its file.
pub struct Listener {
    socket: std::os::unix::net::UnixListener,
    file: PathBuf,
}

impl Listener {
    /// Binds the socket of the data directory, whose lock this process holds: a file left there is stale.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be bound.
    pub fn bind(dir: &std::path::Path) -> Result<Self> {
        let file = control_socket(dir);
        let failed =
            |error: std::io::Error| Error::Io(format!("Cannot open {}: {error}.", file.display()));
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        let (path, _handle) = socket(dir)?;
        let socket = std::os::unix::net::UnixListener::bind(path).map_err(failed)?;
        std::fs::set_permissions(&file, Permissions::from_mode(0o600)).map_err(failed)?;
        socket.set_nonblocking(true)?;
        Ok(Self { socket, file })
    }

    /// Answers commands for as long as it is polled.
    ///
    /// # Errors
    /// When the socket fails; it never ends otherwise.
    pub async fn run(
        self,
        app: Arc<App>,
        node: Option<Arc<Node>>,
    ) -> Result<std::convert::Infallible> {
        let listener = tokio::net::UnixListener::from_std(self.socket.try_clone()?)?;
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let started = Instant::now();
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else {
                return Err(Error::Internal(
                    "the control socket's semaphore was closed".into(),
                ));
            };
            let stream = match listener.accept().await {
                Ok((stream, _)) => stream,
                // No descriptors left, say: the site goes on, and so does this, a little later.
                Err(error) => {
                    tracing::warn!(%error, "a command could not be taken");
                    actix_web::rt::time::sleep(BREATH).await;
                    continue;
                }
            };
            let desk = Desk {
                app: Arc::clone(&app),
                node: node.clone(),
                started,
            };
            actix_web::rt::spawn(async move {
                let _place = place;
                if let Err(error) = converse(stream, &desk).await {
                    tracing::debug!(detail = error.detail(), "a command broke off");
                }
            });
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // Gone already is as good; the next start replaces what stays.
        let _ = std::fs::remove_file(&self.file);
    }
}

/// What commands are answered with.
struct Desk {
    app: Arc<App>,
    node: Option<Arc<Node>>,
    started: Instant,
}

async fn converse(mut stream: UnixStream, desk: &Desk) -> Result<()> {
    let mut line = Vec::new();
    let read = async {
        let mut reader = BufReader::new((&mut stream).take(MOST_LINE as u64));
        reader.read_until(b'\n', &mut line).await
    };
    actix_web::rt::time::timeout(PATIENCE, read)
        .await
        .map_err(|_| Error::Deadline)??;
    let reply = Errand::urgent(answer(&line, desk)).await;
    let mut line =
        serde_json::to_vec(&reply).map_err(|error| Error::Internal(error.to_string()))?;
    line.push(b'\n');
    Ok(stream.write_all(&line).await?)
}

async fn answer(line: &[u8], desk: &Desk) -> Reply {
    let app = &desk.app;
    match serde_json::from_slice(line) {
        Ok(Request::Status) => Reply::Status(Box::new(status(desk))),
        Ok(Request::Promote { force }) => match promote(desk, force).await {
            Ok(told) => Reply::Told(told),
            Err(error) => Reply::Refused(told(&error)),
        },
        Ok(Request::Change(_)) if app.is_following() => {
            let report = desk.node.as_ref().map(|node| node.report());
            let primary = report.and_then(|report| report.primary);
            let at = primary.map_or_else(|| "unknown as yet".into(), |primary| primary.address);
            Reply::Refused(format!(
                "This node is a standby: give the command on the primary ({at})."
            ))
        }
        Ok(Request::Change(change)) => match app.write(move |tx| apply(tx, &change)).await {
            Ok(()) => {
                forget_setup_link(app).await;
                Reply::Done
            }
            Err(error) => Reply::Refused(told(&error)),
        },
        Err(error) => Reply::Refused(format!(
            "The running site does not know this command ({error})."
        )),
    }
}

/// Takes the set-up link's file away once there is an administrator.
async fn forget_setup_link(app: &Arc<App>) {
    let data = app.config.data.clone();
    let done = app.read(move |conn| {
        if store::role::has_admin(conn)? {
            store::datadir::forget_setup_link(&data)?;
        }
        Ok(())
    });
    if let Err(error) = done.await {
        tracing::warn!(%error, "the file of the set-up link stays");
    }
}

async fn promote(desk: &Desk, force: bool) -> Result<String> {
    let node = desk.node.as_ref().ok_or_else(|| {
        Error::Refused("This site is alone: it was started without --token-file.".into())
    })?;
    node.promote(force).await
}

fn status(desk: &Desk) -> Status {
    let app = &desk.app;
    Status {
        version: env!("CARGO_PKG_VERSION").into(),
        pid: std::process::id(),
        address: app.config.listen.to_string(),
        base: app.config.base(),
        up_s: desk.started.elapsed().as_secs(),
        node: desk.node.as_ref().map(|node| node.report()),
        txid: app.store.stamps().head(),
        limits: app.config.limits,
        damaged: app.store.damaged(),
    }
}
