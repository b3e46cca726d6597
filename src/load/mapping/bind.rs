//! A block with every name replaced by the column that it means on this sheet.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Problem, did_you_mean, visible};
use crate::load::sheet::column_name;
use crate::tables::schema::table;
use crate::tables::{Column, Table};

use super::date::DateFormat;
use super::file::{Block, Distinct, Filling, FillingKeys, Filter, MappingFile, Names};
use super::locate::{Header, patterns};
use super::number::NumberFormat;
use super::pattern::{Pattern, fold};
use super::template::{Piece, Template};

/// A condition on one column of a row.
#[derive(Debug, Clone)]
pub struct BoundFilter {
    /// The column.
    pub column: u32,
    is: Option<Vec<Pattern>>,
    is_not: Option<Vec<Pattern>>,
}

impl BoundFilter {
    /// Whether a tidy text passes.
    #[must_use]
    pub fn passes(&self, text: &str) -> bool {
        let like = |list: &Vec<Pattern>| list.iter().any(|p| p.is_like(text));
        self.is.as_ref().is_none_or(like) && !self.is_not.as_ref().is_some_and(like)
    }
}

/// Where the text of a canonical column comes from.
#[derive(Debug, Clone)]
pub enum Origin {
    /// A cell of the row; nothing where the column may be missing and is.
    Cell(Option<u32>),
    /// The same text in every row.
    Constant(String),
    /// Text with names in braces.
    Template(Vec<Piece>),
    /// The heading of the column that becomes a row.
    Heading,
    /// The cell of the column that becomes a row.
    Value,
    /// The text of a section.
    Section(String),
    /// A fact or parameter.
    Fact(String),
}

/// What fills a canonical column.
#[derive(Debug, Clone)]
pub struct BoundFilling<'m> {
    /// The canonical column.
    pub column: &'static Column,
    /// Where its text comes from.
    pub origin: Origin,
    /// The keys as written.
    pub keys: &'m FillingKeys,
    /// The pattern whose marked part is taken.
    pub part: Option<Pattern>,
    /// The codes, by what the file says.
    pub codes: Option<BTreeMap<String, &'m str>>,
    /// How its numbers are written.
    pub number: NumberFormat,
    /// How its days are written.
    pub date: DateFormat,
    /// What fills the column where this gives nothing.
    pub otherwise: Option<Box<BoundFilling<'m>>>,
}

/// The canonical rows that rows of a block become.
#[derive(Debug, Clone)]
pub struct BoundTarget<'m> {
    /// The canonical table.
    pub table: &'static Table,
    /// Conditions.
    pub only: Vec<BoundFilter>,
    /// The columns that become rows, with their headings.
    pub across: Option<Vec<(u32, String)>>,
    /// Whether cells that say zero give no row.
    pub skip_zero: bool,
    /// How often the same row is told.
    pub distinct: Distinct,
    /// The columns of the table that are filled; templates last.
    pub fillings: Vec<(usize, BoundFilling<'m>)>,
}

/// Resolves names on one header.
#[derive(Debug)]
pub struct Binder<'a, 'm> {
    /// The mapping.
    pub file: &'m MappingFile,
    /// The block.
    pub block: &'m Block,
    /// Its header on this sheet.
    pub header: &'a Header,
    /// Facts and parameters.
    pub facts: &'a BTreeMap<String, String>,
    /// The source file's name.
    pub name: &'a str,
    /// Columns that something reads.
    pub used: BTreeSet<u32>,
    /// Names that are not there.
    pub faults: Vec<Problem>,
}

