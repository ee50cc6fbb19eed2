//! The first thing that a request meets: what is in memory and right is answered here, before any routing.
//!
//! Two kinds of requests end here: a visitor's for an address without a query whose page is kept, and a member's whose page
//! and own bits are both kept. No thread hop, no SQL, no lock is held across an await. All else goes on to the routes; what
//! comes back from there gets the headers that every answer has, and after a change the word of its position.
//! What is refused for its head alone, whatever it wants, ends here too.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_http::body::BoxBody;
use actix_http::{ConnectionType, HttpMessage, Request, Response};
use actix_service::{Service, ServiceFactory};
use actix_web::http::header::{self, HeaderValue};
use actix_web::http::uri::PathAndQuery;
use actix_web::http::{Method, StatusCode, Uri};

use crate::config::AccessLog;
use crate::encoding::Encoding;
use crate::errand::Rank;
use crate::metric::{Outcome, Route};
use crate::web::access::{Line, Told};
use crate::web::asset::shelf::RUNNER_POLICY;
use crate::web::client::Client;
use crate::web::cookie;
use crate::web::door::{self, Refusal, Visit};
use crate::web::journey::Journey;
use crate::web::relay::pass::is_own;
use crate::web::reply::{Wants, is_reading, prefers_json};
use crate::web::request::{Shared, own_key};
use crate::web::service::{Aside, MakeAside};

mod lull;
mod passage;
mod way;

use lull::Lull;
use passage::Passage;

type LocalBoxFuture<T> = Pin<Box<dyn Future<Output = T>>>;
type Answer = Result<Response<BoxBody>, Response<BoxBody>>;
type Kept = (Response<BoxBody>, Arc<Route>);

/// Makes the service of each event loop.
pub struct FrontFactory<F> {
    inner: F,
    aside: MakeAside,
    shared: Arc<Shared>,
}

impl<F> FrontFactory<F> {
    /// In front of `inner`; `aside` says what is to be said when nobody answers.
    pub(in crate::web) fn new(inner: F, aside: MakeAside, shared: Arc<Shared>) -> Self {
        Self {
            inner,
            aside,
            shared,
        }
    }
}

impl<F> ServiceFactory<Request> for FrontFactory<F>
where
    F: ServiceFactory<Request, Config = (), Error = Response<BoxBody>, InitError = ()>,
    F::Response: Into<Response<BoxBody>>,
    F::Service: 'static,
    F::Future: 'static,
    <F::Service as Service<Request>>::Future: 'static,
{
    type Response = Response<BoxBody>;
    type Error = Response<BoxBody>;
    type Config = ();
    type Service = Front<F::Service>;
    type InitError = ();
    type Future = LocalBoxFuture<Result<Self::Service, Self::InitError>>;

    fn new_service(&self, (): ()) -> Self::Future {
        let inner = self.inner.new_service(());
        let aside = self.aside.new_service(());
        let shared = Arc::clone(&self.shared);
        Box::pin(async move {
            Ok(Front {
                inner: Rc::new(inner.await?),
                aside: Rc::new(aside.await?),
                shared,
                lull: Lull::new(),
            })
        })
    }
}

/// One event loop's front.
pub struct Front<S> {
    inner: Rc<S>,
    aside: Rc<Aside>,
    shared: Arc<Shared>,
    lull: Lull,
}

/// An answer that is there, or on its way through the routes.
pub enum Answering {
    /// From memory.
    Ready(Option<Response<BoxBody>>),
    /// Through the routes.
    Routed(LocalBoxFuture<Answer>),
}

impl Future for Answering {
    type Output = Answer;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Ready(response) => {
                Poll::Ready(Ok(response.take().expect("polled once after it was ready")))
            }
            Self::Routed(future) => future.as_mut().poll(cx),
        }
    }
}

