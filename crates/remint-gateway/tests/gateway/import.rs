use std::fs;
use std::path::Path;
use std::process::Output;

use reqwest::StatusCode;
use serde_json::Value;
use sha2::{Digest, Sha256, Sha512};
use sqlx::{AssertSqlSafe, Connection, Executor, SqliteConnection};

use crate::support::{Gateway, stderr, stdout};

const ACCEPTING: &str = "[api_keys]\naccept = ['remint', 'drf', 'opaque:sk_']\n";
const KEYS: [&str; 3] = [
    "aaaaaaaa.11111111111111111111111111111111",
    "bbbbbbbb.22222222222222222222222222222222",
    "cccccccc.33333333333333333333333333333333",
];

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The package's table, as Django makes it, with a column for the owner: one key works, one is revoked,
/// one has a digest that is none.
async fn table(gateway: &Gateway) -> String {
    let path = gateway.path("site.db");
    let url = format!("sqlite://{}", path.display());
    let mut site = SqliteConnection::connect(&format!("{url}?mode=rwc")).await.unwrap();
    site.execute(
        "CREATE TABLE rest_framework_api_key_apikey (id varchar(150) PRIMARY KEY, created datetime NOT NULL, \
         name varchar(50) NOT NULL, revoked bool NOT NULL, expiry_date datetime NULL, hashed_key varchar(150) NOT NULL, \
         prefix varchar(8) NOT NULL, owner_id integer)",
    )
    .await
    .unwrap();
    let digests = KEYS.map(|key| format!("sha512$${}", hex(&Sha512::digest(key))));
    for (index, (key, digest)) in KEYS.iter().zip(&digests).enumerate() {
        let digest = if index == 2 { "md5$$00" } else { digest };
        let prefix = &key[..8];
        let insert = format!(
            "INSERT INTO rest_framework_api_key_apikey VALUES ('{prefix}.{digest}', '2025-01-02 03:04:05.678901', \
             'key {index}', {}, '2099-01-01 00:00:00', '{digest}', '{prefix}', {})",
            u8::from(index == 1),
            7 + index,
        );
        site.execute(AssertSqlSafe(insert)).await.unwrap();
    }
    site.close().await.unwrap();
    url
}

#[tokio::test]
async fn the_keys_of_the_django_package_go_on_working() {
    let mut gateway = Gateway::new(ACCEPTING);
    let url = table(&gateway).await;
    let import = ["import", "--from", &url, "--user", "alice"];
    let with = |more: &[&str]| gateway.keys(&[&import, more, &["--json"]].concat());

    // Nobody is made unless that was asked for, and a rehearsal changes nothing.
    let output = with(&[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("--create-users"), "{}", stdout(&output));
    let output = with(&["--create-users", "--dry-run"]);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&told["dry_run"], &told["imported"], &told["users_created"][0]),
        (&true.into(), &2.into(), &"alice".into())
    );
    assert_eq!(gateway.keys(&["list", "--user", "alice"]).status.code(), Some(1));

    // One is refused, and the others are there.
    let output = with(&["--create-users"]);
    assert_eq!(output.status.code(), Some(1));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&told["imported"], &told["skipped"]), (&2.into(), &0.into()));
    assert_eq!((&told["refused"][0]["row"], &told["refused"][0]["start"]), (&3.into(), &"cccccccc".into()));
    let told: Value = serde_json::from_slice(&with(&[]).stdout).unwrap();
    assert_eq!((&told["imported"], &told["skipped"]), (&0.into(), &2.into()));

    gateway.start();
    assert_eq!(gateway.status(KEYS[0]).await, StatusCode::OK);
    assert_eq!(gateway.status(KEYS[1]).await, StatusCode::UNAUTHORIZED, "it was revoked there");
    assert_eq!(gateway.status(KEYS[2]).await, StatusCode::UNAUTHORIZED);
    let listed = gateway.json(&["list", "--user", "alice"]);
    let key = listed["items"].as_array().unwrap().iter().find(|key| key["start"] == "aaaaaaaa").unwrap();
    assert_eq!((&key["name"], &key["created_at"]), (&"key 0".into(), &"2025-01-02T03:04:05.678Z".into()));
    assert_eq!(key["expires_at"], "2099-01-01T00:00:00.000Z");
    // Used once, it is hashed as ours, and still the same key.
    let told: Value = serde_json::from_slice(&gateway.keys(&[&import[..], &["--json"]].concat()).stdout).unwrap();
    assert_eq!((&told["imported"], &told["skipped"]), (&0.into(), &2.into()));
    assert!(!gateway.log().contains(KEYS[0]));
}

