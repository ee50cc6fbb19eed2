//! The rules of what a learner reads: the text, the sentences of the checks, the hints.

use super::{check, check_without, problems, tiny};

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
            "double-it/en/lesson.md:1: there is no \"## Task\" that says what to do",
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
            "double-it/en/lesson.md:18: checks.js has no check made",
        ],
    );
    check(
        js,
        "export const checks",
        "const checks",
        &["double-it/checks.js:1: there is no \"export const checks = {\""],
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
        &["double-it/en/lesson.md:21: nothing in checks.js names right.returned"],
    );
    let mut files = tiny();
    let md = files.get_mut("double-it/en/lesson.md").unwrap();
    let (head, sentences) = md.split_once("- made: ").unwrap();
    let (made, right) = sentences.split_once("- right: ").unwrap();
    *md = format!("{head}- right: {right}- made: {made}");
    assert_eq!(
        problems(&files),
        ["double-it/en/lesson.md:16: the checks stand in another order than in checks.js"]
    );
}

#[test]
fn hints_are_two_or_three_and_none_holds_the_solution() {
    let md = "say-hello/en/hints.md";
    check(
        md,
        "## Where to look",
        "Where to look",
        &["say-hello/en/hints.md:1: there is 1 hint: two or three are wanted"],
    );
    check(
        md,
        "Letters,",
        "Try `\"hello\";`. Letters,",
        &["say-hello/en/hints.md:3: a hint holds the whole solution"],
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
            "say-hello/en/hints.md:1: the hint \"What is text made of?\" says nothing",
            "say-hello/en/hints.md:1: there is 1 hint: two or three are wanted",
        ],
    );
    check_without(md, &["say-hello/en/hints.md: there is no such file"]);
}
