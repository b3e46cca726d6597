//! Which loads count at an instant of knowledge.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::domain::KnownAt;
use crate::error::{Error, Result};
use crate::load::files::sha256;

use super::{Manifest, Workspace};

/// A load as it stands on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadRef {
    /// Its id: instant of recording and 16 hex digits of the hash of its load.json.
    pub load_id: String,
    /// When it was recorded.
    pub recorded_at: KnownAt,
    /// SHA-256 of its load.json.
    pub sha256: String,
    /// Its folder.
    pub folder: PathBuf,
    /// What it says about itself.
    pub manifest: Manifest,
}

/// The loads that count, oldest first, and the instant at which they do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    /// The instant: as asked, else when the newest load was recorded.
    pub known_at: KnownAt,
    /// The loads.
    pub loads: Vec<LoadRef>,
    /// Loads recorded by then that were replaced since, oldest first.
    pub earlier: Vec<LoadRef>,
}

/// Returns all loads of a workspace, oldest first, each checked against its id.
///
/// # Errors
/// A load whose `load.json` is missing, damaged or not the one that its id names.
pub fn loads(workspace: &Workspace) -> Result<Vec<LoadRef>> {
    let folder = workspace.loads();
    let entries =
        std::fs::read_dir(&folder).map_err(|error| Error::io("read", &folder, error))?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| Error::io("read", &folder, error))?.path();
        let name = crate::load::files::name_of(&path);
        if !name.starts_with('.') {
            found.push(read_load(&name, path)?);
        }
    }
    found.sort_by(|a, b| {
        a.recorded_at.cmp(&b.recorded_at).then_with(|| a.load_id.cmp(&b.load_id))
    });
    check_chain(&found)?;
    Ok(found)
}

/// Every load names the one before it, so a load that was taken away is noticed.
fn check_chain(loads: &[LoadRef]) -> Result<()> {
    let mut before: Option<&LoadRef> = None;
    for load in loads {
        let expected = before.map(|load| load.sha256.as_str());
        if load.manifest.previous.as_deref() != expected {
            let what = format!(
                "load `{}` does not follow the load before it: a load is missing or was \
                 changed",
                load.load_id
            );
            return Err(Error::data(what).fix("restore the workspace from a copy"));
        }
        before = Some(load);
    }
    Ok(())
}

fn read_load(load_id: &str, folder: PathBuf) -> Result<LoadRef> {
    let damaged = |why: &str| {
        Error::data(format!("load `{load_id}` is damaged: {why}"))
            .fix("restore its folder from a copy")
    };
    let path = folder.join("load.json");
    let bytes = std::fs::read(&path).map_err(|_| damaged("its load.json is missing"))?;
    let hash = sha256(&bytes);
    let short = hash.get(..16).unwrap_or_default();
    if !load_id.ends_with(&format!("-{short}")) {
        return Err(damaged("its load.json is not the one that its name was made from"));
    }
    let manifest: Manifest = serde_json::from_slice(&bytes)
        .map_err(|_| damaged("its load.json cannot be understood"))?;
    let recorded_at = KnownAt::parse(&manifest.recorded_at)
        .ok_or_else(|| damaged("its recorded_at is no instant"))?;
    if super::commit::load_id(recorded_at, &hash) != load_id {
        return Err(damaged("its name does not fit its instant"));
    }
    let load_id = load_id.to_owned();
    Ok(LoadRef { load_id, recorded_at, sha256: hash, folder, manifest })
}

/// Returns the loads that count at `known_at` (default: now, that is the newest load):
/// per source, the newest replacing load recorded at or before it and later appends.
///
/// # Errors
/// There is no load, or none at or before `known_at`.
pub fn effective(all: &[LoadRef], known_at: Option<KnownAt>) -> Result<Effective> {
    let newest = all.last().ok_or_else(|| {
        Error::usage("the workspace has no data yet")
            .fix("load some: `ssrfund load --source NAME FILE…`")
    })?;
    let known_at = known_at.unwrap_or(newest.recorded_at);
    let mut by_source: BTreeMap<&str, Vec<&LoadRef>> = BTreeMap::new();
    let mut earlier = Vec::new();
    for load in all.iter().filter(|load| load.recorded_at <= known_at) {
        let kept = by_source.entry(&load.manifest.source).or_default();
        if load.manifest.mode == "replace" {
            earlier.extend(kept.drain(..).cloned());
        }
        kept.push(load);
    }
    let mut loads: Vec<LoadRef> = by_source.into_values().flatten().cloned().collect();
    if loads.is_empty() {
        let first = all.first().map_or(newest.recorded_at, |load| load.recorded_at);
        let what = format!("nothing was known at {known_at}");
        return Err(Error::usage(what).fix(format!("the first load is of {first}")));
    }
    loads.sort_by_key(|load| load.recorded_at);
    earlier.sort_by_key(|load: &LoadRef| load.recorded_at);
    Ok(Effective { known_at, loads, earlier })
}
