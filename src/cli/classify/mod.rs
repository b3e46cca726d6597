//! `ssrfund classify`: what a text is classified as, and why.

pub mod agreement;
pub mod coverage;
pub mod decide;
pub mod diff;
pub mod explain;
pub mod review;

use serde_json::{Value, json};

use crate::classify::answer::{MatchedTerm, Part};
use crate::classify::{Answer, Question, RuleSet, read_rules};
use crate::domain::class::Subclass;
use crate::domain::{Bps, GateTreatment};
use crate::error::{Error, Result};

use super::context::{Context, switched};
use super::data::{json as write_json, wants_json};
use super::flags::{ClassifyArgs, ClassifyCommand};
use super::output;
use super::rules as policies;

/// Runs a command of `classify`.
///
/// # Errors
/// There is no such line, or a rule file cannot be read.
pub fn run(context: &Context, args: &ClassifyArgs) -> Result<u8> {
    match &args.command {
        ClassifyCommand::Text { text, lang, category, beneficiary } => {
            let question = Question {
                description: text,
                lang: lang.as_deref(),
                scheme: Some("2012"),
                category: category.as_deref(),
                beneficiary: beneficiary.as_deref(),
                security: false,
            };
            let rules = rules(context)?;
            let answer = rules.classify(&question);
            show(context, &rules, text, &answer)
        }
        ClassifyCommand::Explain { line } => explain::run(context, line),
        ClassifyCommand::Decide(args) => decide::run(context, args),
        ClassifyCommand::Review(args) => review::run(context, args),
        ClassifyCommand::Coverage(args) => coverage::run(context, args),
        ClassifyCommand::Diff(args) => diff::run(context, args),
        ClassifyCommand::Test => test(context),
        ClassifyCommand::Agreement { file } => {
            agreement::run(context, &rules(context)?, file)
        }
    }
}

/// The switches that classes and their gate treatment depend on.
const OF_CLASSES: [&str; 2] = ["exempt_safety", "strict_nature"];

/// The rules, as the policy wants them read.
fn rules(context: &Context) -> Result<RuleSet> {
    let workspace = context.workspace().ok();
    let (rules, hash) = read_rules(&context.library(workspace.as_ref())?)?;
    Ok(switched(rules, &hash, &policies::policy(context, None)?.policy).0)
}

/// How the gate treats what the text says.
fn treatment(rules: &RuleSet, text: &str, answer: &Answer) -> GateTreatment {
    let safety = rules.is_exempt_for_safety(text, answer);
    GateTreatment::of(answer.class, answer.beneficiary, safety)
}

/// The struct of `classify(…)` in SQL, and the features.
fn object(rules: &RuleSet, text: &str, answer: &Answer) -> Value {
    json!({
        "class": answer.class.code(),
        "subclass": answer.subclass.map(Subclass::code),
        "beneficiary": answer.beneficiary.code(),
        "gate_treatment": treatment(rules, text, answer).code(),
        "eligibility": answer.flag_text(),
        "method": answer.method.code(),
        "rule_id": answer.rule_id,
        "matched": answer.matched_words(),
        "runner_up": answer.runner_up.as_ref().map(|other| other.class.code()),
        "confidence_bps": answer.confidence_bps,
        "named": answer.named,
        "measured_high": answer.measured_high(),
        "measured_bps": answer.measured.map(|found| found.at_least_bps),
        "measured_lines": answer.measured.map(|found| found.lines),
        "measured_right": answer.measured.map(|found| found.right),
        "lang": answer.lang,
        "lang_detected": answer.lang_detected,
        "because": answer.because,
        "features": answer.features,
        "parts": answer.parts.iter().map(part).collect::<Vec<_>>(),
        "matched_terms": answer.matched.iter().map(term).collect::<Vec<_>>(),
        "runner_up_why": answer.runner_up.as_ref().map(|other| other.why.as_str()),
    })
}

/// A term with its place in the text.
fn term(term: &MatchedTerm) -> Value {
    json!({
        "text": term.text,
        "start": term.start,
        "key": term.key,
        "term": term.term,
    })
}

/// An item whose amount the text states.
fn part(part: &Part) -> Value {
    json!({
        "text": part.text,
        "amount": part.amount.to_string(),
        "class": part.class.code(),
        "subclass": part.subclass.map(Subclass::code),
    })
}

fn show(context: &Context, rules: &RuleSet, text: &str, answer: &Answer) -> Result<u8> {
    if wants_json(context) {
        return write_json(context, &object(rules, text, answer));
    }
    let mut out = format!("{}\n", crate::error::visible(text));
    out.push_str(&told(rules, text, answer));
    output::deliver(context, out.as_bytes(), false)?;
    Ok(0)
}

/// What such answers were worth, where it was measured.
fn worth(answer: &Answer) -> Option<String> {
    let found = answer.measured?;
    let high = if found.high { "high" } else { "not high" };
    let unnamed = if answer.named { "" } else { "; no body of security is named" };
    Some(format!(
        "  measured    {} of {} such answers were right on labelled lines: {} or more, \
         {high}{unnamed}\n",
        found.right,
        found.lines,
        Bps(found.at_least_bps).percent()
    ))
}

fn told(rules: &RuleSet, text: &str, answer: &Answer) -> String {
    let subclass = answer.subclass.map(|s| format!("/{s}")).unwrap_or_default();
    let mut out = format!("  class       {}{subclass}", answer.class);
    if answer.confidence_bps > 0 {
        let sure = Bps(answer.confidence_bps).percent();
        out.push_str(&format!("  (rule {}, confidence {sure})", answer.rule_id));
    } else {
        out.push_str(&format!("  (rule {})", answer.rule_id));
    }
    out.push_str(&format!("\n  because     {}\n", answer.because));
    if let Some(line) = worth(answer) {
        out.push_str(&line);
    }
    for part in &answer.parts {
        let subclass = part.subclass.map(|s| format!("/{s}")).unwrap_or_default();
        out.push_str(&format!(
            "  stated      {} for `{}`: {}{subclass}\n",
            part.amount, part.text, part.class
        ));
    }
    if let Some(why) = answer.features.iter().find(|note| note.contains("amounts")) {
        out.push_str(&format!("  amounts     {why}\n"));
    }
    for term in &answer.matched {
        out.push_str(&format!(
            "  matched     `{}` at character {} ({}, term `{}`)\n",
            term.text, term.start, term.key, term.term
        ));
    }
    if let Some(other) = &answer.runner_up {
        out.push_str(&format!("  runner-up   {}: {}\n", other.class, other.why));
    }
    let treatment = treatment(rules, text, answer);
    out.push_str(&format!(
        "  beneficiary {}\n  gate        {treatment}\n",
        answer.beneficiary
    ));
    for hit in &answer.flags {
        let state = if hit.review { "for review" } else { "raised" };
        out.push_str(&format!(
            "  eligibility {} {state} (`{}`)\n",
            hit.flag, hit.matched
        ));
    }
    let how = if answer.lang_detected { "detected" } else { "as given" };
    out.push_str(&format!("  language    {} ({how})\n", answer.lang));
    out
}

fn test(context: &Context) -> Result<u8> {
    let rules = rules(context)?;
    let failures = rules.test_examples();
    if failures.is_empty() {
        output::print(&format!("{} examples hold\n", rules.example_count()))?;
        return Ok(0);
    }
    Err(Error::rule(format!(
        "{} of {} examples do not hold:\n{}",
        failures.len(),
        rules.example_count(),
        failures.join("\n")
    )))
}
