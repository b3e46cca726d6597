//! Running a metric once for all requests.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};

use crate::domain::Bounds;
use crate::domain::evidence::Evidence;
use crate::engine::{Answer, Engine, Params, Space};
use crate::error::{Error, Result};

use super::column::Column;
use super::{Fact, Item, Metric};

/// A project and the number of a tranche.
pub type Asked = (String, i64);

/// Registers the requests that metrics answer, as table `asked`.
///
/// # Errors
/// An internal error of the engine.
pub fn ask(engine: &Engine, asked: &[Asked]) -> Result<()> {
    let schema = Arc::new(Schema::new(vec![
        Field::new("project_id", DataType::Utf8, false),
        Field::new("tranche", DataType::Int64, false),
    ]));
    let projects = asked.iter().map(|(project, _)| project.as_str());
    let tranches = asked.iter().map(|(_, tranche)| *tranche);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(projects)),
        Arc::new(Int64Array::from_iter_values(tranches)),
    ];
    let batch = RecordBatch::try_new(Arc::clone(&schema), columns)
        .map_err(|error| Error::internal("cannot build a batch").caused_by(error))?;
    engine.register(Space::Evidence, "asked", &schema, vec![batch.clone()])?;
    engine.register(Space::Public, "asked", &schema, vec![batch])
}

/// Runs a metric for all requests; a request without a row has no fact.
///
/// # Errors
/// Its SQL fails, or returns columns of another shape.
pub fn measure(
    engine: &Engine,
    metric: &Metric,
    params: &Params,
) -> Result<BTreeMap<Asked, Fact>> {
    let named = |error: Error| {
        Error::rule(format!("metric `{}`: {}", metric.name, error.what()))
            .fix(error.how_to_fix().to_owned())
    };
    let listed = [Some(&metric.facts), metric.items.as_ref(), metric.evidence.as_ref()];
    let statements: Vec<&str> =
        listed.into_iter().flatten().map(String::as_str).collect();
    let params = used(&statements, params);
    let answers = engine.run_sharing(&statements, &params).map_err(named)?;
    let mut answers = answers.iter();
    let mut facts = Found::default();
    for batch in answers.next().map_or(&[][..], |answer| &answer.batches) {
        read_facts(metric, batch, &mut facts).map_err(named)?;
    }
    if metric.items.is_some()
        && let Some(answer) = answers.next()
    {
        read_items(metric, answer, &mut facts).map_err(named)?;
    }
    if metric.evidence.is_some()
        && let Some(answer) = answers.next()
    {
        read_evidence(answer, &mut facts).map_err(named)?;
    }
    Ok(facts.facts.into_iter().collect())
}

/// Facts that are being read: a row finds its own by the text of its project as it
/// stands in the column, because a portfolio has hundreds of thousands of rows.
#[derive(Default)]
struct Found {
    /// Tranches and places in `facts` by project.
    places: HashMap<String, Vec<(i64, usize)>>,
    facts: Vec<(Asked, Fact)>,
}

impl Found {
    /// Adds the fact of a request that has none.
    fn add(&mut self, project: &str, tranche: i64, fact: Fact) -> Result<()> {
        if self.of(project, tranche).is_some() {
            return Err(Error::rule(format!(
                "two rows for project `{project}`, tranche {tranche}"
            )));
        }
        let place = (tranche, self.facts.len());
        self.places.entry(project.to_owned()).or_default().push(place);
        self.facts.push(((project.to_owned(), tranche), fact));
        Ok(())
    }

    fn of(&mut self, project: &str, tranche: i64) -> Option<&mut Fact> {
        let places = self.places.get(project)?;
        let (_, place) = places.iter().find(|(number, _)| *number == tranche)?;
        self.facts.get_mut(*place).map(|(_, fact)| fact)
    }

    fn each(&mut self) -> impl Iterator<Item = &mut Fact> {
        self.facts.iter_mut().map(|(_, fact)| fact)
    }
}

