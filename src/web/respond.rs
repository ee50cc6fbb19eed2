//! What handlers answer: text of some kind with a status, or a way to elsewhere. [`Reply`](super::reply::Reply) makes bytes of it.

use actix_web::http::{StatusCode, header};
use maud::Markup;

use crate::error::Error;
use crate::web::error;

/// How long an answer may be kept, and by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// The same for every visitor; revalidated each time.
    Public,
    /// One member's; revalidated each time.
    Private,
    /// Nobody keeps it.
    Never,
}

/// What a handler answers: text of some kind, or a way to elsewhere.
#[derive(Debug)]
pub struct Answer {
    pub(super) status: StatusCode,
    pub(super) kind: &'static str,
    pub(super) body: String,
    pub(super) headers: Vec<(header::HeaderName, String)>,
    pub(super) keep: Option<Keep>,
}

impl Answer {
    /// A page.
    #[must_use]
    pub fn html(markup: Markup) -> Self {
        Self::text("text/html; charset=utf-8", markup.into_string())
    }

    /// Text of a media type.
    #[must_use]
    pub fn text(kind: &'static str, body: String) -> Self {
        Self {
            status: StatusCode::OK,
            kind,
            body,
            headers: Vec::new(),
            keep: None,
        }
    }

    /// JSON.
    #[must_use]
    pub fn json(value: &serde_json::Value) -> Self {
        Self::text("application/json", value.to_string())
    }

    /// A permanent way elsewhere on this site.
    #[must_use]
    pub fn moved(path: String) -> Self {
        let mut answer = Self::text("text/plain; charset=utf-8", String::new());
        answer.status = StatusCode::MOVED_PERMANENTLY;
        answer.header(header::LOCATION, path)
    }

    /// 303 to a path of this site.
    #[must_use]
    pub fn see_other(path: String) -> Self {
        Self::moved(path).status(StatusCode::SEE_OTHER).no_store()
    }

    /// Another status than 200.
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Told as this error: its status, when to try again, kept by nobody. For pages that say themselves what was wrong.
    #[must_use]
    pub fn refusing(self, error: &Error) -> Self {
        let answer = self.status(error::status(error)).no_store();
        match error::retry_after_s(error) {
            Some(seconds) => answer.header(header::RETRY_AFTER, seconds.to_string()),
            None => answer,
        }
    }

    /// With a header of its own.
    #[must_use]
    pub fn header(mut self, name: header::HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Everybody may keep it, and asks again each time.
    #[must_use]
    pub(super) fn public(mut self) -> Self {
        self.keep = None;
        self
    }

    /// Only the one who asked may keep it, and asks again each time.
    #[must_use]
    pub(super) fn private(mut self) -> Self {
        self.keep = Some(Keep::Private);
        self
    }

    /// Whether it may be kept for others: no errors but what is truly not there.
    pub(super) fn may_be_kept(&self) -> bool {
        let lasting = [
            StatusCode::OK,
            StatusCode::BAD_REQUEST,
            StatusCode::MOVED_PERMANENTLY,
            StatusCode::NOT_FOUND,
            StatusCode::GONE,
        ];
        self.keep != Some(Keep::Never) && lasting.contains(&self.status)
    }

    /// Nobody may keep it (settings, sign-in, moderation).
    #[must_use]
    pub fn no_store(mut self) -> Self {
        self.keep = Some(Keep::Never);
        self
    }
}