#[tokio::test]
async fn a_rehearsal_makes_neither_store_nor_pepper() {
    let gateway = Gateway::new(ACCEPTING);
    let url = table(&gateway).await;
    let import = ["import", "--from", &url, "--user", "alice", "--create-users", "--json"];
    let rehearsed = || -> Value {
        let output = gateway.keys(&[&import[..], &["--dry-run"]].concat());
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let files = || {
        let names = fs::read_dir(gateway.folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    };
    let told = rehearsed();
    assert_eq!((&told["imported"], &told["users_created"][0]), (&2.into(), &"alice".into()), "{told}");
    assert_eq!(files(), ["gateway.toml", "site.db"]);
    // An empty file stays one.
    fs::write(gateway.path("remint.db"), "").unwrap();
    assert_eq!(rehearsed()["imported"], 2);
    assert_eq!(fs::metadata(gateway.path("remint.db")).unwrap().len(), 0);
    assert_eq!(files(), ["gateway.toml", "remint.db", "site.db"]);
    // Where there is a store, it is asked.
    gateway.keys(&import);
    let told = rehearsed();
    assert_eq!((&told["imported"], &told["skipped"]), (&0.into(), &2.into()), "{told}");
    // Without its pepper nobody knows what was imported; none is made for that.
    fs::remove_dir_all(gateway.path("keys")).unwrap();
    let refused = gateway.keys(&[&import[..], &["--dry-run"]].concat());
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(refused.status.code() == Some(1) && said.contains("needs the pepper"), "{said}");
    assert!(!gateway.path("keys").exists());
}

#[tokio::test]
async fn a_column_of_the_table_names_the_user() {
    let gateway = Gateway::new(ACCEPTING);
    let url = table(&gateway).await;
    let output = gateway.keys(&["import", "--from", &url, "--user-column", "owner_id", "--create-users"]);
    let told = stdout(&output);
    assert!(told.contains("users made") && told.contains("REFUSED BECAUSE"), "{told}");
    assert_eq!(gateway.json(&["list", "--user", "7"])["items"][0]["start"], "aaaaaaaa");
    assert_eq!(gateway.json(&["list", "--user", "8"])["items"][0]["start"], "bbbbbbbb");
}

#[tokio::test]
async fn what_is_not_as_it_was_said_to_be_is_refused() {
    let gateway = Gateway::new(ACCEPTING);
    let url = table(&gateway).await;
    let cases: [(&[&str], i32, &str); 12] = [
        (&["--from", &url], 1, "--user or --user-column"),
        // SQLite takes an unknown name in quotes for a text: every key would be that user's.
        (&["--from", &url, "--user-column", "owner"], 1, "no such column"),
        (&["--from", &url, "--user", "a", "--table", "nothing"], 1, "no such table"),
        (&["--from", &url, "--user", "a", "--table", "x\" WHERE 1=1; --"], 1, "letters, digits"),
        (&["--from", &url, "--user-column", "a) FROM x; --"], 1, "letters, digits"),
        (&["--from", "sqlite:///no/such.db", "--user", "a"], 1, "cannot be read"),
        (&["--from", &url, "--user", "a", "--scheme", "sha256"], 1, "--scheme is for files"),
        (&["--from", "keys.csv", "--user-column", "a"], 1, "--user-column is for databases"),
        (&["--from", "env:NOT_SET", "--user", "a"], 1, "NOT_SET is not set"),
        // Nobody listens on port 1.
        (&["--from", "postgres://a:canary@127.0.0.1:1/c", "--user", "a"], 3, "cannot be read"),
        (&["--from", "mysql://a:canary@b/c", "--user", "a"], 1, "--from: "),
        (&["--from", &url, "--user", "a", "--format", "opaque:other"], 1, "api_keys.accept lacks"),
    ];
    for (arguments, code, told) in cases {
        let output = gateway.keys(&[&["import"], arguments].concat());
        assert_eq!(output.status.code(), Some(code), "{arguments:?} {}", stderr(&output));
        assert!(stderr(&output).contains(told) && !stderr(&output).contains("canary"), "{}", stderr(&output));
    }
    let unaccepting = Gateway::new("");
    let output = unaccepting.keys(&["import", "--from", &url, "--user", "a"]);
    assert!(stderr(&output).contains("api_keys.accept lacks \"drf\""), "{}", stderr(&output));
}

#[tokio::test]
async fn files_name_the_scheme_of_their_digests() {
    let mut gateway = Gateway::new(ACCEPTING);
    let (csv, jsonl) = (gateway.path("keys.csv"), gateway.path("keys.jsonl"));
    let texts = ["sk_first_0123456789", "sk_second_0123456789", "sk_third_0123456789"];
    let digest = |index: usize| hex(&Sha256::digest(texts[index]));
    let short = &digest(0)[..10];
    let lines = format!(
        "user,digest,name,environment,expires\nalice,{},\"one, two\",live,2099-01-01T00:00:00Z\n\
         bob,{},,test,\n,{},,,\nalice,{short},,,\nalice,{},,,\nalice,{},,,tomorrow\n\
         alice,{},,prod,\na|b,{},,,\n",
        digest(0),
        digest(1),
        digest(2),
        digest(0),
        digest(2),
        digest(2),
        digest(2),
    );
    fs::write(&csv, lines).unwrap();
    let files = ["--format", "opaque:sk_", "--scheme", "sha256", "--create-users", "--json"];
    let output = gateway.keys(&[&["import", "--from", csv.to_str().unwrap()][..], &files].concat());
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&told["imported"], output.status.code()), (&2.into(), Some(1)), "{told}");
    let refused: Vec<_> = told["refused"].as_array().unwrap().iter().map(|row| row["row"].as_u64().unwrap()).collect();
    assert_eq!(refused, [3, 4, 5, 6, 7, 8], "{told}");
    assert!(!told.to_string().contains(short), "part of a digest is shown");

    let line =
        format!("{{\"user\":\"alice\",\"digest\":\"{}\",\"scheme\":\"sha256\",\"revoked\":false}}\n\n", digest(2));
    fs::write(&jsonl, line).unwrap();
    let output = gateway.keys(&["import", "--from", jsonl.to_str().unwrap(), "--format", "opaque:sk_"]);
    assert!(output.status.success(), "{}", stderr(&output));

    gateway.start();
    for text in texts {
        assert_eq!(gateway.status(text).await, StatusCode::OK, "{text}");
    }

    for (name, content, told) in [
        ("keys.csv", "user,digets\n", ""),
        ("keys.csv", "user,digets\na,b\n", "there is no column `digets`"),
        ("keys.jsonl", "[1]\n", "line 1 is no JSON object"),
        ("keys.jsonl", "{\"user\": 7}\n", "`user` is no text"),
        ("keys.txt", "x", ".csv or .jsonl"),
    ] {
        fs::write(gateway.path(name), content).unwrap();
        let output = gateway.keys(&["import", "--from", gateway.path(name).to_str().unwrap(), "--user", "alice"]);
        assert_eq!(output.status.success(), told.is_empty(), "{content}");
        assert!(stderr(&output).contains(told), "{}", stderr(&output));
    }
}

