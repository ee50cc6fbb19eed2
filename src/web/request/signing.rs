//! The signer of positions, which changes with the epoch and with the copy of the site: read anew when either has.

use std::sync::{PoisonError, RwLock};

use crate::app::App;
use crate::error::Result;
use crate::store;
use crate::web::position::Signer;
use crate::web::request::Shared;

/// Of no generation.
const NEVER: u64 = u64::MAX;

/// The signer, and of which generation it is.
pub(super) struct Signing(RwLock<(u64, Signer)>);

impl Signing {
    pub(super) fn read(app: &App) -> Result<Self> {
        // Before the look, so that a change in between leads to another one.
        let generation = app.generation();
        if app.store.cluster()?.is_none() {
            // An empty copy: the key comes with what it is filled with.
            return Ok(Self(RwLock::new((NEVER, Signer::new([0; 32], 0)))));
        }
        let (key, epoch) = app.store.read(store::secret::signing_key)?;
        Ok(Self(RwLock::new((generation, Signer::new(key, epoch)))))
    }
}

impl Shared {
    /// The signer, when it is still the right one.
    #[must_use]
    pub fn signer_at_hand(&self) -> Option<Signer> {
        let kept = self
            .signing
            .0
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        (kept.0 == self.app.generation()).then(|| kept.1.clone())
    }

    /// The signer; `None` when the database cannot be read just now.
    pub async fn signer(&self) -> Option<Signer> {
        if let Some(signer) = self.signer_at_hand() {
            return Some(signer);
        }
        let generation = self.app.generation();
        let read = self.app.read(store::secret::signing_key).await;
        let (key, epoch) = read
            .inspect_err(|error| {
                tracing::warn!(
                    detail = error.detail(),
                    "the key of positions cannot be read"
                );
            })
            .ok()?;
        let signer = Signer::new(key, epoch);
        let mut kept = self
            .signing
            .0
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *kept = (generation, signer.clone());
        Some(signer)
    }
}