impl<S> Service<Request> for Front<S>
where
    S: Service<Request, Error = Response<BoxBody>> + 'static,
    S::Response: Into<Response<BoxBody>>,
    S::Future: 'static,
{
    type Response = Response<BoxBody>;
    type Error = Response<BoxBody>;
    type Future = Answering;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&self, mut request: Request) -> Answering {
        let config = &self.shared.app.config;
        let log = config.access_log;
        let visit = request.conn_data::<Visit>();
        if visit.is_some_and(|visit| !visit.answer()) {
            // The connection has just been ended in favour of another: nobody will read this.
            return Answering::Ready(Some(Response::new(StatusCode::SERVICE_UNAVAILABLE)));
        }
        if let Some(refusal) = door::refusal(&mut request) {
            return Answering::Ready(Some(self.refuse(&request, refusal)));
        }
        if let Some(peer) = self.shared.app.peer()
            && self.shared.has_a_way(&**peer, &request)
        {
            return self.by_some_way(request);
        }
        if let Some((mut response, route)) = self.shared.at_hand(&request) {
            route.count(Outcome::Hit);
            route.answer(response.status().as_u16());
            self.shared.say_farewell(&mut response);
            if log == AccessLog::All {
                let client = Client::of(request.head(), &request.extensions(), config);
                self.shared
                    .log_unrouted(&request, client, &response, Some(&route));
            }
            let visit = request.conn_data::<Visit>();
            return Answering::Ready(Some(sent(visit, response)));
        }
        if let Some((response, busy)) = self.shared.turned_away(&request) {
            return self.turn_away(&request, response, busy);
        }
        let passage = Passage::begin(&self.shared, &request);
        let spare = self.shared.spare(&request, passage.client);
        let inner = self.inner.call(request);
        let errand = Arc::clone(&passage.journey.errand);
        Answering::Routed(Box::pin(errand.run(async move {
            let response = inner.await?.into();
            match spare {
                Some(spare) if passage.journey.is_refused() => match spare.ask().await {
                    Some(spared) => Ok(passage.end_elsewhere(spared)),
                    None => Ok(passage.end(response).await),
                },
                _ => Ok(passage.end(response).await),
            }
        })))
    }
}

impl<S> Front<S> {
    /// Answers a request that is refused for its head. Its connection ends: a body may follow that nobody will read.
    fn refuse(&self, request: &Request, refusal: Refusal) -> Response<BoxBody> {
        if let Some(visit) = request.conn_data::<Visit>() {
            visit.last();
        }
        let mut response = refusal.respond(prefers_json(&request.head().headers));
        self.shared.finish(&mut response);
        let refused = self.shared.routes.of("refused");
        refused.answer(response.status().as_u16());
        close_after(&mut response);
        let config = &self.shared.app.config;
        if config.access_log != AccessLog::Off {
            let client = Client::of(request.head(), &request.extensions(), config);
            self.shared.log_unrouted(request, client, &response, None);
        }
        response
    }
}

/// An answer as the connection sends it; there is none when another node asks.
fn sent(visit: Option<&Visit>, response: Response<BoxBody>) -> Response<BoxBody> {
    match visit {
        Some(visit) => visit.send(response),
        None => response,
    }
}

fn close_after(response: &mut Response<BoxBody>) {
    let head = response.head_mut();
    head.set_connection_type(ConnectionType::Close);
}

impl Shared {
    /// The answer to a request, when it is in memory and right, and where it is counted.
    fn at_hand(self: &Arc<Self>, request: &Request) -> Option<Kept> {
        let head = request.head();
        if !is_reading(&head.method) || head.uri.query().is_some() {
            return None;
        }
        let headers = &head.headers;
        if prefers_json(headers) {
            return None;
        }
        let path = head.uri.path();
        match cookie::kind(headers) {
            cookie::Kind::Visitor => {
                let now = || self.app.now();
                let entry = self
                    .pages
                    .right(path, self.app.store.stamps().head(), now)?;
                let wants = Wants::of(headers);
                let page = &entry.page;
                if page.wanting(&wants).is_some() {
                    return None;
                }
                if page.has_become_popular() {
                    self.compress_later(path, &entry, wants.accepted);
                }
                Some((page.respond(&wants, &HIT)?, Arc::clone(&page.route)))
            }
            cookie::Kind::Member => self.own_at_hand(request, path),
            cookie::Kind::Changed => None,
        }
    }

    fn own_at_hand(&self, request: &Request, path: &str) -> Option<Kept> {
        let head = request.head();
        let wants = Wants::of(&head.headers);
        if !wants.accepted.takes(Encoding::Gzip) {
            return None;
        }
        let client = Client::of(head, &request.extensions(), &self.app.config);
        let token = cookie::hash(&cookie::token(&head.headers, client.secure)?);
        let key = own_key(&token, client.secure, self.app.is_cut_off(), path);
        let txid = self.app.store.stamps().head();
        let (entry, own) = self.joined(&key, path, txid, false)?;
        let response = (entry.page).respond_to_member(&own.page, &wants, None, &HIT)?;
        Some((response, Arc::clone(&entry.page.route)))
    }

