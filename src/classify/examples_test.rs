//! The rule set as it is shipped: its examples, the traps of D§6.5, the screens.

use super::*;
use crate::domain::class::Method;

pub(crate) fn rules() -> RuleSet {
    let files = [
        ("rules.toml", include_str!("../../queries/classification/rules.toml")),
        ("phrases.csv", include_str!("../../queries/classification/phrases.csv")),
        ("measured.csv", include_str!("../../queries/classification/measured.csv")),
        ("sectors.csv", include_str!("../../queries/classification/sectors.csv")),
        ("safety.csv", include_str!("../../queries/classification/safety.csv")),
        ("screens.csv", include_str!("../../queries/classification/screens.csv")),
        (
            "category_prior.csv",
            include_str!("../../queries/classification/category_prior.csv"),
        ),
        ("lexicon/en.csv", include_str!("../../queries/classification/lexicon/en.csv")),
        ("lexicon/fr.csv", include_str!("../../queries/classification/lexicon/fr.csv")),
        ("lexicon/es.csv", include_str!("../../queries/classification/lexicon/es.csv")),
        ("lexicon/pt.csv", include_str!("../../queries/classification/lexicon/pt.csv")),
    ];
    RuleSet::read(&files.map(|(path, text)| (path.to_owned(), text.to_owned()))).unwrap()
}

fn ask(text: &str, lang: &str, who: Option<&str>) -> Answer {
    let question = Question {
        description: text,
        lang: Some(lang).filter(|l| !l.is_empty()),
        beneficiary: who,
        ..Question::default()
    };
    rules().classify(&question)
}

fn flags(text: &str, lang: &str, who: Option<&str>) -> String {
    let answer = ask(text, lang, who);
    let shown: Vec<String> = answer
        .flags
        .iter()
        .map(|hit| format!("{}{}", hit.flag, if hit.review { "?" } else { "" }))
        .collect();
    shown.join(" ")
}

#[test]
fn every_example_of_the_rules_holds() {
    let rules = rules();
    assert!(rules.example_count() > 60, "{}", rules.example_count());
    assert_eq!(rules.test_examples(), Vec::<String>::new());
}

#[test]
fn the_head_decides_and_not_the_words() {
    for (text, lang, class) in [
        ("Course for mechanics to service trucks", "en", "training"),
        ("Refurbishment of the driving school of the police", "en", "hardware"),
        ("Pump repair course", "en", "training"),
        ("Repair of course furniture", "en", "hardware"),
        ("Workshop to adopt the police strategy", "en", "sector_wide"),
        ("Round table on police reform", "en", "sector_wide"),
        ("Tables for the customs office", "en", "hardware"),
        ("Tenue de réunions sur la stratégie de défense", "fr", "sector_wide"),
        ("Tenues pour les gardes", "fr", "hardware"),
        ("Formation of district security committees", "en", "sector_wide"),
        ("Formation des comités de quartier", "fr", "unclassified"),
        ("Dotación de personal del consejo de seguridad", "es", "sector_wide"),
        ("Dotación de botas para la policía", "es", "hardware"),
    ] {
        let answer = ask(text, lang, None);
        assert_eq!(answer.class.code(), class, "{text}: {}", answer.because);
    }
}

#[test]
fn words_of_another_field_need_a_body_of_security() {
    for (text, who, security, class) in [
        ("Rehabilitation of two bridges", None, false, "unclassified"),
        ("Rehabilitation of two bridges", Some("defence"), false, "hardware"),
        ("Rehabilitation of two bridges", None, true, "hardware"),
        ("Rehabilitation of two bridges for the army", None, false, "hardware"),
        ("Training of coffee farmers", None, false, "out_of_scope"),
        ("Literacy course", None, false, "unclassified"),
        ("Literacy course for prison officers", None, false, "training"),
        ("Financial strategy of the ministry of finance", None, false, "unclassified"),
        ("Vehicles", None, false, "hardware"),
    ] {
        let question = Question {
            description: text,
            lang: Some("en"),
            beneficiary: who,
            security,
            ..Question::default()
        };
        let answer = rules().classify(&question);
        assert_eq!(answer.class.code(), class, "{text}: {}", answer.because);
    }
}

#[test]
fn a_body_of_security_is_named_by_the_text_or_by_the_data() {
    for (text, who, security, named) in [
        ("Vehicles for the police", None, false, true),
        ("Vehicles", None, false, false),
        ("Vehicles", Some("police"), false, true),
        ("Vehicles", Some("unknown"), false, false),
        ("Vehicles", None, true, true),
        // Words about security and other bodies are no body of security.
        ("Strategy of security sector reform", None, false, false),
        ("Computers for the parliament", None, false, false),
    ] {
        let question = Question {
            description: text,
            lang: Some("en"),
            beneficiary: who,
            security,
            ..Question::default()
        };
        let answer = rules().classify(&question);
        assert_eq!(answer.named, named, "{text} {who:?} {security}");
    }
}

#[test]
fn the_short_name_of_a_force_in_brackets_hides_nothing() {
    let answer = ask("Country police force (SPF) training", "en", None);
    assert_eq!(answer.class, Class::Training, "{}", answer.because);
    assert_eq!(answer.beneficiary.code(), "police");
}

#[test]
fn vague_lines_stay_unclassified() {
    for (text, lang) in [
        ("", "en"),
        ("Workshop", "en"),
        ("Capacity building", "en"),
        ("Miscellaneous", "en"),
        ("Support to the army", "en"),
        ("Divers", "fr"),
        ("Otros", "es"),
        ("Diversos", "pt"),
    ] {
        let answer = ask(text, lang, None);
        assert_eq!(answer.class, Class::Unclassified, "{text}: {}", answer.because);
        assert_eq!(answer.confidence_bps, 0);
    }
}

