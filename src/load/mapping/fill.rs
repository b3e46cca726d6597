//! One canonical row: each of its columns filled with text that the table's own strict
//! grammar then reads.

use std::collections::BTreeMap;

use crate::error::{did_you_mean, visible};
use crate::load::sheet::{CellKind, SheetCell, SheetRow, exceeds_double};
use crate::tables::cell::Fault;
use crate::tables::schema::Kind;

use super::bind::{BoundFilling, Origin};
use super::number::NumberFormat;
use super::pattern::{fold, tidy};
use super::template::Piece;

/// A row of a block, and what stands around it.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The row.
    pub row: &'a SheetRow,
    /// Its texts by column where they differ from the cells: filled down, or merged.
    pub filled: &'a BTreeMap<u32, SheetCell>,
    /// The texts of sections.
    pub sections: &'a BTreeMap<String, String>,
    /// Facts and parameters.
    pub facts: &'a BTreeMap<String, String>,
    /// The sheet's name.
    pub sheet: &'a str,
    /// The column that becomes a row, and its heading.
    pub across: Option<(u32, &'a str)>,
}

/// The text of a canonical column, and the source column that it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// The text.
    pub text: String,
    /// The source column, or 0.
    pub column: u32,
    /// Whether it is a day of which the text named the month only.
    pub is_month: bool,
}

impl Place<'_> {
    /// The cell of a column, filled down where it is empty.
    #[must_use]
    pub fn cell(&self, column: u32) -> Option<&SheetCell> {
        self.row.cell(column).or_else(|| self.filled.get(&column))
    }

    fn text(&self, column: u32) -> String {
        self.cell(column).map(|cell| tidy(&cell.text)).unwrap_or_default()
    }

    /// Fills one column; `fields` are the columns of the row filled so far.
    ///
    /// # Errors
    /// What the source says cannot be understood; with the source column.
    pub fn fill(
        &self,
        filling: &BoundFilling<'_>,
        fields: &[Option<Filled>],
    ) -> Result<Filled, (u32, String, Fault)> {
        let (text, column, kind) = self.raw(filling, fields);
        let place = |fault| (column, text.clone(), fault);
        let taken = self.taken(filling, &text).map_err(place)?;
        let read = match taken {
            Some(taken) => convert(filling, &taken, kind).map_err(place)?,
            None => None,
        };
        match (read, &filling.otherwise) {
            (Some((text, is_month)), _) => Ok(Filled { text, column, is_month }),
            (None, Some(next)) => self.fill(next, fields),
            (None, None) => Ok(Filled { text: String::new(), column, is_month: false }),
        }
    }

    fn raw(
        &self,
        filling: &BoundFilling<'_>,
        fields: &[Option<Filled>],
    ) -> (String, u32, CellKind) {
        let cell = |column: u32| {
            let found = self.cell(column);
            let text = found.map(|cell| tidy(&cell.text)).unwrap_or_default();
            (text, column, found.map_or(CellKind::Text, |cell| cell.kind))
        };
        let said = |text: String| (text, 0, CellKind::Text);
        match &filling.origin {
            Origin::Cell(Some(column)) => cell(*column),
            Origin::Cell(None) => said(String::new()),
            Origin::Constant(text) => said(text.clone()),
            Origin::Template(pieces) => said(self.template(pieces, fields)),
            Origin::Section(name) => {
                said(self.sections.get(name).cloned().unwrap_or_default())
            }
            // A fact or parameter may always be an ISO day, however the file writes days.
            Origin::Fact(name) => {
                let text = self.facts.get(name).cloned().unwrap_or_default();
                (text, 0, CellKind::Day)
            }
            Origin::Heading => {
                let (column, heading) = self.across.unwrap_or((0, ""));
                (heading.to_owned(), column, CellKind::Text)
            }
            Origin::Value => cell(self.across.map_or(0, |(column, _)| column)),
        }
    }

    fn template(&self, pieces: &[Piece], fields: &[Option<Filled>]) -> String {
        let named = |map: &BTreeMap<String, String>, name: &String| {
            map.get(name).cloned().unwrap_or_default()
        };
        let mut out = String::new();
        for piece in pieces {
            out.push_str(&match piece {
                Piece::Text(text) => text.clone(),
                Piece::Field(index) => fields
                    .get(*index)
                    .and_then(Option::as_ref)
                    .map(|field| field.text.clone())
                    .unwrap_or_default(),
                Piece::Fact(name) => named(self.facts, name),
                Piece::Section(name) => named(self.sections, name),
                Piece::Cell(column) => self.text(*column),
                Piece::Row => self.row.row.to_string(),
                Piece::Heading => {
                    self.across.map(|(_, heading)| heading.to_owned()).unwrap_or_default()
                }
                Piece::Sheet => self.sheet.to_owned(),
                Piece::Name(_) => String::new(),
            });
        }
        out
    }

    /// The part of a text that is meant, in our words; nothing where it says nothing.
    fn taken(
        &self,
        filling: &BoundFilling<'_>,
        text: &str,
    ) -> Result<Option<String>, Fault> {
        let folded = fold(text);
        if text.is_empty() || filling.keys.empty.iter().any(|word| fold(word) == folded) {
            return Ok(None);
        }
        let part = match &filling.part {
            None => text.to_owned(),
            Some(pattern) => pattern.part(text).ok_or_else(|| Fault {
                what: format!(
                    "`{}` is not like `{}`",
                    visible(text),
                    filling.keys.part.as_deref().unwrap_or_default()
                ),
                fix: "mend the cell, or the mapping's `part`".to_owned(),
            })?,
        };
        let Some(codes) = &filling.codes else { return Ok(Some(part)) };
        let folded = fold(&part);
        if let Some(code) = codes.get(&folded) {
            return Ok((!code.is_empty()).then(|| (*code).to_owned()));
        }
        let name = filling.keys.translate.as_deref().unwrap_or_default();
        let beginning: String = folded.chars().take(100).collect();
        let known = codes.keys().map(String::as_str);
        let otherwise = format!("add it to `[translations.{name}]`");
        Err(Fault {
            what: format!("`{}` is not in the translation `{name}`", visible(&part)),
            fix: did_you_mean(&beginning, known, &otherwise),
        })
    }
}

