//! What the money buys: class, eligibility and gate treatment of lines and transactions.
//!
//! The text work is pure ([`ruleset`] over [`text`], [`lexicon`], [`procedure`],
//! [`amounts`], [`parts`], [`screens`], [`sectors`], [`language`],
//! [`measured`]; its result is an [`answer`]) and its rules are data under
//! `queries/classification`. [`lines`] gives every budget line its class shares, [`planned`]
//! every tranche its planned shares, [`transactions`] does the same for transactions, and
//! [`function`] is `classify(…)` in SQL.

pub mod agreement;
pub mod amounts;
pub mod answer;
pub mod compare;
pub mod coverage;
mod decided;
pub mod function;
pub mod language;
pub mod lexicon;
pub mod lines;
pub mod measured;
pub mod parts;
pub mod planned;
pub mod procedure;
pub mod ruleset;
pub mod safety;
pub mod screens;
pub mod sectors;
mod stale;
pub mod text;
pub mod transactions;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use answer::{Answer, Question};
pub use ruleset::RuleSet;

use crate::engine::{Engine, Library};
use crate::error::Result;
use crate::load::files::sha256;
use crate::workspace::Snapshot;
use crate::workspace::derived::Cache;

/// Reads the classification rules of a library, with the hash of all their text.
///
/// # Errors
/// A rule file that cannot be understood.
pub fn read_rules(library: &Library) -> Result<(RuleSet, String)> {
    read_rules_with(library, &BTreeMap::new())
}

/// The same, with other texts for some files, named by their path below
/// `classification`.
///
/// # Errors
/// A rule file that cannot be understood.
pub fn read_rules_with(
    library: &Library,
    other: &BTreeMap<String, String>,
) -> Result<(RuleSet, String)> {
    let mut files = Vec::new();
    let mut all = String::new();
    for path in library.list("classification") {
        let inside = path.strip_prefix("classification/").unwrap_or(&path);
        let text = match other.get(inside) {
            Some(text) => text.clone(),
            None => library.text(&path)?,
        };
        all.push_str(&path);
        all.push('\0');
        all.push_str(&text);
        all.push('\0');
        files.push((inside.to_owned(), text));
    }
    Ok((RuleSet::read(&files)?, sha256(all.as_bytes())))
}

/// Derives and registers `classified_lines`, `planned_shares` and, where they are many in
/// `cache`, `classified_transactions`, and adds the function `classify`.
///
/// # Errors
/// A stored file is damaged, or an amount exceeds 128 bits.
pub fn register(
    engine: &Engine,
    snapshot: &Snapshot,
    rules: &Arc<RuleSet>,
    cache: &Cache,
) -> Result<()> {
    let lines = register_plan(engine, snapshot, rules)?;
    transactions::register(engine, snapshot, &lines, rules, cache)?;
    engine.function(function::classify(Arc::clone(rules)));
    Ok(())
}

/// Derives and registers `classified_lines` and `planned_shares`: all that the gate
/// needs.
///
/// # Errors
/// A stored file is damaged, or an amount exceeds 128 bits.
pub fn register_plan(
    engine: &Engine,
    snapshot: &Snapshot,
    rules: &RuleSet,
) -> Result<lines::ClassifiedLines> {
    let classified = lines::ClassifiedLines::derive(snapshot, rules)?;
    classified.register(engine)?;
    planned::register(engine, snapshot, &classified)?;
    Ok(classified)
}
