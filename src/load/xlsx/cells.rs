//! One worksheet: rows of cells that hold something, what is hidden, what is merged.

use crate::error::{Problem, visible};
use crate::load::sheet::{CellKind, Merged, Sheet, SheetCell, SheetRow, column_name};

use super::styles::Styles;
use super::values::{Dated, dated, shortest};
use super::xml::{Pull, Step, Tag};
use super::{Fault, Limits};

/// The last row and column that a spreadsheet has.
const LAST: (u64, u32) = (1_048_576, 16_384);

/// The longest text that a spreadsheet lets a cell hold, in characters.
const LONGEST_TEXT: usize = 32_767;

/// What the cells of all sheets point to.
pub(super) struct Shared<'a> {
    pub(super) file: &'a str,
    pub(super) strings: &'a [String],
    pub(super) styles: &'a Styles,
    pub(super) is_1904: bool,
    pub(super) limits: &'a Limits,
}

/// What the sheets read so far have taken.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Spent {
    cells: u64,
    text: u64,
}

/// Reads a worksheet.
pub(super) fn read(
    pull: Pull<'_>,
    name: &str,
    shared: &Shared<'_>,
    spent: &mut Spent,
) -> Result<Sheet, Fault> {
    let mut sheet = Sheet { name: name.to_owned(), ..Sheet::default() };
    let place = sheet.place(shared.file);
    let mut reader = Reader { pull, shared, spent, place, at: (0, 0), widest: 0 };
    loop {
        match reader.pull.step()? {
            Step::Open(tag) => match tag.name() {
                "worksheet" => {}
                "cols" => sheet.hidden_columns = reader.hidden_columns()?,
                "sheetData" => reader.rows(&mut sheet.rows)?,
                "mergeCells" => sheet.merged = reader.merged()?,
                _ => reader.pull.skip()?,
            },
            Step::Text(_) | Step::Close => {}
            Step::End => return Ok(sheet),
        }
    }
}

struct Reader<'r, 'a> {
    pull: Pull<'a>,
    shared: &'r Shared<'r>,
    spent: &'r mut Spent,
    /// The file with the sheet's name, for messages.
    place: String,
    /// Row and column of the cell before.
    at: (u64, u32),
    /// The last column of any row.
    widest: u32,
}

