//! What several sources tell of one key, what a source told anew, money in other
//! currencies.

use std::path::PathBuf;

use ssrfund::domain::KnownAt;
use ssrfund::engine::Engine;
use ssrfund::error::Kind;
use ssrfund::report::{Basis, GroupBy, Period, Wanted, amounts};
use ssrfund::workspace::diff::{What, diff};
use ssrfund::workspace::restatement::{Same, between};
use ssrfund::workspace::states::{at_instants, of_loads};
use ssrfund::workspace::{self, LoadRef, Workspace};

use crate::workspaces::{instant, load, open_to_ask};

/// A workspace beside a folder of files that are written as they are needed.
struct Place {
    folder: tempfile::TempDir,
    workspace: Workspace,
    files: usize,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (workspace, _) = Workspace::init(&folder.path().join("fund")).unwrap();
        Self { folder, workspace, files: 0 }
    }

    fn file(&mut self, table: &str, text: &str) -> PathBuf {
        self.files += 1;
        let folder = self.folder.path().join(self.files.to_string());
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(format!("{table}.csv"));
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Loads tables of a source on a day.
    fn tell(&mut self, source: &str, day: &str, tables: &[(&str, &str)]) -> LoadRef {
        self.try_tell(source, day, tables, false).unwrap()
    }

    fn try_tell(
        &mut self,
        source: &str,
        day: &str,
        tables: &[(&str, &str)],
        append: bool,
    ) -> ssrfund::error::Result<LoadRef> {
        let files: Vec<PathBuf> =
            tables.iter().map(|(table, text)| self.file(table, text)).collect();
        let at = instant(&format!("{day}T00:00:00Z"));
        load(&self.workspace, source, &files, at, append)
    }

    fn engine(&self) -> Engine {
        open_to_ask(&self.workspace).1
    }
}

fn ask(engine: &Engine, sql: &str) -> ssrfund::error::Result<String> {
    use ssrfund::render::{Format, TableOptions, batches};
    let answer = engine.run(sql, &Vec::new())?;
    let mut out = Vec::new();
    let options = TableOptions::default();
    batches(&answer.schema, &answer.batches, Format::Csv, &mut out, &options).unwrap();
    Ok(String::from_utf8(out).unwrap())
}

const PROJECTS: &str = "project_id,title,currency\n00000001,One,USD\n00000002,Two,EUR\n";

#[test]
fn the_effective_row_joins_what_sources_tell() {
    let mut place = Place::new();
    place.tell("hq", "2024-01-01", &[("projects", PROJECTS)]);
    // Neither title nor currency: another source tells them.
    let more = "project_id,country,facility\n1,LBR,PRF\n";
    place.tell("field", "2024-01-02", &[("projects", more)]);
    let again = "project_id,facility,setting\n1,PRF,mission\n";
    place.tell("office", "2024-01-03", &[("projects", again)]);
    let engine = place.engine();
    assert_eq!(
        ask(
            &engine,
            "SELECT project_id, title, country, facility, setting FROM projects ORDER BY 1"
        )
        .unwrap(),
        "project_id,title,country,facility,setting\n\
         00000001,One,LBR,PRF,mission\n00000002,Two,,,\n"
    );
    // Evidence: who told which column; the first of two who say the same.
    assert_eq!(
        ask(
            &engine,
            "SELECT key, column_name, source, source_row FROM told_columns ORDER BY 2"
        )
        .unwrap(),
        "key,column_name,source,source_row\n\
         00000001,country,field,2\n00000001,currency,hq,2\n00000001,facility,field,2\n\
         00000001,project_id,hq,2\n00000001,setting,office,2\n00000001,title,hq,2\n"
    );
    // As it was known before: only what was told by then.
    let then = KnownAt::parse("2024-01-01T12:00:00Z");
    let before = workspace::open(&place.workspace, then).unwrap();
    let kept = before.kept("projects").unwrap();
    assert_eq!(kept[0].rows.rows[0].text(kept[0].rows.table, "country"), None);
}

