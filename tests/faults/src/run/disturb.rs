use std::time::Duration;

use crate::Outcome;
use crate::faults::{Fault, REMOTE};
use crate::history::{Disturbed, Node};
use crate::proxy::{Proxy, Way};
use crate::run::world::World;

/// A fault that is there, and what was noted of it.
#[derive(Debug)]
pub(crate) struct Present {
    fault: Fault,
    notes: Vec<usize>,
}

/// Does it. What is over at once is noted as over.
pub(crate) async fn begin(world: &World, fault: Fault) -> Outcome<Present> {
    let mut notes = Vec::new();
    match fault {
        Fault::Kill(node) => {
            notes.push(world.begin(node, Disturbed::Dead));
            process(world, node)?.lock().await.kill().await?;
        }
        Fault::Suspend(node) => {
            notes.push(world.begin(node, Disturbed::Suspended));
            process(world, node)?.lock().await.suspend().await?;
        }
        Fault::Cut(node) => {
            notes.push(world.begin(node, Disturbed::Blind));
            way(world, node, Way::Cut);
        }
        Fault::Stall(node) => {
            notes.push(world.begin(node, Disturbed::Blind));
            way(world, node, Way::Silent);
        }
        Fault::Slow(node) => way(world, node, Way::Slow(SLOW)),
        Fault::Restart => {
            notes.extend(World::everyone().map(|node| world.begin(node, Disturbed::Blind)));
            world.database.lock().await.stop()?;
        }
        Fault::CutOff => {
            notes.extend(World::everyone().map(|node| world.begin(node, Disturbed::Blind)));
            World::everyone().for_each(|node| way(world, node, Way::Cut));
        }
        Fault::Failover | Fault::Restore => {
            notes.extend(World::everyone().map(|node| world.begin(node, Disturbed::Blind)));
            let mut database = world.database.lock().await;
            database.switch()?;
            lead(world, database.server());
            notes.drain(..).for_each(|note| world.over(note));
        }
        Fault::ProviderGone => world.provider.stop(),
        Fault::ServerGone => {
            notes.push(world.begin(REMOTE, Disturbed::Blind));
            world.to_server.set(Way::Cut);
        }
        Fault::Clock(node, ahead) => {
            let dead = stop(world, node, ahead).await?;
            notes.push(world.begin(node, Disturbed::Clock(ahead)));
            start(world, node).await?;
            world.over(dead);
        }
    }
    Ok(Present { fault, notes })
}

/// Undoes it.
pub(crate) async fn end(world: &World, present: Present) -> Outcome<()> {
    let Present { fault, notes } = present;
    match fault {
        Fault::Kill(node) => start(world, node).await?,
        Fault::Suspend(node) => process(world, node)?.lock().await.resume().await?,
        Fault::Cut(node) | Fault::Stall(node) | Fault::Slow(node) => way(world, node, Way::Open),
        Fault::Restart => {
            let mut database = world.database.lock().await;
            database.start_again()?;
            lead(world, database.server());
        }
        Fault::CutOff => World::everyone().for_each(|node| way(world, node, Way::Open)),
        Fault::Failover | Fault::Restore => {}
        Fault::ProviderGone => world.provider.start_again().await?,
        Fault::ServerGone => world.to_server.set(Way::Open),
        Fault::Clock(node, _) => {
            let dead = stop(world, node, 0).await?;
            notes.into_iter().for_each(|note| world.over(note));
            start(world, node).await?;
            world.over(dead);
            return Ok(());
        }
    }
    notes.into_iter().for_each(|note| world.over(note));
    Ok(())
}

/// What is undone first: a node starts when its database is there.
pub(crate) const fn order(present: &Present) -> u8 {
    match present.fault {
        Fault::Restart | Fault::CutOff | Fault::Failover | Fault::Restore => 0,
        Fault::Cut(_) | Fault::Stall(_) | Fault::Slow(_) | Fault::ProviderGone | Fault::ServerGone => 1,
        Fault::Kill(_) | Fault::Suspend(_) | Fault::Clock(..) => 2,
    }
}

/// Stops a node that has this clock when it starts again, and notes that it is dead.
async fn stop(world: &World, node: Node, ahead: i64) -> Outcome<usize> {
    let dead = world.begin(node, Disturbed::Dead);
    let mut process = process(world, node)?.lock().await;
    process.kill().await?;
    process.set_clock(ahead);
    Ok(dead)
}

/// A node that finds no database says so and ends: it is started again.
async fn start(world: &World, node: Node) -> Outcome<()> {
    let mut process = process(world, node)?.lock().await;
    let mut started = process.start_again().await;
    for _ in 0..STARTS {
        if started.is_ok() {
            break;
        }
        tokio::time::sleep(PAUSE).await;
        started = process.start_again().await;
    }
    started
}

fn process(world: &World, node: Node) -> Outcome<&tokio::sync::Mutex<crate::process::Process>> {
    Ok(world.nodes.get(node).ok_or("there is no such node")?)
}

fn way(world: &World, node: Node, way: Way) {
    if let Some(proxy) = world.proxies.get(node) {
        proxy.set(way);
    }
}

fn lead(world: &World, server: Option<std::net::SocketAddr>) {
    if let Some(server) = server {
        world.proxies.iter().for_each(|proxy: &Proxy| proxy.lead_to(server));
    }
}

/// In each direction, on whatever is said.
const SLOW: Duration = Duration::from_millis(40);
const STARTS: usize = 20;
const PAUSE: Duration = Duration::from_millis(250);
