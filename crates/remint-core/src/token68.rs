/// Whether a byte may stand in a token of a header (RFC 9110 §11.2, `token68`).
///
/// `=` counts wherever it stands. The grammar has it at the end only; where that matters, the caller looks.
///
/// It does not branch, so that a loop over a token is vectorised.
#[inline]
#[must_use]
pub const fn is_token68(byte: u8) -> bool {
    let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    let digit = byte.wrapping_sub(b'0') < 10;
    let other = (byte == b'-')
        | (byte == b'.')
        | (byte == b'_')
        | (byte == b'~')
        | (byte == b'+')
        | (byte == b'/')
        | (byte == b'=');
    letter | digit | other
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alphabet_is_that_of_the_grammar() {
        for byte in 0..=u8::MAX {
            let expected = byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
            assert_eq!(is_token68(byte), expected, "{byte}");
        }
    }
}