#[tokio::test]
async fn an_import_beside_a_gateway_that_runs_is_seen_within_two_seconds() {
    let gateway = Gateway::started(ACCEPTING);
    let url = table(&gateway).await;
    assert_eq!(gateway.status(KEYS[0]).await, StatusCode::UNAUTHORIZED);
    let output = gateway.keys(&["import", "--from", &url, "--user", "alice", "--create-users"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let begun = std::time::Instant::now();
    while gateway.status(KEYS[0]).await != StatusCode::OK {
        assert!(begun.elapsed().as_secs() < 5, "the key is still unknown");
    }
}

#[tokio::test]
async fn a_user_who_is_made_by_an_import_has_the_roles_that_their_rows_name() {
    let mut gateway = Gateway::new(ACCEPTING);
    gateway.json(&["create", "--user", "bob", "--create-user", "--role", "viewer"]);
    let digest = |key: &str| hex(&Sha256::digest(key));
    let lines = [
        "digest,start,user,roles".to_owned(),
        format!("{},aaaaaaaa,alice,editor;chief editor", digest(KEYS[0])),
        format!("{},bbbbbbbb,alice,viewer", digest(KEYS[1])),
        format!("{},cccccccc,bob,\"viewer,editor\"", digest(KEYS[2])),
        format!("{},dddddddd,alice,remint:admin", digest("dddddddd.4")),
    ];
    let path = gateway.path("roles.csv");
    fs::write(&path, lines.join("\n")).unwrap();
    let import = ["import", "--from", path.to_str().unwrap(), "--scheme", "sha256", "--create-users", "--json"];
    let output = gateway.keys(&import);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&told["imported"], &told["users_created"]), (&3.into(), &vec!["alice"].into()), "{told}");
    assert_eq!(told["roles_kept"], Value::from(vec!["bob"]), "{told}");
    let reason = told["refused"][0]["reason"].as_str().unwrap();
    assert!(told["refused"][0]["row"] == 4 && reason.contains("`remint:admin`"), "{told}");

    gateway.start();
    for (user, key, roles) in
        [("alice", KEYS[0], vec!["editor", "chief editor", "viewer"]), ("bob", KEYS[2], vec!["viewer"])]
    {
        let user: Value = gateway.get(&format!("/v1/users/{user}"), key).await.json().await.unwrap();
        assert_eq!(user["roles"], Value::from(roles), "{user}");
    }
}

