//! The course: the rules of its files, the operator's lessons over the shipped ones, its pages and files on the site.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use site::course::{self, Courses};
use site::domain::lesson::{self, Files, LessonId};
use site::domain::user::Role;

use crate::app::TestApp;

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

fn tiny() -> Files {
    files("tests/lessons")
}

/// All that is wrong with these files, a line each.
fn problems(files: &Files) -> Vec<String> {
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
    let steps: Vec<_> = course.lessons().filter_map(|lesson| lesson.step).collect();
    assert_eq!(steps, [1, 2, 3, 4]);
    assert_eq!(course.lessons().last().unwrap().number, 32);
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
    assert_eq!((hello.number, double.number, hello.step), (1, 2, None));
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
            "course.toml: no lesson teaches [concept.function]",
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
    let told: Vec<_> = course.lessons().map(|it| (it.number, it.step)).collect();
    assert_eq!(told, [(1, None), (2, Some(1))]);
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
            "course.toml: no lesson teaches [concept.function]",
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
fn prose_is_short_and_has_its_parts_in_order() {
    let md = "double-it/en/lesson.md";
    check(
        md,
        "# Double it",
        "Double it",
        &["double-it/en/lesson.md:1: the file begins with \"# \" and the title"],
    );
    check(
        md,
        "# Double it",
        "# Say hello",
        &["double-it/en/lesson.md:1: say-hello has this title too"],
    );
    let long = format!("A function {}", "word ".repeat(120));
    check(
        md,
        "A function ",
        &long,
        &["double-it/en/lesson.md:1: prose and task have 143 words, at most 120"],
    );
    check(
        md,
        "## Task",
        "## Exercise",
        &[
            "double-it/en/lesson.md: there is no \"## Task\" that says what to do",
            "double-it/en/lesson.md:12: \"## Exercise\" has no place here: Task, then Checks",
        ],
    );
    check(
        md,
        "```js",
        "```",
        &["double-it/en/lesson.md:5: code in a lesson is ```js, so that it is run"],
    );
    check(
        md,
        "- made: There",
        "- made There",
        &[
            "double-it/en/lesson.md:18: a check is written \"- key: sentence\"",
            "double-it/en/lesson.md:19: made.missing stands before or without made",
        ],
    );
    check(
        md,
        "- right: ",
        "- right!: ",
        &[
            "double-it/en/lesson.md:20: \"right!\" is no key: letters and digits, once a dot",
            "double-it/en/lesson.md:21: right.returned stands before or without right",
        ],
    );
    check(
        md,
        "- right.returned: ",
        "- right: ",
        &[
            "double-it/en/lesson.md:21: the key right stands twice",
            "double-it/wrong/logged.js:1: en/lesson.md has no sentence right.returned",
        ],
    );
    check(
        md,
        "- made: There",
        "Look:\n- made: There",
        &["double-it/en/lesson.md:18: only \"- key: sentence\" has a place among the checks"],
    );
    check_without(md, &["double-it/en/lesson.md: there is no such file"]);
}

#[test]
fn the_sentences_are_those_of_the_checks() {
    let js = "double-it/checks.js";
    check(
        js,
        "made(t)",
        "exists(t)",
        &[
            "double-it/checks.js:3: en/lesson.md has no sentence for the check exists",
            "double-it/en/lesson.md: checks.js has no check made",
        ],
    );
    check(
        js,
        "export const checks",
        "const checks",
        &["double-it/checks.js: there is no \"export const checks = {\""],
    );
    check(
        js,
        "  made(t)",
        "  ...more,\n  made(t)",
        &["double-it/checks.js:3: a key of checks is written out, not computed"],
    );
    check(
        js,
        "'returned'",
        "'back'",
        &["double-it/en/lesson.md: nothing in checks.js names right.returned"],
    );
    let mut files = tiny();
    let md = files.get_mut("double-it/en/lesson.md").unwrap();
    let (head, sentences) = md.split_once("- made: ").unwrap();
    let (made, right) = sentences.split_once("- right: ").unwrap();
    *md = format!("{head}- right: {right}- made: {made}");
    assert_eq!(
        problems(&files),
        ["double-it/en/lesson.md: the checks stand in another order than in checks.js"]
    );
}

#[test]
fn hints_are_two_or_three_and_none_holds_the_solution() {
    let md = "say-hello/en/hints.md";
    check(
        md,
        "## Where to look",
        "Where to look",
        &["say-hello/en/hints.md: there are 1 hints: two or three are wanted"],
    );
    check(
        md,
        "Letters,",
        "Try `\"hello\";`. Letters,",
        &["say-hello/en/hints.md: a hint holds the whole solution"],
    );
    check(
        md,
        "## What is",
        "Well.\n\n## What is",
        &["say-hello/en/hints.md:1: text before the first \"## \" is not shown"],
    );
    check(
        md,
        "Letters, and something around them.",
        "",
        &[
            "say-hello/en/hints.md: there are 1 hints: two or three are wanted",
            "say-hello/en/hints.md:1: the hint \"What is text made of?\" says nothing",
        ],
    );
    check_without(md, &["say-hello/en/hints.md: there is no such file"]);
}

#[test]
fn there_are_other_solutions_and_wrong_answers_that_name_a_sentence() {
    check_without(
        "say-hello/solution-2.js",
        &["say-hello/solution-2.js: a solution written another way is wanted"],
    );
    check_without(
        "say-hello/wrong/nothing.js",
        &["say-hello/wrong: there are 1 wrong answers, at least two are wanted"],
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
        &["double-it/page.html: only document mode has a page"],
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
            "double-it/wrong/large.js: the file is larger than 20480 bytes",
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
        .map(|it| (it.id.as_str(), it.number))
        .collect();
    assert_eq!(left, [("double-it", 1)]);
}

#[test]
fn a_language_stands_in_for_what_is_translated_and_english_for_the_rest() {
    let mut files = tiny();
    let german = files["say-hello/en/lesson.md"].replace("# Say hello", "# Sag hallo");
    files.insert("say-hello/de/lesson.md".into(), german);
    let hints = files["say-hello/en/hints.md"].clone();
    files.insert("say-hello/de/hints.md".into(), hints);
    assert_eq!(lesson::languages(&files), ["en", "de"]);
    let course = lesson::read(&files, "de-AT").course.unwrap();
    let told: Vec<_> = course
        .lessons()
        .map(|it| (it.title.as_str(), it.lang.as_str()))
        .collect();
    assert_eq!(course.title, "Kleiner Kurs");
    assert_eq!(told, [("Sag hallo", "de"), ("Double it", "en")]);
    files.insert("say-hello/de/lesson.md".into(), "# Sag hallo\n".into());
    let course = lesson::read(&files, "de").course.unwrap();
    assert_eq!(course.lessons().next().unwrap().title, "Say hello");
}

/// A data directory with these files in its folder of lessons.
fn with_lessons(files: &Files) -> tempfile::TempDir {
    let data = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = data.path().join("lessons").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    data
}

/// The files of one lesson of the shipped course, with this title.
fn retitled(id: &str, title: &str) -> Files {
    let prefix = format!("{id}/");
    let mut files = course::shipped();
    files.retain(|path, _| path.starts_with(&prefix));
    let md = files.get_mut(&format!("{id}/en/lesson.md")).unwrap();
    let rest = md.split_once('\n').unwrap().1.to_owned();
    *md = format!("# {title}\n{rest}");
    files
}

#[test]
fn an_operators_folder_takes_the_place_of_the_shipped_lesson() {
    let data = with_lessons(&retitled("let-it-change", "Let it be another"));
    let courses = Courses::open(data.path());
    assert_eq!(courses.problems, []);
    let course = &courses.edition("en").course;
    assert_eq!(
        course.find("let-it-change").unwrap().title,
        "Let it be another"
    );
    assert_eq!(course.count(), 32);
}

#[test]
fn a_bad_file_is_told_of_and_the_shipped_lesson_is_shown() {
    let mut files = retitled("let-it-change", "Let it be another");
    files.insert("let-it-change/lesson.toml".into(), "mode =".into());
    files.insert("gardening/en/lesson.md".into(), "# Gardening\n".into());
    let data = with_lessons(&files);
    fs::write(data.path().join("lessons/let-it-change/page.html"), [0xff]).unwrap();
    fs::write(data.path().join("lessons/.hidden"), "").unwrap();
    let courses = Courses::open(data.path());
    let told: Vec<_> = courses.problems.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert_eq!(told[0], "gardening: course.toml names no such lesson");
    assert!(
        told[1].starts_with("let-it-change/lesson.toml:1: "),
        "{told:?}"
    );
    assert_eq!(told[2], "let-it-change/page.html: the file is not UTF-8");
    let course = &courses.edition("en").course;
    assert_eq!(course.find("let-it-change").unwrap().title, "Let it change");
    assert!(course.find("gardening").is_none());
}

#[test]
fn an_operators_outline_is_the_course_and_may_name_shipped_lessons() {
    let mut files = tiny();
    let toml = files.get_mut("course.toml").unwrap();
    *toml = toml.replace(
        "\"double-it\"",
        "\"double-it\", \"give-it-a-name\", \"not-there\"",
    );
    files.remove("double-it/checks.js");
    let courses = Courses::open(with_lessons(&files).path());
    let course = &courses.edition("de").course;
    let ids: Vec<_> = course.lessons().map(|lesson| lesson.id.as_str()).collect();
    assert_eq!(ids, ["say-hello", "give-it-a-name"]);
    let told: Vec<_> = courses.problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "double-it/checks.js: there is no such file",
            "not-there: there is no such folder, but course.toml names it"
        ]
    );
    files.insert("course.toml".into(), "id = 1".into());
    let courses = Courses::open(with_lessons(&files).path());
    assert_eq!(courses.edition("en").course.count(), 32);
    assert!(
        courses.problems[0]
            .to_string()
            .starts_with("course.toml:1: ")
    );
}

