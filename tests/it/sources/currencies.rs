//! Money in other currencies: converted at its value date, or refused.

use ssrfund::domain::{Class, KnownAt};
use ssrfund::error::Kind;
use ssrfund::report::{Basis, GroupBy, Period, Wanted, amounts};
use ssrfund::workspace;

use super::{MONEY, PROJECTS, Place, RATES, ask};
use crate::workspaces::open_to_ask;

fn wanted(basis: Basis, currency: Option<&str>) -> Wanted {
    Wanted {
        group_by: GroupBy::Fund,
        basis,
        period: Period::always(),
        fund: "PBF".to_owned(),
        currency: currency.map(str::to_owned),
        absorb_support: false,
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
    let of = |class| sums.groups["PBF"].of(class).to_string();
    assert_eq!(
        [of(Class::Hardware), of(Class::Training), of(Class::SectorWide)],
        ["0.02", "0.02", "0.01"]
    );
}

#[test]
fn money_that_another_activity_tells_is_not_converted_twice() {
    let mut place = Place::new();
    let projects = "project_id,title,currency,parent_activity\n\
                    1,The Fund,EUR,\n2,Its part,EUR,00000001\n3,Another,USD,\n";
    let money = "transaction_id,project_id,kind,date,amount,currency\n\
                 T1,1,disbursement,2023-03-15,500.00,EUR\n\
                 T2,2,disbursement,2023-03-15,90.00,EUR\n\
                 T3,3,disbursement,2023-03-15,10.00,USD\n";
    let tables =
        [("projects", projects), ("transactions", money), ("exchange_rates", RATES)];
    place.tell("hq", "2024-01-01", &tables);
    let (_, engine, library) = open_to_ask(&place.workspace);
    let sums =
        amounts::measure(&engine, &library, &wanted(Basis::Transfer, None)).unwrap();
    assert_eq!(sums.groups["PBF"].total().unwrap().to_string(), "110.00");
    assert_eq!(
        ask(&engine, "SELECT SUM(net_usd) AS usd FROM transfers_usd").unwrap(),
        "usd\n110.00\n"
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
