//! A member's page: the one for everybody, joined with their own bits.
//!
//! The bits are kept apart from the page, under the session, the page and its version; they rest on what the member is and
//! did. So a page is drawn once for all members, and nothing of one can reach another.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::HeaderValue;

use crate::cache::{Ask, Entry, How, Made, Stamp};
use crate::domain::id::MarkId;
use crate::domain::story::Marks;
use crate::domain::user::Viewer;
use crate::encoding::Encoding;
use crate::error::{Error, Result};
use crate::html::pen::{Audience, value};
use crate::store::{self, Conn};
use crate::time::Timestamp;
use crate::web::reply::{Own, Reply};
use crate::web::request::everybody::{Readers, outcome, status};
use crate::web::request::{Cx, Req, is_stale};
use crate::web::respond::Answer;

impl Req {
    pub(super) async fn to_member<F>(
        &self,
        head: u64,
        readers: Readers,
        render: F,
    ) -> Result<HttpResponse>
    where
        F: FnOnce(&Cx) -> Result<Answer> + Send + 'static,
    {
        let own_key = self.own_key();
        let kept = || {
            self.shared
                .joined(&own_key, &self.asked.here, head, self.asked.json)
        };
        // Who is told that a draft was saved is told so once: such bits are not kept.
        let fresh = self.asked.saved.is_some();
        if let Some((entry, own)) = (!fresh).then(kept).flatten() {
            let told = status(How::Hit, true);
            return self.send_own(&entry, &own.page, How::Hit, told).await;
        }
        let Some(looked) = self.look(head, readers, None).await? else {
            return self.to_visitor(head, false, render).await;
        };
        let (audience, mut own) = (looked.audience, looked.own);
        let key = self.key(audience);
        let ask = Ask { head, stale: false };
        let served = self.page_for(&key, ask, audience, true, render).await?;
        if !served.entry.page.is_holed() {
            return self.send(&key, served).await;
        }
        let entry = Arc::clone(&served.entry);
        if own
            .as_ref()
            .is_none_or(|own| own.page.version != entry.version)
        {
            let looked = self.look(head, readers, Some(&entry)).await?;
            own = looked.and_then(|looked| looked.own);
        }
        // Signed out between the two looks.
        let own = own.ok_or(Error::Unavailable)?;
        let made = Made {
            keep: !fresh,
            ..own
        };
        let own = self.shared.own.put(&own_key, made);
        let told = match served.how {
            How::Hit => OWN_MADE,
            how => status(how, entry.kept),
        };
        self.send_own(&entry, &own.page, served.how, told).await
    }

    /// Who asks, and their own bits: of the page that is given, or else of the kept one, when that is right. `None` for those
    /// without a session.
    async fn look(
        &self,
        head: u64,
        readers: Readers,
        page: Option<&Arc<Entry<Reply>>>,
    ) -> Result<Option<Looked>> {
        let Some(token) = self.asked.token else {
            return Ok(None);
        };
        let (req, page) = (self.clone(), page.cloned());
        let now = self.app().now();
        let looked = self
            .app()
            .read(move |conn| {
                let Some(viewer) = store::session::viewer(conn, &token, now)? else {
                    return Ok(None);
                };
                req.shared.members.note(&token);
                let audience = if readers == Readers::ByRole && viewer.moderates() {
                    Audience::Moderators
                } else {
                    Audience::Everyone
                };
                let page =
                    page.or_else(|| req.shared.pages.right(&req.key(audience), head, || now));
                let own = match &page {
                    Some(page) => req.own(conn, &viewer, page, audience, now)?,
                    None => None,
                };
                Ok(Some((Looked { audience, own }, viewer)))
            })
            .await?;
        let Some((looked, viewer)) = looked else {
            return Ok(None);
        };
        if is_stale(&viewer, now) {
            self.touch_later(&viewer);
        }
        Ok(Some(looked))
    }

    /// A member's own bits of a page; `None` when its form for members was not made.
    fn own(
        &self,
        conn: &Conn,
        viewer: &Viewer,
        entry: &Entry<Reply>,
        audience: Audience,
        now: Timestamp,
    ) -> Result<Option<Made<Own>>> {
        let Some(woven) = entry.page.woven() else {
            return Ok(None);
        };
        let marked: Vec<MarkId> = woven
            .holes
            .iter()
            .filter_map(|hole| hole.marked())
            .collect();
        let marks: HashMap<i64, Marks> = store::mark::on(conn, viewer.id, &marked)?;
        let eye = self.eye(Some(viewer), now);
        let values: Vec<String> = woven
            .holes
            .iter()
            .map(|hole| {
                let marks = hole.marked().and_then(|id| marks.get(&id.raw()).copied());
                value(&**hole, &eye, &marks.unwrap_or_default())
            })
            .collect();
        let ends = woven.holes.iter().filter_map(|hole| hole.until(&eye)).min();
        let values = woven.values(&values);
        Ok(Some(Made {
            snapshot: store::setting::snapshot_txid(conn)?,
            stamps: stamps(viewer),
            until: ends.into_iter().chain([self.changes(viewer, now)]).min(),
            keep: true,
            page: Own {
                etags: entry.page.own_tags(&values),
                values,
                version: entry.version,
                audience,
            },
        }))
    }

    async fn send_own(
        &self,
        entry: &Arc<Entry<Reply>>,
        own: &Own,
        how: How,
        told: HeaderValue,
    ) -> Result<HttpResponse> {
        entry.page.route.count(outcome(how));
        let identity = if self.asked.wants.accepted.takes(Encoding::Gzip) {
            None
        } else {
            let (entry, values) = (Arc::clone(entry), own.values.clone());
            Some(
                self.app()
                    .compute(move || entry.page.identity_of(&values))
                    .await?,
            )
        };
        let response = entry
            .page
            .respond_to_member(own, &self.asked.wants, identity, &told);
        let response =
            response.ok_or_else(|| Error::Internal("a member's page lacks its form".into()))?;
        Ok(HttpResponse::from(response))
    }

    /// When the clock alone changes what a member is shown, or their session has to be noted to be in use.
    fn changes(&self, viewer: &Viewer, now: Timestamp) -> Timestamp {
        let mut noted = viewer.seen.plus(store::session::TOUCH);
        if self.app().is_following() {
            // It may take a while until what the primary was told comes back.
            noted = noted.max(now.plus(NOTING));
        }
        let ban = viewer.ban.as_ref().map(|ban| ban.until);
        ban.into_iter().fold(viewer.ends.min(noted), Timestamp::min)
    }

    fn own_key(&self) -> String {
        let token = self.asked.token.unwrap_or_default();
        super::own_key(
            &token,
            self.asked.client.secure,
            self.asked.cut_off,
            &self.asked.here,
        )
    }
}

/// How long a node that follows another waits before it tells that one again that a session is in use.
const NOTING: Duration = Duration::from_mins(1);

/// The page was at hand, a member's own bits of it were not.
const OWN_MADE: HeaderValue = HeaderValue::from_static("site; hit; detail=own");

/// What a member's own bits rest on, whatever the page.
fn stamps(viewer: &Viewer) -> Vec<Stamp> {
    let id = viewer.id;
    let mut stamps = vec![
        store::stamp::site(),
        store::stamp::sessions(id),
        store::stamp::profile(id),
        store::stamp::look(id),
        store::stamp::marks(id),
        store::stamp::inbox(id),
    ];
    if viewer.moderates() {
        stamps.push(store::stamp::flags());
    }
    stamps
}

/// What a look at the session came to.
struct Looked {
    audience: Audience,
    own: Option<Made<Own>>,
}
