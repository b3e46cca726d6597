//! Counts are looked up by the nearest kind and keep the order of confidence.

use super::*;

const HEAD: &str = "rule,runner_up,named,lines,right,at_least_bps,measured_on,comment\n";

fn read(rows: &str) -> (Calibration, Vec<String>) {
    let mut problems = Vec::new();
    let made = Calibration::read("m.csv", &format!("{HEAD}{rows}"), &mut problems);
    (made, problems.iter().map(ToString::to_string).collect())
}

#[test]
fn the_nearest_row_counts() {
    let (made, problems) = read(
        "C5,no,yes,40,38,8300,2026-01-01,\n*,no,yes,90,80,8000,2026-01-01,\n\
         *,yes,yes,20,15,5300,2026-01-01,\n*,no,no,9,4,1800,2026-01-01,\n",
    );
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(made.of("C5a", false, true).unwrap().lines, 40);
    assert_eq!(made.of("C5a", false, false).unwrap().lines, 9);
    assert_eq!(made.of("C8", false, true).unwrap().lines, 90);
    assert_eq!(made.of("C5", true, true).unwrap().share_bps(), 7_500);
    assert_eq!(made.of("C5", true, false), None);
    assert_eq!(read("").0.of("C5", false, true), None);
}

#[test]
fn the_line_of_high_confidence_is_data() {
    let rows = "C5,no,yes,40,38,8300,2026-01-01,\nC5,yes,yes,40,38,8299,2026-01-01,\n";
    let high = |made: &Calibration, rival| made.of("C5", rival, true).unwrap().high;
    let (made, _) = read(&format!("high,,,,,8300,2026-01-01,\n{rows}"));
    assert_eq!((high(&made, false), high(&made, true)), (true, false));
    let (made, _) = read(&format!("{rows}high,,,,,8299,2026-01-01,\n"));
    assert_eq!((high(&made, false), high(&made, true)), (true, true));
    // Without a line nothing is called high.
    assert!(!high(&read(rows).0, false));
}

#[test]
fn impossible_counts_are_refused() {
    for (row, word) in [
        ("C5,no,yes,10,11,100,2026-01-01,\n", "cannot be"),
        ("C5,no,yes,0,0,0,2026-01-01,\n", "cannot be"),
        ("C5,no,yes,,,100,2026-01-01,\n", "cannot be"),
        ("C5,no,yes,10,5,5001,2026-01-01,\n", "cannot be"),
        ("C5,perhaps,yes,10,5,100,2026-01-01,\n", "cannot be"),
        ("C5,no,,10,5,100,2026-01-01,\n", "cannot be"),
        ("high,no,,,,8500,2026-01-01,\n", "cannot be"),
        ("high,,,,,0,2026-01-01,\n", "cannot be"),
        ("high,,,,,1,2026-01-01,\nhigh,,,,,2,2026-01-01,\n", "twice"),
        ("C5,no,no,9,9,10,2026-01-01,\nC5,no,no,9,9,10,2026-01-01,\n", "twice"),
        ("*,no,no,9,9,10,2026-01-01,\n*,yes,no,9,9,20,2026-01-01,\n", "without a"),
        ("*,no,yes,9,9,10,2026-01-01,\n*,no,no,9,9,20,2026-01-01,\n", "body is named"),
    ] {
        let (_, problems) = read(row);
        assert_eq!(problems.len(), 1, "{row}: {problems:?}");
        assert!(problems[0].contains(word), "{row}: {problems:?}");
    }
}

#[test]
fn the_shipped_counts_keep_the_order_of_confidence() {
    let text = include_str!("../../queries/classification/measured.csv");
    let mut problems = Vec::new();
    let made = Calibration::read("measured.csv", text, &mut problems);
    assert_eq!(problems, []);
    assert!(made.line.is_some());
    for rule in ["C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "C9"] {
        let worth = |rival, named| made.of(rule, rival, named).unwrap().at_least_bps;
        for either in [true, false] {
            assert!(worth(false, either) >= worth(true, either), "{rule} {either}");
            assert!(worth(either, true) >= worth(either, false), "{rule} {either}");
        }
    }
}
