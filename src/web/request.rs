//! A request as handlers see it, and the two ways to answer it: [`Req::page`] reads, [`Req::act`] writes.
//!
//! A handler says what to read or change; who asks, where from, how often, and how errors look is settled here once.

mod cx;
mod failure;

pub use cx::{Cx, demand};
pub use failure::logged;

use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};

use crate::app::App;
use crate::domain::settings::Settings;
use crate::domain::user::{Role, Viewer};
use crate::error::{Error, Problem, Result};
use crate::html::page::Frame;
use crate::store::{self, Tx};
use crate::time::Timestamp;
use crate::web::asset::Assets;
use crate::web::client::Client;
use crate::web::cookie::{self, TokenHash};
use crate::web::form::{self, Fields};
use crate::web::limit::{Action, Limits};
use crate::web::respond::{self, Answer, Wants};
use crate::web::{error, origin};

/// What every handler's thread shares.
pub struct Shared {
    /// The application.
    pub app: Arc<App>,
    /// Abuse limits.
    pub limits: Limits,
    /// Embedded files.
    pub assets: Assets,
}

/// A request.
#[derive(Clone)]
pub struct Req {
    shared: Arc<Shared>,
    asked: Arc<Asked>,
}

/// What was asked, copied out of actix's request so that it can go to a worker.
#[derive(Clone)]
struct Asked {
    here: String,
    query: Fields,
    token: Option<TokenHash>,
    client: Client,
    agent: String,
    json: bool,
    wants: Wants,
    cross_site: bool,
}

impl FromRequest for Req {
    type Error = std::convert::Infallible;
    type Future = std::future::Ready<std::result::Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Ok(Self::of(request)))
    }
}

