//! `Forwarded`, `X-Forwarded-For` and headers of certificates: a stranger's say nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| remint_fuzz::sender::holds(bytes));
