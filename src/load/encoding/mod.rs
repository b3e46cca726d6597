//! Text in other encodings than UTF-8: read where it is declared, named where it is not.
//!
//! Which letter a byte stands for is never guessed: a file that is not UTF-8 is refused
//! with the encoding that it looks like, and read only once somebody says so. What a
//! declaration contradicts (a mark of another encoding, letters that are UTF-8 already, a
//! byte that the encoding leaves empty) refuses the file too, since each of them would
//! spoil names without anybody seeing it.

mod declared;
mod guess;

use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::error::{Problem, visible};

use super::utf8::Places;

pub use declared::Declared;
pub(super) use guess::looks_like;

/// The text of bytes in a declared encoding other than UTF-8.
///
/// # Errors
/// Says where the bytes are not text of that encoding, or what contradicts it.
pub(super) fn transcode(
    bytes: &[u8],
    file: &str,
    declared: Declared,
) -> Result<String, Box<Problem>> {
    if let Some(problem) = contradiction(bytes, file, declared) {
        return Err(Box::new(problem));
    }
    let text = if declared.is_latin1() {
        bytes.iter().copied().map(char::from).collect()
    } else {
        let encoding = declared.encoding_of(bytes).ok_or_else(|| {
            let what = "the file has no mark that says which UTF-16 it is";
            let fix = "load it with `--encoding utf-16le` or `--encoding utf-16be`";
            Box::new(Problem::of_file(file, what, fix))
        })?;
        decode_strictly(bytes, file, encoding)?
    };
    match text.char_indices().find(|(_, c)| declared.leaves_empty(*c)) {
        None => Ok(text),
        Some((at, c)) => Err(Box::new(empty_place(&text, at, c, file, declared))),
    }
}

/// Decodes without any replacement character of our own, and without a mark.
///
/// # Errors
/// Says where the bytes are not text of that encoding.
pub(super) fn decode_strictly(
    bytes: &[u8],
    file: &str,
    encoding: &'static Encoding,
) -> Result<String, Box<Problem>> {
    let mut decoder = encoding.new_decoder_with_bom_removal();
    let room = decoder.max_utf8_buffer_length_without_replacement(bytes.len());
    let mut text = String::with_capacity(room.unwrap_or(bytes.len()));
    let (result, read) =
        decoder.decode_to_string_without_replacement(bytes, &mut text, true);
    if result == DecoderResult::InputEmpty {
        return Ok(text);
    }
    let (line, column) = Places::new(&text).of(text.len());
    let wrong = match result {
        DecoderResult::Malformed(length, after) => {
            let end = read.saturating_sub(usize::from(after));
            let start = end.saturating_sub(usize::from(length));
            bytes.get(start..end).unwrap_or_default()
        }
        _ => &[],
    };
    let hex: Vec<String> = wrong.iter().map(|byte| format!("0x{byte:02X}")).collect();
    let name = encoding.name().to_lowercase();
    let (noun, verb) = if hex.len() == 1 { ("byte", "is") } else { ("bytes", "are") };
    let what = format!("the {noun} {} {verb} not {name}", hex.join(" "));
    let fix = "declare the encoding that the file is written in, or save it as UTF-8";
    Err(Box::new(Problem::at(file, line, column, what, fix)))
}

/// What in the bytes speaks against what is declared.
fn contradiction(bytes: &[u8], file: &str, declared: Declared) -> Option<Problem> {
    let refuse = |what: String, fix: &str| Some(Problem::of_file(file, what, fix));
    let name = declared.name();
    if let Some((marked, length)) = Encoding::for_bom(bytes) {
        let fits = declared.admits(marked);
        let body = bytes.get(length..).unwrap_or_default();
        if !fits {
            let found = marked.name();
            let what =
                format!("`{name}` is declared, but the file begins with a {found} mark");
            return refuse(what, "leave `--encoding` out, or declare what it is");
        }
        return body.is_empty().then(|| super::utf8::empty(file));
    }
    if bytes.is_empty() {
        return Some(super::utf8::empty(file));
    }
    // Bytes above 0x7F that form UTF-8 by chance are all but impossible in a text of
    // single letters.
    if declared.is_of_bytes() && !bytes.is_ascii() && std::str::from_utf8(bytes).is_ok() {
        let what = format!("`{name}` is declared, but the file is written in UTF-8");
        return refuse(what, "leave `--encoding` out");
    }
    if declared.is_of_bytes() && bytes.iter().take(4).any(|byte| *byte == 0) {
        let what = format!("`{name}` is declared, but the file is UTF-16 text");
        return refuse(what, "load it with `--encoding utf-16le` or `utf-16be`");
    }
    None
}

fn empty_place(
    text: &str,
    at: usize,
    c: char,
    file: &str,
    declared: Declared,
) -> Problem {
    let (line, column) = Places::new(text).of(at);
    let byte = u32::from(c);
    let what = format!("the byte 0x{byte:02X} is no letter of `{}`", declared.name());
    let byte = [u8::try_from(byte).unwrap_or(0)];
    let (letter, _) = WINDOWS_1252.decode_without_bom_handling(&byte);
    let fix = if letter.chars().any(char::is_control) {
        "the file is damaged, or written in another encoding".to_owned()
    } else {
        format!(
            "in windows-1252 it is `{letter}`: load it with `--encoding windows-1252`"
        )
    };
    Problem::at(file, line, column, what, fix)
}

