use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use remint_redis::{Redis, RedisSettings};
use tempfile::TempDir;

/// A Redis with nothing in it, which goes when this is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    port: u16,
    arguments: Vec<String>,
    folder: TempDir,
}

impl Server {
    /// A server without a password.
    pub(crate) fn start() -> Self {
        Self::with(|_| Vec::new())
    }

    /// A server with further arguments, which may name files of its folder.
    pub(crate) fn with(arguments: impl Fn(&Path) -> Vec<String>) -> Self {
        let folder = TempDir::new().unwrap();
        let arguments = arguments(folder.path());
        // Between the choice of a port and its use, somebody else may take it.
        for _ in 0..5 {
            let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
            if let Some(child) = serve(port, folder.path(), &arguments) {
                return Self { child, port, arguments, folder };
            }
        }
        panic!("redis-server does not start: {}", fs::read_to_string(folder.path().join("log")).unwrap());
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A client without a password.
    pub(crate) fn redis(&self) -> Redis {
        self.at(&format!("redis://127.0.0.1:{}", self.port))
    }

    /// A client at this address that waits long, and never leaves the server alone.
    pub(crate) fn at(&self, url: &str) -> Redis {
        Redis::new(url.parse().unwrap(), patient())
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again, at the same port and empty.
    pub(crate) fn restart(&mut self) {
        self.child = serve(self.port, self.folder.path(), &self.arguments).unwrap();
    }

    /// What `redis-cli` prints for a command.
    pub(crate) fn cli(&self, command: &[&str]) -> String {
        let mut cli = Command::new("redis-cli");
        let output = cli.args(["-p", &self.port.to_string(), "--no-auth-warning"]).args(command).output().unwrap();
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// The one key there is.
    pub(crate) fn key(&self) -> String {
        let key = self.cli(&["KEYS", "*"]);
        assert_eq!(key.lines().count(), 1, "{key}");
        key
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// Waits so long that a loaded machine is no outage.
pub(crate) fn patient() -> RedisSettings {
    let long = Duration::from_secs(20);
    RedisSettings { wait: long, connect_within: long, failures: u32::MAX, ..RedisSettings::default() }
}

/// A process that answers at this port, or nothing if it ended.
fn serve(port: u16, folder: &Path, arguments: &[String]) -> Option<Child> {
    let log = fs::File::create(folder.join("log")).unwrap();
    let port_text = port.to_string();
    let mut command = Command::new("setpriv");
    command.args([
        "--pdeathsig",
        "KILL",
        "--",
        "redis-server",
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
    ]);
    if !arguments.iter().any(|argument| argument == "--tls-port") {
        command.args(["--port", &port_text]);
    }
    command.arg("--dir").arg(folder);
    command.args(arguments.iter().map(|argument| if argument == "PORT" { &port_text } else { argument }));
    let mut child = command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
    loop {
        if child.try_wait().unwrap().is_some() {
            return None;
        }
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Some(child);
        }
        thread::sleep(Duration::from_millis(5));
    }
}
