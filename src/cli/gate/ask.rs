//! Which tranches are asked about: one project's, a country's, all, or those that are due.

use std::collections::{BTreeMap, BTreeSet};

use crate::decision::calendar::{self, Due};
use crate::domain::AsOf;
use crate::domain::codes::country_alpha3;
use crate::domain::ids;
use crate::engine::ledger::{Entry, entries};
use crate::error::{Error, Result, did_you_mean};
use crate::metrics::measure::Asked;
use crate::metrics::plan::{next_tranches, projects_planning};
use crate::workspace::Snapshot;

use super::super::context::Context;
use super::super::flags::SelectArgs;
use super::super::output;

/// The tranches that are asked about, ordered by project, and why each is due.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// The requests.
    pub(super) asked: Vec<Asked>,
    /// What is due, where `--due` asks.
    pub(super) due: BTreeMap<Asked, Vec<Due>>,
}

/// The requests at an as-of: one project's, or those of many (Q03), ordered by project.
///
/// # Errors
/// A project or country is unknown, or a stored file is damaged.
pub(super) fn wanted(
    context: &Context,
    select: &SelectArgs,
    snapshot: &Snapshot,
    as_of: AsOf,
) -> Result<Wanted> {
    if let Some(typed) = &select.project {
        let request = one(context, select, typed, snapshot, as_of)?;
        let request = request.ok_or_else(|| {
            let id = ids::project_id(typed);
            Error::usage(format!("project `{id}` has no next tranche"))
                .fix("name one with `--tranche N`")
        })?;
        return Ok(Wanted { asked: vec![request], due: BTreeMap::new() });
    }
    let mut asked = many(context, select, snapshot, as_of)?;
    let mut due = BTreeMap::new();
    if select.due {
        due = calendar::due(snapshot, &asked, as_of, select.within)?;
        asked.retain(|request| due.contains_key(request));
    }
    Ok(Wanted { asked, due })
}

/// The requests on one of several days: a project may have had no next tranche then.
///
/// # Errors
/// As [`wanted`], but for a project without a next tranche.
pub(super) fn wanted_then(
    context: &Context,
    select: &SelectArgs,
    snapshot: &Snapshot,
    as_of: AsOf,
) -> Result<Vec<Asked>> {
    match &select.project {
        Some(typed) => {
            Ok(one(context, select, typed, snapshot, as_of)?.into_iter().collect())
        }
        None => Ok(wanted(context, select, snapshot, as_of)?.asked),
    }
}

/// One project's request: the tranche typed, else the next one, if there is one.
fn one(
    context: &Context,
    select: &SelectArgs,
    typed: &str,
    snapshot: &Snapshot,
    as_of: AsOf,
) -> Result<Option<Asked>> {
    let id = known_project(context, typed, snapshot)?;
    let tranche = match select.tranche {
        Some(tranche) => Some(tranche),
        None => next_tranches(snapshot, as_of)?.get(&id).copied(),
    };
    Ok(tranche.map(|tranche| (id, tranche)))
}

/// A project's id as it stands in the data.
fn known_project(context: &Context, typed: &str, snapshot: &Snapshot) -> Result<String> {
    let id = ids::project_id(typed);
    let projects = snapshot.kept("projects")?;
    let known: BTreeSet<&str> =
        entries(&projects).filter_map(|entry| entry.text("project_id")).collect();
    if !known.contains(id.as_str()) {
        let near = did_you_mean(
            &id,
            known.iter().copied(),
            "`SELECT project_id, title FROM projects` lists them",
        );
        return Err(Error::usage(format!("there is no project `{id}`")).fix(near));
    }
    if id != typed {
        output::note(context, &format!("note: `{typed}` is read as project `{id}`"));
    }
    Ok(id)
}

/// The requests of all projects, or of a country's.
fn many(
    context: &Context,
    select: &SelectArgs,
    snapshot: &Snapshot,
    as_of: AsOf,
) -> Result<Vec<Asked>> {
    let country = match &select.country {
        None => None,
        Some(text) => Some(
            country_alpha3(text)
                .ok_or_else(|| Error::usage(format!("`{text}` is not a country code")))?,
        ),
    };
    let shared = snapshot.kept("project_countries")?;
    let of_country = |entry: &Entry<'_>, id: &str| match country {
        None => true,
        Some(code) => {
            entry.text("country") == Some(code)
                || entries(&shared).any(|row| {
                    row.text("project_id") == Some(id)
                        && row.text("country") == Some(code)
                })
        }
    };
    let projects = snapshot.kept("projects")?;
    let wanted: BTreeSet<&str> = entries(&projects)
        .filter_map(|entry| Some((entry.text("project_id")?, entry)))
        .filter(|(id, entry)| of_country(entry, id))
        .map(|(id, _)| id)
        .collect();
    let asked: Vec<Asked> = match select.tranche {
        Some(tranche) => projects_planning(snapshot, tranche)?
            .into_iter()
            .filter(|id| wanted.contains(id.as_str()))
            .map(|id| (id, tranche))
            .collect(),
        None => next_tranches(snapshot, as_of)?
            .into_iter()
            .filter(|(id, _)| wanted.contains(id.as_str()))
            .collect(),
    };
    let left_out = wanted.len().saturating_sub(asked.len());
    if left_out > 0 {
        let (projects, are) =
            if left_out == 1 { ("project has", "is") } else { ("projects have", "are") };
        let text = format!("{left_out} {projects} no such tranche and {are} left out");
        output::note(context, &text);
    }
    Ok(asked)
}
