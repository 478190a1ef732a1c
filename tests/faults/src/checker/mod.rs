//! Whether a history keeps what is promised: a pure function over what the harness saw.

mod breach;
mod ended;
mod nodes;
mod promise;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

pub use breach::Breach;
pub use promise::Promise;

use crate::checker::ended::Ended;
use crate::checker::nodes::{Nodes, signed};
use crate::history::{Answer, History, Moment, Node};

/// What a history comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// What was broken; empty if all was kept.
    pub breaches: Vec<Breach>,
    /// The acknowledged revocations that a failover or a backup took away, by their places: nothing is promised of
    /// them.
    pub lost: Vec<usize>,
    /// How many answers the promise of the cache was checked by: while the log was gone, of what was in the cache.
    pub cached: usize,
    /// How many requests were sent with a revoked credential after the bound.
    pub refusals: usize,
}

/// Judges a history.
#[must_use]
pub fn check(history: &History, promise: Promise) -> Verdict {
    let mut judge = Judge {
        promise,
        history,
        ended: Ended::of(history),
        nodes: Nodes::of(history, promise),
        used: BTreeMap::new(),
        verdict: Verdict { lost: lost(history), breaches: outlives(history), ..Verdict::default() },
    };
    judge.verdict.breaches.extend(divided(history));
    let mut answers: Vec<&Answer> = history.answers.iter().collect();
    answers.sort_by_key(|answer| answer.answered);
    answers.into_iter().for_each(|answer| judge.judge(*answer));
    judge.verdict
}

fn lost(history: &History) -> Vec<usize> {
    let rows = history.revocations.iter().enumerate();
    rows.filter(|(_, row)| row.lost && row.acknowledged.is_some()).map(|(place, _)| place).collect()
}

fn outlives(history: &History) -> Vec<Breach> {
    let end = |credential: usize| history.credentials.get(credential)?.expires;
    let made = history.credentials.iter().enumerate();
    let made = made.filter_map(|(credential, made)| Some((credential, made.expires, end(made.source?)?)));
    let outlives = made.filter(|(_, expires, source)| expires.is_none_or(|expires| expires > *source));
    outlives.map(|(credential, ..)| Breach::Outlives { credential }).collect()
}

/// What is asked about when all is over must have one answer, whether or not its revocation was acknowledged.
fn divided(history: &History) -> Vec<Breach> {
    let lost = history.revocations.iter().filter(|revocation| revocation.lost);
    let lost: BTreeSet<usize> = lost.flat_map(|revocation| revocation.credentials.iter().copied()).collect();
    let settled = |answer: &&Answer| history.settled.is_some_and(|settled| answer.sent >= settled);
    let mut verdicts: BTreeMap<usize, BTreeSet<bool>> = BTreeMap::new();
    for answer in history.answers.iter().filter(settled).filter(|answer| !lost.contains(&answer.credential)) {
        if let Some(status @ (200 | 401)) = answer.status {
            verdicts.entry(answer.credential).or_default().insert(status == 200);
        }
    }
    let divided = verdicts.into_iter().filter(|(_, verdicts)| verdicts.len() > 1);
    divided.map(|(credential, _)| Breach::Divided { credential }).collect()
}

/// Goes through the answers in the order in which they came.
struct Judge<'a> {
    promise: Promise,
    history: &'a History,
    ended: Ended,
    nodes: Nodes,
    /// When which node last accepted which credential.
    used: BTreeMap<(Node, usize), Moment>,
    verdict: Verdict,
}

impl Judge<'_> {
    fn judge(&mut self, answer: Answer) {
        match answer.status {
            Some(200) => self.accepted(answer),
            Some(401) => self.refused(answer),
            // An outage, and said to be one.
            Some(503 | 504) | None => {}
            Some(_) => self.verdict.breaches.push(Breach::Unexpected(answer)),
        }
        if self.must_pass(&answer) {
            self.verdict.cached += 1;
            if answer.status != Some(200) {
                self.verdict.breaches.push(Breach::GaveUp(answer));
            }
        }
    }

    fn accepted(&mut self, answer: Answer) {
        let latest = self.expires(&answer).map(|expires| signed(expires + self.promise.leeway));
        if latest.is_some_and(|latest| self.nodes.clock(answer.node, answer.sent) > latest) {
            self.verdict.breaches.push(Breach::Expired(answer));
        }
        if let Some((revocation, at)) = self.due(&answer)
            && !self.nodes.could_not_know(&answer, at, self.bound(&answer))
        {
            let after = answer.sent.saturating_sub(at);
            self.verdict.breaches.push(Breach::Late { answer, revocation, after });
        }
        self.used.insert((answer.node, answer.credential), answer.answered);
    }

    fn refused(&mut self, answer: Answer) {
        let has_expired = |expires| self.nodes.clock(answer.node, answer.answered) >= signed(expires);
        if self.ended.asked(answer.credential, answer.answered) {
            self.verdict.refusals += usize::from(self.due(&answer).is_some());
        } else if !self.expires(&answer).is_some_and(has_expired) {
            self.verdict.breaches.push(Breach::Refused(answer));
        }
    }

    /// The revocation after whose bound this was sent, and when it was acknowledged.
    fn due(&self, answer: &Answer) -> Option<(usize, Moment)> {
        let first = self.ended.acknowledged(answer.credential, answer.sent);
        first.filter(|(_, at)| answer.sent > *at + self.bound(answer))
    }

    /// Whether this was in the cache of a node whose log was gone, for less than the cache may go on without.
    fn must_pass(&self, answer: &Answer) -> bool {
        let Some(blind) = self.nodes.blind(answer.node, answer.sent) else { return false };
        let Some(used) = self.used.get(&(answer.node, answer.credential)) else { return false };
        // The last that it had read may have been as old as the bound when the log went.
        let until = (blind.from + self.promise.max_staleness).saturating_sub(self.bound(answer));
        // By the node's clock as it was then.
        let soon = self.nodes.clock(answer.node, answer.answered) + signed(self.promise.leeway);
        answer.answered < blind.until.min(until)
            && self.nodes.kept(answer.node, *used, answer.answered)
            && !self.ended.asked(answer.credential, answer.answered)
            && self.expires(answer).is_none_or(|expires| signed(expires) > soon)
    }

    fn bound(&self, answer: &Answer) -> Duration {
        self.promise.bound_of(answer.node, self.history)
    }

    fn expires(&self, answer: &Answer) -> Option<Moment> {
        self.history.credentials.get(answer.credential)?.expires
    }
}