/// What a reader of the file should know: how its letters were read.
#[must_use]
pub fn note(text: &str, file: &str, declared: Declared) -> Option<Problem> {
    if declared.is_utf8() {
        return None;
    }
    let mut foreign = text.char_indices().filter(|(_, c)| !c.is_ascii());
    let (at, first) = foreign.next()?;
    let count = foreign.count().saturating_add(1);
    let (line, column) = Places::new(text).of(at);
    let noun = if count == 1 { "letter" } else { "letters" };
    let first = visible(first.encode_utf8(&mut [0; 4]));
    let what = format!(
        "read as `{}`: {count} {noun} beyond ASCII, the first is `{first}`",
        declared.name()
    );
    Some(Problem::at(file, line, column, what, "check that it is the letter meant"))
}

/// Whether an encoding is one of the UTFs.
fn is_utf(encoding: &'static Encoding) -> bool {
    [UTF_8, UTF_16LE, UTF_16BE].contains(&encoding)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], name: &str) -> Result<String, String> {
        let declared = Declared::parse(name).unwrap();
        transcode(bytes, "f.csv", declared).map_err(|problem| problem.to_string())
    }

    #[test]
    fn declared_text_is_read_letter_by_letter() {
        let wide = |text: &str, order: fn(u16) -> [u8; 2]| -> Vec<u8> {
            text.encode_utf16().flat_map(order).collect()
        };
        for (bytes, name, text) in [
            (b"Caf\xe9".to_vec(), "windows-1252", "Café"),
            (b"Caf\xe9".to_vec(), "latin-1", "Café"),
            (b"\x93a\x94 \x80".to_vec(), "cp1252", "“a” €"),
            (b"\xa4".to_vec(), "iso-8859-15", "€"),
            (b"\xcf\xf0".to_vec(), "windows-1251", "Пр"),
            (wide("\u{feff}a,é😀", u16::to_le_bytes), "utf-16", "a,é😀"),
            (wide("\u{feff}a,é", u16::to_be_bytes), "utf-16", "a,é"),
            (wide("a,é", u16::to_be_bytes), "utf-16be", "a,é"),
            (wide("\u{feff}a,é", u16::to_le_bytes), "UTF-16LE", "a,é"),
        ] {
            assert_eq!(read(&bytes, name).as_deref(), Ok(text), "{name}");
        }
    }

    #[test]
    fn what_contradicts_a_declaration_is_refused() {
        for (bytes, name, told) in [
            (
                &b"a\n\x93"[..],
                "latin-1",
                "f.csv:2:1: the byte 0x93 is no letter of `latin-1`; in windows-1252 it is \
                 `“`: load it with `--encoding windows-1252`",
            ),
            (
                b"a\x81",
                "windows-1252",
                "f.csv:1:2: the byte 0x81 is no letter of `windows-1252`; the file is \
                 damaged, or written in another encoding",
            ),
            (
                "é".as_bytes(),
                "windows-1252",
                "f.csv: `windows-1252` is declared, but the file is written in UTF-8; \
                 leave `--encoding` out",
            ),
            (
                b"\xff\xfea\0",
                "latin-1",
                "f.csv: `latin-1` is declared, but the file begins with a UTF-16LE mark; \
                 leave `--encoding` out, or declare what it is",
            ),
            (
                b"\xff\xfea\0",
                "utf-16be",
                "f.csv: `utf-16be` is declared, but the file begins with a UTF-16LE mark; \
                 leave `--encoding` out, or declare what it is",
            ),
            (
                b"a\0,\0",
                "latin-1",
                "f.csv: `latin-1` is declared, but the file is UTF-16 text; load it with \
                 `--encoding utf-16le` or `utf-16be`",
            ),
            (
                b"a\0,\0",
                "utf-16",
                "f.csv: the file has no mark that says which UTF-16 it is; load it with \
                 `--encoding utf-16le` or `--encoding utf-16be`",
            ),
            (
                b"a\0\x00\xd8b\0",
                "utf-16le",
                "f.csv:1:2: the bytes 0x00 0xD8 are not utf-16le; declare the encoding \
                 that the file is written in, or save it as UTF-8",
            ),
            (
                b"a\0b",
                "utf-16le",
                "f.csv:1:2: the byte 0x62 is not utf-16le; declare the encoding that the \
                 file is written in, or save it as UTF-8",
            ),
        ] {
            assert_eq!(read(bytes, name).unwrap_err(), told);
        }
        assert!(read(b"", "latin-1").unwrap_err().contains("empty (0 bytes)"));
        assert!(read(b"\xff\xfe", "utf-16").unwrap_err().contains("empty (0 bytes)"));
    }

    #[test]
    fn a_note_says_how_the_letters_were_read() {
        let declared = Declared::parse("windows-1252").unwrap();
        assert_eq!(note("plain", "f", declared), None);
        assert_eq!(
            note("a\nà é", "f", declared).unwrap().to_string(),
            "f:2:1: read as `windows-1252`: 2 letters beyond ASCII, the first is `à`; check \
             that it is the letter meant"
        );
        assert_eq!(note("é", "f", Declared::parse("utf-8").unwrap()), None);
    }
}
