//! `ssrfund classify review`: the lines whose class is open, those that hold up money
//! first; a list in a pipe, a conversation on a terminal, one load at the end.

use std::io::{BufRead, IsTerminal, Write};

use crate::domain::{Money, ids};
use crate::engine::{Answer, Value};
use crate::error::{Error, Result, visible};
use crate::metrics::column::Column;

use super::super::context::Context;
use super::super::flags::ReviewArgs;
use super::super::output;
use super::decide::{self, Decision, Part};

/// The order of the queue is total: no two lines share an id.
const ORDER: &str =
    "ORDER BY stale DESC, (waits_for_tranche IS NULL), amount DESC, line_id";

const KEYS: &str = "\
  a            accept what the text says; of a stale decision, decide the same again
  h t w u o    hardware, training, sector_wide, support, out_of_scope; `h H1` with a subclass
  p A=BPS B=BPS  split, for example `p hardware/H2=6000 training=4000`
  n            next: leave it open
  z            undo the last step
  s            save what was decided and end
  q            end without saving";

/// Lists the queue, or walks through it where both ends are a terminal.
///
/// # Errors
/// There is no workspace, or what was decided cannot be written.
pub fn run(context: &Context, args: &ReviewArgs) -> Result<u8> {
    let answer = queue(context, args)?;
    let talks = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let listed = args.list || context.flags.format.is_some() || !talks;
    if listed && !args.talk {
        output::answer(context, &answer)?;
        return Ok(0);
    }
    let by = args.by.as_deref().ok_or_else(|| {
        Error::usage("a review needs to know who decides")
            .fix("add `--by \"NAME, ROLE\"`, or `--list` to see the queue only")
    })?;
    let mut review = Review::new(waiting(&answer)?);
    if converse(&mut review, &mut std::io::stdin().lock(), &mut anstream::stderr())? {
        let decisions = review.decisions(by, &args.reason);
        let count = decisions.len();
        if count == 0 {
            output::note(context, "nothing was decided");
            return Ok(0);
        }
        let load = decide::record(context, &decisions)?;
        let noun = if count == 1 { "line" } else { "lines" };
        output::note(context, &format!("{count} {noun} decided by {by} (load {load})"));
    } else {
        output::note(context, "nothing was saved");
    }
    Ok(0)
}

fn queue(context: &Context, args: &ReviewArgs) -> Result<Answer> {
    let mut sql = "SELECT * FROM review_queue WHERE TRUE".to_owned();
    let mut params = Vec::new();
    if let Some(project) = &args.project {
        sql.push_str(" AND project_id = $project");
        params.push(("project".to_owned(), Value::Text(ids::project_id(project))));
    }
    if let Some(tranche) = args.tranche {
        sql.push_str(
            " AND line_id IN (SELECT line_id FROM planned_shares \
             WHERE tranche = $tranche AND line_id IS NOT NULL)",
        );
        params.push(("tranche".to_owned(), Value::Whole(tranche)));
    }
    sql.push(' ');
    sql.push_str(ORDER);
    context.open()?.engine.run(&sql, &params)
}

/// One line that waits for a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Waiting {
    line_id: String,
    project_id: String,
    amount: String,
    class: String,
    subclass: String,
    because: String,
    tranche: String,
    description: String,
    /// The shares of a stale decision; else empty.
    decided: String,
}

fn waiting(answer: &Answer) -> Result<Vec<Waiting>> {
    let mut lines = Vec::new();
    for batch in &answer.batches {
        let column = |name| Column::of(batch, name);
        let columns = [
            column("line_id")?,
            column("project_id")?,
            column("class")?,
            column("subclass")?,
            column("rule_id")?,
            column("matched")?,
            column("description")?,
            column("decided")?,
        ];
        let (amount, tranche) = (column("amount")?, column("waits_for_tranche")?);
        for row in 0..batch.num_rows() {
            let mut texts = Vec::new();
            for column in &columns {
                texts.push(column.text(row)?.to_owned());
            }
            let [
                line_id,
                project_id,
                class,
                subclass,
                rule,
                matched,
                description,
                decided,
            ] = <[String; 8]>::try_from(texts)
                .map_err(|_| Error::internal("the queue lost a column"))?;
            lines.push(Waiting {
                line_id,
                project_id,
                amount: amount
                    .scaled(row, 2)?
                    .map(|cents| Money::from_cents(cents).to_string())
                    .unwrap_or_default(),
                class,
                subclass,
                because: format!("{rule} {matched}").trim().to_owned(),
                tranche: tranche
                    .scaled(row, 0)?
                    .map(|number| number.to_string())
                    .unwrap_or_default(),
                description,
                decided,
            });
        }
    }
    Ok(lines)
}

