//! What holds for every plan: no cent is lost, and doubt never releases money.

use proptest::prelude::*;

use super::*;
use crate::domain::verdict::{RuleResult, Verdict};

const NAMES: [&str; 3] = ["FAO", "UNDP", "UNOPS"];

fn any_share() -> impl Strategy<Value = (usize, usize, bool, i64)> {
    (0..NAMES.len(), 0..Class::ALL.len(), any::<bool>(), 0_i64..1_000_000_000)
}

/// A plan whose gross amounts are lines and at most a tenth more.
fn any_case() -> impl Strategy<Value = Case> {
    let shares = prop::collection::vec(any_share(), 1..12);
    let residues = prop::collection::vec(0_i64..50_000_000, NAMES.len());
    (shares, residues, facts()).prop_map(|(shares, residues, facts)| {
        let shares: Vec<PlannedShare> = shares
            .into_iter()
            .enumerate()
            .map(|(index, (who, class, oversight, amount))| {
                let beneficiary = if oversight {
                    Beneficiary::OversightFormal
                } else {
                    Beneficiary::Police
                };
                let text = Money::from_cents(i128::from(amount)).to_string();
                share(
                    &format!("L{index:02}"),
                    NAMES[who],
                    Class::ALL[class],
                    beneficiary,
                    &text,
                )
            })
            .collect();
        let gross: Vec<String> = NAMES
            .iter()
            .zip(residues)
            .map(|(name, residue)| {
                let own = shares.iter().filter(|share| share.recipient == *name);
                let lines: i128 = own.map(|share| share.amount.cents()).sum();
                Money::from_cents(lines + i128::from(residue)).to_string()
            })
            .collect();
        let requests: Vec<(&str, &str)> =
            NAMES.into_iter().zip(gross.iter().map(String::as_str)).collect();
        let mut case = Case::of(shares, &requests);
        case.facts = facts;
        case
    })
}

