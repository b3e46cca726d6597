//! R06: eligibility of the lines of the tranche (Q36, Q38, Q44).

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::Beneficiary;
use crate::domain::class::Subclass;
use crate::domain::verdict::RuleResult;

use super::case::{Case, Count, Share, Trace};
use super::r07_due_diligence::{Standing, standing};
use super::result::gravest;
use super::rows::Line;

/// What is open about a flag of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Raised,
    Review,
    Cleared,
}

/// The lines of the tranche above 0.00.
pub(super) fn lines<'a>(case: &Case<'a>) -> BTreeMap<&'a str, &'a Line> {
    let paid = |share: &&Share<'a>| share.amount > 0;
    case.shares.iter().filter(paid).map(|share| (share.id, share.line)).collect()
}

pub(super) fn count(case: &Case<'_>, trace: &mut Trace) -> Option<Count> {
    let lines = lines(case);
    if lines.is_empty() {
        return Some(Count::apart());
    }
    let mut count = Count::plain(RuleResult::Pass);
    for (id, line) in lines {
        let flags = open_flags(case, line);
        let results = flags.iter().map(|(flag, state)| judge(case, line, flag, *state));
        let Some(result) = gravest(results) else { continue };
        trace.say(|| format!("{id}: {flags:?} {}", result.word()));
        if result != RuleResult::Pass {
            count.lines.insert(id.to_owned(), result);
        }
    }
    count.result = gravest(count.lines.values().copied()).unwrap_or(RuleResult::Pass);
    Some(count)
}

/// The flags E1 to E6 of a line: decisions win over the text.
fn open_flags<'a>(case: &Case<'_>, line: &'a Line) -> Vec<(&'a str, State)> {
    let mut flags: BTreeMap<&str, State> = BTreeMap::new();
    for (flag, review) in &line.flags {
        flags.insert(flag, if *review { State::Review } else { State::Raised });
    }
    // Operations are flagged by what the money buys, whatever the text says.
    let operations = line.classes.iter().any(|part| part.subclass == Some(Subclass::H3));
    match line.beneficiary {
        Beneficiary::Defence if operations => {
            flags.insert("E2", State::Raised);
        }
        Beneficiary::Mixed | Beneficiary::Unknown if operations => {
            flags.entry("E2").or_insert(State::Review);
        }
        _ => {}
    }
    let told: BTreeSet<&str> =
        line.decisions.iter().map(|(flag, ..)| flag.as_str()).collect();
    for flag in told {
        let rows = || {
            let of = line.decisions.iter().filter(|(other, ..)| other == flag);
            of.filter(|(_, on, _)| case.happened(*on))
        };
        let Some((_, _, newest)) = rows().max_by_key(|(_, on, _)| *on) else { continue };
        let forbidden = flag == "E1" && rows().any(|(_, _, state)| state == "raised");
        let state = match newest.as_str() {
            _ if forbidden => State::Raised,
            "raised" => State::Raised,
            "cleared" => State::Cleared,
            _ => State::Review,
        };
        flags.insert(flag, state);
    }
    let screened = ["E1", "E2", "E3", "E4", "E5", "E6"];
    flags.into_iter().filter(|(flag, _)| screened.contains(flag)).collect()
}

fn judge(case: &Case<'_>, line: &Line, flag: &str, state: State) -> RuleResult {
    match (flag, state) {
        (_, State::Cleared) => RuleResult::Pass,
        ("E1" | "E2" | "E3", State::Raised) => RuleResult::Fail,
        ("E4", _) if standing(case, line) == Standing::Clear { mitigated: true } => {
            RuleResult::Pass
        }
        _ => RuleResult::Unknown,
    }
}
