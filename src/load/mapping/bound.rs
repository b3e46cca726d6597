//! A block on a sheet with every name resolved, or everything that could not be.

use std::collections::{BTreeMap, BTreeSet};

use super::bind::{Binder, BoundFilter, BoundTarget};
use super::emit::Emitter;
use super::file::{Block, MappingFile};
use super::grid::Grid;
use super::locate::{Located, patterns};
use super::number::NumberFormat;
use super::pattern::Pattern;
use super::totals::{BoundSum, BoundTotal};

/// A block on a sheet with everything resolved.
#[derive(Debug)]
pub struct Bound<'a, 'm> {
    /// The block.
    pub block: &'m Block,
    /// Whether cached results of formulas are read.
    pub accepts_formulas: bool,
    /// The sheet.
    pub grid: &'a Grid,
    /// Where it stands.
    pub located: &'a Located,
    /// Facts and parameters.
    pub facts: &'a BTreeMap<String, String>,
    /// Columns that something reads.
    pub used: BTreeSet<u32>,
    /// The column of labels.
    pub label: Option<u32>,
    /// Columns whose empty cells repeat the text above.
    pub fill_down: Vec<u32>,
    /// Rows that are headings: name, column, patterns.
    pub sections: Vec<(&'m str, u32, Vec<Pattern>)>,
    /// Rows that are passed over.
    pub skip: Vec<BoundFilter>,
    /// Rows that are sums.
    pub totals: Vec<BoundTotal<'m>>,
    /// Columns that are sums.
    pub sums: Vec<BoundSum<'m>>,
    /// Columns of agreements, by the agreement's place and side.
    pub agreements: Vec<((usize, bool), Vec<u32>)>,
    /// What its rows become.
    pub into: Vec<BoundTarget<'m>>,
    /// How its numbers are written.
    pub number: NumberFormat,
}

/// Resolves a block; what it names and is not there goes to the faults of the reading.
pub fn bind<'a, 'm>(
    file: &'m MappingFile,
    block: &'m Block,
    grid: &'a Grid,
    located: &'a Located,
    facts: &'a BTreeMap<String, String>,
    out: &mut Emitter<'_>,
) -> Option<Bound<'a, 'm>> {
    let header = &located.header;
    let (used, faults) = (BTreeSet::new(), Vec::new());
    let name = out.place.as_str();
    let mut binder = Binder { file, block, header, facts, name, used, faults };
    let label = block.label.as_ref().and_then(|name| binder.one(name));
    let fill_down = block.fill_down.iter().filter_map(|c| binder.one(c)).collect();
    let sections = block
        .sections
        .iter()
        .filter_map(|s| {
            Some((s.name.as_str(), binder.one(&s.column)?, patterns(&s.is.0)))
        })
        .collect();
    let skip = binder.filters(&block.skip);
    let mut totals = Vec::new();
    for total in &block.totals {
        let columns = binder.many(&total.columns, false);
        let columns = columns.into_iter().map(|(column, _)| column).collect();
        totals.push(BoundTotal::new(total, columns));
    }
    let mut sums = Vec::new();
    for sum in &block.sums {
        let Some(column) = binder.one(&sum.column) else { continue };
        let mut plain = |names| -> Vec<u32> {
            binder.many(names, false).into_iter().map(|(column, _)| column).collect()
        };
        let (of, minus) = (plain(&sum.of), plain(&sum.minus));
        sums.push(BoundSum { sum, column, of, minus });
    }
    let mut agreements = Vec::new();
    for (index, agreement) in file.agreements.iter().enumerate() {
        for (side, name, columns) in [
            (false, &agreement.block, &agreement.columns),
            (true, &agreement.with, &agreement.with_columns),
        ] {
            if *name == block.name {
                let found = binder.many(columns, false);
                let found = found.into_iter().map(|(column, _)| column).collect();
                agreements.push(((index, side), found));
            }
        }
    }
    let into = binder.targets();
    binder.refuse_unknown();
    let number = binder.number();
    let Binder { used, mut faults, .. } = binder;
    let is_sound = faults.is_empty();
    out.reading.faults.append(&mut faults);
    is_sound.then_some(Bound {
        block,
        accepts_formulas: file.accept_cached_formulas,
        grid,
        located,
        facts,
        used,
        label,
        fill_down,
        sections,
        skip,
        totals,
        sums,
        agreements,
        into,
        number,
    })
}