#[test]
fn a_column_is_told_with_one_value() {
    let mut place = Place::new();
    place.tell("hq", "2024-01-01", &[("projects", PROJECTS)]);
    place.tell("field", "2024-01-02", &[("projects", "project_id,country\n1,LBR\n")]);
    let other = [("projects", "project_id,country\n1,SLE\n")];
    let error = place.try_tell("office", "2024-01-03", &other, false).unwrap_err();
    assert_eq!(
        error.to_string(),
        "projects.csv:2:1: `00000001` has another value of `country` in source `field`, \
         projects.csv:2: `LBR`, here `SLE`; correct one of them, or leave the column \
         empty in one\nnothing was loaded: 1 problem in 1 file"
    );
    // The source that told it may tell it otherwise: its own load replaces.
    place.tell("field", "2024-01-04", &[("projects", "project_id,country\n1,SLE\n")]);
}

#[test]
fn some_source_must_tell_what_a_project_needs() {
    let mut place = Place::new();
    let part = [("projects", "project_id,country\n1,LBR\n")];
    let error = place.try_tell("field", "2024-01-01", &part, false).unwrap_err();
    assert!(
        error.to_string().contains(
            "projects.csv: the column `title` is missing, and no source tells it; add it"
        ),
        "{error}"
    );
    place.tell("hq", "2024-01-01", &[("projects", PROJECTS)]);
    place.tell("field", "2024-01-02", &[("projects", part[0].1)]);
    // Taking the title away would leave the other source's part without one.
    let less = [("projects", "project_id,title,currency\n2,Two,EUR\n")];
    let error = place.try_tell("hq", "2024-01-03", &less, false).unwrap_err();
    assert!(error.to_string().contains("source `field` still needs this"), "{error}");
    // A row that leaves out what the others of its file fill is named by line.
    let gap = [("projects", "project_id,title,currency\n7,Seven,USD\n8,,USD\n")];
    let error = place.try_tell("other", "2024-01-03", &gap, false).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("projects.csv:3:3: `title` is empty, and no source"),
        "{error}"
    );
}

#[test]
fn recipients_are_joined_by_both_parts_of_their_key() {
    let mut place = Place::new();
    let named = "project_id,recipient,commitment_basis\n1,UNDP,gross\n1,IOM,open\n";
    let tables = [("projects", PROJECTS), ("recipients", named)];
    place.tell("hq", "2024-01-01", &tables);
    let more = "project_id,recipient,recipient_type\n1,IOM,RUNO\n";
    place.tell("field", "2024-01-02", &[("recipients", more)]);
    assert_eq!(
        ask(
            &place.engine(),
            "SELECT recipient, commitment_basis, recipient_type FROM recipients ORDER BY 1"
        )
        .unwrap(),
        "recipient,commitment_basis,recipient_type\nIOM,open,RUNO\nUNDP,gross,\n"
    );
}

const MONEY: &str = "\
transaction_id,project_id,kind,date,amount,currency,value_date,grade,description,lang
T1,00000001,expenditure,2023-03-01,1000.00,USD,,,Training of police officers,en
T2,00000002,expenditure,2023-03-01,900.00,EUR,2023-03-15,certified,Training of police,en
T3,00000002,expenditure,2023-04-01,100.01,EUR,,,Training of police,en
T4,00000002,disbursement,2023-02-01,5000.00,EUR,,,First tranche,en
T5,00000002,disbursement,2023-02-05,-10.00,EUR,,,Refund,en
";

const RATES: &str = "currency,valid_from,units_per_usd,source\n\
                     EUR,2023-02-01,0.95,UN\nEUR,2023-03-10,0.9,UN\n";

