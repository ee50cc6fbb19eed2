//! What goes along with a request until it is answered, by whomever: its journey, its line in the access log, its connection.

use std::sync::Arc;

use actix_http::body::BoxBody;
use actix_http::{HttpMessage, Request, Response};
use actix_web::http::Method;

use crate::config::AccessLog;
use crate::html::path;
use crate::web::access::{Line, Told};
use crate::web::client::Client;
use crate::web::door::{Serving, Visit};
use crate::web::front::{close_after, sent};
use crate::web::journey::{Journey, RELAYED};
use crate::web::relay::carried::Question;
use crate::web::request::Shared;

/// A request that is being answered.
pub(super) struct Passage {
    pub(super) shared: Arc<Shared>,
    pub(super) client: Client,
    pub(super) journey: Arc<Journey>,
    line: Option<Line>,
    serving: Option<Serving>,
    /// Whether the answer gets the word of its position.
    signs: bool,
    note: Option<Question>,
}

impl Passage {
    /// It begins.
    pub(super) fn begin(shared: &Arc<Shared>, request: &Request) -> Self {
        let config = &shared.app.config;
        let client = Client::of(request.head(), &request.extensions(), config);
        let is_logged = config.access_log != AccessLog::Off;
        let journey = Arc::new(shared.begin(request, client));
        request.extensions_mut().insert(Arc::clone(&journey));
        Self {
            client,
            line: is_logged.then(|| Line::of(request, client, config)),
            serving: request.conn_data().cloned().map(Visit::serve),
            // What is told for the sums changes no page, and whoever tells it gets nothing to be known by.
            signs: request.method() == Method::POST && request.path() != path::LEARN_TALLY,
            note: shared.noting(request, client),
            journey,
            shared: Arc::clone(shared),
        }
    }

    /// It is another node's to answer, and counted as such.
    pub(super) fn pass_on(&self) {
        self.journey.pass_on(&self.shared.routes.of(RELAYED));
    }

    /// It is answered by this node.
    pub(super) async fn end(mut self, mut response: Response<BoxBody>) -> Response<BoxBody> {
        if self.signs {
            self.shared.sign(&mut response, self.client.secure).await;
        }
        if let Some(note) = self.note.take()
            && self.journey.is_use_to_be_noted()
        {
            self.shared.note(note);
        }
        self.finish(response)
    }

    /// It is answered by another node: the word of its position, if any, is in the answer.
    pub(super) fn end_elsewhere(mut self, response: Response<BoxBody>) -> Response<BoxBody> {
        self.pass_on();
        if let Some(line) = &mut self.line {
            line.pass_on();
        }
        self.finish(response)
    }

    /// It is answered by nobody, and told so.
    pub(super) fn end_aside(self, response: Response<BoxBody>) -> Response<BoxBody> {
        self.finish(response)
    }

    fn finish(self, mut response: Response<BoxBody>) -> Response<BoxBody> {
        let shared = &self.shared;
        shared.finish(&mut response);
        let visit = self.serving.as_ref().map(Serving::visit);
        if visit.is_some_and(Visit::is_last) {
            close_after(&mut response);
        }
        shared.say_farewell(&mut response);
        let (status, journey) = (response.status(), &self.journey);
        match journey.route() {
            Some(route) => {
                route.answer(status.as_u16());
                route.times.record(journey.time());
            }
            // Embedded files and `/up`: counted, but not among what takes time.
            None => shared.routes.of("files").answer(status.as_u16()),
        }
        if let Some(line) = &self.line {
            let told = Told::of(journey, status, response.headers());
            line.write(shared.app.config.access_log, &told);
        }
        sent(visit, response)
    }
}
