//! The executable: parse, run, exit code.

fn main() -> std::process::ExitCode {
    site::cli::run()
}
