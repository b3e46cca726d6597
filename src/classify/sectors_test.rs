//! What a purpose code may add to a text, and what it may never say.

use super::*;
use crate::classify::ruleset::tests::rules;

fn ask(text: &str, lang: &str, codes: &[(&str, &str)]) -> (Answer, bool) {
    let rules = rules();
    let spoken = codes
        .iter()
        .filter_map(|(vocabulary, code)| rules.sectors().of(vocabulary, code))
        .reduce(Spoken::and);
    let question = Question {
        description: text,
        lang: Some(lang),
        scheme: Some("2012"),
        ..Question::default()
    };
    classify_with(&rules, &question, spoken)
}

#[test]
fn a_code_alone_never_says_what_is_bought() {
    for code in ["15210", "15130", "15132", "15137", "15220", "152", "151"] {
        for text in ["Phase 2", "Various", "", "Support", "Lot 4"] {
            let (answer, decided) = ask(text, "en", &[("1", code)]);
            assert_eq!(answer.class, Class::Unclassified, "{text} {code}");
            assert!(!decided, "{text} {code}");
        }
    }
}

#[test]
fn another_field_takes_along_what_names_no_security() {
    for (text, lang, code) in [
        ("Procurement of vehicles", "en", "12220"),
        ("Programme SSR, phase 2", "fr", "13020"),
        ("Programa de SSR", "es", "13010"),
        ("Phase 2", "en", "15240"),
        ("Curso para formadores", "es", "15250"),
    ] {
        let (answer, decided) = ask(text, lang, &[("DAC", code)]);
        assert_eq!(answer.class, Class::OutOfScope, "{text} {code}");
        assert!(decided, "{text} {code}");
        assert_eq!(answer.confidence_bps, 4_000);
    }
}

#[test]
fn a_text_that_names_security_outweighs_the_code() {
    let (answer, decided) = ask("Vehicles for the police", "en", &[("1", "12220")]);
    assert_eq!((answer.class, decided), (Class::Hardware, false));
    assert_eq!(answer.runner_up.map(|other| other.class), Some(Class::OutOfScope));
    let (answer, decided) = ask("Project coordinator", "en", &[("1", "12220")]);
    assert_eq!((answer.class, decided), (Class::Support, false));
}

#[test]
fn a_code_settles_what_the_words_leave_open_and_says_so() {
    let (plain, _) = ask("Capacity building", "en", &[]);
    assert_eq!(plain.class, Class::Unclassified);
    let (answer, decided) = ask("Capacity building", "en", &[("1", "15132")]);
    assert_eq!((answer.class, decided), (Class::Training, true));
    assert_eq!(answer.beneficiary, Beneficiary::Police);
    assert_eq!(answer.confidence_bps, 4_000);
    let (answer, decided) = ask("Development of a strategy", "en", &[("1", "15210")]);
    assert_eq!((answer.class, decided), (Class::SectorWide, true));
    // What the words settle stays as it was.
    let (answer, decided) = ask("Vehicles for the army", "en", &[("1", "15132")]);
    assert_eq!((answer.beneficiary, decided), (Beneficiary::Defence, false));
    assert_eq!(answer.confidence_bps, 9_000);
}

#[test]
fn a_code_of_security_names_it_and_what_codes_decide_was_not_measured() {
    let (plain, _) = ask("Vehicles", "en", &[]);
    let (coded, decided) = ask("Vehicles", "en", &[("1", "15210")]);
    assert_eq!((plain.named, coded.named, decided), (false, true, false));
    assert_eq!(plain.confidence_bps, coded.confidence_bps);
    assert!(coded.measured_high() && !plain.measured_high());
    let (answer, decided) = ask("Capacity building", "en", &[("1", "15132")]);
    assert_eq!((answer.measured, decided), (None, true));
    // A rival from a code makes it another kind.
    let (sure, _) = ask("Vehicles for the police", "en", &[]);
    let (doubted, _) = ask("Vehicles for the police", "en", &[("1", "12220")]);
    let worth = |answer: &Answer| answer.measured.unwrap().at_least_bps;
    assert!(worth(&doubted) < worth(&sure) && !doubted.measured_high());
}

#[test]
fn codes_speak_only_with_one_voice() {
    let (answer, _) = ask("Phase 2", "en", &[("1", "15240"), ("1", "15210")]);
    assert_eq!(answer.class, Class::Unclassified);
    let both = [("1", "15132"), ("1", "15137")];
    let (answer, _) = ask("Capacity building", "en", &both);
    assert_eq!(answer.class, Class::Unclassified);
    // Other vocabularies and unknown codes say nothing.
    let (answer, _) = ask("Phase 2", "en", &[("99", "12220"), ("1", "99810")]);
    assert_eq!(answer.class, Class::Unclassified);
}

#[test]
fn a_row_that_names_an_oversight_body_is_refused() {
    let text = "vocabulary,code,scope,beneficiary,reason,reference\n\
                1,15152,in,oversight_formal,x,x\n1,1,out,,x,x\n1,1,out,,x,x\n";
    let mut problems = Vec::new();
    let _ = Crosswalk::read("sectors.csv", text, &mut problems);
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("sectors.csv:2") && told[1].contains(":4"), "{told:?}");
}
