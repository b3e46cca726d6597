//! Where something stands in a file: byte, line and column.

/// A byte of the file with its line and character column, both from 1; line 0 where
/// unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// The byte.
    pub(super) at: usize,
    /// The line.
    pub(super) line: u64,
    /// The character in it.
    pub(super) column: u32,
}

impl Place {
    /// The first byte of a file.
    pub(super) const START: Self = Self { at: 0, line: 1, column: 1 };

    /// The place of the byte `at`; counts only what lies between here and there.
    pub(super) fn forward(self, bytes: &[u8], at: usize) -> Self {
        let from = if at < self.at || self.line == 0 { Self::START } else { self };
        let Some(passed) = bytes.get(from.at..at) else { return self };
        let characters = |bytes: &[u8]| {
            u32::try_from(count(bytes, |b| b & 0xC0 != 0x80)).unwrap_or(u32::MAX)
        };
        match passed.iter().rposition(|b| *b == b'\n') {
            None => Self {
                at,
                column: from.column.saturating_add(characters(passed)),
                ..from
            },
            Some(last) => {
                let newlines = count(passed, |b| b == b'\n');
                let rest = passed.get(last.saturating_add(1)..).unwrap_or(&[]);
                Self {
                    at,
                    line: from.line.saturating_add(newlines),
                    column: characters(rest).saturating_add(1),
                }
            }
        }
    }
}

/// How many bytes are of a kind. Sums of at most 255 bytes fit one byte and cannot wrap,
/// and without a check of that the compiler adds up sixteen of them at once.
fn count(bytes: &[u8], is_counted: impl Fn(u8) -> bool) -> u64 {
    const FITS_A_BYTE: usize = 255;
    let sums = bytes.chunks(FITS_A_BYTE).map(|chunk| {
        chunk.iter().fold(0_u8, |sum, b| sum.wrapping_add(u8::from(is_counted(*b))))
    });
    sums.fold(0, |total: u64, sum| total.saturating_add(u64::from(sum)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_characters_count_from_1() {
        let bytes = "aé\nßx\n\nz".as_bytes();
        let seen = |from: Place, at| {
            let place = from.forward(bytes, at);
            (place.line, place.column)
        };
        assert_eq!(seen(Place::START, 0), (1, 1));
        assert_eq!(seen(Place::START, 3), (1, 3));
        let x = Place::START.forward(bytes, 6);
        assert_eq!((x.line, x.column), (2, 2));
        assert_eq!(seen(x, 9), (4, 1));
        assert_eq!(seen(x, 1), (1, 2), "an earlier place is counted from the start");
    }
}
