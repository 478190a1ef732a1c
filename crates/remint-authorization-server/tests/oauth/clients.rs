//! How clients prove who they are.

use std::net::IpAddr;
use std::sync::atomic::Ordering;

use remint_core::PeerAddr;
use serde_json::json;

use crate::support::*;

const OWN: [(&str, &str); 1] = [("grant_type", "client_credentials")];

async fn asserted(world: &World, assertion: &str) -> Answer {
    let form = [OWN[0], ("client_assertion_type", ASSERTION), ("client_assertion", assertion)];
    world.send(post("/oauth2/token", &[], &form)).await
}

#[tokio::test]
async fn a_secret_comes_by_basic_or_in_the_form() {
    let world = World::new().await;
    let secret = secret("svc");
    let posted = [OWN[0], ("client_id", "svc"), ("client_secret", secret.as_str())];
    assert_eq!(world.send(post("/oauth2/token", &[], &posted)).await.status, 200);
    assert_eq!(world.send(post("/oauth2/token", &basic("svc", &secret), &OWN)).await.status, 200);
    // Some clients name themselves in the form as well.
    let named = [OWN[0], ("client_id", "svc")];
    assert_eq!(world.send(post("/oauth2/token", &basic("svc", &secret), &named)).await.status, 200);
    let other = [OWN[0], ("client_id", "edge")];
    let answer = world.send(post("/oauth2/token", &basic("svc", &secret), &other)).await;
    assert_eq!(answer.error(), (400, "invalid_request"));
    let both = [basic("svc", &secret), basic("svc", &secret)].concat();
    assert_eq!(world.send(post("/oauth2/token", &both, &OWN)).await.error(), (400, "invalid_request"));
    let both = world.send(post("/oauth2/token", &basic("svc", &secret), &posted)).await;
    assert_eq!(both.error(), (400, "invalid_request"));
}

#[tokio::test]
async fn basic_may_be_percent_encoded_or_not() {
    let world = World::new().await;
    let secret = secret("a:b");
    assert_eq!(world.send(post("/oauth2/token", &basic("a%3Ab", &secret), &OWN)).await.status, 200);
    assert_eq!(world.send(post("/oauth2/token", &basic("a%3ab", &secret.replace('-', "%2D")), &OWN)).await.status, 200);
    for wrong in [secret.to_uppercase(), format!("{secret} "), secret[1..].to_owned(), String::new()] {
        let answer = world.send(post("/oauth2/token", &basic("a%3Ab", &wrong), &OWN)).await;
        assert_eq!(answer.error(), (401, "invalid_client"), "{wrong}");
        assert!(answer.headers["www-authenticate"].to_str().unwrap().starts_with("Basic "));
    }
}

#[tokio::test]
async fn an_assertion_counts_once() {
    let world = World::new().await;
    let assertion = world.assertion(json!({}));
    assert_eq!(asserted(&world, &assertion).await.status, 200);
    assert_eq!(asserted(&world, &assertion).await.error(), (401, "invalid_client"));
    // Signed anew, it is the same assertion: its `jti` names it.
    assert_eq!(asserted(&world, &world.assertion(json!({}))).await.error(), (401, "invalid_client"));
    assert_eq!(asserted(&world, &world.assertion(json!({ "jti": "a-2" }))).await.status, 200);
}

