//! `ssrfund classify diff`: what other rules would move, in money, and near which gates.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

use crate::classify::compare::{Matrix, Moved, add, flows, moved};
use crate::classify::lines::{ClassifiedLine, ClassifiedLines};
use crate::classify::{RuleSet, read_rules, read_rules_with};
use crate::decision::assess::{Basis, PolicyFile, assess};
use crate::domain::class::Subclass;
use crate::domain::{Class, Money, ids};
use crate::engine::ledger::entries;
use crate::engine::{Engine, Library};
use crate::error::{Error, Result};
use crate::gate::Decision;
use crate::metrics::column::Column;
use crate::metrics::measure::Asked;
use crate::metrics::plan::next_tranches;
use crate::workspace::{self, Snapshot};

use super::super::context::{Context, decide_with, switched};
use super::super::flags::RulesDiffArgs;
use super::super::report::Told;
use super::super::{rules as policies, switches};
use super::OF_CLASSES;

#[path = "diff_page.rs"]
mod page;

/// Shows what other rules would move.
///
/// # Errors
/// There is no data, or the other rules cannot be used.
pub fn run(context: &Context, args: &RulesDiffArgs) -> Result<u8> {
    let workspace = context.workspace()?;
    let snapshot = workspace::open(&workspace, context.known_at()?)?;
    let library = context.library(Some(&workspace))?;
    let policy = policies::policy(context, None)?;
    let (old_rules, hash) = read_rules(&library)?;
    let other = other_files(&library, &args.rules)?;
    let replaced: Vec<String> = other.keys().cloned().collect();
    let (new_rules, new_hash) = read_rules_with(&library, &other)?;
    let (old_rules, _) = switched(old_rules, &hash, &policy.policy);
    let (new_rules, _) = switched(new_rules, &new_hash, &policy.policy);
    let only = args.project.as_deref().map(ids::project_id);
    let wanted = |line: &ClassifiedLine| {
        only.as_ref().is_none_or(|project| *project == line.project_id)
    };
    let mut old = ClassifiedLines::derive(&snapshot, &old_rules)?;
    let mut new = ClassifiedLines::derive(&snapshot, &new_rules)?;
    old.0.retain(|_, line| wanted(line));
    new.0.retain(|_, line| wanted(line));
    let moved = moved(&old, &new)?;
    let gates =
        gates(context, &snapshot, &library, &policy, &moved, (&old_rules, &new_rules))?;
    let kept = snapshot.kept("budget_lines")?;
    let texts: BTreeMap<&str, &str> = entries(&kept)
        .filter_map(|entry| Some((entry.text("line_id")?, entry.text("description")?)))
        .collect();
    let currencies = currencies(&snapshot)?;
    let matrices = matrices(&old, &new, &currencies)?;
    let stamps = switches::told(&policy.policy, context.as_of()?, &OF_CLASSES);
    let notes = vec![
        format!(
            "{} of {} lines would be read in another way; manual decisions stay.",
            moved.len(),
            old.0.len()
        ),
        format!("Other rules: {}.", replaced.join(", ")),
        switches::sentence(&policy.policy, &stamps),
    ];
    let rows: Vec<Value> =
        moved.iter().map(|one| row(one, &texts, &currencies, &gates)).collect();
    let object = json!({
        "report": "rules-diff",
        "title": "What other rules would move",
        "as_of": context.as_of()?,
        "known_at": snapshot.known_at(),
        "replaced": replaced,
        "lines": old.0.len(),
        "matrix": matrices.iter().flat_map(|(currency, matrix)| cells(currency, matrix)).collect::<Vec<_>>(),
        "rows": rows,
        "gates": gates.flips.iter().map(Flip::value).collect::<Vec<_>>(),
        "notes": notes,
        "definitions": {"switches": stamps},
    });
    page::write(context, &Told { object, rows, notes }, &matrices, &gates.flips)?;
    Ok(0)
}

