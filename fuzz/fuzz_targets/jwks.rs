//! Any bytes as a key set: what is usable of it can be published and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use remint_jwt::{Algorithm, JwkSet};

fuzz_target!(|bytes: &[u8]| {
    let Ok(set) = JwkSet::parse(bytes) else { return };
    for algorithm in Algorithm::ALL {
        let _ = set.find(None, algorithm);
        let _ = set.find(Some("a"), algorithm);
    }
    let again = JwkSet::parse(set.to_json().to_string().as_bytes()).map(|set| set.len());
    assert_eq!(again, Ok(set.len()));
});
