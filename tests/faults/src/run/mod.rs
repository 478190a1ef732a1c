//! A run: rounds of faults under load, one after another, while credentials are revoked.

mod disturb;
mod issue;
mod load;
mod revoke;
mod round;
mod world;

use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use crate::Outcome;
use crate::checker::Promise;
use crate::database::Kind;
use crate::faults::Fault;
use crate::history::{History, Node};
use crate::node::Sabotage;
use crate::random::Random;
use crate::run::world::World;

/// What is done in a run. The same plan does the same things in the same order.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What the nodes share.
    pub store: Kind,
    /// From which everything that is random follows.
    pub seed: u64,
    /// Each with what is done in it; one without a fault is calm.
    pub rounds: Vec<Vec<Fault>>,
    /// No round begins after so much time.
    pub time: Duration,
    /// How long the faults of a round last.
    pub hold: Duration,
    /// How many credentials are revoked in a round.
    pub revocations: usize,
    /// How many of them at most in one step.
    pub batch: usize,
    /// What is checked.
    pub promise: Promise,
    /// A node that is broken on purpose.
    pub sabotage: Option<(Node, Sabotage)>,
}

/// How far a run is.
#[derive(Debug)]
pub struct Progress<'a> {
    /// The round that is over, from 1.
    pub round: usize,
    /// What was done in it.
    pub faults: &'a [Fault],
    /// What was seen until now.
    pub history: &'a History,
}

/// What came of a run.
#[derive(Debug)]
pub struct Seen {
    /// What was seen of the nodes.
    pub history: History,
    /// Why the harness itself did not reach the end of the plan, if it did not: a node that did not come back.
    pub failure: Option<String>,
}

/// Runs a plan with this program as its nodes, and returns what was seen.
///
/// # Errors
///
/// If nothing could be begun.
pub async fn run(program: PathBuf, plan: &Plan, mut told: impl FnMut(Progress<'_>)) -> Outcome<Seen> {
    let mut random = Random::new(plan.seed);
    let world = Arc::new(World::start(program, plan).await?);
    let mut steady = issue::keys(&world, 0, STEADY, &mut random).await?;
    for number in 0..STEADY {
        // Some end by themselves, in the middle of it.
        let lives = if number < SHORT_LIVED { Duration::from_secs(8 + 4 * number as u64) } else { LONG };
        steady.push(issue::token(&world, lives, &mut random)?);
    }
    world.pool.write().unwrap_or_else(PoisonError::into_inner).steady = steady;
    let load = load::steady(&world, &mut random);
    let mut failure = None;
    for (round, faults) in (1..).zip(&plan.rounds) {
        if world.now() > plan.time {
            break;
        }
        if let Err(error) = round::run(&world, plan, faults, &mut random).await {
            failure = Some(format!("round {round} {faults:?}: {error}"));
            break;
        }
        told(Progress { round, faults, history: &world.history() });
    }
    // What is asked late is answered.
    tokio::time::sleep(plan.promise.bound + plan.promise.poll).await;
    drop(load);
    if failure.is_none() {
        settle(&world).await;
    }
    let history = world.history().clone();
    Ok(Seen { history, failure })
}

/// When all is over, everybody is asked about what nobody knows.
async fn settle(world: &World) {
    world.history().settled = Some(world.now());
    let doubtful = world.doubtful.lock().unwrap_or_else(PoisonError::into_inner).clone();
    for node in World::edges() {
        let mut connection = world.connection(node);
        for issued in &doubtful {
            world.ask(node, &mut connection, issued).await;
        }
    }
}

const STEADY: usize = 12;
const SHORT_LIVED: usize = 4;

/// Longer than a run, and than a clock is off.
const LONG: Duration = Duration::from_secs(20 * 3600);
