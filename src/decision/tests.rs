//! The exact JSON, and what a note says.

use super::{explain, tell, to_json_line, to_value};
use crate::domain::{Beneficiary, Bounds, Class};
use crate::gate::tests::{Case, exact, item, milestones, predicate, share};
use crate::metrics::facts::Fact;

fn keys(value: &serde_json::Value) -> String {
    let names: Vec<&str> =
        value.as_object().unwrap().keys().map(String::as_str).collect();
    names.join(" ")
}

fn worked() -> Case {
    let fact =
        milestones(&[("M-17", Some(0), 2, false), ("M-18", Some(10_000), 3, true)]);
    let wide = exact(8000, 10_000);
    Case::worked().with("software_progress", fact).with("software_progress_wide", wide)
}

#[test]
fn keys_stand_in_the_order_of_the_contract() {
    let value = to_value(&worked().decide()).unwrap();
    assert_eq!(
        keys(&value),
        "schema_version verdict scope project_id tranche as_of known_at policy \
         software_scope currency requested payable held recipients by_class rules \
         blocked_lines overrides warnings data tool verdict_official project_title \
         lines waived classification levers switches"
    );
    assert_eq!(
        keys(&value["rules"][0]),
        "rule_id title result effect basis numerator denominator threshold_bps \
         observed_bps codes missing message reference levers evidence threshold_basis \
         verified alternatives"
    );
    assert_eq!(
        keys(&value["by_class"]),
        "hardware training sector_wide mixed unclassified out_of_scope support indirect"
    );
    assert_eq!(keys(&value["policy"]), "id version sha256");
    assert_eq!(keys(&value["recipients"][0]), "recipient requested payable held");
    assert_eq!(keys(&value["verdict_official"]), "verdict scope payable held");
    assert_eq!(keys(&value["rules"][0]["levers"][0]), "lever id amount text");
}

#[test]
fn values_are_text_whole_numbers_or_null() {
    let value = to_value(&worked().decide()).unwrap();
    assert_eq!(value["verdict"], "PARTIAL");
    assert_eq!(value["scope"], "software_only");
    assert_eq!(value["as_of"], "2024-06-30");
    assert_eq!(value["known_at"], "2024-07-05T00:00:00.000000Z");
    assert_eq!(value["payable"], "622128.57");
    assert_eq!(value["by_class"]["hardware"]["requested"], "1200000.00");
    let r01 = &value["rules"][0];
    assert_eq!(r01["result"], "FAIL");
    assert_eq!(r01["effect"], "BLOCK_HARDWARE");
    assert_eq!(r01["basis"], "SEED");
    assert_eq!(r01["numerator"]["low"], "30000");
    assert_eq!(r01["denominator"]["high"], "50000");
    assert_eq!(r01["observed_bps"]["low"], 6000);
    assert_eq!(r01["verified"], false);
    assert_eq!(r01["alternatives"]["wide"]["result"], "PASS");
    assert_eq!(keys(&r01["alternatives"]), "wide");
    assert_eq!(r01["levers"][0]["amount"], serde_json::Value::Null);
    let r05 = &value["rules"][4];
    assert!(r05["numerator"].is_null() && r05["threshold_bps"].is_null());
    assert!(r05.get("observed_bps").is_none() && r05.get("alternatives").is_none());
    assert_eq!(value["rules"][13]["basis"], "INTEGRITY");
    assert_eq!(value["rules"][8]["result"], "NOT_APPLICABLE");
}

#[test]
fn same_inputs_same_bytes() {
    let line = to_json_line(&worked().decide()).unwrap();
    assert_eq!(line, to_json_line(&worked().decide()).unwrap());
    assert!(!line.contains('\n'));
}

