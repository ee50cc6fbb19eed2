//! Pages that are the same for everybody, but for the holes in them: answered from the cache, made at most once.
//!
//! A page knows only its path, the query parameters that its route declares, and who may read it ([`Audience`]); nothing else
//! of a request reaches what is drawn, so nothing else can get into what others are sent.

use actix_web::HttpResponse;
use actix_web::http::header::HeaderValue;

use crate::cache::{Ask, Entry, How, Made, Served, Stamp};
use crate::encoding::Encoding;
use crate::error::{Error, Result};
use crate::html::pen::{Audience, Canvas};
use crate::metric::Outcome;
use crate::store::{self, Conn};
use crate::time::Timestamp;
use crate::web::error;
use crate::web::reply::{Forms, Making, Reply};
use crate::web::request::{Cx, Req, failure};
use crate::web::respond::Answer;

use std::borrow::Cow;
use std::sync::Arc;

/// Longest address that is kept, in bytes.
const LONGEST_KEY: usize = 1024;

/// Who reads a page that is drawn for everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// All see the same.
    Alike,
    /// Moderators see more.
    ByRole,
}

impl Req {
    /// Answers with what `render` makes for everybody; `parameters` are those of the query that it may look at.
    pub async fn shared<F>(self, parameters: &[&str], render: F) -> HttpResponse
    where
        F: FnOnce(&Cx) -> Result<Answer> + Send + 'static,
    {
        self.shared_with(Readers::Alike, parameters, render).await
    }

    /// As [`Req::shared`], where moderators may see more than others.
    pub async fn shared_with<F>(
        self,
        readers: Readers,
        parameters: &[&str],
        render: F,
    ) -> HttpResponse
    where
        F: FnOnce(&Cx) -> Result<Answer> + Send + 'static,
    {
        let canonical = self.asked.canonical(parameters);
        self.narrowed(canonical).answer(readers, render).await
    }

    /// The page for addresses that nothing is at: one for all of them.
    pub async fn missing(self) -> HttpResponse {
        let nowhere = (String::new(), Vec::new());
        self.narrowed(nowhere)
            .answer(Readers::Alike, |cx| {
                cx.rests_on([]);
                Err(Error::NotFound)
            })
            .await
    }

    async fn answer<F>(self, readers: Readers, render: F) -> HttpResponse
    where
        F: FnOnce(&Cx) -> Result<Answer> + Send + 'static,
    {
        let head = self.app().store.stamps().head();
        let done = match self.asked.token {
            None => {
                self.to_visitor(head, self.asked.position.is_none(), render)
                    .await
            }
            Some(_) => self.to_member(head, readers, render).await,
        };
        match done {
            Ok(response) => response,
            Err(error) => self.plain_failure(&error),
        }
    }

    pub(super) async fn to_visitor<F>(
        &self,
        head: u64,
        stale: bool,
        render: F,
    ) -> Result<HttpResponse>
    where
        F: FnOnce(&Cx) -> Result<Answer> + Send + 'static,
    {
        let key = self.key(Audience::Everyone);
        let ask = Ask { head, stale };
        let served = self
            .page_for(&key, ask, Audience::Everyone, false, render)
            .await?;
        self.send(&key, served).await
    }

    /// The page under `key`, kept or made now. It is made on a worker, from one snapshot.
    pub(super) async fn page_for<F>(
        &self,
        key: &str,
        ask: Ask,
        audience: Audience,
        for_members: bool,
        render: F,
    ) -> Result<Served<Reply>>
    where
        F: FnOnce(&Cx) -> Result<Answer> + Send + 'static,
    {
        let has_form = |reply: &Reply| {
            if for_members {
                !reply.is_holed() || reply.woven().is_some()
            } else {
                reply.is_for_visitors()
            }
        };
        let fits = |reply: &Reply| has_form(reply) && !reply.refuses_a_client();
        let make = || {
            // Looked at when it is made: whoever was waited for may have made the other form meanwhile. One that somebody has
            // come for will be asked for again, and is made along from then on.
            let before = self.shared.pages.peek(key);
            let had =
                |form: fn(&Reply) -> bool| before.as_ref().is_some_and(|kept| form(&kept.page));
            let forms = Forms {
                members: for_members || had(|page| page.woven().is_some()),
                visitors: !for_members || had(Reply::is_for_visitors),
            };
            self.make(audience, forms, render)
        };
        let now = || self.app().now();
        self.shared.pages.get(key, ask, now, fits, make).await
    }

    async fn make<F>(&self, audience: Audience, forms: Forms, render: F) -> Result<Made<Reply>>
    where
        F: FnOnce(&Cx) -> Result<Answer> + Send + 'static,
    {
        let req = self.clone();
        let app = Arc::clone(self.app());
        let job = move || {
            let canvas = Canvas::new(&req.shared.word, audience);
            let found = app.store.read(|conn| req.draw(conn, &canvas, render))?;
            let making = Making {
                // What moderators alone may read is not for caches on the way, holes or not.
                is_personal: audience == Audience::Moderators,
                groups: req.shared.groups(&found.stamps),
                ..req.making(forms)
            };
            let keep = found.keep && req.asked.here.len() <= LONGEST_KEY;
            let mut answer = found.answer;
            let text = std::mem::take(&mut answer.body);
            Ok(Made {
                page: Reply::drawn(&answer, canvas.finish(&text)?, &making),
                snapshot: found.snapshot,
                stamps: found.stamps,
                until: found.until,
                keep,
            })
        };
        self.app().compute(job).await
    }

