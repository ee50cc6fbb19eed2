//! What the operator sees at the start. The set-up link goes to a terminal or into a file of mode 0600, never to the log.

use std::fs::OpenOptions;
use std::io::{IsTerminal, Write, stdout};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::app::App;
use crate::cli::say;
use crate::config::Config;
use crate::control::{Change, apply};
use crate::error::{Error, Result};
use crate::html::path;
use crate::store;
use crate::store::secret::{hash, new_token};

const CARELESS: &str =
    "limits are off: nothing slows down who guesses passwords or floods the site";

/// Says what runs where; makes a set-up link while there is no administrator.
///
/// # Errors
/// When the store fails or the link's file cannot be written.
pub(super) fn show(app: &App) -> Result<()> {
    let config = &app.config;
    let link = set_up(app)?;
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        address = %config.listen,
        data = %config.data.display(),
        "serving"
    );
    if !config.limits {
        tracing::warn!("{CARELESS}");
    }
    if stdout().is_terminal() {
        say(&screen(config, link.as_deref()));
        return forget(&config.data);
    }
    say(&format!("listening on http://{}", config.listen));
    match link {
        None => forget(&config.data),
        Some(link) => {
            let file = keep(&config.data, &link)?;
            say(&format!(
                "no administrator yet: the set-up link is in {} (one use, 30 minutes)",
                file.display()
            ));
            Ok(())
        }
    }
}

/// A new set-up link, unless there is an administrator.
fn set_up(app: &App) -> Result<Option<String>> {
    if app.store.read(store::role::has_admin)? {
        return Ok(None);
    }
    let token = new_token();
    let change = Change::SetUp {
        token_hash: hash(&token),
    };
    app.store.write_blocking(move |tx| apply(tx, &change))?;
    Ok(Some(format!("{}{}", app.base(), path::setup(&token))))
}

fn screen(config: &Config, link: Option<&str>) -> String {
    let mut lines = vec![format!(
        "site {}  data {}  listening http://{}",
        env!("CARGO_PKG_VERSION"),
        config.data.display(),
        config.listen
    )];
    if let Some(link) = link {
        lines.push(format!("  Set up    {link}"));
        lines.push("            one use, 30 minutes; again: site admin setup-url".into());
        lines.push("  Or        site admin create NAME    (asks for the password)".into());
    }
    if !config.limits {
        lines.push(format!("  Careful   {CARELESS}"));
    }
    lines.push("  Check     site doctor".into());
    lines.push("  Stop      Ctrl-C".into());
    lines.join("\n")
}

fn link_file(data: &Path) -> PathBuf {
    data.join("setup-url")
}

fn keep(data: &Path, link: &str) -> Result<PathBuf> {
    let path = link_file(data);
    forget(data)?;
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)?;
    writeln!(file, "{link}")?;
    Ok(path)
}

fn forget(data: &Path) -> Result<()> {
    match std::fs::remove_file(link_file(data)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::from(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_screen_shows_the_link_only_while_it_is_needed() {
        let mut config = Config::new("data".into());
        let text = screen(&config, Some("http://127.0.0.1:8080/setup/abc"));
        assert!(text.contains("Set up    http://127.0.0.1:8080/setup/abc"));
        assert!(text.contains("data data  listening http://127.0.0.1:8080"));
        assert!(!text.contains("Careful"));
        config.limits = false;
        let text = screen(&config, None);
        assert!(!text.contains("Set up") && text.contains("limits are off"));
    }

    #[test]
    fn the_links_file_is_for_its_owner_only_and_goes_when_not_needed() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let file = keep(dir.path(), "http://x/setup/abc").unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        forget(dir.path()).unwrap();
        forget(dir.path()).unwrap();
        assert!(!file.exists());
    }
}
