//! What the operator sees at the start. The set-up link goes to a terminal or into a file of mode 0600, never to the log.

use std::io::{IsTerminal, stdout};
use std::path::Path;

use crate::app::App;
use crate::cli::say;
use crate::config::Config;
use crate::control::{Change, apply};
use crate::error::Result;
use crate::html::path;
use crate::store;
use crate::store::datadir::{forget_setup_link, keep_setup_link};
use crate::store::secret::{hash, new_token};

const CARELESS: &str =
    "limits are off: nothing slows down who guesses passwords or floods the site";

/// Says what runs where; makes a set-up link while there is no administrator.
///
/// # Errors
/// When the store fails or the link's file cannot be written.
pub(super) fn show(app: &App) -> Result<()> {
    let config = &app.config;
    // A standby has the primary's administrators.
    let link = if app.is_following() {
        None
    } else {
        set_up(app)?
    };
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
        return forget_setup_link(&config.data);
    }
    say(&format!("listening on http://{}", config.listen));
    match link {
        None => forget_setup_link(&config.data),
        Some(link) => {
            let file = keep_setup_link(&config.data, &link)?;
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
        let again = command(&config.data, "admin setup-url");
        lines.push(format!("            one use, 30 minutes; again: {again}"));
        let create = command(&config.data, "admin create NAME");
        lines.push(format!("  Or        {create}    (asks for the password)"));
    }
    if !config.limits {
        lines.push(format!("  Careful   {CARELESS}"));
    }
    lines.push(format!("  Check     {}", command(&config.data, "doctor")));
    lines.push("  Stop      Ctrl-C".into());
    lines.join("\n")
}

/// A command for this data directory as it can be typed here: by the name that this program was started with.
fn command(data: &Path, rest: &str) -> String {
    let program = std::env::args().next().unwrap_or_else(|| "site".into());
    if data == Path::new("data") {
        return format!("{program} {rest}");
    }
    let data = data.display().to_string();
    if data.contains(' ') {
        return format!("{program} --data '{data}' {rest}");
    }
    format!("{program} --data {data} {rest}")
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
    fn commands_name_the_data_directory_when_it_is_not_the_usual_one() {
        assert!(command(Path::new("data"), "doctor").ends_with(" doctor"));
        assert!(!command(Path::new("data"), "doctor").contains("--data"));
        assert!(command(Path::new("/srv/a"), "doctor").ends_with(" --data /srv/a doctor"));
        assert!(command(Path::new("my site"), "doctor").ends_with(" --data 'my site' doctor"));
    }
}
