//! Budgets and results.

use super::*;

fn budget(kind: &str, year: &str, value: &str) -> String {
    format!(
        "<budget type=\"{kind}\"><period-start iso-date=\"{year}-01-01\"/>\
         <period-end iso-date=\"{year}-12-31\"/>{value}</budget>"
    )
}

#[test]
fn a_budget_is_a_line_of_the_only_recipient() {
    let reading = read_activity(&format!(
        "<participating-org role=\"4\" ref=\"X\"/>{}{}{}",
        budget("1", "2020", &value("100")),
        budget("2", "2020", &value("120.5")),
        budget("1", "2021", &value("7"))
    ));
    assert_eq!(
        cells(
            &reading,
            "budget_lines",
            &["line_id", "recipient", "description", "amount"]
        ),
        [
            "A-1#budget-2|X|Budget 2020-01-01 to 2020-12-31|120.50",
            "A-1#budget-3|X|Budget 2021-01-01 to 2021-12-31|7.00"
        ]
    );
    assert!(warnings(&reading).contains("original budget is left out"));
    assert!(reading.tally.is_empty(), "a budget is no transaction");
}

#[test]
fn a_budget_of_several_recipients_is_of_none_of_them() {
    let two = "<participating-org role=\"4\" ref=\"X\"/><participating-org role=\"4\">\
               <narrative>Y</narrative></participating-org>";
    let reading = read_activity(&format!("{two}{}", budget("1", "2020", &value("1"))));
    assert_eq!(cells(&reading, "budget_lines", &["recipient"]), ["unspecified"]);
    assert_eq!(
        cells(&reading, "recipients", &["recipient", "commitment_basis"]),
        ["X|gross", "Y|gross", "unspecified|gross"]
    );
}

#[test]
fn a_budget_needs_its_days_amount_and_currency() {
    let euros = "<value currency=\"EUR\" value-date=\"2020-01-01\">1</value>";
    let bad = [
        budget("1", "2020", &value("-1")),
        budget("1", "2020", &value("")),
        budget("1", "2020", ""),
        budget("1", "2020", &value("1").repeat(2)),
        budget("1", "20", &value("1")),
        budget("1", "2020", euros),
        budget("1", "2020", &value("1")).replace("<period-end", "<other"),
    ];
    let reading = read_activity(&bad.concat());
    assert!(table(&reading, "budget_lines").is_empty());
    assert!(table(&reading, "recipients").is_empty());
    let told = rejects(&reading).join("\n");
    for what in [
        "`-1` is negative",
        "`amount` is empty",
        "`value` stands twice in one `budget`",
        "`20-01-01` is not a calendar day (`period-start`)",
        "the budget is in `EUR`, the activity in `USD`",
        "the budget has no day in `period-end`",
    ] {
        assert!(told.contains(what), "{what}\n{told}");
    }
}

#[test]
fn periods_become_milestones_and_observations() {
    let period = |end: &str, inside: &str| {
        format!(
            "<period><period-start iso-date=\"2020-01-01\"/>\
             <period-end iso-date=\"{end}\"/>{inside}</period>"
        )
    };
    let reading = read_activity(&format!(
        "<result type=\"1\"><title><narrative>R</narrative></title><indicator measure=\"1\">\
         <title><narrative>Posts built</narrative></title>\
         <baseline year=\"2019\" value=\"1.5\"/>{}{}{}{}</indicator></result>\
         <result type=\"3\"><title><narrative>R2</narrative></title>\
         <indicator measure=\"1\">{}</indicator></result>",
        period("2020-12-31", "<target value=\"4\"/><actual value=\"3\"/>"),
        period("2021-12-31", ""),
        period("2099-12-31", "<target value=\"many\"/><actual value=\"5\"/>"),
        period(
            "2022-12-31",
            "<actual value=\"9\"><dimension name=\"sex\" value=\"f\"/></actual>\
             <actual value=\"20\"/><actual value=\"21\"/>"
        ),
        period("2020-12-31", "<target value=\"2\"/>"),
    ));
    assert_eq!(rejects(&reading), [""; 0]);
    let columns =
        ["milestone_id", "title", "class", "kind", "baseline", "target", "due_on"];
    assert_eq!(
        cells(&reading, "milestones", &columns),
        [
            "A-1#r1.1.1|Posts built|unclassified|output|1.5|4|2020-12-31",
            "A-1#r1.1.3|Posts built|unclassified|output|1.5||2099-12-31",
            "A-1#r1.1.4|Posts built|unclassified|output|1.5||2022-12-31",
            "A-1#r2.1.1|R2|unclassified|outcome||2|2020-12-31"
        ]
    );
    assert_eq!(
        cells(
            &reading,
            "observations",
            &["milestone_id", "observed_on", "value", "evidence"]
        ),
        ["A-1#r1.1.1|2020-12-31|3|", "A-1#r1.1.4|2022-12-31|20|"]
    );
    let told = warnings(&reading);
    for what in ["`many`", "period ends after the day of this load", "several values"] {
        assert!(told.contains(what), "{what}\n{told}");
    }
}

#[test]
fn a_period_needs_its_end() {
    let reading = read_activity(
        "<result type=\"2\"><indicator><period><target value=\"2\"/></period></indicator>\
         </result>",
    );
    assert!(rejects(&reading)[0].contains("`due_on` is empty"));
    assert!(warnings(&reading).contains("not as the standard has it"));
}
