//! Canonical base64url (RFC 7515 §2, RFC 4648 §5): no padding, no whitespace, no trailing bits.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::NO_PAD;

#[cfg(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon")))]
type Best = base64::engine::Simd;
#[cfg(not(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon"))))]
type Best = base64::engine::GeneralPurpose;

#[cfg(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon")))]
static ENGINE: LazyLock<Best> = LazyLock::new(|| Best::url_safe(NO_PAD));
#[cfg(not(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon"))))]
static ENGINE: LazyLock<Best> = LazyLock::new(|| Best::new(&base64::alphabet::URL_SAFE, NO_PAD));

/// Decodes a text of one or more bytes; `None` if it is empty or not canonical.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    if text.is_empty() {
        return None;
    }
    ENGINE.decode(text).ok()
}

/// Encodes.
pub(crate) fn encode(bytes: &[u8]) -> String {
    ENGINE.encode(bytes)
}

/// Encodes to the end of `into`.
pub(crate) fn encode_onto(bytes: &[u8], into: &mut String) {
    ENGINE.encode_string(bytes, into);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_encoding_of_each_byte_string() {
        assert_eq!(decode("AA").as_deref(), Some(&[0][..]));
        for text in ["", "A", "AA=", "AA==", "AB", "AAB", " AA", "AA\n", "A A", "+/8", "AAAAA", "\u{e4}AA"] {
            assert_eq!(decode(text), None, "{text:?}");
        }
    }

    #[test]
    fn long_texts_are_held_to_the_same_rules() {
        let bytes: Vec<u8> = (0..=255).cycle().take(700).collect();
        let text = encode(&bytes);
        assert_eq!(decode(&text), Some(bytes));
        for position in 0..text.len() {
            for bad in ["=", "+", "/", " ", "\n", "."] {
                let mut edited = text.clone();
                edited.replace_range(position..=position, bad);
                assert_eq!(decode(&edited), None, "{bad:?} at {position}");
            }
        }
    }
}
