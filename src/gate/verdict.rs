//! The verdict: which rules hold everything, which lines drop, what gates hold.
//!
//! The algorithm is D§9.2 with `contract.md` Q34, Q45, Q51 and Q60 to Q67. Facts beat
//! ignorance: a rule that fails holds before one that is unknown is asked about.

use std::collections::BTreeSet;

use crate::domain::verdict::{RuleResult, Scope, Verdict};
use crate::domain::{AsOf, Bps, GateTreatment, Money};
use crate::metrics::facts::{Plan, PlannedShare};

use super::amounts::{self, Amounts};
use super::ceiling;
use super::evaluate::{EVALUATORS_DISAGREE, Judged, OVERFLOW, QUARANTINED};
use super::lines::{blocked_lines, gate_items, result_of, whole_result};
use super::outcome::BlockedLine;
use super::policy::{Effect, Policy, Threshold, WhenMissing};

/// The answer with its money.
#[derive(Debug, Clone)]
pub(super) struct Settlement {
    pub(super) verdict: Verdict,
    pub(super) scope: Option<Scope>,
    pub(super) amounts: Amounts,
    pub(super) blocked: Vec<BlockedLine>,
    /// A hardware gate is not passed, but all money of that kind is exempt or gone.
    pub(super) gate_holds_nothing: bool,
    /// Lines of which a hardware gate holds money that would be paid otherwise.
    pub(super) gate_held: BTreeSet<String>,
    pub(super) overflow: bool,
}

/// Settles a request on rules that were judged.
pub(super) fn settle(
    plan: &Plan,
    judged: &[Judged<'_>],
    policy: &Policy,
    as_of: AsOf,
) -> Settlement {
    let blocked = blocked_lines(plan, judged);
    let nothing = |verdict, overflow| Settlement {
        verdict,
        scope: None,
        amounts: amounts::held_all(plan),
        blocked: blocked.clone(),
        gate_holds_nothing: false,
        gate_held: BTreeSet::new(),
        overflow,
    };
    if let Some(verdict) = whole_tranche(judged) {
        return nothing(verdict, false);
    }
    let Some(release) = Release::of(plan, judged, policy, &blocked) else {
        return nothing(Verdict::Indeterminate, true);
    };
    let (verdict, scope) = release.verdict(plan);
    let gate_held = release.gate_held(plan);
    if !matches!(verdict, Verdict::Release | Verdict::Partial) {
        return Settlement { gate_held, ..nothing(verdict, false) };
    }
    // Without a rate in force no indirect cost is paid beside a part.
    let indirect = Bps(policy.number_on("indirect_bps", as_of).unwrap_or(0));
    match amounts::paid(plan, &release.released, indirect) {
        Some(amounts) => Settlement {
            verdict,
            scope,
            amounts,
            gate_holds_nothing: release.has_gate && gate_held.is_empty(),
            gate_held,
            blocked,
            overflow: false,
        },
        None => nothing(Verdict::Indeterminate, true),
    }
}

/// What rules on the whole tranche say; nothing where all of them let it through.
fn whole_tranche(judged: &[Judged<'_>]) -> Option<Verdict> {
    let any = |test: &dyn Fn(&Judged<'_>) -> bool| judged.iter().any(test);
    let apart = [QUARANTINED, EVALUATORS_DISAGREE];
    if any(&|j| apart.iter().any(|code| j.codes.contains(*code))) {
        return Some(Verdict::Indeterminate);
    }
    let invalid = |j: &Judged<'_>| {
        let failed = j.result == RuleResult::Fail;
        let unknown = j.result == RuleResult::Unknown
            && j.rule.when_missing == WhenMissing::InvalidRequest;
        j.rule.effect == Effect::InvalidRequest && (failed || unknown)
    };
    let whole = |j: &Judged<'_>| {
        matches!(
            j.rule.effect,
            Effect::BlockAll | Effect::RequireRevision | Effect::InvalidRequest
        )
    };
    let unknown = |j: &Judged<'_>| {
        let counts =
            j.rule.when_missing != WhenMissing::Warn || j.codes.contains(OVERFLOW);
        whole(j) && whole_result(j) == RuleResult::Unknown && counts
    };
    if any(&invalid) {
        Some(Verdict::Invalid)
    } else if any(&|j| whole(j) && whole_result(j) == RuleResult::Fail) {
        Some(Verdict::Hold)
    } else if any(&unknown) {
        Some(Verdict::Indeterminate)
    } else {
        None
    }
}

