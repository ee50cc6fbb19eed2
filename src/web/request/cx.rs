//! What pages are made from: one snapshot, who looks, the settings, now. It reads and never changes anything.

use std::cell::RefCell;
use std::sync::Arc;

use crate::cache::Stamp;
use crate::domain::id::UserId;
use crate::domain::settings::Settings;
use crate::domain::user::{Role, Viewer};
use crate::error::{Error, Result};
use crate::html::page::Frame;
use crate::html::pen::{Canvas, Pen};
use crate::store::{self, Conn};
use crate::time::Timestamp;
use crate::web::request::Req;

/// What a page is made from: one snapshot, the viewer, the settings, now.
pub struct Cx<'a> {
    /// The snapshot.
    pub conn: &'a Conn,
    /// Who looks; `None` for visitors, and while a page is drawn for everybody.
    pub viewer: Option<Viewer>,
    /// The settings in force.
    pub settings: Arc<Settings>,
    /// Now.
    pub now: Timestamp,
    /// The request.
    pub req: &'a Req,
    canvas: Option<&'a Canvas<'a>>,
    rests: RefCell<Rests>,
}

/// What a page rests on.
#[derive(Default)]
struct Rests {
    stamps: Vec<Stamp>,
    until: Option<Timestamp>,
    said: bool,
}

impl<'a> Cx<'a> {
    /// For a page that is drawn for the one who asks.
    pub(super) fn for_one(conn: &'a Conn, req: &'a Req) -> Result<Self> {
        let now = req.app().now();
        let viewer = match req.asked.token {
            Some(token) => {
                let viewer = store::session::viewer(conn, &token, now)?;
                if viewer.is_some() {
                    req.shared.members.note(&token);
                }
                viewer
            }
            None => None,
        };
        Self::new(conn, req, viewer, None, now)
    }

    /// For a page that is drawn for everybody.
    pub(super) fn for_everybody(
        conn: &'a Conn,
        req: &'a Req,
        canvas: &'a Canvas<'a>,
    ) -> Result<Self> {
        Self::new(conn, req, None, Some(canvas), req.app().now())
    }

    fn new(
        conn: &'a Conn,
        req: &'a Req,
        viewer: Option<Viewer>,
        canvas: Option<&'a Canvas<'a>>,
        now: Timestamp,
    ) -> Result<Self> {
        Ok(Self {
            conn,
            viewer,
            settings: req.app().settings(conn)?,
            now,
            req,
            canvas,
            rests: RefCell::default(),
        })
    }

    /// Says what the page shows, so that it is made anew when that changes. Called before something is looked for, so that a
    /// page that does not find it rests on it too. Every page rests on the site itself.
    pub fn rests_on(&self, stamps: impl IntoIterator<Item = Stamp>) {
        let mut rests = self.rests.borrow_mut();
        rests.said = true;
        rests.stamps.extend(stamps);
    }

    /// Says when the page changes by the clock alone; the earliest counts.
    pub fn until(&self, end: Timestamp) {
        let mut rests = self.rests.borrow_mut();
        rests.until = Some(rests.until.map_or(end, |until| until.min(end)));
    }

    pub(super) fn rests_on_something(&self) -> bool {
        self.rests.borrow().said
    }

    pub(super) fn rests(&self) -> (Vec<Stamp>, Option<Timestamp>) {
        let rests = self.rests.take();
        let mut stamps = rests.stamps;
        stamps.push(Stamp::site());
        (stamps, rests.until)
    }

    /// For whom the page is drawn.
    fn pen(&self) -> Pen<'_> {
        match self.canvas {
            Some(canvas) => Pen::All(canvas),
            None => Pen::One(self.req.eye(self.viewer.as_ref(), self.now)),
        }
    }

    /// Whether what only moderators may read can be shown.
    #[must_use]
    pub fn moderates(&self) -> bool {
        self.pen().moderates()
    }

    /// The frame of a page with this title.
    #[must_use]
    pub fn frame(&self, title: &str) -> Frame<'_> {
        self.req.frame(&self.settings, self.pen(), self.now, title)
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
