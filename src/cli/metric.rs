//! `ssrfund metric`: one metric alone.

use crate::decision::assess::parameters;
use crate::domain::ids;
use crate::error::Result;
use crate::metrics::measure::Asked;
use crate::metrics::plan::next_tranches;
use crate::metrics::{Metric, ask, file};

use super::context::Context;
use super::flags::{MetricArgs, MetricCommand};
use super::{output, rules};

/// Runs a command of `metric`.
///
/// # Errors
/// There is no such metric, or its SQL fails.
pub fn run(context: &Context, args: &MetricArgs) -> Result<u8> {
    match &args.command {
        MetricCommand::List => {
            let workspace = context.workspace().ok();
            let library = context.library(workspace.as_ref())?;
            let mut out = String::new();
            for name in file::names(&library) {
                let metric = Metric::read(&library, &name)?;
                out.push_str(&format!("{name:<26} {}\n", metric.title));
            }
            output::deliver(context, out.as_bytes(), false)?;
            Ok(0)
        }
        MetricCommand::Run { name, project, tranche } => {
            let policy = rules::policy(context, None)?.policy;
            let as_of = context.as_of()?;
            let opened =
                context.open_to_decide_by(&rules::policy_behind(context)?.policy)?;
            let metric = Metric::read(&opened.library, name)?;
            let next = next_tranches(&opened.snapshot, as_of)?;
            let asked: Vec<Asked> = match project.as_deref().map(ids::project_id) {
                Some(id) => {
                    let number = tranche.or_else(|| next.get(&id).copied()).unwrap_or(1);
                    vec![(id, number)]
                }
                None => next.into_iter().collect(),
            };
            ask(&opened.engine, &asked)?;
            let params = parameters(&policy, as_of, policy.software_scope);
            let used = params
                .into_iter()
                .filter(|(name, _)| metric.facts.contains(&format!("${name}")))
                .collect();
            let sql =
                format!("SELECT * FROM ({}) ORDER BY project_id, tranche", metric.facts);
            let answer = opened.engine.run(&sql, &used)?;
            output::answer(context, &answer)?;
            Ok(0)
        }
    }
}
