//! No text panics the parsers of what is brought along from other systems, or of networks, and no
//! error shows what was given.

#![no_main]

use libfuzzer_sys::fuzz_target;
use remint_apikey::{ForeignDigest, TextFormat};
use remint_core::Network;

fuzz_target!(|given: (&str, &str)| {
    let (scheme, text) = given;
    if let Err(error) = ForeignDigest::parse(scheme, text) {
        assert!(text.len() < 40 || !error.to_string().contains(text));
    }
    _ = text.parse::<TextFormat>();
    if let Ok(network) = text.parse::<Network>() {
        assert_eq!(network.to_string().parse(), Ok(network));
    }
});