    fn draw<F>(&self, conn: &Conn, canvas: &Canvas, render: F) -> Result<Found>
    where
        F: FnOnce(&Cx) -> Result<Answer>,
    {
        let snapshot = store::setting::snapshot_txid(conn)?;
        let cx = Cx::for_everybody(conn, self, canvas)?;
        let (answer, keep) = match render(&cx) {
            Ok(answer) => (answer, true),
            Err(error) if error::status(&error).is_server_error() => {
                failure::log(&error, &self.asked);
                return Err(error);
            }
            // Kept only by what would change it: a page says what it looked for before it finds that it is not there.
            Err(error) => {
                let keep = match error {
                    Error::NotFound => cx.rests_on_something(),
                    // What makes no sense never will.
                    Error::BadRequest(_) => true,
                    _ => false,
                };
                let answer = failure::answer_for(&cx.frame("Error"), &error, &self.asked);
                (if keep { self.kept(answer) } else { answer }, keep)
            }
        };
        let keep = keep && answer.may_be_kept();
        let (stamps, until) = cx.rests();
        Ok(Found {
            answer,
            snapshot,
            stamps,
            until,
            keep,
        })
    }

    /// An error that may be kept. Where only `Accept` makes it JSON, caches on the way must not give it to others: they do
    /// not ask what each client accepts.
    fn kept(&self, answer: Answer) -> Answer {
        if self.asked.json && !self.asked.is_json_address() {
            answer.private()
        } else {
            answer.public()
        }
    }

    pub(super) fn making(&self, forms: Forms) -> Making {
        Making {
            accepted: self.asked.wants.accepted,
            standing: Arc::clone(&self.shared.standing),
            is_personal: false,
            forms,
            groups: Vec::new(),
            route: Arc::clone(&self.asked.route),
            now: self.app().now(),
        }
    }

    /// Sends a page as it is, in a coding that the client takes.
    pub(super) async fn send(&self, key: &str, served: Served<Reply>) -> Result<HttpResponse> {
        let Served { mut entry, how } = served;
        if let Some(encoding) = entry.page.wanting(&self.asked.wants) {
            entry = self.in_coding(key, &entry, encoding).await?;
        }
        if entry.page.has_become_popular() {
            let accepted = self.asked.wants.accepted;
            self.shared.compress_later(key, &entry, accepted);
        }
        entry.page.route.count(outcome(how));
        let response = entry
            .page
            .respond(&self.asked.wants, &status(how, entry.kept));
        let response =
            response.ok_or_else(|| Error::Internal("a page lacks the coding just made".into()))?;
        Ok(HttpResponse::from(response))
    }

    /// The page in one coding more. Many may wait for the same: who comes after the first finds it kept, so that all are sent
    /// one body and not each their own.
    async fn in_coding(
        &self,
        key: &str,
        entry: &Arc<Entry<Reply>>,
        encoding: Encoding,
    ) -> Result<Arc<Entry<Reply>>> {
        let (req, key, entry) = (self.clone(), key.to_owned(), Arc::clone(entry));
        let job = move || {
            let pages = &req.shared.pages;
            let kept = pages.peek(&key);
            let latest = kept.filter(|kept| kept.version == entry.version);
            let latest = latest.unwrap_or(entry);
            if latest.page.wanting(&req.asked.wants).is_none() {
                return Ok(latest);
            }
            let richer = latest.page.in_coding(encoding)?;
            Ok(pages.enrich(&key, &latest, richer))
        };
        self.app().compute(job).await
    }

    /// Under what the page is kept: the address alone for what everybody gets, since that is looked for most.
    pub(super) fn key(&self, audience: Audience) -> Cow<'_, str> {
        super::page_key(&self.asked.here, audience, self.asked.json)
    }
}

/// What a snapshot had to say of a page.
struct Found {
    answer: Answer,
    snapshot: u64,
    stamps: Vec<Stamp>,
    until: Option<Timestamp>,
    keep: bool,
}

/// The `Cache-Status` (RFC 9211) of an answer.
pub(in crate::web) fn status(how: How, kept: bool) -> HeaderValue {
    HeaderValue::from_static(match (how, kept) {
        (How::Hit, _) => "site; hit",
        (How::Joined, _) => "site; fwd=miss; collapsed",
        (How::Missing, true) => "site; fwd=miss; stored",
        (How::Missing, false) => "site; fwd=miss",
        (How::Outdated, true) => "site; fwd=stale; stored",
        (How::Outdated, false) => "site; fwd=stale",
        (How::Storm, _) => "site; hit; detail=storm",
        (How::Failing, _) => "site; fwd=stale; detail=error",
    })
}

/// How an answer is counted.
pub(in crate::web) fn outcome(how: How) -> Outcome {
    match how {
        How::Hit => Outcome::Hit,
        How::Joined => Outcome::Joined,
        How::Missing | How::Outdated => Outcome::Miss,
        How::Storm | How::Failing => Outcome::Stale,
    }
}
