//! Commands of the prompt: words that begin with a backslash.

use crate::error::{Error, Result, did_you_mean, visible};

/// What a backslash word asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    /// List the tables.
    Tables,
    /// List the columns of a table.
    Describe(String),
    /// Write rows below each other, or side by side again.
    Expanded,
    /// Tell how long statements take, or no longer.
    Timing,
    /// Run the statements of a file.
    Include(String),
    /// Edit the last statement.
    Edit,
    /// List the commands.
    Help,
    /// Leave.
    Quit,
}

/// Every command with its argument and what it does.
const COMMANDS: [(&str, &str, &str); 9] = [
    ("\\d", "[TABLE]", "tables, or the columns of a table"),
    ("\\dt", "", "tables"),
    ("\\x", "", "one column a line, on or off"),
    ("\\timing", "", "how long a statement takes, on or off"),
    ("\\i", "FILE", "run the statements of a file"),
    ("\\e", "", "edit the last statement"),
    ("\\o", "", "write results to a file: `ssrfund sql -o FILE`"),
    ("\\?", "", "this list"),
    ("\\q", "", "leave (also Ctrl-D)"),
];

/// The words of all commands.
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().map(|(word, ..)| *word)
}

/// The list that `\?` shows.
pub(super) fn help() -> String {
    let line = |(word, argument, what): &(&str, &str, &str)| {
        let form = format!("{word} {argument}");
        format!("{form:<12}  {what}\n")
    };
    let commands: String = COMMANDS.iter().map(line).collect();
    format!("{commands}A statement ends with `;`. Ctrl-C clears what was typed.\n")
}

/// Reads a line as a command; none where it is SQL.
///
/// # Errors
/// There is no such command, or its argument is missing or too much.
pub(super) fn parse(line: &str) -> Result<Option<Command>> {
    let line = line.trim().trim_end_matches(';').trim_end();
    if matches!(line, "quit" | "exit") {
        return Ok(Some(Command::Quit));
    }
    if line == "help" {
        return Ok(Some(Command::Help));
    }
    if !line.starts_with('\\') {
        return Ok(None);
    }
    let (word, argument) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let argument = argument.trim();
    let command = match (word, argument.is_empty()) {
        ("\\d" | "\\dt", true) => Command::Tables,
        ("\\d", false) => Command::Describe(argument.to_owned()),
        ("\\x", true) => Command::Expanded,
        ("\\timing", true) => Command::Timing,
        ("\\i", false) => Command::Include(argument.to_owned()),
        ("\\i", true) => {
            return Err(Error::usage("`\\i` needs a file").fix("write `\\i FILE`"));
        }
        ("\\e", true) => Command::Edit,
        ("\\o", _) => {
            let what = "the prompt writes no files";
            return Err(Error::usage(what).fix("use `ssrfund sql -o FILE -c \"…\"`"));
        }
        ("\\?" | "\\h", true) => Command::Help,
        ("\\q", true) => Command::Quit,
        (known, false) if words().any(|word| word == known) => {
            return Err(Error::usage(format!("`{known}` takes no argument")));
        }
        (unknown, _) => {
            let fix = did_you_mean(unknown, words(), "`\\?` lists the commands");
            let what = format!("there is no command `{}`", visible(unknown));
            return Err(Error::usage(what).fix(fix));
        }
    };
    Ok(Some(command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read() {
        for (line, command) in [
            ("\\d", Command::Tables),
            ("\\dt;", Command::Tables),
            ("\\d  tranches ", Command::Describe("tranches".into())),
            ("\\x", Command::Expanded),
            ("\\timing", Command::Timing),
            ("\\i my file.sql", Command::Include("my file.sql".into())),
            ("\\e", Command::Edit),
            ("\\?", Command::Help),
            ("\\q", Command::Quit),
            ("quit", Command::Quit),
            ("exit;", Command::Quit),
        ] {
            assert_eq!(parse(line).unwrap(), Some(command), "{line}");
        }
        assert_eq!(parse("select '\\d';").unwrap(), None);
    }

    #[test]
    fn what_is_no_command_is_told() {
        let error = |line: &str| parse(line).unwrap_err().to_string();
        assert_eq!(error("\\i"), "`\\i` needs a file; write `\\i FILE`");
        assert_eq!(error("\\x on"), "`\\x` takes no argument");
        assert_eq!(
            error("\\timming"),
            "there is no command `\\timming`; did you mean `\\timing`?"
        );
        assert!(error("\\o out.csv").starts_with("the prompt writes no files"));
        assert!(error("\\copy table to file").contains("no command `\\copy`"));
    }

    #[test]
    fn help_lists_every_command() {
        for word in words() {
            assert!(help().lines().any(|line| line.starts_with(&format!("{word} "))));
        }
    }
}