impl<'a> Reader<'_, 'a> {
    fn hidden_columns(&mut self) -> Result<Vec<u32>, Fault> {
        let mut hidden = Vec::new();
        while let Step::Open(tag) = self.next_inside()? {
            let number = |name: &str| tag.attribute(name)?.parse::<u32>().ok();
            if let (true, Some(first), Some(last)) =
                (tag.is_set("hidden"), number("min"), number("max"))
            {
                hidden.extend(first.max(1)..=last.min(LAST.1));
            }
            self.pull.skip()?;
        }
        hidden.sort_unstable();
        hidden.dedup();
        Ok(hidden)
    }

    fn merged(&mut self) -> Result<Vec<Merged>, Fault> {
        let mut merged = Vec::new();
        while let Step::Open(tag) = self.next_inside()? {
            let text = tag.attribute("ref").unwrap_or_default();
            let (first, last) = text.split_once(':').unwrap_or((&text, &text));
            let (Some(first), Some(last)) = (cell_place(first), cell_place(last)) else {
                let text = visible(&text);
                return Err(self.pull.fault(&format!("`{text}` is no range of cells")));
            };
            merged.push(Merged { first, last });
            self.pull.skip()?;
        }
        Ok(merged)
    }

    fn rows(&mut self, rows: &mut Vec<SheetRow>) -> Result<(), Fault> {
        while let Step::Open(tag) = self.next_inside()? {
            if tag.name() != "row" {
                self.pull.skip()?;
                continue;
            }
            let row = match tag.attribute("r") {
                Some(text) => text.parse().unwrap_or(0),
                None => self.at.0.saturating_add(1),
            };
            if row <= self.at.0 || row > LAST.0 {
                let before = self.at.0;
                let why = format!("row {row} stands after row {before}");
                return Err(self.pull.fault(&why));
            }
            self.at = (row, 0);
            let is_hidden = tag.is_set("hidden");
            let cells = self.cells()?;
            if !cells.is_empty() {
                rows.push(SheetRow { row, is_hidden, cells });
            }
        }
        Ok(())
    }

    fn cells(&mut self) -> Result<Vec<SheetCell>, Fault> {
        let mut cells = Vec::new();
        while let Step::Open(tag) = self.next_inside()? {
            if tag.name() != "c" {
                self.pull.skip()?;
                continue;
            }
            self.go_to(&tag)?;
            if let Some(cell) = self.cell(&tag)? {
                self.count(&cell)?;
                cells.push(cell);
            }
        }
        Ok(cells)
    }

    /// The next element inside the open one; its close where there is none left.
    fn next_inside(&mut self) -> Result<Step<'a>, Fault> {
        loop {
            match self.pull.step()? {
                Step::Text(_) => {}
                step => return Ok(step),
            }
        }
    }

    /// Takes the cell's place, which lies in its row and after the cell before.
    fn go_to(&mut self, tag: &Tag<'_>) -> Result<(), Fault> {
        let (row, before) = self.at;
        let Some(text) = tag.attribute("r") else {
            self.at.1 = before.saturating_add(1);
            return Ok(());
        };
        let text = visible(&text);
        let why = match cell_place(&text) {
            None => format!("`{text}` is no cell"),
            Some((other, _)) if other != row => {
                format!("cell `{text}` stands in row {row}")
            }
            Some((_, column)) if column <= before => {
                format!("cell `{text}` stands after `{}{row}`", column_name(before))
            }
            Some((_, column)) => {
                self.at.1 = column;
                return Ok(());
            }
        };
        Err(self.pull.fault(&why))
    }

    /// Reads a cell; nothing where it holds nothing.
    fn cell(&mut self, tag: &Tag<'_>) -> Result<Option<SheetCell>, Fault> {
        let (mut text, mut is_formula) = (String::new(), false);
        let mut has_value = false;
        while let Step::Open(inner) = self.next_inside()? {
            match inner.name() {
                "f" => {
                    is_formula = true;
                    self.pull.skip()?;
                }
                "v" => {
                    text = self.pull.text()?.into_owned();
                    has_value = true;
                }
                "is" => {
                    text = self.pull.rich_text()?;
                    has_value = true;
                }
                _ => self.pull.skip()?,
            }
        }
        if !is_formula && (!has_value || text.is_empty()) {
            return Ok(None);
        }
        let kind = tag.attribute("t");
        let (text, kind) = if has_value && !text.is_empty() {
            self.value(kind.as_deref().unwrap_or("n"), tag, text)?
        } else {
            (text, CellKind::Text)
        };
        Ok(Some(SheetCell { column: self.at.1, text, kind, is_formula }))
    }

    fn value(
        &self,
        kind: &str,
        tag: &Tag<'_>,
        text: String,
    ) -> Result<(String, CellKind), Fault> {
        Ok(match kind {
            "s" => {
                let index = text.trim().parse::<usize>().ok();
                let found = index.and_then(|index| self.shared.strings.get(index));
                let found = found.ok_or_else(|| {
                    let (text, count) = (visible(&text), self.shared.strings.len());
                    self.fault(format!(
                        "the cell points to shared text {text}, and there are {count}"
                    ))
                })?;
                (found.clone(), CellKind::Text)
            }
            "str" | "inlineStr" => (text, CellKind::Text),
            "e" => (text, CellKind::Fault),
            "b" => {
                let truth = if text.trim() == "1" { "true" } else { "false" };
                (truth.to_owned(), CellKind::Bool)
            }
            "d" => iso(&text),
            "n" => {
                let number = shortest(text.trim()).ok_or_else(|| {
                    let text = visible(&text);
                    self.fault(format!("the cell says that `{text}` is a number"))
                })?;
                self.number(number, tag)
            }
            other => {
                let other = visible(other);
                return Err(self.fault(format!("the cell is of the kind `{other}`")));
            }
        })
    }

    /// A number, or the day that its style shows.
    fn number(&self, number: String, tag: &Tag<'_>) -> (String, CellKind) {
        let style = tag.attribute("s").and_then(|style| style.parse().ok()).unwrap_or(0);
        if !self.shared.styles.is_date(style) {
            return (number, CellKind::Number);
        }
        match dated(&number, self.shared.is_1904) {
            Some(Dated::Day(day)) => (day, CellKind::Day),
            Some(Dated::Instant(instant)) => (instant, CellKind::Instant),
            None => (number, CellKind::Number),
        }
    }

    /// Counts a cell against the limits.
    fn count(&mut self, cell: &SheetCell) -> Result<(), Fault> {
        let limits = self.shared.limits;
        self.widest = self.widest.max(cell.column);
        let range = self.at.0.saturating_mul(u64::from(self.widest));
        if range > limits.range_cells {
            let what = format!(
                "the used range A1:{}{} has {} cells; a sheet may have {}",
                column_name(self.widest),
                self.at.0,
                grouped(range),
                grouped(limits.range_cells),
            );
            let fix = "delete what stands far from the table; Ctrl+End finds it";
            return Err(Box::new(Problem::of_file(&self.place, what, fix)));
        }
        if cell.text.len() > LONGEST_TEXT && cell.text.chars().count() > LONGEST_TEXT {
            let what = format!("the text is longer than {LONGEST_TEXT} characters");
            return Err(self.fault(what));
        }
        self.spent.cells = self.spent.cells.saturating_add(1);
        let length = u64::try_from(cell.text.len()).unwrap_or(u64::MAX);
        self.spent.text = self.spent.text.saturating_add(length);
        let (what, most) = if self.spent.cells > limits.full_cells {
            ("cells", limits.full_cells)
        } else if self.spent.text > limits.text_bytes {
            ("bytes of text", limits.text_bytes)
        } else {
            return Ok(());
        };
        let what = format!("the workbook has more than {} {what}", grouped(most));
        let fix = "split it, or save the sheets as CSV";
        Err(Box::new(Problem::of_file(self.shared.file, what, fix)))
    }

    /// What is wrong with the cell that is being read.
    fn fault(&self, what: String) -> Fault {
        let (row, column) = self.at;
        let fix = "save the workbook again in Excel or LibreOffice";
        Box::new(Problem::at(&self.place, row, u64::from(column), what, fix))
    }
}

