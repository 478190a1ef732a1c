//! Answers of other servers: an outage unless they are an answer, and nobody passes who should not.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| remint_fuzz::answers::holds(bytes));
