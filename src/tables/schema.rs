//! The registry of tables: names, keys, columns, kinds and one line about each.
//!
//! Source: `design.md` §3 with the changes of `contract.md` (Q36, Q53, Q72, F7).

use crate::domain::codes::{CodeList, TRANSACTION_KINDS};

/// What may stand in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// An id: text as it stands, no hidden characters.
    Id,
    /// A project id: an id padded to eight digits (F3).
    ProjectId,
    /// One of a code list.
    Code(&'static CodeList),
    /// ISO 3166 country, kept as alpha-3.
    Country,
    /// ISO 4217 currency.
    Currency,
    /// Money with two decimals; `true` where a negative amount is legal.
    Money(bool),
    /// A calendar day; `true` for an event date, which may not lie in the future.
    Day(bool),
    /// Basis points, 0 to 10000.
    Bps,
    /// A whole number, at least the given one.
    Whole(i64),
    /// A decimal with at most six places.
    Decimal,
    /// true or false.
    Bool,
}

/// One column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name, as in a CSV header.
    pub name: &'static str,
    /// What may stand in it.
    pub kind: Kind,
    /// Whether a row must fill it.
    pub required: bool,
    /// Whether a row must fill it unless another source does, for the same key (F4b).
    pub shared: bool,
    /// One line about it.
    pub doc: &'static str,
}

/// One canonical table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// Its name, as in SQL and as a file's stem.
    pub name: &'static str,
    /// The columns that identify a row; an empty cell counts as a value.
    pub key: &'static [&'static str],
    /// The columns, in order.
    pub columns: &'static [Column],
    /// One line about it.
    pub doc: &'static str,
}

impl Table {
    /// The place of a column.
    #[must_use]
    pub fn index(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name == column)
    }

    /// Whether several sources may tell different columns of one key (F4b).
    #[must_use]
    pub fn joins(&self) -> bool {
        self.columns.iter().any(|column| column.shared)
    }

    /// A column by name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|c| c.name == name)
    }
}

/// Returns the table of that name.
///
/// ```
/// use ssrfund::tables::schema::table;
/// assert_eq!(table("tranches").unwrap().key, ["project_id", "tranche", "recipient"]);
/// assert!(table("payments").is_none());
/// ```
#[must_use]
pub fn table(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name)
}

const fn column(
    name: &'static str,
    kind: Kind,
    required: bool,
    doc: &'static str,
) -> Column {
    Column { name, kind, required, shared: false, doc }
}

/// A required column.
const fn need(name: &'static str, kind: Kind, doc: &'static str) -> Column {
    column(name, kind, true, doc)
}

/// A column that some source must fill.
const fn share(name: &'static str, kind: Kind, doc: &'static str) -> Column {
    Column { shared: true, ..column(name, kind, false, doc) }
}

/// An optional column.
const fn may(name: &'static str, kind: Kind, doc: &'static str) -> Column {
    column(name, kind, false, doc)
}

macro_rules! list {
    ($name:ident, $title:literal, $($code:literal),+) => {
        const $name: CodeList = CodeList { name: $title, codes: &[$($code),+] };
    };
}

