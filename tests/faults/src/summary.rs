use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use crate::checker::Verdict;
use crate::faults::{EDGES, REMOTE, SERVICE};
use crate::history::{Answer, Disturbed, History, Moment, Node};

/// What a run comes to, for people.
#[must_use]
pub fn summary(history: &History, verdict: &Verdict) -> String {
    let mut text = String::new();
    let acknowledged = history.revocations.iter().filter(|revocation| revocation.acknowledged.is_some()).count();
    let of = |status: Option<u16>| history.answers.iter().filter(|answer| answer.status == status).count();
    let (asked, requests, lost) = (history.revocations.len(), history.answers.len(), verdict.lost.len());
    _ = writeln!(text, "revocations: {asked} asked for, {acknowledged} acknowledged, {lost} lost with their rows");
    let (passed, denied, unavailable, none) = (of(Some(200)), of(Some(401)), of(Some(503)), of(None));
    _ = writeln!(text, "requests: {requests}; 200: {passed}, 401: {denied}, 503: {unavailable}, no answer: {none}");
    let (cached, refusals) = (verdict.cached, verdict.refusals);
    _ = writeln!(text, "checked: {cached} answers of caches without a log, {refusals} refusals after the bound");
    let edges: Vec<Node> = (0..EDGES).collect();
    for (whom, nodes) in
        [("edges over the store", edges), ("the service", vec![SERVICE]), ("the edge over HTTP", vec![REMOTE])]
    {
        let took = propagation(history, &nodes);
        let at = |share: usize| took.get((took.len() * share / 100).min(took.len().saturating_sub(1))).copied();
        if let (Some(p50), Some(p99), Some(worst)) = (at(50), at(99), took.last()) {
            let times = took.len();
            _ = writeln!(
                text,
                "propagation to {whom}: p50 {p50:.1?}, p99 {p99:.1?}, worst {worst:.1?} ({times} times)"
            );
        }
    }
    for place in verdict.lost.iter().take(SHOWN) {
        let target = history.revocations.get(*place).map_or("?", |lost| &lost.target);
        _ = writeln!(text, "lost: {target}");
    }
    for breach in verdict.breaches.iter().take(SHOWN) {
        _ = writeln!(text, "BROKEN: {}", breach.told(history));
    }
    let breaches = verdict.breaches.len();
    _ = writeln!(text, "{}", if breaches == 0 { "all was kept".to_owned() } else { format!("{breaches} BROKEN") });
    text
}

/// From the acknowledgement to the sending of the first request after the last one that passed, at each of these, in
/// order. Nodes to which something was done meanwhile do not count.
fn propagation(history: &History, nodes: &[Node]) -> Vec<Duration> {
    let mut answers: BTreeMap<(usize, Node), Vec<&Answer>> = BTreeMap::new();
    for answer in history.answers.iter().filter(|answer| nodes.contains(&answer.node)) {
        answers.entry((answer.credential, answer.node)).or_default().push(answer);
    }
    let mut took = Vec::new();
    for revocation in history.revocations.iter().filter(|revocation| !revocation.lost) {
        let Some(at) = revocation.acknowledged else { continue };
        let both = |credential: &usize| nodes.iter().map(|node| (*credential, *node)).collect::<Vec<_>>();
        for of in revocation.credentials.iter().flat_map(both) {
            let after = || answers.get(&of).into_iter().flatten().filter(|answer| answer.sent >= at);
            let passed = after().filter(|answer| answer.status == Some(200)).map(|answer| answer.sent).max();
            let first = after().filter(|answer| passed.is_none_or(|passed| answer.sent > passed));
            let Some(first) = first.min_by_key(|answer| answer.sent) else { continue };
            if !is_disturbed(history, of.1, revocation.sent, first.answered) {
                took.push(first.sent.saturating_sub(at));
            }
        }
    }
    took.sort();
    took
}

fn is_disturbed(history: &History, node: Node, from: Moment, until: Moment) -> bool {
    let of_node = history.disturbances.iter().filter(|disturbance| disturbance.node == node);
    let mut of_node = of_node.filter(|disturbance| !matches!(disturbance.kind, Disturbed::Clock(_)));
    of_node.any(|disturbance| disturbance.from <= until && from <= disturbance.until)
}

const SHOWN: usize = 20;
