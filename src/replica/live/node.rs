//! A primary and standbys over real sockets of this machine.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::memory::{Memory, Reader, Writer};
use crate::error::Result;
use crate::replica::follow::{self, Connector, Ended, Following, Status};
use crate::replica::sample::{PAGE, sized};
use crate::replica::ship::{self, Acks, Notice, Office, Shipping, Synced};
use crate::replica::source::Record;
use crate::replica::wire::call::{Answer, Handler};
use crate::replica::wire::message::Node;
use crate::replica::wire::noise::{self, Secret};
use crate::store::commit::Point;
use crate::time::Clock;

pub(super) const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// The newest schema that these standbys know.
pub(super) const SCHEMA: u32 = 6;

pub(super) fn secret(token: &str) -> Secret {
    Secret::derive(token.as_bytes()).unwrap()
}

pub(super) fn name(id: u8, cluster: Option<&str>) -> Node {
    Node {
        id: [id; 16],
        instance: u64::from(id),
        cluster: cluster.map(str::to_owned),
        page_size: cluster.map_or(0, |_| u32::try_from(PAGE).unwrap()),
        version: "test".into(),
        ..Node::default()
    }
}

/// Waits for something that is told, not too long.
pub(super) async fn until<T: Clone>(
    told: &mut watch::Receiver<T>,
    is_so: impl FnMut(&T) -> bool,
) -> T {
    tokio::time::timeout(Duration::from_secs(30), told.wait_for(is_so))
        .await
        .expect("it did not happen in time")
        .unwrap()
        .clone()
}

