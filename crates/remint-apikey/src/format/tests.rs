use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

fn key() -> ApiKey {
    KeyFormat::default().generate(Environment::Live).unwrap()
}

fn refused(text: &str) -> bool {
    KeyFormat::default().parse(text).is_err()
}

/// A text with a right checksum, whatever stands before it.
fn sealed(head: &str) -> String {
    let mut text = head.to_owned();
    text.extend(base62::checksum(head).map(char::from));
    text
}

#[test]
fn a_made_key_reads_back_as_itself() {
    for (prefix, environment) in
        [("rmt", Environment::Live), ("a", Environment::Test), ("acme0123456789xy", Environment::Live)]
    {
        let format = KeyFormat::new(prefix).unwrap();
        let key = format.generate(environment).unwrap();
        let read = format.parse(key.expose_secret()).unwrap();
        assert_eq!(read.expose_secret(), key.expose_secret());
        assert_eq!((read.environment(), read.start()), (environment, key.start()));
        assert_eq!(key.expose_secret().len(), format.key_len());
        assert!(key.start().starts_with(&format!("{prefix}_{environment}_")));
    }
}

#[test]
fn at_least_190_bits_are_neither_shown_nor_computed() {
    let key = key();
    let hidden = key.expose_secret().len() - key.start().len() - CHECKSUM_LEN;
    assert!(f64::from(u32::try_from(hidden).unwrap()) * 62f64.log2() >= 190.0, "{hidden}");
}

#[test]
fn no_two_keys_are_the_same() {
    let keys: HashSet<String> = (0..1_000).map(|_| key().expose_secret().to_owned()).collect();
    assert_eq!(keys.len(), 1_000);
}

#[test]
fn every_edit_of_one_character_is_refused() {
    let key = key();
    let text = key.expose_secret();
    for place in 0..text.len() {
        for byte in 0..=0x7f_u8 {
            let mut edited = text.as_bytes().to_vec();
            edited[place] = byte;
            let edited = String::from_utf8(edited).unwrap();
            assert!(edited == text || refused(&edited), "{place} {byte}");
        }
    }
}

#[test]
fn every_swap_of_neighbours_is_refused() {
    let key = key();
    let text = key.expose_secret();
    for place in 1..text.len() {
        let mut edited = text.as_bytes().to_vec();
        edited.swap(place - 1, place);
        let edited = String::from_utf8(edited).unwrap();
        assert!(edited == text || refused(&edited), "{place}");
    }
}

#[test]
fn every_part_and_every_extension_is_refused() {
    let key = key();
    let text = key.expose_secret();
    for place in 1..text.len() {
        assert!(refused(&text[..place]), "the first {place}");
        assert!(refused(&text[place..]), "without the first {place}");
    }
    for extended in ["", " ", "\n", "0", "="].iter().flat_map(|more| [format!("{text}{more}"), format!("{more}{text}")])
    {
        assert!(extended == text || refused(&extended), "extended by {}", extended.len() - text.len());
    }
}

#[test]
fn another_prefix_is_refused_though_the_checksum_is_right() {
    let secret = "a".repeat(SECRET_LEN);
    assert!(!refused(&sealed(&format!("rmt_live_{secret}"))));
    for head in ["rmu_live_", "RMT_live_", "rmt-live_", "rmt__live", "xrmt_liv"] {
        assert!(refused(&sealed(&format!("{head}{secret}"))), "{head}");
    }
}

#[test]
fn another_environment_is_refused_though_the_checksum_is_right() {
    let secret = "a".repeat(SECRET_LEN);
    assert!(!refused(&sealed(&format!("rmt_test_{secret}"))));
    for environment in ["prod", "LIVE", "Live", "liv_", "li_e", "____"] {
        assert!(refused(&sealed(&format!("rmt_{environment}_{secret}"))), "{environment}");
    }
}

#[test]
fn another_alphabet_is_refused_though_the_checksum_is_right() {
    for odd in ["-", "_", "+", "/", "=", ".", " ", "\0", "\u{7f}"] {
        assert!(refused(&sealed(&format!("rmt_live_{}{odd}", "a".repeat(SECRET_LEN - 1)))), "{odd:?}");
    }
    assert!(refused(&sealed(&format!("rmt_live_{}é", "a".repeat(SECRET_LEN - 2)))), "two bytes of one letter");
}

#[test]
fn another_length_is_refused_though_the_checksum_is_right() {
    for length in [0, 1, SECRET_LEN - 1, SECRET_LEN + 1, 8_000] {
        assert!(refused(&sealed(&format!("rmt_live_{}", "a".repeat(length)))), "{length}");
    }
}

#[test]
fn a_checksum_has_one_spelling() {
    // Beyond 2^32: the same remainder, were it read as a number that wraps around.
    let head = format!("rmt_live_{}", "a".repeat(SECRET_LEN));
    let mut wrapped = u64::from(crc32fast::hash(head.as_bytes())) + (1 << 32);
    let mut digits = Vec::new();
    for _ in 0..CHECKSUM_LEN {
        let digit = u32::try_from(wrapped % 62).unwrap();
        digits.push(match digit {
            0..10 => char::from_digit(digit, 10).unwrap(),
            10..36 => char::from_digit(digit, 36).unwrap().to_ascii_uppercase(),
            _ => char::from_digit(digit - 26, 36).unwrap(),
        });
        wrapped /= 62;
    }
    let twin: String = digits.iter().rev().collect();
    assert!(refused(&format!("{head}{twin}")));
}

#[test]
fn a_prefix_is_short_and_plain() {
    for prefix in ["", "1a", "_", "a_b", "Rmt", "ré", "a-b", "a b", "abcdefghijklmnopq"] {
        assert_eq!(KeyFormat::new(prefix), Err(InvalidPrefix), "{prefix}");
    }
    assert_eq!(KeyFormat::new("abcdefghijklmnop").unwrap().prefix(), "abcdefghijklmnop");
}

#[test]
fn a_text_claims_to_be_a_key_by_its_prefix() {
    let format = KeyFormat::default();
    assert!(format.claims("rmt_") && format.claims("rmt_live_x"));
    assert!(!format.claims("rmtx_live") && !format.claims("rmt") && !format.claims("") && !format.claims(" rmt_"));
}

#[test]
fn debug_and_errors_show_nothing_beyond_the_start() {
    let key = key();
    let hidden = &key.expose_secret()[key.start().len()..];
    let shown = format!("{key:?} {:#?}", key);
    assert!(shown.contains(key.start()) && !shown.contains(&hidden[..4]), "{shown}");
    let error = KeyFormat::default().parse("rmt_live_canary").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("canary"));
}

proptest! {
    #[test]
    fn no_text_panics(text in any::<String>()) {
        let _ = KeyFormat::default().parse(&text);
    }

    #[test]
    fn no_text_of_the_right_length_panics(bytes in prop::collection::vec(any::<char>(), 51)) {
        let mut text = String::from_iter(bytes);
        while text.len() > 51 {
            text.pop();
        }
        let _ = KeyFormat::default().parse(&text);
    }

    #[test]
    fn what_is_read_is_written_the_same(secret in "[0-9A-Za-z]{36}", test in any::<bool>()) {
        let text = sealed(&format!("rmt_{}_{secret}", if test { "test" } else { "live" }));
        let key = KeyFormat::default().parse(&text).unwrap();
        prop_assert_eq!(key.expose_secret(), &text);
    }
}