/// Turns a text into what the column's grammar reads; nothing where it says nothing.
fn convert(
    filling: &BoundFilling<'_>,
    text: &str,
    kind: CellKind,
) -> Result<Option<(String, bool)>, Fault> {
    let plain = |text: Option<String>| text.map(|text| (text, false));
    match filling.column.kind {
        Kind::Money(_) | Kind::Decimal | Kind::Whole(_) => {
            // Units are of money: a year is no thousand years.
            let number = match filling.column.kind {
                Kind::Money(_) if kind == CellKind::Number && exceeds_double(text) => {
                    return Err(Fault {
                        what: format!(
                            "`{}` has more digits than its cell can hold",
                            visible(text)
                        ),
                        fix: "type the amount as text".to_owned(),
                    });
                }
                Kind::Money(_) => filling.number.plain(text, kind)?,
                _ => NumberFormat { unit: None, ..filling.number.clone() }
                    .plain(text, kind)?,
            };
            let number = if matches!(filling.column.kind, Kind::Whole(_)) {
                number.map(|number| without_zeros(&number))
            } else {
                number
            };
            Ok(plain(if filling.keys.negate { number.map(negated) } else { number }))
        }
        Kind::Bps => Ok(plain(filling.number.bps(text, kind)?)),
        Kind::Day(_) => {
            let read = filling.date.read(text, kind)?;
            Ok(Some((read.day.to_string(), read.is_month)))
        }
        Kind::Id | Kind::ProjectId => Ok(plain(Some(padded(text, filling.keys.pad)))),
        _ => Ok(plain(Some(text.to_owned()))),
    }
}

/// A whole number that a workbook or an export writes with a point: `2012.0`.
fn without_zeros(number: &str) -> String {
    match number.split_once('.') {
        Some((whole, rest)) if rest.bytes().all(|digit| digit == b'0') => {
            whole.to_owned()
        }
        _ => number.to_owned(),
    }
}

fn negated(number: String) -> String {
    if number.bytes().all(|byte| matches!(byte, b'0' | b'.' | b'-')) {
        return number;
    }
    match number.strip_prefix('-') {
        Some(positive) => positive.to_owned(),
        None => format!("-{number}"),
    }
}

fn padded(id: &str, width: Option<usize>) -> String {
    let width = width.unwrap_or(0);
    if !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()) {
        format!("{id:0>width$}")
    } else {
        id.to_owned()
    }
}
