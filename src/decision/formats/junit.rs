//! JUnit XML, as continuous integration servers read it: a suite for each decision.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use crate::error::{Error, Result};
use crate::gate::Decision;

use super::{Outcome, of_verdict, outcome, subject, summary};

/// One case of a suite.
struct Case {
    name: String,
    outcome: Outcome,
    kind: String,
    message: String,
    detail: String,
}

pub(super) fn write(decisions: &[Decision]) -> Result<String> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    suites(&mut xml, decisions)
        .map_err(|error| Error::internal("cannot write XML").caused_by(error))?;
    let mut text = String::from_utf8(xml.into_inner())
        .map_err(|error| Error::internal("cannot write XML").caused_by(error))?;
    text.push('\n');
    Ok(text)
}

type Xml = Writer<Vec<u8>>;

fn suites(xml: &mut Xml, decisions: &[Decision]) -> std::io::Result<()> {
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let suites: Vec<(&Decision, Vec<Case>)> =
        decisions.iter().map(|decision| (decision, cases(decision))).collect();
    let all = || suites.iter().flat_map(|(_, cases)| cases);
    let mut root = BytesStart::new("testsuites");
    root.push_attribute(("name", "ssrfund gate check"));
    counts(&mut root, all());
    xml.write_event(Event::Start(root))?;
    for (decision, cases) in &suites {
        let mut suite = BytesStart::new("testsuite");
        suite.push_attribute(("name", clean(&subject(decision)).as_str()));
        counts(&mut suite, cases.iter());
        let stamp = format!("{}T00:00:00", decision.as_of.0);
        suite.push_attribute(("timestamp", stamp.as_str()));
        xml.write_event(Event::Start(suite))?;
        for one in cases {
            case(xml, decision, one)?;
        }
        xml.write_event(Event::End(BytesEnd::new("testsuite")))?;
    }
    xml.write_event(Event::End(BytesEnd::new("testsuites")))
}

fn counts<'a>(element: &mut BytesStart<'_>, cases: impl Iterator<Item = &'a Case>) {
    let (mut tests, mut failures, mut errors, mut skipped) = (0_u64, 0_u64, 0_u64, 0_u64);
    for case in cases {
        tests = tests.saturating_add(1);
        let counter = match case.outcome {
            Outcome::Failed => &mut failures,
            Outcome::Open => &mut errors,
            Outcome::Waived | Outcome::Skipped => &mut skipped,
            Outcome::Passed | Outcome::Warned | Outcome::Unsure => continue,
        };
        *counter = counter.saturating_add(1);
    }
    for (name, number) in [
        ("tests", tests),
        ("failures", failures),
        ("errors", errors),
        ("skipped", skipped),
    ] {
        element.push_attribute((name, number.to_string().as_str()));
    }
}

fn cases(decision: &Decision) -> Vec<Case> {
    let verdict = Case {
        name: "verdict".to_owned(),
        outcome: of_verdict(decision.verdict),
        kind: decision.verdict.word().to_owned(),
        message: summary(decision),
        detail: decision.warnings.join("\n"),
    };
    let rules = decision.rules.iter().map(|finding| Case {
        name: format!("{} {}", finding.rule_id, finding.title),
        outcome: outcome(finding),
        kind: finding.effect.word().to_owned(),
        message: finding.message.clone(),
        detail: std::iter::once(format!("{} ({})", finding.reference, finding.basis))
            .chain(finding.levers.iter().map(|lever| lever.text.clone()))
            .collect::<Vec<_>>()
            .join("\n"),
    });
    std::iter::once(verdict).chain(rules).collect()
}

fn case(xml: &mut Xml, decision: &Decision, case: &Case) -> std::io::Result<()> {
    let mut element = BytesStart::new("testcase");
    let class = format!("ssrfund.{}.{}", decision.project_id, decision.tranche);
    element.push_attribute(("classname", clean(&class).as_str()));
    element.push_attribute(("name", clean(&case.name).as_str()));
    let inner = match case.outcome {
        Outcome::Passed => return xml.write_event(Event::Empty(element)),
        Outcome::Failed => "failure",
        Outcome::Open => "error",
        Outcome::Waived | Outcome::Skipped => "skipped",
        Outcome::Warned | Outcome::Unsure => "system-out",
    };
    xml.write_event(Event::Start(element))?;
    let mut what = BytesStart::new(inner);
    match case.outcome {
        Outcome::Warned | Outcome::Unsure => {
            xml.write_event(Event::Start(what))?;
            xml.write_event(Event::Text(BytesText::new(&clean(&case.message))))?;
            xml.write_event(Event::End(BytesEnd::new(inner)))?;
        }
        Outcome::Waived | Outcome::Skipped => {
            what.push_attribute(("message", clean(&case.message).as_str()));
            xml.write_event(Event::Empty(what))?;
        }
        _ => {
            what.push_attribute(("type", case.kind.as_str()));
            what.push_attribute(("message", clean(&case.message).as_str()));
            xml.write_event(Event::Start(what))?;
            xml.write_event(Event::Text(BytesText::new(&clean(&case.detail))))?;
            xml.write_event(Event::End(BytesEnd::new(inner)))?;
        }
    }
    xml.write_event(Event::End(BytesEnd::new("testcase")))
}

/// Text without the characters that XML cannot hold.
fn clean(text: &str) -> String {
    text.chars()
        .map(|c| {
            let fits = !c.is_control() || matches!(c, '\t' | '\n' | '\r');
            let fits = fits && !matches!(c, '\u{FFFE}' | '\u{FFFF}');
            if fits { c } else { char::REPLACEMENT_CHARACTER }
        })
        .collect()
}
