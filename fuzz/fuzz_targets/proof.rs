//! DPoP proofs, and the address that they name: no other path, and no path that a router may read otherwise.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| remint_fuzz::proof::holds(bytes));