/// What a step did to the conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Ask(String),
    Save,
    Quit,
}

/// The queue and what was decided so far; a step is one typed line.
#[derive(Debug)]
struct Review {
    lines: Vec<Waiting>,
    /// For each line passed, what was decided, or nothing.
    passed: Vec<Option<Vec<Part>>>,
}

impl Review {
    fn new(lines: Vec<Waiting>) -> Self {
        Self { lines, passed: Vec::new() }
    }

    /// What is asked now; nothing where the queue is at its end.
    fn question(&self) -> Option<String> {
        let line = self.lines.get(self.passed.len())?;
        let number = self.passed.len().saturating_add(1);
        let holds = match line.tranche.as_str() {
            "" => String::new(),
            tranche => format!(", holds up tranche {tranche}"),
        };
        let subclass = match line.subclass.as_str() {
            "" => String::new(),
            code => format!("/{code}"),
        };
        let says = match line.decided.as_str() {
            "" => format!("the text says {}{subclass} ({})", line.class, line.because),
            shares => {
                format!("stale: {shares} ({}), on a text that changed", line.because)
            }
        };
        Some(format!(
            "\n[{number} of {}] {} {} {}{holds}\n  {}\n  {says}\n",
            self.lines.len(),
            line.project_id,
            line.line_id,
            line.amount,
            visible(&line.description),
        ))
    }

    /// Takes one typed line.
    fn step(&mut self, typed: &str) -> Step {
        let (key, rest) = typed.trim().split_once(' ').unwrap_or((typed.trim(), ""));
        let decided = match key {
            "s" => return Step::Save,
            "q" => return Step::Quit,
            "z" => {
                let undone = self.passed.pop().is_some();
                let said = if undone { "" } else { "there is nothing to undo\n" };
                return Step::Ask(said.to_owned());
            }
            "n" => Ok(None),
            "a" => self.accepted().map(Some),
            "h" => whole("hardware", rest).map(Some),
            "t" => whole("training", rest).map(Some),
            "w" => whole("sector_wide", rest).map(Some),
            "u" => whole("support", rest).map(Some),
            "o" => whole("out_of_scope", rest).map(Some),
            "p" => split(rest).map(Some),
            _ => return Step::Ask(format!("{KEYS}\n")),
        };
        match decided {
            Ok(parts) => {
                self.passed.push(parts);
                Step::Ask(String::new())
            }
            Err(error) => Step::Ask(format!("{error}\n")),
        }
    }

    /// The class that the text says, as a decision; an open class is none.
    fn accepted(&self) -> Result<Vec<Part>> {
        let line = self
            .lines
            .get(self.passed.len())
            .ok_or_else(|| Error::usage("the queue is at its end"))?;
        if !line.decided.is_empty() {
            return split(&line.decided);
        }
        if matches!(line.class.as_str(), "mixed" | "unclassified") {
            return Err(Error::usage(format!("`{}` is no decision", line.class))
                .fix("choose a class, split the line, or type `n` to leave it open"));
        }
        whole(&line.class, &line.subclass)
    }

    fn decisions(&self, by: &str, reason: &str) -> Vec<Decision> {
        let decided = self.lines.iter().zip(&self.passed);
        decided
            .filter_map(|(line, parts)| {
                Some(Decision {
                    line_id: line.line_id.clone(),
                    parts: parts.clone()?,
                    by: by.to_owned(),
                    reason: reason.to_owned(),
                })
            })
            .collect()
    }
}

fn whole(class: &str, subclass: &str) -> Result<Vec<Part>> {
    Ok(vec![decide::share(&format!("{class}/{}=10000", subclass.trim()))?])
}

fn split(text: &str) -> Result<Vec<Part>> {
    let parts: Result<Vec<Part>> = text.split_whitespace().map(decide::share).collect();
    let parts = parts?;
    decide::check_sum(&parts)?;
    Ok(parts)
}