#[tokio::test]
async fn each_claim_of_an_assertion_must_be_right() {
    let world = World::new().await;
    let now = remint_core::Clock::now(&world.clock).as_secs();
    let token_endpoint = format!("{ISSUER}/oauth2/token");
    for (nth, good) in [
        json!({}),
        json!({ "aud": token_endpoint }),
        json!({ "aud": [ISSUER, token_endpoint] }),
        json!({ "iat": null }),
        json!({ "nbf": now + 29 }),
        json!({ "exp": now + 3600 }),
    ]
    .into_iter()
    .enumerate()
    {
        let mut good = good;
        good["jti"] = format!("good-{nth}").into();
        assert_eq!(asserted(&world, &world.assertion(good.clone())).await.status, 200, "{good}");
    }
    for bad in [
        json!({ "iss": "svc" }),
        json!({ "sub": "svc" }),
        json!({ "iss": "svc", "sub": "svc" }),
        json!({ "iss": null }),
        json!({ "sub": null }),
        json!({ "aud": null }),
        json!({ "aud": "https://other.example" }),
        json!({ "aud": [ISSUER, "https://other.example"] }),
        json!({ "exp": null }),
        json!({ "exp": now }),
        json!({ "exp": now + 3661 }),
        json!({ "nbf": now + 31 }),
        json!({ "iat": now + 31 }),
        json!({ "jti": null }),
        json!({ "jti": "" }),
        json!({ "jti": 7 }),
        json!({ "jti": "j".repeat(257) }),
        json!({ "exp": now as f64 + 60.5 }),
        json!({ "nbf": now as f64 - 0.5 }),
    ] {
        // A world of its own: too many failures are told apart from the first.
        let world = World::new().await;
        let answer = asserted(&world, &world.assertion(bad.clone())).await;
        assert_eq!(answer.error(), (401, "invalid_client"), "{bad}");
    }
    let world = World::new().await;
    let forged = forged(&world.assertion(json!({ "jti": "fresh" })));
    assert_eq!(asserted(&world, &forged).await.error(), (401, "invalid_client"));
    for typ in ["at+jwt", "dpop+jwt", "txntoken+jwt", "logout+jwt"] {
        let claims = json!({ "iss": "signed", "sub": "signed", "aud": ISSUER, "exp": now + 60, "jti": typ });
        let assertion = world.client_key.sign(typ, &claims).unwrap();
        assert_eq!(asserted(&world, &assertion).await.error(), (401, "invalid_client"), "{typ}");
    }
}

#[tokio::test]
async fn a_client_with_keys_has_no_secret_and_one_with_a_secret_no_keys() {
    let world = World::new().await;
    for wrong in ["", "signed", &secret("signed")] {
        let answer = world.send(post("/oauth2/token", &basic("signed", wrong), &OWN)).await;
        assert_eq!(answer.error(), (401, "invalid_client"));
    }
    let now = remint_core::Clock::now(&world.clock).as_secs();
    let claims = json!({ "iss": "svc", "sub": "svc", "aud": ISSUER, "exp": now + 60, "jti": "svc-1" });
    let assertion = world.client_key.sign("JWT", &claims).unwrap();
    assert_eq!(asserted(&world, &assertion).await.error(), (401, "invalid_client"));
    let form = [
        OWN[0],
        ("client_id", "svc"),
        ("client_assertion_type", ASSERTION),
        ("client_assertion", &world.assertion(json!({}))),
    ];
    assert_eq!(world.send(post("/oauth2/token", &[], &form)).await.error(), (401, "invalid_client"));
}

#[tokio::test]
async fn when_it_cannot_be_said_whether_an_assertion_was_used_it_is_an_outage() {
    let world = World::new().await;
    world.replays.severed.store(true, Ordering::SeqCst);
    let answer = asserted(&world, &world.assertion(json!({}))).await;
    assert_eq!(answer.error(), (503, "temporarily_unavailable"));
    assert_eq!(answer.headers["retry-after"], "1");
    world.replays.severed.store(false, Ordering::SeqCst);
    assert_eq!(asserted(&world, &world.assertion(json!({}))).await.status, 200);
}

#[tokio::test]
async fn whoever_guesses_is_told_to_wait_and_the_right_secret_passes() {
    let world = World::new().await;
    let guess = |address, wrong: &'static str| from(address, post("/oauth2/token", &basic("svc", wrong), &OWN));
    for _ in 0..10 {
        assert_eq!(world.send(guess("192.0.2.1", "wrong")).await.error(), (401, "invalid_client"));
    }
    let limited = world.send(guess("192.0.2.1", "wrong")).await;
    assert_eq!(limited.error(), (429, "invalid_client"));
    assert_eq!(limited.headers["retry-after"], "6");
    let right = from("192.0.2.1", post("/oauth2/token", &basic("svc", &secret("svc")), &OWN));
    assert_eq!(world.send(right).await.status, 200);
    assert_eq!(world.send(guess("192.0.2.2", "wrong")).await.error(), (401, "invalid_client"));
    world.advance(6);
    assert_eq!(world.send(guess("192.0.2.1", "wrong")).await.error(), (401, "invalid_client"));
}

