//! Forms of the endpoints of OAuth: an answer of RFC 6749, never a fault of ours, whatever else the request carries.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| remint_fuzz::form::holds(bytes));
