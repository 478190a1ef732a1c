//! What the fuzz targets of `fuzz/` hold, held here for their seeds and for some more input, so that each run of the
//! tests looks at it.
#![allow(
    unreachable_pub,
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "it is for tests only"
)]

#[path = "../../../fuzz/src/lib.rs"]
mod remint_fuzz;

use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

pub use remint_fuzz::{ask, choice, loopback, wait};

/// The seeds of a target, and inputs that begin as they do.
fn hold(target: &str, holds: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(target);
    let seeds: Vec<Vec<u8>> =
        std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect();
    assert!(seeds.len() > 1, "there are seeds of {target}");
    for seed in &seeds {
        holds(seed);
    }
    let edits = (prop::sample::select(seeds), any::<prop::sample::Index>(), prop::collection::vec(any::<u8>(), 0..4));
    let mut runner = TestRunner::new(Config { cases: 100, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&edits, |(mut seed, at, edit)| {
        if !seed.is_empty() {
            let at = at.index(seed.len());
            seed.splice(at..(at + edit.len()).min(seed.len()), edit);
        }
        holds(&seed);
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn a_form_gets_an_answer_of_oauth_and_never_a_fault_of_ours() {
    hold("form", remint_fuzz::form::holds);
}

#[test]
fn a_body_of_the_identity_service_is_carried_out_or_refused() {
    hold("identity", remint_fuzz::identity::holds);
}

#[test]
fn a_proof_names_one_path_and_none_that_a_router_may_read_otherwise() {
    hold("proof", remint_fuzz::proof::holds);
}

#[test]
fn what_a_stranger_says_of_the_client_is_neither_address_nor_certificate() {
    hold("sender", remint_fuzz::sender::holds);
}

#[test]
fn what_is_no_answer_of_a_server_is_an_outage() {
    hold("answers", remint_fuzz::answers::holds);
}
