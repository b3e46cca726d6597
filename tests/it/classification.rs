//! Stale decisions, the switches of the policy, coverage, and what other rules move.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ssrfund::classify::compare::{Matrix, add, flows, moved};
use ssrfund::classify::coverage::coverage;
use ssrfund::classify::lines::ClassifiedLines;
use ssrfund::classify::{self, RuleSet, read_rules};
use ssrfund::cli::context::switched;
use ssrfund::decision::assess::{self, PolicyFile};
use ssrfund::domain::class::Subclass;
use ssrfund::domain::{AsOf, Class, GateTreatment, KnownAt, Money};
use ssrfund::engine::session::Limits;
use ssrfund::engine::{self, Engine, Library, Profile};
use ssrfund::gate::Decision;
use ssrfund::workspace::derived::Cache;
use ssrfund::workspace::{self, Snapshot, Workspace};

use crate::workspaces::{csv_files, fixtures, instant, load, policy, portfolio};

const FIRST: &str = "2024-07-01T00:00:00Z";
const DECIDED: &str = "2024-07-02T00:00:00Z";
const TOLD_AGAIN: &str = "2024-07-03T00:00:00Z";
const DECIDED_AGAIN: &str = "2024-07-04T00:00:00Z";

const HEADER: &str = "line_id,class,subclass,share_bps,decided_by,decided_on,reason\n";

/// The files of the base scenario in a folder of their own, changed by the caller.
fn base(place: &Path, changes: &[(&str, &str, &str)]) -> Vec<PathBuf> {
    std::fs::create_dir_all(place).unwrap();
    let mut files = Vec::new();
    for path in csv_files(&fixtures("scenarios/_base")) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name == "class_decisions.csv" {
            continue;
        }
        let mut text = std::fs::read_to_string(&path).unwrap();
        for (file, from, to) in changes {
            if *file == name {
                assert!(text.contains(from), "{name} has no `{from}`");
                text = text.replace(from, to);
            }
        }
        let copy = place.join(&name);
        std::fs::write(&copy, text).unwrap();
        files.push(copy);
    }
    files
}

fn decide(workspace: &Workspace, place: &Path, rows: &str, at: &str) {
    let file = place.join("class_decisions.csv");
    std::fs::write(&file, format!("{HEADER}{rows}")).unwrap();
    load(workspace, "class_decisions", &[file], instant(at), true).unwrap();
}

fn rules() -> RuleSet {
    read_rules(&Library::new(None)).unwrap().0
}

fn gate(snapshot: &Snapshot, rules: &RuleSet) -> Decision {
    gate_by(snapshot, rules, &policy())
}

fn gate_by(snapshot: &Snapshot, rules: &RuleSet, policy: &PolicyFile) -> Decision {
    let engine = Engine::new(Profile::Decide, Limits::default()).unwrap();
    engine::tables::register(&engine, snapshot).unwrap();
    engine::ledger::register(&engine, snapshot).unwrap();
    classify::register_plan(&engine, snapshot, rules).unwrap();
    let basis = assess::Basis {
        engine: &engine,
        snapshot,
        library: &Library::new(None),
        policy,
        as_of: AsOf::parse("2024-06-30").unwrap(),
        software_scope: policy.policy.software_scope,
    };
    assess::assess(&basis, &[("00112233".to_owned(), 2)]).unwrap().remove(0)
}

fn stale(snapshot: &Snapshot) -> BTreeMap<String, String> {
    let lines = ClassifiedLines::derive(snapshot, &rules()).unwrap().0;
    lines.into_iter().filter_map(|(id, line)| Some((id, line.stale?))).collect()
}

fn told(decision: &Decision) -> Vec<&String> {
    decision.warnings.iter().filter(|w| w.starts_with("STALE_DECISION")).collect()
}

