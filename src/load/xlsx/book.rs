//! The workbook: its sheets by name, its date system, what it brings along.

use std::collections::BTreeMap;

use crate::error::{Problem, visible};
use crate::load::sheet::Sheet;

use super::archive::Archive;
use super::cells::{self, Shared, Spent};
use super::styles::Styles;
use super::xml::{Pull, Step};
use super::{Fault, Limits, strings};

/// An opened workbook; its sheets are read one at a time.
pub struct Workbook<'a> {
    archive: Archive<'a>,
    file: &'a str,
    limits: Limits,
    sheets: Vec<Listed>,
    names: Vec<String>,
    strings: Vec<String>,
    styles: Styles,
    is_1904: bool,
    spent: Spent,
    /// What is worth knowing of the workbook as a whole.
    pub warnings: Vec<Problem>,
}

/// One worksheet as the workbook lists it.
struct Listed {
    is_hidden: bool,
    part: String,
}

/// A relation from one part to another.
struct Relation {
    kind: String,
    target: String,
}

type Relations = BTreeMap<String, Relation>;

impl<'a> Workbook<'a> {
    /// Opens a workbook: its list of sheets, shared texts and styles.
    ///
    /// # Errors
    /// What refuses the file.
    pub fn open(
        bytes: &'a [u8],
        file: &'a str,
        limits: &Limits,
    ) -> Result<Self, Vec<Problem>> {
        Self::read(bytes, file, limits).map_err(|fault| vec![*fault])
    }

    fn read(bytes: &'a [u8], file: &'a str, limits: &Limits) -> Result<Self, Fault> {
        let mut archive = Archive::open(bytes, file, limits)?;
        let main = relations(&mut archive, file, "")?
            .into_values()
            .find(|relation| relation.kind == "officeDocument")
            .map_or_else(|| "xl/workbook.xml".to_owned(), |relation| relation.target);
        let related = relations(&mut archive, file, &main)?;
        let part = |kind: &str| {
            let found = related.values().find(|relation| relation.kind == kind);
            found.map(|relation| relation.target.clone())
        };
        let text = archive.text(&main)?.ok_or_else(|| missing(file, &main))?;
        let strings = match part("sharedStrings") {
            Some(part) => strings::read(&mut archive, file, &part)?,
            None => Vec::new(),
        };
        let styles = match part("styles") {
            Some(part) => Styles::read(&mut archive, file, &part)?,
            None => Styles::default(),
        };
        let mut book = Self {
            archive,
            file,
            limits: *limits,
            sheets: Vec::new(),
            names: Vec::new(),
            strings,
            styles,
            is_1904: false,
            spent: Spent::default(),
            warnings: Vec::new(),
        };
        book.list(&text, &main, &related)?;
        book.warn(&related);
        Ok(book)
    }

    /// The names of the worksheets, in the workbook's order.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Reads one worksheet, by its place in [`Workbook::names`].
    ///
    /// # Errors
    /// What refuses the file.
    pub fn sheet(&mut self, index: usize) -> Result<Sheet, Vec<Problem>> {
        self.read_sheet(index).map_err(|fault| vec![*fault])
    }

    fn read_sheet(&mut self, index: usize) -> Result<Sheet, Fault> {
        let (Some(listed), Some(name)) = (self.sheets.get(index), self.names.get(index))
        else {
            return Ok(Sheet::default());
        };
        let text = self.archive.text(&listed.part)?;
        let text = text.ok_or_else(|| missing(self.file, &listed.part))?;
        let shared = Shared {
            file: self.file,
            strings: &self.strings,
            styles: &self.styles,
            is_1904: self.is_1904,
            limits: &self.limits,
        };
        let pull = Pull::new(&text, self.file, &listed.part);
        let mut sheet = cells::read(pull, name, &shared, &mut self.spent)?;
        sheet.is_hidden = listed.is_hidden;
        Ok(sheet)
    }