/// The texts of the files that a path holds, by their place below `classification`.
fn other_files(library: &Library, path: &Path) -> Result<BTreeMap<String, String>> {
    let known: Vec<String> = library
        .list("classification")
        .iter()
        .map(|path| path.strip_prefix("classification/").unwrap_or(path).to_owned())
        .collect();
    let read = |place: &Path| {
        std::fs::read_to_string(place).map_err(|error| Error::io("read", place, error))
    };
    let shown = crate::error::visible(&path.to_string_lossy());
    let mut found = BTreeMap::new();
    if path.is_dir() {
        for inside in &known {
            let places = [path.join(inside), path.join("classification").join(inside)];
            if let Some(place) = places.iter().find(|place| place.is_file()) {
                found.insert(inside.clone(), read(place)?);
            }
        }
    } else {
        let text = read(path)?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let same = |inside: &&String| {
            Path::new(inside).file_name().map(|n| n.to_string_lossy().into_owned())
                == name
        };
        if let Some(inside) = known.iter().find(same) {
            found.insert(inside.clone(), text);
        }
    }
    if found.is_empty() {
        let what = format!("`--rules {shown}` is none of the rule files");
        return Err(Error::usage(what).fix(format!(
            "name a file, or files of a folder, like {}",
            known.join(", ")
        )));
    }
    Ok(found)
}

/// The currency of each project.
fn currencies(snapshot: &Snapshot) -> Result<BTreeMap<String, String>> {
    Ok(entries(&snapshot.kept("projects")?)
        .filter_map(|entry| {
            Some((
                entry.text("project_id")?.to_owned(),
                entry.text("currency")?.to_owned(),
            ))
        })
        .collect())
}

