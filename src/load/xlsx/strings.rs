//! The texts that cells share.

use super::Fault;
use super::archive::Archive;
use super::xml::{Pull, Step};

/// Reads the shared texts; a workbook may have none.
pub(super) fn read(
    archive: &mut Archive<'_>,
    file: &str,
    part: &str,
) -> Result<Vec<String>, Fault> {
    let Some(text) = archive.text(part)? else { return Ok(Vec::new()) };
    let mut pull = Pull::new(&text, file, part);
    let mut strings = Vec::new();
    loop {
        match pull.step()? {
            Step::Open(tag) if tag.name() == "si" => strings.push(pull.rich_text()?),
            Step::End => return Ok(strings),
            _ => {}
        }
    }
}