#[tokio::test]
async fn where_no_address_is_stated_failures_are_counted_by_the_sockets_peer() {
    let world = World::new().await;
    let guess = |peer: &str| {
        let mut request = post("/oauth2/token", &basic("svc", "wrong"), &OWN);
        request.extensions_mut().insert(PeerAddr(peer.parse::<IpAddr>().unwrap()));
        request
    };
    for _ in 0..10 {
        assert_eq!(world.send(guess("192.0.2.1")).await.error(), (401, "invalid_client"));
    }
    assert_eq!(world.send(guess("192.0.2.1")).await.error(), (429, "invalid_client"));
    assert_eq!(world.send(guess("192.0.2.2")).await.error(), (401, "invalid_client"));
}

#[tokio::test]
async fn made_up_client_ids_do_not_limit_a_client() {
    let world = World::new().await;
    let mut limited = false;
    for n in 0..=16_384 {
        let made_up = post("/oauth2/token", &basic(&format!("made-up-{n}"), "wrong"), &OWN);
        limited = world.send(from("192.0.2.1", made_up)).await.error() == (429, "invalid_client");
    }
    assert!(limited, "they limit themselves");
    let rotated = from("192.0.2.9", post("/oauth2/token", &basic("svc", "the secret of yesterday"), &OWN));
    assert_eq!(world.send(rotated).await.error(), (401, "invalid_client"));
}

#[tokio::test]
async fn a_name_that_is_encoded_otherwise_is_guessed_for_no_longer() {
    let world = World::new().await;
    let guess = |id: &str| from("192.0.2.1", post("/oauth2/token", &basic(id, "wrong"), &OWN));
    for id in ["svc", "sv%63", "s%76c", "%73vc", "s%76%63", "%73%76c", "%73v%63", "%73%76%63", "svc", "svc"] {
        assert_eq!(world.send(guess(id)).await.error(), (401, "invalid_client"), "{id}");
    }
    assert_eq!(world.send(guess("%73vc")).await.error(), (429, "invalid_client"));
}

#[tokio::test]
async fn an_empty_secret_is_none() {
    use remint_authorization_server::{Client, Right};
    use remint_core::ClientId;
    let forgotten = Client::with_secret(ClientId::new("forgotten").unwrap(), "").may([Right::ClientCredentials]);
    let world = World::with(|server| server.client(forgotten)).await;
    let answer = world.send(post("/oauth2/token", &basic("forgotten", ""), &OWN)).await;
    assert_eq!(answer.error(), (401, "invalid_client"));
}

#[tokio::test]
async fn no_client_is_an_administrator_by_itself() {
    use remint_authorization_server::{Client, Right};
    use remint_core::ClientId;
    let client = Client::with_secret(ClientId::new("ops").unwrap(), &secret("ops")).may([Right::ClientCredentials]);
    let world = World::with(|server| server.client(client.scopes("jobs remint:admin".parse().unwrap()))).await;
    assert_eq!(world.token("ops", &OWN).await.claims(&world)["scope"], "jobs");
    let asked = [OWN[0], ("scope", "remint:admin")];
    assert_eq!(world.token("ops", &asked).await.error(), (400, "invalid_scope"));
}

#[tokio::test]
async fn one_more_secret_is_as_good_while_a_client_changes() {
    use remint_authorization_server::{Client, Right};
    use remint_core::ClientId;
    let changing = Client::with_secret(ClientId::new("changing").unwrap(), "old-secret").also_secret("new-secret");
    let world = World::with(|server| server.client(changing.may([Right::ClientCredentials]))).await;
    for (text, status) in [("old-secret", 200), ("new-secret", 200), ("no-secret", 401)] {
        assert_eq!(world.send(post("/oauth2/token", &basic("changing", text), &OWN)).await.status, status, "{text}");
    }
}

#[tokio::test]
async fn two_clients_of_one_id_are_a_mistake() {
    use remint_authorization_server::{AuthorizationServer, Client};
    use remint_core::ClientId;
    let world = World::new().await;
    let edge = || Client::with_secret(ClientId::new("edge").unwrap(), "x");
    let server = AuthorizationServer::new(world.authority.clone(), world.issuer.clone(), world.replays.clone());
    assert_eq!(server.client(edge()).client(edge()).into_router().unwrap_err().0.as_str(), "edge");
}
