//! A decision as plain text: a short note, and a long one with every rule and row.

use crate::domain::Money;
use crate::domain::money::grouped;
use crate::domain::time::spoken;
use crate::domain::verdict::{RuleResult, Verdict};
use crate::gate::is_assumed;
use crate::gate::outcome::{Decision, Finding, Lever};
use crate::gate::policy::{SoftwareScope, Unit};
use crate::gate::switches::{self, Stamp};

use super::beside;
use super::note::Note;
use super::words::{basis, hardware_range, headline, is_open, two_layers};

/// Lines of a long note are as wide as a page.
const PAGE: usize = 80;
/// How many levers a short note shows of one rule.
const LEVERS: usize = 3;

/// How many lines that may not be paid a short note lists.
const LINES: usize = 3;

/// Returns the decision as a note of about one screen, `width` characters wide.
#[must_use]
pub fn tell(decision: &Decision, width: usize) -> String {
    let mut note = Note::new(width);
    opening(&mut note, decision);
    amounts(&mut note, decision);
    disagreements(&mut note, decision, false);
    open_rules(&mut note, decision);
    beside::waived(&mut note, decision);
    beside::together(&mut note, decision);
    other_rules(&mut note, decision);
    blocked_lines(&mut note, decision, LINES);
    by_class(&mut note, decision);
    beside::classification(&mut note, decision);
    warnings(&mut note, decision);
    note.blank();
    note.line(&format!("Next: {}", command(decision)));
    note.text
}

/// Returns the decision with every rule, its sentence, its levers and its rows.
#[must_use]
pub fn explain(decision: &Decision) -> String {
    let mut note = Note::new(PAGE);
    opening(&mut note, decision);
    amounts(&mut note, decision);
    by_class(&mut note, decision);
    blocked_lines(&mut note, decision, usize::MAX);
    disagreements(&mut note, decision, true);
    beside::waived(&mut note, decision);
    beside::classification(&mut note, decision);
    for finding in &decision.rules {
        note.blank();
        rule_in_full(&mut note, finding, decision);
    }
    warnings(&mut note, decision);
    note.blank();
    for (name, stamp) in &decision.switches {
        note.wrapped("", 2, &switch_in_full(name, stamp));
    }
    let stamp = &decision.policy;
    note.line(&format!("Policy {} {}, {}", stamp.id, stamp.version, decision.tool));
    for data in &decision.data {
        note.line(&format!("Data {} {}", data.source, data.load_id));
    }
    note.text
}

fn opening(note: &mut Note, decision: &Decision) {
    note.wrapped("", 0, &headline(decision));
    let title = if decision.project_title.is_empty() {
        String::new()
    } else {
        format!(", {}", decision.project_title)
    };
    note.wrapped(
        "",
        2,
        &format!("Tranche {} of {}{title}", decision.tranche, decision.project_id),
    );
    note.line(&format!(
        "Events to {}, as known {}",
        spoken(decision.as_of.0),
        spoken(decision.known_at.0.date_naive())
    ));
    let set = decision.switches.iter().filter(|(_, stamp)| stamp.set_by == "param");
    let set: Vec<String> = set.map(|(name, stamp)| said(name, stamp).join(" ")).collect();
    if !set.is_empty() {
        note.wrapped("", 2, &format!("Set for this run: {}", set.join(", ")));
    }
    note.blank();
    note.wrapped("", 0, &two_layers(decision));
}

/// A switch of the policy, its day and its source.
fn switch_in_full(name: &str, stamp: &Stamp) -> String {
    let said = said(name, stamp).join(": ");
    if stamp.set_by == "param" {
        return format!("Switch {said}, {}", stamp.reference);
    }
    let mark = if stamp.verified { "" } else { ", unverified default" };
    let from = spoken(stamp.from);
    format!("Switch {said} from {from} ({}{mark})", stamp.reference)
}

/// A switch and its value.
fn said(name: &str, stamp: &Stamp) -> [String; 2] {
    let (name, value) = switches::spoken(name, stamp);
    [name, value]
}

/// Where two evaluators came to different numbers; the steps of both where they are
/// asked for.
fn disagreements(note: &mut Note, decision: &Decision, steps: bool) {
    for told in &decision.disagreements {
        note.blank();
        note.line(&format!("{}: two evaluators disagree", told.rule_id));
        for number in &told.differences {
            let words = format!(
                "{}: {} by the metric, {} by the recount",
                number.what, number.metric, number.recount
            );
            note.wrapped("  ", 4, &words);
        }
        let traces = [("metric", &told.metric_trace), ("recount", &told.recount_trace)];
        for (name, trace) in traces.into_iter().filter(|_| steps) {
            for step in trace {
                note.wrapped(&format!("    {name}: "), 6, step);
            }
        }
    }
}

fn columns(name: &str, amounts: &[String], mark: &str) -> String {
    let cut: String = name.chars().take(22).collect();
    let mut line = format!("  {cut:<22}");
    for amount in amounts {
        line.push_str(&format!("{amount:>16}"));
    }
    format!("{line} {mark}")
}