fn wanted(basis: Basis, currency: Option<&str>) -> Wanted {
    Wanted {
        group_by: GroupBy::Fund,
        basis,
        period: Period::always(),
        fund: "PBF".to_owned(),
        currency: currency.map(str::to_owned),
        as_of: ssrfund::domain::AsOf::parse("2024-01-01").unwrap(),
        known_at: KnownAt::parse("2024-01-01T00:00:00Z").unwrap(),
    }
}

#[test]
fn a_missing_rate_is_an_error_where_dollars_are_asked_for() {
    let mut place = Place::new();
    let tables = [("projects", PROJECTS), ("transactions", MONEY)];
    place.tell("hq", "2024-01-01", &tables);
    let engine = place.engine();
    // What does not ask for dollars needs no rate.
    for (sql, answer) in [
        ("SELECT COUNT(*) AS n FROM transactions_usd", "n\n5\n"),
        (
            "SELECT SUM(amount) AS s FROM transactions_usd WHERE currency = 'EUR' AND kind = 'disbursement'",
            "s\n4990.00\n",
        ),
        (
            "SELECT amount_usd AS s FROM transactions_usd WHERE currency = 'USD'",
            "s\n1000.00\n",
        ),
        ("SELECT COUNT(*) AS n FROM spending_usd", "n\n3\n"),
    ] {
        assert_eq!(ask(&engine, sql).unwrap(), answer, "{sql}");
    }
    let error = ask(&engine, "SELECT amount_usd FROM transactions_usd").unwrap_err();
    assert_eq!(error.kind(), Kind::Usage);
    assert!(
        error.what().contains(
            "there is no exchange rate of `EUR` on 2023-02-01 and 3 more days to 2023-04-01"
        ),
        "{error}"
    );
    let (_, engine, library) = open_to_ask(&place.workspace);
    let measure =
        |basis, currency| amounts::measure(&engine, &library, &wanted(basis, currency));
    let error = measure(Basis::Expenditure, None).unwrap_err();
    assert_eq!(
        error.what(),
        "there is no exchange rate of `EUR` on 2023-03-15 and 2023-04-01"
    );
    // One currency alone needs no rate.
    let euros = measure(Basis::Expenditure, Some("EUR")).unwrap();
    assert_eq!(euros.groups["PBF"].total().unwrap().to_string(), "1000.01");
    assert_eq!(euros.left_out["USD"].to_string(), "1000.00");
    let transfers = measure(Basis::Transfer, None).unwrap();
    assert_eq!((transfers.currency.as_str(), transfers.converted.len()), ("EUR", 0));
}

#[test]
fn money_is_converted_at_its_value_date() {
    let mut place = Place::new();
    let tables =
        [("projects", PROJECTS), ("transactions", MONEY), ("exchange_rates", RATES)];
    place.tell("hq", "2024-01-01", &tables);
    let (_, engine, library) = open_to_ask(&place.workspace);
    assert_eq!(
        ask(
            &engine,
            "SELECT transaction_id, valued_on, amount_usd FROM transactions_usd ORDER BY 1"
        )
        .unwrap(),
        "transaction_id,valued_on,amount_usd\nT1,2023-03-01,1000.00\n\
         T2,2023-03-15,1000.00\nT3,2023-04-01,111.12\nT4,2023-02-01,5263.16\n\
         T5,2023-02-05,-10.53\n"
    );
    assert_eq!(
        ask(&engine, "SELECT net_usd, refunded_usd FROM transfers_usd").unwrap(),
        "net_usd,refunded_usd\n5252.63,-10.53\n"
    );
    let sums =
        amounts::measure(&engine, &library, &wanted(Basis::Expenditure, None)).unwrap();
    let fund = &sums.groups["PBF"];
    assert_eq!(sums.currency, "USD");
    assert_eq!(fund.total().unwrap().to_string(), "2111.12");
    assert_eq!(fund.certified.to_string(), "1000.00");
    let (told, dollars) = &sums.converted["EUR"];
    assert_eq!(
        (told.to_string(), dollars.to_string()),
        ("1000.01".into(), "1111.12".into())
    );
    // A day before the first rate is a gap, not the nearest rate.
    let error = ask(&engine, "SELECT usd(1, 'EUR', DATE '2023-01-31')").unwrap_err();
    assert!(error.what().contains("`EUR` on 2023-01-31"), "{error}");
    // More than cents would be rounded away before the rate is applied.
    assert!(ask(&engine, "SELECT usd(1.005, 'USD', DATE '2023-01-31')").is_err());
}

