//! From facts to a settlement: judge, doubt, set aside, settle.

use crate::metrics::facts::{Facts, Plan};

use super::evaluate::{Judged, apply_disagreements, apply_doubt, judge_all};
use super::overrides::{self, Override};
use super::policy::Policy;
use super::verdict::{self, Settlement};
use super::{Request, crosscheck};

/// What came out of the rules, before and after doubt and overrides.
#[derive(Debug, Clone)]
pub(super) struct Weighed<'a> {
    /// Results before doubt was applied.
    pub(super) plain: Vec<Judged<'a>>,
    /// Results before overrides were applied.
    pub(super) doubted: Vec<Judged<'a>>,
    /// Results that count.
    pub(super) judged: Vec<Judged<'a>>,
    /// The answer with its money.
    pub(super) settled: Settlement,
    /// Overrides that changed something, by id.
    pub(super) applied: Vec<String>,
    /// What is said of overrides that did not.
    pub(super) refused: Vec<String>,
}

/// Weighs a request on facts, those that were graded first.
pub(super) fn weigh<'a>(
    request: &Request,
    plan: &Plan,
    facts: [&'a Facts; 2],
    policy: &'a Policy,
) -> Weighed<'a> {
    let mut plain = judge_all(request, plan, facts, policy);
    let [_, measured] = facts;
    crosscheck::cross_check(&mut plain, measured, request.as_of);
    let mut doubted = plain.clone();
    apply_doubt(&mut doubted);
    apply_disagreements(&mut doubted, request);
    let (standing, mut refused) = overrides::standing(request, policy);
    let mut judged = doubted.clone();
    let (applied, told) = overrides::apply(&mut judged, &standing, plan, request);
    refused.extend(told);
    let settled = verdict::settle(plan, &judged, policy, request.as_of);
    Weighed { plain, doubted, judged, settled, applied, refused }
}

impl Weighed<'_> {
    /// The answer if only those overrides were applied that `keep` says.
    pub(super) fn settled_with(
        &self,
        request: &Request,
        plan: &Plan,
        policy: &Policy,
        keep: impl Fn(&Override) -> bool,
    ) -> Settlement {
        let (mut standing, _) = overrides::standing(request, policy);
        standing.retain(|one| keep(one));
        let mut judged = self.doubted.clone();
        overrides::apply(&mut judged, &standing, plan, request);
        verdict::settle(plan, &judged, policy, request.as_of)
    }
}