fn amounts(note: &mut Note, decision: &Decision) {
    note.blank();
    let head = ["requested", "payable", "held"].map(str::to_owned);
    note.line(&columns(&decision.currency, &head, ""));
    // Only a part that is paid rests on how the tranche was split.
    let assumed = is_assumed(decision) && decision.verdict == Verdict::Partial;
    let mark = |payable: Money, requested: Money| {
        if assumed && payable != requested { "ASSUMED" } else { "" }
    };
    let row = |name: &str, requested: Money, payable: Money, held: Money| {
        let cells = [requested, payable, held].map(grouped);
        columns(name, &cells, mark(payable, requested))
    };
    for who in &decision.recipients {
        note.line(&row(&who.recipient, who.requested, who.payable, who.held));
    }
    if decision.recipients.len() != 1 {
        note.line(&row("total", decision.requested, decision.payable, decision.held));
    }
}

/// What is not met, then what is not known, each with what would help; what changes no
/// verdict is told with the rules that are met.
fn open_rules(note: &mut Note, decision: &Decision) {
    let holds = |f: &&Finding| is_open(f) && !f.only_warns;
    let open = decision.rules.iter().filter(holds).count();
    // Many reasons leave room for one act each; `gate explain` has them all.
    let most = if open > LEVERS { 1 } else { LEVERS };
    for (result, word) in
        [(RuleResult::Fail, "not met"), (RuleResult::Unknown, "not known")]
    {
        let open = decision.rules.iter().filter(|finding| finding.result == result);
        for finding in open.filter(|finding| !finding.only_warns) {
            note.blank();
            let first = format!("{} {word} ({})", finding.rule_id, basis(finding));
            note.wrapped("", 4, &format!("{first}: {}", finding.message));
            if let Some(others) = other_readings(finding, decision) {
                note.wrapped("    ", 4, &others);
            }
            if let Some(uses) = beside::class_use(finding) {
                note.wrapped("    ", 4, &uses);
            }
            levers(note, &finding.levers, most);
        }
    }
    met_in_one_reading(note, decision);
}

/// Rules that are met, but would not be in another reading of their facts.
fn met_in_one_reading(note: &mut Note, decision: &Decision) {
    for finding in decision.rules.iter().filter(|f| f.result == RuleResult::Pass) {
        let Some(others) = &finding.alternatives else {
            continue;
        };
        let all = [&others.wide, &others.strict, &others.as_approved, &others.cumulative];
        if all.into_iter().flatten().all(|other| other.result == RuleResult::Pass) {
            continue;
        }
        if let Some(others) = other_readings(finding, decision) {
            note.blank();
            note.wrapped("", 4, &format!("{} met. {others}", finding.rule_id));
        }
    }
}

fn levers(note: &mut Note, levers: &[Lever], most: usize) {
    for lever in levers.iter().take(most) {
        note.wrapped("    > ", 6, &lever.text);
    }
    let more = levers.len().saturating_sub(most);
    if more > 0 {
        note.line(&format!("    > and {more} more"));
    }
}

/// What the rule says under the other software scope, and on first loaded milestones.
fn other_readings(finding: &Finding, decision: &Decision) -> Option<String> {
    let others = finding.alternatives.as_ref()?;
    let name = match decision.software_scope {
        SoftwareScope::Strict => "with training as software too",
        SoftwareScope::Wide => "with sector-wide work alone as software",
    };
    // Where no milestone was changed, as first loaded says nothing new.
    let approved = others.as_approved.as_ref();
    let approved = approved.filter(|other| other.result != finding.result);
    let told = [
        (name, others.wide.as_ref().or(others.strict.as_ref())),
        ("on milestones as first loaded", approved),
        ("over all earlier tranches together", others.cumulative.as_ref()),
    ];
    let said: Vec<String> = told
        .into_iter()
        .filter_map(|(name, other)| {
            Some(format!("{name}: {}", spoken_result(other?.result)))
        })
        .collect();
    (!said.is_empty()).then(|| format!("The same {}.", said.join("; ")))
}

fn spoken_result(result: RuleResult) -> &'static str {
    match result {
        RuleResult::Pass => "met",
        RuleResult::Fail => "not met",
        RuleResult::Unknown => "not known",
        RuleResult::NotApplicable => "not applicable",
        RuleResult::Waived => "waived",
    }
}

fn other_rules(note: &mut Note, decision: &Decision) {
    let ids = |test: &dyn Fn(&Finding) -> bool| {
        let found: Vec<&str> = decision
            .rules
            .iter()
            .filter(|finding| !is_open(finding) && test(finding))
            .map(|finding| finding.rule_id.as_str())
            .collect();
        if found.is_empty() { "none".to_owned() } else { found.join(" ") }
    };
    let unbuilt =
        |finding: &Finding| finding.codes.iter().any(|code| code == "NOT_BUILT");
    let passed = ids(&|f| f.result == RuleResult::Pass);
    let waived = match ids(&|f| f.result == RuleResult::Waived).as_str() {
        "none" => String::new(),
        ids => format!(" Waived: {ids}."),
    };
    let apart = ids(&|f| f.result == RuleResult::NotApplicable && !unbuilt(f));
    let mut words = format!("Met: {passed}.{waived} Not applicable: {apart}.");
    if decision.rules.iter().any(unbuilt) {
        words.push_str(&format!(" Not evaluated yet: {}.", ids(&unbuilt)));
    }
    note.blank();
    note.wrapped("", 2, &words);
    let warned: Vec<String> = decision
        .rules
        .iter()
        .filter(|finding| is_open(finding) && finding.only_warns)
        .map(|finding| {
            let result = spoken_result(finding.result);
            format!("{} {result} ({})", finding.rule_id, finding.title)
        })
        .collect();
    if !warned.is_empty() {
        let words = format!("Only warned of: {}.", warned.join(", "));
        note.wrapped("", 2, &words);
    }
}

