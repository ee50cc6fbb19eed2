//! What pages are made from: one snapshot, who looks, the settings, now. It reads and never changes anything.

use std::sync::Arc;

use crate::domain::id::UserId;
use crate::domain::settings::Settings;
use crate::domain::user::{Role, Viewer};
use crate::error::{Error, Result};
use crate::html::page::Frame;
use crate::store::{self, Conn};
use crate::time::Timestamp;
use crate::web::request::Req;

/// What a page is made from: one snapshot, the viewer, the settings, now.
pub struct Cx<'a> {
    /// The snapshot.
    pub conn: &'a Conn,
    /// Who looks; `None` for visitors.
    pub viewer: Option<Viewer>,
    /// The settings in force.
    pub settings: Arc<Settings>,
    /// Now.
    pub now: Timestamp,
    /// The request.
    pub req: &'a Req,
}

impl<'a> Cx<'a> {
    pub(super) fn new(conn: &'a Conn, req: &'a Req) -> Result<Self> {
        let now = req.app().now();
        let viewer = match req.asked.token {
            Some(token) => store::session::viewer(conn, &token, now)?,
            None => None,
        };
        Ok(Self {
            conn,
            viewer,
            settings: req.app().settings(conn)?,
            now,
            req,
        })
    }

    /// The frame of a page with this title.
    #[must_use]
    pub fn frame(&self, title: &str) -> Frame<'_> {
        self.req
            .frame(&self.settings, self.viewer.as_ref(), self.now, title)
    }

    /// Who looks, for queries; `None` for visitors.
    #[must_use]
    pub fn viewer_id(&self) -> Option<UserId> {
        self.viewer.as_ref().map(|viewer| viewer.id)
    }

    /// The member who looks.
    ///
    /// # Errors
    /// [`Error::SignIn`] for visitors.
    pub fn member(&self) -> Result<&Viewer> {
        self.viewer.as_ref().ok_or(Error::SignIn)
    }

    /// The member who looks, when trusted with at least `role`.
    ///
    /// # Errors
    /// [`Error::SignIn`] for visitors, [`Error::Refused`] for others.
    pub fn role(&self, role: Role) -> Result<&Viewer> {
        let viewer = self.member()?;
        demand(viewer, role)?;
        Ok(viewer)
    }
}

/// Whether this member may act as `role`, or why not.
///
/// # Errors
/// [`Error::Refused`] with the reason.
pub fn demand(viewer: &Viewer, role: Role) -> Result<()> {
    if viewer.may(role) {
        return Ok(());
    }
    let why = viewer.why_not();
    Err(Error::Refused(
        why.unwrap_or_else(|| "Your account may not do this.".into()),
    ))
}
