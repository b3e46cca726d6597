//! Compressed files: `.csv.gz` and its like, inflated within limits.
//!
//! A few kilobytes can inflate to terabytes, so the ratio and the size are looked at
//! while inflating, never believed from a header. Several members one after the other
//! are one file, as `gzip` itself holds; anything else after a member refuses it.

use std::io::{ErrorKind, Read};

use flate2::bufread::GzDecoder;

use crate::error::{Problem, visible};

/// How many bytes a file may inflate to.
const MOST_BYTES: usize = 4 << 30;
/// How many times its own size a file may inflate to.
const HIGHEST_RATIO: usize = 200;
/// Files that inflate to no more than this may do so at any ratio.
const SMALL: usize = 1 << 20;
/// How much is inflated at a time.
const STEP: usize = 1 << 16;

/// The name without `.gz`, if it ends so.
#[must_use]
pub fn inner_name(name: &str) -> Option<&str> {
    let at = name.len().checked_sub(3)?;
    let (inner, suffix) = name.split_at_checked(at)?;
    suffix.eq_ignore_ascii_case(".gz").then_some(inner)
}

/// Whether bytes begin as a gzip file does.
#[must_use]
pub fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x1f\x8b")
}

/// Inflates a gzip file.
///
/// # Errors
/// It is none, is cut off or damaged, has something after its end, or grows beyond the
/// limits.
pub fn inflate(bytes: &[u8], file: &str) -> Result<Vec<u8>, Box<Problem>> {
    inflate_up_to(bytes, file, MOST_BYTES)
}

fn inflate_up_to(bytes: &[u8], file: &str, most: usize) -> Result<Vec<u8>, Box<Problem>> {
    let broken = |what: &str, fix: &str| Box::new(Problem::of_file(file, what, fix));
    if !is_gzip(bytes) {
        let fix = "compress it again, or load the file without `.gz`";
        return Err(broken("the name ends in `.gz`, but it is no gzip file", fix));
    }
    let most_by_ratio = bytes.len().saturating_mul(HIGHEST_RATIO).max(SMALL);
    let mut out = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        if !is_gzip(rest) {
            let what = format!("{} bytes follow the end of the gzip file", rest.len());
            return Err(broken(&what, "export or copy the file again"));
        }
        let mut member = GzDecoder::new(rest);
        let mut step = vec![0; STEP];
        loop {
            let length = match member.read(&mut step) {
                Ok(0) => break,
                Ok(length) => length,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(damaged(&error, out.len(), file)),
            };
            out.extend_from_slice(step.get(..length).unwrap_or_default());
            if out.len() > most_by_ratio {
                let what =
                    format!("the file inflates to over {HIGHEST_RATIO} times its size");
                return Err(broken(&what, "load the file without `.gz` if it is meant"));
            }
            if out.len() > most {
                let what = format!("the file inflates to over {most} bytes");
                return Err(broken(&what, "split it"));
            }
        }
        rest = member.into_inner();
    }
    Ok(out)
}

fn damaged(error: &std::io::Error, good: usize, file: &str) -> Box<Problem> {
    let what = if error.kind() == ErrorKind::UnexpectedEof {
        format!("the gzip file is cut off; {good} bytes could be inflated")
    } else {
        let why = visible(&error.to_string());
        format!("the gzip file is damaged after {good} inflated bytes: {why}")
    };
    Box::new(Problem::of_file(file, what, "export or copy the file again"))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gz(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn fault(bytes: &[u8]) -> String {
        inflate(bytes, "f.csv.gz").unwrap_err().to_string()
    }

    #[test]
    fn members_are_one_file() {
        let both = [gz(b"a,b\n"), gz(b"1,2\n")].concat();
        assert_eq!(inflate(&both, "f"), Ok(b"a,b\n1,2\n".to_vec()));
        assert_eq!(inflate(&gz(b""), "f"), Ok(Vec::new()));
        assert_eq!(inner_name("q.CSV.GZ"), Some("q.CSV"));
        assert_eq!(inner_name("é"), None);
    }

    #[test]
    fn every_truncation_is_refused() {
        let good = gz(b"transaction_id,project_id\nX1,00112233\n");
        for length in 0..good.len() {
            let told = fault(&good[..length]);
            let expected = if length < 2 { "is no gzip file" } else { "is cut off" };
            assert!(told.contains(expected), "{length}: {told}");
        }
    }

    #[test]
    fn every_flipped_bit_of_the_content_is_noticed() {
        let good = gz(b"transaction_id,project_id\nX1,00112233\n");
        // The ten bytes of the header say nothing about the content but its form.
        for bit in 80..good.len() * 8 {
            let mut bytes = good.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(inflate(&bytes, "f").is_err(), "bit {bit}");
        }
    }

    #[test]
    fn what_follows_the_end_refuses_the_file() {
        let told = fault(&[gz(b"a"), b"\0\0\0".to_vec()].concat());
        assert_eq!(
            told,
            "f.csv.gz: 3 bytes follow the end of the gzip file; export or copy the file \
             again"
        );
    }

    #[test]
    fn a_bomb_is_refused_while_it_inflates() {
        let bomb = gz(&vec![b'0'; 3 << 20]);
        assert!(bomb.len() < 4096, "{}", bomb.len());
        assert!(fault(&bomb).contains("inflates to over 200 times its size"));
        let told = inflate_up_to(&gz(&[b'0'; 5000]), "f", 4096).unwrap_err().to_string();
        assert_eq!(told, "f: the file inflates to over 4096 bytes; split it");
        // A small file of equal rows is none.
        assert!(inflate(&gz(&vec![b'0'; 1 << 20]), "f").is_ok());
    }
}
