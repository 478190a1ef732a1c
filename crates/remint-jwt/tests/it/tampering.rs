//! A valid token with anything about it changed is not a valid token.

use remint_jwt::Algorithm;

use crate::support::{accept, key, token, verifying};

/// Puts every ASCII character in the place of every byte, and tries all prefixes and suffixes.
fn no_edit_is_accepted(algorithm: Algorithm) {
    let signing = key(algorithm);
    let (token, key) = (token(&signing), verifying(&signing));
    accept(&token, &key).unwrap();

    let mut bytes = token.clone().into_bytes();
    for position in 0..bytes.len() {
        let original = bytes[position];
        for edit in (0..128).filter(|edit| *edit != original) {
            bytes[position] = edit;
            let edited = std::str::from_utf8(&bytes).unwrap();
            assert!(accept(edited, &key).is_err(), "{edit} at {position}");
        }
        bytes[position] = original;
    }
    for position in 1..token.len() {
        assert!(accept(&token[..position], &key).is_err(), "prefix of {position}");
        assert!(accept(&token[position..], &key).is_err(), "suffix from {position}");
    }
    for extra in ["=", "==", ".", "A", "AA", "AAAA", " ", "\n", "\0", "%20"] {
        assert!(accept(&format!("{token}{extra}"), &key).is_err(), "{extra:?} after it");
        assert!(accept(&format!("{extra}{token}"), &key).is_err(), "{extra:?} before it");
    }
}

macro_rules! for_each_algorithm {
    ($($name:ident: $algorithm:ident),+ $(,)?) => {
        $(
            #[test]
            fn $name() {
                no_edit_is_accepted(Algorithm::$algorithm);
            }
        )+
    };
}

for_each_algorithm! {
    every_edit_of_an_rs256_token_is_refused: Rs256,
    every_edit_of_an_rs384_token_is_refused: Rs384,
    every_edit_of_an_rs512_token_is_refused: Rs512,
    every_edit_of_a_ps256_token_is_refused: Ps256,
    every_edit_of_a_ps384_token_is_refused: Ps384,
    every_edit_of_a_ps512_token_is_refused: Ps512,
    every_edit_of_an_es256_token_is_refused: Es256,
    every_edit_of_an_es384_token_is_refused: Es384,
    every_edit_of_an_es512_token_is_refused: Es512,
    every_edit_of_an_eddsa_token_is_refused: EdDSA,
}
