//! Base62: the letters and digits, so that a double click selects a whole key.

use zeroize::Zeroize;

/// `0-9A-Za-z`: the value of a character is its place.
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The characters of a CRC-32: 62^6 is above 2^32, 62^5 is not.
pub(crate) const CHECKSUM_LEN: usize = 6;

/// Whether `byte` is of the alphabet.
pub(crate) const fn contains(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

/// Appends `len` characters, each equally likely if each byte that `fill` writes is.
///
/// A byte of 248 or more is thrown away: 248 is the greatest multiple of 62 that a byte can reach,
/// and a plain remainder would favour the first eight characters.
pub(crate) fn push_random<E>(
    text: &mut String,
    len: usize,
    mut fill: impl FnMut(&mut [u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut random = [0; 64];
    let mut missing = len;
    while missing > 0 {
        fill(&mut random)?;
        let kept = random.iter().filter(|byte| **byte < 248).take(missing);
        for character in kept.filter_map(|byte| ALPHABET.get(usize::from(byte % 62))) {
            text.push(char::from(*character));
            missing -= 1;
        }
    }
    random.zeroize();
    Ok(())
}

/// The CRC-32 (IEEE 802.3) of `text`, always of the same length.
pub(crate) fn checksum(text: &str) -> [u8; CHECKSUM_LEN] {
    let mut rest = crc32fast::hash(text.as_bytes());
    let mut digits = [b'0'; CHECKSUM_LEN];
    for digit in digits.iter_mut().rev() {
        *digit = usize::try_from(rest % 62).ok().and_then(|value| ALPHABET.get(value)).copied().unwrap_or(b'0');
        rest /= 62;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn each_byte_in_turn() -> impl FnMut(&mut [u8]) -> Result<(), ()> {
        let mut next = 0u8;
        move |buffer| {
            for byte in buffer {
                *byte = next;
                next = next.wrapping_add(1);
            }
            Ok(())
        }
    }

    #[test]
    fn every_character_is_equally_likely() {
        let mut text = String::new();
        // Twice around, so past the bytes that are thrown away.
        push_random(&mut text, 2 * 248, each_byte_in_turn()).unwrap();
        for character in ALPHABET {
            assert_eq!(text.bytes().filter(|byte| byte == character).count(), 8, "{}", char::from(*character));
        }
    }

    #[test]
    fn a_failing_generator_makes_no_text() {
        assert_eq!(push_random(&mut String::new(), 1, |_| Err("no entropy")), Err("no entropy"));
    }

    #[test]
    fn the_checksum_is_the_ieee_one_padded_on_the_left() {
        // The check value of CRC-32/ISO-HDLC: 0xcbf43926 = 3421780262.
        assert_eq!(&checksum("123456789"), b"3jZRME");
        assert_eq!(&checksum("62"), b"005Arq");
        assert_eq!(&checksum(""), b"000000");
    }
}