#[test]
fn a_split_transaction_conserves_its_dollars() {
    let mut place = Place::new();
    let recipients = "project_id,recipient,commitment_basis\n2,IOM,gross\n";
    let lines = "line_id,project_id,recipient,description,amount\n\
                 L1,2,IOM,Vehicles and training,100.00\n";
    let decisions = "line_id,class,share_bps,decided_by,decided_on,reason\n\
                     L1,hardware,3334,A,2023-01-01,r\nL1,training,3333,A,2023-01-01,r\n\
                     L1,sector_wide,3333,A,2023-01-01,r\n";
    let money = "transaction_id,project_id,recipient,kind,date,amount,currency,line_id\n\
                 T1,2,IOM,expenditure,2023-03-15,0.02,EUR,L1\n\
                 T2,1,,expenditure,2023-03-15,1.00,USD,\n";
    let tables = [
        ("projects", PROJECTS),
        ("recipients", recipients),
        ("budget_lines", lines),
        ("class_decisions", decisions),
        ("transactions", money),
        (
            "exchange_rates",
            "currency,valid_from,units_per_usd,source\nEUR,2023-01-01,0.4,UN\n",
        ),
    ];
    place.tell("hq", "2024-01-01", &tables);
    let (_, engine, library) = open_to_ask(&place.workspace);
    let sums =
        amounts::measure(&engine, &library, &wanted(Basis::Expenditure, None)).unwrap();
    // 0.02 EUR is 0.05 USD. Each share on its own, 0.01, 0.01 and 0.00 EUR, would make
    // 0.03, 0.03 and 0.00.
    assert_eq!(sums.groups["PBF"].total().unwrap().to_string(), "1.05");
    use ssrfund::domain::Class;
    let of = |class| sums.groups["PBF"].of(class).to_string();
    assert_eq!(
        [of(Class::Hardware), of(Class::Training), of(Class::SectorWide)],
        ["0.02", "0.02", "0.01"]
    );
}

#[test]
fn amounts_without_a_day_are_not_converted() {
    let mut place = Place::new();
    let recipients = "project_id,recipient,commitment_basis\n1,UNDP,gross\n2,IOM,gross\n";
    let lines = "line_id,project_id,recipient,description,amount\n\
                 L1,1,UNDP,Vehicles,100.00\nL2,2,IOM,Vehicles,100.00\n";
    let tables =
        [("projects", PROJECTS), ("recipients", recipients), ("budget_lines", lines)];
    place.tell("hq", "2024-01-01", &tables);
    let (_, engine, library) = open_to_ask(&place.workspace);
    let error =
        amounts::measure(&engine, &library, &wanted(Basis::Budget, None)).unwrap_err();
    assert!(error.what().contains("the amounts are in EUR and USD"), "{error}");
    let one = wanted(Basis::Budget, Some("USD"));
    let sums = amounts::measure(&engine, &library, &one).unwrap();
    assert_eq!(sums.groups["PBF"].total().unwrap().to_string(), "100.00");
}

#[test]
fn a_rate_is_positive_and_dollars_have_none() {
    let mut place = Place::new();
    for (rate, said) in [
        ("EUR,2023-01-01,0,UN", "the exchange rate `0` is not positive"),
        ("EUR,2023-01-01,-1,UN", "the exchange rate `-1` is not positive"),
        ("EUR,2023-01-01,0.1234567,UN", "at most six places"),
        ("USD,2023-01-01,1.1,UN", "`USD` is given the rate 1.1; leave it out"),
    ] {
        let text = format!("currency,valid_from,units_per_usd,source\n{rate}\n");
        let tables = [("exchange_rates", text.as_str())];
        let error = place.try_tell("rates", "2024-01-01", &tables, false).unwrap_err();
        assert!(error.to_string().contains(said), "{rate}: {error}");
    }
}