#[test]
fn a_site_starts_with_a_bad_lesson_and_shows_the_good_ones() {
    let mut files = tiny();
    files.insert("say-hello/checks.js".into(), "nothing".into());
    let site = TestApp::at(with_lessons(&files), |_| {});
    let mut browser = site.browser();
    browser
        .get("/learn")
        .expect(200)
        .has("Double it")
        .lacks("Say hello");
    browser.get("/learn/double-it").expect(200);
    browser.get("/learn/say-hello").expect(404);
    browser.get("/learn/give-it-a-name").expect(404);
}

/// The first address on a page that begins so.
#[track_caller]
fn address(page: &str, begin: &str) -> String {
    let at = page.find(begin).unwrap_or_else(|| panic!("no {begin}"));
    let rest = &page[at..];
    rest[..rest.find('"').unwrap()].to_owned()
}

#[test]
fn the_map_leads_to_every_lesson_and_each_to_the_next() {
    let site = TestApp::start();
    let mut browser = site.browser();
    let map = browser.get("/learn").expect(200);
    let course = &site.app.courses.edition("en").course;
    for lesson in course.lessons() {
        assert!(
            map.body.contains(&format!("href=\"/learn/{}\"", lesson.id)),
            "{}",
            lesson.id
        );
    }
    let mut path = "/learn/the-console-answers".to_owned();
    let mut seen = BTreeSet::new();
    while seen.insert(path.clone()) {
        let page = browser.get(&path).expect(200).body;
        if let Some(at) = page.find("data-next=\"") {
            path = page[at + 11..].split('"').next().unwrap().to_owned();
        }
    }
    assert_eq!(seen.len(), course.lessons().count());
    browser.get("/learn/done").expect(200).has("noindex");
    browser.get("/learn/no-such-lesson").expect(404);
    browser.get("/").expect(200).has("href=\"/learn\"");
    browser.get("/t/learn").expect(200);
}