/// Asks line by line; whether what was decided is to be saved.
fn converse(
    review: &mut Review,
    input: &mut impl BufRead,
    out: &mut impl Write,
) -> Result<bool> {
    let lost = |error: std::io::Error| {
        Error::environment(format!("the conversation broke off: {error}"))
    };
    writeln!(out, "{KEYS}").map_err(lost)?;
    loop {
        let Some(question) = review.question() else {
            writeln!(
                out,
                "\nthat was the last line; `s` saves, `z` goes back, `q` quits"
            )
            .map_err(lost)?;
            match read(input, out).map_err(lost)? {
                Some(typed) if typed.trim() == "s" => return Ok(true),
                Some(typed) if typed.trim() == "z" => {
                    review.step("z");
                    continue;
                }
                Some(typed) if typed.trim() == "q" => return Ok(false),
                None => return Ok(false),
                Some(_) => continue,
            }
        };
        out.write_all(question.as_bytes()).map_err(lost)?;
        let Some(typed) = read(input, out).map_err(lost)? else { return Ok(false) };
        match review.step(&typed) {
            Step::Save => return Ok(true),
            Step::Quit => return Ok(false),
            Step::Ask(said) => out.write_all(said.as_bytes()).map_err(lost)?,
        }
    }
}

/// One typed line; nothing at the end of input.
fn read(
    input: &mut impl BufRead,
    out: &mut impl Write,
) -> std::io::Result<Option<String>> {
    write!(out, "> ")?;
    out.flush()?;
    let mut line = String::new();
    Ok((input.read_line(&mut line)? > 0).then_some(line))
}

#[cfg(test)]
mod tests {
    use super::{Review, Step, Waiting, converse};

    fn line(id: &str, class: &str) -> Waiting {
        Waiting {
            line_id: id.to_owned(),
            project_id: "00000001".to_owned(),
            amount: "10.00".to_owned(),
            class: class.to_owned(),
            subclass: String::new(),
            because: "C11".to_owned(),
            tranche: "2".to_owned(),
            description: "something".to_owned(),
            decided: String::new(),
        }
    }

    fn decided(typed: &str) -> (bool, Vec<(String, Vec<String>)>) {
        let lines =
            vec![line("a", "hardware"), line("b", "unclassified"), line("c", "mixed")];
        let mut review = Review::new(lines);
        let mut out = Vec::new();
        let saved = converse(&mut review, &mut typed.as_bytes(), &mut out).unwrap();
        let decisions = review.decisions("A, B", "why");
        let shown = decisions.into_iter().map(|decision| {
            let parts = decision.parts.iter();
            (decision.line_id.clone(), parts.map(ToString::to_string).collect())
        });
        (saved, shown.collect())
    }

    #[test]
    fn accept_choose_split_skip_and_undo() {
        let (saved, lines) =
            decided("a\nt T3\nz\nw\np hardware/H2=6000 training=4000\ns\n");
        assert!(saved);
        let part = |text: &str| text.to_owned();
        assert_eq!(
            lines,
            [
                (part("a"), vec![part("hardware=10000")]),
                (part("b"), vec![part("sector_wide=10000")]),
                (part("c"), vec![part("hardware/H2=6000"), part("training=4000")]),
            ]
        );
        assert_eq!(decided("n\nn\nh H1\ns\n").1.len(), 1);
    }

    #[test]
    fn a_stale_decision_is_made_again_with_all_its_shares() {
        let shares = "hardware/H2=6000 training=4000";
        let stale = Waiting { decided: shares.to_owned(), ..line("a", "hardware") };
        let mut review = Review::new(vec![stale]);
        assert!(review.question().unwrap().contains("on a text that changed"));
        assert_eq!(review.step("a"), Step::Ask(String::new()));
        let decision = review.decisions("A", "why").remove(0);
        let parts: Vec<String> = decision.parts.iter().map(ToString::to_string).collect();
        assert_eq!(parts.join(" "), shares);
    }

    #[test]
    fn quitting_or_losing_the_terminal_saves_nothing() {
        assert!(!decided("a\nq\n").0);
        assert!(!decided("a\n").0);
    }

    #[test]
    fn doubt_is_no_decision_and_shares_sum_to_the_whole() {
        let mut review = Review::new(vec![line("b", "unclassified")]);
        let Step::Ask(said) = review.step("a") else { panic!("asks again") };
        assert!(said.contains("is no decision"), "{said}");
        let Step::Ask(said) = review.step("p hardware=6000 training=3000") else {
            panic!("asks again")
        };
        assert!(said.contains("9000"), "{said}");
        assert!(review.decisions("A", "why").is_empty());
    }
}
