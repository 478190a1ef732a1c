use std::sync::{Arc, PoisonError};
use std::time::Duration;

use remint::Target;
use tokio::task::JoinSet;

use crate::checker::Promise;
use crate::faults::{EDGES, REMOTE, SERVICE};
use crate::history::{Moment, Node, Revocation};
use crate::node;
use crate::random::Random;
use crate::run::issue;
use crate::run::world::{Issued, World};

/// Revokes these in one step through this node: they are used everywhere before, and asked for everywhere after it was
/// acknowledged, until each node refuses.
pub(crate) async fn revoke(
    world: &Arc<World>,
    through: Node,
    issued: Vec<Issued>,
    promise: Promise,
    mut random: Random,
) {
    let internal = warm(world, &issued).await;
    let targets: Vec<Target> = issued.iter().filter_map(|issued| issued.target.clone()).collect();
    // Targets are always texts.
    let order = serde_json::to_string(&node::Revoke { targets }).unwrap_or_default();
    // What is under way ends it, too, whether or not it is acknowledged.
    let sent = world.now();
    let rows: Vec<usize> = {
        let mut history = world.history();
        let mut rows = Vec::with_capacity(issued.len());
        for issued in &issued {
            let Some(target) = &issued.target else { continue };
            let of_it = internal.iter().filter(|(source, _)| *source == issued.credential);
            let credentials = [issued.credential].into_iter().chain(of_it.map(|(_, made)| made.credential)).collect();
            rows.push(history.revocations.len());
            let target = serde_json::to_string(target).unwrap_or_default();
            history.revocations.push(Revocation { target, credentials, sent, acknowledged: None, lost: false });
        }
        rows
    };
    let answer = world.connection(through).post("/control/revoke", &order).await;
    let acknowledged = world.now();
    if !answer.is_ok_and(|(status, _)| status == 200) {
        world.doubtful.lock().unwrap_or_else(PoisonError::into_inner).extend(issued);
        return;
    }
    {
        let mut history = world.history();
        for place in &rows {
            if let Some(row) = history.revocations.get_mut(*place) {
                row.acknowledged = Some(acknowledged);
            }
        }
    }
    probe(world, &issued, &internal, acknowledged, promise, &mut random).await;
}

/// Uses them at every node that is well, and one of them at the service.
async fn warm(world: &Arc<World>, issued: &[Issued]) -> Vec<(usize, Issued)> {
    let mut warming = JoinSet::new();
    for node in World::asked().filter(|node| *node != SERVICE && world.is_calm(*node)) {
        let (world, issued) = (Arc::clone(world), issued.to_vec());
        warming.spawn(async move {
            let mut connection = world.connection(node);
            let mut tokens = Vec::new();
            for issued in issued {
                if let Some((200, token)) = world.ask(node, &mut connection, &issued).await {
                    tokens.push((issued, token));
                }
            }
            (node, tokens)
        });
    }
    let mut internal = Vec::new();
    while let Some(warmed) = warming.join_next().await {
        // The clock of the first alone is right always, and a service compares clocks.
        if let Ok((0, tokens)) = warmed {
            let first = tokens.into_iter().next();
            let made =
                first.and_then(|(source, token)| Some((source.credential, issue::internal(world, &source, token)?)));
            internal.extend(made);
        }
    }
    for (_, made) in &internal {
        world.ask(SERVICE, &mut world.connection(SERVICE), made).await;
    }
    internal
}

/// Asks until each node refuses, and some once more right after the bound, over connections of their own: a node that
/// was suspended has those waiting when it goes on.
async fn probe(
    world: &Arc<World>,
    issued: &[Issued],
    internal: &[(usize, Issued)],
    acknowledged: Moment,
    promise: Promise,
    random: &mut Random,
) {
    let mut probes = JoinSet::new();
    for node in World::asked() {
        let mine: Vec<Issued> = match node {
            SERVICE => internal.iter().map(|(_, made)| made.clone()).collect(),
            _ => issued.to_vec(),
        };
        let Some(late) = mine.get(random.below(mine.len().max(1))).cloned() else { continue };
        probes.spawn(until_refused(Arc::clone(world), node, mine));
        let world = Arc::clone(world);
        let bound = if node == REMOTE { promise.bound + promise.poll } else { promise.bound };
        // Nobody waits for it: the next credentials are revoked meanwhile.
        tokio::spawn(async move {
            for again in 1..=LATE_PROBES {
                let due = acknowledged + bound + LATE * again;
                tokio::time::sleep(due.saturating_sub(world.now())).await;
                let (world, late) = (Arc::clone(&world), late.clone());
                // It may wait for a node that is suspended: the next one does not wait for it.
                tokio::spawn(async move { world.ask(node, &mut world.connection(node), &late).await });
            }
        });
    }
    while probes.join_next().await.is_some() {}
}

async fn until_refused(world: Arc<World>, node: Node, issued: Vec<Issued>) {
    let mut connection = world.connection(node);
    let begun = world.now();
    for issued in issued {
        while world.now().saturating_sub(begun) < GIVE_UP {
            match world.ask(node, &mut connection, &issued).await {
                Some((401, _)) => break,
                _ => tokio::time::sleep(PAUSE).await,
            }
        }
    }
}

/// Which node revokes: mostly one that is well, and sometimes any.
pub(crate) fn through(world: &World, random: &mut Random) -> Node {
    let first = random.below(EDGES);
    if random.below(5) == 0 {
        return first;
    }
    (0..EDGES).map(|after| (first + after) % EDGES).find(|node| world.is_calm(*node)).unwrap_or(first)
}

/// How long one node is asked about one batch.
const GIVE_UP: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(10);
const LATE: Duration = Duration::from_millis(30);
const LATE_PROBES: u32 = 2;
