//! A tranche in which everything passes, and how to change it.

mod amounts;
mod beside;
mod goldens;
mod levers;
mod overrides;
mod policies;
mod properties;
mod revisions;
mod shape;

use std::collections::BTreeMap;

use crate::domain::evidence::Evidence;
use crate::domain::{AsOf, Beneficiary, Bounds, Class, GateTreatment, KnownAt, Money};
use crate::metrics::facts::{
    Beyond, Fact, Facts, Item, Plan, PlannedShare, RecipientRequest,
};

use super::outcome::{Decision, Finding};
use super::policy::{Policy, SoftwareScope};
use super::{Request, decide};

pub(crate) const SHIPPED: &str = include_str!("../../../queries/policies/pbf.toml");

/// A request with its plan, facts and policy.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) request: Request,
    pub(crate) plan: Plan,
    pub(crate) facts: Facts,
    pub(crate) policy: Policy,
}

pub(crate) fn cents(text: &str) -> Money {
    Money::parse(text).unwrap()
}

pub(crate) fn exact(numerator: i128, denominator: i128) -> Fact {
    Fact {
        numerator: Some(Bounds::exact(numerator)),
        denominator: Some(Bounds::exact(denominator)),
        ..Fact::default()
    }
}

/// A predicate: so many things fail, so many more are unknown.
pub(crate) fn predicate(fails: i128, unknown: i128) -> Fact {
    let bounds = Bounds { low: fails, high: fails + unknown };
    Fact { numerator: Some(bounds), ..Fact::default() }
}

pub(crate) fn coded(code: &str) -> Fact {
    Fact { codes: vec![code.to_owned()], ..Fact::default() }
}

pub(crate) fn item(kind: &str, id: &str, result: &str, flag: &str) -> Item {
    Item {
        kind: kind.to_owned(),
        id: id.to_owned(),
        result: result.to_owned(),
        flag: flag.to_owned(),
        ..Item::default()
    }
}

pub(crate) fn number(kind: &str, id: &str, value: i128) -> Item {
    Item { number: Some(value), ..item(kind, id, "", "") }
}

pub(crate) fn share(
    line: &str,
    recipient: &str,
    class: Class,
    beneficiary: Beneficiary,
    amount: &str,
) -> PlannedShare {
    PlannedShare {
        line_id: line.to_owned(),
        recipient: recipient.to_owned(),
        class,
        subclass: None,
        beneficiary,
        gate_treatment: GateTreatment::of(class, beneficiary, false),
        pro_rata: false,
        stale: false,
        amount: cents(amount),
        evidence: Evidence {
            table: "tranche_lines".to_owned(),
            key: format!("P1 2 {line}"),
            load_id: "l1".to_owned(),
            file: "tranche_lines.csv".to_owned(),
            row: 2,
        },
    }
}

impl Case {
    /// The worked example of D§9.3 with every rule passed.
    pub(crate) fn worked() -> Self {
        use Beneficiary::Police;
        let shares = vec![
            share("L1", "UNDP", Class::Hardware, Police, "1200000.00"),
            share("L2", "UNDP", Class::Training, Police, "300000.00"),
            share("L3", "UNDP", Class::SectorWide, Police, "250000.00"),
            share("L4", "UNDP", Class::Support, Police, "100000.00"),
        ];
        Self::of(shares, &[("UNDP", "1979500.00")])
    }

    /// Any shares and requests with every rule passed.
    pub(crate) fn of(shares: Vec<PlannedShare>, requests: &[(&str, &str)]) -> Self {
        let recipients = requests
            .iter()
            .map(|(name, amount)| RecipientRequest {
                recipient: (*name).to_owned(),
                planned: cents(amount),
                requested: cents(amount),
            })
            .collect();
        Self {
            request: Request {
                project_id: "00112233".to_owned(),
                tranche: 2,
                as_of: AsOf::parse("2024-06-30").unwrap(),
                known_at: KnownAt::parse("2024-07-05T00:00:00Z").unwrap(),
                software_scope: SoftwareScope::Strict,
                policy_sha256: "abc".to_owned(),
                data: Vec::new(),
                tool: "ssrfund 0.1.0".to_owned(),
                warnings: Vec::new(),
                overrides: Vec::new(),
                risk_marker: None,
                disagreements: Vec::new(),
            },
            plan: Plan {
                project_id: "00112233".to_owned(),
                title: "Police reform".to_owned(),
                tranche: 2,
                currency: "USD".to_owned(),
                recipients,
                shares,
                beyond: Beyond::default(),
            },
            facts: passing_facts(),
            policy: Policy::read(SHIPPED).unwrap(),
        }
    }

