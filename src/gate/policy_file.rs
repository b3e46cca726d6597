//! Reading a policy file: strict, and with the file, line and rule of every fault.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::dated::{Dated, History};
use crate::domain::time::parse_day;
use crate::error::unreadable::Unreadable;
use crate::error::{Error, Problem, Result, visible};

use super::policy::{
    Basis, Effect, IatiCondition, LeverKind, Measured, OverrideLimits, Parameter, Policy,
    Rule, SoftwareScope, Test, Threshold, Unit, WhenMissing,
};
use super::policy_checks::{
    Faults, RESULTS, check_ids, check_references, check_rule, result_word,
};
use super::policy_period::RawPeriod;
use super::switches::Switches;

const UNITS: [&str; 6] = ["bps", "days", "months", "cents", "count", "year"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPolicy {
    id: String,
    version: String,
    title: String,
    parameters: toml::Table,
    #[serde(default)]
    rule: Vec<RawRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    id: String,
    title: String,
    because: String,
    reference: String,
    basis: String,
    iati_condition: String,
    applies_to: String,
    effect: String,
    strict_effect: Option<String>,
    when_missing: String,
    overridable: bool,
    #[serde(default)]
    never_waived: Vec<String>,
    #[serde(default)]
    second_signature: bool,
    companion: Option<String>,
    examples: Vec<String>,
    metric: Option<String>,
    wide_metric: Option<String>,
    approved_metric: Option<String>,
    unit: Option<String>,
    compare: Option<String>,
    predicate: Option<String>,
    threshold: Option<String>,
    threshold_item: Option<String>,
    threshold_named: Option<String>,
    dated_by: Option<String>,
    critical_items: Option<String>,
    decided_by: Option<String>,
    lever: Option<String>,
    #[serde(default)]
    codes: BTreeMap<String, String>,
    #[serde(default)]
    affects: Vec<String>,
    doubt_code: Option<String>,
    #[serde(default)]
    gate_flags: Vec<String>,
    #[serde(default)]
    parameters: BTreeMap<String, Vec<RawPeriod>>,
    #[serde(default)]
    says: BTreeMap<String, String>,
}

impl Policy {
    /// Reads the text of a policy that is called `policy.toml` in messages.
    ///
    /// # Errors
    /// See [`Policy::read_as`].
    pub fn read(text: &str) -> Result<Self> {
        Self::read_as("policy.toml", text)
    }

    /// Reads the text of a policy from the file that messages name.
    ///
    /// # Errors
    /// A rule error with all faults: TOML that cannot be read, unknown keys or words, ids
    /// that are not R01 and on without a gap, parameters without a first period.
    pub fn read_as(file: &str, text: &str) -> Result<Self> {
        let raw: RawPolicy =
            toml::from_str(text).map_err(|e| unreadable(file, text, &e))?;
        let mut faults = Faults { file, rule: String::new(), problems: Vec::new() };
        let switches = Switches::read(&raw.parameters, &mut faults);
        let ids: Vec<&str> = raw.rule.iter().map(|rule| rule.id.as_str()).collect();
        check_ids(&ids, &mut faults);
        let rules: Vec<Option<Rule>> =
            raw.rule.into_iter().map(|rule| read_rule(rule, &mut faults)).collect();
        let rules: Vec<Rule> = rules.into_iter().flatten().collect();
        check_references(&rules, &mut faults);
        if !faults.problems.is_empty() {
            let refused = Error::rule("the policy cannot be used");
            return Err(refused.problems(faults.problems));
        }
        let policy = Self {
            id: raw.id,
            version: raw.version,
            title: raw.title,
            software_scope: SoftwareScope::Strict,
            gate_doubtful: true,
            exempt_safety: false,
            strict_nature: false,
            absorb_support: false,
            strict: false,
            approvals: 1,
            recorder_may_approve: false,
            overrides: OverrideLimits::default(),
            switches,
            rules,
        };
        Ok(policy.with_newest())
    }
}

/// Names the line and the rule of a fault in the TOML itself.
fn unreadable(file: &str, text: &str, error: &toml::de::Error) -> Error {
    let fault = Unreadable::of(text, error);
    let what = format!("{}{}", rule_at(text, fault.at), fault.what);
    let fix =
        fault.fix_or("keys and units are listed in the shipped `policies/pbf.toml`");
    Error::rule("the policy cannot be read")
        .problems(vec![Problem::at(file, fault.row, 0, what, fix)])
}

/// The rule in which a byte of the file lies, by its id.
fn rule_at(text: &str, at: usize) -> String {
    const HEAD: &str = "[[rule]]";
    let end = at.saturating_add(HEAD.len());
    let Some(start) = text.get(..end.min(text.len())).and_then(|head| head.rfind(HEAD))
    else {
        return String::new();
    };
    let lines = text.get(start..).unwrap_or("").lines().skip(1);
    lines
        .take_while(|line| line.trim() != HEAD)
        .find_map(|line| line.strip_prefix("id = "))
        .map(|id| format!("rule `{}`: ", visible(id.trim().trim_matches('"'))))
        .unwrap_or_default()
}

fn read_rule(raw: RawRule, faults: &mut Faults<'_>) -> Option<Rule> {
    faults.rule.clone_from(&raw.id);
    let basis = faults.word("basis", &raw.basis, Basis::parse, Basis::WORDS);
    let condition = faults.word(
        "iati_condition",
        &raw.iati_condition,
        IatiCondition::parse,
        IatiCondition::WORDS,
    );
    let (effect, missing, strict_effect) = read_effect(&raw, faults);
    let by_template = raw.dated_by.is_some();
    if let Some(word) = &raw.dated_by {
        let known = ["template_version"];
        faults.word("dated_by", word, |word| known.contains(&word).then_some(()), &known);
    }
    let measured = read_measured(&raw, faults);
    let parameters = read_parameters(&raw.parameters, faults);
    let rule = Rule {
        id: raw.id,
        title: raw.title,
        because: raw.because,
        reference: raw.reference,
        basis: basis?,
        iati_condition: condition?,
        applies_to: raw.applies_to,
        effect: effect?,
        when_missing: missing?,
        usual: (effect?, missing?),
        strict_effect,
        overridable: raw.overridable,
        never_waived: raw.never_waived,
        second_signature: raw.second_signature,
        examples: raw.examples,
        measured,
        affects: raw.affects,
        doubt_code: raw.doubt_code,
        gate_flags: raw.gate_flags,
        by_template,
        parameters,
        says: raw.says,
    };
    check_rule(&rule, faults);
    Some(rule)
}

/// What a rule does when it is not passed, when it cannot be decided, and when it is not
/// passed under a strict policy.
fn read_effect(
    raw: &RawRule,
    faults: &mut Faults<'_>,
) -> (Option<Effect>, Option<WhenMissing>, Option<Effect>) {
    let effect = faults.word("effect", &raw.effect, Effect::parse, Effect::WORDS);
    let missing = faults.word(
        "when_missing",
        &raw.when_missing,
        WhenMissing::parse,
        WhenMissing::WORDS,
    );
    let stricter = raw.strict_effect.as_ref().and_then(|word| {
        faults.word("strict_effect", word, Effect::parse, Effect::WORDS)
    });
    (effect, missing, stricter)
}

/// Reads how a rule is measured; nothing where it has no metric.
fn read_measured(raw: &RawRule, faults: &mut Faults<'_>) -> Option<Measured> {
    let Some(metric) = raw.metric.clone() else {
        if raw.compare.is_some() || raw.predicate.is_some() || raw.unit.is_some() {
            faults.add("there is a test but no `metric`", "name the metric's file stem");
        }
        return None;
    };
    let unit = raw.unit.as_deref().unwrap_or("");
    let unit = faults.word("unit", unit, Unit::parse, Unit::WORDS);
    let test = read_test(raw, faults);
    let threshold = read_threshold(raw, faults);
    let lever = raw
        .lever
        .as_ref()
        .and_then(|word| faults.word("lever", word, LeverKind::parse, LeverKind::WORDS));
    let mut codes = BTreeMap::new();
    for (code, word) in &raw.codes {
        let words: Vec<&str> = RESULTS.iter().map(|result| result.word()).collect();
        if let Some(result) = faults.word("codes", word, result_word, &words) {
            codes.insert(code.clone(), result);
        }
    }
    Some(Measured {
        metric,
        wide_metric: raw.wide_metric.clone(),
        approved_metric: raw.approved_metric.clone(),
        unit: unit?,
        test: test?,
        threshold,
        critical_items: raw.critical_items.clone(),
        companion: raw.companion.clone(),
        decided_by: raw.decided_by.clone(),
        lever,
        codes,
    })
}

/// A rule has one test: a comparison or a predicate.
fn read_test(raw: &RawRule, faults: &mut Faults<'_>) -> Option<Test> {
    match (&raw.compare, &raw.predicate) {
        (Some(word), None) => {
            faults.word("compare", word, comparison, &["at_least", "at_most"])
        }
        (None, Some(word)) => {
            let words: Vec<&str> = Test::WORDS.iter().skip(2).copied().collect();
            faults.word("predicate", word, predicate, &words)
        }
        _ => {
            faults.add(
                "there must be one test",
                "give `compare` (at_least, at_most) or `predicate`",
            );
            None
        }
    }
}

/// A threshold is a parameter of the rule, or a number or a parameter that its metric
/// tells.
fn read_threshold(raw: &RawRule, faults: &mut Faults<'_>) -> Option<Threshold> {
    match (&raw.threshold, &raw.threshold_item, &raw.threshold_named) {
        (Some(name), None, None) => Some(Threshold::Parameter(name.clone())),
        (None, Some(kind), None) => Some(Threshold::Item(kind.clone())),
        (None, None, Some(kind)) => Some(Threshold::Named(kind.clone())),
        (None, None, None) => None,
        _ => {
            faults.add(
                "there are two thresholds",
                "keep one of `threshold`, `threshold_item` and `threshold_named`",
            );
            None
        }
    }
}

fn comparison(word: &str) -> Option<Test> {
    Test::parse(word).filter(|test| matches!(test, Test::AtLeast | Test::AtMost))
}

fn predicate(word: &str) -> Option<Test> {
    Test::parse(word).filter(|test| !matches!(test, Test::AtLeast | Test::AtMost))
}

fn read_parameters(
    raw: &BTreeMap<String, Vec<RawPeriod>>,
    faults: &mut Faults<'_>,
) -> BTreeMap<String, History<Parameter>> {
    let mut named = BTreeMap::new();
    for (name, periods) in raw {
        let read = periods.iter().filter_map(|period| read_period(name, period, faults));
        match History::new(read.collect()) {
            Ok(history) if !history.all().is_empty() => {
                named.insert(name.clone(), history);
            }
            Ok(_) => faults.add(format!("parameter `{name}` has no period"), "add one"),
            Err(day) => faults.add(
                format!("parameter `{name}` is told twice from {day}"),
                "keep one of the two",
            ),
        }
    }
    named
}

fn read_period(
    name: &str,
    raw: &RawPeriod,
    faults: &mut Faults<'_>,
) -> Option<Dated<Parameter>> {
    let values = [raw.bps, raw.days, raw.months, raw.cents, raw.count, raw.year];
    let given: Vec<(&str, i64)> = UNITS
        .into_iter()
        .zip(values)
        .filter_map(|(unit, value)| Some((unit, value?)))
        .collect();
    let from = parse_day(&raw.from.to_string());
    if from.is_none() {
        faults.add(
            format!("parameter `{name}` begins at `{}`, which is not a day", raw.from),
            "write `from = 2000-01-01`",
        );
    }
    let [(unit, value)] = given.as_slice() else {
        faults.add(
            format!("parameter `{name}` has {} numbers in a period", given.len()),
            format!("give one of {}", UNITS.join(", ")),
        );
        return None;
    };
    if !name.ends_with(&format!("_{unit}")) {
        faults.add(
            format!("parameter `{name}` is given in {unit}"),
            "the name of a parameter ends with its unit",
        );
    }
    if *value < 0 {
        faults.add(format!("parameter `{name}` is negative"), "give zero or more");
    }
    Some(Dated {
        from: from?,
        value: Parameter { value: *value, verified: raw.verified },
        reference: raw.reference.clone(),
    })
}