#[tokio::test]
async fn a_user_who_was_deleted_comes_back_on_purpose_only() {
    let mut gateway = Gateway::new(ACCEPTING);
    let url = table(&gateway).await;
    let import = ["import", "--from", &url, "--user-column", "owner_id", "--create-users", "--json"];
    let told = |more: &[&str]| -> Value {
        serde_json::from_slice(&gateway.keys(&[&import[..], more].concat()).stdout).unwrap()
    };
    assert_eq!(told(&[])["imported"], 2);
    gateway.start();
    let deleted = gateway.request(reqwest::Method::DELETE, "/v1/users/7", crate::support::BOOTSTRAP).send().await;
    assert_eq!(deleted.unwrap().status(), StatusCode::NO_CONTENT);
    assert_eq!(gateway.stop(), Some(0));
    let told = |more: &[&str]| -> Value {
        serde_json::from_slice(&gateway.keys(&[&import[..], more].concat()).stdout).unwrap()
    };
    for dry_run in [&["--dry-run"][..], &[]] {
        let told = told(dry_run);
        let counts = ["imported", "skipped", "left_out"].map(|name| told[name].as_u64().unwrap());
        assert_eq!((counts, &told["users_created"]), ([0, 1, 1], &serde_json::json!([])), "{told}");
    }
    assert_eq!(gateway.keys(&["list", "--user", "7"]).status.code(), Some(1));
    let table = stdout(&gateway.keys(&["import", "--from", &url, "--user-column", "owner_id", "--create-users"]));
    assert!(table.contains("left out, the user was deleted (--restore-deleted)  1"), "{table}");
    // Who made the user again by hand has decided already.
    let told = told(&["--restore-deleted"]);
    assert_eq!((&told["imported"], &told["left_out"], &told["users_created"][0]), (&1.into(), &0.into(), &"7".into()));
    gateway.start();
    assert_eq!(gateway.status(KEYS[0]).await, StatusCode::OK);
    let alone = gateway.keys(&["import", "--from", &url, "--user", "a", "--restore-deleted"]);
    assert_eq!(alone.status.code(), Some(2), "it says nothing without --create-users");
}

