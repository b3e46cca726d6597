//! What an undeclared file that is not UTF-8 looks like: a help, never a decision.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8};

/// As much of a file as is looked at.
const LOOKED_AT: usize = 1 << 20;

/// The encoding that bytes which are not UTF-8 look like.
pub(in crate::load) fn looks_like(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..LOOKED_AT).unwrap_or(bytes);
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(head, true);
    let guessed = detector.guess(None, Utf8Detection::Deny);
    (guessed != UTF_8).then_some(guessed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_told_apart_by_their_letters() {
        let of = |text: &[u8]| looks_like(text).map(Encoding::name);
        assert_eq!(of(b"r\xe9vision"), Some("windows-1252"));
        let (russian, _, _) = encoding_rs::WINDOWS_1251.encode("реформа полиции");
        assert_eq!(of(&russian), Some("windows-1251"));
    }
}
