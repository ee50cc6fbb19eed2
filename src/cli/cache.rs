//! `site cache purge`: has kept answers made anew.

use std::path::Path;

use clap::{Args, Subcommand};

use crate::cli::say;
use crate::control::{Change, client};
use crate::error::Result;
use crate::replica::node::state::State;

/// `site cache …`
#[derive(Debug, Subcommand)]
pub(super) enum Cache {
    /// Have pages made anew at their next request: all of them, or those of one thing
    Purge(Purge),
}

/// Flags of `site cache purge`.
#[derive(Debug, Args)]
pub(super) struct Purge {
    /// What: story:ID, comment:ID, user:NAME, tag:NAME, domain:NAME, list:hot|newest|active|top|comments|modlog, lesson:ID, resources, sitemap, search, site
    #[arg(long, value_name = "TAG")]
    tag: Option<String>,
}

impl Cache {
    /// Does it, through the running site. Without one nothing is kept, and nothing is touched.
    ///
    /// # Errors
    /// [`Error::Refused`](crate::error::Error::Refused) for a tag that there is not.
    pub(super) fn run(self, data: &Path) -> Result<()> {
        let Self::Purge(Purge { tag }) = self;
        if client::status(data)?.is_none() {
            State::refuse_to_write(data)?;
            say(&format!(
                "No site runs on {}, so no pages are kept.",
                data.display()
            ));
            return Ok(());
        }
        let told = match &tag {
            Some(tag) => format!("Pages of {tag} are made anew when they are asked for next."),
            None => "All pages are made anew when they are asked for next.".to_owned(),
        };
        client::change(data, Change::Purge { tag })?;
        say(&told);
        Ok(())
    }
}
