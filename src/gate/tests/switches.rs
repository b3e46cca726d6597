//! Switches of a policy: their days, gaps, faults, and what a run sets.

use super::super::Policy;
use super::*;

const SHIPPED: &str = include_str!("../../../queries/policies/pbf.toml");

fn with(entries: &str) -> Result<Policy, String> {
    let start = SHIPPED.find("[[parameters.exempt_safety]]").unwrap();
    let end = start + SHIPPED[start..].find("\n\n").unwrap();
    let text = format!("{}{entries}{}", &SHIPPED[..start], &SHIPPED[end..]);
    Policy::read_as("mine.toml", &text).map_err(|error| error.to_string())
}

fn entry(from: &str, more: &str) -> String {
    format!(
        "[[parameters.exempt_safety]]\nfrom = {from}\n{more}\n\
         reference = \"a note\"\nverified = true\n"
    )
}

fn day(text: &str) -> AsOf {
    AsOf::parse(text).unwrap()
}

#[test]
fn a_switch_holds_from_its_day() {
    let off = entry("2000-01-01", "value = false");
    let on = entry("2020-05-01", "value = true");
    let policy = with(&format!("{off}{on}")).unwrap();
    let safety = |as_of: &str| policy.clone().on(day(as_of)).exempt_safety;
    assert!(!safety("2020-04-30"));
    assert!(safety("2020-05-01"));
    assert!(!safety("1999-12-31"), "before all it is as it was at first");
    let stamp = &policy.switches.stamps(day("2021-01-01"))["exempt_safety"];
    assert_eq!(stamp.reference, "a note");
    assert!(stamp.verified);
    assert_eq!(stamp.set_by, "policy");
}

#[test]
fn a_gap_in_the_days_is_refused() {
    let late = with(&entry("2005-01-01", "value = true")).unwrap_err();
    assert!(late.contains("`exempt_safety` is not told before 2005-01-01"), "{late}");
    let ended = entry("2000-01-01", "until = 2010-12-31\nvalue = true");
    let next = entry("2011-02-01", "value = false");
    let gap = with(&format!("{ended}{next}")).unwrap_err();
    let told = "ends on 2010-12-31, and the next one begins on 2011-02-01";
    assert!(gap.contains(told), "{gap}");
    let open = with(&ended).unwrap_err();
    assert!(open.contains("nothing follows it"), "{open}");
    let next = entry("2011-01-01", "value = false");
    assert!(with(&format!("{ended}{next}")).is_ok());
}

#[test]
fn faults_of_an_entry_are_named() {
    let word = with(&entry("2000-01-01", "value = \"yes\"")).unwrap_err();
    assert!(word.contains("`exempt_safety` has the value \"yes\""), "{word}");
    let key = with(&entry("2000-01-01", "vlaue = true")).unwrap_err();
    assert!(key.contains("did you mean `value`"), "{key}");
    let nameless = with("").unwrap_err();
    assert!(nameless.contains("does not tell `exempt_safety`"), "{nameless}");
    let other = with("[[parameters.exempt_safty]]\nfrom = 2000-01-01\n").unwrap_err();
    assert!(other.contains("did you mean `exempt_safety`"), "{other}");
}

#[test]
fn a_run_may_set_what_a_policy_tells() {
    let mut policy = Policy::read(SHIPPED).unwrap();
    policy.set("STRICT_NATURE", "true").unwrap();
    policy.set("low_confidence_bps", "9500").unwrap();
    let stamps = policy.stamps(day("2024-06-30"));
    assert_eq!(stamps["strict_nature"].value, ParamValue::Flag(true));
    assert_eq!(stamps["strict_nature"].set_by, "param");
    assert_eq!(stamps["low_confidence_bps"].value, ParamValue::Number(9500));
    assert_eq!(stamps["low_confidence_bps"].set_by, "param");
    assert_eq!(stamps["exempt_safety"].set_by, "policy");
    assert!(policy.set("strict_nature", "maybe").is_err());
    assert!(policy.set("low_confidence_bps", "-1").is_err());
    let unknown = policy.set("strict_natur", "true").unwrap_err();
    assert!(unknown.to_string().contains("strict_nature"), "{unknown}");
}
