//! Whether a mapping file makes sense: every key known, every name defined, every
//! required column filled, and no format that leaves doubt.

use std::collections::BTreeSet;

use crate::error::unreadable::Unreadable;
use crate::error::{Error, Problem, Result, did_you_mean, visible};
use crate::load::Exact;
use crate::tables::schema::{Kind, TABLES, Table, table};

use super::date::DateFormat;
use super::file::{
    Block, Fact, Filling, FillingKeys, Filter, MappingFile, Sum, Target, Total,
};
use super::grid;
use super::number::NumberFormat;
use super::template::{Piece, Template};

/// Reads a mapping file.
///
/// # Errors
/// A rule error with every problem, each with the key that is at fault.
pub fn read(name: &str, text: &str) -> Result<MappingFile> {
    let file: MappingFile =
        toml::from_str(text).map_err(|error| unreadable(name, text, &error))?;
    let mut checker = Checker { name, file: &file, problems: Vec::new() };
    checker.check();
    let problems = checker.problems;
    if problems.is_empty() {
        return Ok(file);
    }
    Err(Error::rule(format!("the mapping `{name}` cannot be used")).problems(problems))
}

/// Names the line and the block of a fault in the TOML itself.
fn unreadable(name: &str, text: &str, error: &toml::de::Error) -> Error {
    let fault = Unreadable::of(text, error);
    let section = text
        .get(..fault.at)
        .unwrap_or("")
        .lines()
        .rev()
        .find(|line| line.trim_start().starts_with('[') && line.trim_end().ends_with(']'))
        .map(|line| format!("in {}: ", visible(line.trim())))
        .unwrap_or_default();
    let what = format!("{section}{}", fault.what);
    let fix = fault.fix_or("the keys of a mapping are listed in `docs/mappings.md`");
    Error::rule(format!("the mapping `{name}` cannot be read"))
        .problems(vec![Problem::at(name, fault.row, 0, what, fix)])
}

/// Every source column that a block names as it stands, for proposals.
#[must_use]
pub fn source_names(block: &Block) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    names.extend(block.ignored.iter().map(String::as_str));
    names.extend(block.skip.iter().map(|filter| filter.column.as_str()));
    for total in &block.totals {
        names.extend(total.columns.0.iter().map(String::as_str));
    }
    for into in &block.into {
        names.extend(into.only.iter().map(|filter| filter.column.as_str()));
        let across = into.across.iter().flat_map(|across| &across.columns.0);
        names.extend(across.map(String::as_str));
        for filling in into.columns.values() {
            names.extend(filling.0.from.0.iter().map(String::as_str));
        }
    }
    names
}

struct Checker<'a> {
    name: &'a str,
    file: &'a MappingFile,
    problems: Vec<Problem>,
}

