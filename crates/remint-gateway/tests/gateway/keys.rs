use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;

use reqwest::StatusCode;
use serde_json::{Value, json};
use sqlx::{Connection, SqliteConnection};

use crate::support::{Gateway, stderr, stdout};

/// A gateway that follows nothing: a change past it would not end what it has cached.
const PROCESS: &str = "[revocation]\nlog = 'process'\n";

#[test]
fn without_a_gateway_keys_are_managed_in_the_store() {
    let gateway = Gateway::new("");
    manages_keys(&gateway);
    assert!(!gateway.path("remint.db-wal").exists(), "the file is not whole by itself: a copy would miss something");
}

#[test]
fn while_a_gateway_runs_that_follows_the_store_keys_are_managed_there_too() {
    let mut gateway = Gateway::started("");
    manages_keys(&gateway);
    assert_eq!(gateway.stop(), Some(0));
    assert!(!gateway.log().contains("command_line"), "{}", gateway.log());
}

#[test]
fn while_a_gateway_runs_that_follows_nothing_keys_are_managed_through_it() {
    let mut gateway = Gateway::started(PROCESS);
    manages_keys(&gateway);
    assert_eq!(gateway.stop(), Some(0));
    let log = gateway.log();
    assert!(log.contains("credential=\"command_line\"") && !log.contains("by=\"bootstrap\""), "{log}");
}

/// The same either way.
fn manages_keys(gateway: &Gateway) {
    let refused = gateway.keys(&["create", "--user", "alice"]);
    assert_eq!(refused.status.code(), Some(1), "{}", stderr(&refused));
    let made = gateway.json(&[
        "create",
        "--user",
        "alice",
        "--create-user",
        "--tenant",
        "acme",
        "--env",
        "test",
        "--name",
        "the laptop",
        "--scopes",
        "orders:read orders:write",
        "--network",
        "127.0.0.0/8",
        "--network",
        "::1",
        "--expires-in",
        "30d",
    ]);
    assert!(made["key"].as_str().unwrap().starts_with("rmt_test_"), "{made}");
    for (name, value) in [
        ("user", json!("alice")),
        ("environment", json!("test")),
        ("name", json!("the laptop")),
        ("scopes", json!(["orders:read", "orders:write"])),
        ("networks", json!(["127.0.0.0/8", "::1/128"])),
    ] {
        assert_eq!(made[name], value, "{made}");
    }
    assert!(made["expires_at"].is_string());
    let listed = gateway.json(&["list", "--user", "alice"]);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert_eq!((&listed["items"][0]["id"], listed["items"][0].get("key")), (&made["id"], None));

    let id = made["id"].as_str().unwrap();
    let rotated = gateway.json(&["rotate", id, "--overlap", "1h"]);
    assert_ne!(rotated["id"], made["id"]);
    assert_eq!(gateway.keys(&["rotate", id]).status.code(), Some(1), "rotated twice");
    let listed = gateway.json(&["list", "--user", "alice"]);
    assert_eq!(listed["items"][1]["rotated_to"], rotated["id"]);

    assert!(gateway.keys(&["revoke", id]).status.success());
    let table = stdout(&gateway.keys(&["list", "--user", "alice"]));
    let lines: Vec<_> = table.lines().collect();
    assert!(lines[0].starts_with("ID ") && lines[1].contains(" active ") && lines[2].contains(" revoked "), "{table}");
    assert!(!table.contains(made["key"].as_str().unwrap()));

    acts_for_others(gateway);
    ends_a_line(gateway);
    takes_what_the_core_takes(gateway);

    for arguments in [&["revoke", "key_none"][..], &["rotate", "key_none"], &["list", "--user", "nobody"]] {
        let refused = gateway.keys(arguments);
        assert_eq!(refused.status.code(), Some(1), "{arguments:?}");
        assert!(refused.stdout.is_empty() && !refused.stderr.is_empty());
    }
    for arguments in [
        &["create"][..],
        &["create", "--user", "a|b"],
        &["create", "--user", "a", "--env", "prod"],
        &["rotate"],
        &["create", "--user", "a", "--expires-in", "1ms"],
        &["create", "--user", "alice", "--expires-in", "0s"],
        &["create", "--user", "alice", "--act-for-user", "a|b"],
        &["create", "--user", "alice", "--act-for-scopes", "read"],
        &["create", "--user", "alice", "--act-for-env", "live"],
    ] {
        assert_eq!(gateway.keys(arguments).status.code(), Some(2), "{arguments:?}");
    }
}