/// What is released of each share, and why the rest is not.
struct Release {
    released: Vec<Money>,
    /// What drops the share whole, by its line.
    by_line: Vec<Option<RuleResult>>,
    gated: Vec<bool>,
    /// The gravest hardware gate that holds the share.
    gates: Vec<Option<RuleResult>>,
    /// Whether a hardware gate is not passed.
    has_gate: bool,
}

impl Release {
    fn of(
        plan: &Plan,
        judged: &[Judged<'_>],
        policy: &Policy,
        blocked: &[BlockedLine],
    ) -> Option<Self> {
        let by_line: Vec<Option<RuleResult>> =
            plan.shares.iter().map(|share| line_cause(share, blocked)).collect();
        let gated: Vec<bool> =
            plan.shares.iter().map(|share| is_gated(share, policy)).collect();
        let gates = hardware_gates(judged);
        let mut release = Self {
            released: Vec::with_capacity(plan.shares.len()),
            by_line,
            gated,
            gates: Vec::with_capacity(plan.shares.len()),
            has_gate: !gates.is_empty(),
        };
        for (index, share) in plan.shares.iter().enumerate() {
            let gate = gate_on(share, &gates).filter(|_| release.is_gated(index));
            release.gates.push(gate);
            let open = gate.is_none() && !release.is_dropped(index);
            release.released.push(if open { share.amount } else { Money::ZERO });
        }
        if let [(RuleResult::Fail, ceiling)] = gates.as_slice()
            && has_ceiling(ceiling)
        {
            release.fill_to_ceiling(plan, ceiling)?;
        }
        Some(release)
    }

    fn is_dropped(&self, index: usize) -> bool {
        self.by_line.get(index).copied().flatten().is_some()
    }

    fn is_gated(&self, index: usize) -> bool {
        self.gated.get(index).copied().unwrap_or(true)
    }

    /// What holds a share as gated hardware.
    fn gate(&self, index: usize) -> Option<RuleResult> {
        self.gates.get(index).copied().flatten()
    }

    /// Releases gated shares as far as the ceiling allows (Q45).
    fn fill_to_ceiling(&mut self, plan: &Plan, ceiling: &Judged<'_>) -> Option<()> {
        let this = &*self;
        let left = |gated: bool| {
            plan.shares.iter().enumerate().filter(move |(index, _)| {
                !this.is_dropped(*index) && this.gate(*index).is_some() == gated
            })
        };
        let ungated = left(false).map(|(_, share)| share);
        let room = ceiling::room_of(ceiling.fact?, ceiling.threshold, ungated)?;
        let (places, shares): (Vec<usize>, Vec<&PlannedShare>) = left(true).unzip();
        let parts = ceiling::spread(room, &shares)?;
        for (place, part) in places.into_iter().zip(parts) {
            *self.released.get_mut(place)? = part;
        }
        Some(())
    }

    /// Shares with what is released of them.
    fn pairs<'s>(
        &'s self,
        plan: &'s Plan,
    ) -> impl Iterator<Item = (usize, &'s PlannedShare, Money)> {
        plan.shares
            .iter()
            .zip(&self.released)
            .enumerate()
            .map(|(index, (share, released))| (index, share, *released))
    }

    /// Lines of which a gate holds money, beyond lines that drop anyway.
    fn gate_held(&self, plan: &Plan) -> BTreeSet<String> {
        let held = self.pairs(plan).filter(|(index, share, released)| {
            let gated = self.gate(*index).is_some();
            gated && !self.is_dropped(*index) && *released < share.amount
        });
        held.map(|(_, share, _)| share.line_id.clone()).collect()
    }

