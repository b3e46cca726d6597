//! Mappings: the layouts of others, described in TOML, read as canonical rows.
//!
//! A [`Mapping`] says where the tables of a file stand ([`locate`]), which of its columns
//! fill which canonical columns ([`bind`], [`fill`]), how its numbers and days are
//! written ([`number`], [`date`]), and which of its rows are sums to be checked
//! ([`totals`]). Every row it gives goes through the same strict grammar as a row of a
//! canonical file, with the line or Excel row of the foreign file. Nothing is guessed:
//! what a mapping does not declare is an error. [`suggest`] proposes a mapping for an
//! unknown file, as a draft for a person.

pub mod apply;
pub mod bind;
pub mod bound;
pub mod date;
pub mod emit;
pub mod facts;
pub mod file;
pub mod fill;
pub mod fit;
pub mod grid;
pub mod guess;
pub mod locate;
pub mod number;
pub mod pattern;
pub mod suggest;
pub mod template;
pub mod totals;
pub mod validate;

use std::collections::BTreeMap;

use crate::error::{Error, Problem, Result, did_you_mean, visible};
use crate::load::files::sha256;
use crate::load::reading::Reading;
use crate::tables::cell;

use emit::Emitter;
use file::{Block, MappingFile};
use grid::Grid;
use locate::patterns;

/// A mapping, ready to read files with.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// Its name or file.
    pub name: String,
    /// SHA-256 of its text.
    pub sha256: String,
    /// What `--param` told.
    pub parameters: BTreeMap<String, String>,
    file: MappingFile,
}

impl Mapping {
    /// Reads a mapping's text, and checks that every name in it means something.
    ///
    /// # Errors
    /// A rule error with every problem, where the text is no mapping; a usage error where
    /// parameters are missing or unknown.
    pub fn parse(
        name: &str,
        text: &str,
        parameters: &BTreeMap<String, String>,
    ) -> Result<Self> {
        let file = validate::read(name, text)?;
        if file.draft {
            let what = format!("`{name}` is a draft that nobody has looked at");
            let fix = "check each of its lines, then remove `draft = true`";
            return Err(Error::rule(what).fix(fix));
        }
        for (parameter, doc) in &file.parameters {
            if !parameters.contains_key(parameter) {
                let what = format!("mapping `{name}` needs `{parameter}`: {doc}");
                let fix = format!("add `--param {parameter}=…`");
                return Err(Error::usage(what).fix(fix));
            }
        }
        for parameter in parameters.keys() {
            if !file.parameters.contains_key(parameter) {
                let what =
                    format!("mapping `{name}` has no parameter `{}`", visible(parameter));
                let known = file.parameters.keys().map(String::as_str);
                let fix = did_you_mean(parameter, known, "leave it out");
                return Err(Error::usage(what).fix(fix));
            }
        }
        Ok(Self {
            name: name.to_owned(),
            sha256: sha256(text.as_bytes()),
            parameters: parameters.clone(),
            file,
        })
    }

