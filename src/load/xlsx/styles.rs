//! Which of the workbook's cell styles show a number as a date.

use std::collections::BTreeMap;

use super::Fault;
use super::archive::Archive;
use super::xml::{Pull, Step};

/// For each cell style whether it is a date's.
#[derive(Debug, Clone, Default)]
pub(super) struct Styles(Vec<bool>);

impl Styles {
    /// Whether cells of a style are dates.
    pub(super) fn is_date(&self, style: usize) -> bool {
        self.0.get(style).copied().unwrap_or(false)
    }

    /// Reads the styles; a workbook may have none.
    pub(super) fn read(
        archive: &mut Archive<'_>,
        file: &str,
        part: &str,
    ) -> Result<Self, Fault> {
        let Some(text) = archive.text(part)? else { return Ok(Self::default()) };
        let mut pull = Pull::new(&text, file, part);
        let mut own: BTreeMap<u32, bool> = BTreeMap::new();
        let mut styles = Vec::new();
        let mut inside = false;
        let mut depth = 0_usize;
        loop {
            match pull.step()? {
                Step::Open(tag) => {
                    depth = depth.saturating_add(1);
                    let id = || tag.attribute("numFmtId")?.parse::<u32>().ok();
                    match tag.name() {
                        "numFmt" => {
                            let code = tag.attribute("formatCode").unwrap_or_default();
                            own.insert(id().unwrap_or(0), is_date_code(&code));
                        }
                        "cellXfs" if depth == 2 => inside = true,
                        "xf" if inside && depth == 3 => {
                            let id = id().unwrap_or(0);
                            let is_date = own.get(&id).copied();
                            styles.push(is_date.unwrap_or_else(|| is_built_in_date(id)));
                        }
                        _ => {}
                    }
                }
                Step::Close => {
                    depth = depth.saturating_sub(1);
                    inside &= depth >= 2;
                }
                Step::Text(_) => {}
                Step::End => return Ok(Self(styles)),
            }
        }
    }
}

/// The built-in formats that are dates or times, East Asian ones included.
fn is_built_in_date(id: u32) -> bool {
    matches!(id, 14..=22 | 27..=36 | 45..=47 | 50..=58)
}

/// Whether a format's code has a part of a date or time outside of what it quotes.
fn is_date_code(code: &str) -> bool {
    let mut letters = code.chars();
    while let Some(c) = letters.next() {
        match c {
            '"' => {
                letters.by_ref().find(|c| *c == '"');
            }
            '\\' | '_' | '*' => {
                letters.next();
            }
            '[' => {
                let inside: String = letters.by_ref().take_while(|c| *c != ']').collect();
                let elapsed = ["h", "m", "s"];
                let letter = inside.get(..1).unwrap_or("").to_ascii_lowercase();
                let same =
                    inside.chars().all(|c| letter.contains(c.to_ascii_lowercase()));
                if same && elapsed.contains(&letter.as_str()) {
                    return true;
                }
            }
            'd' | 'D' | 'm' | 'M' | 'y' | 'Y' | 'h' | 'H' | 's' | 'S' => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::is_date_code;

    #[test]
    fn a_date_is_told_by_its_format() {
        let dates =
            ["yyyy-mm-dd", "[$-409]d-mmm-yy;@", "[h]:mm:ss", "mmm\\ yyyy", "D.M.Y"];
        assert!(dates.into_iter().all(is_date_code));
        let others = [
            "General",
            "#,##0.00",
            "\"USD\" #,##0.00",
            "[Red]-0.00",
            "0.00E+00",
            "\\d0",
            "0_d",
            "[$USD-409]0",
            "@",
        ];
        assert!(!others.into_iter().any(is_date_code));
    }
}
