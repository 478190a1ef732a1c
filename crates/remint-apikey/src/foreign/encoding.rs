//! Bytes as hexadecimal digits or base64 (RFC 4648): told apart by their length.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

/// `N` bytes, written in hex, or in base64 of either alphabet, padded or not.
pub(super) fn bytes<const N: usize>(text: &str) -> Option<Box<[u8]>> {
    let bytes = if text.len() == 2 * N { hex(text)? } else { base64(text)? };
    (bytes.len() == N).then(|| bytes.into_boxed_slice())
}

/// In lower-case hexadecimal digits.
pub(super) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut hex, byte| {
        for digit in [byte >> 4, byte & 0xf] {
            hex.extend(char::from_digit(digit.into(), 16));
        }
        hex
    })
}

/// In base64 of either alphabet, padded or not. Bits that would be lost must be zero.
fn base64(text: &str) -> Option<Vec<u8>> {
    if text.len() > MAX_LEN {
        return None;
    }
    [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD].iter().find_map(|engine| engine.decode(text).ok())
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    text.as_bytes()
        .chunks_exact(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(high)? << 4 | digit(low)?),
            _ => None,
        })
        .collect()
}

/// More than any digest needs.
const MAX_LEN: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_bytes_in_every_spelling() {
        // SHA-256 of the empty text.
        let spellings = [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
            "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=",
            "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
        ];
        let first = bytes::<32>(spellings[0]).unwrap();
        assert_eq!(first[..4], [0xe3, 0xb0, 0xc4, 0x42]);
        for spelling in spellings {
            assert_eq!(bytes::<32>(spelling).as_ref(), Some(&first), "{spelling}");
        }
        assert_eq!(to_hex(&first), spellings[0]);
    }

    #[test]
    fn other_lengths_and_letters_are_nothing() {
        let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let long = "A".repeat(100_000);
        for text in
            ["", &hex[..62], &hex[..63], &format!("{hex}00"), &hex.replace('e', "g"), &hex.replace("e3", "é"), &long]
        {
            assert!(bytes::<32>(text).is_none(), "{} bytes", text.len());
        }
        assert!(bytes::<64>(hex).is_none());
        // The last two bits are lost: a second spelling of the same bytes.
        assert!(bytes::<32>("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=").is_none());
    }
}