/// Two loads of `hq`, and an append.
fn told_twice() -> (Place, [LoadRef; 3]) {
    let mut place = Place::new();
    let first = [("projects", PROJECTS), ("transactions", MONEY)];
    let first = place.tell("hq", "2024-01-01", &first);
    let changed = MONEY
        .replace(
            "T1,00000001,expenditure,2023-03-01,1000.00",
            "T1,00000001,expenditure,2023-03-01,990.00",
        )
        .replace("T2,", "T2b,")
        .replace("2023-03-01,900.00,EUR", "2023-03-01,905.00,EUR")
        .replace(
            "T4,00000002,disbursement,2023-02-01,5000.00,EUR,,,First tranche,en\n",
            "",
        );
    let second = [("projects", PROJECTS), ("transactions", changed.as_str())];
    let second = place.tell("hq", "2024-02-01", &second);
    let more = "transaction_id,project_id,kind,date,amount,currency\n\
                T9,1,disbursement,2023-05-01,7.00,USD\n";
    let third =
        place.try_tell("hq", "2024-03-01", &[("transactions", more)], true).unwrap();
    (place, [first, second, third])
}

#[test]
fn a_diff_counts_rows_and_money_and_lists_cells() {
    let (place, [first, second, third]) = told_twice();
    let all = workspace::loads(&place.workspace).unwrap();
    let states = of_loads(&all, &first.load_id, &second.load_id, None).unwrap();
    assert_eq!(states.source.as_deref(), Some("hq"));
    let found = diff(&states.before, &states.after, usize::MAX).unwrap();
    let tables: Vec<_> = found
        .tables
        .iter()
        .map(|t| (t.table, t.before, t.after, t.added, t.gone, t.changed))
        .collect();
    assert_eq!(tables, [("projects", 2, 2, 0, 0, 0), ("transactions", 5, 4, 1, 2, 1)]);
    let rows: Vec<(&str, What)> =
        found.tables[1].rows.iter().map(|row| (row.key.as_str(), row.what)).collect();
    assert_eq!(
        rows,
        [
            ("T1", What::Changed),
            ("T2", What::Gone),
            ("T2b", What::Added),
            ("T4", What::Gone)
        ]
    );
    let changed = &found.tables[1].rows[0];
    assert_eq!((changed.file.as_str(), changed.row), ("transactions.csv", 2));
    let cells: Vec<_> = changed
        .cells
        .iter()
        .map(|c| (c.column, c.before.as_deref(), c.after.as_deref()))
        .collect();
    assert_eq!(cells, [("amount", Some("1000.00"), Some("990.00"))]);
    let money: Vec<String> = found
        .money
        .iter()
        .map(|m| {
            let [a, g, f, t] = [m.added, m.gone, m.changed_from, m.changed_to];
            format!(
                "{} {} +{} -{} {}>{} {}",
                m.kind, m.currency, a.sum, g.sum, f.sum, t.sum, m.net
            )
        })
        .collect();
    assert_eq!(
        money,
        [
            "disbursement EUR +0.00 -5000.00 0.00>0.00 -5000.00",
            "expenditure EUR +905.00 -900.00 0.00>0.00 5.00",
            "expenditure USD +0.00 -0.00 1000.00>990.00 -10.00",
        ]
    );
    // An append is part of what its source tells; names may be short.
    let latest = of_loads(&all, "previous", "latest", Some("hq")).unwrap();
    let found = diff(&latest.before, &latest.after, 0).unwrap();
    let transactions = &found.tables[1];
    assert_eq!((transactions.before, transactions.after, transactions.added), (4, 5, 1));
    assert!(transactions.rows.is_empty());
    let hash = third.load_id.rsplit('-').next().unwrap();
    let same = of_loads(&all, hash, "latest", None).unwrap();
    assert!(diff(&same.before, &same.after, 1).unwrap().is_empty());
}