#[test]
fn a_lessons_page_may_frame_this_site_and_nobody_may_frame_it() {
    let site = TestApp::start();
    let mut browser = site.browser();
    let policy =
        |reply: &crate::app::Reply| reply.header("content-security-policy").unwrap().to_owned();
    let other = policy(&browser.get("/newest").expect(200));
    assert!(!other.contains("frame-src") && !other.contains("worker-src"));
    let front = policy(&browser.get("/").expect(200));
    assert_eq!(
        front,
        other.replace("form-action", "frame-src 'self'; form-action")
    );
    for path in ["/learn", "/learn/done", "/learn/count-up"] {
        let page = browser.get(path).expect(200);
        assert_eq!(
            policy(&page),
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
             manifest-src 'self'; frame-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; \
             frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types learn",
            "{path}"
        );
        assert_eq!(page.header("x-frame-options"), Some("DENY"));
        assert_eq!(page.header("cache-control"), Some("no-cache"));
        let again = browser.get(path).expect(200);
        assert_eq!(again.header("cache-status"), Some("site; hit"), "{path}");
    }
}

#[test]
fn a_bundle_is_immutable_under_its_hash_and_current_under_any_other() {
    let site = TestApp::start();
    let mut browser = site.browser();
    let page = browser.get("/learn/count-up").expect(200).body;
    let path = address(&page, "/learn/data/count-up-");
    let file = browser.get(&path).expect(200);
    assert_eq!(
        file.header("cache-control"),
        Some("public, max-age=31536000, immutable")
    );
    assert_eq!(file.header("content-type"), Some("application/json"));
    let bundle: serde_json::Value = serde_json::from_str(&file.body).unwrap();
    let version = bundle["version"].as_str().unwrap();
    assert_eq!(path, format!("/learn/data/count-up-{version}.json"));
    assert_eq!(bundle["v"], 1);
    assert_eq!(bundle["id"], "count-up");
    assert_eq!(bundle["number"], 9);
    assert_eq!(bundle["step"], serde_json::Value::Null);
    assert_eq!(bundle["mode"], "worker");
    assert_eq!(bundle["given"][0], "n");
    assert_eq!(bundle["next"]["id"], "keep-going-until");
    let lesson = site
        .app
        .courses
        .edition("en")
        .course
        .find("count-up")
        .unwrap();
    assert_eq!(bundle["starter"], lesson.starter.as_str());
    assert_eq!(bundle["solution"], lesson.solution.as_str());
    assert_eq!(bundle["checks"], lesson.checks.as_str());
    assert_eq!(
        bundle["sentences"].as_array().unwrap().len(),
        lesson.sentences.len()
    );
    assert_eq!(
        bundle["hints"].as_array().unwrap().len(),
        lesson.hints.len()
    );
    for other in ["count-up-0123456789ab", "count-up"] {
        let old = browser
            .get(&format!("/learn/data/{other}.json"))
            .expect(200);
        assert_eq!(old.header("cache-control"), Some("no-store"), "{other}");
        assert_eq!(old.body, file.body);
    }
    for nothing in ["nowhere-0123456789ab", "count-up-xyz", "count"] {
        browser
            .get(&format!("/learn/data/{nothing}.json"))
            .expect(404);
    }
}