impl Checker<'_> {
    fn fault(&mut self, key: &str, what: &str, fix: impl Into<String>) {
        let what = format!("`{key}`: {what}");
        self.problems.push(Problem::of_file(self.name, what, fix.into()));
    }

    fn check(&mut self) {
        let file = self.file;
        self.formats("number", "date", &file.number, &file.date);
        if let Some(text) = &file.delimiter
            && grid::delimiter(text).is_none()
        {
            let what = format!("`{}` is no delimiter", visible(text));
            self.fault("delimiter", &what, "write one character, or `tab`");
        }
        if file.blocks.is_empty() {
            self.fault(
                "block",
                "there is none",
                "describe at least one table of the file",
            );
        }
        let mut seen = BTreeSet::new();
        for block in &file.blocks {
            if !seen.insert(block.name.as_str()) {
                let key = format!("block.{}", block.name);
                self.fault(&key, "two blocks have this name", "name each differently");
            }
            self.block(block);
        }
        let mut names: BTreeSet<&str> =
            file.parameters.keys().map(String::as_str).collect();
        for fact in &file.facts {
            let key = format!("fact.{}", fact.name);
            if !names.insert(&fact.name) {
                let what = "a fact or parameter of this name is there already";
                self.fault(&key, what, "name each differently");
            }
            self.fact(&key, fact);
        }
        for (index, agreement) in (1_usize..).zip(&file.agreements) {
            let key = format!("agreement[{index}]");
            for name in [&agreement.block, &agreement.with] {
                if !seen.contains(name.as_str()) {
                    let what = format!("there is no block `{}`", visible(name));
                    let fix = did_you_mean(name, seen.iter().copied(), "name a block");
                    self.fault(&key, &what, fix);
                }
            }
            self.tolerance(&key, agreement.tolerance.as_deref());
        }
    }

    fn formats(
        &mut self,
        number_key: &str,
        date_key: &str,
        number: &NumberFormat,
        date: &DateFormat,
    ) {
        if let Some(what) = number.fault() {
            let fix = "decimal marks are `.` and `,`; groups are parted by one of \
                       `,`, `.`, `'`, a space, or nothing";
            self.fault(number_key, &what, fix);
        }
        if let Some(what) = date.fault() {
            self.fault(date_key, &what, "formats are listed in `docs/mappings.md`");
        }
    }

    fn tolerance(&mut self, key: &str, text: Option<&str>) {
        let Some(text) = text else { return };
        if Exact::parse(text).is_none() || text.starts_with('-') {
            let what = format!("`{}` is no tolerance", visible(text));
            self.fault(key, &what, "write a number such as \"0.5\"");
        }
    }

    fn fact(&mut self, key: &str, fact: &Fact) {
        if fact.beside.is_some() && fact.cell.is_some() {
            self.fault(key, "`beside` and `cell` are both given", "keep one");
        } else if fact.beside.is_none() && fact.cell.is_none() && fact.like.is_none() {
            let fix = "say `beside`, `cell` or `like`";
            self.fault(key, "nothing says where it stands", fix);
        }
    }

    fn block(&mut self, block: &Block) {
        let key = format!("block.{}", block.name);
        let number = block.number.over(&self.file.number);
        let date = block.date.over(&self.file.date);
        let (in_number, in_date) = (format!("{key}.number"), format!("{key}.date"));
        self.formats(&in_number, &in_date, &number, &date);
        if block.header_rows.is_some_and(|rows| !(1..=4).contains(&rows)) {
            self.fault(&format!("{key}.header_rows"), "is not 1 to 4", "count its rows");
        }
        self.filters(&format!("{key}.skip"), &block.skip);
        for (index, total) in (1_usize..).zip(&block.totals) {
            self.total(&format!("{key}.total[{index}]"), total);
        }
        for (index, sum) in (1_usize..).zip(&block.sums) {
            self.sum(&format!("{key}.sum[{index}]"), sum);
        }
        for (index, into) in (1_usize..).zip(&block.into) {
            let key = format!("{key}.into[{index}]");
            self.filters(&format!("{key}.only"), &into.only);
            match table(&into.table) {
                Some(table) => self.into(&key, block, into, table),
                None => {
                    let what = format!("there is no table `{}`", visible(&into.table));
                    let names = TABLES.iter().map(|table| table.name);
                    let fix = did_you_mean(&into.table, names, "name a canonical table");
                    self.fault(&key, &what, fix);
                }
            }
        }
    }

    fn filters(&mut self, key: &str, filters: &[Filter]) {
        for filter in filters {
            if filter.is.is_none() && filter.is_not.is_none() {
                let what = format!("nothing is asked of `{}`", visible(&filter.column));
                self.fault(key, &what, "say `is` or `is_not`");
            }
        }
    }

    fn total(&mut self, key: &str, total: &Total) {
        if total.row.is_empty() || total.columns.is_empty() {
            self.fault(key, "`row` or `columns` is empty", "name them");
        }
        self.tolerance(key, total.tolerance.as_deref());
        self.tolerance(key, total.tolerance_per_addend.as_deref());
    }

    fn sum(&mut self, key: &str, sum: &Sum) {
        if sum.of.is_empty() {
            self.fault(key, "`of` is empty", "name the columns that are added");
        }
        self.tolerance(key, sum.tolerance.as_deref());
        self.tolerance(key, sum.tolerance_per_addend.as_deref());
    }

    fn into(&mut self, key: &str, block: &Block, into: &Target, table: &'static Table) {
        for (name, filling) in &into.columns {
            let key = format!("{key}.columns.{name}");
            match table.column(name) {
                None => {
                    let what = format!("`{}` is no column of `{}`", name, table.name);
                    let names: Vec<&str> = table.columns.iter().map(|c| c.name).collect();
                    let otherwise = format!("its columns are {}", names.join(", "));
                    let fix = did_you_mean(name, names.iter().copied(), &otherwise);
                    self.fault(&key, &what, fix);
                }
                Some(column) => self.filling(&key, block, into, filling, column.kind),
            }
        }
        for column in table.columns.iter().filter(|column| column.required) {
            if !into.columns.contains_key(column.name) {
                let what = format!("nothing fills `{}`", column.name);
                self.fault(key, &what, format!("every row needs it: {}", column.doc));
            }
        }
    }

    fn filling(
        &mut self,
        key: &str,
        block: &Block,
        into: &Target,
        filling: &Filling,
        kind: Kind,
    ) {
        let keys = &filling.0;
        let origins = [
            !keys.from.is_empty(),
            keys.constant.is_some(),
            keys.template.is_some(),
            keys.heading,
            keys.value,
            keys.section.is_some(),
            keys.fact.is_some(),
        ];
        if origins.iter().filter(|given| **given).count() != 1 {
            let fix = "say one of `from`, `constant`, `template`, `heading`, `value`, \
                       `section`, `fact`";
            self.fault(key, "it does not say once where the text comes from", fix);
        }
        if (keys.heading || keys.value) && into.across.is_none() {
            let fix = "name the columns that become rows in `across`";
            self.fault(key, "`heading` and `value` need `across`", fix);
        }
        self.names(key, block, into, keys);
        self.kinds(key, block, keys, kind);
        if let Some(next) = &keys.otherwise {
            self.filling(&format!("{key}.otherwise"), block, into, next, kind);
        }
    }

    /// Names inside the mapping that a filling refers to.
    fn names(&mut self, key: &str, block: &Block, into: &Target, keys: &FillingKeys) {
        let file = self.file;
        let mut named = |what: &str, name: &Option<String>, known: Vec<&str>| {
            let Some(name) = name.as_deref().filter(|name| !known.contains(name)) else {
                return;
            };
            let otherwise = format!("there is {}", known.join(", "));
            let fix = did_you_mean(name, known.iter().copied(), &otherwise);
            self.fault(key, &format!("there is no {what} `{}`", visible(name)), fix);
        };
        let codes = file.translations.keys().map(String::as_str).collect();
        named("translation", &keys.translate, codes);
        let sections = block.sections.iter().map(|section| section.name.as_str());
        named("section", &keys.section, sections.collect());
        let facts = file.facts.iter().map(|fact| fact.name.as_str());
        let facts = facts.chain(file.parameters.keys().map(String::as_str));
        named("fact or parameter", &keys.fact, facts.collect());
        for piece in Template::parse(keys.template.as_deref().unwrap_or_default()) {
            if let Piece::Name(name) = piece
                && into.columns.get(&name).is_some_and(|f| f.0.template.is_some())
            {
                let what = format!("`{name}` is itself a template");
                self.fault(key, &what, "write its names out");
            }
        }
    }

    /// Formats that do not belong to the kind of column.
    fn kinds(&mut self, key: &str, block: &Block, keys: &FillingKeys, kind: Kind) {
        let is_money = matches!(kind, Kind::Money(_));
        let is_number =
            is_money || matches!(kind, Kind::Decimal | Kind::Whole(_) | Kind::Bps);
        let misplaced = [
            (keys.number.is_some() && !is_number, "number"),
            (keys.negate && !is_number, "negate"),
            (keys.date.is_some() && !matches!(kind, Kind::Day(_)), "date"),
            (keys.pad.is_some() && !matches!(kind, Kind::Id | Kind::ProjectId), "pad"),
        ];
        for (_, word) in misplaced.iter().filter(|(wrong, _)| *wrong) {
            let what = format!("`{word}` does not belong to such a column");
            self.fault(key, &what, "remove it");
        }
        if keys.pad.is_some_and(|width| width > 64) {
            self.fault(key, "`pad` is above 64", "ids are short");
        }
        let number = block.number.over(&self.file.number);
        let number = keys
            .number
            .as_ref()
            .map_or_else(NumberFormat::default, |own| own.over(&number));
        let date = block.date.over(&self.file.date);
        let date =
            keys.date.as_ref().map_or_else(DateFormat::default, |own| own.over(&date));
        self.formats(&format!("{key}.number"), &format!("{key}.date"), &number, &date);
    }
}
