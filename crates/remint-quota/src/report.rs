use std::fmt::Write;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use remint_core::{QuotaAnswer, QuotaStanding, QuotaTaken};

use crate::{Draw, Limit};

/// How the limits stand after a request: what the caller is told.
#[derive(Debug, Clone)]
pub struct Report {
    draw: Draw,
    taken: QuotaTaken,
}

impl Report {
    /// Brings together what was asked and what came of it.
    #[must_use]
    pub const fn new(draw: Draw, taken: QuotaTaken) -> Self {
        Self { draw, taken }
    }

    /// Whether the request was allowed, and charged.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.taken.is_allowed()
    }

    /// The names of the limits that refused it.
    pub fn violated(&self) -> impl Iterator<Item = &str> {
        self.lines().filter(|(_, standing)| standing.short_for.is_some()).map(|(limit, _)| limit.name())
    }

    /// When it would be allowed, if nothing else were taken meanwhile.
    #[must_use]
    pub fn retry_after(&self) -> Duration {
        self.taken.standings().iter().filter_map(|standing| standing.short_for).max().unwrap_or_default()
    }

    /// Takes the charge back, for a request that was refused further in.
    #[must_use]
    pub fn give_back(&mut self) -> QuotaAnswer<()> {
        let cost = self.draw.cost();
        for (limit, standing) in self.draw.limits().zip(self.taken.standings_mut()) {
            standing.remaining = standing.remaining.saturating_add(cost).min(limit.burst());
            let back = limit.interval().saturating_mul(u32::try_from(cost).unwrap_or(u32::MAX));
            standing.full_in = standing.full_in.saturating_sub(back);
        }
        self.draw.give_back()
    }

    /// Writes `RateLimit-Policy` and `RateLimit`
    /// (draft-ietf-httpapi-ratelimit-headers-10, §§ 3 and 4) in place of whatever stood there, or after
    /// what further layers of ours wrote.
    ///
    /// `r` is what is left; `t` is in how many seconds the budget is full again, or, for a limit that
    /// refused the request, in how many it holds its cost.
    pub fn write(&self, headers: &mut HeaderMap, after_ours: bool) {
        let values = [(POLICY, self.draw.policy()), (STANDING, self.standing())];
        for (name, value) in values {
            let Some(value) = value else { continue };
            if after_ours {
                headers.append(name, value);
            } else {
                headers.insert(name, value);
            }
        }
    }

    fn standing(&self) -> Option<HeaderValue> {
        let mut text = String::with_capacity(48 * self.taken.standings().len());
        for (limit, standing) in self.lines() {
            let (comma, name) = (if text.is_empty() { "" } else { ", " }, limit.name());
            let seconds = whole_seconds(standing.short_for.unwrap_or(standing.full_in));
            let _infallible = write!(text, "{comma}\"{name}\";r={};t={seconds}", standing.remaining);
        }
        HeaderValue::try_from(text).ok()
    }

    fn lines(&self) -> impl Iterator<Item = (&Limit, &QuotaStanding)> {
        self.draw.limits().zip(self.taken.standings())
    }
}

/// Rounded up.
fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs().saturating_add(u64::from(duration.subsec_nanos() > 0))
}

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STANDING: HeaderName = HeaderName::from_static("ratelimit");
