//! The issuer's key in SoftHSM2, a software token that nobody here wrote.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]

mod faults;
mod hsm;
mod suite;
mod tokens;
