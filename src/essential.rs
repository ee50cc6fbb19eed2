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

/// A thread whose end is waited for when this is dropped. What tells it to end has to be dropped before: a field above it.
pub struct Joined(Option<JoinHandle<()>>);

impl Joined {
    /// As [`spawn`].
    ///
    /// # Errors
    /// As there.
    pub fn spawn(name: &'static str, run: impl FnOnce() + Send + 'static) -> std::io::Result<Self> {
        spawn(name, run).map(|thread| Self(Some(thread)))
    }
}

impl Drop for Joined {
    fn drop(&mut self) {
        if let Some(thread) = self.0.take() {
            // A panic of it has ended the process.
            let _ = thread.join();
        }
    }
}

/// From now on a panic of the thread of this name, which somebody else has started, ends the process too.
pub fn watch(name: &'static str) {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        usual(panic);
        if std::thread::current().name() == Some(name) {
            end(name);
        }
    }));
}

struct Guard(&'static str);

impl Drop for Guard {
    fn drop(&mut self) {
        if std::thread::panicking() {
            end(self.0);
        }
    }
}

fn end(name: &str) -> ! {
    tracing::error!(
        thread = name,
        "an essential thread panicked; ending the process"
    );
    eprintln!(
        "site: the {name} thread panicked; ending, since the site could not go on without it"
    );
    std::process::exit(1);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    /// Says to a child which thread is to panic.
    const WHICH: &str = "SITE_TEST_PANICKING_THREAD";

    /// Runs the test of this name once more in a process of its own, which is to die of a thread.
    fn dies(test: &str, which: &str) {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture"])
            .env(WHICH, which)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        let line = format!("site: the {which} thread panicked; ending");
        assert_eq!(said.matches(&line).count(), 1, "{said}");
    }

    fn is_child() -> bool {
        std::env::var_os(WHICH).is_some()
    }

    /// What nothing but the process's end ends.
    fn wait() -> ! {
        loop {
            std::thread::park();
        }
    }

    #[test]
    fn an_essential_threads_panic_ends_the_process() {
        if is_child() {
            let thread = spawn("writer", || panic!("on purpose"));
            thread.unwrap().join().unwrap();
            wait();
        }
        dies(
            "essential::tests::an_essential_threads_panic_ends_the_process",
            "writer",
        );
    }

    #[test]
    fn the_panic_of_somebody_elses_thread_ends_the_process_and_that_of_another_does_not() {
        if is_child() {
            watch("acceptor");
            let start = |name: &str| {
                std::thread::Builder::new()
                    .name(name.into())
                    .spawn(|| panic!("on purpose"))
                    .unwrap()
            };
            assert!(start("another").join().is_err());
            assert!(start("acceptor").join().is_err());
            wait();
        }
        dies(
            "essential::tests::the_panic_of_somebody_elses_thread_ends_the_process_and_that_of_another_does_not",
            "acceptor",
        );
    }
}