#[test]
fn a_decision_is_stale_once_the_text_of_its_line_changes() {
    let folder = tempfile::tempdir().unwrap();
    let (workspace, _) = Workspace::init(&folder.path().join("fund")).unwrap();
    let before = "Vehicles and radio sets for the national police";
    let after = "Offices of the national police, and a workshop for its vehicles";
    let first = base(&folder.path().join("first"), &[]);
    load(&workspace, "hq", &first, instant(FIRST), false).unwrap();
    let rows = "L01,hardware,H2,10000,\"A, B\",2024-07-02,quote\n\
                L02,training,T1,10000,\"A, B\",2024-07-02,plan\n";
    decide(&workspace, folder.path(), rows, DECIDED);
    assert_eq!(stale(&workspace::open(&workspace, None).unwrap()), BTreeMap::new());

    // Another text for L01, other white space for L02, another amount for L03.
    let changes = [
        ("budget_lines.csv", before, &*format!("\"{after}\"")),
        ("budget_lines.csv", "Training of police", "Training  of police"),
        ("budget_lines.csv", "850000.00", "850001.00"),
    ];
    let again = base(&folder.path().join("again"), &changes);
    load(&workspace, "hq", &again, instant(TOLD_AGAIN), false).unwrap();
    let now = workspace::open(&workspace, None).unwrap();
    assert_eq!(stale(&now), BTreeMap::from([("L01".to_owned(), before.to_owned())]));
    let lines = ClassifiedLines::derive(&now, &rules()).unwrap().0;
    assert_eq!(lines["L01"].shares[0].class, Class::Hardware, "it still wins");
    let decision = gate(&now, &rules());
    let [warning] = told(&decision)[..] else { panic!("{:?}", decision.warnings) };
    assert!(warning.contains("L01 (1,200,000.00)"), "{warning}");

    // At an earlier instant of knowledge nothing had changed.
    let then = KnownAt::parse(DECIDED).unwrap();
    let then = workspace::open(&workspace, Some(then)).unwrap();
    assert_eq!(stale(&then), BTreeMap::new());
    assert_eq!(told(&gate(&then, &rules())), Vec::<&String>::new());

    // Made again, the decision is about the text that the line has.
    decide(
        &workspace,
        folder.path(),
        "L01,hardware,H1,10000,\"A, B\",2024-07-04,read again\n",
        DECIDED_AGAIN,
    );
    assert_eq!(stale(&workspace::open(&workspace, None).unwrap()), BTreeMap::new());
}

#[test]
fn a_decision_that_is_only_told_again_is_as_old_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let (workspace, _) = Workspace::init(&folder.path().join("fund")).unwrap();
    let with_decisions = |name: &str, changes: &[(&str, &str, &str)]| {
        let mut files = base(&folder.path().join(name), changes);
        files.push(fixtures("scenarios/_base/class_decisions.csv"));
        files
    };
    load(&workspace, "hq", &with_decisions("first", &[]), instant(FIRST), false).unwrap();
    let changes = [("budget_lines.csv", "National security policy", "National policy")];
    let again = with_decisions("again", &changes);
    load(&workspace, "hq", &again, instant(TOLD_AGAIN), false).unwrap();
    let found = stale(&workspace::open(&workspace, None).unwrap());
    assert_eq!(found.keys().collect::<Vec<_>>(), ["L03"]);
}

#[test]
fn strict_nature_sends_capacity_building_of_oversight_to_training() {
    let folder = tempfile::tempdir().unwrap();
    let (workspace, _) = Workspace::init(&folder.path().join("fund")).unwrap();
    let text = "Gender-responsive budgeting training for the defence and security \
                committee of parliament";
    let changes = [("budget_lines.csv", "National security policy and strategy", text)];
    let files = base(&folder.path().join("files"), &changes);
    load(&workspace, "hq", &files, instant(FIRST), false).unwrap();
    let snapshot = workspace::open(&workspace, None).unwrap();
    let class = |strict: bool| {
        let lines = ClassifiedLines::derive(&snapshot, &rules().strict_nature(strict));
        let share = lines.unwrap().0["L03"].shares[0].clone();
        (share.class, share.subclass.map(Subclass::code))
    };
    // The budget line names a civil management body: S3, not S2.
    assert_eq!(class(false), (Class::SectorWide, Some("S3")));
    assert_eq!(class(true), (Class::Training, Some("T2")));
}

#[test]
fn exempt_safety_lets_safe_storage_past_the_software_gate() {
    let folder = tempfile::tempdir().unwrap();
    let (workspace, _) = Workspace::init(&folder.path().join("fund")).unwrap();
    let changes = [
        (
            "budget_lines.csv",
            "Vehicles and radio sets for the national police",
            "Fire extinguishers and smoke detectors for police stations",
        ),
        // No milestone was reached, so that the software gate is not passed.
        ("observations.csv", ",true,", ",false,"),
    ];
    let files = base(&folder.path().join("files"), &changes);
    load(&workspace, "hq", &files, instant(FIRST), false).unwrap();
    let snapshot = workspace::open(&workspace, None).unwrap();
    let lines = |on: bool| {
        let lines = ClassifiedLines::derive(&snapshot, &rules().exempt_safety(on));
        lines.unwrap().0["L01"].shares[0].clone()
    };
    assert_eq!(lines(false).class, Class::Hardware);
    assert_eq!(lines(false).gate_treatment, GateTreatment::Gated);
    assert_eq!(lines(true).gate_treatment, GateTreatment::ExemptSafety);
    let hardware = |on: bool| {
        let mut policy = policy();
        policy.policy.set("exempt_safety", &on.to_string()).unwrap();
        let decision = gate_by(&snapshot, &rules().exempt_safety(on), &policy);
        decision.by_class.hardware.payable.to_string()
    };
    assert_eq!(hardware(false), "0.00");
    assert_eq!(hardware(true), "1200000.00");
}

