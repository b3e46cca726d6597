//! Where results go: stdout or a file, whole or not at all.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use crate::engine::Answer;
use crate::error::{Error, Result, escaped, visible};
use crate::render::{self, Format, TableOptions};

use super::context::Context;
use super::flags::Colour;

/// Writes text to stdout.
///
/// # Errors
/// The reader went away, or the disk behind stdout is full.
pub fn print(text: &str) -> Result<()> {
    write(text.as_bytes())
}

/// Writes bytes to stdout.
///
/// # Errors
/// The reader went away, or the disk behind stdout is full.
pub fn write(bytes: &[u8]) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(bytes).and_then(|()| stdout.flush()).map_err(|error| {
        Error::environment(format!("cannot write the result: {error}")).caused_by(error)
    })
}

/// Writes a note to stderr unless the caller wants quiet.
pub fn note(context: &Context, text: &str) {
    if !context.flags.quiet {
        let _ = writeln!(anstream::stderr(), "{}", harmless(text));
    }
}

/// A text for a terminal: whatever name or value it repeats, nothing in it can steer the
/// terminal or hide.
#[must_use]
pub fn harmless(text: &str) -> String {
    text.split('\n').map(escaped).collect::<Vec<_>>().join("\n")
}

/// The format of results: as asked, by the output's suffix, else a table on a terminal
/// and plain columns in a pipe.
///
/// # Errors
/// The format is not one of ours.
pub fn format(context: &Context) -> Result<Format> {
    if let Some(name) = &context.flags.format {
        return Format::parse(name);
    }
    let output = context.flags.output.as_deref();
    let by_suffix = output.and_then(Format::of_path);
    if let (Some(path), None) = (output, by_suffix) {
        refuse_documents(path)?;
    }
    Ok(by_suffix.unwrap_or_else(|| {
        if context.flags.output.is_none() && std::io::stdout().is_terminal() {
            Format::Table
        } else {
            Format::Plain
        }
    }))
}

/// Refuses a file whose name promises a document that is not written: its program would
/// say that the file is damaged.
///
/// # Errors
/// The suffix is that of a workbook or document.
pub fn refuse_documents(path: &Path) -> Result<()> {
    const DOCUMENTS: [&str; 7] = ["xlsx", "xls", "xlsb", "ods", "pdf", "docx", "odt"];
    let suffix = path.extension().map(|suffix| suffix.to_string_lossy().to_lowercase());
    match suffix.as_deref().filter(|suffix| DOCUMENTS.contains(suffix)) {
        None => Ok(()),
        Some(suffix) => {
            Err(Error::usage(format!("this cannot be written as `.{suffix}`"))
                .fix("name a file ending in .csv, .json, .parquet or .txt"))
        }
    }
}

/// Whether colour codes may be written to stdout.
#[must_use]
pub fn colour(context: &Context) -> bool {
    match context.flags.color {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => {
            context.flags.output.is_none()
                && std::io::stdout().is_terminal()
                && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
                && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
        }
    }
}

/// Writes the rows of an answer in the format asked for.
///
/// # Errors
/// The format cannot hold them, or the output cannot be written.
pub fn answer(context: &Context, answer: &Answer) -> Result<()> {
    let format = format(context)?;
    let mut bytes = Vec::new();
    let options = TableOptions { width: None, colour: colour(context) };
    render::batches(&answer.schema, &answer.batches, format, &mut bytes, &options)?;
    deliver(context, &bytes, format.is_binary())
}

/// Writes finished bytes to `--output` or stdout.
///
/// # Errors
/// A binary format would go to a terminal, or the output cannot be written.
pub fn deliver(context: &Context, bytes: &[u8], binary: bool) -> Result<()> {
    match context.flags.output.as_deref() {
        Some(path) if path != Path::new("-") => replace(path, bytes),
        _ if binary && std::io::stdout().is_terminal() => {
            Err(Error::usage("this format is not text")
                .fix("name a file with `--output`"))
        }
        _ => write(bytes),
    }
}

/// Refuses an output that is one of the files that are read.
///
/// # Errors
/// `--output` names one of `inputs`, under whatever name.
pub fn spare(context: &Context, inputs: &[PathBuf]) -> Result<()> {
    let Some(Ok(output)) = context.flags.output.as_deref().map(Path::canonicalize) else {
        return Ok(());
    };
    let same = |input: &&PathBuf| input.canonicalize().is_ok_and(|path| path == output);
    let Some(input) = inputs.iter().find(same) else { return Ok(()) };
    let shown = visible(&input.to_string_lossy());
    Err(Error::usage(format!("`--output` would write over `{shown}`, which is read"))
        .fix("name another file"))
}

/// A file beside the one that it will become. Whoever may read other new files may read
/// it: what is asked for with `--output` is meant to be passed on.
///
/// # Errors
/// The folder cannot be written.
pub fn written_aside(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".writing-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

/// A folder beside the one that it will become, as open to others as other new folders.
///
/// # Errors
/// The folder cannot be written.
pub fn folder_aside(parent: &Path) -> std::io::Result<tempfile::TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".writing-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o777));
    }
    builder.tempdir_in(parent)
}

/// Writes a new file and waits until it is on disk.
///
/// # Errors
/// The disk is full, or the path cannot be written.
pub fn write_synced(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Writes a file aside and renames it, so that it is there whole or not at all.
///
/// # Errors
/// The folder cannot be written.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let failed = |error| Error::io("write", path, error);
    let mut aside = written_aside(folder).map_err(failed)?;
    aside.write_all(bytes).map_err(failed)?;
    aside.as_file().sync_all().map_err(failed)?;
    aside.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}
