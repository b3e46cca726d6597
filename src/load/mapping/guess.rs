//! Guesses for drafts: which table and columns names may mean, how numbers and days seem
//! to be written. Nothing that is loaded ever comes from here.

use crate::error::nearest;
use crate::load::sheet::CellKind;
use crate::tables::Table;
use crate::tables::schema::TABLES;

use super::date::DateFormat;
use super::number::NumberFormat;
use super::pattern::fold;
use super::suggest::same_name;

/// What others call our columns.
const OTHER_NAMES: [(&str, &[&str]); 22] = [
    (
        "project_id",
        &[
            "project #",
            "project no",
            "project number",
            "gateway id",
            "crsid",
            "projectid",
        ],
    ),
    ("iati_identifier", &["iati identifier", "activity identifier", "aid"]),
    ("title", &["project", "project title", "projecttitle", "titre", "titulo", "name"]),
    ("country", &["recipients_iso3", "country code", "recipientcode", "pays", "pais"]),
    ("status", &["project status", "statut", "estado"]),
    ("first_transfer_on", &["start", "start date", "start_actual_isodate"]),
    ("current_end", &["end", "end date", "end_actual_isodate", "completiondate"]),
    ("transaction_id", &["payment id", "payment no", "reference", "voucher"]),
    ("kind", &["type", "transaction type", "transaction_value_code", "flow"]),
    (
        "date",
        &[
            "transaction date",
            "transaction_isodate",
            "year",
            "value date",
            "payment date",
        ],
    ),
    (
        "amount",
        &[
            "value",
            "budget",
            "transaction_value",
            "usd",
            "us$",
            "total",
            "montant",
            "valor",
            "expenditure",
            "disbursement",
            "usd_disbursement",
            "approved budget",
        ],
    ),
    ("currency", &["transaction_currency", "devise", "moneda"]),
    (
        "recipient",
        &[
            "po",
            "agency",
            "organisation",
            "organization",
            "fund recipient",
            "participating organisation",
            "recipient organization",
            "implementing partner",
        ],
    ),
    ("category", &["unsdg category", "budget category", "expense category"]),
    ("description", &["activity description", "short description", "longdescription"]),
    ("line_id", &["line", "budget line", "line no"]),
    ("output", &["outputs", "output no"]),
    ("activity", &["activity no", "activities"]),
    ("gewe_bps", &["gewe", "% gewe", "gender %"]),
    ("tranche", &["instalment", "installment", "tranche no"]),
    ("provider", &["donor", "donors", "donorname", "funding organisation"]),
    ("receiver", &["payee", "vendor"]),
];

/// A guess of a format: the best, how much it leaves unread, and others as good.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guess {
    /// The format as TOML.
    pub best: String,
    /// How many texts it does not read.
    pub unread: usize,
    /// One of them.
    pub example: String,
    /// Formats that read as many, and read them otherwise.
    pub others: Vec<String>,
}

/// The canonical column of a table that a name may mean.
#[must_use]
pub fn column(table: &Table, name: &str) -> Option<&'static str> {
    let of_table = |column: &&str| table.index(column).is_some();
    let mut columns = table.columns.iter();
    if let Some(column) = columns.find(|column| same_name(column.name, name)) {
        return Some(column.name);
    }
    OTHER_NAMES
        .iter()
        .filter(|(column, _)| of_table(column))
        .find(|(_, others)| others.iter().any(|other| same_name(other, name)))
        .map(|(column, _)| *column)
}

/// The canonical column that a name is spelled most like.
#[must_use]
pub fn nearest_column(table: &Table, name: &str) -> Option<&'static str> {
    let beginning: String = fold(name).replace(' ', "_").chars().take(60).collect();
    let names = table.columns.iter().map(|column| column.name);
    nearest(&beginning, names).first().copied()
}