    pub(crate) fn with(mut self, metric: &str, fact: Fact) -> Self {
        self.facts.0.insert(metric.to_owned(), fact);
        self
    }

    pub(crate) fn without(mut self, metric: &str) -> Self {
        self.facts.0.remove(metric);
        self
    }

    pub(crate) fn decide(&self) -> Decision {
        decide(&self.request, &self.plan, &self.facts, &self.policy)
    }
}

/// Facts on which every rule that is built passes.
pub(crate) fn passing_facts() -> Facts {
    let mut ceiling = exact(0, 100);
    ceiling.items = vec![
        number("cap_bps", "", 5000),
        number("past_direct", "", 0),
        number("past_hardware_high", "", 0),
    ];
    let mut spending = exact(80, 100);
    spending.items = vec![
        number("category", "1", 120),
        number("category_of", "1", 100),
        number("template_year", "", 2020),
    ];
    let mut gender = exact(15, 100);
    gender.items = vec![
        item("least_share", "", "", "gender_bps"),
        number("template_year", "", 2020),
    ];
    let mut indirect = exact(700, 10_000);
    indirect.items = vec![item("recipient", "UNDP", "PASS", "")];
    let named = [
        ("software_progress", exact(10_000, 10_000)),
        ("previous_tranche_use", exact(75, 100)),
        ("reports_due", exact(2, 2)),
        ("certified_statements", exact(1, 1)),
        ("review_first", predicate(0, 0)),
        ("eligibility_screen", predicate(0, 0)),
        ("due_diligence", predicate(0, 0)),
        ("hardware_ceiling", ceiling),
        ("category_reallocation", coded("NOT_APPLICABLE")),
        ("category_spending", spending),
        ("gender_allocation", gender),
        ("monitoring_allocation", exact(5, 100)),
        ("absorption", exact(150, 100)),
        ("funds_available", exact(100, 100)),
        ("asset_sustainability", coded("NOT_APPLICABLE")),
        ("refunds_outstanding", coded("NOT_APPLICABLE")),
        ("mission_clearance", predicate(0, 0)),
        ("indirect_cost", indirect),
        ("tranche_arithmetic", predicate(0, 0)),
        ("project_in_time", predicate(0, 0)),
        ("signatures", predicate(0, 0)),
        (
            "oversight_present",
            Fact { numerator: Some(Bounds::exact(1)), ..Fact::default() },
        ),
        ("classification_coverage", exact(0, 100)),
        ("freshness", predicate(0, 0)),
        ("second_signature", exact(2, 2)),
        ("delivery_balance", exact(0, 10_000)),
        ("dialogue_share", dialogue()),
        ("phasing", coded(crate::metrics::facts::NOT_APPLICABLE)),
    ];
    let named: BTreeMap<String, Fact> =
        named.into_iter().map(|(name, fact)| (name.to_owned(), fact)).collect();
    Facts(named)
}

/// The share of dialogue, which is never tested.
fn dialogue() -> Fact {
    let mut fact = exact(25, 175);
    fact.items = vec![number("non_state", "", 0)];
    fact
}

pub(crate) fn rule<'d>(decision: &'d Decision, id: &str) -> &'d Finding {
    decision.rules.iter().find(|finding| finding.rule_id == id).unwrap()
}

/// Software milestones: id, achieved basis points (none: unknown), weight, critical.
pub(crate) fn milestones(list: &[(&str, Option<i128>, i128, bool)]) -> Fact {
    let sum = |missing: i128| -> i128 {
        list.iter().map(|(_, a, w, _)| w * a.unwrap_or(missing)).sum()
    };
    let mut fact = Fact {
        numerator: Some(Bounds { low: sum(0), high: sum(10_000) }),
        denominator: Some(Bounds::exact(
            list.iter().map(|(_, _, w, _)| w * 10_000).sum(),
        )),
        ..Fact::default()
    };
    for (id, achieved, weight, critical) in list {
        let result = match achieved {
            Some(10_000) => "PASS",
            Some(_) => "FAIL",
            None => "UNKNOWN",
        };
        let flag = if *critical { "critical" } else { "" };
        let mut milestone = item("milestone", id, result, flag);
        milestone.number = *achieved;
        fact.items.push(milestone);
        fact.items.push(number("weight", id, *weight));
        if achieved.is_none() {
            fact.missing.push(format!("observation of {id}"));
        }
    }
    fact
}