/// Where the money of all lines stands and would stand, by currency.
fn matrices(
    old: &ClassifiedLines,
    new: &ClassifiedLines,
    currencies: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, Matrix>> {
    let mut all: BTreeMap<String, Matrix> = BTreeMap::new();
    for (id, old) in &old.0 {
        let Some(new) = new.0.get(id) else { continue };
        let currency = currencies.get(&old.project_id).cloned().unwrap_or_default();
        add(all.entry(currency).or_default(), &flows(old, new)?)?;
    }
    Ok(all)
}

fn cells<'a>(currency: &'a str, matrix: &'a Matrix) -> impl Iterator<Item = Value> + 'a {
    matrix.iter().map(move |((from, to), money)| {
        json!({"currency": currency, "from": from, "to": to, "amount": money})
    })
}

/// A verdict that other rules would change, or keep.
#[derive(Debug)]
struct Flip {
    project_id: String,
    tranche: i64,
    currency: String,
    /// Planned money of lines that are read in another way.
    touched: Money,
    old: Decision,
    new: Decision,
}

impl Flip {
    fn changes(&self) -> bool {
        self.old.verdict != self.new.verdict || self.old.payable != self.new.payable
    }

    fn value(&self) -> Value {
        json!({
            "project_id": self.project_id,
            "tranche": self.tranche,
            "currency": self.currency,
            "touched": self.touched,
            "verdict": self.old.verdict,
            "new_verdict": self.new.verdict,
            "payable": self.old.payable,
            "new_payable": self.new.payable,
            "changes": self.changes(),
        })
    }
}

/// The next tranches that plan money of moved lines.
#[derive(Debug, Default)]
struct Gates {
    /// By line: the tranche and what it plans of the line.
    planned: BTreeMap<String, (i64, Money)>,
    flips: Vec<Flip>,
}

/// Decides the next tranches of the projects of moved lines with both sets of rules.
fn gates(
    context: &Context,
    snapshot: &Snapshot,
    library: &Library,
    policy: &PolicyFile,
    moved: &[Moved<'_>],
    (old_rules, new_rules): (&RuleSet, &RuleSet),
) -> Result<Gates> {
    let mut gates = Gates::default();
    let projects: BTreeSet<&str> =
        moved.iter().map(|one| one.old.project_id.as_str()).collect();
    let as_of = context.as_of()?;
    let asked: Vec<Asked> = next_tranches(snapshot, as_of)?
        .into_iter()
        .filter(|(project, _)| projects.contains(project.as_str()))
        .collect();
    if asked.is_empty() {
        return Ok(gates);
    }
    let decide = |rules: &RuleSet| -> Result<(Engine, Vec<Decision>)> {
        let engine = decide_with(context, snapshot, rules)?;
        let basis = Basis {
            engine: &engine,
            snapshot,
            library,
            policy,
            as_of,
            software_scope: policy.policy.software_scope,
        };
        let decisions = assess(&basis, &asked)?;
        Ok((engine, decisions))
    };
    let (engine, old) = decide(old_rules)?;
    let (_, new) = decide(new_rules)?;
    let lines: BTreeSet<&str> =
        moved.iter().map(|one| one.old.line_id.as_str()).collect();
    gates.planned = planned(&engine, &lines)?;
    for (old, new) in old.into_iter().zip(new) {
        let of_project = moved.iter().filter(|one| one.old.project_id == old.project_id);
        let money = of_project.filter_map(|one| gates.planned.get(&one.old.line_id));
        let touched = Money::sum(money.map(|(_, money)| *money))?;
        let flip = Flip {
            project_id: old.project_id.clone(),
            tranche: old.tranche,
            currency: old.currency.clone(),
            touched,
            old,
            new,
        };
        if touched > Money::ZERO || flip.changes() {
            gates.flips.push(flip);
        }
    }
    gates.flips.sort_by(|a, b| {
        b.changes()
            .cmp(&a.changes())
            .then_with(|| b.touched.cmp(&a.touched))
            .then_with(|| a.project_id.cmp(&b.project_id))
    });
    Ok(gates)
}

/// What the tranches that are asked about plan of some lines.
fn planned(
    engine: &Engine,
    lines: &BTreeSet<&str>,
) -> Result<BTreeMap<String, (i64, Money)>> {
    let sql = "SELECT s.line_id, s.tranche, SUM(s.amount) AS amount FROM planned_shares s \
               JOIN asked a ON a.project_id = s.project_id AND a.tranche = s.tranche \
               GROUP BY s.line_id, s.tranche";
    let mut planned = BTreeMap::new();
    for batch in &engine.run(sql, &Vec::new())?.batches {
        let column = |name| Column::of(batch, name);
        let (line, tranche, amount) =
            (column("line_id")?, column("tranche")?, column("amount")?);
        for row in 0..batch.num_rows() {
            let id = line.text(row)?;
            let number = tranche.scaled(row, 0)?.and_then(|n| i64::try_from(n).ok());
            let cents = amount.scaled(row, 2)?.unwrap_or(0);
            if let Some(number) = number.filter(|_| lines.contains(id)) {
                planned.insert(id.to_owned(), (number, Money::from_cents(cents)));
            }
        }
    }
    Ok(planned)
}

/// A line as it is and as it would be.
fn row(
    one: &Moved<'_>,
    texts: &BTreeMap<&str, &str>,
    currencies: &BTreeMap<String, String>,
    gates: &Gates,
) -> Value {
    let (old, new) = (one.old, one.new);
    let planned = gates.planned.get(&old.line_id);
    let first = |line: &ClassifiedLine| line.shares.first().cloned();
    let treatment = |line| first(line).map(|share| share.gate_treatment.code());
    let eligibility = |line| first(line).map(|share| share.eligibility);
    json!({
        "line_id": old.line_id,
        "project_id": old.project_id,
        "recipient": old.recipient,
        "currency": currencies.get(&old.project_id),
        "amount": old.amount,
        "moved": one.money,
        "from": classes(old),
        "to": classes(new),
        "from_rule": old.rule_id,
        "to_rule": new.rule_id,
        "from_confidence_bps": old.confidence_bps,
        "to_confidence_bps": new.confidence_bps,
        "from_treatment": treatment(old),
        "to_treatment": treatment(new),
        "from_eligibility": eligibility(old),
        "to_eligibility": eligibility(new),
        "next_tranche": planned.map(|(tranche, _)| *tranche),
        "in_next_tranche": planned.map(|(_, money)| *money),
        "description": texts.get(old.line_id.as_str()),
    })
}

/// The classes of a line: one, or each with its share.
fn classes(line: &ClassifiedLine) -> String {
    let name = |class: Class, subclass: Option<Subclass>| match subclass {
        Some(subclass) => format!("{class}/{subclass}"),
        None => class.code().to_owned(),
    };
    match line.shares.as_slice() {
        [only] => name(only.class, only.subclass),
        many => many
            .iter()
            .map(|share| {
                format!("{}={}", name(share.class, share.subclass), share.share_bps)
            })
            .collect::<Vec<_>>()
            .join(" "),
    }
}
