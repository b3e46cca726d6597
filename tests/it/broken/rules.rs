//! Policies that cannot be used (case 126): what is told of each, to the letter.

use ssrfund::gate::Policy;

const SHIPPED: &str = include_str!("../../../queries/policies/pbf.toml");
const KEYS: &str = "keys and units are listed in the shipped `policies/pbf.toml`";

/// What is told of the shipped policy with one place changed.
fn refused(from: &str, to: &str) -> String {
    let text = SHIPPED.replacen(from, to, 1);
    assert_ne!(text, SHIPPED, "`{from}` is not in the policy");
    told(&text)
}

fn told(text: &str) -> String {
    let error = Policy::read_as("mine.toml", text).unwrap_err();
    assert_eq!(error.kind().exit_code(), 3);
    error.to_string()
}

/// The line of the shipped policy on which a text stands first.
fn line(of: &str) -> usize {
    let at = SHIPPED.find(of).unwrap();
    SHIPPED[..at].matches('\n').count() + 1
}

#[test]
fn what_cannot_be_read_is_told_with_its_line_and_rule() {
    let key = line("overridable = true");
    let number = line("bps = 7500");
    let period = line("[[rule.parameters.progress_bps]]");
    let day = line("from = 2000-01-01\nbps = 7500");
    for (from, to, row, expected) in [
        (
            "overridable = true",
            "overidable = true",
            key,
            "there is no key `overidable` here; did you mean `overridable`?".to_owned(),
        ),
        (
            "overridable = true",
            "overridable = true\noverridable = false",
            key + 1,
            "a key stands twice; keep the one that is meant".to_owned(),
        ),
        (
            "overridable = true",
            "overridable = true\n\"a\\u001b[31m\\u202e\" = 1",
            key + 1,
            format!("there is no key `a\\u{{1b}}[31m\\u{{202e}}` here; {KEYS}"),
        ),
        (
            "overridable = true",
            "overridable = \"yes\"",
            key,
            format!("the text `yes` stands where `true` or `false` belongs; {KEYS}"),
        ),
        (
            "bps = 7500",
            "bps = 10001",
            period,
            "`bps = 10001` is more than the whole, which is 10000; write 7500 for 75%, or \
             add `above_whole = true` if it is no share of a whole"
                .to_owned(),
        ),
        (
            "bps = 7500",
            "value = 75",
            number,
            format!("there is no key `value` here; {KEYS}"),
        ),
        (
            "from = 2000-01-01\nbps = 7500",
            "from = \"2000-01-01\"\nbps = 7500",
            day,
            format!(
                "the text `2000-01-01` stands where a day such as 2000-01-01 belongs; {KEYS}"
            ),
        ),
    ] {
        assert_eq!(
            refused(from, to),
            format!("mine.toml:{row}: rule `R01`: {expected}\nthe policy cannot be read"),
            "{to}"
        );
    }
}

#[test]
fn a_share_that_is_none_and_a_key_that_lacks_are_told() {
    let period = line("[[rule.parameters.progress_bps]]");
    for value in ["0.75", "\"75%\"", "nan", "inf"] {
        let expected = format!(
            "mine.toml:{period}: rule `R01`: `bps = {value}` is no whole number of basis \
             points; write 7500 for 75%\nthe policy cannot be read"
        );
        assert_eq!(refused("bps = 7500", &format!("bps = {value}")), expected);
    }
    assert_eq!(
        refused("overridable = true\n", ""),
        format!(
            "mine.toml:{}: rule `R01`: the key `overridable` is missing; add it\nthe policy \
             cannot be read",
            line("[[rule]]")
        )
    );
    assert_eq!(
        told(""),
        "mine.toml:1: the key `id` is missing; add it\nthe policy cannot be read"
    );
}

#[test]
fn what_contradicts_itself_is_told_with_its_rule() {
    for (from, to, expected) in [
        (
            "days = 0",
            "bps = 0",
            "rule `R03`: parameter `grace_days` is given in bps; the name of a parameter \
             ends with its unit",
        ),
        (
            "bps = 7500",
            "bps = -1",
            "rule `R01`: parameter `progress_bps` is negative; give zero or more",
        ),
        (
            "compare = \"at_least\"",
            "compare = \">=\"",
            "rule `R01`: `>=` is not a value of `compare`; use one of at_least, at_most",
        ),
        (
            "compare = \"at_least\"",
            "compare = \">\"",
            "rule `R01`: `>` is not a value of `compare`; use one of at_least, at_most",
        ),
        (
            "id = \"R04\"",
            "id = \"R03\"",
            "rule id `R03` stands where `R04` is expected; list all rules in order, each \
             once; mark a rule that is not used by leaving out its metric",
        ),
        (
            "id = \"R03\"",
            "id = \"R\\u001b03\"",
            "rule id `R\\u{1b}03` stands where `R03` is expected; list all rules in order, \
             each once; mark a rule that is not used by leaving out its metric",
        ),
        (
            "affects = [\"R02\"]",
            "affects = [\"R24\"]",
            "rule `R24`: `affects` names `R24`, which is a doubt too; name the rule whose \
             answer is in doubt, so that doubts form no circle",
        ),
        (
            "affects = [\"R02\"]",
            "affects = [\"R99\"]",
            "rule `R24`: `affects` names `R99`; name a rule of this policy",
        ),
        (
            "{observed} of",
            "{obsreved} of",
            "rule `R01`: `{obsreved}` is not a placeholder; did you mean `observed`?",
        ),
    ] {
        assert_eq!(
            refused(from, to),
            format!("mine.toml: {expected}\nthe policy cannot be used"),
            "{to}"
        );
    }
}

/// An empty policy must never approve.
#[test]
fn a_policy_without_rules_is_refused() {
    let told = told(SHIPPED.split("[[rule]]").next().unwrap());
    let start = "mine.toml: the policy has 0 rules, not R01 to R";
    assert!(told.starts_with(start), "{told}");
    assert!(told.ends_with("the policy cannot be used"), "{told}");
}

#[test]
fn a_share_that_is_none_of_a_whole_says_so() {
    let text = SHIPPED.replacen("bps = 7500", "bps = 10001\nabove_whole = true", 1);
    Policy::read(&text).unwrap();
}

#[test]
fn a_rule_that_can_never_fail_is_told() {
    assert_eq!(Policy::read(SHIPPED).unwrap().remarks(), []);
    let text = SHIPPED.replacen("bps = 7500", "bps = 0", 1);
    let what = "`progress_bps` is 0 from 2000-01-01: the rule can never fail";
    assert_eq!(
        Policy::read(&text).unwrap().remarks(),
        [("R01".to_owned(), what.to_owned())]
    );
}
