//! The short plan over each store, with one seed; and what the checker says of a node that is broken on purpose.

use std::path::PathBuf;

use remint_faults::checker::{Breach, check};
use remint_faults::node::Sabotage;
use remint_faults::{Kind, Outcome, Plan, Seen, run, runtime, summary};

const SEED: u64 = 20_261_201;

fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_faults"))
}

/// One after another: two would take each other's time.
#[test]
fn what_is_promised_of_revocations_is_kept_whatever_fails_and_a_broken_node_is_found() -> Outcome<()> {
    runtime()?.block_on(short())
}

async fn short() -> Outcome<()> {
    for store in [Kind::Sqlite, Kind::Postgres] {
        let plan = Plan::short(store, SEED);
        let Seen { history, failure } = run(program(), &plan, |_| {}).await?;
        assert_eq!(failure, None, "{store:?}");
        let verdict = check(&history, plan.promise);
        let told = summary(&history, &verdict);
        assert!(verdict.breaches.is_empty(), "{store:?}: {told}");
        // It was tried, too.
        assert!(verdict.refusals > 500 && verdict.cached > 20 && !verdict.lost.is_empty(), "{store:?}: {told}");
    }

    let broken = Plan::broken(Sabotage::IgnoresRows);
    let Seen { history, failure } = run(program(), &broken, |_| {}).await?;
    assert_eq!(failure, None);
    let breaches = check(&history, broken.promise).breaches;
    let of_the_node = |breach: &Breach| matches!(breach, Breach::Late { answer, .. } if answer.node == 1);
    assert!(!breaches.is_empty() && breaches.iter().all(of_the_node), "{}", breaches.len());
    Ok(())
}
