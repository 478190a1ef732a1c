use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{SystemTime, UNIX_EPOCH};

use remint_jwt::{Algorithm, SigningKey};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{BOOTSTRAP, Gateway, client, stderr};

async fn get(url: String) -> (StatusCode, String) {
    let answer = client().get(url).send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

#[tokio::test]
async fn it_says_that_it_lives_and_can_work_and_publishes_its_keys() {
    let gateway = Gateway::new("").listening("public_url = 'https://auth.example'\n").running();
    let (http, admin) = (gateway.http, gateway.admin);
    assert_eq!(
        get(format!("http://{http}/healthz")).await,
        (StatusCode::OK, json!({"service": "remint-gateway", "status": "ok"}).to_string())
    );
    let (status, ready) = get(format!("http://{http}/readyz")).await;
    let ready: Value = serde_json::from_str(&ready).unwrap();
    assert_eq!((status, &ready["store"]), (StatusCode::OK, &json!(true)));
    let (status, keys) = get(format!("http://{http}/.well-known/jwks.json")).await;
    assert!(status == StatusCode::OK && keys.contains("\"ES256\"") && !keys.contains("\"d\""), "{keys}");
    let (status, openapi) = get(format!("http://{http}/openapi.json")).await;
    let openapi: Value = serde_json::from_str(&openapi).unwrap();
    assert_eq!((status, &openapi["servers"]), (StatusCode::OK, &json!([{"url": "https://auth.example"}])));
    assert!(openapi["paths"].get("/v1/users").is_some(), "{openapi}");

    for path in ["/healthz", "/readyz", "/"] {
        assert_eq!(get(format!("http://{admin}{path}")).await.0, StatusCode::OK, "{path}");
    }
    // What is for the operator's network is on no other listener, and the reverse.
    assert_eq!(get(format!("http://{http}/metrics")).await.0, StatusCode::NOT_FOUND);
    assert_eq!(get(format!("http://{admin}/v1/users")).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn every_refusal_is_a_problem_document_on_each_listener() {
    let gateway = Gateway::started("");
    for (address, method, path, status) in [
        (gateway.http, Method::POST, "/healthz", StatusCode::METHOD_NOT_ALLOWED),
        (gateway.http, Method::GET, "/nowhere", StatusCode::NOT_FOUND),
        (gateway.http, Method::PUT, "/v1/users", StatusCode::METHOD_NOT_ALLOWED),
        (gateway.admin, Method::POST, "/metrics", StatusCode::METHOD_NOT_ALLOWED),
        (gateway.admin, Method::GET, "/nowhere", StatusCode::NOT_FOUND),
    ] {
        let request = client().request(method, format!("http://{address}{path}"));
        let answer = request.header("x-api-key", BOOTSTRAP).send().await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json", "{path}");
        assert_eq!(answer.headers().contains_key("allow"), status == StatusCode::METHOD_NOT_ALLOWED, "{path}");
    }
}

#[tokio::test]
async fn a_user_is_signed_up_uses_a_key_and_is_refused_once_it_is_revoked() {
    let mut gateway = Gateway::started("");
    let body = json!({ "id": "alice", "scopes": ["orders:read"] });
    let answer = gateway.request(Method::POST, "/v1/users", BOOTSTRAP).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::CREATED);
    let made: Value = answer.json().await.unwrap();
    let environments: Vec<_> = made["keys"].as_array().unwrap().iter().map(|key| &key["environment"]).collect();
    assert_eq!(environments, ["live", "test"]);
    let (id, key) = (made["keys"][0]["id"].as_str().unwrap(), made["keys"][0]["key"].as_str().unwrap());
    assert_eq!(gateway.status(key).await, StatusCode::OK);
    // Not an administrator.
    let answer = gateway.request(Method::POST, "/v1/users", key).json(&json!({"id": "bob"})).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    let (_, metrics) = get(format!("http://{}/metrics", gateway.admin)).await;
    for line in ["# HELP remint_outcomes_total Requests", "remint_build_info{version=\"", "# HELP process_"] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
    let described = |name: &str| metrics.contains(&format!("# HELP {name} "));
    let unexplained: Vec<_> = metrics
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
        .filter(|name| !described(name))
        .collect();
    assert!(unexplained.is_empty(), "{unexplained:?}");
    assert!(!metrics.contains(key), "a key is in the metrics");

    let revoked = gateway.request(Method::DELETE, &format!("/v1/api-keys/{id}"), key).send().await.unwrap();
    assert_eq!(revoked.status(), StatusCode::NO_CONTENT);
    assert_eq!(gateway.status(key).await, StatusCode::UNAUTHORIZED);

    assert_eq!(gateway.stop(), Some(0), "{}", gateway.log());
    let log = gateway.log();
    assert!(log.contains("remint::audit: user.created") && log.contains("remint::audit: key.revoked"), "{log}");
    for secret in [key, BOOTSTRAP, made["keys"][1]["key"].as_str().unwrap()] {
        assert!(!log.contains(secret), "a key is in the log");
    }
}

#[tokio::test]
async fn how_many_keys_do_not_carry_their_users_entitlements_is_told_once_at_the_start() {
    const TOLD: &str = "API keys with scopes of their own do not carry the entitlements of their users";
    let mut gateway = Gateway::started("");
    let body = json!({ "id": "alice", "scopes": ["orders:read"], "entitlements": ["export"] });
    let answer = gateway.request(Method::POST, "/v1/users", BOOTSTRAP).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::CREATED);
    for scopes in ["", "orders:read"] {
        gateway.json(&["create", "--user", "alice", "--scopes", scopes]);
    }
    assert_eq!(gateway.stop(), Some(0));
    assert!(!gateway.log().contains(TOLD), "{}", gateway.log());
    gateway.start();
    assert_eq!(gateway.stop(), Some(0));
    let log = gateway.log();
    let told: Vec<_> = log.lines().filter(|line| line.contains(TOLD)).collect();
    assert!(matches!(&told[..], [line] if line.contains(" WARN ") && line.contains("keys=2")), "{log}");
}

#[tokio::test]
async fn what_is_still_in_memory_is_written_when_it_stops() {
    let mut gateway = Gateway::started("");
    let made = gateway.json(&["create", "--user", "alice", "--create-user"]);
    assert_eq!(gateway.status(made["key"].as_str().unwrap()).await, StatusCode::OK);
    assert_eq!(gateway.stop(), Some(0));
    let left: Vec<_> = fs::read_dir(gateway.path(".")).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert!(
        !left.iter().any(|name| name.to_string_lossy().ends_with("-wal")),
        "the store is whole by itself: {left:?}"
    );
    assert!(gateway.json(&["list", "--user", "alice"])["items"][0]["last_used_at"].is_string());
}

#[tokio::test]
async fn a_key_is_bound_to_networks_by_the_address_of_the_connection() {
    let gateway = Gateway::started("");
    let made = |network| gateway.json(&["create", "--user", "alice", "--create-user", "--network", network]);
    let (here, elsewhere) = (made("127.0.0.0/8"), made("192.0.2.0/24"));
    assert_eq!(gateway.status(here["key"].as_str().unwrap()).await, StatusCode::OK);
    let elsewhere = elsewhere["key"].as_str().unwrap();
    assert_eq!(gateway.status(elsewhere).await, StatusCode::FORBIDDEN);
    // Nobody was named whose word counts.
    let claimed = gateway.request(Method::GET, "/v1/api-keys", elsewhere).header("x-forwarded-for", "192.0.2.7");
    assert_eq!(claimed.send().await.unwrap().status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_trusted_proxy_names_the_client() {
    let gateway = Gateway::new("").listening("trusted_proxies = ['127.0.0.1']\n").running();
    let made = gateway.json(&["create", "--user", "alice", "--create-user", "--network", "192.0.2.0/24"]);
    let from = |address: &str| {
        let request = gateway.request(Method::GET, "/v1/api-keys", made["key"].as_str().unwrap());
        request.header("x-forwarded-for", address).send()
    };
    assert_eq!(from("192.0.2.7").await.unwrap().status(), StatusCode::OK);
    assert_eq!(from("192.0.2.7, 198.51.100.1").await.unwrap().status(), StatusCode::FORBIDDEN);
}

#[test]
fn a_second_gateway_on_the_same_address_ends_and_leaves_nothing() {
    let first = Gateway::started("");
    let second = Gateway::new("");
    let text = fs::read_to_string(first.path("gateway.toml")).unwrap();
    fs::write(second.path("gateway.toml"), text).unwrap();
    let output = second.command(&[]).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("listen.http: cannot listen on"), "{}", stderr(&output));
    assert_eq!(fs::read_dir(second.folder.path()).unwrap().count(), 1, "something was made");
}

#[test]
fn a_listener_can_be_turned_off() {
    let mut gateway = Gateway::new("");
    let text = fs::read_to_string(gateway.path("gateway.toml")).unwrap();
    fs::write(gateway.path("gateway.toml"), text.replace(&format!("'{}'", gateway.admin), "''")).unwrap();
    gateway.start();
    assert!(TcpStream::connect(gateway.admin).is_err());
    assert!(TcpStream::connect(gateway.http).is_ok());
}

#[test]
fn a_trusted_issuer_that_is_down_does_not_keep_it_from_being_ready() {
    // Nobody listens on port 1.
    let gateway = Gateway::started("[[trust]]\nissuer = 'http://127.0.0.1:1'\naudience = ['api']\n");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (status, ready) = runtime.block_on(get(format!("http://{}/readyz", gateway.admin)));
    let ready: Value = serde_json::from_str(&ready).unwrap();
    assert_eq!(status, StatusCode::OK);
    assert_eq!(ready["trusts"], json!([{ "issuer": "http://127.0.0.1:1", "key_set": false }]));
}

#[tokio::test]
async fn strangers_are_not_told_which_issuers_are_trusted() {
    let trust = "[[trust]]\nissuer = 'https://idp.example'\naudience = ['api']\njwks_file = 'keys.json'\n";
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let gateway = Gateway::new(trust).with_key_set("keys.json", &key).running();
    let (status, ready) = get(format!("http://{}/readyz", gateway.http)).await;
    assert_eq!((status, ready.contains("idp.example")), (StatusCode::OK, false), "{ready}");
    let (status, ready) = get(format!("http://{}/readyz", gateway.admin)).await;
    assert_eq!((status, ready.contains("idp.example")), (StatusCode::OK, true), "{ready}");
}

#[tokio::test]
async fn the_admin_listener_answers_to_its_own_names_alone() {
    let gateway = Gateway::new("").listening("admin_hosts = ['gateway.internal']\n").running();
    let ask = async |path: &str, host: &str| {
        let answer = client().get(format!("http://{}{path}", gateway.admin)).header("host", host).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    };
    for host in ["127.0.0.1", "localhost:8483", "gateway.internal", "GATEWAY.internal:8483", "[::1]:8483"] {
        assert_eq!(ask("/metrics", host).await.0, StatusCode::OK, "{host}");
    }
    for path in ["/", "/metrics", "/readyz", "/healthz", "/nowhere"] {
        let (status, told) = ask(path, "rebound.example:8483").await;
        assert_eq!(status, StatusCode::MISDIRECTED_REQUEST, "{path}");
        assert!(told.contains("listen.admin_hosts") && told.contains("rebound.example"), "{told}");
    }
    let raw = |request: &str| {
        let mut stream = TcpStream::connect(gateway.admin).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut status = [0; 12];
        stream.read_exact(&mut status).unwrap();
        String::from_utf8(status.to_vec()).unwrap()
    };
    // The target counts as the header does, and each header.
    let absolute = "GET http://rebound.example/metrics HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n";
    assert_eq!(raw(absolute), "HTTP/1.1 421");
    let two = "GET /metrics HTTP/1.1\r\nhost: 127.0.0.1\r\nhost: rebound.example\r\n\r\n";
    assert_eq!(raw(two), "HTTP/1.1 421");
    assert_eq!(raw("GET /metrics HTTP/1.1\r\n\r\n"), "HTTP/1.1 400");
    // No browser speaks so, but health checks do.
    assert_eq!(raw("GET /healthz HTTP/1.0\r\n\r\n"), "HTTP/1.0 200");
}

#[test]
fn what_has_begun_is_finished_while_nothing_new_is_let_in() {
    let mut gateway = Gateway::started("");
    let mut caller = TcpStream::connect(gateway.http).unwrap();
    let body = json!({ "id": "alice", "issue": [] }).to_string();
    let head = format!(
        "POST /v1/users HTTP/1.1\r\nhost: gateway\r\nx-api-key: {BOOTSTRAP}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n",
        body.len()
    );
    caller.write_all(head.as_bytes()).unwrap();
    let mut begun = [0; 25];
    caller.read_exact(&mut begun).unwrap();
    assert_eq!(&begun, b"HTTP/1.1 100 Continue\r\n\r\n", "the handler waits for the body");
    gateway.ask_to_stop();
    while TcpStream::connect(gateway.http).is_ok() {
        std::thread::yield_now();
    }
    caller.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    caller.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    assert_eq!(gateway.ended(), Some(0), "{}", gateway.log());
}

#[tokio::test]
async fn a_subject_of_a_trusted_issuer_becomes_a_user_where_that_is_asked_for() {
    let signing = SigningKey::generate(Algorithm::Es256).unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let claims = json!({ "iss": "https://idp.example", "aud": "api", "sub": "bob", "iat": now, "exp": now + 60 });
    let bearer = format!("Bearer {}", signing.sign("at+jwt", &claims).unwrap());
    for (just_in_time, status) in [(true, StatusCode::OK), (false, StatusCode::FORBIDDEN)] {
        let trust = format!(
            "[[trust]]\nissuer = 'https://idp.example'\naudience = ['api']\njwks_file = 'keys.json'\n\
             just_in_time = {just_in_time}\n"
        );
        let gateway = Gateway::new(&trust).with_key_set("keys.json", &signing).running();
        let (_, ready) = get(format!("http://{}/readyz", gateway.admin)).await;
        let ready: Value = serde_json::from_str(&ready).unwrap();
        assert_eq!(ready["trusts"], json!([{ "issuer": "https://idp.example", "key_set": true }]));
        let request = client().get(format!("http://{}/v1/api-keys", gateway.http));
        let answer = request.header("authorization", &bearer).send().await.unwrap();
        assert_eq!(answer.status(), status, "{}", answer.text().await.unwrap());
    }
}

#[tokio::test]
async fn a_plan_that_is_given_holds_at_once() {
    let gateway = Gateway::started(
        "[[quota.limits]]\nname = 'user'\nquota = 1\nwindow = '24h'\n\
         [[plans.team.limits]]\nname = 'team'\nquota = 2\nwindow = '24h'\n",
    );
    let made = gateway.json(&["create", "--user", "alice", "--create-user"]);
    let key = made["key"].as_str().unwrap();
    let plan = async |plan: Value| {
        let request = gateway.request(Method::PATCH, "/v1/users/alice", BOOTSTRAP).json(&json!({ "plan": plan }));
        assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
    };
    assert_eq!(gateway.status(key).await, StatusCode::OK);
    let refused = gateway.get("/v1/api-keys", key).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    let header = |name: &str| refused.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("ratelimit-policy"), "\"user\";q=1;w=86400");
    assert!(header("retry-after").parse::<u64>().unwrap() > 86_000 && header("ratelimit").starts_with("\"user\";r=0"));
    assert_eq!(header("content-type"), "application/problem+json");
    plan("team".into()).await;
    assert_eq!(gateway.status(key).await, StatusCode::OK);
    assert_eq!(gateway.status(key).await, StatusCode::OK);
    assert_eq!(gateway.status(key).await, StatusCode::TOO_MANY_REQUESTS);
    // The old budget has not been filled meanwhile.
    plan(Value::Null).await;
    assert_eq!(gateway.status(key).await, StatusCode::TOO_MANY_REQUESTS);
}

#[test]
fn a_database_elsewhere_whose_certificate_nobody_verifies_is_warned_of_once() {
    // RFC 2606: there is no such host.
    let store = |mode: &str| {
        let gateway = Gateway::new(&format!("[api_keys]\nstore = 'postgres://app:canary@db.invalid/remint{mode}'\n"));
        let served = gateway.command(&[]).output().unwrap();
        assert_eq!(served.status.code(), Some(3), "{}", stderr(&served));
        (stderr(&served), stderr(&gateway.keys(&["list", "--user", "alice"])))
    };
    let (served, listed) = store("");
    for told in [&served, &listed] {
        let warnings: Vec<_> = told.lines().filter(|line| line.contains("does not verify the server")).collect();
        assert_eq!(warnings.len(), 1, "{told}");
        assert!(warnings[0].contains("db.invalid") && warnings[0].contains("sslmode=verify-full"), "{told}");
        assert!(!told.contains("canary"), "{told}");
    }
    assert!(served.contains(" WARN "), "{served}");
    let (served, listed) = store("?sslmode=verify-full");
    assert!(!served.contains("does not verify") && !listed.contains("does not verify"), "{served}{listed}");
}

#[tokio::test]
async fn a_hangup_ends_nothing_and_is_told() {
    let mut gateway = Gateway::started("");
    gateway.signal("HUP");
    let (status, _) = get(format!("http://{}/healthz", gateway.http)).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(gateway.stop(), Some(0), "{}", gateway.log());
    assert!(gateway.log().contains("SIGHUP"), "{}", gateway.log());
}

#[tokio::test]
async fn the_audit_trail_is_told_at_every_level_and_a_broken_rust_log_too() {
    for (rust_log, told) in [("warn", "user.created"), ("remint=debgu", "RUST_LOG cannot be read")] {
        let mut gateway = Gateway::new("");
        gateway.start_as(|mut command| {
            command.env("RUST_LOG", rust_log);
            command
        });
        let made = gateway.request(Method::POST, "/v1/users", BOOTSTRAP).json(&json!({"id": "alice"})).send().await;
        assert_eq!(made.unwrap().status(), StatusCode::CREATED);
        assert_eq!(gateway.stop(), Some(0));
        assert!(gateway.log().contains(told) && gateway.log().contains("remint::audit"), "{}", gateway.log());
    }
}
