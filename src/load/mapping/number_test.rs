//! Numbers as others write them, each way and its neighbours.

use super::*;

fn format(toml: &str) -> NumberFormat {
    toml::from_str(toml).unwrap()
}

fn plain(format: &NumberFormat, text: &str) -> Option<String> {
    format.plain(text, CellKind::Text).ok().flatten()
}

#[test]
fn nothing_is_understood_that_is_not_declared() {
    let bare = NumberFormat::default();
    assert_eq!(plain(&bare, "1234.56"), Some("1234.56".into()));
    assert_eq!(plain(&bare, "-5"), Some("-5".into()));
    for text in ["1,234", "(5)", "5-", "$5", "5%", "1e3", "+5", "--5", "5.", ".5", "x"] {
        assert!(bare.plain(text, CellKind::Text).is_err(), "{text}");
    }
}

#[test]
fn each_way_of_writing() {
    let english = format("grouping = \",\"\nnegative = [\"brackets\"]\nzero = [\"-\"]");
    assert_eq!(plain(&english, "(2,771)"), Some("-2771".into()));
    assert_eq!(plain(&english, "-"), Some("0".into()));
    assert_eq!(plain(&english, "-5"), None);
    for wrong in ["12,34", "1,2345", ",123", "1,,234", "12,34,567", "1234,567", "(-5)"] {
        assert_eq!(plain(&english, wrong), None, "{wrong}");
    }
    let german = format("decimal = \",\"\ngrouping = \".\"");
    assert_eq!(plain(&german, "3.334.127,50"), Some("3334127.50".into()));
    assert_eq!(plain(&german, "1.234"), Some("1234".into()));
    assert_eq!(plain(&german, "1.23"), None);
    let french = format(
        "decimal = \",\"\ngrouping = \" \"\nsuffixes = [\"USD\"]\n\
         negative = [\"minus\", \"trailing_minus\"]",
    );
    assert_eq!(plain(&french, "3\u{202f}334 127,5 USD"), Some("3334127.5".into()));
    assert_eq!(plain(&french, "500-"), Some("-500".into()));
    assert_eq!(plain(&french, "\u{2212}500"), Some("-500".into()));
    let dollars = format(
        "grouping = \",\"\nprefixes = [\"US$\", \"$\"]\nnothing = [\"US$ .......\"]\n\
         negative = [\"minus\", \"brackets\"]",
    );
    assert_eq!(plain(&dollars, "$3,334,127"), Some("3334127".into()));
    assert_eq!(plain(&dollars, "-US$ 5"), Some("-5".into()));
    assert_eq!(plain(&dollars, "US$ -5"), Some("-5".into()));
    assert_eq!(plain(&dollars, "(US$ 5)"), Some("-5".into()));
    assert_eq!(plain(&dollars, "-US$ -5"), None);
    assert_eq!(dollars.plain("US$ .......", CellKind::Text), Ok(None));
}

#[test]
fn units_move_the_point() {
    let thousand = format("unit = \"thousand\"\ngrouping = \",\"");
    assert_eq!(plain(&thousand, "28,544"), Some("28544000".into()));
    assert_eq!(plain(&thousand, "-1.2345"), Some("-1234.5".into()));
    assert_eq!(plain(&thousand, "0.001"), Some("1".into()));
    assert_eq!(plain(&thousand, "0"), Some("0".into()));
    let million = format("unit = \"million\"");
    assert_eq!(plain(&million, "0.0123456"), Some("12345.6".into()));
    assert_eq!(million.plain("2.5", CellKind::Number).unwrap().unwrap(), "2500000");
}

#[test]
fn shares_are_exact() {
    let share = |toml: &str, text: &str, kind| format(toml).bps(text, kind).ok();
    let fraction = "share = \"fraction\"";
    assert_eq!(share(fraction, "0.35", CellKind::Number), Some(Some("3500".into())));
    assert_eq!(share(fraction, "35 %", CellKind::Text), Some(Some("3500".into())));
    assert_eq!(share(fraction, "1", CellKind::Number), Some(Some("10000".into())));
    let percent = "share = \"percent\"";
    assert_eq!(share(percent, "33.33", CellKind::Text), Some(Some("3333".into())));
    assert_eq!(share(percent, "33.333", CellKind::Text), None);
    assert_eq!(share(percent, "", CellKind::Text), Some(None));
    assert_eq!(share("", "3500", CellKind::Text), Some(Some("3500".into())));
}
