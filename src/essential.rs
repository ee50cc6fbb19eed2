//! Threads without which the site must not go on: when one dies, the process ends, so that a supervisor starts it anew.

use std::thread::JoinHandle;

/// Starts a thread; a panic in it ends the process.
///
/// # Errors
/// When the system refuses a thread.
pub fn spawn(
    name: &'static str,
    run: impl FnOnce() + Send + 'static,
) -> std::io::Result<JoinHandle<()>> {
    let guard = Guard(name);
    std::thread::Builder::new()
        .name(name.into())
        .spawn(move || {
            let _guard = guard;
            run();
        })
}

struct Guard(&'static str);

impl Drop for Guard {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!(
                thread = self.0,
                "an essential thread panicked; ending the process"
            );
            eprintln!(
                "site: the {} thread panicked; ending, since nothing could be saved any more",
                self.0
            );
            std::process::exit(1);
        }
    }
}
