//! A connection that stays open, for as long as the caller's token counts.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, Sse};
use futures_util::{Stream, StreamExt as _, stream};
use remint::{Caller, Edge, Refusal, Verifier};

use crate::Outcome;

/// What verifies the edge's own tokens: the layer has put one in the place of the credential.
pub(crate) async fn verifier(edge: &Edge) -> Outcome<Verifier> {
    let issuer = edge.issuer().clone();
    let verifier = Verifier::builder("https://auth.internal".parse()?, "internal".parse()?)
        .local_keys(move || issuer.key_set())
        .revocations(edge.revocations().clone());
    Ok(verifier.build().await?)
}

/// An event a second. The layer asked when the request began; the stream ends once the token has expired, or the key,
/// the user or the tenant was revoked. A browser then connects again, and is asked for its credential again.
pub(crate) async fn events(
    State(verifier): State<Verifier>,
    headers: HeaderMap,
    caller: Caller,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, StatusCode> {
    let ended = verifier.ended(&headers).await.map_err(|refusal| match refusal {
        Refusal::Denied(_) => StatusCode::UNAUTHORIZED,
        Refusal::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
    })?;
    let subject = caller.subject.to_string();
    let events = stream::unfold(subject, |subject| async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Some((Ok(Event::default().data(format!("something for {subject}"))), subject))
    });
    let hello = stream::once(async { Ok(Event::default().data("hello")) });
    Ok(Sse::new(hello.chain(events).take_until(ended)))
}