#[test]
fn screens_read_the_sentence() {
    for (text, lang, who, expected) in [
        ("Purchase of assault rifles and ammunition", "en", None, "E1"),
        ("Weapons storage facility", "en", None, "E5"),
        ("Crowd control equipment (non-lethal), firearms excluded", "en", None, "E4"),
        ("Tear gas and launchers", "en", None, "E3"),
        ("Rehabilitation of the Camp Nord barracks", "en", None, "E7"),
        ("Reintegration of former combatants", "en", None, ""),
        ("Fuel and rations for army patrols", "en", Some("defence"), "E2"),
        ("Fuel and tyres for patrols", "en", None, "E2?"),
        ("Fuel and tyres for patrols", "en", Some("police"), ""),
        ("Rifles, excluding ammunition", "en", None, "E1"),
        ("Alarm systems for prisons", "en", None, ""),
        ("Training in weapons and ammunition management", "en", None, "E5"),
        ("Combat training for the infantry", "en", None, "E1"),
        ("Combat training", "en", None, "E1?"),
        ("Ballistic vests for the army", "en", None, "E1 E4"),
        ("Ballistic vests for the traffic police", "en", None, "E4"),
        ("Drones for the border police", "en", None, "E6"),
        ("Achat de fusils pour la police", "fr", None, "E1"),
        ("Matériel de police, hors armes", "fr", None, ""),
        ("Marquage des armes de la police", "fr", None, "E5"),
        ("Réunions de l'armée sur la politique de défense", "fr", None, ""),
        ("Compra de municiones", "es", None, "E1"),
        ("Armazenamento seguro de armas", "pt", None, "E5"),
    ] {
        assert_eq!(flags(text, lang, who), expected, "{text}");
    }
}

#[test]
fn the_beneficiary_of_the_data_wins() {
    let text = "Vehicles for the police";
    assert_eq!(ask(text, "en", None).beneficiary.code(), "police");
    assert_eq!(ask(text, "en", Some("defence")).beneficiary.code(), "defence");
    assert_eq!(ask("Vehicles", "en", None).beneficiary.code(), "unknown");
    assert_eq!(ask("Boots for police and army", "en", None).beneficiary.code(), "mixed");
    let topic = ask("Training of journalists on the police", "en", None);
    assert_eq!(topic.beneficiary.code(), "oversight_non_state");
    let author = ask("Training of police by journalists", "en", None);
    assert_eq!(author.beneficiary.code(), "police");
}

#[test]
fn language_is_found_where_it_is_not_given() {
    for (text, lang) in [
        ("Rehabilitation of the central prison", "en"),
        ("Réhabilitation de la prison centrale", "fr"),
        ("Rehabilitación de la cárcel de la ciudad", "es"),
        ("Reabilitação da prisão da cidade", "pt"),
    ] {
        let answer = ask(text, "", None);
        assert_eq!((answer.lang.as_str(), answer.lang_detected), (lang, true), "{text}");
        assert_eq!(answer.class, Class::Hardware, "{text}");
    }
    let given = ask("Réhabilitation de la prison", "fr", None);
    assert!(!given.lang_detected);
    // A guess of the data is only a hint, and one of a language without a lexicon none.
    for guess in ["d:fr", "d:pt", "d:id"] {
        let guessed = ask("Réhabilitation de la prison centrale", guess, None);
        assert_eq!((guessed.lang.as_str(), guessed.lang_detected), ("fr", true));
    }
    let arabic = ask("تدريب الشرطة", "ar", None);
    assert_eq!(arabic.class, Class::Unclassified);
    assert!(arabic.because.contains("`ar`"), "{}", arabic.because);
}

#[test]
fn strict_nature_sends_oversight_courses_to_training() {
    let text = "Training of members of parliament on the defence budget";
    let question =
        Question { description: text, lang: Some("en"), ..Question::default() };
    assert_eq!(rules().classify(&question).class, Class::SectorWide);
    let strict = rules().strict_nature(true).classify(&question);
    assert_eq!((strict.class, strict.subclass), (Class::Training, Some(Subclass::T2)));
}

#[test]
fn matches_point_into_the_text() {
    let answer = ask("Élaboration de la stratégie de sécurité", "fr", None);
    let term = answer.matched.iter().find(|term| term.key == "sector").unwrap();
    assert_eq!((term.text.as_str(), term.start), ("stratégie", 19));
    assert_eq!(answer.rule_id, "C8");
}

#[test]
fn confidence_follows_the_method() {
    assert_eq!(ask("Vehicles for the police", "en", None).confidence_bps, 9000);
    let rival = ask("Vehicles for the police reform commission", "en", None);
    assert_eq!(rival.confidence_bps, 7000);
    assert_eq!(rival.runner_up.unwrap().class, Class::SectorWide);
    let prior = Question {
        description: "Lot 4",
        lang: Some("en"),
        scheme: Some("2012"),
        category: Some("3"),
        ..Question::default()
    };
    let answer = rules().classify(&prior);
    assert_eq!((answer.method, answer.confidence_bps), (Method::CategoryPrior, 4000));
}

#[test]
fn broken_files_are_told_apart() {
    let error = RuleSet::read(&[]).unwrap_err().to_string();
    assert!(error.contains("rules.toml: is missing"), "{error}");
    assert!(error.contains("lexicon/pt.csv: is missing"), "{error}");
    let files = [("rules.toml".to_owned(), "id = 1\nbogus = 2\n".to_owned())];
    let error = RuleSet::read(&files).unwrap_err().to_string();
    assert!(error.contains("rules.toml:2: "), "{error}");
}
