//! Two gateways over one PostgreSQL, as processes.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use url::Url;

use crate::database::{Database, Mode};

/// A folder with settings and keys of its own, and the gateway that runs with them.
struct Node {
    folder: TempDir,
    http: SocketAddr,
    running: Option<Child>,
}

impl Node {
    fn new(store: &Url, more: &str) -> Self {
        let (folder, http) = (tempfile::tempdir().unwrap(), free_port());
        let settings =
            format!("{more}\n[listen]\nhttp = '{http}'\nadmin = '{}'\n[api_keys]\nstore = '{store}'\n", free_port());
        write(&folder.path().join("gateway.toml"), &settings);
        Self { folder, http, running: None }
    }

    /// What it says if it does not serve.
    fn start(&mut self) -> Result<(), String> {
        let mut child = self.command(&[]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        if line.starts_with("ready ") {
            self.running = Some(child);
            return Ok(());
        }
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(1), "{said}");
        Err(said)
    }

    fn stop(&mut self) {
        if let Some(mut child) = self.running.take() {
            let status = Command::new("kill").arg(child.id().to_string()).status().unwrap();
            assert!(status.success() && child.wait().unwrap().success());
        }
    }

    /// A key of a new user, made at the command line.
    fn key_of(&self, user: &str) -> String {
        self.key_and_id_of(user).0
    }

    fn key_and_id_of(&self, user: &str) -> (String, String) {
        let made = self.command(&["keys", "create", "--user", user, "--create-user", "--json"]).output().unwrap();
        let error = String::from_utf8_lossy(&made.stderr).into_owned();
        let made: serde_json::Value = serde_json::from_slice(&made.stdout).expect(&error);
        let member = |name| made.get(name).unwrap().as_str().unwrap().to_owned();
        (member("key"), member("id"))
    }

    async fn accepts(&self, key: &str) -> bool {
        let asked =
            reqwest::Client::builder().no_proxy().build().unwrap().get(format!("http://{}/v1/api-keys", self.http));
        let status = asked.header("x-api-key", key).send().await.unwrap().status();
        assert!(status.is_success() || status == 401, "{status}");
        status.is_success()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        // It becomes the gateway: a signal to it reaches the gateway.
        let mut command = Command::new(env!("CARGO"));
        command.current_dir(env!("CARGO_MANIFEST_DIR"));
        command.args(["run", "--quiet", "--package", "remint-gateway", "--", "--config"]);
        command.arg(self.folder.path().join("gateway.toml")).args(arguments);
        command
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(mut child) = self.running.take() {
            _ = child.kill();
            _ = child.wait();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_gateway_with_a_folder_of_its_own_does_not_start_and_says_what_to_do() {
    let database = Database::create().await;
    let mut first = Node::new(&database.url(), "");
    first.start().unwrap();
    let key = first.key_of("alice");
    let mut second = Node::new(&database.url(), "");
    for _ in 0..2 {
        let said = second.start().unwrap_err();
        let pepper = second.folder.path().join("keys/pepper");
        for part in [
            "needs the pepper",
            pepper.to_str().unwrap(),
            database.name(),
            "share one key folder (`issuer.keys`), or the settings `api_keys.peppers` and `issuer.key`",
            "remint-gateway init --give-up",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert!(!second.folder.path().join("keys").exists(), "nothing was made");
    }
    assert!(first.accepts(&key).await, "the first goes on");

    // With the peppers alone it would sign with keys of its own.
    let pepper = fs::read_to_string(first.folder.path().join("keys/pepper")).unwrap();
    fs::create_dir(second.folder.path().join("keys")).unwrap();
    write(&second.folder.path().join("keys/pepper"), &pepper);
    let said = second.start().unwrap_err();
    assert!(said.contains("sign with") && said.contains("share their signing keys"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn gateways_with_one_folder_are_one_edge_and_start_again() {
    let (database, shared) = (Database::create().await, tempfile::tempdir().unwrap());
    let more = format!("[issuer]\nkeys = '{}'\n", shared.path().join("keys").display());
    // One of them goes through a pooler.
    let mut nodes = [database.url(), database.pooled(Mode::Transaction)].map(|url| Node::new(&url, &more));
    for round in ["alice", "bob"] {
        for node in &mut nodes {
            node.start().unwrap();
        }
        let [one, two] = &nodes;
        for (maker, other, user) in [(one, two, format!("{round}-1")), (two, one, format!("{round}-2"))] {
            let key = maker.key_of(&user);
            assert!(maker.accepts(&key).await && other.accepts(&key).await, "{user}");
            assert!(!other.accepts(&format!("{key}x")).await);
        }
        nodes.iter_mut().for_each(Node::stop);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_the_command_line_revokes_is_refused_at_each_gateway_that_runs() {
    let (database, shared) = (Database::create().await, tempfile::tempdir().unwrap());
    let more = format!("[issuer]\nkeys = '{}'\n", shared.path().join("keys").display());
    let mut nodes = [database.url(), database.pooled(Mode::Transaction)].map(|url| Node::new(&url, &more));
    for node in &mut nodes {
        node.start().unwrap();
    }
    let (key, id) = nodes[0].key_and_id_of("alice");
    for node in nodes.iter().cycle().take(4) {
        assert!(node.accepts(&key).await);
    }
    let revoked = nodes[0].command(&["keys", "revoke", &id]).output().unwrap();
    assert!(revoked.status.success() && revoked.stderr.is_empty(), "{revoked:?}");
    let begun = Instant::now();
    for node in &nodes {
        while node.accepts(&key).await {
            assert!(begun.elapsed() < Duration::from_secs(20), "it is accepted");
        }
        println!("refused after {:?}", begun.elapsed());
    }
}

/// The settings hold an address that may have a password.
fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

fn free_port() -> SocketAddr {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap()
}
