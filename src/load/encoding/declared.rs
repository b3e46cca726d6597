//! The names of encodings that a caller or a mapping may declare.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};

use crate::error::{Error, Result, did_you_mean, visible};

use super::is_utf;

/// The names that are offered where one is not known.
const NAMES: [&str; 7] =
    ["utf-8", "utf-16", "utf-16le", "utf-16be", "windows-1252", "latin-1", "iso-8859-15"];

/// An encoding that somebody says a file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declared {
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// UTF-16 of the byte order that the file's mark says.
    Utf16,
    /// Latin-1 proper, whose bytes 0x80 to 0x9F are no letters.
    Latin1,
    /// An encoding of the web's list.
    Listed(&'static Encoding),
}

impl Declared {
    /// Reads the name of an encoding: `windows-1252`, `latin-1`, `utf-16`, or any other
    /// that browsers know.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn parse(name: &str) -> Result<Self> {
        let plain = name.trim().to_ascii_lowercase().replace('_', "-");
        let kind = match plain.as_str() {
            "utf-16" | "utf16" => Kind::Utf16,
            "utf16le" => Kind::Listed(UTF_16LE),
            "utf16be" => Kind::Listed(UTF_16BE),
            "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" => Kind::Latin1,
            "ansi" => Kind::Listed(WINDOWS_1252),
            other => Kind::Listed(listed(other).ok_or_else(|| unknown(name))?),
        };
        Ok(Self { kind })
    }

    /// Its usual name, in lower case.
    #[must_use]
    pub fn name(self) -> String {
        match self.kind {
            Kind::Utf16 => "utf-16".to_owned(),
            Kind::Latin1 => "latin-1".to_owned(),
            Kind::Listed(encoding) => encoding.name().to_lowercase(),
        }
    }

    /// Whether it is UTF-8.
    #[must_use]
    pub fn is_utf8(self) -> bool {
        self.kind == Kind::Listed(UTF_8)
    }

    /// Whether each letter is one byte, or a few of which none is UTF-8.
    pub(super) fn is_of_bytes(self) -> bool {
        match self.kind {
            Kind::Utf16 => false,
            Kind::Latin1 => true,
            Kind::Listed(encoding) => !is_utf(encoding),
        }
    }

    /// Whether a byte order mark of this encoding may begin the file.
    pub(super) fn admits(self, marked: &'static Encoding) -> bool {
        match self.kind {
            Kind::Utf16 => marked == UTF_16LE || marked == UTF_16BE,
            Kind::Latin1 => false,
            Kind::Listed(encoding) => marked == encoding,
        }
    }

    /// The encoding of these bytes; none for UTF-16 without a mark.
    pub(super) fn encoding_of(self, bytes: &[u8]) -> Option<&'static Encoding> {
        match self.kind {
            Kind::Utf16 => Encoding::for_bom(bytes).map(|(encoding, _)| encoding),
            Kind::Latin1 => Some(WINDOWS_1252),
            Kind::Listed(encoding) => Some(encoding),
        }
    }

    /// Whether the encoding has no letter for the byte that was read as `c`.
    pub(super) fn leaves_empty(self, c: char) -> bool {
        let is_single = match self.kind {
            Kind::Utf16 => false,
            Kind::Latin1 => true,
            Kind::Listed(encoding) => encoding.is_single_byte(),
        };
        is_single && c.is_control() && u32::from(c) >= 0x80
    }

    /// Whether it is Latin-1 proper.
    pub(super) fn is_latin1(self) -> bool {
        self.kind == Kind::Latin1
    }
}

/// An encoding of the web's list that is one of text and has one meaning.
fn listed(name: &str) -> Option<&'static Encoding> {
    let short = name.strip_prefix("cp").map(|number| format!("windows-{number}"));
    let encoding = Encoding::for_label_no_replacement(name.as_bytes())
        .or_else(|| Encoding::for_label_no_replacement(short?.as_bytes()))?;
    (encoding != X_USER_DEFINED).then_some(encoding)
}

fn unknown(name: &str) -> Error {
    let otherwise = format!("use one of {}", NAMES.join(", "));
    Error::usage(format!("`{}` is no encoding that can be read", visible(name)))
        .fix(did_you_mean(name, NAMES, &otherwise))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_have_several_names() {
        for (name, usual) in [
            ("UTF8", "utf-8"),
            ("utf_16", "utf-16"),
            ("UTF-16LE", "utf-16le"),
            ("ISO-8859-1", "latin-1"),
            ("latin1", "latin-1"),
            ("cp1252", "windows-1252"),
            ("Windows-1252", "windows-1252"),
            ("cp1251", "windows-1251"),
            ("iso-8859-15", "iso-8859-15"),
        ] {
            assert_eq!(Declared::parse(name).unwrap().name(), usual, "{name}");
        }
        for (name, told) in [
            ("utf-61", "`utf-61` is no encoding that can be read; did you mean `utf-16`"),
            ("klingon", "`klingon` is no encoding that can be read; use one of utf-8, "),
            ("x-user-defined", "is no encoding that can be read"),
            ("iso-2022-kr", "is no encoding that can be read"),
        ] {
            let error = Declared::parse(name).unwrap_err().to_string();
            assert!(error.contains(told), "{name}: {error}");
        }
    }
}