#[test]
fn the_note_of_the_worked_example() {
    let note = tell(&worked().decide(), 80);
    let expected = "\
PARTIAL: hardware held
Tranche 2 of 00112233, Police reform
Events to 30 Jun 2024, as known 5 Jul 2024

Official conditions: full release. 2012 review recommendation: hold 1,200,000.00
of hardware.

  USD                          requested         payable            held
  UNDP                      1,979,500.00      622,128.57    1,357,371.43

R01 not met (2012 review recommendation): Only 60% of the software milestones
    due before this tranche is achieved, by weight; at least 75% (unverified
    default) is needed.
    The same with training as software too: met.
    > Verify milestone M-17.

With what is marked > above: RELEASE with 1,979,500.00 payable.

Met: R02 R03 R04 R05 R06 R07 R08 R10 R11 R12 R13 R14 R15 R16 R17 R18 R21 R22 R23
  R24 R25 R26 R27. Not applicable: R09 R19 R20 R28.

  by class                     requested         payable
  hardware                  1,200,000.00            0.00
  training                    300,000.00      300,000.00
  sector-wide                 250,000.00      250,000.00
  support                     100,000.00       31,428.57
  indirect                    129,500.00       40,700.00

! PARTIAL_PAYMENT: after paying a part, load `tranches` and `tranche_lines`
  again with this tranche at what was paid and the rest as a tranche of its own

Next: ssrfund gate explain 00112233 --tranche 2 --as-of 2024-06-30
";
    assert_eq!(note, expected);
}

#[test]
fn headlines_say_what_they_mean() {
    let first = |case: Case| tell(&case.decide(), 80).lines().next().unwrap().to_owned();
    assert_eq!(first(Case::worked()), "RELEASE: pay in full");
    let unknown = milestones(&[("A", None, 1, false)]);
    let doubt = Case::worked().with("software_progress", unknown);
    assert_eq!(first(doubt), "PARTIAL: hardware held (not yet known)");
    let mut used = Fact { numerator: Some(Bounds { low: 0, high: 9 }), ..exact(0, 10) };
    used.missing = vec!["a".to_owned(), "b".to_owned(), "c".to_owned()];
    let silent = Case::worked().with("previous_tranche_use", used);
    assert_eq!(first(silent), "INDETERMINATE: not a refusal, 3 facts missing");
    let held = Case::worked().with("reports_due", exact(1, 2));
    assert_eq!(first(held), "HOLD: pay nothing, R03 is not met");
    let invalid = Case::worked().with("tranche_arithmetic", predicate(1, 0));
    assert!(first(invalid).starts_with("INVALID: the request and the data"));
    let mut screen = predicate(1, 0);
    screen.items = vec![item("line", "L2", "FAIL", "E1")];
    let lines = Case::worked().with("eligibility_screen", screen);
    assert_eq!(first(lines.clone()), "PARTIAL: 1 line held");
    let note = tell(&lines.decide(), 80);
    assert!(note.contains("  L2 300,000.00 (training): R06 E1\n"), "{note}");
    let both = lines.with("software_progress", exact(0, 10_000));
    assert_eq!(first(both), "PARTIAL: hardware held, 1 line held");
}

#[test]
fn a_pass_that_hangs_on_the_reading_is_told() {
    let moved = exact(0, 10_000);
    let case = Case::worked().with("software_progress_as_approved", moved);
    let note = tell(&case.decide(), 80);
    let said = "R01 met. The same on milestones as first loaded: not met.";
    assert!(note.contains(said), "{note}");
    let agree = "Official conditions and the whole policy agree: full release.";
    assert!(note.contains(agree), "{note}");
    let same = exact(9000, 10_000);
    let case = Case::worked().with("software_progress_as_approved", same);
    assert!(!tell(&case.decide(), 80).contains("R01 met."));
}

#[test]
fn an_assumed_split_is_said_beside_the_amounts() {
    let mut case = worked();
    for share in &mut case.plan.shares {
        share.pro_rata = true;
    }
    let note = tell(&case.decide(), 80);
    assert!(note.contains("1,357,371.43 ASSUMED"), "{note}");
    assert!(note.lines().all(|line| line.chars().count() <= 80), "{note}");
    // In full, the amount does not rest on the split.
    let mut full = Case::worked();
    full.plan.shares[0].pro_rata = true;
    let note = tell(&full.decide(), 80);
    assert!(note.contains("            0.00\n"), "{note}");
}

#[test]
fn money_without_a_class_is_a_range() {
    let police = Beneficiary::Police;
    let shares = vec![
        share("A", "UNDP", Class::Hardware, police, "52.00"),
        share("B", "UNDP", Class::Mixed, police, "22.00"),
        share("C", "UNDP", Class::SectorWide, police, "26.00"),
    ];
    let note = tell(&Case::of(shares, &[("UNDP", "107.00")]).decide(), 80);
    assert!(note.contains("Hardware is 52–74% of direct cost; 22.00 has"), "{note}");
}

