//! Which two states are compared: two loads of a source, or two instants of knowledge.
//!
//! The state as of a load is what its source told then: its newest replacing load and the
//! appends up to it. The state at an instant is what all sources, or one, told by then.

use std::collections::BTreeSet;

use crate::domain::KnownAt;
use crate::error::{Error, Result, did_you_mean, visible};

use super::{Effective, LoadRef, Snapshot, effective};

/// Two states to compare.
#[derive(Debug, Clone)]
pub struct States {
    /// The source that they are of; nothing for all sources.
    pub source: Option<String>,
    /// The earlier state.
    pub before: Snapshot,
    /// The later state.
    pub after: Snapshot,
}

/// The states as of two loads of one source. A load is named by its id, the beginning or
/// the hash of it, `latest`, or `previous` (the load of the source before the other one).
///
/// # Errors
/// A name fits no load or several, or the loads are of two sources.
pub fn of_loads(
    all: &[LoadRef],
    before: &str,
    after: &str,
    source: Option<&str>,
) -> Result<States> {
    let source = match (source, named(all, before)?, named(all, after)?) {
        (Some(source), _, _) => known_source(all, source)?,
        (None, Some(load), _) | (None, None, Some(load)) => load.manifest.source.clone(),
        (None, None, None) => only_source(all)?,
    };
    let own: Vec<&LoadRef> =
        all.iter().filter(|load| load.manifest.source == source).collect();
    let after = own_load(&own, &source, after, all, own.len())?;
    let at = own.iter().position(|load| load.load_id == after.load_id);
    let before = own_load(&own, &source, before, all, at.unwrap_or(0))?;
    let state = |load: &LoadRef| -> Result<Snapshot> {
        Ok(Snapshot::of(only(effective(all, Some(load.recorded_at))?, Some(&source))))
    };
    let (before, after) = (state(before)?, state(after)?);
    Ok(States { source: Some(source), before, after })
}

/// The states at two instants: `from` (default: the load before the newest, of the source
/// where one is given) and `to` (default: the newest load), of one source or of all.
///
/// # Errors
/// There is nothing before, or the instants stand in the wrong order.
pub fn at_instants(
    all: &[LoadRef],
    from: Option<KnownAt>,
    to: Option<KnownAt>,
    source: Option<&str>,
) -> Result<States> {
    let source = source.map(|name| known_source(all, name)).transpose()?;
    let after = effective(all, to)?;
    let from = match from {
        Some(from) => from,
        None => all
            .iter()
            .rev()
            .filter(|load| {
                let source = source.as_ref();
                load.recorded_at <= after.known_at
                    && source.is_none_or(|source| load.manifest.source == *source)
            })
            .nth(1)
            .map(|load| load.recorded_at)
            .ok_or_else(|| {
                Error::usage("there is one load only, so nothing has changed")
                    .fix("load more, or see `ssrfund data history`")
            })?,
    };
    if from > after.known_at {
        let what = format!("{from} is after {}", after.known_at);
        return Err(Error::usage(what).fix("give the earlier instant first"));
    }
    let before = Snapshot::of(only(effective(all, Some(from))?, source.as_deref()));
    let after = Snapshot::of(only(after, source.as_deref()));
    Ok(States { source, before, after })
}

/// The loads of one source among those that count.
fn only(mut state: Effective, source: Option<&str>) -> Effective {
    if let Some(source) = source {
        state.loads.retain(|load| load.manifest.source == source);
    }
    state
}

fn sources(all: &[LoadRef]) -> BTreeSet<&str> {
    all.iter().map(|load| load.manifest.source.as_str()).collect()
}

/// A source that has loads.
///
/// # Errors
/// There is none of that name; the nearest are given.
pub fn known_source(all: &[LoadRef], name: &str) -> Result<String> {
    let sources = sources(all);
    if sources.contains(name) {
        return Ok(name.to_owned());
    }
    let otherwise = format!("there are {}", listed(&sources));
    Err(Error::usage(format!("there is no source `{}`", visible(name)))
        .fix(did_you_mean(name, sources.iter().copied(), &otherwise)))
}

fn listed(sources: &BTreeSet<&str>) -> String {
    let quoted: Vec<String> = sources.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

fn only_source(all: &[LoadRef]) -> Result<String> {
    let sources = sources(all);
    match (sources.first(), sources.len()) {
        (Some(only), 1) => Ok((*only).to_owned()),
        _ => Err(Error::usage("`latest` and `previous` are loads of one source")
            .fix(format!("add `--source NAME`; there are {}", listed(&sources)))),
    }
}

/// The load that is named by id; nothing for `latest` and `previous`.
fn named<'a>(all: &'a [LoadRef], name: &str) -> Result<Option<&'a LoadRef>> {
    if matches!(name, "latest" | "previous") {
        return Ok(None);
    }
    let fits = |load: &&LoadRef| {
        let hash = load.load_id.rsplit('-').next().unwrap_or_default();
        load.load_id.starts_with(name) || hash.starts_with(name)
    };
    let mut found = all.iter().filter(fits);
    match (found.next(), found.next()) {
        (Some(load), None) if !name.is_empty() => Ok(Some(load)),
        (Some(_), _) => {
            Err(Error::usage(format!("`{}` is several loads", visible(name)))
                .fix("give more of its id; `ssrfund data history` lists them"))
        }
        (None, _) => Err(Error::usage(format!("there is no load `{}`", visible(name)))
            .fix("`ssrfund data history` lists them")),
    }
}

/// A load of a source; `previous` is the one before place `before`.
fn own_load<'a>(
    own: &[&'a LoadRef],
    source: &str,
    name: &str,
    all: &'a [LoadRef],
    before: usize,
) -> Result<&'a LoadRef> {
    let missing = |what: &str| {
        Error::usage(format!("source `{source}` has no {what} load"))
            .fix(format!("`ssrfund data history --source {source}` lists its loads"))
    };
    match name {
        "latest" => own.last().copied().ok_or_else(|| missing("latest")),
        "previous" => before
            .checked_sub(1)
            .and_then(|place| own.get(place))
            .copied()
            .ok_or_else(|| missing("previous")),
        _ => {
            let load = named(all, name)?.ok_or_else(|| missing("such"))?;
            if load.manifest.source != source {
                let what = format!(
                    "load `{}` is of source `{}`, not `{source}`",
                    load.load_id, load.manifest.source
                );
                return Err(Error::usage(what).fix("compare two loads of one source"));
            }
            Ok(load)
        }
    }
}
