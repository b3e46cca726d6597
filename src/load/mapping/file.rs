//! The mapping file as it is written: what each key may say (`docs/mappings.md`).

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};

use super::date::DateFormat;
use super::number::NumberFormat;

/// A mapping file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MappingFile {
    /// What layout it reads.
    pub title: String,
    /// What a reader of the mapping should know.
    #[serde(default)]
    pub notes: String,
    /// A proposal that nobody has looked at; it is never loaded with.
    #[serde(default)]
    pub draft: bool,
    /// Encoding of CSV files, where it is not UTF-8.
    pub encoding: Option<String>,
    /// Field delimiter of CSV files.
    pub delimiter: Option<String>,
    /// Whether cached results of formulas are taken as values.
    #[serde(default)]
    pub accept_cached_formulas: bool,
    /// Sheets that no block reads, as patterns.
    #[serde(default)]
    pub ignored_sheets: Vec<String>,
    /// What must be told with `--param name=value`, with one line about each.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// How numbers are written.
    #[serde(default)]
    pub number: NumberFormat,
    /// How days are written.
    #[serde(default)]
    pub date: DateFormat,
    /// Code tables by name: what the file says, and what we say.
    #[serde(default)]
    pub translations: BTreeMap<String, BTreeMap<String, String>>,
    /// Single cells that say something about all rows.
    #[serde(default, rename = "fact")]
    pub facts: Vec<Fact>,
    /// The tables inside the file.
    #[serde(rename = "block")]
    pub blocks: Vec<Block>,
    /// Sums that must agree between blocks.
    #[serde(default, rename = "agreement")]
    pub agreements: Vec<Agreement>,
}

/// A single cell that says something about all rows.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// Its name in templates.
    pub name: String,
    /// The sheets where it may stand, as patterns; all if none is given.
    #[serde(default)]
    pub sheet: Names,
    /// The text to the left of the cell, as a pattern.
    pub beside: Option<String>,
    /// A pattern of the cell's own text; braces mark the part that is meant.
    pub like: Option<String>,
    /// The cell's address, such as `B3`.
    pub cell: Option<String>,
}

/// One table inside a file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// Its name, in messages and agreements.
    pub name: String,
    /// The sheets (of CSV files: the stems) that hold it, as patterns.
    #[serde(default)]
    pub sheet: Names,
    /// The block begins below a row whose first text is like this.
    #[serde(default)]
    pub starts_after: Names,
    /// The block ends before a row whose first text is like this.
    #[serde(default)]
    pub ends_before: Names,
    /// What an empty row means.
    #[serde(default)]
    pub blank_rows: BlankRows,
    /// Texts of the header row, as patterns; rows above it are passed over. Without
    /// them the first row is the header.
    #[serde(default)]
    pub header: Names,
    /// How many rows the header has; their texts are joined with ` / `.
    pub header_rows: Option<u8>,
    /// Columns that are not read, as patterns.
    #[serde(default)]
    pub ignored: Vec<String>,
    /// Columns whose empty cells repeat the text above.
    #[serde(default)]
    pub fill_down: Vec<String>,
    /// How numbers are written here.
    #[serde(default)]
    pub number: NumberFormat,
    /// How days are written here.
    #[serde(default)]
    pub date: DateFormat,
    /// The column of labels, for totals; the first text of a row if not given.
    pub label: Option<String>,
    /// Rows that are headings of what follows.
    #[serde(default, rename = "section")]
    pub sections: Vec<Section>,
    /// Rows that are passed over and counted.
    #[serde(default)]
    pub skip: Vec<Filter>,
    /// Rows that are sums of other rows.
    #[serde(default, rename = "total")]
    pub totals: Vec<Total>,
    /// Columns that are sums of other columns.
    #[serde(default, rename = "sum")]
    pub sums: Vec<Sum>,
    /// The canonical rows that its rows become; none for a block that is only checked.
    #[serde(default)]
    pub into: Vec<Target>,
}

/// What an empty row inside a block means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlankRows {
    /// It is a mistake, unless nothing follows.
    #[default]
    Refuse,
    /// Nothing.
    Skip,
    /// The end of the block.
    End,
}

/// A row that is a heading of what follows.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Its name in templates and `section`.
    pub name: String,
    /// The column where its text stands.
    pub column: String,
    /// A pattern of the text; braces mark the part that is meant.
    pub is: Names,
}

/// A condition on one column of a row.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// The column.
    pub column: String,
    /// The row passes if the text is like one of these.
    pub is: Option<Names>,
    /// The row passes if the text is like none of these.
    pub is_not: Option<Names>,
}