    /// The refusal of a visitor's page that has to be made, while such pages are refused: before any routing, so that refusing
    /// leaves the time to those who were let in. Where there is an older page to fall back on, the routes do.
    fn turned_away(&self, request: &Request) -> Option<Kept> {
        let head = request.head();
        if !is_reading(&head.method) || cookie::kind(&head.headers) != cookie::Kind::Visitor {
            return None;
        }
        let busy = self.busy[usize::from(prefers_json(&head.headers))].get()?;
        if is_never_refused(head.uri.path())
            || self.may_be_kept(&head.uri)
            || !self.app.pool.turns_away()
        {
            return None;
        }
        let response = busy.refusing(&Wants::of(&head.headers))?;
        Some((response, Arc::clone(&busy.route)))
    }

    /// Whether there may be a page to fall back on, right or not. Which parameters a page has only its route knows: where others
    /// are given too, as links of campaigns do, the page may be kept without them.
    fn may_be_kept(&self, uri: &Uri) -> bool {
        let is_kept = |key: &str| {
            let kept = self.pages.peek(key);
            kept.is_some_and(|entry| entry.page.is_for_visitors())
        };
        let Some(query) = uri.query() else {
            return is_kept(uri.path());
        };
        // The further pages of a list, which many ask for and few are kept of, have these only.
        let is_further = query
            .split('&')
            .all(|one| one.starts_with("after=") || one.starts_with("start="));
        let whole = uri.path_and_query().map_or("", PathAndQuery::as_str);
        is_kept(whole) || (!is_further && is_kept(uri.path()))
    }

    /// Who asks, so that overload meets visitors first and members last.
    fn begin(&self, request: &Request, client: Client) -> Journey {
        let token = cookie::token(&request.head().headers, client.secure);
        let rank = match token {
            Some(token) if self.members.is_known(&cookie::hash(&token)) => Rank::Member,
            _ if request.method() == Method::POST => Rank::Form,
            _ => Rank::Visitor,
        };
        Journey::begin(self.next_id(), rank)
    }

    fn log_unrouted(
        &self,
        request: &Request,
        client: Client,
        response: &Response<BoxBody>,
        route: Option<&Route>,
    ) {
        let config = &self.app.config;
        let told = Told {
            status: response.status(),
            headers: response.headers(),
            id: self.next_id(),
            route,
            work: Default::default(),
        };
        Line::of(request, client, config).write(config.access_log, &told);
    }

    /// While the site drains, every answer is the last one on its connection, so that a busy one ends by protocol and
    /// not by a race between its next request and our closing.
    fn say_farewell(&self, response: &mut Response<BoxBody>) {
        if self.app.health.is_draining() {
            close_after(response);
        }
    }

    /// Gives an answer what every answer has.
    fn finish(&self, response: &mut Response<BoxBody>) {
        let headers = response.headers_mut();
        // Whose own policy says who may frame it: the old header would say otherwise.
        let is_framed = headers
            .get(header::CONTENT_SECURITY_POLICY)
            .is_some_and(|policy| policy == RUNNER_POLICY);
        for (name, value) in &self.standing.every {
            let is_fit = !is_framed || name != header::X_FRAME_OPTIONS;
            if is_fit && !headers.contains_key(name) {
                headers.insert(name.clone(), value.clone());
            }
        }
    }

    /// Gives an answer after a change the word of its position.
    async fn sign(&self, response: &mut Response<BoxBody>, secure: bool) {
        let status = response.status();
        if !status.is_success() && status != StatusCode::SEE_OTHER {
            return;
        }
        let head = self.app.store.stamps().head();
        let Some(signer) = self.signer().await else {
            return;
        };
        let line = cookie::set_position(&signer.sign(head), secure);
        let line = HeaderValue::from_str(&line).expect("it is made of digits and our own words");
        response.headers_mut().append(header::SET_COOKIE, line);
    }
}

const HIT: HeaderValue = HeaderValue::from_static("site; hit");

/// Whether an address is answered whatever waits: embedded files, health, metrics, how the site is.
fn is_never_refused(path: &str) -> bool {
    is_own(path)
}
