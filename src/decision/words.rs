//! The words of a verdict: its headline, and official conditions against all rules.

use crate::domain::money::grouped;
use crate::domain::verdict::{RuleResult, Scope, Verdict};
use crate::domain::{Bps, Money};
use crate::gate::Decision;
use crate::gate::outcome::{ClassAmounts, Finding};
use crate::gate::policy::{Basis, Effect};

/// FAIL or UNKNOWN.
pub(super) fn is_open(finding: &Finding) -> bool {
    matches!(finding.result, RuleResult::Fail | RuleResult::Unknown)
}

/// The verdict and its meaning in one line.
pub(super) fn headline(decision: &Decision) -> String {
    let meaning = match decision.verdict {
        Verdict::Release => format!("pay in full{}", set_aside(decision)),
        Verdict::Partial => format!("{}{}", partial(decision), set_aside(decision)),
        Verdict::Hold => format!("pay nothing, {}", reasons(decision)),
        Verdict::Indeterminate => format!("not a refusal, {}", missing(decision)),
        Verdict::Invalid => "the request and the data contradict each other".to_owned(),
    };
    format!("{}: {meaning}", decision.verdict.word())
}

/// How many rules are set aside, because that is not the same as met.
fn set_aside(decision: &Decision) -> String {
    match decision.waived.rules.len() {
        0 => String::new(),
        1 => ", 1 rule set aside by override".to_owned(),
        count => format!(", {count} rules set aside by overrides"),
    }
}

fn partial(decision: &Decision) -> String {
    let gates = decision
        .rules
        .iter()
        .filter(|finding| is_open(finding) && finding.effect == Effect::BlockHardware);
    let known = gates.clone().any(|finding| finding.result == RuleResult::Fail)
        || (gates.count() == 0 && has_fact(decision));
    let doubt = if known { "" } else { " (not yet known)" };
    let gate = match decision.scope {
        Some(Scope::SoftwareOnly) => format!("{} held{doubt}", gated_words(decision)),
        Some(Scope::UpToCeiling) if !decision.overrides.is_empty() => {
            format!("part of {} held{doubt}", gated_words(decision))
        }
        Some(Scope::UpToCeiling) => "hardware paid up to its ceiling".to_owned(),
        _ => String::new(),
    };
    let lines = distinct_lines(decision);
    let facts = decision.blocked_lines.iter().any(|line| line.result == RuleResult::Fail);
    let doubt = if facts { "" } else { " (not yet known)" };
    let noun = if lines == 1 { "line" } else { "lines" };
    match (gate.is_empty(), lines) {
        (false, 0) => gate,
        (false, _) => format!("{gate}, {lines} {noun} held"),
        (true, _) => format!("{lines} {noun} held{doubt}"),
    }
}

/// Whether a line rule that holds hardware says so on a fact.
fn has_fact(decision: &Decision) -> bool {
    decision.rules.iter().any(|finding| {
        finding.effect == Effect::BlockLine && finding.result == RuleResult::Fail
    })
}

fn distinct_lines(decision: &Decision) -> usize {
    let mut lines: Vec<&str> =
        decision.blocked_lines.iter().map(|line| line.line_id.as_str()).collect();
    lines.dedup();
    lines.len()
}

fn reasons(decision: &Decision) -> String {
    let failed: Vec<&str> = decision
        .rules
        .iter()
        .filter(|finding| finding.result == RuleResult::Fail)
        .filter(|finding| !matches!(finding.effect, Effect::Warn | Effect::Doubt))
        .map(|finding| finding.rule_id.as_str())
        .collect();
    let verb = if failed.len() == 1 { "is" } else { "are" };
    format!("{} {verb} not met", failed.join(", "))
}

/// How many facts would have to be known.
fn missing(decision: &Decision) -> String {
    let mut names: Vec<&str> = decision
        .rules
        .iter()
        .filter(|finding| is_open(finding) && finding.effect != Effect::Warn)
        .flat_map(|finding| &finding.missing)
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    names.dedup();
    match names.len() {
        0 => "facts are missing".to_owned(),
        1 => "1 fact missing".to_owned(),
        count => format!("{count} facts missing"),
    }
}

/// What the software gate holds, by name.
fn gated_words(decision: &Decision) -> &'static str {
    let classes = &decision.by_class;
    let held = |amounts: ClassAmounts| amounts.requested > amounts.payable;
    match (held(classes.hardware), held(classes.mixed) || held(classes.unclassified)) {
        (true, true) => "hardware and money without a clear class",
        (false, true) => "money without a clear class",
        _ => "hardware",
    }
}