/// The same rules, whichever way is taken: what one takes the other takes, and what one refuses both do, with one code.
fn takes_what_the_core_takes(gateway: &Gateway) {
    let long = "ü".repeat(128);
    for user in ["zoë", "it's", "a\"b", "漢字", "-x", &long] {
        let user = format!("--user={user}");
        let made = gateway.json(&["create", &user, "--create-user", "--tenant", "größe", "--name", "Zoe\u{308}'s"]);
        assert_eq!(made["name"], "Zo\u{eb}'s");
        let listed = gateway.json(&["list", &user]);
        assert_eq!(listed["items"][0]["id"], made["id"]);
        assert!(gateway.keys(&["revoke", made["id"].as_str().unwrap()]).status.success());
    }
    let scope = "s".repeat(200);
    let many = (0..150).map(|number| format!("s{number}")).collect::<Vec<_>>().join(" ");
    for arguments in [&["--scopes", &scope][..], &["--scopes", &many], &["--act-for-anyone", "--act-for-scopes", &many]]
    {
        assert!(gateway.keys(&[&["create", "--user", "alice"], arguments].concat()).status.success(), "{arguments:?}");
    }
    let networks = vec!["--network=127.0.0.1"; 101];
    assert_eq!(gateway.keys(&[&["create", "--user", "alice"], &networks[..]].concat()).status.code(), Some(1));
    let others = vec!["--act-for-user=bob"; 101];
    assert_eq!(gateway.keys(&[&["create", "--user", "alice"], &others[..]].concat()).status.code(), Some(1));
    let long = "ü".repeat(129);
    for arguments in [
        &["--expires-in", "1month"][..],
        &["--expires-in", "1h 30m"],
        &["--expires-in", "1year"],
        &["--expires-in", "1000000s"],
        &["--name", ""],
        &["--name", "a\u{202e}b"],
        &["--name", &long],
        &["--tenant", ".."],
        &["--act-for-user", "*"],
        &["--act-for-tenant", "*"],
    ] {
        let output = gateway.keys(&[&["create", "--create-user", "--user", "alice"], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stderr(&output));
    }
    for user in [".", "..", "*", "auth0|64f0"] {
        assert_eq!(gateway.keys(&["list", "--user", user]).status.code(), Some(2), "{user}");
    }
    let told = stderr(&gateway.keys(&["create", "--user", "auth0|64f0"]));
    assert!(told.contains("`external`"), "{told}");
    for (arguments, told) in [
        (&["create", "--user", "nobody"][..], "there is no user nobody; --create-user makes them"),
        (&["list", "--user", "nobody"], "there is no user nobody"),
    ] {
        assert_eq!(stderr(&gateway.keys(arguments)).trim(), told);
    }
}

/// What made a key is shown; a key that made none is revoked with `--cascade` all the same.
fn ends_a_line(gateway: &Gateway) {
    // Her own scopes are told from those that have no effect.
    let made = gateway.json(&["create", "--user", "alice", "--scopes", "nobody:has remint:keys"]);
    assert_eq!(made["scopes_without_effect"], json!(["nobody:has"]), "{made}");
    let made = gateway.json(&["create", "--user", "alice", "--scopes", "remint:keys"]);
    assert!(made.get("scopes_without_effect").is_none(), "{made}");
    let kind = made["made_by"]["kind"].as_str().unwrap();
    assert!(["bootstrap", "operator"].contains(&kind), "{made}");
    let table = stdout(&gateway.keys(&["list", "--user", "alice"]));
    assert!(table.contains("MADE BY") && table.contains(kind), "{table}");
    let revoked = gateway.json(&["revoke", made["id"].as_str().unwrap(), "--cascade"]);
    assert_eq!(revoked, json!({ "id": made["id"], "revoked": true, "cascade": true }));
    assert_eq!(gateway.keys(&["revoke", "key_none", "--cascade"]).status.code(), Some(1));
}

/// What is given is shown, and kept when the key is rotated.
fn acts_for_others(gateway: &Gateway) {
    let none = gateway.json(&["create", "--user", "alice"]);
    assert_eq!(none.get("act_for"), None, "{none}");
    let named = ["--act-for-user", "bob", "--act-for-user", "carol", "--act-for-tenant", "acme"];
    for (arguments, right) in [
        (&["--act-for-anyone"][..], json!({ "anyone": true })),
        (&named[..], json!({ "users": ["bob", "carol"], "tenants": ["acme"] })),
        (
            &["--act-for-anyone", "--act-for-scopes", "b a", "--act-for-env", "test"],
            json!({ "anyone": true, "scopes": ["a", "b"], "environments": ["test"] }),
        ),
    ] {
        let made = gateway.json(&[&["create", "--user", "alice"], arguments].concat());
        assert_eq!(made["act_for"], right, "{made}");
        let rotated = gateway.json(&["rotate", made["id"].as_str().unwrap()]);
        assert_eq!(rotated["act_for"], right, "{rotated}");
        let listed = gateway.json(&["list", "--user", "alice"]);
        let shown = listed["items"].as_array().unwrap().iter().find(|key| key["id"] == rotated["id"]).unwrap();
        assert_eq!(shown["act_for"], right, "{listed}");
        for id in [&made["id"], &rotated["id"]] {
            assert!(gateway.keys(&["revoke", id.as_str().unwrap()]).status.success());
        }
    }
    assert!(gateway.keys(&["revoke", none["id"].as_str().unwrap()]).status.success());
}

#[test]
fn a_new_key_is_shown_once_with_a_word_that_it_is() {
    let gateway = Gateway::new("");
    let output = gateway.keys(&["create", "--user", "alice", "--create-user"]);
    assert!(stdout(&output).starts_with("key          rmt_live_"), "{}", stdout(&output));
    assert!(stderr(&output).contains("this once"));
}

#[tokio::test]
async fn a_user_who_is_made_with_a_key_has_the_roles_that_were_named_either_way() {
    let mut gateway = Gateway::new("");
    let create = |gateway: &Gateway, user: &str| {
        let made = gateway.json(&[
            "create",
            "--user",
            user,
            "--create-user",
            "--role",
            "editor",
            "--role",
            "chief \"editor\"",
        ]);
        made["key"].as_str().unwrap().to_owned()
    };
    let first = create(&gateway, "alice");
    gateway.start();
    let second = create(&gateway, "bob");
    for (user, key) in [("alice", &first), ("bob", &second)] {
        let user: Value = gateway.get(&format!("/v1/users/{user}"), key).await.json().await.unwrap();
        assert_eq!(user["roles"], json!(["editor", "chief \"editor\""]), "{user}");
    }
    for (arguments, code) in [
        (&["--create-user", "--role", "remint:admin"][..], 1),
        (&["--create-user", "--role", ""], 2),
        (&["--role", "editor"], 2),
    ] {
        let output = gateway.keys(&[&["create", "--user", "carol"], arguments].concat());
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", stderr(&output));
    }
}

#[tokio::test]
async fn a_key_that_a_gateway_has_cached_ends_with_the_command_that_goes_through_it() {
    let gateway = Gateway::started(PROCESS);
    let made = gateway.json(&["create", "--user", "alice", "--create-user"]);
    let key = made["key"].as_str().unwrap();
    assert_eq!(gateway.status(key).await, StatusCode::OK);
    assert_eq!(gateway.status(key).await, StatusCode::OK);
    assert!(gateway.keys(&["revoke", made["id"].as_str().unwrap()]).status.success());
    assert_eq!(gateway.status(key).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn without_a_bootstrap_key_a_gateway_that_runs_is_asked_all_the_same() {
    let mut gateway = Gateway::with(PROCESS);
    let made = gateway.json(&["create", "--user", "alice", "--create-user"]);
    let key = made["key"].as_str().unwrap();
    gateway.start();
    assert_eq!(gateway.status(key).await, StatusCode::OK);
    assert!(gateway.keys(&["revoke", made["id"].as_str().unwrap()]).status.success());
    assert_eq!(gateway.status(key).await, StatusCode::UNAUTHORIZED, "it went past the gateway");
}

#[test]
fn a_program_at_the_gateways_address_gets_nothing_and_keeps_the_store_as_it_is() {
    let gateway = Gateway::new(PROCESS);
    let stranger = TcpListener::bind(gateway.http).unwrap();
    let seen = std::thread::spawn(move || {
        let (mut caller, _) = stranger.accept().unwrap();
        // As our own gateway would answer, if it were asked for its health.
        let body = r#"{"service":"remint-gateway","status":"ok"}"#;
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
        _ = caller.write_all(answer.as_bytes());
        let mut request = Vec::new();
        _ = caller.read_to_end(&mut request);
        request
    });
    let refused = gateway.keys(&["create", "--user", "alice", "--create-user"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("something listens at"), "{}", stderr(&refused));
    assert_eq!(String::from_utf8(seen.join().unwrap()).unwrap(), "");
    assert!(!gateway.path("remint.db").exists());
}

#[test]
fn what_listens_at_the_gateways_address_is_no_matter_where_changes_are_in_the_log_of_the_store() {
    let gateway = Gateway::new("");
    let stranger = TcpListener::bind(gateway.http).unwrap();
    stranger.set_nonblocking(true).unwrap();
    let made = gateway.json(&["create", "--user", "alice", "--create-user"]);
    assert!(gateway.keys(&["revoke", made["id"].as_str().unwrap()]).status.success());
    assert!(stranger.accept().is_err(), "it was asked");
}

#[test]
fn what_only_reads_needs_neither_a_secret_nor_a_gateway_that_answers() {
    let gateway = Gateway::with(&format!("{PROCESS}[admin]\nbootstrap_key = {{ env = 'NOT_SET_HERE' }}\n"));
    let absent = gateway.keys(&["list", "--user", "alice"]);
    assert_eq!((absent.status.code(), gateway.path("remint.db").exists()), (Some(1), false), "{}", stderr(&absent));
    let made = gateway.json(&["create", "--user", "alice", "--create-user"]);
    let _stranger = TcpListener::bind(gateway.http).unwrap();
    assert_eq!(gateway.json(&["list", "--user", "alice"])["items"][0]["id"], made["id"]);
    assert_eq!(gateway.keys(&["revoke", made["id"].as_str().unwrap()]).status.code(), Some(1), "it may be cached");
    fs::rename(gateway.path("keys"), gateway.path("elsewhere")).unwrap();
    assert_eq!(gateway.json(&["list", "--user", "alice"])["items"][0]["id"], made["id"]);
    // A gateway needs the secret, and says so.
    assert!(stderr(&gateway.command(&["--check"]).output().unwrap()).contains("NOT_SET_HERE is not set"));
}

#[test]
fn keys_in_memory_are_the_gateways_alone() {
    let gateway = Gateway::new("[api_keys]\nstore = 'memory:'\n");
    let refused = gateway.keys(&["list", "--user", "alice"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("memory:"), "{}", stderr(&refused));
}

#[test]
fn a_store_that_does_not_answer_is_another_exit_code() {
    let gateway = Gateway::new("");
    fs::create_dir(gateway.path("remint.db")).unwrap();
    assert_eq!(gateway.keys(&["list", "--user", "alice"]).status.code(), Some(3));
    // Nobody listens on port 1.
    let gateway = Gateway::new("[api_keys]\nstore = 'postgres://app:canary@127.0.0.1:1/remint'\n");
    let output = gateway.keys(&["list", "--user", "alice"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(!stderr(&output).contains("canary"), "{}", stderr(&output));
}

#[tokio::test]
async fn what_is_done_at_the_terminal_is_the_operators() {
    let gateway = Gateway::new("");
    let made = gateway.json(&["create", "--user", "alice", "--create-user"]);
    assert!(gateway.keys(&["revoke", made["id"].as_str().unwrap()]).status.success());
    let url = format!("sqlite://{}", gateway.path("remint.db").display());
    let mut store = SqliteConnection::connect(&url).await.unwrap();
    let events: Vec<(String, String)> =
        sqlx::query_as("SELECT action, actor FROM audit ORDER BY seq").fetch_all(&mut store).await.unwrap();
    let actions: Vec<_> = events.iter().map(|(action, _)| action.as_str()).collect();
    assert_eq!(actions, ["user.created", "key.issued", "key.revoked"]);
    for (_, actor) in &events {
        let actor: Value = serde_json::from_str(actor).unwrap();
        assert_eq!(actor, json!({ "kind": "operator", "account": "the-operator" }));
    }
}
