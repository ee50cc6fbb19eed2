//! The writing side of a request: where from, how often, who, and then one write transaction.

use actix_web::HttpResponse;
use actix_web::http::header;

use crate::domain::user::{Role, Viewer};
use crate::error::{Error, Result};
use crate::store::{self, Tx};
use crate::web::limit::Action;
use crate::web::request::{Req, demand, is_stale};

use std::sync::Arc;

impl Req {
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

    /// Puts back what [`Req::limit`] took, for what was not tried.
    pub fn give_back_address(&self, action: Action) {
        let network = self.asked.client.network();
        self.shared.limits.give_back_address(action, network);
    }

    /// Puts back what [`Req::limit`] and [`Req::limit_account`] took, for a guess that was right.
    pub fn give_back(&self, action: Action, name_key: &str) {
        self.give_back_address(action);
        self.shared.limits.give_back_account(action, name_key);
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
        let checked = self.checked(action, change)?;
        self.app().write(checked).await
    }

    /// As [`Req::act`], for members' votes and marks ([`Store::vote`](crate::store::Store::vote)).
    ///
    /// # Errors
    /// As [`Req::act`].
    pub async fn vote<T, F>(&self, change: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx, &Viewer) -> Result<T> + Send + 'static,
    {
        let checked = self.checked(Action::Vote, |tx, viewer| {
            demand(viewer, Role::Member)?;
            change(tx, viewer)
        })?;
        self.app().vote(checked).await
    }

    /// The change for the writer, which looks there once more who asks.
    fn checked<T, F>(
        &self,
        action: Action,
        change: F,
    ) -> Result<impl FnOnce(&Tx) -> Result<T> + Send + use<T, F>>
    where
        F: FnOnce(&Tx, &Viewer) -> Result<T> + Send,
    {
        self.same_site()?;
        self.limit(action)?;
        let token = self.asked.token.ok_or(Error::SignIn)?;
        let shared = Arc::clone(&self.shared);
        Ok(move |tx: &Tx| {
            let viewer = store::session::viewer(tx, &token, tx.now())?.ok_or(Error::SignIn)?;
            shared.members.note(&token);
            if is_stale(&viewer, tx.now()) {
                store::session::touch(tx, viewer.id, viewer.session)?;
            }
            shared.limits.account(action, &viewer.name.key())?;
            change(tx, &viewer)
        })
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
}