list!(FACILITY, "facility", "IRF", "PRF");
list!(SETTING, "setting", "mission", "non_mission");
list!(RECIPIENT_TYPE, "recipient type", "RUNO", "NUNO", "government");
list!(COMMITMENT_BASIS, "commitment basis", "gross", "open");
list!(SCHEME, "category scheme", "2006", "2012");
list!(CATEGORY, "category", "1", "2", "3", "4", "5", "6", "7", "8");
list!(GRADE, "grade", "preliminary", "interim", "certified");
list!(OWNER_KIND, "owner kind", "project", "transaction");
list!(MILESTONE_KIND, "milestone kind", "activity", "output", "outcome");
list!(MEASURE, "measure", "verified", "number");
list!(GROUP, "group", "idps", "veterans", "minorities", "women", "youth");
list!(
    REVIEW_STATUS,
    "review status",
    "none",
    "planned",
    "in_progress",
    "completed",
    "adopted",
    "not_required"
);
list!(CONCLUSION, "conclusion", "support", "support_with_mitigation", "no_support");
list!(MITIGATION, "mitigation", "none_needed", "planned", "in_place", "refused");
list!(OVERRIDE_SCOPE, "override scope", "rule", "milestones", "lines");
list!(FLAG_STATE, "flag state", "raised", "review", "cleared");
list!(
    FLAG,
    "eligibility flag",
    "E1",
    "E2",
    "E3",
    "E4",
    "E5",
    "E6",
    "E7",
    "E8",
    "E9",
    "E10",
    "E11",
    "E12",
    "E13"
);
list!(
    CLASS,
    "class",
    "hardware",
    "training",
    "sector_wide",
    "support",
    "out_of_scope",
    "mixed",
    "unclassified"
);
list!(
    SUBCLASS, "subclass", "H1", "H2", "H3", "T1", "T2", "T3", "T4", "T5", "T6", "S1",
    "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9", "S10", "S11", "S12", "X1", "X2",
    "X3", "X4", "X5", "X6"
);
list!(
    BENEFICIARY,
    "beneficiary",
    "defence",
    "police",
    "gendarmerie",
    "intelligence",
    "corrections",
    "border_customs",
    "civil_protection",
    "justice",
    "non_statutory_provider",
    "oversight_formal",
    "oversight_non_state",
    "management_civil",
    "mixed",
    "unknown"
);
list!(
    FUND_BASIS,
    "basis",
    "budget",
    "transfer",
    "commitment",
    "expenditure_interim",
    "expenditure_certified",
    "balance",
    "reserved"
);
list!(
    REASON,
    "reason code",
    "TRUST_BUILDING_FIRST",
    "CONCURRENT_REVIEW",
    "SOFTWARE_HOSTAGE",
    "FORCE_MAJEURE",
    "LIFE_SAFETY",
    "DATA_CORRECTION_PENDING",
    "OTHER"
);

use Kind::{
    Bool, Bps, Code, Country, Currency, Day, Decimal, Id, Money, ProjectId, Text, Whole,
};

const PROJECT: Column = need("project_id", ProjectId, "the project (an IATI activity)");
const TRANCHE: Column = need("tranche", Whole(1), "instalment number, from 1");
const RECIPIENT: Column = need("recipient", Id, "the recipient organisation");
const LINE: Column = need("line_id", Id, "the budget line");

