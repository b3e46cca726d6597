//! From an opened workspace to decisions: every metric once, for all requests at once.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::RecordBatch;

use crate::domain::AsOf;
use crate::engine::{Engine, Library, Params, Value};
use crate::error::{Error, Result};
use crate::gate::outcome::DataSource;
use crate::gate::policy::ParamValue;
use crate::gate::{
    self, Decision, Disagreement, EVALUATORS_DISAGREE, Override, Policy, Request,
    SoftwareScope,
};
use crate::load::files::sha256;
use crate::metrics::measure::Asked;
use crate::metrics::{Facts, Metric, Plan, ask, file, measure_all, plan};
use crate::recount;
use crate::workspace::Snapshot;
use crate::workspace::commit::REJECTS;

use super::baseline::Baseline;
use super::signed;

/// The policy with the hash of its file.
#[derive(Debug, Clone)]
pub struct PolicyFile {
    /// The policy.
    pub policy: Policy,
    /// SHA-256 of the file's bytes.
    pub sha256: String,
    /// The file's text.
    pub text: String,
}

/// Reads a policy from its text; `name` is the file in messages.
///
/// # Errors
/// A rule error with the place.
pub fn read_policy(name: &str, text: &str) -> Result<PolicyFile> {
    let policy = Policy::read_as(name, text)?;
    Ok(PolicyFile { policy, sha256: sha256(text.as_bytes()), text: text.to_owned() })
}

/// What decisions rest on.
#[derive(Debug, Clone, Copy)]
pub struct Basis<'a> {
    /// The session over the workspace.
    pub engine: &'a Engine,
    /// The effective loads.
    pub snapshot: &'a Snapshot,
    /// The metric files.
    pub library: &'a Library,
    /// The rules.
    pub policy: &'a PolicyFile,
    /// Events to this day count.
    pub as_of: AsOf,
    /// Which milestones count as software.
    pub software_scope: SoftwareScope,
}

/// The parameters that metrics may name at an as-of.
#[must_use]
pub fn parameters(policy: &Policy, as_of: AsOf, scope: SoftwareScope) -> Params {
    let mut params: Params = vec![("as_of".to_owned(), Value::Day(as_of))];
    for (name, value) in policy.parameters_on(as_of) {
        let value = match value {
            ParamValue::Number(number) => Value::Whole(number),
            ParamValue::Text(text) => Value::Text(text),
            ParamValue::Flag(flag) => Value::Whole(i64::from(flag)),
        };
        if name != "software_scope" {
            params.push((name, value));
        }
    }
    params.push(("software_scope".to_owned(), Value::Text(scope.to_string())));
    params
}

/// Decides every request, in its order: one pass of each metric over all of them.
///
/// # Errors
/// A project is unknown, a file is damaged, or a metric's SQL fails.
pub fn assess(basis: &Basis<'_>, asked: &[Asked]) -> Result<Vec<Decision>> {
    ask(basis.engine, asked)?;
    let params = parameters(&basis.policy.policy, basis.as_of, basis.software_scope);
    let mut facts: BTreeMap<Asked, Facts> = BTreeMap::new();
    let baseline = Baseline::read(basis.snapshot)?;
    let metrics: Result<Vec<Metric>> = wanted_metrics(basis, &baseline)
        .iter()
        .map(|name| Metric::read(basis.library, name))
        .collect();
    let metrics = metrics?;
    let measured = measure_all(basis.engine, &metrics, &params)?;
    for (metric, measured) in metrics.iter().zip(measured) {
        for (request, fact) in measured {
            facts.entry(request).or_default().0.insert(metric.name.clone(), fact);
        }
    }
    let told = Told {
        basis,
        baseline,
        plans: plan::plans(basis.engine, basis.snapshot, asked, basis.as_of)?,
        second: Second::read(basis, asked)?,
        quarantine: Quarantine::read(basis.snapshot)?,
        signed: signed::overrides(basis.snapshot)?,
        markers: signed::risk_markers(basis.snapshot)?,
    };
    let work = asked
        .iter()
        .map(|request| (request, facts.remove(request).unwrap_or_default()))
        .collect();
    told.decide_all(work)
}