#[test]
fn another_text_is_another_bundle_under_another_address() {
    let hash = |title: &str| {
        let data = with_lessons(&retitled("let-it-change", title));
        let courses = Courses::open(data.path());
        courses
            .edition("en")
            .bundle("let-it-change")
            .unwrap()
            .name()
    };
    assert_eq!(hash("One title"), hash("One title"));
    assert_ne!(hash("One title"), hash("Another title"));
}

#[test]
fn the_frame_is_one_page_with_one_script_no_origin_and_no_network() {
    let site = TestApp::start();
    let mut browser = site.browser();
    let page = browser.get("/learn/count-up").expect(200).body;
    let path = address(&page, "/learn/runner-");
    let frame = browser.get(&path).expect(200);
    assert_eq!(
        frame.header("content-security-policy"),
        Some(
            "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' blob:; worker-src blob:; style-src 'unsafe-inline'; \
             img-src data: blob:; connect-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; \
             sandbox allow-scripts allow-forms; webrtc 'block'"
        )
    );
    assert_eq!(frame.header("x-frame-options"), None);
    assert_eq!(
        frame.header("cache-control"),
        Some("public, max-age=31536000, immutable")
    );
    assert_eq!(
        frame.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert!(!frame.body.contains("<!-- runner -->"));
    // What the script itself holds could end its element.
    assert_eq!(frame.body.matches("</script").count(), 1);
    assert_eq!(frame.body.matches("<script").count(), 1);
    let old = browser.get("/learn/runner-0123456789ab.html").expect(200);
    assert_eq!(old.header("cache-control"), Some("no-store"));
    browser.get("/learn/runner-xyz.html").expect(404);
    browser.get("/learn/runnerx.html").expect(404);
}

#[test]
fn the_service_worker_names_every_page_and_file_that_there_is() {
    let site = TestApp::start();
    let mut browser = site.browser();
    let worker = browser.get("/learn/offline.js").expect(200);
    assert_eq!(worker.header("cache-control"), Some("no-cache"));
    assert_eq!(worker.header("service-worker-allowed"), Some("/learn"));
    let list = worker.body.lines().nth(1).unwrap();
    let list = list
        .strip_prefix("const kept = ")
        .unwrap()
        .trim_end_matches(';');
    let list: serde_json::Value = serde_json::from_str(list).unwrap();
    let paths = |name: &str| {
        let paths = list[name].as_array().unwrap().iter();
        paths
            .map(|path| path.as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let lessons = site.app.courses.edition("en").course.lessons().count();
    assert_eq!(paths("pages").len(), lessons + 2);
    assert_eq!(paths("files").len(), lessons + 5);
    for path in paths("pages") {
        browser.get(&path).expect(200);
    }
    let runner = list["runner"].as_str().unwrap().to_owned();
    for path in paths("files").into_iter().chain([runner]) {
        let file = browser.get(&path).expect(200);
        assert!(
            file.header("cache-control").unwrap().ends_with("immutable"),
            "{path}"
        );
    }
}

#[test]
fn an_operator_can_switch_the_course_off_and_on() {
    let site = TestApp::start();
    let mut browser = site.browser();
    let page = browser.get("/learn/count-up").expect(200).body;
    let paths = [
        "/learn".to_owned(),
        "/learn/done".to_owned(),
        "/learn/count-up".to_owned(),
        "/learn/offline.js".to_owned(),
        address(&page, "/learn/data/"),
        address(&page, "/learn/runner-"),
    ];
    let mut admin = site.member_as("root", Role::Admin);
    let mut set = |learn: &[(&'static str, &'static str)]| {
        let fixed = [
            ("name", "Site"),
            ("signup", "open"),
            ("accent", "pine"),
            ("lang", "en"),
        ];
        let fields = [&fixed[..], &[("guidelines", "Be kind.")], learn].concat();
        admin.post("/admin", &fields).expect(303);
    };
    set(&[]);
    for path in &paths {
        browser.get(path).expect(404);
    }
    let front = browser.get("/").expect(200).lacks("href=\"/learn\"");
    assert!(
        !front
            .header("content-security-policy")
            .unwrap()
            .contains("frame-src")
    );
    browser
        .get("/sitemap/lists.xml")
        .expect(200)
        .lacks("/learn");
    set(&[("learn", "1")]);
    for path in &paths {
        browser.get(path).expect(200);
    }
    browser.get("/").expect(200).has("href=\"/learn\"");
    browser
        .get("/sitemap/lists.xml")
        .expect(200)
        .has("/learn/count-up<");
}

#[test]
fn the_course_follows_the_language_of_the_site() {
    let mut files = retitled("count-up", "Hochgezählt");
    let german = files.remove("count-up/en/lesson.md").unwrap();
    files.insert("count-up/de/lesson.md".into(), german);
    let hints = files["count-up/en/hints.md"].clone();
    files.insert("count-up/de/hints.md".into(), hints);
    let english = course::shipped()["count-up/en/lesson.md"].clone();
    files.insert("count-up/en/lesson.md".into(), english);
    let site = TestApp::at(with_lessons(&files), |_| {});
    let mut browser = site.browser();
    browser.get("/learn/count-up").expect(200).has("Count up");
    let mut admin = site.member_as("root", Role::Admin);
    let fields = [
        ("name", "Site"),
        ("signup", "open"),
        ("accent", "pine"),
        ("lang", "de-CH"),
        ("guidelines", "Seid nett."),
        ("learn", "1"),
    ];
    admin.post("/admin", &fields).expect(303);
    let page = browser
        .get("/learn/count-up")
        .expect(200)
        .has("Hochgezählt")
        .body;
    browser
        .get(&address(&page, "/learn/data/"))
        .expect(200)
        .has("Hochgezählt");
    let old = browser
        .get("/learn/data/count-up-0123456789ab.json")
        .expect(200);
    assert_eq!(
        old.has("Hochgezählt").header("cache-control"),
        Some("no-store")
    );
    browser
        .get("/learn/let-it-change")
        .expect(200)
        .has("Let it change");
}
