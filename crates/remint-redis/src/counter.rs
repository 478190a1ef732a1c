use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use redis::{Cmd, Script, Value};
use remint_core::{
    QuotaAnswer, QuotaCharge, QuotaCounter, QuotaHolder, QuotaTaken, Unavailable, UnavailableKind, length_prefixed,
};
use sha2::{Digest, Sha256};

use crate::Redis;
use crate::client::AskError;
use crate::rate::Rate;

/// Counts quotas in Redis, so that all nodes share each budget: one round trip for a request, by a script.
///
/// Time is the server's own (`TIME`), so nodes need not agree on theirs. A budget is a key that ends by itself when the
/// budget is full again. Its name is a digest: Redis learns the name of no subject, tenant, key or limit.
///
/// Where the wait ends before the answer comes, the charges may have been taken though the caller is told
/// [`Unavailable`].
#[derive(Clone)]
pub struct RedisCounter {
    redis: Redis,
    script: Script,
    /// By how much its clock is ahead of the server's, in milliseconds: nothing, but in tests.
    shift: Arc<AtomicI64>,
}

impl RedisCounter {
    /// A counter in this server.
    #[must_use]
    pub fn new(redis: Redis) -> Self {
        Self { redis, script: Script::new(SCRIPT), shift: Arc::default() }
    }

    /// The same, whose clock is ahead of the server's by so many milliseconds: for tests.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn with_clock_shift(mut self, shift: Arc<AtomicI64>) -> Self {
        self.shift = shift;
        self
    }

    /// Runs the script: whether all was taken, and the backlogs before.
    fn run(
        &self,
        what: &'static str,
        charges: &[QuotaCharge<'_>],
    ) -> impl Future<Output = Result<(bool, Vec<u64>), AskError>> + Send + 'static {
        let (by_digest, by_text) = (self.command("EVALSHA", what, charges), self.command("EVAL", what, charges));
        let (redis, budgets) = (self.redis.clone(), charges.len());
        async move {
            let answer = match redis.ask(&by_digest).await {
                // The server has not seen the script yet, or was restarted.
                Err(error) if error.code() == Some("NOSCRIPT") => redis.ask(&by_text).await,
                answer => answer,
            };
            read(&answer?, budgets).ok_or(AskError::Unexpected)
        }
    }

    fn command(&self, name: &str, what: &str, charges: &[QuotaCharge<'_>]) -> Cmd {
        let mut command = redis::cmd(name);
        command.arg(if name == "EVAL" { SCRIPT } else { self.script.get_hash() }).arg(charges.len());
        for charge in charges {
            command.arg(key(charge));
        }
        let shift = self.shift.load(Ordering::SeqCst);
        command.arg(what).arg(shift.div_euclid(1000)).arg(shift.rem_euclid(1000) * 1_000_000);
        for rate in charges.iter().map(Rate::of) {
            for time in [rate.span.into(), rate.price()] {
                command.arg((time / NANOS).to_string()).arg((time % NANOS).to_string());
            }
        }
        command
    }
}

impl QuotaCounter for RedisCounter {
    fn take(&self, charges: &[QuotaCharge<'_>]) -> QuotaAnswer<QuotaTaken> {
        if let Some(answer) = trivial(charges, QuotaTaken::new([])) {
            return answer;
        }
        let answer = self.run("take", charges);
        let rates: Vec<_> = charges.iter().map(Rate::of).collect();
        QuotaAnswer::Later(Box::pin(async move {
            let (all, backlogs) = answer.await.map_err(outage)?;
            Ok(QuotaTaken::new(rates.iter().zip(backlogs).map(|(rate, backlog)| rate.standing(backlog, all))))
        }))
    }

    fn give_back(&self, charges: &[QuotaCharge<'_>]) -> QuotaAnswer<()> {
        if let Some(answer) = trivial(charges, ()) {
            return answer;
        }
        let answer = self.run("give", charges);
        QuotaAnswer::Later(Box::pin(async move { answer.await.map(drop).map_err(outage) }))
    }
}

impl fmt::Debug for RedisCounter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisCounter").field("redis", &self.redis).finish_non_exhaustive()
    }
}

/// The answer where there is nothing to ask: no charge, or more than an answer holds.
fn trivial<T>(charges: &[QuotaCharge<'_>], nothing: T) -> Option<QuotaAnswer<T>> {
    match charges.len() {
        0 => Some(QuotaAnswer::Now(Ok(nothing))),
        1..=QuotaTaken::MAX => None,
        _ => Some(QuotaAnswer::Now(Err(Unavailable::new(UnavailableKind::Internal)))),
    }
}

/// The key of a budget. The hash tag puts all budgets into one slot of a cluster, so that one script reaches those of
/// one request.
fn key(charge: &QuotaCharge<'_>) -> String {
    let (kind, holder) = match charge.holder {
        QuotaHolder::Subject(subject) => ("subject", subject.as_str()),
        QuotaHolder::Tenant(tenant) => ("tenant", tenant.as_str()),
        QuotaHolder::Key(key) => ("key", key.as_str()),
    };
    let window = charge.window.as_nanos().to_be_bytes();
    let mut hash = Sha256::new();
    let parts = [charge.limit.as_bytes(), kind.as_bytes(), holder.as_bytes(), &window];
    length_prefixed(parts, |bytes| hash.update(bytes));
    format!("remint:{{quota}}:{}", BASE64_URL_SAFE_NO_PAD.encode(hash.finalize()))
}

fn read(answer: &Value, budgets: usize) -> Option<(bool, Vec<u64>)> {
    let Value::Array(parts) = answer else { return None };
    let numbers: Option<Vec<u64>> = parts.iter().map(number).collect();
    let (all, backlogs) = numbers?.split_first().map(|(all, rest)| (*all, rest.to_vec()))?;
    let (pairs, rest) = backlogs.as_chunks::<2>();
    let whole = all <= 1 && rest.is_empty() && pairs.len() == budgets;
    let nanos = |[seconds, nanos]: &[u64; 2]| seconds.saturating_mul(1_000_000_000).saturating_add(*nanos);
    whole.then(|| (all == 1, pairs.iter().map(nanos).collect()))
}

fn number(value: &Value) -> Option<u64> {
    if let Value::Int(number) = value { u64::try_from(*number).ok() } else { None }
}

fn outage(error: AskError) -> Unavailable {
    error.into_unavailable(UnavailableKind::QuotaCounter)
}

const SCRIPT: &str = include_str!("take.lua");
const NANOS: u128 = 1_000_000_000;
