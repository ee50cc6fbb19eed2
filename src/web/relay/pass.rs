//! Passing a request on to another node, and its answer back: changes from a standby to its primary, reads that need the
//! primary, and visitors' reads from a primary that has no room to a standby.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use actix_http::body::BoxBody;
use actix_http::{Extensions, HttpMessage, Payload, Request, Response};
use actix_web::http::{Method, Uri};
use actix_web::web::Bytes;

use crate::error::Error;
use crate::html::path;
use crate::peer::{Carrier, Peer};
use crate::store::secret;
use crate::web::client::{Carried, Client};
use crate::web::cookie;
use crate::web::door::Visit;
use crate::web::form::{self, Fields};
use crate::web::origin::is_cross_site;
use crate::web::relay::again::Number;
use crate::web::relay::aside::Instead;
use crate::web::relay::carried::{Question, Reply};
use crate::web::reply::is_reading;
use crate::web::request::Shared;

/// How long the primary may take for a change, its way and another try included.
const DEADLINE: Duration = Duration::from_secs(10);
/// How long a lost channel is given before the other try.
const RECONNECT: Duration = Duration::from_millis(500);
/// Time between two attempts while it is settled who the primary is.
const SETTLE: Duration = Duration::from_millis(20);
/// How long this node may take to see what it has just had done: then the next page shows it.
const CATCH_UP: Duration = Duration::from_secs(2);
/// How long a reader who has changed something waits for this node, before the primary is asked instead.
const PATIENCE: Duration = Duration::from_millis(250);
/// How long another node may take for a page.
const PAGE: Duration = Duration::from_secs(5);
/// Most pages that are under way to a standby for want of room here.
const MOST_SPARED: usize = 64;

/// Most changes that are under way to the primary: what each of them holds in memory is bounded, and so is all.
const MOST_CHANGES: usize = 256;

/// How many requests are under way to other nodes.
#[derive(Debug, Default)]
pub(in crate::web) struct UnderWay {
    changes: AtomicUsize,
    spared: AtomicUsize,
}

/// Whether a request was passed on to this node: then it goes no further.
pub(in crate::web) fn is_carried(extensions: &Extensions) -> bool {
    extensions.contains::<Carried>()
}

/// What becomes of a request on a node that has others.
pub(in crate::web) enum Way {
    /// It is answered here.
    Here,
    /// Nobody answers it.
    Aside(Instead),
    /// The primary answers it.
    Primary,
    /// It is answered here once this transaction is here, or else by the primary.
    After(u64),
}

/// What came of a change.
enum Told {
    /// The primary's answer.
    Reply(Reply, Vec<u8>),
    /// This node is the primary by now, and nothing was done elsewhere.
    Here,
    /// None came.
    Nothing,
}

impl Shared {
    /// Whether it has to be looked at more closely what becomes of a request: [`Shared::way`].
    pub(in crate::web) fn has_a_way(&self, peer: &dyn Peer, request: &Request) -> bool {
        let head = request.head();
        let has_position = || cookie::has_position(&head.headers);
        // Changes always: who hands over its duty has to know of them.
        let may = !is_reading(&head.method)
            || if peer.is_following() {
                !peer.has_copy() || has_position()
            } else {
                // What signs positions may be of an epoch that is over.
                has_position() && self.signer_at_hand().is_none()
            };
        may && !is_own(head.uri.path()) && !is_carried(&request.extensions())
    }

    /// What becomes of a request on this node.
    pub(in crate::web) async fn way(&self, request: &Request, client: Client) -> Way {
        let signer = self.signer().await;
        let Some(peer) = self.app.peer().filter(|peer| peer.is_following()) else {
            return Way::Here;
        };
        let head = request.head();
        if !peer.has_copy() {
            return Way::Aside(Instead::error(Error::NoCopy));
        }
        if !is_reading(&head.method) {
            return Way::Primary;
        }
        let word = cookie::position(&head.headers, client.secure);
        let position = word.and_then(|word| signer?.check(word));
        match position.filter(|txid| *txid > self.app.store.stamps().head()) {
            Some(txid) => Way::After(txid),
            None => Way::Here,
        }
    }

