//! What the workspace already tells of a project.

use std::collections::BTreeSet;

use crate::cli::context::{Context, Opened};
use crate::cli::output;
use crate::domain::ids;
use crate::engine::Value;
use crate::error::{Error, Result, did_you_mean};
use crate::load::xlsx::template::FIGURES;
use crate::render;
use crate::tables::{Table, schema};

use super::form::Form;

/// Roles that sign the project document.
const SIGN_THE_DOCUMENT: [&str; 3] =
    ["national_authority", "pbso", "resident_coordinator"];

/// What is known of a project; nothing where none was named.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Its id.
    pub(super) project: Option<String>,
    /// Its recipients.
    pub(super) recipients: Vec<String>,
    /// Its milestones, by id.
    pub(super) milestones: Vec<String>,
    /// Units that its budget lines name.
    pub(super) units: Vec<String>,
    title: String,
    tranches: Vec<String>,
    /// Titles of the milestones, for the text that goes with the template.
    titles: Vec<Vec<String>>,
    signed: BTreeSet<Vec<String>>,
    cleared: BTreeSet<Vec<String>>,
    requested: BTreeSet<Vec<String>>,
    /// What a form asks for, in place of what a template would.
    pub(super) form: Option<Vec<Form>>,
    /// Lines of a form for the text that goes with it.
    pub(super) remarks: Vec<String>,
}

