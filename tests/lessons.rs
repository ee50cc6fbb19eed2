//! `site learn check` as authors of lessons meet it: what it says of files and of behaviour, and that its browser ends with it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

/// `site learn check` with these arguments, free of this machine's environment but for what says where the browser is.
fn check(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_site"));
    command.env_clear();
    for name in ["CHROMIUM", "PATH", "HOME", "TMPDIR"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command.args(["learn", "check"]).args(arguments);
    command.stdin(Stdio::null());
    command
}

/// The exit code and what was printed, errors last.
fn told(output: &Output) -> (Option<i32>, String) {
    let (out, err) = (&output.stdout, &output.stderr);
    let text = String::from_utf8_lossy(out).into_owned() + &String::from_utf8_lossy(err);
    (output.status.code(), text)
}

/// A copy of the small lessons, to be spoiled.
fn lessons() -> tempfile::TempDir {
    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let target = to.join(entry.file_name());
            if entry.path().is_dir() {
                copy(&entry.path(), &target);
            } else {
                fs::copy(entry.path(), target).unwrap();
            }
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    copy(&root.join("tests/lessons"), dir.path());
    dir
}

#[test]
fn lessons_that_behave_pass_in_a_browser() {
    let dir = lessons();
    let output = check(&[dir.path().to_str().unwrap()]).output().unwrap();
    let (code, text) = told(&output);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.starts_with("2 lessons, run in "), "{text}");
}

#[test]
fn what_does_not_behave_is_told_of_by_its_file() {
    let dir = lessons();
    let write = |path: &str, text: &str| fs::write(dir.path().join(path), text).unwrap();
    write("say-hello/starter.js", "'hello'\n");
    write(
        "say-hello/wrong/other-word.js",
        "// fails: hello\n'hello'\n",
    );
    write(
        "double-it/solution.js",
        "function double(n) {\n  return n * 3;\n}\n",
    );
    let md = dir.path().join("double-it/en/lesson.md");
    let text = fs::read_to_string(&md).unwrap();
    fs::write(&md, text.replace("// -> 4", "// -> 5")).unwrap();
    let output = check(&[dir.path().to_str().unwrap()]).output().unwrap();
    let (code, text) = told(&output);
    assert_eq!(code, Some(1), "{text}");
    for begin in [
        "say-hello/starter.js:1: must fail with a check, but passed",
        "say-hello/wrong/other-word.js:1: should fail at hello, but passed",
        "double-it/solution.js:1: failed, at right",
        "double-it/en/lesson.md:6: shows [\"4\"], the prose says [\"5\"]",
    ] {
        let line = format!("{}/{begin}", dir.path().display());
        assert!(
            text.lines().any(|told| told.starts_with(&line)),
            "{line}\n{text}"
        );
    }
    assert!(text.ends_with("site: 4 problems were found.\n"), "{text}");
}

#[test]
fn files_are_checked_without_a_browser_too_and_that_is_said() {
    let dir = lessons();
    let path = dir.path().to_str().unwrap();
    let (code, text) = told(&check(&[path, "--no-browser"]).output().unwrap());
    assert_eq!(
        (code, text.as_str()),
        (Some(0), "2 lessons; behaviour was not checked.\n")
    );
    fs::remove_file(dir.path().join("say-hello/wrong/nothing.js")).unwrap();
    let (code, text) = told(&check(&[path, "--no-browser"]).output().unwrap());
    assert_eq!(code, Some(1));
    assert_eq!(
        text,
        format!(
            "{path}/say-hello/wrong: there is 1 wrong answer, at least two are wanted\n\
             2 lessons; behaviour was not checked.\nsite: One problem was found.\n"
        )
    );
}

#[test]
fn a_folder_of_an_operator_is_checked_over_the_shipped_lessons() {
    let dir = tempfile::tempdir().unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/lessons/count-up/lesson.toml");
    let to = dir.path().join("count-up");
    fs::create_dir(&to).unwrap();
    fs::copy(from, to.join("lesson.toml")).unwrap();
    let path = dir.path().to_str().unwrap();
    let (code, text) = told(&check(&[path, "--no-browser"]).output().unwrap());
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("count-up/starter.js: there is no such file"),
        "{text}"
    );
    assert!(!text.contains("course.toml"), "{text}");
}

#[test]
fn the_folder_of_one_lesson_is_checked_within_the_course_that_it_belongs_to() {
    let dir = lessons();
    let one = dir.path().join("double-it");
    let path = one.to_str().unwrap();
    let (code, text) = told(&check(&[path, "--no-browser"]).output().unwrap());
    assert_eq!(
        (code, text.as_str()),
        (Some(0), "1 lesson; behaviour was not checked.\n")
    );
    // In two languages it is one lesson all the same.
    fs::create_dir(one.join("de")).unwrap();
    for name in ["lesson.md", "hints.md"] {
        fs::copy(one.join("en").join(name), one.join("de").join(name)).unwrap();
    }
    let (code, text) = told(&check(&[path, "--no-browser"]).output().unwrap());
    assert_eq!(
        (code, text.as_str()),
        (Some(0), "1 lesson; behaviour was not checked.\n")
    );
    fs::remove_dir_all(one.join("de")).unwrap();
    // What is wrong with its neighbour is not told.
    fs::remove_file(dir.path().join("say-hello/checks.js")).unwrap();
    let md = fs::read_to_string(one.join("en/lesson.md")).unwrap();
    fs::write(one.join("en/lesson.md"), md.replace("- made: ", "- maid: ")).unwrap();
    let (code, text) = told(&check(&[path, "--no-browser"]).output().unwrap());
    assert_eq!(code, Some(1), "{text}");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[..3],
        [
            format!("{path}/checks.js:3: en/lesson.md has no sentence for the check made"),
            format!("{path}/en/lesson.md:18: checks.js has no check maid"),
            format!("{path}/en/lesson.md:19: made.missing stands before or without made"),
        ]
    );
    assert_eq!(lines[3], "1 lesson; behaviour was not checked.");
}

