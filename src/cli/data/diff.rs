//! `ssrfund data diff` and `data restatements`: what changed, in rows and money.

use serde_json::{Value, json};

use crate::cli::context::Context;
use crate::cli::flags::{BetweenArgs, DiffArgs};
use crate::cli::output;
use crate::domain::money::grouped;
use crate::domain::{KnownAt, Money};
use crate::error::{Error, Result, visible};
use crate::render::Format;
use crate::render::page::{Align, Block, Page, markdown, text};
use crate::workspace::diff::{CellChange, Diff, RowChange, TableChange, What, diff};
use crate::workspace::restatement::{Restatement, Same, between};
use crate::workspace::states::{States, at_instants, of_loads};
use crate::workspace::{Snapshot, loads};

use super::{json as write_json, wants_json};

/// Rows of a table that are listed unless `-v` or JSON asks for all.
const LISTED: usize = 20;

/// Shows what changed between two loads of a source, or two instants of knowledge.
///
/// # Errors
/// A name fits no load, or a stored file is damaged.
pub(super) fn show(context: &Context, args: &DiffArgs) -> Result<u8> {
    let states = states(context, args)?;
    let all = wants_json(context) || context.flags.verbose;
    let most = if all { usize::MAX } else { LISTED };
    let found = diff(&states.before, &states.after, most)?;
    if wants_json(context) {
        let mut shape = shape(&states);
        let told = serde_json::to_value(&found)
            .map_err(|error| Error::internal("cannot write JSON").caused_by(error))?;
        if let (Value::Object(shape), Value::Object(told)) = (&mut shape, told) {
            shape.extend(told);
        }
        return write_json(context, &shape);
    }
    deliver(context, &page(&states, &found, most))
}

/// Shows amounts that were told anew between two instants of knowledge.
///
/// # Errors
/// There is nothing before, or a stored file is damaged.
pub(super) fn restatements(context: &Context, args: &BetweenArgs) -> Result<u8> {
    let states = instants(context, args)?;
    let found = between(&states.before, &states.after)?;
    if wants_json(context) {
        let mut shape = shape(&states);
        if let Value::Object(shape) = &mut shape {
            shape.insert("restatements".to_owned(), json!(found));
        }
        return write_json(context, &shape);
    }
    let mut page =
        Page::new("Restated amounts").with(Block::Text(spoken_states(&states)));
    page = if found.is_empty() {
        page.with(Block::Text("No amount was told anew.".to_owned()))
    } else {
        page.with(restated(&found))
    };
    deliver(context, &page)
}

fn deliver(context: &Context, page: &Page) -> Result<u8> {
    let out = match output::format(context)? {
        Format::Markdown => markdown(page),
        Format::Table | Format::Plain => text(page),
        _ => {
            return Err(Error::usage("a comparison is no single table")
                .fix("use `-F plain`, `-F markdown` or `-F json`"));
        }
    };
    output::deliver(context, out.as_bytes(), false)?;
    Ok(0)
}

fn states(context: &Context, args: &DiffArgs) -> Result<States> {
    let between = &args.between;
    let by_instant = between.known_at_from.is_some() || between.known_at_to.is_some();
    if by_instant || (args.before.is_none() && between.source.is_none()) {
        return instants(context, between);
    }
    let before = args.before.as_deref().unwrap_or("previous");
    let after = args.after.as_deref().unwrap_or("latest");
    let all = loads(&context.workspace()?)?;
    of_loads(&all, before, after, between.source.as_deref())
}

fn instants(context: &Context, args: &BetweenArgs) -> Result<States> {
    let instant = |given: &Option<String>| -> Result<Option<KnownAt>> {
        let Some(text) = given else { return Ok(None) };
        KnownAt::parse(text).map(Some).ok_or_else(|| {
            Error::usage(format!("`{}` is not an instant", visible(text)))
                .fix("write it like `2024-07-05T00:00:00Z`")
        })
    };
    let to = match instant(&args.known_at_to)? {
        None => context.known_at()?,
        to => to,
    };
    let all = loads(&context.workspace()?)?;
    at_instants(&all, instant(&args.known_at_from)?, to, args.source.as_deref())
}

/// Source and both states, as JSON.
fn shape(states: &States) -> Value {
    let state = |snapshot: &Snapshot| {
        let loads = snapshot.effective.loads.iter();
        let loads: Vec<&str> = loads.map(|load| load.load_id.as_str()).collect();
        json!({"known_at": snapshot.known_at(), "loads": loads})
    };
    json!({
        "source": states.source,
        "before": state(&states.before),
        "after": state(&states.after),
    })
}

fn spoken_states(states: &States) -> String {
    let state = |word: &str, snapshot: &Snapshot| {
        let newest = snapshot.effective.loads.last();
        let load = newest.map_or("no load", |load| load.load_id.as_str());
        match states.source {
            Some(_) => format!("{word} load {load}\n"),
            None => format!("{word} what was known at {}\n", snapshot.known_at()),
        }
    };
    let of = match &states.source {
        Some(source) => format!("source {source}\n"),
        None => "all sources\n".to_owned(),
    };
    of + &state("from", &states.before) + &state("to  ", &states.after)
}