/// A row of cells, each with its column.
pub(in crate::cli) type Prefilled = Vec<(&'static str, String)>;

impl Known {
    /// Asks the workspace.
    ///
    /// # Errors
    /// There is no such project.
    pub(super) fn of(context: &Context, typed: &str) -> Result<Self> {
        let opened = context.open_classified()?;
        let id = ids::project_id(typed);
        let ask = |sql: &str| rows(&opened, sql, &id);
        let found = ask("SELECT title FROM projects WHERE project_id = $project")?;
        let Some(title) = found.into_iter().flatten().next() else {
            return Err(unknown(&opened, &id)?);
        };
        if id != typed {
            output::note(context, &format!("note: `{typed}` is read as project `{id}`"));
        }
        let set = |rows: Vec<Vec<String>>| rows.into_iter().collect();
        let first = |rows: Vec<Vec<String>>| rows.into_iter().flatten().collect();
        let titles = ask("SELECT milestone_id, title FROM milestones \
                          WHERE project_id = $project ORDER BY milestone_id")?;
        Ok(Self {
            recipients: first(ask("SELECT DISTINCT recipient FROM tranches \
                                   WHERE project_id = $project ORDER BY recipient")?),
            milestones: titles.iter().filter_map(|row| row.first().cloned()).collect(),
            units: first(ask("SELECT DISTINCT subject_unit FROM budget_lines \
                              WHERE project_id = $project AND subject_unit IS NOT NULL \
                              ORDER BY subject_unit")?),
            title,
            tranches: first(ask("SELECT DISTINCT tranche FROM tranches \
                                 WHERE project_id = $project ORDER BY tranche")?),
            titles,
            signed: set(ask("SELECT tranche, role FROM signatures \
                             WHERE project_id = $project")?),
            cleared: set(ask("SELECT unit FROM clearances WHERE project_id = $project")?),
            requested: set(ask("SELECT tranche, recipient FROM requests \
                                WHERE project_id = $project")?),
            project: Some(id),
            form: None,
            remarks: Vec::new(),
        })
    }

    /// The tables that the workbook has sheets of.
    pub(super) fn tables(&self) -> Vec<&'static Table> {
        match &self.form {
            None => super::tables().collect(),
            Some(rows) => {
                let all = super::tables().chain(schema::table(FIGURES.0));
                let asked =
                    |table: &&Table| rows.iter().any(|row| row.table == table.name);
                all.filter(asked).collect()
            }
        }
    }

    /// Why a row of a table stands there, where a form says so.
    pub(super) fn why(&self, table: &str, row: usize) -> Option<&str> {
        let rows = self.form.as_ref()?.iter().filter(|form| form.table == table);
        rows.map(|form| form.why.as_str()).nth(row)
    }

    /// The rows of a table that are filled as far as is known.
    pub(super) fn rows(&self, table: &str) -> Vec<Prefilled> {
        if let Some(form) = &self.form {
            let own = form.iter().filter(|row| row.table == table);
            return own.map(|row| row.cells.clone()).collect();
        }
        let Some(project) = &self.project else { return Vec::new() };
        let own = || ("project_id", project.clone());
        let mut rows: Vec<Prefilled> = Vec::new();
        match table {
            "milestones" => rows.extend(
                self.tranches.iter().map(|n| vec![own(), ("tranche", n.clone())]),
            ),
            "observations" => rows.extend(
                self.milestones.iter().map(|id| vec![("milestone_id", id.clone())]),
            ),
            "reports" => rows.push(vec![own()]),
            "reviews" => rows.push(vec![own(), ("scope", "sector".to_owned())]),
            "clearances" => {
                let open = self
                    .units
                    .iter()
                    .filter(|u| !self.cleared.contains(std::slice::from_ref(*u)));
                rows.extend(open.map(|unit| vec![own(), ("unit", unit.clone())]));
            }
            "signatures" => {
                for role in self.signatories() {
                    let key = vec!["0".to_owned(), role.clone()];
                    if !self.signed.contains(&key) {
                        rows.push(vec![own(), ("tranche", "0".into()), ("role", role)]);
                    }
                }
            }
            "requests" => {
                for (tranche, recipient) in self.pairs() {
                    if !self.requested.contains(&vec![tranche.clone(), recipient.clone()])
                    {
                        let cells = [("tranche", tranche), ("recipient", recipient)];
                        rows.push(std::iter::once(own()).chain(cells).collect());
                    }
                }
            }
            _ => {}
        }
        rows
    }

    /// Roles that may sign.
    pub(super) fn roles(&self) -> Vec<String> {
        let mut roles = self.signatories();
        roles.push("srsg".to_owned());
        roles
    }

    fn signatories(&self) -> Vec<String> {
        let recipients = self.recipients.iter().map(|name| format!("recipient:{name}"));
        recipients.chain(SIGN_THE_DOCUMENT.map(str::to_owned)).collect()
    }

    fn pairs(&self) -> impl Iterator<Item = (String, String)> {
        self.tranches.iter().flat_map(|tranche| {
            self.recipients.iter().map(|recipient| (tranche.clone(), recipient.clone()))
        })
    }

    /// What is known, in lines for the text that goes with the template.
    pub(super) fn lines(&self) -> Vec<Vec<String>> {
        if self.form.is_some() {
            return self.remarks.iter().map(|text| vec![text.clone()]).collect();
        }
        let Some(project) = &self.project else { return Vec::new() };
        let mut lines =
            vec![vec![String::new()], vec![format!("Project {project}: {}", self.title)]];
        let mut say = |what: &str, values: &[String]| {
            if !values.is_empty() {
                lines.push(vec![format!("{what}: {}", values.join(", "))]);
            }
        };
        say("Tranches planned", &self.tranches);
        say("Recipients", &self.recipients);
        say("Units", &self.units);
        lines.extend(self.titles.iter().map(|row| vec![row.join("  ")]));
        lines
    }
}

/// The rows of a question about a project, as text.
fn rows(opened: &Opened, sql: &str, project: &str) -> Result<Vec<Vec<String>>> {
    let params = vec![("project".to_owned(), Value::Text(project.to_owned()))];
    let answer = opened.engine.run(sql, &params)?;
    Ok(render::cells(&answer.schema, &answer.batches)?.rows)
}

fn unknown(opened: &Opened, id: &str) -> Result<Error> {
    let answer = opened.engine.run("SELECT project_id FROM projects", &Vec::new())?;
    let all: Vec<String> = render::cells(&answer.schema, &answer.batches)?
        .rows
        .into_iter()
        .flatten()
        .collect();
    let otherwise = "`SELECT project_id, title FROM projects` lists them";
    let fix = did_you_mean(id, all.iter().map(String::as_str), otherwise);
    Ok(Error::usage(format!("there is no project `{id}`")).fix(fix))
}