#[test]
fn no_basis_points_and_no_control_characters() {
    let mut case = worked();
    case.plan.title = "Reform\u{1b}[31m".to_owned();
    let decision = case.decide();
    for text in [tell(&decision, 80), explain(&decision)] {
        assert!(!text.contains("bps") && !text.contains("basis point"), "{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
    }
}

#[test]
fn the_long_note_has_every_rule_and_row() {
    let mut fact = exact(6000, 10_000);
    fact.evidence = vec![crate::domain::evidence::Evidence {
        table: "observations".to_owned(),
        key: "M-17 2024-05-12".to_owned(),
        load_id: "l7".to_owned(),
        file: "observations.csv".to_owned(),
        row: 12,
    }];
    let text = explain(&Case::worked().with("software_progress", fact).decide());
    for number in 1..=28 {
        assert!(text.contains(&format!("R{number:02} ")), "R{number:02}");
    }
    let row = "- observations M-17 2024-05-12 (observations.csv:12, load l7)";
    assert!(text.contains(row), "{text}");
}

#[test]
fn what_is_set_aside_is_told_apart() {
    let day = |text: &str| crate::domain::AsOf::parse(text).unwrap().0;
    let mut case = worked();
    case.request.overrides = vec![crate::gate::Override {
        override_id: "O-1".to_owned(),
        rule_id: "R01".to_owned(),
        scope: crate::gate::OverrideScope::Rule,
        reason_code: "TRUST_BUILDING_FIRST".to_owned(),
        justification: "The stations open before the rainy season.".to_owned(),
        evidence: "NOTE-7".to_owned(),
        signatory: "S. Laurent".to_owned(),
        signatory_role: "PBSO approver".to_owned(),
        signed_on: day("2024-01-15"),
        second_signatory: String::new(),
        valid_from: day("2024-02-01"),
        valid_to: day("2024-07-31"),
        conditions: "Vetting order by June".to_owned(),
        recorded_by: "A. Diallo".to_owned(),
        revoked_on: None,
        row: crate::domain::evidence::Evidence {
            table: "overrides".to_owned(),
            key: "O-1".to_owned(),
            load_id: "l1".to_owned(),
            file: "overrides.csv".to_owned(),
            row: 2,
        },
    }];
    let decision = case.decide();
    let note = tell(&decision, 80);
    assert!(note.starts_with("RELEASE: pay in full, 1 rule set aside by override\n"));
    let words = note.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains(
            "R01 waived by override O-1 (TRUST_BUILDING_FIRST), signed by S. Laurent, PBSO \
             approver, until 31 Jul 2024; without it 1,357,371.43 less would be payable. \
             Condition: Vetting order by June."
        ),
        "{note}"
    );
    assert!(words.contains(". Waived: R01. Not applicable"), "{note}");
    assert!(!words.contains("Met: R01"), "{note}");
    let value = to_value(&decision).unwrap();
    assert_eq!(value["waived"]["released"], "1357371.43");
    assert_eq!(value["overrides"][0]["valid_to"], "2024-07-31");
    assert_eq!(
        keys(&value["overrides"][0]),
        "override_id rule_id scope scope_ids reason_code signatory signatory_role \
         second_signatory signed_on valid_to conditions released evidence"
    );
    assert_eq!(
        keys(&value["classification"]),
        "decides doubtful as_software as_hardware lines"
    );
    assert_eq!(keys(&value["levers"]), "all_of gives without");
}

#[test]
fn whether_money_without_a_class_decides_is_one_sentence() {
    let police = Beneficiary::Police;
    let shares = vec![
        share("A", "UNDP", Class::Hardware, police, "50.00"),
        share("B", "UNDP", Class::Mixed, police, "1.00"),
        share("C", "UNDP", Class::SectorWide, police, "49.00"),
    ];
    let case = Case::of(shares, &[("UNDP", "107.00")]);
    let same =
        "The answer is the same whatever the 1.00 without a clear class turns out to";
    let note = tell(&case.decide(), 80);
    assert!(note.contains(same), "{note}");
    let doubt = case.with("classification_coverage", exact(100, 4999));
    let note = tell(&doubt.decide(), 80);
    let words = note.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains(
            "What the 1.00 without a clear class is decides: RELEASE with 107.00 payable if it \
             is software, RELEASE with 107.00 payable if it is hardware; the largest is line \
             B (1.00)."
        ),
        "{note}"
    );
}
