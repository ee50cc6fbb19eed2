//! Where nodes meet: the site's own port, by an upgrade of a request, so that any proxy in front passes it on.
//!
//! For a site alone there is nothing behind that address. What is no node's is answered 404 and closed.
//!
//! The connections of nodes live in the main thread's runtime, which has little else to do: in an event loop each step of a
//! commit's way to a standby and back would stand in line behind visitors' requests.

use std::convert::Infallible;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use actix_codec::Framed;
use actix_http::{Request, h1};
use actix_service::{ServiceFactory, fn_factory, fn_service};
use tokio::io::AsyncWriteExt;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::error::Result;
use crate::html::path::REPLICA;
use crate::replica::node::peer::Link;
use crate::replica::node::{Node, Prepared};
use crate::replica::wire::call::{Answer, Handler};
use crate::web::door::Stream;
use crate::web::relay::Inside;
use crate::web::request::Shared;

const WELCOME: &[u8] =
    b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";
const NOTHING: &[u8] = b"HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
/// Longest that the answer to another node's request takes; whoever asked there has gone then.
const ANSWER: Duration = Duration::from_secs(15);

/// Where connections of other nodes are handed to this one, once there is one.
#[derive(Clone, Default)]
pub(super) struct Meeting(Arc<OnceLock<Met>>);

/// The node, and who answers what others' visitors asked there.
struct Met {
    node: Arc<Node>,
    inside: Arc<Inside>,
    /// Where connections live; there are none before the site serves.
    runtime: OnceLock<Handle>,
}

impl Meeting {
    /// Makes the site one of several nodes.
    pub(super) fn begin(&self, shared: &Arc<Shared>, prepared: Prepared) -> Result<Arc<Node>> {
        let inside = Arc::new(Inside::start(Arc::clone(shared))?);
        let answers = Arc::new(Answers(Arc::clone(&inside)));
        let node = Node::start(Arc::clone(&shared.app), prepared, answers)?;
        shared.app.join(Arc::new(Link(Arc::clone(&node))));
        // It was made for this site only.
        let met = Met {
            node: Arc::clone(&node),
            inside,
            runtime: OnceLock::new(),
        };
        let _ = self.0.set(met);
        Ok(node)
    }

    /// Connections live in the runtime in which this is called first.
    pub(super) fn happens_here(&self) {
        if let Some(met) = self.0.get() {
            let _ = met.runtime.set(Handle::current());
        }
    }

    /// Takes nothing of other nodes any more.
    pub(super) fn end(&self) {
        if let Some(met) = self.0.get() {
            met.inside.end();
        }
    }

    /// What requests for an upgrade come to.
    pub(super) fn service(
        self,
    ) -> impl ServiceFactory<
        (Request, Framed<Stream, h1::Codec>),
        Config = (),
        Response = (),
        Error = Infallible,
        InitError = (),
    > {
        fn_factory(move || {
            let meeting = self.clone();
            async move {
                let service = fn_service(
                    move |(request, framed): (Request, Framed<Stream, h1::Codec>)| {
                        let meeting = meeting.clone();
                        async move {
                            if let Err(error) = meeting.meet(&request, framed).await {
                                tracing::debug!(%error, "a node's connection broke off");
                            }
                            Ok::<_, Infallible>(())
                        }
                    },
                );
                Ok::<_, ()>(service)
            }
        })
    }

    async fn meet(
        &self,
        request: &Request,
        framed: Framed<Stream, h1::Codec>,
    ) -> std::io::Result<()> {
        let parts = framed.into_parts();
        let mut stream = parts.io;
        let is_ours = request.path() == REPLICA && parts.read_buf.is_empty();
        let met = self.0.get().filter(|_| is_ours);
        let Some((met, runtime)) = met.and_then(|met| Some((met, met.runtime.get()?))) else {
            stream.write_all(NOTHING).await?;
            return stream.shutdown().await;
        };
        stream.write_all(WELCOME).await?;
        stream.flush().await?;
        let visit = stream.visit();
        let node = Arc::clone(&met.node);
        // The event loop knows of it, and ends it when it ends itself.
        let mut serving = JoinSet::new();
        let serve = async move {
            stream.move_here()?;
            // Until it has shown that it has the token it is a stranger like others, with their deadlines.
            node.serve(stream, move || visit.leave_to_another()).await;
            Ok(())
        };
        serving.spawn_on(serve, runtime);
        let served = serving.join_next().await;
        served.and_then(std::result::Result::ok).unwrap_or(Ok(()))
    }
}

/// Does the node's duty; a site alone has none.
pub(super) async fn run(node: Option<Arc<Node>>) -> Result<std::convert::Infallible> {
    match node {
        Some(node) => node.run().await,
        None => std::future::pending().await,
    }
}

/// Answers what other nodes' visitors asked there.
struct Answers(Arc<Inside>);

impl Handler for Answers {
    fn call(&self, head: Vec<u8>, body: Vec<u8>) -> Answer {
        let inside = Arc::clone(&self.0);
        Box::pin(async move { inside.answer(head, body, ANSWER).await })
    }
}