/// Requests that are worth a thread of their own.
const PART: usize = 64;

/// Everything that is read for all requests at once, besides their facts.
struct Told<'a> {
    basis: &'a Basis<'a>,
    baseline: Baseline,
    plans: BTreeMap<Asked, Plan>,
    second: Second<'a>,
    quarantine: Quarantine,
    signed: BTreeMap<Asked, Vec<Override>>,
    markers: BTreeMap<String, i64>,
}

impl Told<'_> {
    /// Decides requests in their order, a part of them on every core: a decision depends
    /// on its own request alone.
    fn decide_all(&self, mut work: Vec<(&Asked, Facts)>) -> Result<Vec<Decision>> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let part = work.len().div_ceil(threads).max(PART);
        let mut parts = Vec::new();
        while work.len() > part {
            let rest = work.split_off(part);
            parts.push(std::mem::replace(&mut work, rest));
        }
        let decided: Vec<Result<Vec<Decision>>> = std::thread::scope(|scope| {
            let started: Vec<_> = parts
                .into_iter()
                .map(|part| scope.spawn(|| self.decide_part(part)))
                .collect();
            let last = self.decide_part(work);
            let mut decided: Vec<_> = started
                .into_iter()
                .map(|thread| match thread.join() {
                    Ok(decided) => decided,
                    Err(panic) => std::panic::resume_unwind(panic),
                })
                .collect();
            decided.push(last);
            decided
        });
        let mut all = Vec::new();
        for part in decided {
            all.append(&mut part?);
        }
        Ok(all)
    }

    fn decide_part(&self, part: Vec<(&Asked, Facts)>) -> Result<Vec<Decision>> {
        part.into_iter().map(|(request, facts)| self.decide(request, facts)).collect()
    }

    fn decide(&self, asked: &Asked, mut facts: Facts) -> Result<Decision> {
        let plan = self
            .plans
            .get(asked)
            .ok_or_else(|| Error::internal("a request has no plan"))?;
        let mut request = Request {
            overrides: self.signed.get(asked).cloned().unwrap_or_default(),
            risk_marker: self.markers.get(&asked.0).copied(),
            ..request_of(self.basis, asked, &self.quarantine)
        };
        for rule in &self.basis.policy.policy.rules {
            if let Some(measured) = &rule.measured {
                self.baseline.add_to(&mut request, &mut facts, measured);
            }
        }
        Ok(self.second.agreed(request, plan, &facts))
    }
}

/// The second evaluator over the same rows.
struct Second<'a> {
    rows: recount::rows::Rows,
    terms: recount::Terms<'a>,
}

impl<'a> Second<'a> {
    fn read(basis: &Basis<'a>, asked: &[Asked]) -> Result<Self> {
        let classified = classified(basis.engine)?;
        let wanted: BTreeSet<&str> =
            asked.iter().map(|(project, _)| project.as_str()).collect();
        let rows = recount::read(basis.snapshot, &classified, &wanted)?;
        let terms = recount::Terms {
            policy: &basis.policy.policy,
            as_of: basis.as_of,
            software_scope: basis.software_scope,
        };
        Ok(Self { rows, terms })
    }

    /// Decides; where a recount comes to other numbers the decision says so and pays
    /// nothing.
    fn agreed(&self, mut request: Request, plan: &Plan, facts: &Facts) -> Decision {
        let policy = self.terms.policy;
        let decision = gate::decide(&request, plan, facts, policy);
        let asked = (request.project_id.clone(), request.tranche);
        let again = recount::recount(&self.rows, &asked.0, asked.1, &self.terms);
        let mut found = recount::compare(&decision, plan, facts, &again, policy);
        if found.is_empty() {
            return decision;
        }
        for told in &mut found {
            let steps =
                recount::trace(&self.rows, &asked.0, asked.1, &self.terms, &told.rule_id);
            told.recount_trace = steps;
        }
        request.warnings.push(disagreement(&found));
        request.disagreements = found;
        gate::decide(&request, plan, facts, policy)
    }
}

