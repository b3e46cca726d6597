//! A file read in parts says what it says when read whole.

use proptest::prelude::*;

use super::super::{parts, read_whole};
use super::*;

/// Activities with all that a cut could fall into.
fn many(count: usize) -> String {
    let mut text = String::from(
        "<?xml version=\"1.0\"?>\n<iati-activities version=\"2.03\" xml:lang=\"es\">\n\
         <x:registry xmlns:x=\"urn:x\"/>\n",
    );
    for n in 0..count {
        let amount = if n % 5 == 0 { "1,5" } else { "2.50" };
        let currency = if n % 7 == 0 { "" } else { "default-currency=\"USD\"" };
        let noise = match n % 4 {
            0 => "<!-- <iati-activity > -->",
            1 => {
                "<description><narrative><![CDATA[<iati-activity >]]></narrative></description>"
            }
            2 => "<iati-activity-date/>",
            _ => "",
        };
        text.push_str(&format!(
            "<iati-activity {currency}>\n<iati-identifier>A-{n}</iati-identifier>{noise}\n\
             <title><narrative>é{n}</narrative></title>{}{}</iati-activity>\n",
            transaction(&value(amount)),
            "<sector code=\"15210\" percentage=\"60\"/><sector code=\"15130\"/>",
        ));
    }
    text.push_str("</iati-activities>\n");
    text
}

/// All that a reading says.
fn told(reading: &Reading) -> String {
    let tables: Vec<String> = reading
        .tables
        .iter()
        .map(|rows| format!("{} {:?}", rows.table.name, rows.rows))
        .collect();
    let (tally, rejects) = (&reading.tally, rejects(reading));
    format!("{tables:?}\n{tally:?}\n{rejects:?}\n{}", warnings(reading))
}

#[test]
fn parts_say_what_the_whole_says() {
    let options = options(OnDuplicate::Refuse);
    let text = many(60);
    let whole = told(&read_whole(&text, "f.xml", &options, None));
    assert!(whole.contains("1,5") && whole.contains("IATI-2.1.1"), "{whole}");
    let mut read_in_parts = 0;
    for number in 2..=40 {
        if let Some(part) = parts::read(&text, "f.xml", &options, None, number) {
            assert_eq!(told(&part.into_reading("f.xml")), whole, "{number} parts");
            read_in_parts += 1;
        }
    }
    // The others were cut in a comment or a CDATA section, and are read whole.
    assert!((1..39).contains(&read_in_parts), "{read_in_parts} of 39");
}

#[test]
fn what_must_be_seen_whole_is() {
    let options = options(OnDuplicate::Merge);
    let in_parts =
        |text: &str| parts::read(text, "f.xml", &options, None, 2).map(|_| "parts");
    let plain = many(8).replace("<!-- <iati-activity > -->", "");
    let plain = plain.replace("<![CDATA[<iati-activity >]]>", "");
    assert_eq!(in_parts(&plain), Some("parts"));
    for text in [
        plain.replace("A-7<", "A-0<"),
        plain.replace("</iati-activities>\n", ""),
        plain.replace("</iati-activities>\n", "</iati-activities><more/>"),
        plain.replace("é7", "&no;"),
        plain.replacen("<iati-activity ", "<wrap><iati-activity ", 1),
        "<iati-activities version=\"9\"/>".to_owned(),
        "<iati-activities/>".to_owned(),
        String::new(),
    ] {
        assert_eq!(in_parts(&text), None, "{text}");
    }
    let reading = read_text(&plain.replace("é7", "&no;"));
    assert!(reading.faults[0].what.contains("`&no;` is not defined"));
}

#[test]
fn what_is_not_plain_is_read_by_the_strict_reader() {
    let options = options(OnDuplicate::Refuse);
    let file = |inside: &str| {
        format!(
            "<iati-activities version=\"2.03\"><iati-activity default-currency=\"USD\">\
             <iati-identifier>A</iati-identifier>{inside}</iati-activity>\
             </iati-activities>"
        )
    };
    let in_one = |inside: &str| {
        let part = parts::read(&file(inside), "f.xml", &options, None, 1);
        part.map(|part| told(&part.into_reading("f.xml")))
    };
    for inside in [
        "<a b='>' c = \"x\" />",
        "<title><narrative>&lt;&#233;<![CDATA[<&]]>]]</narrative\n></title >",
        "<!-- <a> & -- --><a\tb=\"&amp;\"></a>",
        "<!----><x:a-b.c/>é > '",
    ] {
        let whole = told(&read_whole(&file(inside), "f.xml", &options, None));
        assert_eq!(in_one(inside), Some(whole), "{inside}");
    }
    for inside in [
        "<a b=c/>",
        "<a b/>",
        "<a b=\"1\"c=\"2\"/>",
        "<a b=\"1\" b=\"2\"/>",
        "<a b=\"<\"/>",
        "<a b=\"&no;\"/>",
        "<a b=\"& \"/>",
        "<a",
        "<a>",
        "</a>",
        "<a></b>",
        "<a></a b>",
        "<a></ a>",
        "<1/>",
        "< a/>",
        "<>",
        "<a/ >",
        "<a / >",
        "<a =\"1\"/>",
        "&no;",
        "&",
        "& ;",
        "&a<b/>;",
        "&#0;",
        "<!-->",
        "<!-",
        "<![CDATA[",
        "<!DOCTYPE a>",
        "<?a b?>",
        "<?xml version=\"1.0\"?>",
        "<a b=\"1/>",
        "</iati-activity></iati-activities>",
    ] {
        assert_eq!(in_one(inside), None, "{inside}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]
    #[test]
    fn what_is_plain_says_what_the_strict_reader_says(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "<", ">", "/", "=", "\"", "'", " ", "\n", "\r\n", "&", ";", "!", "-", "]", "?",
                "a", "é", "<a>", "</a>", "<a ", "/>", " b=\"1\"", " b='2'", " c = \"&amp;\"",
                "&lt;", "&#65;", "&no;", "<!--", "-->", "<![CDATA[", "]]>", "<?", "?>",
                "<title>", "</title>", "<narrative xml:lang=\"fr\">", "</narrative>",
                "<sector code=\"1\"/>", "<transaction ref=\"1\">", "</transaction>",
                "<value currency=\"USD\">", "</value>", "<transaction-type code=\"3\"/>",
                "</iati-activity>", "<iati-activity>",
            ]),
            0..12,
        ),
    ) {
        let options = options(OnDuplicate::Refuse);
        let text = format!(
            "<iati-activities version=\"2.03\"><iati-activity default-currency=\"USD\">\
             <iati-identifier>A</iati-identifier>{}</iati-activity></iati-activities>",
            pieces.concat()
        );
        if let Some(part) = parts::read(&text, "f.xml", &options, None, 1) {
            let whole = read_whole(&text, "f.xml", &options, None);
            prop_assert!(whole.faults.is_empty(), "{text}: {:?}", whole.faults);
            prop_assert_eq!(told(&part.into_reading("f.xml")), told(&whole), "{}", text);
        }
    }
}