    /// Why a share is not paid in full: a fact beats ignorance (Q61).
    fn cause(&self, index: usize) -> RuleResult {
        let gate = self.gate(index);
        let line = self.by_line.get(index).copied().flatten();
        if [gate, line].contains(&Some(RuleResult::Fail)) {
            RuleResult::Fail
        } else {
            RuleResult::Unknown
        }
    }

    fn verdict(&self, plan: &Plan) -> (Verdict, Option<Scope>) {
        let dropped: Vec<usize> = self
            .pairs(plan)
            .filter(|(_, share, released)| *released < share.amount)
            .map(|(index, _, _)| index)
            .collect();
        if dropped.is_empty() {
            return (Verdict::Release, Some(Scope::Full));
        }
        let pays = self.pairs(plan).any(|(_, share, released)| {
            share.class.is_direct() && released > Money::ZERO
        });
        if !pays {
            let facts =
                dropped.iter().all(|index| self.cause(*index) == RuleResult::Fail);
            let verdict = if facts { Verdict::Hold } else { Verdict::Indeterminate };
            return (verdict, None);
        }
        let some_gated = self
            .pairs(plan)
            .any(|(index, _, released)| self.is_gated(index) && released > Money::ZERO);
        let scope = match (!self.gate_held(plan).is_empty(), some_gated) {
            (true, true) => Scope::UpToCeiling,
            (true, false) => Scope::SoftwareOnly,
            (false, _) => Scope::ExcludingLines,
        };
        (Verdict::Partial, Some(scope))
    }
}

/// Whether the software gate holds a share (Q34, Q35).
pub(super) fn is_gated(share: &PlannedShare, policy: &Policy) -> bool {
    share.gate_treatment == GateTreatment::Gated
        && (policy.gate_doubtful || !share.class.is_doubtful())
}

fn line_cause(share: &PlannedShare, blocked: &[BlockedLine]) -> Option<RuleResult> {
    blocked
        .iter()
        .filter(|line| line.line_id == share.line_id)
        .map(|line| line.result)
        .max_by_key(|result| *result == RuleResult::Fail)
}

/// The gravest of the gates that hold a share's line: a fact beats ignorance.
fn gate_on(
    share: &PlannedShare,
    gates: &[(RuleResult, &Judged<'_>)],
) -> Option<RuleResult> {
    let frees = |judged: &Judged<'_>| {
        let waiver = judged.waiver.as_ref();
        waiver.is_some_and(|waiver| waiver.lines.contains(&share.line_id))
    };
    let holds = gates.iter().filter(|(_, judged)| !frees(judged));
    holds.map(|(result, _)| *result).max_by_key(|result| *result == RuleResult::Fail)
}

/// Hardware gates that are not passed: rules with that effect, and rules of which some
/// items hold hardware (mitigation or a mandate that is missing).
fn hardware_gates<'j, 'a>(judged: &'j [Judged<'a>]) -> Vec<(RuleResult, &'j Judged<'a>)> {
    let mut gates = Vec::new();
    for judge in judged {
        let only_warns = judge.result == RuleResult::Unknown
            && judge.rule.when_missing == WhenMissing::Warn;
        let blocks = judge.rule.effect == Effect::BlockHardware && !only_warns;
        if blocks && judge.is_open() {
            gates.push((judge.result, judge));
        }
        let flagged = gate_items(judge).map(result_of);
        if let Some(result) = flagged.max_by_key(|result| *result == RuleResult::Fail) {
            gates.push((result, judge));
        }
    }
    gates
}

/// Whether a rule is a ceiling: its threshold comes with its fact.
fn has_ceiling(judged: &Judged<'_>) -> bool {
    let threshold = judged.rule.measured.as_ref().and_then(|m| m.threshold.as_ref());
    matches!(threshold, Some(Threshold::Item(_)))
}
