//! Tokens that are bound to a key (RFC 9449): given out by a provider and presented by a client that nobody
//! here wrote.

use remint::{ClientCredentials, ClientSecret, DpopVerifier, Introspection, MemoryReplays, Nonces, Trust};
use remint_e2e::{Edge, OAuthClient, Outcome, Provider, trusted};
use serde_json::{Value, json};

/// What the client saw, with a token of the user or else its own, of an edge that trusts the provider so and
/// checks proofs so, if it does.
async fn called(
    (user, resource): (Option<&str>, &str),
    trust: impl FnOnce(&Provider) -> Outcome<Trust>,
    dpop: impl FnOnce(DpopVerifier) -> Outcome<Option<DpopVerifier>>,
) -> Outcome<Value> {
    let provider = Provider::start().await?;
    let trust = trust(&provider)?;
    let edge = Edge::start_by(|builder, url| {
        let verifier = dpop(DpopVerifier::new(url, MemoryReplays::new(1000))?)?;
        let builder = builder.trust(trust);
        Ok(match verifier {
            Some(verifier) => builder.dpop(verifier),
            None => builder,
        })
    })
    .await?;
    let orders = json!({
        "issuer": provider.issuer(),
        "client": { "id": Provider::SERVICE, "secret": Provider::SECRET },
        "user": user,
        "resource": resource,
        "url": edge.url(),
    });
    let steps = OAuthClient::DpopSender.drive(&orders).await?;
    assert_eq!(steps["token_type"], "dpop", "the token is not bound");
    Ok(steps)
}

fn jwts(provider: &Provider) -> Outcome<Trust> {
    Ok(trusted(provider))
}

fn asked(provider: &Provider) -> Outcome<Trust> {
    let secret = ClientSecret::new(Provider::SECRET);
    let credentials = ClientCredentials::secret_basic(Provider::SERVICE.parse()?, secret);
    Ok(trusted(provider).introspection(Introspection::new(credentials)))
}

/// Each of these calls reached the service behind, as the subject, with this many requests.
fn reached(steps: &Value, subject: &str, calls: &[&str], requests: u64) {
    for call in calls {
        let seen = &steps[call];
        assert_eq!((&seen["status"], &seen["requests"]), (&json!(200), &json!(requests)), "{call}: {seen}");
        assert_eq!(seen["body"]["caller"]["subject"], subject, "{call}");
        let headers = seen["body"]["headers"].as_array().map(Vec::as_slice).unwrap_or_default();
        assert!(!headers.is_empty() && !headers.contains(&json!("dpop")), "{call}: the proof went on");
    }
}

/// Each of these calls was refused for this reason, with a challenge that names the algorithms.
fn refused(steps: &Value, calls: &[&str], error: &str) {
    for call in calls {
        let seen = &steps[call];
        assert_eq!(seen["status"], 401, "{call}: {seen}");
        let challenges = seen["challenges"].as_array().map(Vec::as_slice).unwrap_or_default();
        let challenge = challenges.iter().find(|challenge| challenge["scheme"] == "dpop");
        let parameters = challenge.map(|challenge| &challenge["parameters"]);
        assert_eq!(parameters.map(|found| &found["error"]), Some(&json!(error)), "{call}: {seen}");
        assert_eq!(parameters.map(|found| &found["algs"]), Some(&json!("ES256 ES384 EdDSA")), "{call}: {seen}");
    }
}

const ITS_OWN: (Option<&str>, &str) = (None, "urn:alg:ES256");
const UNPROVEN: [&str; 7] =
    ["replayed", "another_path", "another_method", "another_key", "another_token", "old", "no_proof"];

#[tokio::test]
async fn openid_client_proves_its_key_in_each_request_and_nothing_else_passes() -> Outcome<()> {
    let steps = called(ITS_OWN, jwts, |verifier| Ok(Some(verifier))).await?;
    proven(&steps, "idp|worker");
    Ok(())
}

#[tokio::test]
async fn an_opaque_token_is_bound_to_the_key_that_its_issuer_names_when_it_is_asked() -> Outcome<()> {
    let steps = called((Some("alice"), Provider::OPAQUE), asked, |verifier| Ok(Some(verifier))).await?;
    proven(&steps, "idp|alice");
    Ok(())
}

fn proven(steps: &Value, subject: &str) {
    reached(steps, subject, &["first", "second", "query", "another_nonce", "last"], 1);
    assert_eq!(steps["first"]["body"]["token"], steps["second"]["body"]["token"], "it was not cached");
    refused(steps, &["plain", "plain_with_a_proof"], "invalid_token");
    refused(steps, &UNPROVEN, "invalid_dpop_proof");
}

#[tokio::test]
async fn openid_client_learns_the_nonce_that_the_edge_demands_by_itself() -> Outcome<()> {
    let demanding = |verifier: DpopVerifier| Ok(Some(verifier.with_nonces(Nonces::random()?)));
    let steps = called(ITS_OWN, jwts, demanding).await?;
    reached(&steps, "idp|worker", &["first"], 2);
    reached(&steps, "idp|worker", &["second", "query", "last"], 1);
    refused(&steps, &["another_nonce"], "use_dpop_nonce");
    refused(&steps, &["plain", "plain_with_a_proof"], "invalid_token");
    refused(&steps, &UNPROVEN, "invalid_dpop_proof");
    Ok(())
}

#[tokio::test]
async fn an_edge_that_takes_no_dpop_refuses_bound_tokens_under_every_scheme() -> Outcome<()> {
    let steps = called(ITS_OWN, jwts, |_| Ok(None)).await?;
    for (call, seen) in steps.as_object().ok_or("no steps")? {
        if call != "token_type" {
            assert_eq!(seen["status"], 401, "{call}: {seen}");
        }
    }
    Ok(())
}
