//! Chromium without a window: found, started with a profile of its own, ended when it is no longer needed.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::error::{Error, Result};
use crate::store::secret;

/// Where Chromium and Chrome usually are.
const USUAL: &[&str] = &[
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome-stable",
    "/usr/bin/google-chrome",
    "/snap/bin/chromium",
    "/usr/local/bin/chromium",
    "/opt/homebrew/bin/chromium",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/// The browser to use.
///
/// # Errors
/// When there is none.
pub(super) fn find(named: Option<&Path>) -> Result<PathBuf> {
    if let Some(path) = named {
        return if path.is_file() {
            Ok(path.to_owned())
        } else {
            Err(Error::Io(format!("There is no {}.", path.display())))
        };
    }
    let found = USUAL.iter().map(PathBuf::from).find(|path| path.is_file());
    found.ok_or_else(|| {
        Error::Io(
            "No Chromium was found, so behaviour cannot be checked. Name one with --chromium PATH, or leave behaviour \
             unchecked with --no-browser."
                .into(),
        )
    })
}

/// A running browser; dropping it ends it and removes its profile.
pub(super) struct Browser {
    child: Child,
    profile: PathBuf,
}

impl Browser {
    /// Starts it on a page.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(super) fn open(chromium: &Path, url: &str) -> Result<Self> {
        let name = format!("site-learn-{}", secret::new_token());
        let profile = std::env::temp_dir().join(name);
        let failed = |error: std::io::Error| {
            Error::Io(format!(
                "{} cannot be started: {error}.",
                chromium.display()
            ))
        };
        fs::create_dir(&profile).map_err(failed)?;
        let mut data = OsString::from("--user-data-dir=");
        data.push(&profile);
        let mut command = Command::new(chromium);
        command
            .args([
                "--headless=new",
                "--no-first-run",
                "--no-default-browser-check",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-extensions",
                "--disable-gpu",
                // Nobody looks at its window: without these it slows down what runs in it.
                "--disable-background-timer-throttling",
                "--disable-backgrounding-occluded-windows",
                "--disable-renderer-backgrounding",
                // In containers it is small.
                "--disable-dev-shm-usage",
            ])
            .arg(data)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if rustix::process::geteuid().is_root() {
            // It refuses to sandbox itself for root. What it runs here are the lessons of whoever runs this.
            command.arg("--no-sandbox");
        }
        match command.arg(url).spawn() {
            Ok(child) => Ok(Self { child, profile }),
            Err(error) => {
                let _ = fs::remove_dir_all(&profile);
                Err(failed(error))
            }
        }
    }

    /// Whether it still runs.
    ///
    /// # Errors
    /// When it has ended by itself.
    pub(super) fn is_running(&mut self) -> Result<()> {
        match self.child.try_wait() {
            Ok(None) => Ok(()),
            Ok(Some(status)) => Err(Error::Io(format!("The browser ended: {status}."))),
            Err(error) => Err(Error::Io(format!("The browser is gone: {error}."))),
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may have ended already; its profile may still be written for a moment by what it had started.
        let _ = self.child.kill();
        let _ = self.child.wait();
        for _ in 0..50 {
            match fs::remove_dir_all(&self.profile) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    std::thread::sleep(std::time::Duration::from_millis(20));
                }
                _ => break,
            }
        }
    }
}
