//! No text panics the parser of API keys, and what it takes it gives back unchanged.

#![no_main]

use libfuzzer_sys::fuzz_target;
use remint_apikey::KeyFormat;

fuzz_target!(|text: &str| {
    for format in [KeyFormat::default(), KeyFormat::new("a").expect("a prefix")] {
        if let Ok(key) = format.parse(text) {
            assert_eq!(key.expose_secret(), text);
            assert!(text.starts_with(key.start()) && text.len() == format.key_len());
            assert!(text.contains(key.environment().as_str()));
        }
    }
});