/// Facts of which some rules fail, some are unknown and some were not measured.
fn facts() -> impl Strategy<Value = Facts> {
    let lines = prop::collection::vec((0..12_usize, 0..2_usize), 0..3);
    let state = || prop_oneof![4 => Just(0_u8), 1 => Just(1), 1 => Just(2), 1 => Just(3)];
    (state(), state(), state(), state(), lines, 0_i128..10_000, 0_i128..1_000_000_000)
        .prop_map(|(progress, review, oversight, ceiling, lines, cap, past)| {
            let mut facts = passing_facts();
            let mut set = |metric: &str, state: u8, fail: Fact, unknown: Fact| match state
            {
                1 => drop(facts.0.insert(metric.to_owned(), fail)),
                2 => drop(facts.0.insert(metric.to_owned(), unknown)),
                3 => drop(facts.0.remove(metric)),
                _ => {}
            };
            let range = Bounds { low: 0, high: 10_000 };
            let between = Fact { numerator: Some(range), ..exact(0, 10_000) };
            set("software_progress", progress, exact(0, 10_000), between.clone());
            set("review_first", review, predicate(1, 0), predicate(0, 1));
            let nothing = Fact { numerator: Some(Bounds::exact(0)), ..Fact::default() };
            let maybe = Fact { numerator: Some(range), ..Fact::default() };
            set("oversight_present", oversight, nothing, maybe);
            let with_items = |mut fact: Fact| {
                fact.items = vec![
                    number("cap_bps", "", cap),
                    number("past_direct", "", past),
                    number("past_hardware_high", "", past / 3),
                ];
                fact
            };
            let (over, open) = (with_items(exact(10_000, 10_000)), with_items(between));
            set("hardware_ceiling", ceiling, over, open);
            let mut screen = predicate(0, 0);
            for (line, result) in lines {
                let word = ["FAIL", "UNKNOWN"][result];
                screen.items.push(item("line", &format!("L{line:02}"), word, "E1"));
                let by = |word: &str| {
                    screen.items.iter().filter(|i| i.result == word).count() as i128
                };
                let (fails, unknown) = (by("FAIL"), by("UNKNOWN"));
                screen.numerator = Some(Bounds { low: fails, high: fails + unknown });
            }
            facts.0.insert("eligibility_screen".to_owned(), screen);
            facts
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_cent_is_lost(case in any_case()) {
        let decision = case.decide();
        prop_assert_eq!(decision.payable.plus(decision.held).unwrap(), decision.requested);
        let mut sums = [0_i128; 3];
        for who in &decision.recipients {
            prop_assert_eq!(who.payable.plus(who.held).unwrap(), who.requested);
            prop_assert!(who.payable >= Money::ZERO && who.held >= Money::ZERO);
            for (sum, money) in sums.iter_mut().zip([who.requested, who.payable, who.held]) {
                *sum += money.cents();
            }
        }
        let whole = [decision.requested, decision.payable, decision.held].map(Money::cents);
        prop_assert_eq!(sums, whole);
        let classes = decision.by_class.named();
        let requested: i128 = classes.iter().map(|(_, of)| of.requested.cents()).sum();
        let payable: i128 = classes.iter().map(|(_, of)| of.payable.cents()).sum();
        prop_assert_eq!((requested, payable), (whole[0], whole[1]));
        for (name, of) in classes {
            prop_assert!(of.payable <= of.requested, "{} {:?}", name, of);
            prop_assert!(of.payable >= Money::ZERO, "{} {:?}", name, of);
        }
    }

    #[test]
    fn less_software_progress_never_pays_more(case in any_case()) {
        let passes = case.clone().with("software_progress", exact(10_000, 10_000)).decide();
        for worse in [exact(0, 10_000), milestones(&[("A", None, 1, false)])] {
            let worse = case.clone().with("software_progress", worse).decide();
            prop_assert!(worse.payable <= passes.payable);
        }
        let removed = case.without("software_progress").decide();
        prop_assert!(removed.payable <= passes.payable);
    }

    #[test]
    fn removing_a_fact_never_pays_more(case in any_case(), at in 0..19_usize) {
        let before = case.decide();
        let names: Vec<String> = case.facts.0.keys().cloned().collect();
        let Some(name) = names.get(at) else { return Ok(()) };
        let after = case.without(name).decide();
        prop_assert!(after.payable <= before.payable, "{}", name);
        prop_assert!(after.verdict != Verdict::Release || before.verdict == Verdict::Release);
    }

    #[test]
    fn the_ceiling_is_kept(case in any_case()) {
        let decision = case.decide();
        let finding = rule(&decision, "R08");
        let Some(fact) = case.facts.0.get("hardware_ceiling") else { return Ok(()) };
        if finding.result != RuleResult::Fail || decision.verdict != Verdict::Partial {
            return Ok(());
        }
        let item = |kind: &str| fact.items.iter().find(|i| i.kind == kind).unwrap().number.unwrap();
        let of = decision.by_class;
        let doubtful = of.mixed.payable.cents() + of.unclassified.payable.cents();
        let hardware = of.hardware.payable.cents() + doubtful;
        let direct = hardware
            + of.training.payable.cents()
            + of.sector_wide.payable.cents()
            + of.out_of_scope.payable.cents();
        let exempt: i128 = case.plan.shares.iter()
            .filter(|s| s.gate_treatment == GateTreatment::ExemptOversight)
            .map(|s| s.amount.cents()).sum();
        let left = (hardware + item("past_hardware_high")) * 10_000;
        let right = (direct + item("past_direct")) * item("cap_bps");
        // Exempt hardware alone may stand above the ceiling; gated never adds to it then.
        prop_assert!(left <= right || hardware <= exempt);
    }

    #[test]
    fn the_order_of_shares_changes_nothing(case in any_case()) {
        let mut turned = case.clone();
        turned.plan.shares.reverse();
        let (a, b) = (case.decide(), turned.decide());
        prop_assert_eq!(a.payable, b.payable);
        prop_assert_eq!(a.by_class, b.by_class);
        prop_assert_eq!(a.blocked_lines, b.blocked_lines);
    }
}

/// Bounds of progress in basis points of one weight.
fn progress() -> impl Strategy<Value = (i128, i128)> {
    (0_i128..=10_000, 0_i128..=10_000).prop_map(|(a, b)| (a.min(b), a.max(b)))
}

fn at(low: i128, high: i128) -> Fact {
    Fact { numerator: Some(Bounds { low, high }), ..exact(0, 10_000) }
}

fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Release => 4,
        Verdict::Partial => 3,
        Verdict::Indeterminate => 2,
        Verdict::Hold => 1,
        Verdict::Invalid => 0,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn more_software_progress_never_turns_release_into_hold(
        case in any_case(), first in progress(), second in progress(),
    ) {
        // Both bounds rise, or stay.
        let more = (first.0.max(second.0), first.1.max(second.1));
        let before = case.clone().with("software_progress", at(first.0, first.1)).decide();
        let after = case.with("software_progress", at(more.0, more.1)).decide();
        prop_assert!(after.payable >= before.payable);
        prop_assert!(before.verdict != Verdict::Release || after.verdict == Verdict::Release);
    }

    #[test]
    fn not_knowing_how_far_progress_is_never_pays_more(
        case in any_case(), (low, high) in progress(),
    ) {
        // The least that it can be is what is paid on, at most.
        let least = case.clone().with("software_progress", at(low, low)).decide();
        let range = case.clone().with("software_progress", at(low, high)).decide();
        prop_assert!(range.payable <= least.payable);
        // And what was measured at the most can only have paid as much or more.
        let most = case.with("software_progress", at(high, high)).decide();
        prop_assert!(range.payable <= most.payable);
    }

    #[test]
    fn levers_together_pay_more_than_none(case in any_case()) {
        let decision = case.decide();
        match decision.levers.gives {
            Some(gives) => {
                let better = rank(gives.verdict) > rank(decision.verdict);
                prop_assert!(better || gives.payable > decision.payable);
                prop_assert!(!decision.levers.all_of.is_empty());
            }
            None => prop_assert!(decision.levers.all_of.is_empty()),
        }
    }

    #[test]
    fn what_does_not_decide_is_the_same_at_both_ends(case in any_case()) {
        let decision = case.decide();
        let told = &decision.classification;
        for end in [&told.as_software, &told.as_hardware].into_iter().flatten() {
            let same = end.payable == decision.payable && end.verdict == decision.verdict;
            prop_assert!(told.decides || same);
        }
        let doubtful = case.plan.shares.iter().any(|share| {
            share.class.is_doubtful() && share.amount > Money::ZERO
        });
        prop_assert_eq!(told.as_software.is_some(), doubtful);
        prop_assert_eq!(told.decides, !told.lines.is_empty());
    }

    #[test]
    fn the_order_of_facts_changes_nothing(case in any_case()) {
        let mut turned = case.clone();
        for fact in turned.facts.0.values_mut() {
            fact.items.reverse();
            fact.missing.reverse();
            fact.codes.reverse();
        }
        turned.plan.recipients.reverse();
        let (a, b) = (case.decide(), turned.decide());
        prop_assert_eq!(a.verdict, b.verdict);
        prop_assert_eq!((a.payable, a.held), (b.payable, b.held));
        prop_assert_eq!(a.blocked_lines, b.blocked_lines);
    }
}