    /// What the mapping is for.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.file.title
    }

    /// The encoding of CSV files that the mapping declares.
    #[must_use]
    pub fn encoding(&self) -> Option<&str> {
        self.file.encoding.as_deref()
    }

    /// The delimiter of CSV files that the mapping declares.
    #[must_use]
    pub fn delimiter(&self) -> Option<u8> {
        self.file.delimiter.as_deref().and_then(grid::delimiter)
    }

    /// Name, hash and parameters, as `load.json` keeps them.
    #[must_use]
    pub fn said(&self) -> String {
        let mut out = format!("{} sha256:{}", self.name, self.sha256);
        for (name, value) in &self.parameters {
            out.push_str(&format!(" {name}={value}"));
        }
        out
    }

    /// Reads the text of a CSV file.
    #[must_use]
    pub fn read_csv(
        &self,
        text: &str,
        file: &str,
        delimiter: u8,
        leave: cell::Leave,
    ) -> Reading {
        let mut warnings = Vec::new();
        match Grid::of_csv(text, file, delimiter, &mut warnings) {
            Ok(grid) => {
                let mut reading = self.read(&[grid], file, leave);
                reading.warnings.splice(0..0, warnings);
                reading
            }
            Err(mut faults) => {
                if let Some(mark) = &self.file.delimiter {
                    let what = format!(
                        "the mapping declares `{}` between fields",
                        visible(mark)
                    );
                    let fix = "if the file has another delimiter it is another layout: \
                               `ssrfund load --suggest` shows what it looks like";
                    faults.insert(0, Problem::of_file(file, what, fix));
                }
                Reading { faults, warnings, ..Reading::default() }
            }
        }
    }

    /// Reads the sheets of a file.
    #[must_use]
    pub fn read(&self, grids: &[Grid], file: &str, leave: cell::Leave) -> Reading {
        let mut out = Emitter::new(file, leave);
        out.reading.faults.extend(self.nameless(grids, file));
        if !out.reading.faults.is_empty() {
            return out.finish(&[]);
        }
        let facts = match facts::find(&self.file.facts, grids, file, &self.parameters) {
            Ok(facts) => facts,
            Err(faults) => {
                out.reading.faults = faults;
                return out.finish(&[]);
            }
        };
        let mut read = vec![false; grids.len()];
        for block in &self.file.blocks {
            let mut found = false;
            for (grid, read) in grids.iter().zip(read.iter_mut()) {
                if stands_on(block, grid) {
                    if !*read && !grid.is_csv() {
                        out.reading.warnings.extend(grid.sheet.notices(file));
                    }
                    apply::apply(&self.file, block, grid, &facts, &mut out);
                    (found, *read) = (true, true);
                }
            }
            let is_csv = grids.iter().all(Grid::is_csv);
            if !found && !is_csv {
                out.reading.faults.push(no_sheet(block, grids, file));
            }
        }
        let ignored = patterns(&self.file.ignored_sheets);
        for (grid, _) in grids.iter().zip(&read).filter(|(_, read)| !**read) {
            let name = &grid.sheet.name;
            if !grid.sheet.rows.is_empty()
                && !ignored.iter().any(|pattern| pattern.is_like(name))
            {
                let what = format!("no block of the mapping reads `{}`", visible(name));
                let known = self.file.blocks.iter().flat_map(|b| &b.sheet.0);
                let otherwise = "name it in `ignored_sheets`, or add a block";
                let fix = did_you_mean(name, known.map(String::as_str), otherwise);
                out.reading.faults.push(Problem::of_file(file, what, fix));
            }
        }
        out.finish(&self.file.agreements)
    }

    /// A block that names no sheet cannot be found among several.
    fn nameless(&self, grids: &[Grid], file: &str) -> Option<Problem> {
        let full = grids.iter().filter(|grid| !grid.sheet.rows.is_empty());
        let names: Vec<String> =
            full.map(|grid| format!("`{}`", visible(&grid.sheet.name))).collect();
        let block = self.file.blocks.iter().find(|block| block.sheet.is_empty())?;
        if names.len() < 2 {
            return None;
        }
        let what = format!(
            "block `{}` names no sheet, and the workbook has {}",
            block.name,
            names.join(", ")
        );
        Some(Problem::of_file(file, what, "say `sheet = \"…\"` in the mapping"))
    }
}

/// Whether a block stands on a sheet; one that names no sheet stands on every one.
fn stands_on(block: &Block, grid: &Grid) -> bool {
    let is_only = block.sheet.is_empty() && !grid.sheet.rows.is_empty();
    is_only || patterns(&block.sheet.0).iter().any(|p| p.is_like(&grid.sheet.name))
}

fn no_sheet(block: &Block, grids: &[Grid], file: &str) -> Problem {
    let wanted = block.sheet.0.first().map_or("", String::as_str);
    let names = grids.iter().map(|grid| grid.sheet.name.as_str());
    let what = format!("block `{}`: there is no sheet `{}`", block.name, visible(wanted));
    let all: Vec<String> = names.clone().map(visible).collect();
    let otherwise = format!("the sheets are {}", all.join(", "));
    Problem::of_file(file, what, did_you_mean(wanted, names, &otherwise))
}