#[test]
fn a_row_whose_text_would_be_refused_is_refused_with_its_number_and_the_reason() {
    let gateway = Gateway::new("[api_keys]\naccept = ['remint', 'opaque:rmt', 'opaque:7', 'drf']\n");
    let csv = gateway.path("keys.csv");
    let imported = |format: &str, rows: &str| -> Value {
        fs::write(&csv, format!("user,start,scheme,digest\n{rows}")).unwrap();
        let output =
            gateway.keys(&["import", "--from", csv.to_str().unwrap(), "--format", format, "--create-users", "--json"]);
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let digest = |text: &str| hex(&Sha256::digest(text));
    let told = imported("opaque:rmt", &format!("a,rmtx,sha256,{}\na,rmt_l,sha256,{}\n", digest("1"), digest("2")));
    assert_eq!((&told["imported"], &told["refused"][0]["row"]), (&1.into(), &2.into()), "{told}");
    assert!(told["refused"][0]["reason"].as_str().unwrap().contains("read as a key that was made here"), "{told}");
    let pbkdf2 = "pbkdf2_sha256,pbkdf2_sha256$1000$salt$47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let told = imported("drf", &format!("a,7rgLGFbo,{pbkdf2}\na,8rgLGFbo,{}\n", pbkdf2.replace("salt", "sals")));
    assert_eq!((&told["imported"], &told["refused"][0]["row"]), (&1.into(), &1.into()), "{told}");
    assert!(told["refused"][0]["reason"].as_str().unwrap().contains("put `drf` first"), "{told}");
}

/// Imports SHA-256 digests of keys that begin with `sk_`, with their users.
fn import_opaque(gateway: &Gateway, file: &Path) -> Output {
    let file = file.to_str().unwrap();
    let of = ["--format", "opaque:sk_", "--scheme", "sha256", "--create-users", "--json"];
    gateway.keys(&[&["import", "--from", file][..], &of].concat())
}

#[test]
fn keys_with_scopes_that_their_user_lacks_are_counted() {
    let gateway = Gateway::new(ACCEPTING);
    gateway.json(&["create", "--user", "alice", "--create-user", "--scopes", "read"]);
    let csv = gateway.path("keys.csv");
    let digest = |text: &str| hex(&Sha256::digest(text));
    let rows = format!("alice,read,{}\nalice,read write,{}\nbob,read,{}\n", digest("1"), digest("2"), digest("3"));
    fs::write(&csv, format!("user,scopes,digest\n{rows}")).unwrap();
    let output = import_opaque(&gateway, &csv);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&told["imported"], &told["scopes_without_effect"]), (&3.into(), &2.into()), "{told}");
    assert!(!stderr(&output).contains("rows"), "no progress where nobody sits");
}

/// More than go into one transaction, and users of whom some are there.
#[test]
fn a_large_import_makes_users_and_keys_in_few_transactions() {
    let gateway = Gateway::new(ACCEPTING);
    gateway.json(&["create", "--user", "user-1", "--create-user"]);
    let csv = gateway.path("keys.csv");
    let row = |number: usize| format!("user-{},{}\n", number % 1500, hex(&Sha256::digest(number.to_string())));
    // One that is there twice, far apart.
    let rows: String = (0..4100).map(row).chain([row(7)]).collect();
    fs::write(&csv, format!("user,digest\n{rows}")).unwrap();
    let import = || -> Value {
        let output = import_opaque(&gateway, &csv);
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let told = import();
    assert_eq!((&told["imported"], &told["refused"][0]["row"]), (&4100.into(), &4101.into()));
    assert_eq!(told["users_created"].as_array().unwrap().len(), 1499);
    let told = import();
    assert_eq!((&told["imported"], &told["skipped"]), (&0.into(), &4100.into()));
}