/// A row that is a sum of other rows.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Total {
    /// Patterns of its label.
    pub row: Names,
    /// `above` (rows since the last such total), `all` (every row so far), or labels.
    #[serde(default)]
    pub of: Names,
    /// Labels of rows that are taken away.
    #[serde(default)]
    pub minus: Names,
    /// The columns that are summed, as patterns.
    pub columns: Names,
    /// How far the sums may be apart, in the file's own units.
    pub tolerance: Option<String>,
    /// The same, for each row that is added.
    pub tolerance_per_addend: Option<String>,
    /// Whether the row is also read as a row of the block.
    #[serde(default)]
    pub keep: bool,
    /// Whether a file without it is refused.
    #[serde(default = "yes")]
    pub required: bool,
}

/// A column that is a sum of other columns.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sum {
    /// The column of sums.
    pub column: String,
    /// The columns that are added, as patterns.
    pub of: Names,
    /// The columns that are taken away, as patterns.
    #[serde(default)]
    pub minus: Names,
    /// How far the sums may be apart, in the file's own units.
    pub tolerance: Option<String>,
    /// The same, for each column that is added.
    pub tolerance_per_addend: Option<String>,
}

/// Sums of two blocks that must agree.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// One block.
    pub block: String,
    /// Its columns, as patterns.
    pub columns: Names,
    /// The other block.
    pub with: String,
    /// Its columns, as patterns.
    pub with_columns: Names,
    /// How far the sums may be apart, in units of one.
    pub tolerance: Option<String>,
}

/// The canonical rows that rows of a block become.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The canonical table.
    pub table: String,
    /// Conditions that a row must meet, all of them.
    #[serde(default)]
    pub only: Vec<Filter>,
    /// One canonical row for each of these columns instead of one for each row.
    pub across: Option<Across>,
    /// How often the same row is told.
    #[serde(default)]
    pub distinct: Distinct,
    /// What fills each canonical column.
    pub columns: BTreeMap<String, Filling>,
}

/// How often the same canonical row is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Distinct {
    /// As often as it stands in the file.
    #[default]
    No,
    /// Once, if all its columns are the same.
    Rows,
    /// Once for each key; the first row is taken, and others that differ are counted.
    Keys,
}

/// Columns that become rows.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Across {
    /// The columns, as patterns; braces mark the part that is the heading.
    pub columns: Names,
    /// Whether columns may be absent.
    #[serde(default)]
    pub may_be_missing: bool,
    /// Whether cells that say zero give no row.
    #[serde(default)]
    pub skip_zero: bool,
}

/// What fills a canonical column: a source column's name, or a table of keys.
#[derive(Debug, Clone, Default)]
pub struct Filling(pub FillingKeys);

/// The keys of a filling.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FillingKeys {
    /// The source column, or several of which the first that is there is taken.
    pub from: Names,
    /// Whether none of them need be there.
    pub may_be_missing: bool,
    /// The same text in every row.
    pub constant: Option<String>,
    /// Text with names in braces.
    pub template: Option<String>,
    /// The heading of the column that becomes a row.
    pub heading: bool,
    /// The cell of the column that becomes a row.
    pub value: bool,
    /// The text of a section.
    pub section: Option<String>,
    /// A fact or a parameter.
    pub fact: Option<String>,
    /// A pattern whose marked part is taken.
    pub part: Option<String>,
    /// Texts that mean nothing.
    pub empty: Vec<String>,
    /// The table of codes.
    pub translate: Option<String>,
    /// How the number is written.
    pub number: Option<NumberFormat>,
    /// How the day is written.
    pub date: Option<DateFormat>,
    /// Zeros are put before ids of digits that are shorter than this.
    pub pad: Option<usize>,
    /// Whether the sign of the number is turned.
    pub negate: bool,
    /// What fills the column where this gives nothing.
    pub otherwise: Option<Box<Filling>>,
}

fn yes() -> bool {
    true
}

/// One text or a list of texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names(pub Vec<String>);

impl Names {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;
        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Names;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Names, E> {
                Ok(Names(vec![text.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Names, A::Error> {
                let mut names = Vec::new();
                while let Some(name) = seq.next_element::<String>()? {
                    names.push(name);
                }
                Ok(Names(names))
            }
        }
        deserializer.deserialize_any(OneOrMany)
    }
}

impl<'de> Deserialize<'de> for Filling {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameOrKeys;
        impl<'de> Visitor<'de> for NameOrKeys {
            type Value = Filling;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "the name of a source column, or a table such as { from = … }",
                )
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Filling, E> {
                let from = Names(vec![text.to_owned()]);
                Ok(Filling(FillingKeys { from, ..FillingKeys::default() }))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Filling, A::Error> {
                FillingKeys::deserialize(de::value::MapAccessDeserializer::new(map))
                    .map(Filling)
            }
        }
        deserializer.deserialize_any(NameOrKeys)
    }
}