/// Runs metrics for all requests, several at a time; the results do not depend on how
/// many, nor on which ends first.
///
/// # Errors
/// What [`measure`] returns for the first metric that fails, in the order given.
pub fn measure_all(
    engine: &Engine,
    metrics: &[Metric],
    params: &Params,
) -> Result<Vec<BTreeMap<Asked, Fact>>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(metric) = metrics.get(at) else { return done };
            done.push((at, measure(engine, metric, params)));
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut measured = std::thread::scope(|scope| {
        // Planning recurses deeply, so these threads get the stack of a main thread.
        let started: Vec<_> = (1..threads.min(metrics.len()))
            .filter_map(|_| {
                std::thread::Builder::new()
                    .stack_size(8 << 20)
                    .spawn_scoped(scope, work)
                    .ok()
            })
            .collect();
        let mut measured = work();
        for thread in started {
            match thread.join() {
                Ok(more) => measured.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        measured
    });
    measured.sort_by_key(|(at, _)| *at);
    measured.into_iter().map(|(_, facts)| facts).collect()
}

/// The parameters that statements name.
fn used(statements: &[&str], params: &Params) -> Params {
    let is_used = |name: &str| {
        let written = format!("${name}");
        statements.iter().any(|sql| sql.contains(&written))
    };
    params.iter().filter(|(name, _)| is_used(name)).cloned().collect()
}

fn number_of(tranche: &Column, row: usize) -> Result<i64> {
    let number = tranche.scaled(row, 0)?.and_then(|number| i64::try_from(number).ok());
    number.ok_or_else(|| Error::rule("a row has no tranche"))
}

fn read_facts(metric: &Metric, batch: &RecordBatch, facts: &mut Found) -> Result<()> {
    let column = |name| Column::of(batch, name);
    let (project, tranche) = (column("project_id")?, column("tranche")?);
    let numbers = [
        column("numerator_low")?,
        column("numerator_high")?,
        column("denominator_low")?,
        column("denominator_high")?,
    ];
    let (codes, missing) = (column("codes")?, column("missing")?);
    let scale = metric.unit.scale();
    for row in 0..batch.num_rows() {
        let [n_low, n_high, d_low, d_high] = &numbers;
        let fact = Fact {
            numerator: bounds(n_low.scaled(row, scale)?, n_high.scaled(row, scale)?),
            denominator: bounds(d_low.scaled(row, scale)?, d_high.scaled(row, scale)?),
            codes: entries(codes.text(row)?),
            missing: entries(missing.text(row)?),
            items: Vec::new(),
            evidence: Vec::new(),
        };
        facts.add(project.text(row)?, number_of(&tranche, row)?, fact)?;
    }
    Ok(())
}

fn bounds(low: Option<i128>, high: Option<i128>) -> Option<Bounds> {
    Some(Bounds { low: low?, high: high? })
}

fn entries(text: &str) -> Vec<String> {
    let mut entries: Vec<String> = text
        .split(';')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
        .map(str::to_owned)
        .collect();
    entries.sort();
    entries.dedup();
    entries
}

/// Whether an item's number is money in a metric of that unit.
fn is_money(kind: &str) -> bool {
    !kind.ends_with("_bps")
        && !matches!(kind, "milestone" | "days" | "count" | "template_year")
}

fn read_items(metric: &Metric, answer: &Answer, facts: &mut Found) -> Result<()> {
    for batch in &answer.batches {
        let column = |name| Column::of(batch, name);
        let (project, tranche) = (column("project_id")?, column("tranche")?);
        let (kind, id, result) = (column("kind")?, column("id")?, column("result")?);
        let (flag, number, text) = (column("flag")?, column("number")?, column("text")?);
        for row in 0..batch.num_rows() {
            let kind = kind.text(row)?;
            let scale = if is_money(kind) { metric.unit.scale() } else { 0 };
            let item = Item {
                kind: kind.to_owned(),
                id: id.text(row)?.to_owned(),
                result: result.text(row)?.to_owned(),
                flag: flag.text(row)?.to_owned(),
                number: number.scaled(row, scale)?,
                text: text.text(row)?.to_owned(),
            };
            if let Some(fact) = facts.of(project.text(row)?, number_of(&tranche, row)?) {
                fact.items.push(item);
            }
        }
    }
    for fact in facts.each() {
        fact.items.sort_by(|a, b| {
            (&a.kind, &a.id, &a.flag, &a.text).cmp(&(&b.kind, &b.id, &b.flag, &b.text))
        });
    }
    Ok(())
}

fn read_evidence(answer: &Answer, facts: &mut Found) -> Result<()> {
    for batch in &answer.batches {
        let column = |name| Column::of(batch, name);
        let (project, tranche) = (column("project_id")?, column("tranche")?);
        let (table, row_key) = (column("table_name")?, column("key")?);
        let (load, file) = (column("load_id")?, column("source_file")?);
        let position = column("source_row")?;
        for row in 0..batch.num_rows() {
            let number = position.scaled(row, 0)?.and_then(|n| u64::try_from(n).ok());
            let evidence = Evidence {
                table: table.text(row)?.to_owned(),
                key: row_key.text(row)?.to_owned(),
                load_id: load.text(row)?.to_owned(),
                file: file.text(row)?.to_owned(),
                row: number.unwrap_or(0),
            };
            if let Some(fact) = facts.of(project.text(row)?, number_of(&tranche, row)?) {
                fact.evidence.push(evidence);
            }
        }
    }
    for fact in facts.each() {
        fact.evidence.sort();
        fact.evidence.dedup();
    }
    Ok(())
}