impl Req {
    fn of(request: &HttpRequest) -> Self {
        let shared = request
            .app_data::<web::Data<Shared>>()
            .expect("web::routes is mounted with its shared data")
            .clone()
            .into_inner();
        let text = |name: header::HeaderName| {
            let value = request
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let client = Client::of(request, &shared.app.config);
        let token = cookie::token(request, client.secure);
        let asked = Asked {
            here: here(request),
            query: form::query(request.query_string()),
            token: token.as_deref().map(cookie::hash),
            client,
            agent: text(header::USER_AGENT)
                .chars()
                .filter(|c| !c.is_control())
                .take(200)
                .collect(),
            json: std::path::Path::new(request.path())
                .extension()
                .is_some_and(|ending| ending == "json")
                || text(header::ACCEPT).starts_with("application/json"),
            wants: Wants {
                gzip: respond::takes_gzip(&text(header::ACCEPT_ENCODING)),
                if_none_match: Some(text(header::IF_NONE_MATCH)).filter(|sent| !sent.is_empty()),
            },
            cross_site: origin::is_cross_site(request, &shared.app.config),
        };
        Self {
            shared,
            asked: Arc::new(asked),
        }
    }

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

    /// Takes one from this action's buckets of the address.
    ///
    /// # Errors
    /// [`Error::Limited`].
    pub fn limit(&self, action: Action) -> Result<()> {
        self.shared
            .limits
            .address(action, self.asked.client.network())
    }

    /// Takes one from this action's bucket of an account.
    ///
    /// # Errors
    /// [`Error::Limited`].
    pub fn limit_account(&self, action: Action, name_key: &str) -> Result<()> {
        self.shared.limits.account(action, name_key)
    }

    /// Puts back what [`Req::limit`] and [`Req::limit_account`] took, for a guess that was right.
    pub fn give_back(&self, action: Action, name_key: &str) {
        let limits = &self.shared.limits;
        limits.give_back_address(action, self.asked.client.network());
        limits.give_back_account(action, name_key);
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

    /// 303 to a path of this site: how every action ends.
    #[must_use]
    pub fn see_other(path: &str) -> HttpResponse {
        HttpResponse::SeeOther()
            .insert_header((header::LOCATION, path))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .finish()
    }

    /// Refuses what came from another site; every action begins with it.
    ///
    /// # Errors
    /// [`Error::CrossSite`].
    pub fn same_site(&self) -> Result<()> {
        if self.asked.cross_site {
            Err(Error::CrossSite)
        } else {
            Ok(())
        }
    }

    /// Runs a member's change in one write transaction: origin and limits checked, the member looked up inside the
    /// transaction (so an ended session or a ban counts at once), at least `role` demanded.
    ///
    /// # Errors
    /// What `change` answers; [`Error::SignIn`], [`Error::Refused`], [`Error::CrossSite`], [`Error::Limited`].
    pub async fn act<T, F>(&self, action: Action, role: Role, change: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx, &Viewer) -> Result<T> + Send + 'static,
    {
        self.manage(action, move |tx, viewer| {
            demand(viewer, role)?;
            change(tx, viewer)
        })
        .await
    }

    /// As [`Req::act`], for what concerns only a member's own account and safety (sessions, looks, leaving): the banned and
    /// the waiting may do that too.
    ///
    /// # Errors
    /// As [`Req::act`], but for [`Error::Refused`].
    pub async fn manage<T, F>(&self, action: Action, change: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx, &Viewer) -> Result<T> + Send + 'static,
    {
        self.same_site()?;
        self.limit(action)?;
        let token = self.asked.token.ok_or(Error::SignIn)?;
        let shared = Arc::clone(&self.shared);
        self.app()
            .write(move |tx| {
                let viewer = store::session::viewer(tx, &token, tx.now())?.ok_or(Error::SignIn)?;
                if is_stale(&viewer, tx.now()) {
                    store::session::touch(tx, viewer.id, viewer.session)?;
                }
                shared.limits.account(action, &viewer.name.key())?;
                change(tx, &viewer)
            })
            .await
    }

    /// Checks all that [`Req::act`] checks, for what a member asks for without changing anything here.
    ///
    /// # Errors
    /// [`Error::SignIn`], [`Error::Refused`], [`Error::CrossSite`], [`Error::Limited`].
    pub async fn admit(&self, action: Action, role: Role) -> Result<Viewer> {
        self.same_site()?;
        self.limit(action)?;
        let token = self.asked.token.ok_or(Error::SignIn)?;
        let now = self.app().now();
        let viewer = self
            .app()
            .read(move |conn| store::session::viewer(conn, &token, now))
            .await?
            .ok_or(Error::SignIn)?;
        demand(&viewer, role)?;
        self.limit_account(action, &viewer.name.key())?;
        Ok(viewer)
    }

    async fn page_or_error<F>(self, render: F) -> HttpResponse
    where
        F: FnOnce(&Cx) -> Result<Answer> + Send + 'static,
    {
        let req = self.clone();
        let done = self.app().read(move |conn| {
            let cx = Cx::new(conn, &req)?;
            let answer =
                render(&cx).or_else(|error| Ok::<_, Error>(failure::failed(&cx, &error)))?;
            let rendered = respond::render(answer, &req.asked.wants, cx.viewer.is_some());
            Ok((
                rendered,
                cx.viewer.filter(|viewer| is_stale(viewer, cx.now)),
            ))
        });
        match done.await {
            Ok((rendered, stale)) => {
                if let Some(viewer) = stale {
                    self.touch_later(&viewer);
                }
                rendered.into_response()
            }
            Err(error) => self.plain_failure(&error),
        }
    }

    /// Notes that a session is in use, without the page waiting for it.
    fn touch_later(&self, viewer: &Viewer) {
        let app = Arc::clone(self.app());
        let (user, session) = (viewer.id, viewer.session);
        actix_web::rt::spawn(async move {
            let touch = move |tx: &Tx| store::session::touch(tx, user, session);
            if let Err(error) = app.write(touch).await {
                tracing::warn!(detail = error.detail(), "a session's use was not noted");
            }
        });
    }

    /// An error page without the database: the last resort.
    fn plain_failure(&self, error: &Error) -> HttpResponse {
        failure::log(error, &self.asked.here);
        let settings = Settings::default();
        let frame = self.frame(&settings, None, self.app().now(), "Error");
        let answer = respond::render(
            failure::answer_for(&frame, error, self.asked.json),
            &Wants::default(),
            false,
        );
        answer.into_response()
    }

    fn frame<'a>(
        &'a self,
        settings: &'a Settings,
        viewer: Option<&'a Viewer>,
        now: Timestamp,
        title: &str,
    ) -> Frame<'a> {
        Frame {
            title: title.to_owned(),
            settings,
            viewer,
            now,
            here: &self.asked.here,
            base: &self.shared.assets.base,
            assets: &self.shared.assets.names,
            canonical: None,
            description: String::new(),
            feed: None,
            noindex: false,
            json_ld: None,
            saved: saved(&self.asked.query),
            notice: None,
            operator_warning: self.operator_warning(viewer),
            wide: false,
            side: None,
        }
    }

    fn operator_warning(&self, viewer: Option<&Viewer>) -> Option<&'static str> {
        let exposed =
            !self.asked.client.secure && viewer.is_some_and(|viewer| viewer.role == Role::Admin);
        exposed.then_some(
            "This site is used over plain HTTP: passwords and sessions can be read on the way. Put HTTPS in front and set --base-url.",
        )
    }
}

/// Path and query, without what only tells the browser that a draft was saved: actions lead back here.
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

/// Whether the session's last use was noted so long ago that it is time again.
fn is_stale(viewer: &Viewer, now: Timestamp) -> bool {
    now.since(viewer.seen) >= store::session::TOUCH
}

/// The draft that the server has just taken: `?saved=submit`, `?saved=s115-900`.
fn saved(query: &Fields) -> Option<&str> {
    let key = query.get("saved");
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    ((1..=40).contains(&key.len()) && key.bytes().all(plain)).then_some(key)
}