    /// Whether a reader's change has come here in time.
    pub(in crate::web) async fn has_come(&self, txid: u64) -> bool {
        self.app.store.stamps().reached(txid, PATIENCE).await
    }

    /// Has the primary carry out a change, and waits until it is seen here too. `None` when this node has become the primary
    /// meanwhile, and nobody else has carried it out: the request is as it was.
    ///
    /// # Errors
    /// What is said when it cannot be.
    pub(in crate::web) async fn change(
        &self,
        request: &mut Request,
        client: Client,
    ) -> Result<Option<Response<BoxBody>>, Instead> {
        let config = &self.app.config;
        if is_cross_site(request.headers(), config) {
            return Err(Instead::error(Error::CrossSite));
        }
        form::check_length(request.headers()).map_err(Instead::error)?;
        let visit = request.conn_data::<Visit>().cloned();
        let body = form::read(request.take_payload(), visit).await;
        let mut body = body.map_err(Instead::error)?;
        let nonsense = Error::BadRequest("This is no address of the site.");
        let mut question = question(request, client).ok_or(Instead::error(nonsense))?;
        let number = Number::take(&mut body);
        let session = cookie::token(request.headers(), client.secure);
        let target = question.target.to_string();
        question.key = number.key(session.as_deref(), &target, &body);
        let reply = match self.twice(&question, &body).await {
            Told::Reply(reply, body) => (reply, body),
            Told::Here => {
                *request.payload() = Payload::from(Bytes::from(body));
                return Ok(None);
            }
            Told::Nothing => {
                let form = Fields::parse(&body).unwrap_or_default();
                return Err(Instead::resend(form, number));
            }
        };
        let txid = reply.0.position.txid;
        if reply.0.status.as_u16() < 400 && !self.app.store.stamps().reached(txid, CATCH_UP).await {
            tracing::debug!(txid, "a change is not seen here yet");
        }
        Ok(Some(respond(reply)))
    }

    /// Asks the primary, and once more when no answer comes: by the same key, so that nothing is done twice. While it is being
    /// settled who is the primary, it is asked again and again.
    async fn twice(&self, question: &Question, body: &[u8]) -> Told {
        let Some(_guard) = Guard::of(&self.under_way.changes, MOST_CHANGES) else {
            return Told::Nothing;
        };
        let end = Instant::now() + DEADLINE;
        let Some(peer) = self.app.peer() else {
            return Told::Nothing;
        };
        let head = question.encode();
        let mut lost = 0;
        while lost < 2 {
            let left = end.saturating_duration_since(Instant::now());
            let carrying = peer.primary().carry(head.clone(), body.to_vec(), left);
            match tokio::time::timeout(left, carrying).await {
                Ok(Ok((head, body))) => {
                    if let Some(reply) = Reply::decode(&head) {
                        return Told::Reply(reply, body);
                    }
                    tracing::error!("the primary's answer is none");
                    return Told::Nothing;
                }
                // Nothing was done.
                Ok(Err(Error::Busy)) if lost == 0 && !peer.is_following() => return Told::Here,
                Ok(Err(Error::Busy)) if peer.is_following() => tokio::time::sleep(SETTLE).await,
                Ok(Err(error)) => {
                    lost += 1;
                    let detail = error.detail();
                    tracing::warn!(detail, lost, "the primary gave no answer");
                    if lost == 1 && !peer.is_connected() {
                        tokio::time::sleep(RECONNECT).await;
                    }
                }
                Err(_) => {
                    tracing::warn!("the primary took too long");
                    return Told::Nothing;
                }
            }
        }
        Told::Nothing
    }

    /// Has the primary answer a reader who has seen more than there is here.
    pub(in crate::web) async fn ask(
        &self,
        request: &Request,
        client: Client,
    ) -> Option<Response<BoxBody>> {
        let question = question(request, client)?;
        ask(&*self.app.peer()?.primary(), &question).await
    }

    /// What tells the primary that a member's session is in use, should it have to be told: a look at a page that is next to
    /// nothing for those who are signed in.
    pub(in crate::web) fn noting(&self, request: &Request, client: Client) -> Option<Question> {
        let headers = &request.head().headers;
        let is_due = self.app.is_following() && cookie::kind(headers) == cookie::Kind::Member;
        if !is_due || is_carried(&request.extensions()) {
            return None;
        }
        Some(Question {
            method: Method::HEAD,
            target: Uri::from_static(path::LOGIN),
            ..question(request, client)?
        })
    }

