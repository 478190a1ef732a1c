use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use remint_jwt::SigningKey;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) const BOOTSTRAP: &str = "bootstrap-bootstrap-bootstrap-canary";

/// A file for its owner alone, as one with a secret must be.
pub(crate) fn write(path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
    fs::write(&path, content).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// A folder with settings, a store and keys of its own, and perhaps a gateway that runs with them.
pub(crate) struct Gateway {
    pub(crate) folder: TempDir,
    pub(crate) http: SocketAddr,
    pub(crate) admin: SocketAddr,
    child: Option<Child>,
}

impl Gateway {
    /// With these settings beside the addresses and the bootstrap key.
    pub(crate) fn new(more: &str) -> Self {
        Self::with(&format!("{more}\n[admin]\nbootstrap_key = '{BOOTSTRAP}'\n"))
    }

    /// With these settings beside the addresses.
    pub(crate) fn with(settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (http, admin) = (free_port(), free_port());
        let listen = format!("[listen]\nhttp = '{http}'\nadmin = '{admin}'\n");
        write(folder.path().join("gateway.toml"), format!("{settings}\n{listen}"));
        Self { folder, http, admin, child: None }
    }

    /// With a provider's key set in this file.
    pub(crate) fn with_key_set(self, file: &str, key: &SigningKey) -> Self {
        self.write_key_set(file, key);
        self
    }

    /// Writes a provider's key set.
    pub(crate) fn write_key_set(&self, file: &str, key: &SigningKey) {
        fs::write(self.path(file), json!({ "keys": [key.public_jwk().to_json()] }).to_string()).unwrap();
    }

    /// With these in `[listen]` too, which is the last section of the file.
    pub(crate) fn listening(self, settings: &str) -> Self {
        let text = fs::read_to_string(self.path("gateway.toml")).unwrap();
        write(self.path("gateway.toml"), text + settings);
        self
    }

    pub(crate) fn started(more: &str) -> Self {
        Self::new(more).running()
    }

    pub(crate) fn running(mut self) -> Self {
        self.start();
        self
    }

    pub(crate) fn start(&mut self) {
        self.start_as(|command| command);
    }

    pub(crate) fn start_as(&mut self, change: impl Fn(Command) -> Command) {
        let log = fs::File::create(self.path("log")).unwrap();
        let mut child = change(self.command(&[])).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        // The process says when it is ready, or ends.
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        self.child = Some(child);
        assert!(line.starts_with("ready http=http://"), "{line}{}", self.log());
    }

    /// It has no time to tidy up.
    pub(crate) fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// As a service manager does; what the process answers with.
    pub(crate) fn stop(&mut self) -> Option<i32> {
        self.ask_to_stop();
        self.ended()
    }

    pub(crate) fn ask_to_stop(&self) {
        self.signal("TERM");
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }

    /// Once it has ended: with what.
    pub(crate) fn ended(&mut self) -> Option<i32> {
        self.child.take().unwrap().wait().unwrap().code()
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = gateway(&["--config", self.path("gateway.toml").to_str().unwrap()]);
        command.args(arguments);
        command
    }

    pub(crate) fn keys(&self, arguments: &[&str]) -> Output {
        self.command(&["keys"]).args(arguments).output().unwrap()
    }

    /// The answer of a command that must succeed.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let output = self.keys(&[arguments, &["--json"]].concat());
        assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    pub(crate) fn request(&self, method: Method, path: &str, key: &str) -> RequestBuilder {
        client().request(method, format!("http://{}{path}", self.http)).header("x-api-key", key)
    }

    pub(crate) async fn get(&self, path: &str, key: &str) -> Response {
        self.request(Method::GET, path, key).send().await.unwrap()
    }

    /// Whether a key works, by what it may always do: read its own user's keys.
    pub(crate) async fn status(&self, key: &str) -> StatusCode {
        self.get("/v1/api-keys", key).await.status()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            _ = child.kill();
            _ = child.wait();
        }
    }
}

pub(crate) fn gateway(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_remint-gateway"));
    command.args(arguments).env("USER", "the-operator").env_remove("SUDO_USER").env_remove("LOGNAME");
    command
}

pub(crate) fn client() -> Client {
    Client::builder().no_proxy().tls_certs_only([]).build().unwrap()
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The settings name fixed ports. Between this and the bind somebody else may take it, which is rare.
pub(crate) fn free_port() -> SocketAddr {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap()
}
