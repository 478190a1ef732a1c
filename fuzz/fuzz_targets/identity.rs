//! Bodies of the identity service: carried out or refused, never a fault of ours, and of no use without a right.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| remint_fuzz::identity::holds(bytes));
