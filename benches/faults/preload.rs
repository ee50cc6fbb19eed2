//! A process whose clock can be made to jump: libfaketime, which reads the offset from a file. Its monotonic clock goes on.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where Debian has the library, below the folder of the architecture.
const LIBRARY: &str = "faketime/libfaketimeMT.so.1";

/// The dynamic linker of glibc, by architecture.
const LINKERS: [&str; 2] = ["/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"];

/// What is loaded into a process.
pub struct Preload {
    faketime: PathBuf,
    offset: PathBuf,
}

impl Preload {
    /// The clock is right at first; its offset is kept below `dir`.
    pub fn new(dir: &Path) -> Self {
        let folders = fs::read_dir("/usr/lib").unwrap();
        let libraries = folders.map(|folder| folder.unwrap().path().join(LIBRARY));
        let library = libraries.into_iter().find(|file| file.exists());
        let preload = Self {
            faketime: library.expect("install with: apt-get install faketime"),
            offset: dir.join("clock"),
        };
        preload.jump("+0");
        preload
    }

    /// Sets the clock off by this much, such as `+1d` or `-3600`.
    pub fn jump(&self, offset: &str) {
        let draft = self.offset.with_extension("tmp");
        fs::write(&draft, offset).unwrap();
        fs::rename(draft, &self.offset).unwrap();
    }

    /// The command that starts `program` with it: by the dynamic linker, which loads the library first.
    pub fn around(&self, program: &str) -> [String; 4] {
        let linker = LINKERS.iter().find(|file| Path::new(file).exists());
        let linker = linker.expect("a dynamic linker of glibc");
        let faketime = self.faketime.to_str().unwrap();
        [linker, "--preload", faketime, program].map(str::to_owned)
    }

    pub fn set(&self, command: &mut Command) {
        command
            .env("FAKETIME_TIMESTAMP_FILE", &self.offset)
            .env("FAKETIME_CACHE_DURATION", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .env("DONT_FAKE_MONOTONIC", "1");
    }
}
