//! The socket between the command line and a gateway.

use std::fs;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use remint_jwt::{Algorithm, SigningKey};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{BOOTSTRAP, Gateway, stderr};

/// Then the command line goes through the gateway.
const PROCESS: &str = "[revocation]\nlog = 'process'\n";

fn sockets(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap());
    files.filter(|file| file.file_type().unwrap().is_socket()).map(|file| file.path()).collect()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", stderr(output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A folder for what runs, as a login has one.
fn runtime_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    folder
}

#[test]
fn the_socket_is_for_its_user_alone_and_goes_with_the_gateway() {
    let mut gateway = Gateway::started("");
    let found = sockets(&gateway.path("keys"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((mode(&gateway.path("keys")), mode(&found[0])), (0o700, 0o600));
    assert_eq!(gateway.stop(), Some(0));
    assert!(sockets(&gateway.path("keys")).is_empty());
}

#[test]
fn a_socket_of_a_gateway_that_is_gone_is_passed_over_and_then_replaced() {
    let mut gateway = Gateway::started(PROCESS);
    gateway.kill();
    let left = sockets(&gateway.path("keys"));
    assert_eq!(left.len(), 1, "it tidied up");
    gateway.json(&["create", "--user", "alice", "--create-user"]);
    gateway.start();
    let now = sockets(&gateway.path("keys"));
    assert!(now.len() == 1 && now != left, "{left:?} {now:?}");
    assert_eq!(gateway.json(&["list", "--user", "alice"])["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn each_gateway_over_one_folder_has_its_own_socket() {
    let first = Gateway::started(PROCESS);
    let mut second = Gateway::new(PROCESS);
    let text = fs::read_to_string(second.path("gateway.toml")).unwrap();
    let (keys, store) = (first.path("keys"), first.path("remint.db"));
    let shared = format!("[issuer]\nkeys = '{}'\n[api_keys]\nstore = 'sqlite://{}'\n", keys.display(), store.display());
    fs::write(second.path("gateway.toml"), shared + &text).unwrap();
    second.start();
    assert_eq!(sockets(&keys).len(), 2);
    let made = first.json(&["create", "--user", "alice", "--create-user"]);
    assert_eq!(second.status(made["key"].as_str().unwrap()).await, StatusCode::OK);
    let revoked = first.keys(&["revoke", made["id"].as_str().unwrap()]);
    assert!(stderr(&revoked).contains("Other gateways here"), "{}", stderr(&revoked));
    // The one that is left is found.
    drop(second);
    let revoked = first.keys(&["revoke", made["id"].as_str().unwrap()]);
    assert_eq!(stderr(&revoked), "");
}

/// Without a folder of keys, so that the socket lies where the login says.
fn keyless() -> Gateway {
    let key = SigningKey::generate(Algorithm::Es256).unwrap().to_pem().unwrap();
    let (key, pepper) = (key.as_str(), "pepper".repeat(6));
    let settings = format!("{PROCESS}[issuer]\nkey = \"\"\"KEY\"\"\"\n[api_keys]\npeppers = ['PEPPER']\n");
    Gateway::new(&settings.replace("KEY", key).replace("PEPPER", &pepper))
}

#[test]
fn a_gateway_with_another_store_is_not_asked() {
    let run = runtime_folder();
    let within = |mut command: Command| {
        command.env("XDG_RUNTIME_DIR", run.path());
        command
    };
    let (mut here, mut there) = (keyless(), keyless());
    here.start_as(within);
    there.start_as(within);
    assert_eq!(sockets(&run.path().join("remint")).len(), 2);
    for (gateway, user) in [(&here, "alice"), (&there, "bob")] {
        let made = within(gateway.command(&["keys", "create", "--json", "--create-user", "--user", user])).output();
        assert_eq!(json(&made.unwrap())["user"], user);
    }
    for (gateway, user) in [(&here, "bob"), (&there, "alice")] {
        let none = within(gateway.command(&["keys", "list", "--user", user])).output().unwrap();
        assert_eq!(none.status.code(), Some(1), "{}", stderr(&none));
    }
    for gateway in [&here, &there] {
        assert!(gateway.log().contains("credential=\"command_line\""), "{}", gateway.log());
    }
}

#[test]
fn a_gateway_with_another_store_is_passed_over_whatever_its_socket_is_called() {
    let run = runtime_folder();
    let within = |mut command: Command| {
        command.env("XDG_RUNTIME_DIR", run.path());
        command
    };
    let (mut here, mut there) = (keyless(), keyless());
    here.start_as(within);
    let ours = sockets(&run.path().join("remint")).remove(0);
    here.kill();
    there.start_as(within);
    fs::rename(sockets(&run.path().join("remint")).remove(0), &ours).unwrap();
    let made = within(here.command(&["keys", "create", "--json", "--create-user", "--user", "alice"])).output();
    assert_eq!(json(&made.unwrap())["user"], "alice");
    assert!(!there.log().contains("command_line"), "{}", there.log());
}

#[test]
fn a_socket_in_a_folder_that_others_can_enter_is_not_asked() {
    let run = runtime_folder();
    let folder = run.path().join("remint");
    let within = |mut command: Command| {
        command.env("XDG_RUNTIME_DIR", run.path());
        command
    };
    let mut gateway = keyless();
    gateway.start_as(within);
    gateway.kill();
    // Somebody else listens where the gateway did.
    let left = sockets(&folder).remove(0);
    fs::remove_file(&left).unwrap();
    let stranger = UnixListener::bind(left).unwrap();
    stranger.set_nonblocking(true).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
    let create = || within(gateway.command(&["keys", "create", "--create-user", "--user", "alice"])).output().unwrap();
    assert!(create().status.success());
    assert!(stranger.accept().is_err(), "it was asked");
    // The other half: in a folder for its user alone it is asked, and what it does not say leaves the store alone.
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    let hangs_up = std::thread::spawn(move || {
        stranger.set_nonblocking(false).unwrap();
        drop(stranger.accept().unwrap());
    });
    let refused = create();
    assert_eq!(refused.status.code(), Some(3), "{}", stderr(&refused));
    assert!(stderr(&refused).contains("the store is left alone"), "{}", stderr(&refused));
    hangs_up.join().unwrap();
}

#[tokio::test]
async fn keys_in_the_memory_of_a_gateway_are_managed_through_it() {
    let gateway = Gateway::started("[api_keys]\nstore = 'memory:'\n");
    let made = gateway.json(&["create", "--user", "alice", "--create-user"]);
    assert_eq!(gateway.status(made["key"].as_str().unwrap()).await, StatusCode::OK);
}

#[tokio::test]
async fn each_use_of_the_bootstrap_key_is_in_the_log_and_http_can_refuse_it() {
    for (setting, status) in [("", StatusCode::CREATED), ("bootstrap_on_http = false\n", StatusCode::UNAUTHORIZED)] {
        let gateway = Gateway::with(&format!("[admin]\nbootstrap_key = '{BOOTSTRAP}'\n{setting}")).running();
        let request = gateway.request(Method::POST, "/v1/users", BOOTSTRAP).json(&json!({ "id": "alice" }));
        assert_eq!(request.send().await.unwrap().status(), status);
        let log = gateway.log();
        let line = log.lines().find(|line| line.contains("came with the bootstrap key")).expect("nothing in the log");
        assert!(line.contains(" WARN ") && line.contains("peer=127.0.0.1:"), "{line}");
        assert!(line.contains("method=\"POST\"") && line.contains("route=\"/v1/users\""), "{line}");
        assert_eq!(line.contains("refused here"), status == StatusCode::UNAUTHORIZED, "{line}");
        assert!(!log.contains(BOOTSTRAP), "the key is in the log");
        // The command line does not need it.
        gateway.json(&["create", "--user", "bob", "--create-user"]);
    }
}
