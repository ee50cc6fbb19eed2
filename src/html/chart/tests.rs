//! What charts show of numbers.

use super::*;

fn line(points: &[f32]) -> Line {
    Line {
        name: "kept",
        now: points.last().copied(),
        points: points.to_vec(),
    }
}

fn requests(lines: Vec<Line>) -> Chart {
    Chart {
        id: "requests",
        title: "Requests",
        unit_name: "per second",
        unit: Unit::Number,
        scale: Scale::From0To(1.0),
        now: Some(12.0),
        lines,
        is_wide: false,
    }
}

#[test]
fn values_are_written_with_three_digits_in_the_unit_that_suits_them() {
    for (unit, value, told) in [
        (Unit::Number, 0.0, "0"),
        (Unit::Number, 0.25, "0.25"),
        (Unit::Number, 3.0, "3"),
        (Unit::Number, 12.34, "12.3"),
        (Unit::Number, 1204.0, "1,204"),
        (Unit::Milliseconds, 0.128, "0.13\u{a0}ms"),
        (Unit::Milliseconds, 2500.0, "2.5\u{a0}s"),
        (Unit::Share, 0.987, "98.7\u{a0}%"),
        (Unit::Bytes, 512.0, "512\u{a0}B"),
        (Unit::Bytes, 1_572_864.0, "1.5\u{a0}MiB"),
        (Unit::Number, f32::NAN, "–"),
    ] {
        assert_eq!(unit.told(Some(value)), told);
    }
    assert_eq!(Unit::Bytes.told(None), "–");
}

#[test]
fn scales_end_at_round_numbers_above_all_values() {
    let labels =
        |scale: Scale, unit, values: &[f32]| scale.axis(values.iter().copied(), unit).labels;
    let linear = |most| labels(Scale::From0To(1.0), Unit::Number, &[0.0, most]);
    assert_eq!(linear(0.0), ["0", "0.5", "1"]);
    assert_eq!(linear(13.0), ["0", "10", "20"]);
    assert_eq!(linear(50.0), ["0", "25", "50"]);
    assert_eq!(linear(987.0), ["0", "500", "1,000"]);
    let bytes = labels(Scale::From0To(1.0), Unit::Bytes, &[37.0 * 1_048_576.0]);
    assert_eq!(bytes, ["0", "32\u{a0}MiB", "64\u{a0}MiB"]);
    let tens = labels(Scale::Tens, Unit::Milliseconds, &[0.3, f32::NAN, 45.0]);
    assert_eq!(
        tens,
        ["0.1\u{a0}ms", "1\u{a0}ms", "10\u{a0}ms", "100\u{a0}ms"]
    );
    let none = labels(Scale::Tens, Unit::Milliseconds, &[]);
    assert_eq!(none.len(), 4);
}

#[test]
fn values_stand_where_their_labels_say() {
    let linear = Scale::From0To(1.0).axis([13.0].into_iter(), Unit::Number);
    assert_eq!(linear.share(10.0), Some(0.5));
    let tens = Scale::Tens.axis([0.1, 10.0].into_iter(), Unit::Milliseconds);
    assert_eq!(tens.share(1.0), Some(0.5));
    assert_eq!(tens.share(0.0), Some(0.0));
    assert_eq!(tens.share(f32::NAN), None);
}

#[test]
fn a_line_ends_at_the_right_edge_and_breaks_where_there_is_nothing() {
    let heights = [0.0, 0.0, 0.0, 1.0, f32::NAN, 0.5].map(|y: f32| (!y.is_nan()).then_some(y));
    let runs = runs(heights.into_iter());
    assert_eq!(stroke(&runs), "M174 200L176 200L177 0M179 100h0");
    assert_eq!(area(&runs), "M174 200L174 200L176 200L177 0V200Z");
}

#[test]
fn a_chart_says_in_words_what_it_shows() {
    let drawn = chart(&requests(vec![line(&[1.0, 40.0, 12.0])])).into_string();
    let words = "Requests, per second, over the last 15 minutes. now 12, least 1, most 40.";
    assert!(
        drawn.contains(&format!("aria-label=\"{words}\"")),
        "{drawn}"
    );
    assert!(drawn.contains("<strong>12</strong>") && !drawn.contains("class=\"key\""));
    let empty = chart(&requests(vec![line(&[])])).into_string();
    assert!(empty.contains("nothing yet."), "{empty}");
    let two = chart(&requests(vec![line(&[1.0]), line(&[2.0])])).into_string();
    assert!(two.contains("class=\"key\"") && two.contains("l1"));
}

#[test]
fn a_chart_has_no_style_of_its_own() {
    let drawn = chart(&requests(vec![line(&[1.0, 2.0])])).into_string();
    assert!(!drawn.contains("style=") && !drawn.contains("stroke="));
}
