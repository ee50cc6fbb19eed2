//! What does not count in a course: recaps at the ends of chapters, and the bonus shelf.

use site::domain::lesson::{self, Course, Files, Place};

use crate::lesson::{problems, tiny};

/// The small course with `double-it` in another place: what stands here follows the lessons of its chapter.
fn with_double_as(extra: &str) -> Files {
    let mut files = tiny();
    let toml = files.get_mut("course.toml").unwrap();
    let lessons = "lessons = [\"say-hello\", \"double-it\"]";
    assert!(toml.contains(lessons));
    *toml = toml.replace(lessons, &format!("lessons = [\"say-hello\"]\n{extra}"));
    files
}

const RECAP: &str = "recap = \"double-it\"";
const BONUS: &str =
    "[bonus]\nid = \"more\"\ntitle = { en = \"More\", de = \"Mehr\" }\nlessons = [\"double-it\"]";

#[track_caller]
fn read_well(files: &Files, lang: &str) -> Course {
    let read = lesson::read(files, lang);
    assert_eq!(read.problems, []);
    read.course.unwrap()
}

#[test]
fn a_recap_ends_its_chapter_and_does_not_count() {
    let course = read_well(&with_double_as(RECAP), "en");
    let recap = course.chapters[0].recap.as_ref().unwrap();
    assert_eq!(recap.place, Place::Recap);
    assert_eq!(recap.place.number(), None);
    assert_eq!((course.count(), course.lessons().count()), (1, 1));
    let hello = course.lessons().next().unwrap();
    assert!(course.is_last(&hello.id) && !course.is_last(&recap.id));
    assert_eq!(course.recap_after(&hello.id).unwrap().id, recap.id);
    assert_eq!(course.before(&recap.id).unwrap().id, hello.id);
    assert!(course.onward(&hello.id).is_none() && course.onward(&recap.id).is_none());
    assert_eq!(
        course.part_of(&recap.id),
        Some(("beginnings", "Beginnings"))
    );
    assert_eq!(course.find("double-it").unwrap().place, Place::Recap);
    assert!(course.bonus.is_none());
}

#[test]
fn the_bonus_shelf_stands_behind_all_chapters_and_does_not_count() {
    let course = read_well(&with_double_as(BONUS), "de");
    let bonus = course.bonus.as_ref().unwrap();
    assert_eq!((bonus.id.as_str(), bonus.title.as_str()), ("more", "Mehr"));
    assert_eq!(bonus.lessons[0].place, Place::Bonus);
    assert_eq!(course.count(), 1);
    let ids: Vec<_> = course.all().map(|it| it.id.as_str()).collect();
    assert_eq!(ids, ["say-hello", "double-it"]);
    let double = &bonus.lessons[0].id;
    assert_eq!(course.part_of(double), Some(("more", "Mehr")));
    assert!(course.chapters[0].recap.is_none());
    assert_eq!(course.extras().count(), 1);
}

#[test]
fn recaps_and_the_shelf_obey_the_rules_of_the_outline() {
    let said = |extra: &str| problems(&with_double_as(extra));
    let twice = "recap = \"say-hello\"\n[bonus]\nid = \"beginnings\"\ntitle = { de = \"Mehr\" }\nlessons = []";
    assert_eq!(
        said(twice),
        [
            "course.toml:7: a title lacks its English (en)",
            "course.toml:7: the chapter beginnings has no lessons",
            "course.toml:7: the chapter beginnings stands twice",
            "course.toml:9: the lesson say-hello stands twice",
            "course.toml:19: no lesson teaches [concept.function]",
            "double-it: course.toml names no such lesson",
        ]
    );
    let nowhere = said("recap = \"nowhere\"");
    assert!(
        nowhere.contains(&"nowhere: there is no such folder, but course.toml names it".to_owned())
    );
}

#[test]
fn a_chapter_without_lessons_that_can_be_shown_has_no_recap_either() {
    let mut files = with_double_as(RECAP);
    files.remove("say-hello/solution.js");
    let course = lesson::read(&files, "en").course.unwrap();
    assert_eq!((course.chapters.len(), course.all().count()), (0, 0));
    let mut files = with_double_as(BONUS);
    files.remove("double-it/solution.js");
    let course = lesson::read(&files, "en").course.unwrap();
    assert!(course.bonus.is_none());
}

#[test]
fn recaps_and_the_shelf_are_translated_like_lessons() {
    for extra in [RECAP, BONUS] {
        let mut files = with_double_as(extra);
        let german = files["double-it/en/lesson.md"].replace("# Double it", "# Verdopple");
        files.insert("double-it/de/lesson.md".into(), german);
        let hints = files["double-it/en/hints.md"].clone();
        files.insert("double-it/de/hints.md".into(), hints);
        let course = read_well(&files, "de");
        assert_eq!(course.find("double-it").unwrap().title, "Verdopple");
        assert_eq!(course.find("say-hello").unwrap().lang, "en");
    }
}