#[test]
fn the_folder_of_one_lesson_without_a_course_beside_it_is_laid_over_the_shipped_ones() {
    let dir = tempfile::tempdir().unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/lessons/mend-the-receipt");
    let one = dir.path().join("mend-the-receipt");
    for folder in ["", "en", "wrong"] {
        fs::create_dir_all(one.join(folder)).unwrap();
        for entry in fs::read_dir(from.join(folder)).unwrap() {
            let entry = entry.unwrap();
            if entry.path().is_file() {
                fs::copy(entry.path(), one.join(folder).join(entry.file_name())).unwrap();
            }
        }
    }
    let path = one.to_str().unwrap();
    let (code, text) = told(&check(&[path]).output().unwrap());
    assert_eq!(code, Some(0), "{text}");
    assert!(text.starts_with("1 lesson, run in "), "{text}");
    let other = dir.path().join("no-such-lesson");
    fs::rename(&one, &other).unwrap();
    let path = other.to_str().unwrap();
    let (code, text) = told(&check(&[path, "--no-browser"]).output().unwrap());
    assert_eq!(code, Some(1), "{text}");
    let first = format!("{path}: course.toml names no such lesson");
    assert_eq!(text.lines().next(), Some(first.as_str()));
}

#[test]
fn without_lessons_or_a_browser_it_says_so() {
    let empty = tempfile::tempdir().unwrap();
    let path = empty.path().to_str().unwrap();
    let (code, text) = told(&check(&[path]).output().unwrap());
    assert_eq!(
        (code, text),
        (Some(1), format!("site: There are no lessons in {path}.\n"))
    );
    let dir = lessons();
    let path = dir.path().to_str().unwrap();
    let nowhere = [path, "--chromium", "/nowhere/chromium"];
    let (code, text) = told(&check(&nowhere).output().unwrap());
    assert_eq!(
        (code, text.as_str()),
        (Some(1), "site: There is no /nowhere/chromium.\n")
    );
}

/// A program in place of the browser, which notes its process and its profile.
struct Fake {
    dir: tempfile::TempDir,
    program: PathBuf,
}

impl Fake {
    fn new(then: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let program = dir.path().join("browser");
        let note = dir.path().join("note").display().to_string();
        let script = format!(
            "#!/bin/sh\nfor word in \"$@\"; do case $word in --user-data-dir=*) echo \"$$ ${{word#*=}}\" > {note}.new; \
             mv {note}.new {note};; esac; done\n{then}\n"
        );
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        Self { dir, program }
    }

    /// Its process and its profile, once it runs.
    fn note(&self) -> (Pid, PathBuf) {
        let path = self.dir.path().join("note");
        until("the browser runs", || path.exists());
        let text = fs::read_to_string(path).unwrap();
        let (pid, profile) = text.trim().split_once(' ').unwrap();
        (Pid::from_raw(pid.parse().unwrap()).unwrap(), profile.into())
    }

    fn check(&self, lessons: &Path) -> Child {
        let arguments = [
            lessons.to_str().unwrap(),
            "--chromium",
            self.program.to_str().unwrap(),
        ];
        check(&arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }
}

/// Waits for a condition.
#[track_caller]
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_mins(1);
    while !is_so() {
        assert!(Instant::now() < end, "not in time: {what}");
        std::thread::yield_now();
    }
}

#[test]
fn a_browser_that_ends_by_itself_is_no_success() {
    let (dir, fake) = (lessons(), Fake::new("exit 3"));
    let (code, text) = told(&fake.check(dir.path()).wait_with_output().unwrap());
    assert_eq!(
        (code, text.as_str()),
        (Some(1), "site: The browser ended: exit status: 3.\n")
    );
    let (_, profile) = fake.note();
    assert!(!profile.exists());
}

#[test]
fn the_browser_ends_with_the_check_that_started_it() {
    let (dir, fake) = (lessons(), Fake::new("exec tail -f /dev/null"));
    let child = fake.check(dir.path());
    let (pid, profile) = fake.note();
    assert!(profile.is_dir());
    let own = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(own, Signal::TERM).unwrap();
    let (code, text) = told(&child.wait_with_output().unwrap());
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("The check was interrupted"), "{text}");
    until("the browser has ended", || test_kill_process(pid).is_err());
    assert!(!profile.exists());
}

#[test]
fn doctor_tells_of_an_operators_lessons() {
    let data = tempfile::tempdir().unwrap();
    let doctor = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_site"));
        command
            .env_clear()
            .args(["doctor", "--data"])
            .arg(data.path());
        told(&command.output().unwrap()).1
    };
    assert!(!doctor().contains("lessons"));
    let folder = data.path().join("lessons/count-up");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("lesson.toml"), "mode = 1").unwrap();
    let text = doctor();
    assert!(
        text.contains("warn  lessons        lessons/count-up/lesson.toml:1: "),
        "{text}"
    );
}