/// All canonical tables, in the order in which a reader meets them.
pub const TABLES: &[Table] = &[
    Table {
        name: "projects",
        key: &["project_id"],
        doc: "projects of the Fund",
        columns: &[
            PROJECT,
            may("iati_identifier", Id, "the IATI activity identifier"),
            share("title", Text, "title of the project"),
            may("country", Country, "country code, ISO 3166 alpha-3"),
            may("facility", Code(&FACILITY), "IRF or PRF"),
            may("focus_areas", Text, "PBF focus areas, joined by `;`"),
            may("ssr_weight_bps", Bps, "share of the project that is SSR"),
            may("template_version", Whole(2000), "year of the project template"),
            may("setting", Code(&SETTING), "mission or non_mission"),
            may("gender_marker", Whole(0), "gender marker 0 to 3"),
            may("risk_marker", Whole(0), "risk marker 0 to 2"),
            may("dsr_basis", Text, "mandate for defence sector reform"),
            may("concurrent_oversight", Text, "named concurrent oversight programme"),
            may("report_register_complete", Bool, "whether all submissions are listed"),
            may("approved_on", Day(false), "day of approval"),
            may("first_transfer_on", Day(false), "day of the first transfer"),
            may("original_end", Day(false), "first approved end"),
            may("current_end", Day(false), "end as extended"),
            may("status", Text, "status of the project"),
            share("currency", Currency, "currency code, ISO 4217"),
            may("parent_activity", Text, "activity that it is a part of"),
        ],
    },
    Table {
        name: "recipients",
        key: &["project_id", "recipient"],
        doc: "recipient organisations of a project",
        columns: &[
            PROJECT,
            RECIPIENT,
            may("recipient_type", Code(&RECIPIENT_TYPE), "RUNO, NUNO or government"),
            share(
                "commitment_basis",
                Code(&COMMITMENT_BASIS),
                "whether commitments include what is paid (gross) or not (open)",
            ),
            may("asset_reporting_basis", Text, "cost or depreciation"),
        ],
    },
    Table {
        name: "budget_lines",
        key: &["line_id"],
        doc: "approved budget lines",
        columns: &[
            LINE,
            PROJECT,
            RECIPIENT,
            may("output", Text, "output of the results framework"),
            may("activity", Text, "activity of the results framework"),
            may("category_scheme", Code(&SCHEME), "2006 or 2012"),
            may("category", Code(&CATEGORY), "UNSDG category 1 to 8"),
            need("description", Text, "what is bought, in the project's own words"),
            may("lang", Text, "language of the description"),
            need("amount", Money(false), "approved amount"),
            may("beneficiary", Code(&BENEFICIARY), "who gets it"),
            may("subject_unit", Text, "the unit that due diligence looks at"),
            may("gewe_bps", Bps, "share for gender equality"),
            may("is_me", Bool, "whether it is monitoring and evaluation"),
        ],
    },
    Table {
        name: "tranches",
        key: &["project_id", "tranche", "recipient"],
        doc: "planned instalments per recipient, gross of indirect cost",
        columns: &[
            PROJECT,
            TRANCHE,
            RECIPIENT,
            may("share_bps", Bps, "share of the recipient's total"),
            need("amount", Money(false), "gross amount"),
        ],
    },
    Table {
        name: "tranche_lines",
        key: &["project_id", "tranche", "line_id"],
        doc: "planned direct amount of a budget line in a tranche",
        columns: &[PROJECT, TRANCHE, LINE, need("amount", Money(false), "direct amount")],
    },
    Table {
        name: "transactions",
        key: &["transaction_id"],
        doc: "commitments, disbursements, expenditure and other money movements",
        columns: &[
            need("transaction_id", Id, "the transaction"),
            PROJECT,
            need("kind", Code(&TRANSACTION_KINDS), "IATI transaction type in words"),
            need("date", Day(true), "day of the event, end of period for expenditure"),
            need("amount", Money(true), "amount; a refund is a negative disbursement"),
            need("currency", Currency, "currency code, ISO 4217"),
            may("tranche", Whole(1), "instalment that it belongs to"),
            may("recipient", Id, "the recipient organisation"),
            may("line_id", Id, "the budget line"),
            may("category", Code(&CATEGORY), "UNSDG category"),
            may("grade", Code(&GRADE), "evidence grade of a recipient's own figure"),
            may("period_start", Day(false), "first day that the figure covers"),
            may("value_date", Day(false), "day of the exchange rate"),
            may("provider", Text, "who pays"),
            may("receiver", Text, "who is paid"),
            may("description", Text, "what it is for"),
            may("lang", Text, "language of the description"),
            may("source_ref", Text, "reference that the source gives it"),
            may("provider_activity", Text, "activity that the money comes from"),
            may("receiver_activity", Text, "activity that the money goes to"),
        ],
    },
    Table {
        name: "sectors",
        key: &["owner_kind", "owner_id", "vocabulary", "code"],
        doc: "sector shares of projects and transactions",
        columns: &[
            need("owner_kind", Code(&OWNER_KIND), "project or transaction"),
            need("owner_id", Id, "its id"),
            need("vocabulary", Text, "IATI sector vocabulary"),
            need("code", Text, "code in that vocabulary"),
            need("share_bps", Bps, "share within the vocabulary"),
        ],
    },
    Table {
        name: "milestones",
        key: &["milestone_id"],
        doc: "milestones that show progress",
        columns: &[
            need("milestone_id", Id, "the milestone"),
            PROJECT,
            need("tranche", Whole(1), "tranche in which it is planned"),
            need("title", Text, "what is to be reached"),
            need("class", Code(&CLASS), "class of the work"),
            may("subclass", Code(&SUBCLASS), "its detail"),
            need("kind", Code(&MILESTONE_KIND), "activity, output or outcome"),
            need("measure", Code(&MEASURE), "verified or number"),
            may("baseline", Decimal, "value at the start"),
            may("target", Decimal, "value to reach"),
            need("weight", Whole(1), "weight in the project's progress"),
            need("critical", Bool, "whether it must be reached in full"),
            need("due_on", Day(false), "day it falls due"),
            may("funded_by", Text, "a concurrent programme of others that pays it"),
        ],
    },
    Table {
        name: "observations",
        key: &["milestone_id", "observed_on", "group"],
        doc: "what was seen of a milestone",
        columns: &[
            need("milestone_id", Id, "the milestone"),
            need("observed_on", Day(true), "day of the observation"),
            may("group", Code(&GROUP), "population group; empty is everybody"),
            may("value", Decimal, "value of a number milestone"),
            may("verified", Bool, "whether a verified milestone is reached"),
            may("evidence", Text, "means of verification"),
        ],
    },
    Table {
        name: "reports",
        key: &["report_id"],
        doc: "reports due and submitted",
        columns: &[
            need("report_id", Id, "the report"),
            PROJECT,
            need("kind", Text, "annual, semi_annual, final, …"),
            need("due_on", Day(false), "day it falls due"),
            may("submitted_on", Day(true), "day it came in"),
            may("accepted", Bool, "whether it was accepted"),
        ],
    },
    Table {
        name: "reviews",
        key: &["project_id", "scope", "status_on"],
        doc: "state of security sector reviews",
        columns: &[
            PROJECT,
            need("scope", Text, "`sector` or a beneficiary"),
            need("status", Code(&REVIEW_STATUS), "state of the review"),
            need("status_on", Day(true), "day of that state"),
            may("concurrency_note", Text, "signed reference of the note"),
        ],
    },
    Table {
        name: "clearances",
        key: &["project_id", "unit", "assessed_on"],
        doc: "human rights due diligence per unit",
        columns: &[
            PROJECT,
            need("unit", Text, "the unit, as in `budget_lines.subject_unit`"),
            need("assessed_on", Day(true), "day of the assessment"),
            may("valid_until", Day(false), "last day of its validity"),
            need("risk_level", Text, "low, medium, high or unknown"),
            need("conclusion", Code(&CONCLUSION), "what was concluded"),
            need("mitigation", Code(&MITIGATION), "state of mitigation"),
            may("suspended_from", Day(false), "first day of a suspension"),
            may("suspended_to", Day(false), "last day of a suspension"),
        ],
    },
    Table {
        name: "signatures",
        key: &["project_id", "tranche", "role"],
        doc: "signatures on the project document (tranche 0) and on requests",
        columns: &[
            PROJECT,
            need("tranche", Whole(0), "tranche, 0 for the project document"),
            need(
                "role",
                Text,
                "recipient:NAME, national_authority, pbso, resident_coordinator, srsg",
            ),
            need("signed_on", Day(true), "day of signature"),
        ],
    },
    Table {
        name: "revisions",
        key: &["project_id", "category", "proposed_on"],
        doc: "proposed and approved category reallocations",
        columns: &[
            PROJECT,
            need("category", Code(&CATEGORY), "UNSDG category"),
            need("proposed_on", Day(false), "day of the proposal"),
            may("approved_on", Day(true), "day of approval"),
            need("approved_amount", Money(false), "amount as approved before"),
            need("revised_amount", Money(false), "amount as proposed"),
        ],
    },
    Table {
        name: "requests",
        key: &["project_id", "tranche", "recipient"],
        doc: "requests for a tranche",
        columns: &[
            PROJECT,
            TRANCHE,
            RECIPIENT,
            need("requested_on", Day(true), "day of the request"),
            need("amount", Money(false), "amount asked for"),
        ],
    },
    Table {
        name: "overrides",
        key: &["override_id"],
        doc: "signed exceptions to a rule",
        columns: &[
            need("override_id", Id, "the override"),
            need("rule_id", Id, "the rule"),
            PROJECT,
            TRANCHE,
            need("scope", Code(&OVERRIDE_SCOPE), "rule, milestones or lines"),
            may("scope_ids", Text, "ids within the scope, joined by `;`"),
            need("reason_code", Code(&REASON), "why"),
            need("justification", Text, "why, in words"),
            need("evidence", Text, "documents"),
            need("signatory", Text, "who signed"),
            need("signatory_role", Text, "in which role"),
            need("signed_on", Day(false), "day of signature"),
            may("second_signatory", Text, "second signature where needed"),
            need("valid_from", Day(false), "first day"),
            need("valid_to", Day(false), "last day"),
            may("conditions", Text, "what must happen by when"),
            need("recorded_by", Text, "who recorded it"),
            may("revoked_on", Day(false), "day of revocation"),
        ],
    },
    Table {
        name: "eligibility_decisions",
        key: &["line_id", "flag", "decided_on"],
        doc: "findings and clearances of eligibility screens",
        columns: &[
            LINE,
            need("flag", Code(&FLAG), "E1 to E13"),
            need("state", Code(&FLAG_STATE), "raised, review or cleared"),
            need("decided_by", Text, "who decided"),
            need("decided_on", Day(true), "day of the decision"),
            need("reason", Text, "why"),
        ],
    },
    Table {
        name: "project_countries",
        key: &["project_id", "country"],
        doc: "recipient countries of a project",
        columns: &[
            PROJECT,
            need("country", Country, "country code, ISO 3166 alpha-3"),
            need("share_bps", Bps, "share of the project"),
        ],
    },
    Table {
        name: "class_decisions",
        key: &["line_id", "decided_on", "class", "subclass"],
        doc: "classes decided by analysts",
        columns: &[
            LINE,
            need("class", Code(&CLASS), "the class"),
            may("subclass", Code(&SUBCLASS), "its detail"),
            need("share_bps", Bps, "share of the line; they sum to 10000"),
            need("decided_by", Text, "who decided"),
            need("decided_on", Day(true), "day of the decision"),
            need("reason", Text, "why"),
        ],
    },
    Table {
        name: "funds",
        key: &["fund", "basis", "as_of"],
        doc: "totals of the Fund",
        columns: &[
            need("fund", Id, "the fund"),
            need("basis", Code(&FUND_BASIS), "what the amount measures"),
            need("as_of", Day(false), "day of the total"),
            need("amount", Money(false), "the total"),
            need("currency", Currency, "currency code, ISO 4217"),
        ],
    },
    Table {
        name: "exchange_rates",
        key: &["currency", "valid_from"],
        doc: "units of a currency per US dollar",
        columns: &[
            need("currency", Currency, "currency code, ISO 4217"),
            need("valid_from", Day(false), "first day"),
            need("units_per_usd", Decimal, "units for one US dollar"),
            need("source", Text, "where the rate comes from"),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projects_and_recipients_are_joined() {
        let joined: Vec<&str> =
            TABLES.iter().filter(|table| table.joins()).map(|table| table.name).collect();
        assert_eq!(joined, ["projects", "recipients"]);
    }

    #[test]
    fn keys_are_columns() {
        for table in TABLES {
            for key in table.key {
                assert!(table.column(key).is_some(), "{}.{key}", table.name);
            }
        }
    }
}
