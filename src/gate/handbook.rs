//! The rules as a text for people: half a page each, made from the policy alone.

use crate::domain::Bps;
use crate::domain::Money;
use crate::domain::money::grouped;

use super::policy::{
    Basis, Effect, Measured, Policy, Rule, Test, Threshold, Unit, WhenMissing,
};

/// All rules of a policy as Markdown.
#[must_use]
pub fn pages(policy: &Policy) -> String {
    let rules: Vec<String> = policy.rules.iter().map(page).collect();
    rules.join("\n")
}

/// One rule as Markdown: what, why, source, formula, numbers, example, missing data.
#[must_use]
pub fn page(rule: &Rule) -> String {
    let mut out = format!("## {} {}\n\n{}\n\n", rule.id, rule.title, rule.because);
    let mut say = |what: &str, text: String| {
        out.push_str(&format!("- **{what}**: {text}\n"));
    };
    say("Source", format!("{}. {}.", rule.reference, standing(rule.basis)));
    say("Applies to", format!("{}.", rule.applies_to));
    if let Some(measured) = &rule.measured {
        say("Passes when", formula(measured));
    }
    say("When it fails", effect(rule));
    say("When facts are missing", missing(rule));
    let may = if rule.overridable { "yes, with evidence" } else { "never" };
    say("May be set aside by a signed override", format!("{may}."));
    say("IATI condition", format!("{}.", rule.iati_condition));
    if !rule.parameters.is_empty() {
        out.push('\n');
        out.push_str(
            "| number | value | from | where it comes from |\n|---|---|---|---|\n",
        );
        for (name, history) in &rule.parameters {
            for dated in history.all() {
                let mark =
                    if dated.value.verified { "" } else { " (unverified default)" };
                out.push_str(&format!(
                    "| `{name}` | {} | {} | {}{mark} |\n",
                    shown(name, dated.value.value),
                    dated.from,
                    dated.reference
                ));
            }
        }
    }
    if !rule.examples.is_empty() {
        out.push_str("\nExamples:\n\n");
        for example in &rule.examples {
            out.push_str(&format!("- {example}\n"));
        }
    }
    out
}

/// Who stands behind a rule.
fn standing(basis: Basis) -> &'static str {
    match basis {
        Basis::Official => {
            "OFFICIAL: a condition of the Fund or a policy of the United Nations"
        }
        Basis::Seed => "SEED: recommended by a review or partner, not a condition",
        Basis::Policy => "POLICY: a proposal of this tool, not a condition",
        Basis::Integrity => {
            "INTEGRITY: the request and the data must not contradict each other"
        }
    }
}

/// How a fact becomes a result, in words.
fn formula(measured: &Measured) -> String {
    let threshold = match &measured.threshold {
        Some(Threshold::Parameter(name)) => format!("`{name}`"),
        Some(Threshold::Item(name)) => format!("`{name}`, which comes with the facts,"),
        Some(Threshold::Named(_)) => "the number that its metric names".to_owned(),
        None => "its threshold".to_owned(),
    };
    let of = match measured.unit {
        Unit::Cents => "money, in cents",
        Unit::FineCents => "money, in ten-thousandths of a cent",
        Unit::Count => "things counted",
        Unit::WeightedBps => "weight times basis points",
        Unit::Predicate => "things that fail",
    };
    let metric = &measured.metric;
    let test = match measured.test {
        Test::AtLeast => format!(
            "numerator × 10000 ≥ {threshold} × denominator ({of}), at both bounds"
        ),
        Test::AtMost => format!(
            "numerator × 10000 ≤ {threshold} × denominator ({of}), at both bounds"
        ),
        Test::NoneFail => "nothing that it looks at fails".to_owned(),
        Test::Positive => "the amount is above zero".to_owned(),
        Test::AllMet => "as many are met as are due".to_owned(),
        Test::EachItemPasses => "each thing that it looks at passes by itself".to_owned(),
    };
    let critical = match &measured.critical_items {
        Some(kind) => format!("; and every critical {kind} is reached"),
        None => String::new(),
    };
    format!("{test}{critical}. Measured by `queries/metrics/{metric}.sql`.")
}

fn effect(rule: &Rule) -> String {
    let affected = rule.affects.join(" and ");
    match rule.effect {
        Effect::BlockAll => "the whole tranche is held.".to_owned(),
        Effect::BlockHardware => {
            "gated hardware is held; the rest may be paid.".to_owned()
        }
        Effect::BlockLine => "the lines that it names are held.".to_owned(),
        Effect::RequireRevision => {
            "the whole tranche is held until a revision is approved.".to_owned()
        }
        Effect::Warn => "it warns; the verdict does not change.".to_owned(),
        Effect::Doubt => format!("{affected} cannot be relied on and become UNKNOWN."),
        Effect::InvalidRequest => "the request is INVALID; nothing is paid.".to_owned(),
    }
}

fn missing(rule: &Rule) -> String {
    match (rule.when_missing, rule.effect) {
        (WhenMissing::InvalidRequest, _) => "the request is INVALID.".to_owned(),
        (WhenMissing::Warn, _) | (_, Effect::Warn) => {
            "it is UNKNOWN, and warns.".to_owned()
        }
        (WhenMissing::Unknown, _) => {
            "it is UNKNOWN: what it would hold is held, and the verdict says which fact is \
             missing."
                .to_owned()
        }
    }
}

/// A number in the unit at the end of its name.
fn shown(name: &str, value: i64) -> String {
    match name.rsplit('_').next() {
        Some("bps") => Bps(value).percent(),
        Some("cents") => grouped(Money::from_cents(i128::from(value))),
        Some(unit @ ("days" | "months")) => format!("{value} {unit}"),
        _ => value.to_string(),
    }
}
