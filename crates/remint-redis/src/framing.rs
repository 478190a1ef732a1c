/// Follows the frames of RESP2 in a stream of bytes, and keeps none of them.
///
/// The client's parser has no limits: it would hold a string of any length that a server promises. So each byte passes
/// here first, and what is too much ends the connection before it is held.
#[derive(Debug)]
pub(crate) struct Framing {
    /// How long one frame may be, with all that is in it.
    most: usize,
    /// How long the present one is so far.
    length: usize,
    /// How many values are still to come in it.
    awaited: usize,
    at: At,
    whole: u64,
}

#[derive(Debug, Clone, Copy)]
enum At {
    Kind,
    Line { kind: u8, number: Number, carriage_return: bool },
    Body { left: usize },
}

/// The start of a line, as far as a length goes.
#[derive(Debug, Clone, Copy)]
struct Number {
    digits: [u8; Self::MAX],
    len: usize,
}

/// Bytes that no server of ours sends, or too many of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FramingError {
    #[error("an answer of Redis is too long")]
    TooLong,
    #[error("an answer of Redis has too many parts")]
    TooMany,
    #[error("what Redis answered is not RESP2")]
    Malformed,
}

impl Framing {
    pub(crate) const fn new(most: usize) -> Self {
        Self { most, length: 0, awaited: 1, at: At::Kind, whole: 0 }
    }

    /// How many frames have come to their end.
    pub(crate) const fn whole(&self) -> u64 {
        self.whole
    }

    /// Whether a frame has begun that has not come to its end.
    pub(crate) const fn is_amid(&self) -> bool {
        self.length != 0
    }

    pub(crate) fn follow(&mut self, mut bytes: &[u8]) -> Result<(), FramingError> {
        while let Some((first, rest)) = bytes.split_first() {
            if let At::Body { left } = self.at {
                let taken = left.min(bytes.len());
                self.count(taken)?;
                bytes = bytes.get(taken..).unwrap_or_default();
                self.at = At::Body { left: left - taken };
                if left == taken {
                    self.value_ended(0);
                }
                continue;
            }
            self.count(1)?;
            bytes = rest;
            self.step(*first)?;
        }
        Ok(())
    }

    fn step(&mut self, byte: u8) -> Result<(), FramingError> {
        match self.at {
            At::Kind if b"+-:$*".contains(&byte) => {
                self.at = At::Line { kind: byte, number: Number::EMPTY, carriage_return: false };
                Ok(())
            }
            At::Kind => Err(FramingError::Malformed),
            At::Line { kind, number, carriage_return: true } if byte == b'\n' => self.line_ended(kind, number),
            At::Line { kind, number, .. } => {
                let carriage_return = byte == b'\r';
                self.at = At::Line { kind, number: number.with(byte), carriage_return };
                Ok(())
            }
            At::Body { .. } => Ok(()),
        }
    }

    fn line_ended(&mut self, kind: u8, number: Number) -> Result<(), FramingError> {
        match kind {
            b'$' => match number.read()? {
                // A body ends with a carriage return and a line feed. One that is too long is not waited for.
                Some(length) if length > self.most => return Err(FramingError::TooLong),
                Some(length) => self.at = At::Body { left: length + 2 },
                None => self.value_ended(0),
            },
            b'*' => match number.read()? {
                Some(parts) if parts > MOST_PARTS => return Err(FramingError::TooMany),
                parts => self.value_ended(parts.unwrap_or(0)),
            },
            _ => self.value_ended(0),
        }
        Ok(())
    }

    /// A value has ended, and so many more have come to be awaited.
    const fn value_ended(&mut self, more: usize) {
        self.awaited = self.awaited - 1 + more;
        self.at = At::Kind;
        if self.awaited == 0 {
            self.awaited = 1;
            self.length = 0;
            self.whole += 1;
        }
    }

