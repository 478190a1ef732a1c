//! The gate gives the verdicts of the corpus, to a surface that has a `HeaderMap` and to one that has a list of
//! header lines.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use remint_conformance::verdicts::{
    Edge, Observation, StatedRequest, Surface, Upstream, World, rows, run, what_does_not_count,
};
use remint_core::ClientCertificate;
use remint_gate::{Decision, Edit, Edits, Forward, Gate, HeaderLines, RequestHead, ResponseHeaders, Verdict};
use remint_guard::RequestKind;

/// A surface that makes the edits in a `HeaderMap`.
#[derive(Debug)]
struct Mapped(Gate);

#[async_trait]
impl Surface for Mapped {
    async fn send(&self, stated: StatedRequest) -> Observation {
        match verdict(&self.0, &stated, stated.request.headers()).await {
            Ok((edits, response)) => {
                let mut headers = stated.request.headers().clone();
                edits.apply(&mut headers);
                answered(stated.request, headers, &response)
            }
            Err(response) => Observation::of(&response),
        }
    }

    fn forwards_connection(&self) -> bool {
        true
    }
}

/// A surface that has lines as they stand on the wire, and makes the edits one by one.
#[derive(Debug)]
struct Listed(Gate);

#[async_trait]
impl Surface for Listed {
    async fn send(&self, stated: StatedRequest) -> Observation {
        let written: Vec<(String, HeaderValue)> =
            stated.request.headers().iter().map(|(name, value)| (as_written(name), value.clone())).collect();
        let lines: Vec<(&[u8], &[u8])> =
            written.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect();
        match verdict(&self.0, &stated, &lines[..]).await {
            Ok((edits, response)) => answered(stated.request, edited(&lines, &edits), &response),
            Err(response) => Observation::of(&response),
        }
    }

    fn forwards_connection(&self) -> bool {
        true
    }
}

/// The edits of a request that goes on, or the answer to one that does not.
async fn verdict<'g, H: HeaderLines + Sync + ?Sized>(
    gate: &'g Gate,
    stated: &StatedRequest,
    headers: &H,
) -> Result<(Edits<'g>, ResponseHeaders), Response<Bytes>> {
    let (request, certificate) = (&stated.request, stated.certificate.map(ClientCertificate));
    let head = RequestHead {
        version: request.version(),
        query: request.uri().query(),
        client: stated.client,
        certificate: certificate.as_ref(),
        ..RequestHead::new(request.method(), request.uri().path(), headers)
    };
    let verdict = match gate.decide(head) {
        Decision::Ready(verdict) => verdict,
        Decision::Waiting(waiting) => waiting.await,
    };
    match verdict {
        Verdict::Forward(Forward { edits, response, .. }) => Ok((edits, response)),
        Verdict::Deny(denial) => Err(denial.render(RequestKind::of_head(head))),
        Verdict::Document(document) => Err(document),
    }
}

fn answered(mut request: Request<Bytes>, headers: HeaderMap, response: &ResponseHeaders) -> Observation {
    *request.headers_mut() = headers;
    let mut echo = Upstream::of(&request).echo();
    response.apply(echo.headers_mut());
    Observation::of(&echo)
}

/// The lines after the edits. What is removed goes last, as proxies do it: a name that is both set and removed would
/// be lost.
fn edited(lines: &[(&[u8], &[u8])], edits: &Edits<'_>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(HeaderName::from_bytes(name).unwrap(), HeaderValue::from_bytes(value).unwrap());
    }
    let mut removed = Vec::new();
    edits.each(lines, |edit| match edit {
        Edit::Set(name, value) => drop(headers.insert(name.clone(), value.clone())),
        Edit::Append(name, value) => drop(headers.append(name.clone(), value.clone())),
        Edit::Remove(name) => removed.push(HeaderName::from_bytes(name).unwrap()),
    });
    for name in removed {
        headers.remove(name);
    }
    headers
}

/// `X-Api-Key`, as clients write names over HTTP/1.1.
fn as_written(name: &HeaderName) -> String {
    let mut begins = true;
    let letters = name.as_str().chars().map(|letter| {
        let written = if begins { letter.to_ascii_uppercase() } else { letter };
        begins = matches!(letter, '-' | '_');
        written
    });
    letters.collect()
}

fn gate(edge: &Edge) -> Gate {
    Gate::new(edge.normalizer().clone(), edge.policy())
}

#[tokio::test]
async fn the_gate_gives_the_verdicts_of_the_corpus_for_a_header_map() {
    let failures = run(&World::new().await, &rows(), async |edge| Mapped(gate(edge))).await;
    assert!(failures.is_empty(), "{failures:#?}");
}

#[tokio::test]
async fn the_gate_gives_the_verdicts_of_the_corpus_for_a_list_of_lines() {
    let failures = run(&World::new().await, &rows(), async |edge| Listed(gate(edge))).await;
    assert!(failures.is_empty(), "{failures:#?}");
}

#[tokio::test]
async fn every_part_of_every_row_counts() {
    let failures = what_does_not_count(&World::new().await, &rows(), async |edge| Listed(gate(edge))).await;
    assert!(failures.is_empty(), "{failures:#?}");
}
