//! What must hold in a policy file, and how its faults are told.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::verdict::RuleResult;
use crate::error::{Problem, did_you_mean, visible};

use super::policy::{Effect, Policy, Rule, Test, Threshold};

/// Rules R01 to R28 are always there; a rule that is not built yet says so.
pub const LEAST_RULES: usize = 28;

const PLACEHOLDERS: [&str; 7] =
    ["observed", "threshold", "numerator", "denominator", "items", "critical", "missing"];

/// The faults of one file, each with the rule in which it was found.
pub(super) struct Faults<'a> {
    pub(super) file: &'a str,
    pub(super) rule: String,
    pub(super) problems: Vec<Problem>,
}

impl Faults<'_> {
    /// Adds a fault of the rule that is being read.
    pub(super) fn add(&mut self, what: impl AsRef<str>, fix: impl Into<String>) {
        let place = if self.rule.is_empty() {
            String::new()
        } else {
            format!("rule `{}`: ", visible(&self.rule))
        };
        let what = format!("{place}{}", what.as_ref());
        self.problems.push(Problem::of_file(self.file, what, fix));
    }

    /// Reads one of a few words, or adds a fault.
    pub(super) fn word<T>(
        &mut self,
        key: &str,
        text: &str,
        parse: impl Fn(&str) -> Option<T>,
        words: &[&str],
    ) -> Option<T> {
        let found = parse(text);
        if found.is_none() {
            let all = format!("use one of {}", words.join(", "));
            let fix = did_you_mean(text, words.iter().copied(), &all);
            self.add(format!("`{}` is not a value of `{key}`", visible(text)), fix);
        }
        found
    }
}

/// Rule ids run from R01 without a gap; a policy with fewer rules never approves.
pub(super) fn check_ids(ids: &[&str], faults: &mut Faults<'_>) {
    for (index, id) in ids.iter().enumerate() {
        let expected = format!("R{:02}", index.saturating_add(1));
        if *id != expected {
            faults.add(
                format!("rule id `{}` stands where `{expected}` is expected", visible(id)),
                "list all rules in order, each once; mark a rule that is not used by leaving out its metric",
            );
            return;
        }
    }
    if ids.len() < LEAST_RULES {
        faults.add(
            format!("the policy has {} rules, not R01 to R{LEAST_RULES}", ids.len()),
            "list all rules; leave out the metric of one that is not used",
        );
    }
}

/// A built rule has a sentence for each result; every placeholder is known.
fn check_says(rule: &Rule, faults: &mut Faults<'_>) {
    let built = rule.measured.is_some();
    for word in ["PASS", "FAIL", "UNKNOWN"] {
        if built && !rule.says.contains_key(word) {
            faults.add(format!("`says` has no sentence for {word}"), "add one");
        }
    }
    for (key, sentence) in &rule.says {
        let first = key.split(' ').next().unwrap_or("");
        if result_word(first).is_none() {
            faults.add(
                format!("`says` has the key `{}`", visible(key)),
                "begin it with PASS, FAIL, UNKNOWN or NOT_APPLICABLE",
            );
        }
        for rest in sentence.split('{').skip(1) {
            let name = rest.split('}').next().unwrap_or("");
            let of_item = name.starts_with("number:") || name.starts_with("money:");
            if !PLACEHOLDERS.contains(&name) && !of_item {
                let all = format!("use one of {}", PLACEHOLDERS.join(", "));
                faults.add(
                    format!("`{{{}}}` is not a placeholder", visible(name)),
                    did_you_mean(name, PLACEHOLDERS, &all),
                );
            }
        }
    }
}

