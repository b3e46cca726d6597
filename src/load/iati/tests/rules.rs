//! Each rule of the standard that is asked, broken once, and a file that breaks none.

use super::super::{rule_of, validate};
use super::*;

const ORGANISATION: &str =
    "<reporting-org ref=\"A\"><narrative>A</narrative></reporting-org>";
const START: &str = "<activity-date type=\"2\" iso-date=\"2020-01-01\"/>";
const COUNTRY: &str = "<recipient-country code=\"LR\"/>";
const SECTOR: &str = "<sector code=\"15210\"/>";

/// The rules that an activity breaks, as warnings or rejects tell them.
fn broken(attributes: &str, inside: &str) -> Vec<String> {
    let text = format!(
        "<iati-activities version=\"2.03\"><iati-activity default-currency=\"USD\" \
         {attributes}><iati-identifier>A-1</iati-identifier>\
         <title><narrative>T</narrative></title>{inside}</iati-activity></iati-activities>"
    );
    let options = options(OnDuplicate::Refuse);
    let reading = validate(text.as_bytes(), "f.xml", &options);
    assert_eq!(reading.faults, []);
    let warned = reading.warnings.iter().filter_map(|warning| {
        let (rule, _) = warning.what.strip_prefix("IATI-")?.split_once(": ")?;
        Some(rule.to_owned())
    });
    let refused = reading
        .rejects
        .iter()
        .map(|reject| format!("!{}", rule_of(&reject.table, &reject.problem)));
    let mut rules: Vec<String> = warned.chain(refused).collect();
    rules.sort();
    rules
}

fn usual(inside: &str) -> Vec<String> {
    broken("", &format!("{ORGANISATION}{START}{COUNTRY}{SECTOR}{inside}"))
}

fn budget(start: &str, end: &str) -> String {
    format!(
        "<budget><period-start iso-date=\"{start}\"/><period-end iso-date=\"{end}\"/>{}\
         </budget>",
        value("1")
    )
}

#[test]
fn a_good_activity_breaks_no_rule() {
    let inside =
        format!("{}{}", transaction(&value("1")), budget("2020-01-01", "2021-01-01"));
    assert_eq!(usual(&inside), [""; 0]);
}

#[test]
fn each_rule_of_an_activity_is_told() {
    let all = |parts: [&str; 4]| broken("", &parts.concat());
    let other = "<reporting-org ref=\"B\"/>";
    assert_eq!(all([other, START, COUNTRY, SECTOR]), ["1.1.1"]);
    let former = "<reporting-org ref=\"B\"/><other-identifier type=\"B1\" ref=\"A\"/>";
    assert_eq!(all([former, START, COUNTRY, SECTOR]), [""; 0]);
    assert_eq!(all(["<reporting-org ref=\"A-1\"/>", START, COUNTRY, SECTOR]), ["!1.1.3"]);
    assert_eq!(all([ORGANISATION, "", COUNTRY, SECTOR]), ["6.11.1"]);
    assert_eq!(all([ORGANISATION, START, "", SECTOR]), ["3.7.1"]);
    assert_eq!(all([ORGANISATION, START, COUNTRY, ""]), ["6.2.2"]);
    for (inside, rules) in [
        ("<activity-date type=\"4\" iso-date=\"2019-01-01\"/>", "11.1.3"),
        ("<activity-date type=\"4\" iso-date=\"2024-07-01\"/>", "11.1.5"),
        ("<activity-date type=\"2\" iso-date=\"2024-07-01\"/>", "11.1.4"),
        (
            "<activity-date type=\"1\" iso-date=\"2020-02-01\"/>\
             <activity-date type=\"3\" iso-date=\"2020-01-01\"/>",
            "11.1.2",
        ),
        ("<sector code=\"1\" percentage=\"50\"/>", "2.1.1"),
        ("<sector vocabulary=\"2\" code=\"1\" percentage=\"50\"/>", "2.1.4"),
        (
            "<sector vocabulary=\"2\" code=\"1\" percentage=\"50\"/>\
             <sector vocabulary=\"2\" code=\"2\" percentage=\"51\"/>",
            "2.1.2",
        ),
        ("<sector code=\"1\" percentage=\"500\"/>", "!12.3.1"),
        ("<recipient-country code=\"ML\"/>", "3.1.1"),
    ] {
        assert_eq!(usual(inside), [rules], "{inside}");
    }
    let updated = "last-updated-datetime=\"2024-07-01T00:00:00Z\"";
    let inside = format!("{ORGANISATION}{START}{COUNTRY}{SECTOR}");
    assert_eq!(broken(updated, &inside), ["11.1.1"]);
    let foreign =
        format!("{ORGANISATION}{START}{COUNTRY}<sector vocabulary=\"2\" code=\"1\"/>");
    assert_eq!(broken("", &foreign), ["102.1.1"]);
}

#[test]
fn each_rule_of_money_is_told() {
    let dated = |day: &str| {
        format!(
            "<transaction><transaction-type code=\"3\"/><transaction-date \
                 iso-date=\"{day}\"/>{}</transaction>",
            value("1")
        )
    };
    let one = |inside: &str| transaction(&format!("{}{inside}", value("1")));
    for (inside, rules) in [
        (one("<provider-org/>"), "6.9.1"),
        (one("<receiver-org/>"), "6.9.2"),
        (one("<provider-org ref=\"A/B\"/>"), "1.10.13"),
        (one("<receiver-org ref=\"A|B\"/>"), "1.15.13"),
        (one("<sector code=\"1\"/>"), "6.6.2"),
        (one("<recipient-country code=\"LR\"/>"), "3.6.2"),
        (transaction("<value value-date=\"2024-07-01\">1</value>"), "11.2.2"),
        (transaction("<value>1</value>"), "XSD"),
        (
            transaction("<value currency=\"Eur\" value-date=\"2020-01-01\">1</value>"),
            "!9.94.1",
        ),
        (transaction(&value("x")), "!XSD"),
        (dated("2024-07-01"), "!11.2.1"),
        (dated("2020-02-30"), "!XSD"),
        (budget("2020-01-01", "2021-01-02"), "7.5.3"),
        (budget("2020-02-01", "2020-01-31"), "8.6.3"),
        (budget("2020-01-01", "2020-12-31").replace("value-date", "x"), "7.5.2"),
    ] {
        assert_eq!(usual(&inside), [rules], "{inside}");
    }
    let sectors = format!(
        "{ORGANISATION}{START}{COUNTRY}{}{}",
        one("<sector code=\"1\"/>"),
        transaction(&value("2"))
    );
    assert_eq!(broken("", &sectors), ["6.7.2"]);
    let places = format!(
        "{ORGANISATION}{START}{SECTOR}{}{}",
        one("<recipient-region code=\"289\"/>"),
        transaction(&value("2"))
    );
    assert_eq!(broken("", &places), ["3.7.2"]);
    let none = "<iati-activities version=\"2.03\"><iati-activity><iati-identifier>A-1\
                </iati-identifier><title><narrative>T</narrative></title></iati-activity>\
                </iati-activities>";
    let reading = read_text(none);
    let reject = &reading.rejects[0];
    assert_eq!(rule_of(&reject.table, &reject.problem), "7.8.1");
}

#[test]
fn a_load_asks_no_advice() {
    let reading = read_activity(&transaction(&value("1")));
    assert_eq!(warnings(&reading), "");
}
