//! A request as handlers see it, and the ways to answer it: [`Req::shared`] and [`Req::page`] read, [`Req::act`] writes.
//!
//! A handler says what to read or change; who asks, where from, how often, and how errors look is settled here once.

mod act;
mod asked;
mod cx;
mod everybody;
mod failure;
mod known;
mod member;
mod shared;
mod signing;

pub use cx::{Cx, demand};
pub use everybody::Readers;
pub use failure::logged;
pub use shared::Shared;

use std::borrow::Cow;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};

use crate::app::App;
use crate::domain::settings::Settings;
use crate::domain::user::{Role, Viewer};
use crate::encoding::Encoding;
use crate::errand::{Errand, Rank};
use crate::error::{Error, Problem, Result};
use crate::hex;
use crate::html::page::Frame;
use crate::html::pen::{Audience, Eye, Pen};
use crate::metric::Outcome;
use crate::store::{self, Tx};
use crate::time::Timestamp;
use crate::web::asset::Assets;
use crate::web::asset::shelf::Shelf;
use crate::web::client::Client;
use crate::web::cookie::TokenHash;
use crate::web::error;
use crate::web::form::Fields;
use crate::web::reply::{BYPASS, Forms, Making, Reply, Wants};
use crate::web::respond::Answer;

use asked::{Address, Asked};

/// A request.
#[derive(Clone)]
pub struct Req {
    shared: Arc<Shared>,
    asked: Arc<Asked>,
}

impl FromRequest for Req {
    type Error = std::convert::Infallible;
    type Future = std::future::Ready<std::result::Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let shared = request
            .app_data::<web::Data<Shared>>()
            .expect("web::routes is mounted with its shared data")
            .clone()
            .into_inner();
        let asked = Arc::new(Asked::of(request, &shared));
        std::future::ready(Ok(Self { shared, asked }))
    }
}

impl Req {
    /// The application.
    #[must_use]
    pub fn app(&self) -> &Arc<App> {
        &self.shared.app
    }

    /// Embedded files.
    #[must_use]
    pub fn assets(&self) -> &Assets {
        &self.shared.assets
    }

    /// What browsers load of the course.
    #[must_use]
    pub fn shelf(&self) -> &Shelf {
        &self.shared.shelf
    }

    /// The path that was asked for, as sent.
    #[must_use]
    pub fn path(&self) -> &str {
        let here = self.asked.here.as_str();
        here.split('?').next().unwrap_or(here)
    }

    /// Query parameters.
    #[must_use]
    pub fn query(&self) -> &Fields {
        &self.asked.query
    }

    /// The client.
    #[must_use]
    pub fn client(&self) -> Client {
        self.asked.client
    }

    /// The browser, as it calls itself; at most 200 characters.
    #[must_use]
    pub fn agent(&self) -> &str {
        &self.asked.agent
    }

    /// Hash of the session token that came along.
    #[must_use]
    pub fn token(&self) -> Option<TokenHash> {
        self.asked.token
    }

    /// The same request, of which only this address is known.
    fn narrowed(mut self, (here, fields): Address) -> Self {
        let asked = Arc::make_mut(&mut self.asked);
        asked.here = here;
        asked.query = fields.into_iter().collect();
        self
    }

    /// The client is a script that wants JSON.
    #[must_use]
    pub fn wants_json(&self) -> bool {
        self.asked.json
    }

    /// The same request, answered in JSON whatever it said that it wants: for addresses that scripts alone use.
    #[must_use]
    pub fn as_json(mut self) -> Self {
        Arc::make_mut(&mut self.asked).json = true;
        self
    }

    /// Path and query of the request.
    #[must_use]
    pub fn here(&self) -> &str {
        &self.asked.here
    }

    /// Answers with what `render` makes of one snapshot; errors become the site's error page.
    pub async fn page<F>(self, render: F) -> HttpResponse
    where
        F: FnOnce(&Cx) -> Result<Answer> + Send + 'static,
    {
        self.page_or_error(render).await
    }