impl<'m> Binder<'_, 'm> {
    fn fault(&mut self, what: &str, fix: impl Into<String>) {
        let what = format!("block `{}`: {what}", self.block.name);
        let row = self.header.row;
        let problem = Problem::at(self.name, row, 0, what, fix.into());
        if !self.faults.contains(&problem) {
            self.faults.push(problem);
        }
    }

    /// How numbers of the block are written.
    #[must_use]
    pub fn number(&self) -> NumberFormat {
        self.block.number.over(&self.file.number)
    }

    fn date(&self) -> DateFormat {
        self.block.date.over(&self.file.date)
    }

    /// The column that a name or `column F` means, where there is one.
    fn find(&mut self, name: &str) -> Option<u32> {
        let folded = fold(name);
        let alike: Vec<u32> = self
            .header
            .cells
            .iter()
            .filter(|cell| cell.folded == folded)
            .map(|cell| cell.column)
            .collect();
        match alike.as_slice() {
            [] => column_of_letters(name),
            [only] => Some(*only),
            [first, second, ..] => {
                let what = format!("two columns are called `{}`", visible(name));
                let fix = format!(
                    "name one by its letter: `column {}` or `column {}`",
                    column_name(*first),
                    column_name(*second)
                );
                self.fault(&what, fix);
                Some(*first)
            }
        }
    }

    /// The first of several names that is there; says so if none is.
    fn first_of(&mut self, names: &[String], may_be_missing: bool) -> Option<u32> {
        let found = names.iter().find_map(|name| self.find(name));
        if let Some(column) = found {
            self.used.insert(column);
        } else if !may_be_missing {
            let named = names.first().map_or("", String::as_str);
            let known: Vec<String> =
                self.header.cells.iter().map(|cell| cell.name.clone()).collect();
            let what = format!("there is no column `{}`", visible(named));
            let known = known.iter().filter(|name| name.len() < 200).map(String::as_str);
            let otherwise = "is it another layout? mend the mapping";
            let fix = did_you_mean(named, known, otherwise);
            self.fault(&what, fix);
        }
        found
    }

    /// The column of one name.
    pub fn one(&mut self, name: &str) -> Option<u32> {
        self.first_of(std::slice::from_ref(&name.to_owned()), false)
    }

    /// The columns that are like patterns, with their marked parts, in sheet order. A
    /// plain name must be there; of patterns some must find a column.
    pub fn many(&mut self, names: &Names, may_be_missing: bool) -> Vec<(u32, String)> {
        let mut found: BTreeMap<u32, String> = BTreeMap::new();
        let mut absent: Vec<&String> = Vec::new();
        for name in &names.0 {
            let pattern = Pattern::new(name);
            let mut any = false;
            for cell in &self.header.cells {
                if let Some(part) = pattern.part(&cell.name) {
                    found.entry(cell.column).or_insert(part);
                    any = true;
                }
            }
            if !any && let Some(column) = column_of_letters(name) {
                found.insert(column, name.clone());
            } else if !any {
                absent.push(name);
            }
        }
        absent.retain(|name| found.is_empty() || !name.contains(['*', '#', '{']));
        for name in absent.into_iter().filter(|_| !may_be_missing) {
            self.first_of(std::slice::from_ref(name), false);
        }
        self.used.extend(found.keys());
        found.into_iter().collect()
    }

    /// Resolves conditions.
    pub fn filters(&mut self, filters: &[Filter]) -> Vec<BoundFilter> {
        let list = |names: &Option<Names>| names.as_ref().map(|n| patterns(&n.0));
        filters
            .iter()
            .filter_map(|filter| {
                let column = self.one(&filter.column)?;
                let (is, is_not) = (list(&filter.is), list(&filter.is_not));
                Some(BoundFilter { column, is, is_not })
            })
            .collect()
    }

    /// Resolves what the rows of the block become.
    pub fn targets(&mut self) -> Vec<BoundTarget<'m>> {
        let block = self.block;
        block.into.iter().filter_map(|into| self.target(into)).collect()
    }

    fn target(&mut self, into: &'m super::file::Target) -> Option<BoundTarget<'m>> {
        let table = table(&into.table)?;
        let only = self.filters(&into.only);
        let across = into
            .across
            .as_ref()
            .map(|across| self.many(&across.columns, across.may_be_missing));
        let mut fillings = Vec::new();
        for (index, column) in table.columns.iter().enumerate() {
            if let Some(filling) = into.columns.get(column.name) {
                fillings.push((index, self.filling(filling, column, into, table)));
            }
        }
        fillings
            .sort_by_key(|(_, filling)| matches!(filling.origin, Origin::Template(_)));
        Some(BoundTarget {
            table,
            only,
            across,
            skip_zero: into.across.as_ref().is_some_and(|across| across.skip_zero),
            distinct: into.distinct,
            fillings,
        })
    }

    fn filling(
        &mut self,
        filling: &'m Filling,
        column: &'static Column,
        into: &'m super::file::Target,
        table: &'static Table,
    ) -> BoundFilling<'m> {
        let keys = &filling.0;
        let origin = if let Some(text) = &keys.constant {
            Origin::Constant(text.clone())
        } else if let Some(text) = &keys.template {
            Origin::Template(self.template(text, into, table))
        } else if let Some(name) = &keys.section {
            Origin::Section(name.clone())
        } else if let Some(name) = &keys.fact {
            Origin::Fact(name.clone())
        } else if keys.heading {
            Origin::Heading
        } else if keys.value {
            Origin::Value
        } else {
            Origin::Cell(self.first_of(&keys.from.0, keys.may_be_missing))
        };
        let codes = keys.translate.as_ref().and_then(|name| {
            let codes = self.file.translations.get(name)?;
            Some(codes.iter().map(|(said, code)| (fold(said), code.as_str())).collect())
        });
        let number = self.number();
        let date = self.date();
        BoundFilling {
            column,
            origin,
            keys,
            part: keys.part.as_deref().map(Pattern::new),
            codes,
            number: keys.number.as_ref().map_or(number.clone(), |n| n.over(&number)),
            date: keys.date.as_ref().map_or(date.clone(), |d| d.over(&date)),
            otherwise: keys
                .otherwise
                .as_ref()
                .map(|next| Box::new(self.filling(next, column, into, table))),
        }
    }

    fn template(
        &mut self,
        text: &str,
        into: &super::file::Target,
        table: &'static Table,
    ) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for piece in Template::parse(text) {
            let Piece::Name(name) = &piece else {
                pieces.push(piece);
                continue;
            };
            let filled = into.columns.get(name).is_some_and(|f| f.0.template.is_none());
            let is_section = self.block.sections.iter().any(|s| s.name == *name);
            pieces.push(if let Some(index) = table.index(name).filter(|_| filled) {
                Piece::Field(index)
            } else if self.facts.contains_key(name) {
                Piece::Fact(name.clone())
            } else if is_section {
                Piece::Section(name.clone())
            } else if let Some(built_in) = Piece::built_in(name) {
                built_in
            } else {
                match self.one(name) {
                    Some(column) => Piece::Cell(column),
                    None => continue,
                }
            });
        }
        pieces
    }

    /// Says which columns of the header are neither read nor named as ignored.
    pub fn refuse_unknown(&mut self) {
        let ignored = patterns(&self.block.ignored);
        let letters: BTreeSet<u32> = self
            .block
            .ignored
            .iter()
            .filter_map(|name| column_of_letters(name))
            .collect();
        let header = self.header;
        let names = super::validate::source_names(self.block);
        for cell in &header.cells {
            let known = self.used.contains(&cell.column)
                || letters.contains(&cell.column)
                || ignored.iter().any(|pattern| pattern.is_like(&cell.name));
            if known {
                continue;
            }
            let what = format!(
                "the column `{}` ({}) is neither read nor named in `ignored`",
                visible(&cell.name),
                column_name(cell.column)
            );
            let beginning: String = cell.name.chars().take(100).collect();
            let fix = did_you_mean(
                &beginning,
                names.iter().copied(),
                "add it to `ignored`, or say what it fills",
            );
            self.fault(&what, fix);
        }
    }
}

/// The column that `column F` means.
#[must_use]
pub fn column_of_letters(name: &str) -> Option<u32> {
    let letters = name.trim().strip_prefix("column ")?.trim();
    if letters.is_empty() || letters.len() > 3 {
        return None;
    }
    letters.bytes().try_fold(0_u32, |column, letter| {
        let value = letter.is_ascii_uppercase().then(|| letter.checked_sub(b'A'))??;
        column.checked_mul(26)?.checked_add(u32::from(value))?.checked_add(1)
    })
}