    /// Tells it, without anybody waiting for it.
    pub(in crate::web) fn note(&self, question: Question) {
        let Some(primary) = self.app.peer().map(|peer| peer.primary()) else {
            return;
        };
        actix_web::rt::spawn(async move {
            if ask(&*primary, &question).await.is_none() {
                tracing::debug!("a session's use was not noted: the primary gave no answer");
            }
        });
    }

    /// A way to a standby for a visitor's page, in case there is no room for it here.
    pub(in crate::web) fn spare(
        self: &Arc<Self>,
        request: &Request,
        client: Client,
    ) -> Option<Spare> {
        let peer = self.app.peer()?;
        let head = request.head();
        let is_visitors = is_reading(&head.method)
            && cookie::kind(&head.headers) == cookie::Kind::Visitor
            && !is_own(head.uri.path())
            && !is_carried(&request.extensions());
        if !is_visitors || peer.is_following() {
            return None;
        }
        Some(Spare {
            carrier: peer.overflow()?,
            question: question(request, client)?,
            shared: Arc::clone(self),
        })
    }
}

/// A visitor's page that a standby can make.
pub(in crate::web) struct Spare {
    carrier: Arc<dyn Carrier>,
    question: Question,
    shared: Arc<Shared>,
}

impl Spare {
    /// Has the standby make it; `None` when too many are under way already, or the standby has no room either.
    pub(in crate::web) async fn ask(self) -> Option<Response<BoxBody>> {
        let _guard = Guard::of(&self.shared.under_way.spared, MOST_SPARED)?;
        let response = ask(&*self.carrier, &self.question).await?;
        (!response.status().is_server_error()).then_some(response)
    }
}

/// One of those that are under way.
struct Guard<'a>(&'a AtomicUsize);

impl<'a> Guard<'a> {
    fn of(under_way: &'a AtomicUsize, most: usize) -> Option<Self> {
        let guard = Self(under_way);
        (under_way.fetch_add(1, Ordering::Relaxed) < most).then_some(guard)
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn question(request: &Request, client: Client) -> Option<Question> {
    // Whatever changes something was refused before, when it came from another site.
    let word = Carried {
        client,
        cross_site: false,
    };
    Question::of(request.head(), word, secret::random())
}

async fn ask(carrier: &dyn Carrier, question: &Question) -> Option<Response<BoxBody>> {
    let carrying = carrier.carry(question.encode(), Vec::new(), PAGE);
    let (head, body) = match tokio::time::timeout(PAGE, carrying).await {
        Ok(Ok(parcel)) => parcel,
        Ok(Err(error)) => {
            tracing::debug!(detail = error.detail(), "another node gave no answer");
            return None;
        }
        Err(_) => return None,
    };
    Some(respond((Reply::decode(&head)?, body)))
}

fn respond((reply, body): (Reply, Vec<u8>)) -> Response<BoxBody> {
    let mut response = Response::with_body(reply.status, BoxBody::new(body));
    for (name, value) in reply.headers {
        response.headers_mut().append(name, value);
    }
    response
}

/// Whether an address tells of this node alone, or is the same on each: never passed on.
pub(in crate::web) fn is_own(path: &str) -> bool {
    path.starts_with("/assets/")
        || path.starts_with("/learn/data/")
        || path.starts_with("/learn/runner-")
        || path.starts_with("/admin/status")
        || OWN.contains(&path)
}

const OWN: [&str; 5] = ["/up", "/livez", "/readyz", "/metrics", "/favicon.ico"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_many_are_under_way_at_once() {
        let under_way = AtomicUsize::new(0);
        let guards: Vec<_> = (0..3).map(|_| Guard::of(&under_way, 2)).collect();
        let admitted = guards.iter().map(Option::is_some);
        assert_eq!(admitted.collect::<Vec<_>>(), [true, true, false]);
        drop(guards);
        assert_eq!(under_way.into_inner(), 0);
    }
}