    /// Answers with an error's page (or JSON).
    pub async fn fail(self, error: Error) -> HttpResponse {
        self.page_or_error(move |_| Err(error)).await
    }

    /// Answers with what a handler came to.
    pub async fn reply(self, result: Result<HttpResponse>) -> HttpResponse {
        match result {
            Ok(response) => response,
            Err(error) => self.fail(error).await,
        }
    }

    /// Shows a form again with what is wrong, by `show`; errors that no form can help become the site's error page.
    pub async fn again<F>(self, error: Error, show: F) -> HttpResponse
    where
        F: FnOnce(&Cx, &[Problem]) -> Result<Answer> + Send + 'static,
    {
        // A stranger for whom there was no room is not let wait for the page that says so.
        if matches!(error, Error::Busy) && Errand::current_rank() < Rank::Member {
            return self.busy();
        }
        self.page(move |cx| {
            let told = match &error {
                Error::Invalid(problems) => problems.clone(),
                Error::Refused(_) | Error::Limited(_) | Error::Busy | Error::Unavailable => {
                    vec![Problem {
                        field: "",
                        message: error.to_string(),
                    }]
                }
                _ => return Err(error),
            };
            let answer = show(cx, &told)?.status(error::status(&error)).no_store();
            Ok(match error::retry_after_s(&error) {
                Some(seconds) => answer.header(header::RETRY_AFTER, seconds.to_string()),
                None => answer,
            })
        })
        .await
    }

    async fn page_or_error<F>(self, render: F) -> HttpResponse
    where
        F: FnOnce(&Cx) -> Result<Answer> + Send + 'static,
    {
        let req = self.clone();
        let app = Arc::clone(self.app());
        let job = move || {
            let (answer, viewer) = app.store.read(|conn| {
                let cx = Cx::for_one(conn, &req)?;
                let answer =
                    render(&cx).or_else(|error| Ok::<_, Error>(failure::failed(&cx, &error)))?;
                Ok((answer, cx.viewer))
            })?;
            let making = Making {
                is_personal: viewer.is_some(),
                ..req.making(Forms::ONE)
            };
            Ok((Reply::plain(answer, &making), viewer))
        };
        match self.app().compute(job).await {
            Ok((reply, viewer)) => {
                if let Some(viewer) = viewer.filter(|viewer| is_stale(viewer, self.app().now())) {
                    self.touch_later(&viewer);
                }
                reply.route.count(Outcome::Bypass);
                let response = reply.respond(&self.asked.wants, &BYPASS);
                response.map_or_else(
                    || self.plain_failure(&Error::Internal("no body".into())),
                    HttpResponse::from,
                )
            }
            Err(error) => self.plain_failure(&error),
        }
    }

    /// Notes that a session is in use, without the page waiting for it. A node that follows another has the front let that one
    /// know.
    fn touch_later(&self, viewer: &Viewer) {
        if self.app().is_following() {
            self.asked.journey.note_use();
            return;
        }
        let app = Arc::clone(self.app());
        let (user, session) = (viewer.id, viewer.session);
        actix_web::rt::spawn(Errand::carry(async move {
            let touch = move |tx: &Tx| store::session::touch(tx, user, session);
            match app.write(touch).await {
                Ok(()) => {}
                Err(Error::Busy) => tracing::debug!("a session's use was not noted: too busy"),
                Err(error) => {
                    tracing::warn!(detail = error.detail(), "a session's use was not noted");
                }
            }
        }));
    }

    /// As [`Req::fail`], where there is no database to look into.
    #[must_use]
    pub fn fail_plainly(&self, error: &Error) -> HttpResponse {
        self.plain_failure(error)
    }

    /// An error page without the database: the last resort.
    fn plain_failure(&self, error: &Error) -> HttpResponse {
        if matches!(error, Error::Busy) {
            return self.busy();
        }
        failure::log(error, &self.asked);
        let settings = Settings::default();
        let frame = self.frame(
            &settings,
            Pen::One(self.eye(None, self.app().now())),
            self.app().now(),
            "Error",
        );
        let answer = failure::answer_for(&frame, error, &self.asked);
        let reply = Reply::plain(answer, &self.making_plain());
        let response = reply.respond(&Wants::default(), &BYPASS);
        response.map_or_else(
            || HttpResponse::InternalServerError().finish(),
            HttpResponse::from,
        )
    }

