//! Where the two evaluators differ.

use std::collections::BTreeMap;

use crate::domain::verdict::RuleResult;
use crate::domain::{Bounds, Money};
use crate::gate::outcome::{
    Alternative, Decision, Difference, Disagreement, Finding, Measure,
};
use crate::gate::policy::{Effect, Policy, Rule};
use crate::metrics::facts::{Fact, Facts, Plan};

use super::result::gravest;
use super::{Count, Recount};

/// The rule under which planned amounts are compared.
const PLAN_RULE: &str = "R14";

/// Returns where a decision and its facts differ from a recount, by rule; without traces
/// of the recount.
#[must_use]
pub fn compare(
    decision: &Decision,
    plan: &Plan,
    facts: &Facts,
    recount: &Recount,
    policy: &Policy,
) -> Vec<Disagreement> {
    let mut all = Vec::new();
    for finding in &decision.rules {
        let Some(rule) = policy.rule(&finding.rule_id) else { continue };
        let mut out = Differences::default();
        if finding.rule_id == PLAN_RULE {
            compare_plan(plan, recount, &mut out);
        }
        let fact = rule
            .measured
            .as_ref()
            .and_then(|measured| facts.0.get(&metric_of(decision, measured)));
        if let Some(count) = recount.rules.get(finding.rule_id.as_str())
            && !is_apart(finding)
        {
            compare_rule(finding, rule, fact, count.as_ref(), recount, policy, &mut out);
        }
        if !out.0.is_empty() {
            all.push(Disagreement {
                rule_id: finding.rule_id.clone(),
                differences: out.0,
                metric_trace: fact.map(steps).unwrap_or_default(),
                recount_trace: Vec::new(),
            });
        }
    }
    all
}

/// The metric of a rule under the decision's software scope.
fn metric_of(decision: &Decision, measured: &crate::gate::policy::Measured) -> String {
    let wide = decision.software_scope == crate::gate::SoftwareScope::Wide;
    match &measured.wide_metric {
        Some(metric) if wide => metric.clone(),
        _ => measured.metric.clone(),
    }
}

/// Rules that no metric was measured for, or that rejected rows leave open anyway.
fn is_apart(finding: &Finding) -> bool {
    let apart = ["NOT_BUILT", "QUARANTINED"];
    finding.codes.iter().any(|code| apart.contains(&code.as_str()))
}

/// What was found to differ.
#[derive(Default)]
struct Differences(Vec<Difference>);

impl Differences {
    fn check<T: PartialEq>(
        &mut self,
        what: &str,
        metric: &T,
        recount: &T,
        words: impl Fn(&T) -> String,
    ) {
        if metric != recount {
            self.0.push(Difference {
                what: what.to_owned(),
                metric: words(metric),
                recount: words(recount),
            });
        }
    }
}

fn compare_rule(
    finding: &Finding,
    rule: &Rule,
    fact: Option<&Fact>,
    count: Option<&Count>,
    recount: &Recount,
    policy: &Policy,
    out: &mut Differences,
) {
    let Some(count) = count else {
        if !finding.codes.iter().any(|code| code == "OVERFLOW") {
            out.0.push(Difference {
                what: "result".to_owned(),
                metric: finding.result.word().to_owned(),
                recount: "a number is missing or exceeds 128 bits".to_owned(),
            });
        }
        return;
    };
    let doubted = is_doubted(&finding.rule_id, recount, policy);
    let expected = match (finding.result, after_doubt(count.result, doubted)) {
        // What was signed for instead is what would not be passed.
        (RuleResult::Waived, RuleResult::Fail | RuleResult::Unknown) => {
            RuleResult::Waived
        }
        (_, expected) => expected,
    };
    out.check("result", &finding.result, &expected, |result| result.word().to_owned());
    if finding.result == RuleResult::NotApplicable
        || expected == RuleResult::NotApplicable
    {
        return;
    }
    let numbers = [
        ("numerator", &finding.numerator, count.numerator),
        ("denominator", &finding.denominator, count.denominator),
    ];
    for (what, metric, recount) in numbers {
        compare_bounds(what, metric.as_ref(), recount, out);
    }
    if count.threshold.is_some() {
        out.check("threshold_bps", &finding.threshold_bps, &count.threshold, |share| {
            share.map_or("none".to_owned(), |share| share.to_string())
        });
    }
    if let Some(fact) = fact {
        compare_items(rule, fact, count, out);
    }
    let others = finding.alternatives.as_ref();
    let other = others.and_then(|all| all.wide.as_ref().or(all.strict.as_ref()));
    if let Some((other, count)) = other.zip(recount.other_scope.as_ref()) {
        compare_alternative(other, count, doubted, out);
    }
}

fn compare_alternative(
    other: &Alternative,
    count: &Count,
    doubted: bool,
    out: &mut Differences,
) {
    let expected = after_doubt(count.result, doubted);
    out.check(
        "result under the other software scope",
        &other.result,
        &expected,
        |result| result.word().to_owned(),
    );
    if other.result != RuleResult::NotApplicable {
        let part = other.numerator.as_ref();
        compare_bounds(
            "numerator under the other software scope",
            part,
            count.numerator,
            out,
        );
    }
}

fn compare_bounds(
    what: &str,
    metric: Option<&Measure>,
    recount: Option<Bounds>,
    out: &mut Differences,
) {
    let words = |bounds: &Option<Bounds>| match bounds {
        None => "none".to_owned(),
        Some(Bounds { low, high }) => {
            let text = |value: i128| match metric {
                Some(measure) => measure.text(value),
                None => value.to_string(),
            };
            if low == high {
                text(*low)
            } else {
                format!("{} to {}", text(*low), text(*high))
            }
        }
    };
    out.check(what, &metric.map(|measure| measure.bounds), &recount, words);
}