#[test]
fn coverage_and_the_matrix_conserve_every_cent() {
    let (_folder, workspace) = portfolio();
    let snapshot = workspace::open(&workspace, None).unwrap();
    let old = ClassifiedLines::derive(&snapshot, &rules()).unwrap();
    let whole = Money::sum(old.0.values().map(|line| line.amount)).unwrap();
    let (rows, totals) =
        coverage(&old, 5000, |line| Some((line.project_id.clone(), "USD".to_owned())))
            .unwrap();
    assert_eq!(Money::sum(rows.iter().map(|row| row.amount)).unwrap(), whole);
    assert_eq!(totals[0].amount, whole);
    assert_eq!(usize::try_from(totals[0].lines).unwrap(), old.0.len());
    let open = rows.iter().take_while(|row| row.class.is_doubtful());
    assert_eq!(Money::sum(open.map(|row| row.amount)).unwrap(), totals[0].open);

    // A lexicon in which staff is no support.
    let library = Library::new(None);
    let text = library.text("classification/lexicon/en.csv").unwrap();
    let text = text.replace("support,", "vague,").replace(",support,", ",,");
    let text: Vec<String> = text
        .lines()
        .map(|line| match line.split(',').collect::<Vec<_>>()[..] {
            ["vague", term, ..] => format!("vague,{term},,,"),
            _ => line.to_owned(),
        })
        .collect();
    let other = BTreeMap::from([("lexicon/en.csv".to_owned(), text.join("\n"))]);
    let (new_rules, _) = classify::read_rules_with(&library, &other).unwrap();
    let new = ClassifiedLines::derive(&snapshot, &new_rules).unwrap();
    let moved = moved(&old, &new).unwrap();
    assert!(!moved.is_empty());
    let mut matrix = Matrix::new();
    for (id, line) in &old.0 {
        add(&mut matrix, &flows(line, &new.0[id]).unwrap()).unwrap();
    }
    assert_eq!(Money::sum(matrix.values().copied()).unwrap(), whole);
    let away = matrix.iter().filter(|((from, to), _)| from != to);
    let away = Money::sum(away.map(|(_, money)| *money)).unwrap();
    assert_eq!(away, Money::sum(moved.iter().map(|one| one.money)).unwrap());
    assert!(away > Money::ZERO);
}

#[test]
fn a_cache_of_classes_is_named_after_all_that_decides_them() {
    let (folder, workspace) = portfolio();
    let library = Library::new(None);
    let (rules, hash) = read_rules(&library).unwrap();
    let text = library.text("classification/lexicon/pt.csv").unwrap();
    let other = format!("{text}\nvague,uma palavra nova,,,\n");
    let other = BTreeMap::from([("lexicon/pt.csv".to_owned(), other)]);
    let (_, other) = classify::read_rules_with(&library, &other).unwrap();
    let mut policy = policy().policy;
    let (rules, off) = switched(rules, &hash, &policy);
    policy.set("strict_nature", "true").unwrap();
    let (_, strict) = switched(rules, &hash, &policy);
    let before = workspace::open(&workspace, None).unwrap();
    let name = |snapshot: &Snapshot, hash: &str| {
        Cache::of(&workspace, snapshot, "classified_transactions", hash)
    };
    let plain = name(&before, &off);
    assert_eq!(plain, name(&workspace::open(&workspace, None).unwrap(), &off));
    assert_ne!(plain, name(&before, &other), "other words");
    assert_ne!(plain, name(&before, &strict), "another switch");
    let lines = ClassifiedLines::derive(&before, &self::rules()).unwrap();
    let open = lines.0.values().find(|line| line.rule_id != "C0").unwrap();
    let row = format!("{},hardware,H2,10000,\"A, B\",2026-07-02,quote\n", open.line_id);
    decide(&workspace, folder.path(), &row, "2026-07-02T00:00:00Z");
    let after = workspace::open(&workspace, None).unwrap();
    assert_ne!(plain, name(&after, &off), "another decision");
}