    /// The refusal of work that would wait too long: made once, since it is sent when there is no time to make anything.
    fn busy(&self) -> HttpResponse {
        self.asked.journey.refuse();
        let kept = &self.shared.busy[usize::from(self.asked.json)];
        let reply = kept.get_or_init(|| {
            let settings = Settings::default();
            let now = self.app().now();
            let req = self.clone().narrowed(("/".into(), Vec::new()));
            let frame = req.frame(
                &settings,
                Pen::One(req.eye(None, now)),
                now,
                "Not right now",
            );
            let answer = failure::answer_for(&frame, &Error::Busy, &req.asked);
            let making = Making {
                // Counted by itself: it is the answer of many routes.
                route: self.shared.routes.of("refused"),
                ..req.making_plain()
            };
            let plain = Reply::plain(answer, &making);
            plain.in_coding(Encoding::Gzip).unwrap_or(plain)
        });
        reply.refusing(&self.asked.wants).map_or_else(
            || HttpResponse::ServiceUnavailable().finish(),
            HttpResponse::from,
        )
    }

    fn making_plain(&self) -> Making {
        Making {
            accepted: Wants::default().accepted,
            ..self.making(Forms::ONE)
        }
    }

    fn frame<'a>(
        &'a self,
        settings: &'a Settings,
        pen: Pen<'a>,
        now: Timestamp,
        title: &str,
    ) -> Frame<'a> {
        Frame {
            title: title.to_owned(),
            settings,
            pen,
            now,
            here: &self.asked.here,
            base: &self.shared.assets.base,
            assets: &self.shared.assets.names,
            canonical: None,
            description: String::new(),
            feed: None,
            noindex: false,
            json_ld: None,
            notice: None,
            wide: false,
            side: None,
            extra: None,
        }
    }

    fn eye<'a>(&'a self, viewer: Option<&'a Viewer>, now: Timestamp) -> Eye<'a> {
        Eye {
            viewer,
            now,
            saved: self.asked.saved.as_deref(),
            warning: viewer.and_then(|viewer| self.operator_warning(viewer)),
            cut_off: self.asked.cut_off,
        }
    }

    fn operator_warning(&self, viewer: &Viewer) -> Option<&'static str> {
        let exposed = !self.asked.client.secure && viewer.role == Role::Admin;
        exposed.then_some(
            "This site is used over plain HTTP: passwords and sessions can be read on the way. Put HTTPS in front and set --base-url.",
        )
    }
}

/// Under what a page is kept: the address alone for what everybody gets, since that is looked for most.
fn page_key(here: &str, audience: Audience, json: bool) -> Cow<'_, str> {
    match (audience, json) {
        (Audience::Everyone, false) => here.into(),
        (Audience::Everyone, true) => format!("json {here}").into(),
        (Audience::Moderators, false) => format!("mod {here}").into(),
        (Audience::Moderators, true) => format!("mod json {here}").into(),
    }
}

/// Under what a member's own bits of a page are kept. They say whether something can be posted, so they are others when that
/// changes, and the page itself is not.
#[must_use]
pub(super) fn own_key(token: &TokenHash, secure: bool, cut_off: bool, here: &str) -> String {
    let mut key = String::with_capacity(66 + here.len());
    hex::push(&mut key, token);
    key.push(match (secure, cut_off) {
        (true, false) => 's',
        (false, false) => 'p',
        (true, true) => 'S',
        (false, true) => 'P',
    });
    key.push_str(here);
    key
}

/// Whether the session's last use was noted so long ago that it is time again.
fn is_stale(viewer: &Viewer, now: Timestamp) -> bool {
    now.since(viewer.seen) >= store::session::TOUCH
}