/// Whether a rule is not passed that casts doubt on this one.
fn is_doubted(rule_id: &str, recount: &Recount, policy: &Policy) -> bool {
    policy.rules.iter().any(|rule| {
        let count = recount.rules.get(rule.id.as_str()).and_then(Option::as_ref);
        rule.effect == Effect::Doubt
            && rule.affects.iter().any(|affected| affected == rule_id)
            && count.is_some_and(|count| {
                matches!(count.result, RuleResult::Fail | RuleResult::Unknown)
            })
    })
}

fn after_doubt(result: RuleResult, doubted: bool) -> RuleResult {
    match result {
        RuleResult::NotApplicable => RuleResult::NotApplicable,
        _ if doubted => RuleResult::Unknown,
        other => other,
    }
}

/// Lines that are dropped, hardware that is held by them, and other numbers.
fn compare_items(rule: &Rule, fact: &Fact, count: &Count, out: &mut Differences) {
    let open = |gate: bool| {
        fact.items.iter().filter(move |item| {
            item.kind == "line"
                && item.result != "PASS"
                && rule.gate_flags.contains(&item.flag) == gate
        })
    };
    let read = |result: &str| {
        if result == "FAIL" { RuleResult::Fail } else { RuleResult::Unknown }
    };
    if rule.effect == Effect::BlockLine {
        let mut lines: BTreeMap<String, RuleResult> = BTreeMap::new();
        for item in open(false) {
            let before = lines.get(&item.id).copied();
            let all = before.into_iter().chain([read(&item.result)]);
            if let Some(result) = gravest(all) {
                lines.insert(item.id.clone(), result);
            }
        }
        let names: Vec<&String> = lines.keys().chain(count.lines.keys()).collect();
        for id in names.into_iter().collect::<std::collections::BTreeSet<_>>() {
            let (metric, recount) =
                (lines.get(id).copied(), count.lines.get(id).copied());
            out.check(&format!("line {id}"), &metric, &recount, result_words);
        }
        let gate = gravest(open(true).map(|item| read(&item.result)));
        out.check("hardware held by lines", &gate, &count.gate, result_words);
    }
    for (kind, number) in &count.numbers {
        let told = fact.items.iter().find(|item| item.kind == *kind);
        let told = told.and_then(|item| item.number);
        out.check(kind, &told, &Some(*number), |number| {
            number.map_or("none".to_owned(), |number| number.to_string())
        });
    }
}

fn result_words(result: &Option<RuleResult>) -> String {
    result.map_or("not dropped".to_owned(), |result| result.word().to_owned())
}

/// Planned amounts of class shares, and what recipients ask for.
fn compare_plan(plan: &Plan, recount: &Recount, out: &mut Differences) {
    let mut shares: BTreeMap<(&str, &str, &str), i128> = BTreeMap::new();
    for share in &plan.shares {
        let subclass = share.subclass.map_or("", |subclass| subclass.code());
        let key = (share.line_id.as_str(), share.class.code(), subclass);
        let sum = shares.entry(key).or_insert(0);
        *sum = sum.saturating_add(share.amount.cents());
    }
    let counted: BTreeMap<(&str, &str, &str), i128> = recount
        .shares
        .iter()
        .map(|((line, class, subclass), cents)| {
            ((line.as_str(), *class, *subclass), *cents)
        })
        .collect();
    let cents = |cents: &Option<i128>| {
        cents.map_or("none".to_owned(), |cents| Money::from_cents(cents).to_string())
    };
    for key in shares.keys().chain(counted.keys()) {
        let (metric, recount) = (shares.get(key).copied(), counted.get(key).copied());
        let what = format!("planned amount of line {}, {} {}", key.0, key.1, key.2);
        if out.0.last().is_none_or(|last| last.what != what.trim_end()) {
            out.check(what.trim_end(), &metric, &recount, cents);
        }
    }
    let mut told: BTreeMap<String, (i128, i128)> = BTreeMap::new();
    for who in &plan.recipients {
        told.insert(who.recipient.clone(), (who.planned.cents(), who.requested.cents()));
    }
    out.check("planned and requested by recipient", &told, &recount.recipients, |all| {
        let words = all.iter().map(|(who, amounts)| {
            format!("{who} {}", super::r14_arithmetic::named(*amounts))
        });
        words.collect::<Vec<_>>().join("; ")
    });
}

/// A fact as steps for people.
fn steps(fact: &Fact) -> Vec<String> {
    let bounds = |bounds: Option<Bounds>| {
        bounds.map_or("none".to_owned(), |b| format!("{} to {}", b.low, b.high))
    };
    let mut steps = vec![
        format!("numerator {}", bounds(fact.numerator)),
        format!("denominator {}", bounds(fact.denominator)),
    ];
    if !fact.codes.is_empty() {
        steps.push(format!("codes {}", fact.codes.join(" ")));
    }
    for item in &fact.items {
        let number = item.number.map(|number| number.to_string()).unwrap_or_default();
        let words = [&item.kind, &item.id, &item.flag, &item.result, &number, &item.text];
        let words: Vec<&str> = words
            .into_iter()
            .map(String::as_str)
            .filter(|word| !word.is_empty())
            .collect();
        steps.push(words.join(" "));
    }
    for row in &fact.evidence {
        steps.push(format!("row {} {} ({}:{})", row.table, row.key, row.file, row.row));
    }
    steps
}
