use bytes::Bytes;
use http::Request;

use super::judge::{Sent, judge};
use super::world::Placeholders;
use super::{Certificate, Edge, Observation, Row, StatedRequest, Surface, Verdict, World};

/// A row whose verdict did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The row.
    pub id: String,
    /// Which time it was sent: cold or warm.
    pub time: &'static str,
    /// What differs.
    pub what: String,
}

/// Sends each row twice to a surface of its own, which `surface` makes of an edge, and returns what differs.
///
/// # Panics
///
/// If a row cannot be sent: it names no method, no header, or a placeholder that nobody knows.
pub async fn run<S: Surface>(world: &World, rows: &[Row], surface: impl AsyncFn(&Edge) -> S) -> Vec<Failure> {
    let mut failures = Vec::new();
    for row in rows {
        for seen in observe(world, row, &surface).await {
            if let Err(what) = seen.judge(seen.verdict, world) {
                failures.push(Failure { id: row.id.clone(), time: seen.time, what });
            }
        }
    }
    failures
}

/// Sends each row as [`run`] does, and returns each verdict with one thing changed in it that holds all the same:
/// none, if every part of every row counts.
///
/// # Panics
///
/// As [`run`].
pub async fn what_does_not_count<S: Surface>(
    world: &World,
    rows: &[Row],
    surface: impl AsyncFn(&Edge) -> S,
) -> Vec<Failure> {
    let mut failures = Vec::new();
    for row in rows {
        for seen in observe(world, row, &surface).await {
            for changed in super::mutation::changed(seen.verdict) {
                if seen.judge(&changed, world).is_ok() {
                    failures.push(Failure { id: row.id.clone(), time: seen.time, what: format!("{changed:?} holds") });
                }
            }
        }
    }
    failures
}

/// What became of one request, and what should have.
struct Seen<'r> {
    verdict: &'r Verdict,
    time: &'static str,
    sent: Sent,
    observation: Observation,
}

impl Seen<'_> {
    fn judge(&self, verdict: &Verdict, world: &World) -> Result<(), String> {
        judge(verdict, &self.sent, &self.observation, world)
    }
}

async fn observe<'r, S: Surface>(world: &World, row: &'r Row, surface: &impl AsyncFn(&Edge) -> S) -> [Seen<'r>; 2] {
    let edge = world.edge(&row.setup);
    let surface = surface(&edge).await;
    let placeholders = Placeholders::new(world, &edge);
    let cold = send(row, &row.verdict, "cold", &placeholders, &surface).await;
    if let Some(event) = row.between {
        edge.happens(event);
    }
    let warm = send(row, row.again.as_ref().unwrap_or(&row.verdict), "warm", &placeholders, &surface).await;
    [cold, warm]
}

async fn send<'r>(
    row: &'r Row,
    verdict: &'r Verdict,
    time: &'static str,
    placeholders: &Placeholders<'_>,
    surface: &impl Surface,
) -> Seen<'r> {
    let (headers, secrets) = placeholders.fill(row);
    let mut request = Request::builder().method(row.method.as_str()).uri(&row.target).version(row.version.into());
    for (name, value) in &headers {
        request = request.header(name, value.as_bytes());
    }
    let request = request.body(Bytes::new()).unwrap_or_else(|error| panic!("{row} is no request: {error}"));
    let certificate = row.certificate.map(|certificate| match certificate {
        Certificate::Held => World::CERTIFICATE,
        Certificate::Other => World::OTHER_CERTIFICATE,
    });
    let observation = surface.send(StatedRequest { request, client: row.client, certificate }).await;
    let sent = Sent {
        method: row.method.clone(),
        target: row.target.clone(),
        headers,
        secrets,
        forwards_connection: surface.forwards_connection(),
    };
    Seen { verdict, time, sent, observation }
}