/// A date that the cell holds as ISO text.
fn iso(text: &str) -> (String, CellKind) {
    let text = text.trim().trim_end_matches('Z');
    match text.split_once('T') {
        None => (text.to_owned(), CellKind::Day),
        Some((day, time)) if time.chars().all(|c| "0:.".contains(c)) => {
            (day.to_owned(), CellKind::Day)
        }
        Some(_) => (text.to_owned(), CellKind::Instant),
    }
}

/// Row and column of a reference such as `AB12`.
fn cell_place(text: &str) -> Option<(u64, u32)> {
    let digits = text.find(|c: char| c.is_ascii_digit())?;
    let (letters, number) = text.split_at_checked(digits)?;
    let mut column = 0_u32;
    for letter in letters.bytes() {
        let value = letter.to_ascii_uppercase().checked_sub(b'A').filter(|v| *v < 26)?;
        column =
            column.checked_mul(26)?.checked_add(u32::from(value).saturating_add(1))?;
    }
    let row: u64 = number.parse().ok()?;
    let fits = (1..=LAST.0).contains(&row) && (1..=LAST.1).contains(&column);
    fits.then_some((row, column))
}

/// A count with a comma between thousands.
fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        let left = digits.len().saturating_sub(index);
        if index > 0 && left.is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_lie_within_a_sheet() {
        assert_eq!(cell_place("A1"), Some((1, 1)));
        assert_eq!(cell_place("XFD1048576"), Some((1_048_576, 16_384)));
        for text in ["XFE1", "A1048577", "A0", "1", "A", "", "A-1", "$A$1", "ÀA1"] {
            assert_eq!(cell_place(text), None, "{text}");
        }
        assert_eq!(grouped(17_179_869_184), "17,179,869,184");
        assert_eq!(grouped(999), "999");
    }
}
