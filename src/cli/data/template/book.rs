//! A template as a workbook: a sheet per table with drop-downs and hints.

use std::collections::BTreeMap;

use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, DataValidationRule, DocProperties,
    ExcelDateTime, Format, FormatAlign, Formula, Note, Workbook, Worksheet, XlsxError,
};

use crate::error::{Error, Result};
use crate::load::xlsx::template::{OURS, TITLE};
use crate::tables::schema::Kind;
use crate::tables::{Column, Table};

use super::columns::{self, Choices};
use super::known::Known;

/// The last row that drop-downs and checks reach.
const LAST_ROW: u32 = 2000;

/// The longest hint that a spreadsheet shows.
const LONGEST_HINT: usize = 255;

/// The template's bytes; the same for the same knowledge.
pub(super) fn bytes(known: &Known) -> Result<Vec<u8>> {
    write(known)
        .map_err(|error| Error::internal("cannot write the workbook").caused_by(error))
}

fn write(known: &Known) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let made = ExcelDateTime::from_ymd(2000, 1, 1)?;
    book.set_properties(
        &DocProperties::new().set_title(TITLE).set_creation_datetime(&made),
    );
    let [read_me, lists_name] = OURS;
    write_read_me(book.add_worksheet().set_name(read_me)?, known)?;
    let mut lists = Lists::default();
    for table in known.tables() {
        let sheet = book.add_worksheet().set_name(table.name)?;
        write_table(sheet, table, known, &mut lists)?;
    }
    let sheet = book.add_worksheet().set_name(lists_name)?.set_hidden(true);
    lists.write(sheet)?;
    book.save_to_buffer()
}

fn write_read_me(sheet: &mut Worksheet, known: &Known) -> Result<(), XlsxError> {
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    for (column, width) in [24, 60, 70].into_iter().enumerate() {
        sheet.set_column_width(place(column), width)?;
    }
    for (row, line) in columns::read_me(known, true).iter().enumerate() {
        let row = u32::try_from(row).unwrap_or(u32::MAX);
        // A line of one cell may run over the columns beside it.
        let format = if line.len() > 1 { &wrapped } else { &Format::new() };
        for (column, text) in line.iter().enumerate() {
            if !text.is_empty() {
                sheet.write_string_with_format(
                    row,
                    place(column),
                    text.as_str(),
                    format,
                )?;
            }
        }
    }
    Ok(())
}

fn write_table(
    sheet: &mut Worksheet,
    table: &Table,
    known: &Known,
    lists: &mut Lists,
) -> Result<(), XlsxError> {
    sheet.set_freeze_panes(1, 0)?;
    for (index, column) in table.columns.iter().enumerate() {
        let place = place(index);
        let head = Format::new().set_bold().set_background_color(if column.required {
            Color::RGB(0x00FF_E699)
        } else {
            Color::RGB(0x00ED_EDED)
        });
        sheet.write_string_with_format(0, place, column.name, &head)?;
        let letters = column.name.chars().count().max(12).saturating_add(2);
        sheet.set_column_width(place, u32::try_from(letters).unwrap_or(12))?;
        sheet.set_column_format(place, &cell_format(column.kind))?;
        let choices = columns::choices(table, column, known);
        let check = check(column, choices.as_ref(), lists)?;
        sheet.add_data_validation(1, place, LAST_ROW, place, &check)?;
    }
    for (index, cells) in known.rows(table.name).into_iter().enumerate() {
        let row = u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1);
        if let Some(why) = known.why(table.name, index) {
            let note = Note::new(why).set_author("ssrfund").add_author_prefix(false);
            sheet.insert_note(row, 0, &note)?;
        }
        for (name, text) in cells {
            let Some(index) = table.index(name) else { continue };
            let kind = table.columns.get(index).map_or(Kind::Text, |column| column.kind);
            let format = cell_format(kind);
            match text.parse::<u32>() {
                Ok(number) if matches!(kind, Kind::Whole(_)) => {
                    sheet.write_number_with_format(row, place(index), number, &format)?
                }
                _ => sheet.write_string_with_format(row, place(index), text, &format)?,
            };
        }
    }
    Ok(())
}

fn cell_format(kind: Kind) -> Format {
    Format::new().set_num_format(match kind {
        Kind::Day(_) => "yyyy-mm-dd",
        Kind::Money(_) => "#,##0.00",
        Kind::Whole(_) | Kind::Bps => "0",
        Kind::Decimal | Kind::Bool => "General",
        _ => "@",
    })
}

/// What the spreadsheet shows and checks in a column.
fn check(
    column: &Column,
    choices: Option<&Choices>,
    lists: &mut Lists,
) -> Result<DataValidation, XlsxError> {
    let check = DataValidation::new();
    let check = match (choices, column.kind) {
        (Some(choices), _) => {
            let style = if choices.is_closed {
                DataValidationErrorStyle::Stop
            } else {
                DataValidationErrorStyle::Information
            };
            check.allow_list_formula(lists.range(choices)).set_error_style(style)
        }
        (None, Kind::Day(_)) => {
            let first = ExcelDateTime::from_ymd(1990, 1, 1)?;
            let last = ExcelDateTime::from_ymd(2100, 12, 31)?;
            check.allow_date(DataValidationRule::Between(first, last))
        }
        (None, Kind::Whole(least)) => {
            let least = i32::try_from(least).unwrap_or(0);
            check.allow_whole_number(DataValidationRule::GreaterThanOrEqualTo(least))
        }
        (None, Kind::Bps) => {
            check.allow_whole_number(DataValidationRule::Between(0, 10_000))
        }
        (None, Kind::Money(false)) => check.allow_decimal_number_formula(
            DataValidationRule::GreaterThanOrEqualTo(Formula::new("0")),
        ),
        (None, _) => check.allow_any_value(),
    };
    let hint: String = columns::hint(column).chars().take(LONGEST_HINT).collect();
    check.set_input_title(column.name)?.set_input_message(hint)
}

/// The lists of the drop-downs, each once, in the order in which columns ask for them.
#[derive(Default)]
struct Lists {
    places: BTreeMap<String, usize>,
    lists: Vec<(String, Vec<String>)>,
}

impl Lists {
    /// The range that holds a list.
    fn range(&mut self, choices: &Choices) -> Formula {
        let next = self.lists.len();
        let index = *self.places.entry(choices.name.clone()).or_insert(next);
        if index == next {
            self.lists.push((choices.name.clone(), choices.values.clone()));
        }
        let column = u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1);
        let letter = crate::load::sheet::column_name(column);
        let last = choices.values.len().saturating_add(1);
        let [_, sheet] = OURS;
        Formula::new(format!("{sheet}!${letter}$2:${letter}${last}"))
    }

    fn write(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let text = Format::new().set_num_format("@");
        for (index, (name, values)) in self.lists.iter().enumerate() {
            sheet.write_string_with_format(0, place(index), name, &text)?;
            for (row, value) in (1_u32..).zip(values) {
                sheet.write_string_with_format(row, place(index), value, &text)?;
            }
        }
        Ok(())
    }
}

fn place(index: usize) -> u16 {
    u16::try_from(index).unwrap_or(u16::MAX)
}