    /// Lists the worksheets; sheets that hold a chart alone have no cells.
    fn list(&mut self, text: &str, main: &str, related: &Relations) -> Result<(), Fault> {
        let mut pull = Pull::new(text, self.file, main);
        loop {
            match pull.step()? {
                Step::Open(tag) if tag.name() == "workbookPr" => {
                    self.is_1904 = tag.is_set("date1904");
                }
                Step::Open(tag) if tag.name() == "sheet" => {
                    let name = tag.attribute("name").unwrap_or_default().into_owned();
                    let id = tag.prefixed("id").unwrap_or_default();
                    let relation = related.get(id.as_ref()).ok_or_else(|| {
                        let name = visible(&name);
                        pull.fault(&format!("it does not say where sheet `{name}` is"))
                    })?;
                    if relation.kind != "worksheet" {
                        continue;
                    }
                    let lower = name.to_lowercase();
                    if self.names.iter().any(|known| known.to_lowercase() == lower) {
                        let what = format!("two sheets are named `{}`", visible(&name));
                        let fix = "give each sheet a name of its own";
                        return Err(Box::new(Problem::of_file(self.file, what, fix)));
                    }
                    let state = tag.attribute("state").unwrap_or_default();
                    let is_hidden = matches!(state.as_ref(), "hidden" | "veryHidden");
                    let part = relation.target.clone();
                    self.sheets.push(Listed { is_hidden, part });
                    self.names.push(name);
                }
                Step::End => break,
                _ => {}
            }
        }
        if self.names.is_empty() {
            let what = "the workbook has no worksheet";
            let fix = "save the table in a sheet of its own";
            return Err(Box::new(Problem::of_file(self.file, what, fix)));
        }
        Ok(())
    }

    /// Says what the workbook brings along that is not read.
    fn warn(&mut self, related: &Relations) {
        let mut warn = |what: &str, fix: &str| {
            self.warnings.push(Problem::of_file(self.file, what, fix));
        };
        if self.is_1904 {
            let what = "its dates count from 1904, as once on the Macintosh";
            warn(what, "nothing need be done: the days are read so");
        }
        let has = |kind: &str| related.values().any(|relation| relation.kind == kind);
        if has("externalLink") {
            let what = "links to other files are not followed";
            warn(what, "check that values copied through them are those that you mean");
        }
        if has("connections") {
            let what = "connections to databases are not used";
            warn(what, "refresh and save the workbook before loading it");
        }
        if has("vbaProject") || has("xlMacrosheet") {
            warn("macros are not run", "save the workbook without them");
        }
    }
}

fn missing(file: &str, part: &str) -> Fault {
    let what = format!("`{}` is missing in the workbook", visible(part));
    let fix = "save the workbook again in Excel or LibreOffice";
    Box::new(Problem::of_file(file, what, fix))
}

/// The relations of a part (of the package itself where it is empty), by id.
fn relations(
    archive: &mut Archive<'_>,
    file: &str,
    part: &str,
) -> Result<Relations, Fault> {
    let (folder, name) = part.rsplit_once('/').unwrap_or(("", part));
    let slash = if folder.is_empty() { "" } else { "/" };
    let place = format!("{folder}{slash}_rels/{name}.rels");
    let mut found = BTreeMap::new();
    let Some(text) = archive.text(&place)? else { return Ok(found) };
    let mut pull = Pull::new(&text, file, &place);
    loop {
        match pull.step()? {
            Step::Open(tag) if tag.name() == "Relationship" => {
                let of = |name: &str| tag.attribute(name).unwrap_or_default();
                let kind = of("Type").rsplit('/').next().unwrap_or("").to_owned();
                let target = resolved(folder, &of("Target"));
                found.insert(of("Id").into_owned(), Relation { kind, target });
            }
            Step::End => return Ok(found),
            _ => {}
        }
    }
}

/// A target relative to the folder of the part that names it.
fn resolved(folder: &str, target: &str) -> String {
    if let Some(whole) = target.strip_prefix('/') {
        return whole.to_owned();
    }
    let mut steps: Vec<&str> =
        folder.split('/').filter(|step| !step.is_empty()).collect();
    for step in target.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    steps.join("/")
}
