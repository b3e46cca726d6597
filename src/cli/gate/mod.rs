//! `ssrfund gate`: whether a tranche may be paid, why, and what would change it.
//!
//! [`ask`] finds the tranches that are asked about, [`write`] says what was decided;
//! [`board`], [`simulate`] and [`headroom`] are the same decisions as tables; [`todo`] is
//! what is missing as a form, and [`revised`] what a partial release does to the plan.

mod ask;
mod board;
mod headroom;
mod revised;
mod simulate;
mod todo;
mod write;

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::decision::assess::{self, PolicyFile};
use crate::decision::calendar::{self, Due};
use crate::domain::AsOf;
use crate::domain::time::parse_day;
use crate::domain::verdict::{Verdict, worst_exit};
use crate::error::{Error, Result, visible};
use crate::gate::Decision;
use crate::metrics::measure::Asked;

use super::context::{Context, Opened};
use super::decision::record;
use super::flags::{CheckArgs, Each, FailOn, GateArgs, GateCommand, SelectArgs};
use super::rules;

use write::Detail;

/// Runs a command of `gate`.
///
/// # Errors
/// A project is unknown, or the data or policy cannot be used.
pub fn run(context: &Context, args: &GateArgs) -> Result<u8> {
    match &args.command {
        GateCommand::Check(args) => check(context, args, false),
        GateCommand::Explain(args) => check(context, args, true),
        GateCommand::Board(args) => board::run(context, args),
        GateCommand::Simulate(args) => simulate::run(context, args),
        GateCommand::Headroom(args) => headroom::run(context, args),
    }
}

fn check(context: &Context, args: &CheckArgs, whole: bool) -> Result<u8> {
    let select = &args.select;
    let is_one = select.project.is_some();
    if !is_one && !select.all && select.country.is_none() && !select.due {
        return Err(Error::usage("no project is named")
            .fix("name one, or write `--all`, `--country ISO3` or `--due`"));
    }
    // With `--record` the verdicts are in the log before anything is shown.
    let (opened, wanted) = match &args.by {
        Some(by) if args.record => record::decide(context, args, by)?,
        _ => {
            let policy = rules::policy(context, args.policy.as_deref())?;
            let opened = context.open_to_decide_by(&policy.policy)?;
            let wanted = decide_wanted(context, args, &opened, &policy)?;
            (opened, wanted)
        }
    };
    let Wanted { decisions, due } = wanted;
    if let Some(place) = &args.todo {
        todo::write(context, &opened, &decisions, place)?;
    }
    if let (Some(folder), [decision]) = (&args.emit_revised, decisions.as_slice()) {
        revised::write(context, &opened, decision, folder)?;
    }
    let detail = match (whole, is_one) {
        (true, _) => Detail::Everything,
        (false, true) => Detail::Reasons,
        (false, false) => Detail::Lines,
    };
    write::write(context, &decisions, &due, detail, !is_one)?;
    Ok(exit_code(context, &decisions))
}

/// What was decided, and why each tranche is due.
#[derive(Debug)]
pub(super) struct Wanted {
    /// The verdicts, by project.
    pub(super) decisions: Vec<Decision>,
    due: BTreeMap<Asked, Vec<Due>>,
}

/// Decides what `gate check` asks, in one pass.
///
/// # Errors
/// A project is unknown, or the data or policy cannot be used.
pub(super) fn decide_wanted(
    context: &Context,
    args: &CheckArgs,
    opened: &Opened,
    policy: &PolicyFile,
) -> Result<Wanted> {
    let as_of = context.as_of()?;
    let wanted = ask::wanted(context, &args.select, &opened.snapshot, as_of)?;
    let decisions = decide_over(opened, policy, as_of, &wanted.asked)?;
    Ok(Wanted { decisions, due: wanted.due })
}

fn exit_code(context: &Context, decisions: &[Decision]) -> u8 {
    let worst = worst_exit(decisions.iter().map(|decision| decision.verdict.exit_code()));
    let raised = match context.flags.fail_on {
        None => false,
        Some(FailOn::Warn) => decisions.iter().any(|d| !d.warnings.is_empty()),
        Some(FailOn::Partial) => decisions.iter().any(|d| d.verdict == Verdict::Partial),
        Some(FailOn::Indeterminate) => {
            decisions.iter().any(|d| d.verdict == Verdict::Indeterminate)
        }
    };
    if worst == 0 && raised { 1 } else { worst }
}

/// Decides stated requests with the shipped policy, in one pass.
///
/// # Errors
/// A project is unknown, or the data or policy cannot be used.
pub fn decide_all(context: &Context, asked: &[Asked]) -> Result<Vec<Decision>> {
    let policy = rules::policy(context, None)?;
    decide_over(
        &context.open_to_decide_by(&policy.policy)?,
        &policy,
        context.as_of()?,
        asked,
    )
}

fn decide_over(
    opened: &Opened,
    policy: &PolicyFile,
    as_of: AsOf,
    asked: &[Asked],
) -> Result<Vec<Decision>> {
    // Switches stand as on that day.
    let policy = PolicyFile {
        policy: policy.policy.clone().on(as_of),
        sha256: policy.sha256.clone(),
        text: policy.text.clone(),
    };
    let basis = assess::Basis {
        engine: &opened.engine,
        snapshot: &opened.snapshot,
        library: &opened.library,
        policy: &policy,
        as_of,
        software_scope: policy.policy.software_scope,
    };
    assess::assess(&basis, asked)
}

/// The days at which a question is repeated: the ends of steps, and the as-of.
fn days(context: &Context, each: Option<Each>, since: Option<&str>) -> Result<Vec<AsOf>> {
    let as_of = context.as_of()?;
    let Some(each) = each else { return Ok(vec![as_of]) };
    let since = match since {
        None => as_of.0.checked_sub_months(chrono::Months::new(12)).unwrap_or(as_of.0),
        Some(text) => parse_day(text).ok_or_else(|| {
            Error::usage(format!("`{}` is not a calendar day", visible(text)))
                .fix("write `--since YYYY-MM-DD`")
        })?,
    };
    let months = match each {
        Each::Month => 1,
        Each::Quarter => 3,
        Each::Year => 12,
    };
    let days: Vec<NaiveDate> = calendar::ends(since, as_of, months);
    if days.is_empty() {
        return Err(Error::usage(format!("`--since {since}` lies after the as-of")));
    }
    Ok(days.into_iter().map(AsOf).collect())
}

/// The same selection; where nothing is named, all.
fn all_unless_named(select: &SelectArgs) -> SelectArgs {
    let mut select = select.clone();
    select.all |= select.project.is_none();
    select
}