/// Direct cost of the kinds that a hardware gate holds.
fn gated_held(decision: &Decision) -> Money {
    let classes = &decision.by_class;
    let held = [classes.hardware, classes.mixed, classes.unclassified].iter().fold(
        0_i128,
        |sum, of| {
            sum.saturating_add(of.requested.cents()).saturating_sub(of.payable.cents())
        },
    );
    Money::from_cents(held)
}

/// Both layers of the verdict in one sentence (`contract.md` G5a).
pub(super) fn two_layers(decision: &Decision) -> String {
    let official = &decision.verdict_official;
    let same = official.verdict == decision.verdict
        && official.scope == decision.scope
        && official.payable == decision.payable;
    let layer = match (official.verdict, official.scope) {
        (Verdict::Release, _) => "full release".to_owned(),
        (Verdict::Partial, _) => {
            format!("pay {}, hold {}", grouped(official.payable), grouped(official.held))
        }
        (Verdict::Hold, _) => "hold the tranche".to_owned(),
        (Verdict::Indeterminate, _) => "not decidable yet".to_owned(),
        (Verdict::Invalid, _) => "invalid request".to_owned(),
    };
    if same {
        return format!("Official conditions and the whole policy agree: {layer}.");
    }
    format!(
        "Official conditions: {layer}. {}: {}.",
        others(decision),
        all_rules(decision)
    )
}

/// What stands behind the difference from the official layer.
fn others(decision: &Decision) -> &'static str {
    let open: Vec<&Finding> = decision
        .rules
        .iter()
        .filter(|f| is_open(f) && !matches!(f.basis, Basis::Official | Basis::Integrity))
        .filter(|f| f.effect != Effect::Warn)
        .collect();
    match open.as_slice() {
        [one] if one.rule_id == "R01" => "2012 review recommendation",
        _ => "With all rules of this policy",
    }
}

fn all_rules(decision: &Decision) -> String {
    match (decision.verdict, decision.scope) {
        (Verdict::Release, _) => "full release".to_owned(),
        (Verdict::Partial, Some(Scope::SoftwareOnly | Scope::UpToCeiling)) => {
            format!("hold {} of {}", grouped(gated_held(decision)), gated_words(decision))
        }
        (Verdict::Partial, _) => format!("hold {}", grouped(decision.held)),
        (Verdict::Hold, _) => "hold the tranche".to_owned(),
        (Verdict::Indeterminate, _) => "not decidable yet".to_owned(),
        (Verdict::Invalid, _) => "invalid request".to_owned(),
    }
}

/// Hardware's share of direct cost as a range where money has no clear class.
pub(super) fn hardware_range(decision: &Decision) -> Option<String> {
    let classes = &decision.by_class;
    let cents = |amounts: ClassAmounts| amounts.requested.cents();
    let doubtful = cents(classes.mixed).checked_add(cents(classes.unclassified))?;
    let known =
        [classes.hardware, classes.training, classes.sector_wide, classes.out_of_scope]
            .into_iter()
            .try_fold(doubtful, |sum, of| sum.checked_add(cents(of)))?;
    if doubtful <= 0 {
        return None;
    }
    let share = |part: i128| {
        let bps = crate::domain::Ratio::new(part, known)?.bps_half_up()?;
        // Whole percents: two ends of a range need no more.
        Some(Bps(bps.0.checked_add(50)?.div_euclid(100).checked_mul(100)?).percent())
    };
    let low = share(cents(classes.hardware))?;
    let high = share(cents(classes.hardware).checked_add(doubtful)?)?;
    Some(format!(
        "Hardware is {}–{high} of direct cost; {} has no clear class.",
        low.trim_end_matches('%'),
        grouped(Money::from_cents(doubtful))
    ))
}

/// Who stands behind a rule; the 2012 review recommendation is named as that.
pub(super) fn basis(finding: &Finding) -> &'static str {
    const REVIEW: &str = "2012 review recommendation";
    match finding.basis {
        Basis::Official => "official condition",
        Basis::Seed if finding.reference.starts_with(REVIEW) => REVIEW,
        Basis::Seed => "recommendation",
        Basis::Policy => "proposal",
        Basis::Integrity => "integrity",
    }
}
