//! No text panics the parsers of what is brought along from other systems, or of networks, and no
//! error shows what was given.

#![no_main]

use libfuzzer_sys::fuzz_target;
use remint_apikey::{ForeignDigest, InvalidDigest, TextFormat};
use remint_core::Network;

fuzz_target!(|given: (&str, &str)| {
    let (scheme, text) = given;
    if let Err(error) = ForeignDigest::parse(scheme, text) {
        // One of these, which hold no text. To look for the text in the message would not do: it may consist of its words.
        let all = [InvalidDigest::Scheme, InvalidDigest::Bytes, InvalidDigest::Pbkdf2, InvalidDigest::Iterations];
        assert!(all.contains(&error), "{error:?}");
    }
    _ = text.parse::<TextFormat>();
    if let Ok(network) = text.parse::<Network>() {
        assert_eq!(network.to_string().parse(), Ok(network));
    }
});