/// The table whose required columns most of the names may mean.
#[must_use]
pub fn table(names: &[String]) -> &'static Table {
    let mut best: Option<(usize, &'static Table)> = None;
    for table in TABLES {
        let has = |wanted: &str| {
            usize::from(names.iter().any(|name| column(table, name) == Some(wanted)))
        };
        // A required column says more about a table than one that may be absent.
        let score = table.columns.iter().fold(0_usize, |score, column| {
            let weight: usize = if column.required { 3 } else { 1 };
            score.saturating_add(weight.saturating_mul(has(column.name)))
        });
        let required = table.columns.iter().filter(|column| column.required).count();
        let score = score.saturating_mul(10).saturating_sub(required);
        if best.is_none_or(|(most, _)| score > most) {
            best = Some((score, table));
        }
    }
    best.map_or_else(first_table, |(_, table)| table)
}

fn first_table() -> &'static Table {
    static NONE: Table = Table { name: "", key: &[], doc: "", columns: &[] };
    TABLES.first().unwrap_or(&NONE)
}

/// How numbers seem to be written.
#[must_use]
pub fn number(texts: &[&str]) -> Guess {
    let marks = [(".", ""), (".", ","), (",", "."), (",", " "), (",", ""), (".", "'")];
    let candidates = marks.iter().map(|(decimal, grouping)| {
        format!(
            "decimal = \"{decimal}\"\ngrouping = \"{grouping}\"\n\
             negative = [\"minus\", \"brackets\"]\nzero = [\"-\"]"
        )
    });
    best(texts, candidates, |toml, text| {
        let format: NumberFormat = toml::from_str(toml).ok()?;
        format.plain(text, CellKind::Text).ok().flatten()
    })
}

/// How days seem to be written.
#[must_use]
pub fn date(texts: &[&str]) -> Guess {
    let formats = [
        "formats = [\"YYYY-MM-DD\"]",
        "formats = [\"DD/MM/YYYY\"]",
        "formats = [\"MM/DD/YYYY\"]",
        "formats = [\"D/M/YYYY\"]",
        "formats = [\"M/D/YYYY\"]",
        "formats = [\"D.M.YYYY\"]",
        "formats = [\"YYYYMMDD\"]",
        "formats = [\"D Mon YYYY\", \"D-Mon-YYYY\"]",
        "formats = [\"D Month YYYY\"]",
        "formats = [\"D-Mon-YY\", \"Mon-YY\"]\ncentury_pivot = 70\nmonth = \"last\"",
        "formats = [\"YYYY\"]\nyear = \"last\"",
        "formats = [\"serial\"]",
    ];
    best(texts, formats.iter().map(|format| (*format).to_owned()), |toml, text| {
        let format: DateFormat = toml::from_str(toml).ok()?;
        let read = format.read(text, CellKind::Text).ok()?;
        crate::domain::time::is_plausible(read.day).then(|| read.day.to_string())
    })
}

/// The first candidate that reads most texts, and those that read as many otherwise.
fn best(
    texts: &[&str],
    candidates: impl Iterator<Item = String>,
    read: impl Fn(&str, &str) -> Option<String>,
) -> Guess {
    let texts: Vec<&str> =
        texts.iter().copied().filter(|text| !text.is_empty()).collect();
    let tried: Vec<(String, Vec<Option<String>>)> = candidates
        .map(|toml| {
            let values = texts.iter().map(|text| read(&toml, text)).collect();
            (toml, values)
        })
        .collect();
    let count = |values: &[Option<String>]| values.iter().flatten().count();
    let most = tried.iter().map(|(_, values)| count(values)).max().unwrap_or(0);
    let mut good = tried.iter().filter(|(_, values)| count(values) == most);
    let Some((best, values)) = good.next() else { return Guess::default() };
    let unread = texts.iter().zip(values).find(|(_, value)| value.is_none());
    Guess {
        best: best.clone(),
        unread: texts.len().saturating_sub(most),
        example: unread.map(|(text, _)| (*text).to_owned()).unwrap_or_default(),
        others: good
            .filter(|(_, others)| most > 0 && others != values)
            .map(|(toml, _)| toml.clone())
            .collect(),
    }
}
