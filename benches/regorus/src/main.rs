//! Rules R01, R02 and R03 in Rego over the projects of a facts.json:
//! `cargo run --release -- FACTS [VERDICTS] [RUNS]`.
//!
//! FACTS comes from `benches/portfolio.py`. VERDICTS is what `ssrfund gate check --all -F
//! ndjson` said of the same portfolio; every result is compared with it. The policy is
//! parsed and compiled once and the facts are values before the clock starts. Timed are
//! regorus's interpreter and its virtual machine, each on one core, a project at a time.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{BufRead, BufReader};
use std::sync::Arc;
use std::time::{Duration, Instant};

use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::RegoVM;
use regorus::{Engine, Value};

type Outcome<T> = Result<T, Box<dyn Error>>;

const RULES: [&str; 3] = ["R01", "R02", "R03"];
const ENTRY: &str = "data.gate.results";

fn main() -> Outcome<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some(facts) = words.first() else {
        println!("usage: FACTS [VERDICTS] [RUNS]");
        return Ok(());
    };
    let runs: usize = words.get(2).map_or(Ok(5), |text| text.parse())?;
    let facts: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(facts)?)?;
    let inputs = inputs(&facts)?;
    let (mut interpreted, mut in_machine) = (Vec::new(), Vec::new());
    let mut answers = BTreeMap::new();
    for _ in 0..runs {
        let (took, told) = interpreter(&inputs)?;
        interpreted.push(took);
        let (took, again) = machine(&inputs)?;
        in_machine.push(took);
        if told != again {
            return Err("interpreter and virtual machine differ".into());
        }
        answers = told;
    }
    println!("{} projects, medians of {runs} runs", inputs.len());
    for (name, times) in [("interpreter", interpreted), ("virtual machine", in_machine)] {
        let median = median(times);
        let each = median.as_secs_f64() * 1e6 / inputs.len() as f64;
        println!("{name}: {:.3} s, {each:.1} µs a project", median.as_secs_f64());
    }
    counts(&answers);
    match words.get(1) {
        Some(file) => compare(&answers, file),
        None => Ok(()),
    }
}

/// Results by project and rule.
type Answers = BTreeMap<(String, &'static str), String>;

/// Every project with the as-of beside its facts.
fn inputs(facts: &serde_json::Value) -> Outcome<Vec<(String, Value)>> {
    let projects = facts["projects"].as_array().ok_or("no projects")?;
    let mut inputs = Vec::new();
    for project in projects {
        let mut project = project.clone();
        project["as_of"] = facts["as_of"].clone();
        let id = project["id"].as_str().ok_or("a project has no id")?.to_owned();
        inputs.push((id, Value::from_json_str(&project.to_string())?));
    }
    Ok(inputs)
}

fn engine() -> Outcome<Engine> {
    let mut engine = Engine::new();
    engine.add_policy("gate.rego".to_owned(), include_str!("../gate.rego").to_owned())?;
    Ok(engine)
}

fn interpreter(inputs: &[(String, Value)]) -> Outcome<(Duration, Answers)> {
    let policy = engine()?.compile_with_entrypoint(&ENTRY.into())?;
    let mut told = Vec::with_capacity(inputs.len());
    let began = Instant::now();
    for (_, input) in inputs {
        told.push(policy.eval_with_input(input.clone())?);
    }
    Ok((began.elapsed(), answers(inputs, &told)?))
}

fn machine(inputs: &[(String, Value)]) -> Outcome<(Duration, Answers)> {
    let policy = engine()?.compile_with_entrypoint(&ENTRY.into())?;
    let program = Compiler::compile_from_policy(&policy, &[ENTRY])?;
    let mut machine = RegoVM::new_with_policy(policy);
    machine.load_program(Arc::clone(&program));
    let mut told = Vec::with_capacity(inputs.len());
    let began = Instant::now();
    for (_, input) in inputs {
        machine.set_input(input.clone());
        told.push(machine.execute()?);
    }
    Ok((began.elapsed(), answers(inputs, &told)?))
}

fn answers(inputs: &[(String, Value)], told: &[Value]) -> Outcome<Answers> {
    let mut answers = BTreeMap::new();
    for ((id, _), told) in inputs.iter().zip(told) {
        for rule in RULES {
            let result = told[rule].as_string().map_err(|_| format!("{id}: no {rule}"))?;
            answers.insert((id.clone(), rule), result.to_string());
        }
    }
    Ok(answers)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn counts(answers: &Answers) {
    for rule in RULES {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for ((_, of), result) in answers {
            if *of == rule {
                *counts.entry(result).or_default() += 1;
            }
        }
        println!("{rule}: {counts:?}");
    }
}

/// Every result beside the gate's.
fn compare(answers: &Answers, file: &str) -> Outcome<()> {
    let (mut same, mut other) = (0, 0);
    for line in BufReader::new(std::fs::File::open(file)?).lines() {
        let decision: serde_json::Value = serde_json::from_str(&line?)?;
        let id = decision["project_id"].as_str().ok_or("no project_id")?;
        for finding in decision["rules"].as_array().ok_or("no rules")? {
            let Some(rule) = RULES.iter().find(|rule| finding["rule_id"] == **rule) else {
                continue;
            };
            let ours = finding["result"].as_str().unwrap_or_default();
            let theirs = answers.get(&(id.to_owned(), *rule)).map(String::as_str);
            if theirs == Some(ours) {
                same += 1;
            } else {
                other += 1;
                if other <= 10 {
                    println!("{id} {rule}: the gate says {ours}, Rego {theirs:?}");
                }
            }
        }
    }
    println!("{same} results are the same, {other} differ");
    if other == 0 && same == answers.len() { Ok(()) } else { Err("results differ".into()) }
}