/// What must hold between the keys of a rule.
pub(super) fn check_rule(rule: &Rule, faults: &mut Faults<'_>) {
    check_says(rule, faults);
    if rule.examples.is_empty() {
        faults.add("there is no example", "add a case with its answer to `examples`");
    }
    for (key, text) in [
        ("title", &rule.title),
        ("because", &rule.because),
        ("reference", &rule.reference),
    ] {
        if text.trim().is_empty() {
            faults.add(format!("`{key}` is empty"), "say it in a sentence");
        }
    }
    if rule.effect == Effect::Doubt
        && (rule.affects.is_empty() || rule.doubt_code.is_none())
    {
        faults.add("the effect DOUBT affects no rule", "give `affects` and `doubt_code`");
    }
    let Some(measured) = &rule.measured else {
        return;
    };
    let compares = matches!(measured.test, Test::AtLeast | Test::AtMost);
    if compares && measured.threshold.is_none() {
        faults
            .add("a comparison has no threshold", "give `threshold` or `threshold_item`");
    }
    if measured.test == Test::EachItemPasses && measured.decided_by.is_none() {
        faults.add("no items decide", "give the kind of items in `decided_by`");
    }
    if let Some(Threshold::Parameter(name)) = &measured.threshold
        && !(name.ends_with("_bps") && rule.parameters.contains_key(name))
    {
        faults.add(
            format!("`{}` is not a parameter of this rule in bps", visible(name)),
            "name one of the rule's parameters that end with `_bps`",
        );
    }
}

/// What of a policy is no fault, and hardly meant: a test that nothing can fail.
fn remarks(rules: &[Rule]) -> Vec<(String, String)> {
    let mut told = Vec::new();
    for rule in rules {
        let Some(measured) = &rule.measured else { continue };
        let Some(Threshold::Parameter(name)) = &measured.threshold else { continue };
        let always = match measured.test {
            Test::AtLeast => 0,
            Test::AtMost => 10_000,
            _ => continue,
        };
        let periods = rule.parameters.get(name).map_or(&[][..], |history| history.all());
        for period in periods.iter().filter(|period| period.value.value == always) {
            let what = format!(
                "`{name}` is {always} from {}: the rule can never fail",
                period.from
            );
            told.push((rule.id.clone(), what));
        }
    }
    told
}

impl Policy {
    /// What is no fault and hardly meant, by rule: one that can never fail.
    #[must_use]
    pub fn remarks(&self) -> Vec<(String, String)> {
        remarks(&self.rules)
    }
}

/// Doubt names rules that exist and no other doubt; a parameter has one home.
pub(super) fn check_references(rules: &[Rule], faults: &mut Faults<'_>) {
    let ids: BTreeSet<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
    let doubts: BTreeSet<&str> = rules
        .iter()
        .filter(|rule| rule.effect == Effect::Doubt)
        .map(|rule| rule.id.as_str())
        .collect();
    let mut homes: BTreeMap<&str, &str> = BTreeMap::new();
    for rule in rules {
        faults.rule.clone_from(&rule.id);
        for affected in &rule.affects {
            if !ids.contains(affected.as_str()) {
                faults.add(
                    format!("`affects` names `{}`", visible(affected)),
                    "name a rule of this policy",
                );
            } else if doubts.contains(affected.as_str()) {
                faults.add(
                    format!("`affects` names `{}`, which is a doubt too", visible(affected)),
                    "name the rule whose answer is in doubt, so that doubts form no circle",
                );
            }
        }
        for name in rule.parameters.keys() {
            if let Some(home) = homes.insert(name, &rule.id) {
                faults.add(
                    format!("parameter `{}` is told by {home} too", visible(name)),
                    "give it another name; SQL sees parameters by name",
                );
            }
        }
    }
    faults.rule.clear();
}

/// Results that a policy file may name.
pub(super) const RESULTS: [RuleResult; 4] =
    [RuleResult::Pass, RuleResult::Fail, RuleResult::Unknown, RuleResult::NotApplicable];

/// Reads the word of a result.
pub(super) fn result_word(word: &str) -> Option<RuleResult> {
    RESULTS.into_iter().find(|result| result.word() == word)
}
