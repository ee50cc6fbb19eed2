//! The executable: parse, run, exit code.

/// Threads that come and go leave memory behind in arenas of the C library's allocator; this one gives it back.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> std::process::ExitCode {
    site::cli::run()
}
