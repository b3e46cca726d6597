//! A file read in parts says what it says when read whole.

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
