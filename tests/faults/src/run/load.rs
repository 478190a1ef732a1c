use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::task::JoinSet;

use crate::faults::SERVICE;
use crate::history::Node;
use crate::random::Random;
use crate::run::world::{Issued, World};

/// Asks every node all the time, until the set is dropped.
pub(crate) fn steady(world: &Arc<World>, random: &mut Random) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    for node in World::asked() {
        for _ in 0..CONNECTIONS {
            tasks.spawn(ask(Arc::clone(world), node, random.fork()));
        }
    }
    tasks
}

async fn ask(world: Arc<World>, node: Node, mut random: Random) {
    let mut connection = world.connection(node);
    loop {
        if let Some(issued) = choose(&world, node, &mut random)
            && world.ask(node, &mut connection, &issued).await.is_none()
        {
            tokio::time::sleep(PAUSE_AFTER_FAILURE).await;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn choose(world: &World, node: Node, random: &mut Random) -> Option<Issued> {
    let pool = world.pool.read().unwrap_or_else(PoisonError::into_inner);
    let one_of = |many: usize, random: &mut Random| random.below(many.max(1));
    if node == SERVICE {
        return pool.internal.get(one_of(pool.internal.len(), random)).cloned();
    }
    if random.below(2) == 0 {
        return pool.recent.get(one_of(pool.recent.len(), random)).cloned();
    }
    pool.steady.get(one_of(pool.steady.len(), random)).cloned()
}

const CONNECTIONS: usize = 2;
const PAUSE: Duration = Duration::from_millis(4);
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(40);