/// Answers with what was asked; `wait` is never answered.
pub(super) struct Echo(pub(super) mpsc::UnboundedSender<&'static str>);

/// Tells that an answer is not needed any more.
struct Gone(mpsc::UnboundedSender<&'static str>);

impl Drop for Gone {
    fn drop(&mut self) {
        let _ = self.0.send("gone");
    }
}

impl Handler for Echo {
    fn call(&self, head: Vec<u8>, body: Vec<u8>) -> Answer {
        let told = self.0.clone();
        Box::pin(async move {
            match head.as_slice() {
                b"wait" => {
                    let _gone = Gone(told.clone());
                    told.send("waiting").unwrap();
                    std::future::pending().await
                }
                b"decline" => Err(crate::error::Error::Busy),
                _ => Ok((head, body)),
            }
        })
    }
}

pub(super) struct Primary {
    pub(super) memory: Arc<Memory>,
    pub(super) acks: Arc<Acks>,
    pub(super) synced: watch::Receiver<Synced>,
    pub(super) notices: mpsc::UnboundedReceiver<Notice>,
    pub(super) told: mpsc::UnboundedReceiver<&'static str>,
    pub(super) address: std::net::SocketAddr,
    /// Why connections ended.
    pub(super) ends: mpsc::UnboundedReceiver<String>,
    pub(super) office: watch::Sender<Office>,
    head: watch::Sender<Point>,
    salt: u64,
    server: JoinHandle<()>,
}

impl Drop for Primary {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Primary {
    pub(super) async fn start() -> Self {
        Self::start_with(name(1, Some("site"))).await
    }

    pub(super) async fn start_with(node: Node) -> Self {
        let memory = Arc::new(Memory::default());
        let first = sized(Point::default(), 1, 0, 1);
        let office = watch::Sender::new(Office {
            node,
            epoch: 1,
            ..Office::default()
        });
        let head = watch::Sender::new(memory.commit(&first));
        let acks = Acks::new();
        let (tell, told) = mpsc::unbounded_channel();
        let (notice, notices) = mpsc::unbounded_channel();
        let shipping = Arc::new(Shipping {
            office: office.subscribe(),
            head: head.subscribe(),
            source: Arc::new(Reader(Arc::clone(&memory))),
            snapshots: Arc::new(Reader(Arc::clone(&memory))),
            acks: Arc::clone(&acks),
            handler: Arc::new(Echo(tell)),
            notices: notice,
            clock: Clock::System,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (end, ends) = mpsc::unbounded_channel();
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shipping = Arc::clone(&shipping);
                let end = end.clone();
                tokio::spawn(async move {
                    let text = match noise::accept(stream, &secret(TOKEN)).await {
                        Ok(channel) => ship::run(channel, shipping).await,
                        Err(error) => error.to_string(),
                    };
                    let _ = end.send(text);
                });
            }
        });
        Self {
            synced: acks.synced(),
            memory,
            acks,
            notices,
            told,
            address,
            ends,
            office,
            head,
            salt: 0,
            server,
        }
    }

    pub(super) fn commit(&mut self, pages: u32) -> Point {
        self.salt += 1;
        let epoch = self.office.borrow().epoch;
        let commit = sized(self.memory.end(), epoch, self.salt, pages);
        let point = self.memory.commit(&commit);
        self.head.send_replace(point);
        point
    }

    /// A commit whose record is any bytes.
    pub(super) fn keep(&mut self, record: Record) -> Point {
        let point = self.memory.keep(record);
        self.head.send_replace(point);
        point
    }

    /// Waits until a standby that is in sync has all.
    pub(super) async fn wait_for_ack(&mut self) {
        let txid = self.memory.end().position.txid;
        until(&mut self.synced, |synced| synced.txid == Some(txid)).await;
    }
}

/// How a standby's connections reach the primary.
pub(super) struct Address(pub(super) std::net::SocketAddr);

impl Connector for Address {
    type Stream = TcpStream;

    async fn connect(&self) -> Result<TcpStream> {
        Ok(TcpStream::connect(self.0).await?)
    }
}

pub(super) struct Standby {
    pub(super) memory: Arc<Memory>,
    pub(super) status: watch::Receiver<Status>,
    pub(super) told: mpsc::UnboundedReceiver<&'static str>,
    stop: watch::Sender<bool>,
    task: JoinHandle<Result<Ended>>,
    _dir: tempfile::TempDir,
}

impl Standby {
    pub(super) fn start(node: Node, token: &str, address: std::net::SocketAddr) -> Self {
        Self::on(Arc::default(), node, token, address)
    }

    /// With what is there already.
    pub(super) fn on(
        memory: Arc<Memory>,
        node: Node,
        token: &str,
        address: std::net::SocketAddr,
    ) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (tell, told) = mpsc::unbounded_channel();
        let status = watch::Sender::new(Status::default());
        let statuses = status.subscribe();
        let following = Following {
            node,
            epoch: 0,
            schema: SCHEMA,
            applied: memory.end(),
            apply: Box::new(Writer(Arc::clone(&memory))),
            ledger: Arc::clone(&memory) as _,
            source: Arc::new(Reader(Arc::clone(&memory))),
            secret: secret(token),
            handler: Arc::new(Echo(tell)),
            dir: dir.path().to_owned(),
            clock: Clock::System,
            status,
        };
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(follow::run(Address(address), following, stopped));
        Self {
            memory,
            status: statuses,
            told,
            stop,
            task,
            _dir: dir,
        }
    }

    pub(super) async fn wait_for(&mut self, end: Point) {
        let txid = end.position.txid;
        until(&mut self.status, |status| status.applied == txid).await;
        assert_eq!(self.memory.end(), end);
    }

    pub(super) async fn ended(self) -> Result<Ended> {
        tokio::time::timeout(Duration::from_secs(30), self.task)
            .await
            .expect("it did not end in time")
            .unwrap()
    }

    pub(super) async fn stop(self) {
        self.stop.send_replace(true);
        assert_eq!(self.ended().await.unwrap(), Ended::Stopped);
    }
}

/// What a proxy does with one connection.
#[derive(Clone, Copy)]
pub(super) enum Harm {
    /// Nothing.
    None,
    /// Ends it after so many bytes.
    Cut(usize),
    /// Flips a bit of this byte.
    Flip(usize),
    /// Says nothing to either side after so many bytes, and stays open.
    Hold(usize),
}

/// Stands between the nodes, and does this to one connection after the other; then no harm. Tells each end of one.
pub(super) async fn proxy(
    to: std::net::SocketAddr,
    harms: Vec<Harm>,
) -> (std::net::SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let mut harms = harms.into_iter();
        while let Ok((near, _)) = listener.accept().await {
            let harm = harms.next().unwrap_or(Harm::None);
            let far = TcpStream::connect(to).await.unwrap();
            tokio::spawn(carry(near, far, harm));
        }
    });
    (address, task)
}

async fn carry(near: TcpStream, far: TcpStream, harm: Harm) {
    let (mut near_from, mut near_to) = near.into_split();
    let (mut far_from, mut far_to) = far.into_split();
    let (hold, mut silence) = watch::channel(false);
    let up = tokio::spawn(async move {
        tokio::select! {
            _ = tokio::io::copy(&mut near_from, &mut far_to) => {}
            Ok(()) = silence.changed() => std::future::pending::<()>().await,
        }
    });
    // Harm comes to what the primary says.
    let mut buffer = vec![0; 4096];
    let mut passed = 0;
    while let Ok(count @ 1..) = far_from.read(&mut buffer).await {
        let mut bytes = buffer[..count].to_vec();
        match harm {
            Harm::Flip(at) if (passed..passed + count).contains(&at) => {
                bytes[at - passed] ^= 1 << (at % 8);
            }
            Harm::Cut(at) if passed + count >= at => {
                let _ = near_to.write_all(&bytes[..at - passed]).await;
                break;
            }
            Harm::Hold(at) if passed + count >= at => {
                // Both sockets stay open, as those of a machine that lost its power.
                hold.send_replace(true);
                std::future::pending::<()>().await;
            }
            _ => {}
        }
        passed += count;
        if near_to.write_all(&bytes).await.is_err() {
            break;
        }
    }
    up.abort();
}
