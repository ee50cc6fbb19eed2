//! Lessons in other languages: what stands in for what, and what is said of halves.

use site::domain::lesson::{self, Files};

use super::tiny;

#[test]
fn a_text_that_is_translated_without_its_hints_has_the_english_ones_and_the_check_says_so() {
    let mut files = tiny();
    let german = files["say-hello/en/lesson.md"].replace("# Say hello", "# Sag hallo");
    files.insert("say-hello/de/lesson.md".into(), german);
    let read = |files: &Files, lang: &str| {
        let read = lesson::read(files, lang);
        let told: Vec<String> = read.problems.iter().map(ToString::to_string).collect();
        let lesson = read.course.unwrap().find("say-hello").unwrap().clone();
        (lesson, told)
    };
    let (english, _) = read(&files, "en");
    let said = ["say-hello/de/hints.md: there is no such file: the hints are those in en"];
    for lang in ["de", "de-AT"] {
        let (lesson, told) = read(&files, lang);
        assert_eq!(lesson.hints, english.hints);
        let langs = (lesson.lang.as_str(), lesson.hints_lang.as_str());
        assert_eq!((langs, lesson.title.as_str()), (("de", "en"), "Sag hallo"));
        assert_eq!(told, said);
    }
    // One that holds none is as good as none; what is wrong with it is told.
    files.insert("say-hello/de/hints.md".into(), "\n".into());
    let (lesson, told) = read(&files, "de");
    assert_eq!(
        (lesson.hints_lang.as_str(), lesson.hints.len()),
        ("en", english.hints.len())
    );
    assert_eq!(
        told,
        ["say-hello/de/hints.md:1: there are 0 hints: two or three are wanted"]
    );
    files.remove("say-hello/de/lesson.md");
    let beside = "these hints are not shown: there is no lesson.md beside them";
    assert_eq!(
        read(&files, "en").1,
        [format!("say-hello/de/hints.md: {beside}")]
    );
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