fn blocked_lines(note: &mut Note, decision: &Decision, most: usize) {
    if decision.blocked_lines.is_empty() {
        return;
    }
    note.blank();
    note.line("Lines that may not be paid");
    let mark = if is_assumed(decision) { " ASSUMED" } else { "" };
    for line in decision.blocked_lines.iter().take(most) {
        let class = line.class.replace('_', "-").replace(';', " and ");
        let known = if line.result == RuleResult::Fail { "" } else { ", not yet known" };
        let words = format!(
            "{} {}{mark} ({class}): {} {}{known}",
            line.line_id,
            grouped(line.amount),
            line.rule_id,
            line.flags.replace(';', " "),
        );
        note.wrapped("  ", 4, &words);
    }
    let more = decision.blocked_lines.len().saturating_sub(most);
    if more > 0 {
        note.line(&format!("  and {more} more"));
    }
}

fn by_class(note: &mut Note, decision: &Decision) {
    note.blank();
    let head = ["requested", "payable"].map(str::to_owned);
    note.line(&columns("by class", &head, ""));
    let mark = if is_assumed(decision) { "ASSUMED" } else { "" };
    for (name, amounts) in decision.by_class.named() {
        if amounts.requested != Money::ZERO || amounts.payable != Money::ZERO {
            let cells = [amounts.requested, amounts.payable].map(grouped);
            note.line(&columns(&name.replace('_', "-"), &cells, mark));
        }
    }
    if let Some(range) = hardware_range(decision) {
        note.wrapped("  ", 2, &range);
    }
}

fn warnings(note: &mut Note, decision: &Decision) {
    // What is not evaluated yet, or holds nothing, is told with the rules.
    let apart = ["NOT_BUILT:", "NOT_KNOWN:", "NOT_MET:"];
    let told = decision
        .warnings
        .iter()
        .filter(|warning| !apart.iter().any(|code| warning.starts_with(code)));
    for (index, warning) in told.enumerate() {
        if index == 0 {
            note.blank();
        }
        note.wrapped("! ", 2, warning);
    }
}

fn rule_in_full(note: &mut Note, finding: &Finding, decision: &Decision) {
    let unverified = if finding.verified { "" } else { ", unverified default" };
    note.wrapped(
        "",
        4,
        &format!("{} {}: {}", finding.rule_id, finding.result.word(), finding.title),
    );
    note.wrapped("    ", 4, &finding.message);
    if let Some(others) = other_readings(finding, decision) {
        note.wrapped("    ", 4, &others);
    }
    note.wrapped(
        "    ",
        4,
        &format!("Source: {} ({}{unverified})", finding.reference, basis(finding)),
    );
    if let Some(threshold) = &finding.threshold_basis {
        note.wrapped("    ", 4, &format!("Parameter: {threshold}"));
    }
    numbers(note, finding);
    if let Some(uses) = beside::class_use(finding) {
        note.wrapped("    ", 4, &uses);
    }
    for lever in &finding.levers {
        note.wrapped("    > ", 6, &lever.text);
    }
    for row in &finding.evidence {
        let words = format!(
            "{} {} ({}:{}, load {})",
            row.table, row.key, row.file, row.row, row.load_id
        );
        note.wrapped("    - ", 6, &words);
    }
}

/// Numerator and denominator; weights of milestones mean nothing to people.
fn numbers(note: &mut Note, finding: &Finding) {
    if let (Some(upper), Some(lower)) = (&finding.numerator, &finding.denominator)
        && upper.unit != Unit::WeightedBps
    {
        let upper = [upper.text(upper.bounds.low), upper.text(upper.bounds.high)];
        let lower = [lower.text(lower.bounds.low), lower.text(lower.bounds.high)];
        let range = |[low, high]: [String; 2]| {
            if low == high { low } else { format!("{low} to {high}") }
        };
        note.wrapped(
            "    ",
            4,
            &format!("Numbers: {} of {}", range(upper), range(lower)),
        );
    }
}

/// The command that shows the reasons and rows.
fn command(decision: &Decision) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/_.-".contains(c);
    let id = if decision.project_id.chars().all(plain) {
        decision.project_id.clone()
    } else {
        format!("'{}'", decision.project_id.replace('\'', "'\\''"))
    };
    format!(
        "ssrfund gate explain {id} --tranche {} --as-of {}",
        decision.tranche, decision.as_of
    )
}