/// What is said where two evaluators disagree.
fn disagreement(found: &[Disagreement]) -> String {
    let rules: Vec<&str> = found.iter().map(|told| told.rule_id.as_str()).collect();
    format!(
        "{EVALUATORS_DISAGREE}: two independent evaluators came to different numbers for \
         {}; nothing is payable until one of them is mended",
        rules.join(", ")
    )
}

/// The class shares of every line.
fn classified(engine: &Engine) -> Result<Vec<RecordBatch>> {
    let sql = "SELECT project_id, line_id, class, subclass, beneficiary, eligibility, \
               rule_id, confidence_bps, share_bps, amount, gate_treatment FROM classified_lines";
    Ok(engine.run(sql, &Vec::new())?.batches)
}

/// The metrics that the policy's rules name, and those of R01's alternatives.
fn wanted_metrics(basis: &Basis<'_>, baseline: &Baseline) -> Vec<String> {
    let known = file::names(basis.library);
    let mut names: Vec<String> = basis
        .policy
        .policy
        .rules
        .iter()
        .filter_map(|rule| rule.measured.as_ref())
        .flat_map(|measured| {
            // Where no milestone was changed, as first loaded is as it stands.
            let approved = measured.approved_metric.clone();
            let approved = approved.filter(|_| baseline.is_changed());
            let own = [Some(measured.metric.clone()), measured.wide_metric.clone()];
            own.into_iter().chain([approved, measured.companion.clone()]).flatten()
        })
        .collect();
    names.sort();
    names.dedup();
    names.retain(|name| known.contains(name));
    names
}

/// Rows kept out by `--quarantine`: those that name a project, and how many name none.
#[derive(Debug, Default)]
struct Quarantine {
    by_project: BTreeMap<String, usize>,
    nameless: usize,
}

impl Quarantine {
    fn read(snapshot: &Snapshot) -> Result<Self> {
        let mut found = Self::default();
        if !snapshot.has_rejects() {
            return Ok(found);
        }
        for batch in snapshot.read(REJECTS)? {
            let project = crate::metrics::column::Column::of(&batch, "project_id")?;
            for row in 0..batch.num_rows() {
                match project.text(row)? {
                    "" => found.nameless = found.nameless.saturating_add(1),
                    name => {
                        let count = found.by_project.entry(name.to_owned()).or_default();
                        *count = count.saturating_add(1);
                    }
                }
            }
        }
        Ok(found)
    }

    /// What is said of a project: rejected rows of its own, or rows that may be its own,
    /// leave the verdict open; those of others are a warning (F5).
    fn warning(&self, project: &str) -> Option<String> {
        let own = self.by_project.get(project).copied().unwrap_or(0);
        if own > 0 {
            return Some(format!(
                "QUARANTINED: {own} rows of this project were rejected"
            ));
        }
        if self.nameless > 0 {
            return Some(format!(
                "QUARANTINED: {} rejected rows name no project and may be of this one",
                self.nameless
            ));
        }
        let others = self.by_project.len();
        (others > 0).then(|| {
            format!("REJECTED_ELSEWHERE: rows of {others} other projects were rejected")
        })
    }
}

fn request_of(basis: &Basis<'_>, asked: &Asked, quarantine: &Quarantine) -> Request {
    let warnings: Vec<String> = quarantine.warning(&asked.0).into_iter().collect();
    let data = basis
        .snapshot
        .effective
        .loads
        .iter()
        .map(|load| DataSource {
            source: load.manifest.source.clone(),
            load_id: load.load_id.clone(),
            sha256: load.sha256.clone(),
        })
        .collect();
    Request {
        project_id: asked.0.clone(),
        tranche: asked.1,
        as_of: basis.as_of,
        known_at: basis.snapshot.known_at(),
        software_scope: basis.software_scope,
        policy_sha256: basis.policy.sha256.clone(),
        data,
        tool: concat!("ssrfund ", env!("CARGO_PKG_VERSION")).to_owned(),
        warnings,
        overrides: Vec::new(),
        risk_marker: None,
        disagreements: Vec::new(),
    }
}
