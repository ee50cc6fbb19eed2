//! The rules that the files of a course obey: each with a file that breaks it.

mod prose;
mod translated;

use std::fs;
use std::path::Path;

use site::course;
use site::domain::lesson::{self, Files, LessonId, Place};

/// The files of a folder of lessons.
fn files(folder: &str) -> Files {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files = Files::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap();
                files.insert(name.to_owned(), fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
}

/// The small course of the tests.
pub fn tiny() -> Files {
    files("tests/lessons")
}

/// All that is wrong with these files, a line each.
pub fn problems(files: &Files) -> Vec<String> {
    let found = lesson::read(files, "en").problems;
    found.iter().map(ToString::to_string).collect()
}

/// With this in place of that in a file, exactly this is wrong.
#[track_caller]
fn check(path: &str, old: &str, new: &str, expected: &[&str]) {
    let mut files = tiny();
    let text = files.get_mut(path).unwrap();
    assert!(text.contains(old), "{path} has no {old:?}");
    *text = text.replacen(old, new, 1);
    assert_eq!(problems(&files), expected, "{path}: {old:?} -> {new:?}");
}

/// Without this file, exactly this is wrong.
#[track_caller]
fn check_without(path: &str, expected: &[&str]) {
    let mut files = tiny();
    files.remove(path).unwrap();
    assert_eq!(problems(&files), expected, "without {path}");
}

/// With this file more, exactly this is wrong.
#[track_caller]
fn check_with(path: &str, text: &str, expected: &[&str]) {
    let mut files = tiny();
    files.insert(path.to_owned(), text.to_owned());
    assert_eq!(problems(&files), expected, "with {path}");
}

#[test]
fn the_shipped_lessons_obey_all_rules_and_what_is_embedded_is_what_stands_in_the_folder() {
    let shipped = course::shipped();
    assert_eq!(shipped, files("assets/lessons"));
    assert_eq!(problems(&shipped), Vec::<String>::new());
    let course = lesson::read(&shipped, "en").course.unwrap();
    assert_eq!((course.chapters.len(), course.count()), (6, 32));
    let steps = course.lessons().filter_map(|lesson| lesson.place.step());
    assert_eq!(steps.collect::<Vec<_>>(), [1, 2, 3, 4]);
    let last = course.lessons().last().unwrap();
    assert_eq!(last.place.number(), Some(32));
    assert!(course.is_last(&last.id));
    assert!(course.chapters.iter().all(|it| it.recap.is_some()));
    assert_eq!(
        (course.lessons().count(), course.extras().count()),
        (35, 11)
    );
    assert_eq!(course.all().count(), 46);
}

#[test]
fn a_good_course_is_read_with_all_that_pages_show() {
    let read = lesson::read(&tiny(), "en");
    assert_eq!(read.problems, []);
    let course = read.course.unwrap();
    assert_eq!(course.title, "Tiny course");
    let [hello, double] = &course.chapters[0].lessons[..] else {
        panic!("two lessons");
    };
    assert_eq!(hello.place, Place::Numbered(1));
    assert_eq!(double.place, Place::Numbered(2));
    assert_eq!(hello.blocks[0].lines, ["\"good morning\""]);
    assert_eq!(hello.blocks[0].line, 6);
    assert_eq!(double.given, ["start"]);
    assert_eq!(double.checks().count(), 2);
    assert_eq!(double.sentences[1].key, "made.missing");
    assert!(double.sentences[0].html.as_str().starts_with("There is"));
    assert_eq!(double.hints.len(), 3);
    assert_eq!(course.after(&hello.id).unwrap().id, double.id);
    assert_eq!(course.before(&double.id).unwrap().id, hello.id);
    assert!(course.before(&hello.id).is_none() && course.after(&double.id).is_none());
}

#[test]
fn ids_are_plain_and_are_no_other_address() {
    for good in ["abc", "give-it-a-name", "a1-2"] {
        assert_eq!(LessonId::parse(good).unwrap().as_str(), good);
    }
    let long = "a".repeat(41);
    for bad in [
        "", "ab", "Abc", "a_b", "-abc", "abc-", "done", "progress", "é-é", &long,
    ] {
        assert!(LessonId::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn the_outline_names_each_lesson_once_and_every_folder() {
    let toml = "course.toml";
    check(
        toml,
        "id = ",
        "id = = ",
        &["course.toml:3: extra `=`, expected nothing"],
    );
    check_without(toml, &["course.toml: there is no such file"]);
    check(
        toml,
        "\"double-it\"",
        "\"double-it\", \"say-hello\"",
        &["course.toml:9: the lesson say-hello stands twice"],
    );
    check(
        toml,
        "\"double-it\"",
        "\"double-it\", \"No\"",
        &["course.toml:9: \"No\": a lesson's id has 3 to 40 small letters, digits or -"],
    );
    check(
        toml,
        "\"double-it\"",
        "\"double-it\", \"not-there\"",
        &["not-there: there is no such folder, but course.toml names it"],
    );
    check(
        toml,
        ", \"double-it\"",
        "",
        &[
            "course.toml:14: no lesson teaches [concept.function]",
            "double-it: course.toml names no such lesson",
        ],
    );
    check(
        toml,
        "title = { en = \"Beginnings\" }",
        "title = { de = \"Anfang\" }",
        &["course.toml:7: a title lacks its English (en)"],
    );
    check(
        toml,
        "lessons = ",
        "project = \"big\"\nlessons = ",
        &["course.toml:7: no lesson of this chapter begins with big-"],
    );
    check(
        toml,
        "lessons = ",
        "project = \"say\"\nlessons = ",
        &["course.toml:7: the steps of say have to end their chapter, one after the other"],
    );
    check_with("notes.txt", "", &["notes.txt: a course has no such file"]);
}

#[test]
fn the_steps_of_a_project_count_as_one_lesson() {
    let mut files = tiny();
    let toml = files.get_mut("course.toml").unwrap();
    *toml = toml.replace("lessons = ", "project = \"double\"\nlessons = ");
    let course = lesson::read(&files, "en").course.unwrap();
    let chapter = &course.chapters[0];
    assert_eq!(chapter.project.as_deref(), Some("Project: double"));
    let told: Vec<_> = course.lessons().map(|it| it.place).collect();
    assert_eq!(told, [Place::Numbered(1), Place::Step(2, 1)]);
    assert_eq!((chapter.entries().count(), course.count()), (2, 2));
}

#[test]
fn a_lesson_says_how_it_runs_and_what_it_teaches() {
    let toml = "double-it/lesson.toml";
    check(
        toml,
        "\"worker\"",
        "\"server\"",
        &[
            "double-it/lesson.toml:1: unknown variant `server`, expected one of `console`, `worker`, `document`",
        ],
    );
    check(
        toml,
        "minutes = 3",
        "minutes = 0",
        &["double-it/lesson.toml:4: a lesson takes 1 to 30 minutes"],
    );
    check(
        toml,
        "\"javascript\"",
        "\"gardening\"",
        &["double-it/lesson.toml:5: \"gardening\" is no topic of a new site"],
    );
    check(
        toml,
        "concept = \"function\"",
        "concept = \"loop\"",
        &[
            "course.toml:14: no lesson teaches [concept.function]",
            "double-it/en/lesson.md:6: `function` belongs to function, which is not taught yet",
            "double-it/en/lesson.md:7: `return` belongs to function, which is not taught yet",
            "double-it/lesson.toml:2: course.toml has no [concept.loop]",
            "double-it/solution.js:1: `function` belongs to function, which is not taught yet",
            "double-it/solution.js:2: `return` belongs to function, which is not taught yet",
            "double-it/starter.js:1: `function` belongs to function, which is not taught yet",
            "double-it/starter.js:2: `return` belongs to function, which is not taught yet",
        ],
    );
    check(
        toml,
        "needs = []",
        "needs = [\"string\"]",
        &[
            "double-it/lesson.toml:3: a comment (#) says why it needs what comes later",
            "double-it/lesson.toml:3: string is taught by now, so it needs no mention",
        ],
    );
    check_without(toml, &["double-it/lesson.toml: there is no such file"]);
}

#[test]
fn an_idea_before_its_time_is_found_unless_the_lesson_says_that_it_needs_it() {
    let path = "say-hello/solution.js";
    check(
        path,
        "'hello'",
        "(() => 'hello')()",
        &["say-hello/solution.js:1: `=>` belongs to function, which is not taught yet"],
    );
    check(path, "'hello'", "'hello' // => return", &[]);
    let mut files = tiny();
    files.insert(path.into(), "(() => 'hello')()\n".into());
    let toml = files.get_mut("say-hello/lesson.toml").unwrap();
    toml.push_str("needs = [\"function\"] # for the sake of this test\n");
    assert_eq!(problems(&files), Vec::<String>::new());
}

#[test]
fn there_are_other_solutions_and_wrong_answers_that_name_a_sentence() {
    check_without(
        "say-hello/solution-2.js",
        &["say-hello/solution-2.js: a solution written another way is wanted"],
    );
    check_without(
        "say-hello/wrong/nothing.js",
        &["say-hello/wrong: there is 1 wrong answer, at least two are wanted"],
    );
    let wrong = "double-it/wrong/logged.js";
    check(
        wrong,
        "// fails: right.returned",
        "// right",
        &["double-it/wrong/logged.js:1: the first line says \"// fails: KEY\""],
    );
    check(
        wrong,
        "right.returned",
        "right.elsewhere",
        &["double-it/wrong/logged.js:1: en/lesson.md has no sentence right.elsewhere"],
    );
    check(
        wrong,
        "right.returned",
        "error Nonsense",
        &["double-it/wrong/logged.js:1: \"Nonsense\" is the name of no error"],
    );
}

#[test]
fn a_folder_has_no_other_files_and_only_documents_have_a_page() {
    for path in [
        "double-it/old.js",
        "double-it/solution-1.js",
        "double-it/wrong/a.txt",
    ] {
        check_with(path, "", &[&format!("{path}: a lesson has no such file")]);
    }
    check_with(
        "double-it/page.html",
        "<p>",
        &["double-it/page.html:1: only document mode has a page"],
    );
    check(
        "double-it/lesson.toml",
        "worker",
        "document",
        &["double-it/page.html: document mode needs this file"],
    );
    let mut files = tiny();
    let toml = files.get_mut("double-it/lesson.toml").unwrap();
    *toml = toml.replace("worker", "document");
    files.insert("double-it/page.html".into(), "<p>Hi</p>\n<SCRIPT>x".into());
    assert_eq!(
        problems(&files),
        ["double-it/page.html:2: the learner's page holds no script"]
    );
    check_with(
        "double-it/wrong/large.js",
        &"x".repeat(20_481),
        &[
            "double-it/wrong/large.js:1: the file is larger than 20480 bytes",
            "double-it/wrong/large.js:1: the first line says \"// fails: KEY\"",
        ],
    );
}

#[test]
fn a_lesson_that_cannot_be_shown_is_left_out_and_the_others_stay() {
    let mut files = tiny();
    files.remove("say-hello/solution.js");
    let read = lesson::read(&files, "en");
    let course = read.course.unwrap();
    let left: Vec<_> = course
        .lessons()
        .map(|it| (it.id.as_str(), it.place))
        .collect();
    assert_eq!(left, [("double-it", Place::Numbered(1))]);
}
