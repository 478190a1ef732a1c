use std::collections::BTreeMap;
use std::time::Duration;

use crate::checker::Promise;
use crate::history::{Answer, Disturbance, Disturbed, History, Moment, Node};

/// What was done to which node.
pub(super) struct Nodes {
    blind: BTreeMap<Node, Vec<Disturbance>>,
    others: BTreeMap<Node, Vec<Disturbance>>,
    max_staleness: Duration,
}

impl Nodes {
    pub(super) fn of(history: &History, promise: Promise) -> Self {
        let (mut blind, mut others): (BTreeMap<Node, Vec<Disturbance>>, BTreeMap<Node, Vec<Disturbance>>) =
            Default::default();
        let mut disturbances = history.disturbances.clone();
        disturbances.sort_by_key(|disturbance| disturbance.from);
        for disturbance in disturbances {
            if disturbance.kind != Disturbed::Blind {
                others.entry(disturbance.node).or_default().push(disturbance);
                continue;
            }
            let bound = promise.bound_of(disturbance.node, history);
            let of_node = blind.entry(disturbance.node).or_default();
            // Between two that follow each other closely there was no time to read.
            match of_node.last_mut() {
                Some(last) if disturbance.from <= last.until.saturating_add(bound) => {
                    last.until = last.until.max(disturbance.until);
                }
                _ => of_node.push(disturbance),
            }
        }
        Self { blind, others, max_staleness: promise.max_staleness }
    }

    /// The node's own time.
    pub(super) fn clock(&self, node: Node, moment: Moment) -> i128 {
        let ahead = self.others.get(&node).into_iter().flatten().find_map(|disturbance| match disturbance.kind {
            Disturbed::Clock(ahead) if disturbance.from <= moment && moment <= disturbance.until => Some(ahead),
            _ => None,
        });
        signed(moment) + i128::from(ahead.unwrap_or(0)) * 1_000_000_000
    }

    /// When the log was gone for it, of which this moment is a part.
    pub(super) fn blind(&self, node: Node, at: Moment) -> Option<Disturbance> {
        self.blind.get(&node)?.iter().find(|blind| blind.from <= at && at <= blind.until).copied()
    }

    /// Whether the log was gone for the node before it could read what was acknowledged at `at`, and for no longer than
    /// it may go on without.
    pub(super) fn could_not_know(&self, answer: &Answer, at: Moment, bound: Duration) -> bool {
        self.blind.get(&answer.node).into_iter().flatten().any(|blind| {
            blind.from <= at + bound
                && answer.sent >= blind.from
                && answer.sent <= blind.until.saturating_add(bound)
                && answer.sent <= blind.from + self.max_staleness
        })
    }

    /// Whether the node ran all the time, so that its cache was kept and it could answer.
    pub(super) fn kept(&self, node: Node, from: Moment, until: Moment) -> bool {
        let stops = self.others.get(&node).into_iter().flatten();
        let mut stops = stops.filter(|stop| matches!(stop.kind, Disturbed::Dead | Disturbed::Suspended));
        !stops.any(|stop| stop.from <= until && from <= stop.until)
    }
}

/// Nanoseconds, so that a clock that is behind may stand before the beginning.
pub(super) fn signed(moment: Moment) -> i128 {
    i128::try_from(moment.as_nanos()).unwrap_or(i128::MAX)
}
