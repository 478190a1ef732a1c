//! A store or a key folder that was moved away, from outside.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};

use reqwest::StatusCode;

use crate::support::{Gateway, stderr, stdout};

/// A gateway that has served, with a key of Alice's; it is stopped.
async fn that_has_served() -> (Gateway, String) {
    let mut gateway = Gateway::started("");
    let made = gateway.json(&["create", "--user", "alice", "--create-user"]);
    let key = made["key"].as_str().unwrap().to_owned();
    assert_eq!(gateway.status(&key).await, StatusCode::OK);
    assert_eq!(gateway.stop(), Some(0));
    (gateway, key)
}

/// What a start that ends by itself says.
fn refused(gateway: &Gateway) -> String {
    let output = gateway.command(&[]).output().unwrap();
    let error = stderr(&output);
    assert_eq!((output.status.code(), stdout(&output)), (Some(1), String::new()), "{error}");
    error
}

async fn works_again(mut gateway: Gateway, key: &str) {
    gateway.start();
    assert_eq!(gateway.status(key).await, StatusCode::OK, "{}", gateway.log());
}

#[tokio::test]
async fn a_key_folder_that_was_moved_away_is_asked_for_and_not_made_again() {
    let (gateway, key) = that_has_served().await;
    fs::rename(gateway.path("keys"), gateway.path("away")).unwrap();
    let pepper = gateway.path("keys/pepper");
    let said = refused(&gateway);
    for part in [pepper.to_str().unwrap(), gateway.path("remint.db").to_str().unwrap(), "remint-gateway init --give-up"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    for arguments in [&["create", "--user", "alice"][..], &["revoke", "key_none"]] {
        let output = gateway.keys(arguments);
        assert_eq!(output.status.code(), Some(1));
        assert!(stderr(&output).contains(pepper.to_str().unwrap()), "{}", stderr(&output));
    }
    assert!(!gateway.path("keys").exists(), "nothing was made");
    fs::rename(gateway.path("away"), gateway.path("keys")).unwrap();
    works_again(gateway, &key).await;
}

#[tokio::test]
async fn a_store_that_was_moved_away_is_asked_for_and_not_made_again() {
    let (gateway, key) = that_has_served().await;
    fs::rename(gateway.path("remint.db"), gateway.path("away.db")).unwrap();
    let said = refused(&gateway);
    for part in
        [gateway.path("keys").to_str().unwrap(), gateway.path("remint.db").to_str().unwrap(), "remint-gateway init"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    let output = gateway.keys(&["create", "--user", "alice"]);
    assert!(output.status.code() == Some(1) && stderr(&output).contains("remint.db"), "{}", stderr(&output));
    // What only reads asks for no secrets, and makes no store.
    let output = gateway.keys(&["list", "--user", "alice"]);
    assert!(output.status.code() == Some(1) && stderr(&output).contains("no store"), "{}", stderr(&output));
    assert!(!gateway.path("remint.db").exists(), "nothing was made");

    // Another store in its place.
    let other = Gateway::new("");
    other.json(&["create", "--user", "bob", "--create-user"]);
    fs::copy(other.path("remint.db"), gateway.path("remint.db")).unwrap();
    assert!(refused(&gateway).contains("belongs to the store store_"));
    fs::rename(gateway.path("away.db"), gateway.path("remint.db")).unwrap();
    works_again(gateway, &key).await;
}

#[tokio::test]
async fn init_pairs_what_was_replaced_on_purpose() {
    let (mut gateway, key) = that_has_served().await;
    let init = |arguments: &[&str]| gateway.command(&[&["init"], arguments].concat()).output().unwrap();
    fs::rename(gateway.path("keys"), gateway.path("away")).unwrap();
    let output = init(&[]);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "the pepper is not given up silently: {said}");
    let id: String = said.rsplit("--give-up ").next().unwrap().chars().take(16).collect();
    assert!(!gateway.path("keys/pepper").exists());
    let output = init(&["--give-up", &id]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stdout(&output).contains(&format!("the pepper {id} is given up")), "{}", stdout(&output));
    gateway.start();
    assert_eq!(gateway.status(&key).await, StatusCode::UNAUTHORIZED);
    let made = gateway.json(&["create", "--user", "alice"]);
    assert_eq!(gateway.status(made["key"].as_str().unwrap()).await, StatusCode::OK);
    let busy = gateway.command(&["init"]).output().unwrap();
    assert!(!busy.status.success() && stderr(&busy).contains("something listens"), "{}", stderr(&busy));
    assert_eq!(gateway.stop(), Some(0));

    // The pepper is found after all: behind the new one.
    let [new, old] = ["keys/pepper", "away/pepper"].map(|name| fs::read_to_string(gateway.path(name)).unwrap());
    fs::write(gateway.path("keys/pepper"), new + &old).unwrap();
    works_again(gateway, &key).await;
}

#[tokio::test]
async fn init_adopts_an_empty_store_beside_a_folder() {
    let (mut gateway, key) = that_has_served().await;
    fs::remove_file(gateway.path("remint.db")).unwrap();
    refused(&gateway);
    let output = gateway.command(&["init"]).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    gateway.start();
    assert_eq!(gateway.status(&key).await, StatusCode::UNAUTHORIZED);
}

#[test]
fn a_restored_backup_of_both_halves_starts_without_init() {
    let mut gateway = Gateway::started("");
    gateway.json(&["create", "--user", "alice", "--create-user"]);
    assert_eq!(gateway.stop(), Some(0));
    let elsewhere = Gateway::new("");
    fs::copy(gateway.path("remint.db"), elsewhere.path("remint.db")).unwrap();
    let status = Command::new("cp").arg("-a").arg(gateway.path("keys")).arg(elsewhere.path("keys")).status();
    assert!(status.unwrap().success());
    let restored = elsewhere.running();
    assert_eq!(restored.json(&["list", "--user", "alice"])["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_store_in_memory_starts_again_and_again() {
    let mut gateway = Gateway::started("[api_keys]\nstore = 'memory:'\n");
    assert_eq!(gateway.stop(), Some(0));
    gateway.start();
    assert_eq!(gateway.stop(), Some(0));
    let init = gateway.command(&["init"]).output().unwrap();
    assert!(init.status.code() == Some(1) && stderr(&init).contains("memory:"), "{}", stderr(&init));
}

#[tokio::test]
async fn readiness_tells_whether_every_pepper_is_here() {
    let gateway = Gateway::started("");
    let ready: serde_json::Value = gateway.get("/readyz", "").await.json().await.unwrap();
    assert_eq!(ready["peppers"], true, "{ready}");
}

/// Two real processes, which make the store together.
#[test]
fn of_two_first_starts_with_a_folder_each_one_serves_and_the_other_says_why_not() {
    for _ in 0..3 {
        let store = tempfile::tempdir().unwrap();
        let settings = format!("[api_keys]\nstore = 'sqlite://{}'\n", store.path().join("shared.db").display());
        let (one, two) = (Gateway::new(&settings), Gateway::new(&settings));
        let outcomes = [start(&one), start(&two)].map(Started::settled);
        let served = outcomes.iter().filter(|outcome| outcome.served).count();
        assert_eq!(served, 1, "{outcomes:#?}");
        let loser = outcomes.iter().find(|outcome| !outcome.served).unwrap();
        assert!(loser.said.contains("needs the pepper"), "{}", loser.said);
    }
}

#[test]
fn of_two_first_starts_with_one_folder_both_serve() {
    for _ in 0..3 {
        let shared = tempfile::tempdir().unwrap();
        let path = shared.path().display();
        let settings = format!("[api_keys]\nstore = 'sqlite://{path}/shared.db'\n[issuer]\nkeys = '{path}/keys'\n");
        let (one, two) = (Gateway::new(&settings), Gateway::new(&settings));
        let outcomes = [start(&one), start(&two)].map(Started::settled);
        assert!(outcomes.iter().all(|outcome| outcome.served), "{outcomes:#?}");
    }
}

struct Started(Child);

#[derive(Debug)]
struct Settled {
    served: bool,
    said: String,
}

fn start(gateway: &Gateway) -> Started {
    Started(gateway.command(&[]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
}

impl Started {
    /// Until it serves, or has ended.
    fn settled(mut self) -> Settled {
        let mut line = String::new();
        BufReader::new(self.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let served = line.starts_with("ready ");
        let status: ExitStatus = if served {
            self.0.kill().unwrap();
            self.0.wait().unwrap()
        } else {
            self.0.wait().unwrap()
        };
        let mut said = String::new();
        self.0.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(served || status.code() == Some(1), "{status}: {said}");
        Settled { served, said }
    }
}