#[test]
fn loads_that_cannot_be_compared() {
    let (mut place, [first, ..]) = told_twice();
    place.tell("rates", "2024-04-01", &[("exchange_rates", RATES)]);
    let all = workspace::loads(&place.workspace).unwrap();
    let says = |a: &str, b: &str, source: Option<&str>| {
        let error = of_loads(&all, a, b, source).unwrap_err();
        assert_eq!(error.kind(), Kind::Usage);
        error.to_string()
    };
    assert!(says("previous", "latest", None).contains("`hq`, `rates`"));
    assert!(says("previous", "latest", Some("rates")).contains("has no previous load"));
    assert!(says("nothing", "latest", None).contains("there is no load `nothing`"));
    assert!(says("2024", "latest", None).contains("`2024` is several loads"));
    assert!(says(&first.load_id, "latest", Some("rates")).contains("is of source `hq`"));
    assert!(says("previous", "latest", Some("rate")).contains("did you mean `rates`?"));
    let early = at_instants(&all, KnownAt::parse("2023-01-01T00:00:00Z"), None, None);
    assert!(early.unwrap_err().to_string().contains("nothing was known"));
}

#[test]
fn restated_amounts_are_listed() {
    let (place, [first, second, _]) = told_twice();
    let all = workspace::loads(&place.workspace).unwrap();
    let states =
        at_instants(&all, Some(first.recorded_at), Some(second.recorded_at), None)
            .unwrap();
    let found = between(&states.before, &states.after).unwrap();
    let told: Vec<String> = found
        .iter()
        .map(|r| {
            let ids: Vec<&str> = r
                .figures_before
                .iter()
                .chain(&r.figures_after)
                .map(|figure| figure.transaction_id.as_str())
                .collect();
            let change = r.change.map(|c| c.to_string()).unwrap_or_default();
            format!("{:?} {} {change}", r.same, ids.join(">"))
        })
        .collect();
    assert_eq!(told, ["Key T1>T1 -10.00", "Period T2>T2b 5.00"]);
    assert_eq!(found[1].grade.as_deref(), Some("certified"));
    assert_eq!(found[1].figures_before[0].load_id, first.load_id);
    assert_eq!(found[1].figures_after[0].load_id, second.load_id);
    assert!(found.iter().all(|r| r.same != Same::Withdrawn));
    // The newest load only adds.
    let newest = at_instants(&all, None, None, None).unwrap();
    assert!(between(&newest.before, &newest.after).unwrap().is_empty());
}

#[test]
fn the_next_tranche_is_paid_in_the_currency_of_the_project() {
    let mut place = Place::new();
    let recipients = "project_id,recipient,commitment_basis\n1,UNDP,gross\n";
    let tranches =
        "project_id,tranche,recipient,amount\n1,1,UNDP,100.00\n1,2,UNDP,50.00\n";
    let money = "transaction_id,project_id,kind,date,amount,currency,tranche,recipient\n\
                 T1,1,disbursement,2023-01-01,100.00,EUR,1,UNDP\n";
    let tables = [
        ("projects", PROJECTS),
        ("recipients", recipients),
        ("tranches", tranches),
        ("transactions", money),
    ];
    place.tell("hq", "2024-01-01", &tables);
    let snapshot = workspace::open(&place.workspace, None).unwrap();
    let as_of = ssrfund::domain::AsOf::parse("2024-01-01").unwrap();
    let next = ssrfund::metrics::plan::next_tranches(&snapshot, as_of).unwrap();
    assert_eq!(next["00000001"], 1);
}
