//! What was asked, copied out of actix's request so that it can go to a worker.

use std::sync::Arc;

use actix_web::http::header::{self, HeaderName};
use actix_web::{HttpMessage, HttpRequest};

use crate::errand::Rank;
use crate::html::path;
use crate::metric::Route;
use crate::web::client::{Carried, Client};
use crate::web::cookie::{self, TokenHash};
use crate::web::form::{self, Fields};
use crate::web::journey::{Journey, RELAYED};
use crate::web::origin;
use crate::web::reply::{Wants, prefers_json};
use crate::web::request::Shared;

/// What was asked.
#[derive(Clone)]
pub(super) struct Asked {
    /// Path and query, without what only tells the browser that a draft was saved: actions lead back here.
    pub(super) here: String,
    pub(super) query: Fields,
    pub(super) token: Option<TokenHash>,
    /// How far the browser has seen the site, when it has just changed something.
    pub(super) position: Option<u64>,
    /// The draft that the server has just taken: `?saved=submit`, `?saved=s115-900`.
    pub(super) saved: Option<String>,
    pub(super) client: Client,
    pub(super) agent: String,
    pub(super) json: bool,
    pub(super) wants: Wants,
    pub(super) cross_site: bool,
    /// Nothing can be posted now: the node that writes cannot be reached.
    pub(super) cut_off: bool,
    pub(super) route: Arc<Route>,
    pub(super) journey: Arc<Journey>,
}

/// A path with a query, and the query's fields.
pub(super) type Address = (String, Vec<(String, String)>);

impl Asked {
    pub(super) fn of(request: &HttpRequest, shared: &Shared) -> Self {
        let text = |name: HeaderName| {
            let value = request
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok());
            value.unwrap_or_default()
        };
        let client = Client::of(request.head(), &request.extensions(), &shared.app.config);
        let journey = journey(request, shared);
        let pattern = request.match_pattern();
        let missing = if journey.is_passed_on() {
            RELAYED
        } else {
            "missing"
        };
        let route = shared.routes.of(pattern.as_deref().unwrap_or(missing));
        journey.leads(&route);
        let token = cookie::token(request.headers(), client.secure);
        let position = cookie::position(request.headers(), client.secure);
        let query = form::query(request.query_string());
        let is_json = is_json(request.path());
        let agent = text(header::USER_AGENT).chars().filter(|c| !c.is_control());
        Self {
            here: here(request),
            saved: saved(&query).map(str::to_owned),
            query,
            token: token.as_deref().map(cookie::hash),
            position: position.and_then(|value| shared.signer_at_hand()?.check(value)),
            client,
            agent: agent.take(200).collect(),
            json: is_json || prefers_json(request.headers()),
            wants: Wants::of(request.headers()),
            cross_site: is_cross_site(request, shared),
            cut_off: shared.app.is_cut_off(),
            route,
            journey,
        }
    }

    /// Whether the address alone says that a script asks.
    pub(super) fn is_json_address(&self) -> bool {
        is_json(self.here.split('?').next().unwrap_or_default())
    }

    /// The address with these parameters only, in this order, each at most once: what a page may depend on.
    pub(super) fn canonical(&self, parameters: &[&str]) -> Address {
        let path = self.here.split('?').next().unwrap_or_default();
        let given = parameters
            .iter()
            .map(|name| ((*name).to_owned(), self.query.get(name).to_owned()))
            .filter(|(_, value)| !value.is_empty());
        let fields: Vec<_> = given.collect();
        let address = fields
            .iter()
            .fold(path.to_owned(), |address, (name, value)| {
                path::with(&address, name, value)
            });
        (address, fields)
    }
}

/// As the node found that was reached.
fn is_cross_site(request: &HttpRequest, shared: &Shared) -> bool {
    match request.extensions().get::<Carried>() {
        Some(carried) => carried.cross_site,
        None => origin::is_cross_site(request.headers(), &shared.app.config),
    }
}

/// The journey that the front door began.
fn journey(request: &HttpRequest, shared: &Shared) -> Arc<Journey> {
    let begun = request.extensions().get::<Arc<Journey>>().cloned();
    begun.unwrap_or_else(|| Arc::new(Journey::begin(shared.next_id(), Rank::Visitor)))
}

fn is_json(path: &str) -> bool {
    let ending = std::path::Path::new(path).extension();
    ending.is_some_and(|ending| ending == "json")
}

fn here(request: &HttpRequest) -> String {
    let query: Vec<&str> = request
        .query_string()
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("saved="))
        .collect();
    if query.is_empty() {
        return request.path().to_owned();
    }
    format!("{}?{}", request.path(), query.join("&"))
}

fn saved(query: &Fields) -> Option<&str> {
    let key = query.get("saved");
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    ((1..=60).contains(&key.len()) && key.bytes().all(plain)).then_some(key)
}
