use std::sync::Arc;
use std::time::Duration;

use remint::Target;
use tokio::task::JoinSet;

use crate::Outcome;
use crate::checker::Promise;
use crate::faults::{EDGES, Fault};
use crate::history::Moment;
use crate::random::Random;
use crate::run::revoke;
use crate::run::world::{Issued, World};
use crate::run::{LONG, Plan, disturb, issue};

/// One round: credentials are made, faults come, credentials are revoked, faults go.
pub(super) async fn run(world: &Arc<World>, plan: &Plan, faults: &[Fault], random: &mut Random) -> Outcome<()> {
    let begun = world.now();
    let steps = steps(world, plan, random).await?;
    let late = faults.iter().copied().find(|fault| fault.is_late());
    if let Some(as_replica) = faults.iter().find_map(|fault| fault.copy()) {
        world.database.lock().await.keep_a_copy(as_replica).await?;
    }
    let mut revoking = JoinSet::new();
    let (first, second) = in_two(steps);
    revoking.spawn(all(Arc::clone(world), first, plan.promise, random.fork()));
    revoking.spawn(all(Arc::clone(world), second, plan.promise, random.fork()));
    tokio::time::sleep(BEFORE).await;
    let mut present = Vec::new();
    // Before anything is gone that a node needs to start.
    let (clocks, others): (Vec<Fault>, Vec<Fault>) = faults.iter().partition(|fault| matches!(fault, Fault::Clock(..)));
    for fault in clocks.into_iter().chain(others).filter(|fault| !fault.is_late()) {
        if let Fault::Kill(node) = fault {
            // In the middle of one.
            let issued = vec![issue::token(world, LONG, random)?];
            let (world, promise, random) = (Arc::clone(world), plan.promise, random.fork());
            revoking.spawn(async move { revoke::revoke(&world, node, issued, promise, random).await });
        }
        tokio::time::sleep(Duration::from_millis(random.below(120) as u64)).await;
        present.push(disturb::begin(world, fault).await?);
    }
    tokio::time::sleep(plan.hold / 2).await;
    if let Some(fault) = late {
        present.push(disturb::begin(world, fault).await?);
    }
    tokio::time::sleep(plan.hold / 2).await;
    present.sort_by_key(disturb::order);
    for present in present {
        disturb::end(world, present).await?;
    }
    while let Some(revoked) = revoking.join_next().await {
        revoked?;
    }
    if late.is_some() {
        find_lost(world, begun).await?;
    }
    // Whoever comes back has read by then.
    tokio::time::sleep(plan.promise.bound).await;
    Ok(())
}

/// Credentials in batches: keys one by one, since the end of each is a change of the store.
async fn steps(world: &World, plan: &Plan, random: &mut Random) -> Outcome<Vec<Vec<Issued>>> {
    let keys = plan.revocations.div_ceil(8).min(MOST_KEYS);
    let mut steps: Vec<Vec<Issued>> =
        issue::keys(world, random.below(EDGES), keys, random).await?.into_iter().map(|key| vec![key]).collect();
    let mut left = plan.revocations.saturating_sub(keys);
    while left > 0 {
        let size = (1 + random.below(plan.batch)).min(left);
        left -= size;
        steps.push((0..size).map(|_| issue::token(world, LONG, random)).collect::<Outcome<_>>()?);
    }
    // Keys among tokens.
    for place in (1..steps.len()).rev() {
        steps.swap(place, random.below(place + 1));
    }
    Ok(steps)
}

fn in_two(mut steps: Vec<Vec<Issued>>) -> (Vec<Vec<Issued>>, Vec<Vec<Issued>>) {
    let second = steps.split_off(steps.len() / 2);
    (steps, second)
}

/// One after another; each is asked for until it is refused everywhere, while the next is revoked already.
async fn all(world: Arc<World>, steps: Vec<Vec<Issued>>, promise: Promise, mut random: Random) {
    let mut running = JoinSet::new();
    for issued in steps {
        issue::recent(&world, &issued);
        let through = revoke::through(&world, &mut random);
        let (world, random) = (Arc::clone(&world), random.fork());
        running.spawn(async move { revoke::revoke(&world, through, issued, promise, random).await });
        if running.len() >= AT_ONCE {
            running.join_next().await;
        }
    }
    while running.join_next().await.is_some() {}
}

/// Asks the store that is there now which rows of this round it has, and notes what it lost.
async fn find_lost(world: &World, begun: Moment) -> Outcome<()> {
    let asked: Vec<(usize, Target)> = {
        let history = world.history();
        let of_round = history.revocations.iter().enumerate().filter(|(_, row)| row.sent >= begun);
        of_round.map(|(place, row)| Ok((place, serde_json::from_str(&row.target)?))).collect::<Outcome<_>>()?
    };
    let database = world.database.lock().await;
    for rows in asked.chunks(AT_A_TIME) {
        let targets: Vec<Target> = rows.iter().map(|(_, target)| target.clone()).collect();
        let there = database.ended(&targets).await?;
        let mut history = world.history();
        for (place, target) in rows {
            if !there.contains(target)
                && let Some(row) = history.revocations.get_mut(*place)
            {
                row.lost = true;
            }
        }
    }
    Ok(())
}

const BEFORE: Duration = Duration::from_millis(300);
const AT_ONCE: usize = 2;
const AT_A_TIME: usize = 100;
const MOST_KEYS: usize = 100;
