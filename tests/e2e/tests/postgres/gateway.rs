//! The gateway's command line over a PostgreSQL, while no gateway runs.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use remint_core::{ApiKeyStore as _, KeyId, RevocationLog as _, Target};

use crate::database::{Database, Mode};

fn gateway(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args([
        "run",
        "--quiet",
        "--package",
        "remint-gateway",
        "--",
        "--config",
    ]);
    command.arg(folder.join("gateway.toml")).args(arguments).output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_makes_lists_and_revokes_keys_and_gateways_learn_of_it_from_the_log() {
    let (store, database) = Database::with_store().await;
    let folder = tempfile::tempdir().unwrap();
    let settings = format!("[listen]\nhttp = \"\"\n\n[api_keys]\nstore = \"{}\"\n", database.url());
    let file = folder.path().join("gateway.toml");
    std::fs::write(&file, settings).unwrap();
    // The address holds a password.
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();

    let made = gateway(folder.path(), &["keys", "create", "--user", "alice", "--create-user", "--json"]);
    let error = String::from_utf8_lossy(&made.stderr).into_owned();
    let made: serde_json::Value = serde_json::from_slice(&made.stdout).expect(&error);
    let id = made["id"].as_str().unwrap();
    let listed = gateway(folder.path(), &["keys", "list", "--user", "alice"]);
    assert!(String::from_utf8_lossy(&listed.stdout).contains(id));

    let revoked = gateway(folder.path(), &["keys", "revoke", id]);
    let cautions = String::from_utf8_lossy(&revoked.stderr);
    assert!(revoked.status.success() && !cautions.contains("from its cache"), "{cautions}");
    let id: KeyId = id.parse().unwrap();
    let key = store.key(&id).await.unwrap().unwrap();
    assert!(key.revoked_at.is_some());
    let ended = store.latest(&[Target::Key(id)]).await.unwrap();
    assert_eq!(ended.len(), 1, "every gateway over the database reads it");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_imported_from_a_table_behind_a_pooler_with_their_moments_in_utc() {
    let database = Database::create().await;
    let table = "CREATE TABLE rest_framework_api_key_apikey (prefix text, hashed_key text, name text,
            created timestamptz, expiry_date timestamptz, revoked bool);
        INSERT INTO rest_framework_api_key_apikey SELECT 'aaaaaaaa', 'sha512$$' || repeat('ab', 64), 'one',
            '2025-01-02T03:04:05+02', NULL, false;
        ALTER DATABASE {} SET timezone = 'Asia/Tokyo'";
    database.run(&table.replace("{}", database.name())).await.unwrap();
    for mode in [Mode::Session, Mode::Transaction] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("gateway.toml"), "[api_keys]\naccept = [\"remint\", \"drf\"]\n").unwrap();
        let from = database.pooled(mode);
        let import = ["keys", "import", "--from", from.as_str(), "--user", "alice", "--create-users", "--json"];
        let imported = gateway(folder.path(), &import);
        assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
        let listed = gateway(folder.path(), &["keys", "list", "--user", "alice", "--json"]);
        let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
        assert_eq!(listed["items"][0]["created_at"], "2025-01-02T01:04:05.000Z", "{listed}");
    }
}