    const fn count(&mut self, bytes: usize) -> Result<(), FramingError> {
        self.length = self.length.saturating_add(bytes);
        if self.length > self.most { Err(FramingError::TooLong) } else { Ok(()) }
    }
}

impl Number {
    const MAX: usize = 24;
    const EMPTY: Self = Self { digits: [0; Self::MAX], len: 0 };

    /// Longer ones are found when they are read.
    fn with(mut self, byte: u8) -> Self {
        if let Some(place) = self.digits.get_mut(self.len) {
            *place = byte;
        }
        self.len = self.len.saturating_add(1);
        self
    }

    /// `None` for what is negative: nothing. The line has its carriage return still.
    fn read(self) -> Result<Option<usize>, FramingError> {
        let text = self.digits.get(..self.len).and_then(|digits| str::from_utf8(digits).ok());
        let number = text.and_then(|text| text.trim().parse::<i64>().ok()).ok_or(FramingError::Malformed)?;
        Ok(usize::try_from(number).ok())
    }
}

/// Our commands are answered with fewer, and have fewer.
const MOST_PARTS: usize = 128;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MOST: usize = 64;

    fn follow(bytes: &[u8]) -> Result<u64, FramingError> {
        let mut framing = Framing::new(MOST);
        framing.follow(bytes).map(|()| framing.whole())
    }

    #[test]
    fn frames_are_counted_when_they_are_whole() {
        for (bytes, whole) in [
            (&b""[..], 0),
            (b"+OK\r\n", 1),
            (b"+O\rK\r\r\n", 1),
            (b"-ERR no\r\n:12\r\n", 2),
            (b"$3\r\na\r\n\r\n", 1),
            (b"$3\r\nabc", 0),
            (b"$-1\r\n", 1),
            (b"$0\r\n\r\n", 1),
            (b"*-1\r\n*0\r\n", 2),
            (b"*2\r\n*1\r\n:1\r\n$1\r\nx\r\n+OK\r\n", 2),
            (b"*2\r\n*1\r\n:1\r\n", 0),
        ] {
            assert_eq!(follow(bytes), Ok(whole), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn what_is_too_long_is_refused_before_it_has_come() {
        assert_eq!(follow(b"$100000000\r\n"), Err(FramingError::TooLong));
        assert_eq!(follow(b"$9223372036854775807\r\n"), Err(FramingError::TooLong));
        assert_eq!(follow(b"*100000000\r\n"), Err(FramingError::TooMany));
        assert_eq!(follow(&[b'+'; MOST + 1]), Err(FramingError::TooLong));
        // Each part is short: it is their sum that counts.
        assert_eq!(follow(&b"*1\r\n".repeat(MOST)), Err(FramingError::TooLong));
        assert_eq!(follow(&[&b"*9\r\n"[..], &b"$8\r\n12345678\r\n".repeat(9)].concat()), Err(FramingError::TooLong));
    }

    #[test]
    fn what_is_not_resp2_is_refused() {
        for bytes in [&b"HTTP/1.1 200 OK\r\n"[..], b"%1\r\n", b">1\r\n", b"_\r\n", b"$x\r\n", b"$\r\n", b"*1e3\r\n"] {
            assert_eq!(follow(bytes), Err(FramingError::Malformed), "{}", bytes.escape_ascii());
        }
        assert_eq!(follow(b"$00000000000000000000000000001\r\n"), Err(FramingError::Malformed));
    }

    proptest! {
        #[test]
        fn it_is_the_same_however_the_bytes_are_cut(bytes in "[-+:$*0-3a\r\n]{0,60}", at in 0..60_usize) {
            let bytes = bytes.as_bytes();
            let (one, other) = bytes.split_at(at.min(bytes.len()));
            let mut cut = Framing::new(MOST);
            let outcome = cut.follow(one).and_then(|()| cut.follow(other)).map(|()| cut.whole());
            prop_assert_eq!(outcome, follow(bytes));
        }
    }
}
