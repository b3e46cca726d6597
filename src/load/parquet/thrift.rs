//! Thrift's compact protocol, just enough to see that no length in it is a lie.
//!
//! The footer and the page headers of a Parquet file are such structures. The decoder
//! makes room for what they announce before it looks whether it is there; a list of two
//! thousand million row groups in a file of 300 bytes would end the program. So every
//! length is held against the bytes that are left, first, here.

/// How deep structures may nest; those of Parquet need fewer than ten.
const DEEPEST: usize = 32;

/// The structure is damaged, or announces more than is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Damaged;

type Outcome<T> = Result<T, Damaged>;

/// Reads from the start of bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Compact<'a> {
    rest: &'a [u8],
}

impl<'a> Compact<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The bytes that are not read yet.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Walks over one structure and calls `meet` with the path of field numbers and the
    /// value of every whole number in it.
    pub(super) fn walk(&mut self, meet: &mut impl FnMut(&[i16], i64)) -> Outcome<()> {
        self.fields(&mut Vec::new(), meet)
    }

    fn fields(
        &mut self,
        path: &mut Vec<i16>,
        meet: &mut impl FnMut(&[i16], i64),
    ) -> Outcome<()> {
        if path.len() >= DEEPEST {
            return Err(Damaged);
        }
        let mut id = 0_i16;
        loop {
            let head = self.byte()?;
            let kind = head & 0x0f;
            if kind == 0 {
                return Ok(());
            }
            let step = i16::from(head.wrapping_shr(4));
            id = if step == 0 {
                i16::try_from(self.whole()?).map_err(|_| Damaged)?
            } else {
                id.checked_add(step).ok_or(Damaged)?
            };
            path.push(id);
            // A truth is in the kind of its field.
            if !matches!(kind, 1 | 2) {
                self.value(kind, path, meet)?;
            }
            path.pop();
        }
    }

    fn value(
        &mut self,
        kind: u8,
        path: &mut Vec<i16>,
        meet: &mut impl FnMut(&[i16], i64),
    ) -> Outcome<()> {
        match kind {
            1..=3 => self.skip(1),
            4..=6 => {
                let number = self.whole()?;
                meet(path, number);
                Ok(())
            }
            7 => self.skip(8),
            8 => {
                let length = self.length()?;
                self.skip(length)
            }
            9 | 10 => self.list(path, meet),
            12 => self.fields(path, meet),
            13 => self.skip(16),
            // Parquet has no maps.
            _ => Err(Damaged),
        }
    }

    fn list(
        &mut self,
        path: &mut Vec<i16>,
        meet: &mut impl FnMut(&[i16], i64),
    ) -> Outcome<()> {
        let head = self.byte()?;
        let kind = head & 0x0f;
        let short = head.wrapping_shr(4);
        let count = if short == 15 { self.length()? } else { usize::from(short) };
        // Each element takes a byte at least.
        if count > self.rest.len() {
            return Err(Damaged);
        }
        path.push(0);
        if path.len() >= DEEPEST {
            return Err(Damaged);
        }
        for _ in 0..count {
            self.value(kind, path, meet)?;
        }
        path.pop();
        Ok(())
    }

    fn byte(&mut self) -> Outcome<u8> {
        let (first, rest) = self.rest.split_first().ok_or(Damaged)?;
        self.rest = rest;
        Ok(*first)
    }

    fn skip(&mut self, length: usize) -> Outcome<()> {
        self.rest = self.rest.get(length..).ok_or(Damaged)?;
        Ok(())
    }

    fn varint(&mut self) -> Outcome<u64> {
        let mut number = 0_u64;
        for place in (0..64_u32).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            number |= bits.checked_shl(place).ok_or(Damaged)?;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Damaged)
    }

    /// A whole number, zigzag as the protocol has it.
    fn whole(&mut self) -> Outcome<i64> {
        let number = self.varint()?;
        let half = i64::try_from(number.wrapping_shr(1)).map_err(|_| Damaged)?;
        Ok(if number & 1 == 0 { half } else { !half })
    }

    /// A length that fits into what is left.
    fn length(&mut self) -> Outcome<usize> {
        let length = usize::try_from(self.varint()?).map_err(|_| Damaged)?;
        if length > self.rest.len() { Err(Damaged) } else { Ok(length) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(bytes: &[u8]) -> Outcome<Vec<(Vec<i16>, i64)>> {
        let mut found = Vec::new();
        let mut compact = Compact::new(bytes);
        compact.walk(&mut |path, number| found.push((path.to_vec(), number)))?;
        Ok(found)
    }

    #[test]
    fn numbers_are_met_with_their_paths() {
        // 1: i32 = 5; 2: true; 3: binary "ab"; 4: struct { 1: i32 = -1 }; 5: list of i32.
        let bytes = [
            0x15, 0x0a, 0x11, 0x18, 2, b'a', b'b', 0x1c, 0x15, 0x01, 0x00, 0x19, 0x25,
            0x02, 0x04, 0x00,
        ];
        let expected =
            vec![(vec![1], 5), (vec![4, 1], -1), (vec![5, 0], 1), (vec![5, 0], 2)];
        assert_eq!(numbers(&bytes), Ok(expected));
    }

    #[test]
    fn lengths_beyond_the_end_are_refused() {
        for bytes in [
            // A list of two thousand million structures.
            &[0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07, 0x00][..],
            // A text of 100 bytes, and one of 2^63.
            &[0x18, 100, b'a', 0x00],
            &[0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x00],
            // No end; a map; a number without end.
            &[0x15, 0x02],
            &[0x1b, 0x00],
            &[0x15, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00],
        ] {
            assert_eq!(numbers(bytes), Err(Damaged), "{bytes:?}");
        }
        assert_eq!(numbers(&[0x1c].repeat(10_000)), Err(Damaged));
        assert_eq!(numbers(&[0x19, 0x19].repeat(10_000)), Err(Damaged));
    }
}