fn page(states: &States, found: &Diff, most: usize) -> Page {
    let mut page = Page::new("What changed").with(Block::Text(spoken_states(states)));
    if found.is_empty() {
        return page.with(Block::Text("Nothing changed.".to_owned()));
    }
    page = page.with(tables(&found.tables));
    if !found.money.is_empty() {
        page = page
            .with(Block::Heading("Money of transactions".to_owned()))
            .with(money(found));
    }
    if !found.restatements.is_empty() {
        page = page.with(Block::Heading("Restated".to_owned())).with(restated(
            found.restatements.get(..most).unwrap_or(&found.restatements),
        ));
        let more = found.restatements.len().saturating_sub(most);
        if more > 0 {
            page = page.with(Block::Text(format!("… {more} more (`-v` shows them)")));
        }
    }
    for table in &found.tables {
        if !table.rows.is_empty() {
            page = page.with(Block::Heading(table.table.to_owned())).with(rows(table));
        }
    }
    page
}

fn block(names: &[&str], words: usize, rows: Vec<Vec<String>>) -> Block {
    let side = |index: usize| if index < words { Align::Left } else { Align::Right };
    Block::Table {
        columns: names.iter().map(|name| (*name).to_owned()).collect(),
        align: (0..names.len()).map(side).collect(),
        rows,
    }
}

fn tables(tables: &[TableChange]) -> Block {
    let row = |t: &TableChange| {
        let numbers = [t.before, t.after, t.added, t.gone, t.changed];
        let mut row = vec![t.table.to_owned()];
        row.extend(numbers.iter().map(u64::to_string));
        row
    };
    let names = ["table", "before", "after", "added", "gone", "changed"];
    block(&names, 1, tables.iter().map(row).collect())
}

fn money(found: &Diff) -> Block {
    let names =
        ["kind", "currency", "added", "gone", "changed from", "changed to", "net"];
    let rows = found.money.iter().map(|m| {
        let sums = [m.added.sum, m.gone.sum, m.changed_from.sum, m.changed_to.sum, m.net];
        let mut row = vec![m.kind.clone(), m.currency.clone()];
        row.extend(sums.into_iter().map(grouped));
        row
    });
    block(&names, 2, rows.collect())
}

fn restated(found: &[Restatement]) -> Block {
    let names =
        ["project", "what", "period", "same", "currency", "before", "after", "change"];
    let rows = found.iter().map(|r| {
        let period = match r.period_start {
            Some(start) => format!("{start} to {}", r.date),
            None => r.date.to_string(),
        };
        let figure = r.figures_before.first();
        let same = match r.same {
            Same::Key => figure.map_or("", |f| f.transaction_id.as_str()),
            Same::Period => "period",
            Same::Withdrawn => "withdrawn",
        };
        let grade = r.grade.as_ref().map(|grade| format!("{grade} "));
        let currency = if r.currency == r.currency_after {
            r.currency.clone()
        } else {
            format!("{} to {}", r.currency, r.currency_after)
        };
        vec![
            r.project_id.clone(),
            format!("{}{}", grade.unwrap_or_default(), r.kind),
            period,
            same.to_owned(),
            currency,
            grouped(r.before),
            grouped(r.after),
            r.change.map(signed).unwrap_or_default(),
        ]
    });
    block(&names, 5, rows.collect())
}

fn signed(amount: Money) -> String {
    let text = grouped(amount);
    if amount > Money::ZERO { format!("+{text}") } else { text }
}

/// The rows of one table that changed, one line each.
fn rows(table: &TableChange) -> Block {
    let mut lines: Vec<String> = table.rows.iter().map(line).collect();
    let all = table.added.saturating_add(table.gone).saturating_add(table.changed);
    let shown = u64::try_from(table.rows.len()).unwrap_or(u64::MAX);
    if all > shown {
        lines.push(format!("… {} more (`-v` shows them)", all.saturating_sub(shown)));
    }
    Block::Text(lines.join("\n"))
}

fn line(row: &RowChange) -> String {
    let place = format!("{}:{}", row.file, row.row);
    let key = visible(&row.key);
    match row.what {
        What::Added => format!("added    {key}  ({place}){}", gist(row)),
        What::Gone => format!("gone     {key}  ({place}){}", gist(row)),
        What::Changed => {
            let cells: Vec<String> = row.cells.iter().map(cell).collect();
            format!("changed  {key}  ({place}): {}", cells.join("; "))
        }
    }
}

/// What a new or gone row is about, as far as one line can say it.
fn gist(row: &RowChange) -> String {
    let said: Vec<String> = ["title", "kind", "date", "currency", "amount"]
        .iter()
        .filter_map(|name| row.cells.iter().find(|cell| cell.column == *name))
        .filter_map(|cell| cell.after.as_deref().or(cell.before.as_deref()))
        .map(visible)
        .collect();
    if said.is_empty() { String::new() } else { format!(": {}", said.join(" ")) }
}

fn cell(change: &CellChange) -> String {
    let shown = |text: &Option<String>| match text {
        Some(text) => visible(text),
        None => "(empty)".to_owned(),
    };
    format!("{} {} → {}", change.column, shown(&change.before), shown(&change.after))
}
