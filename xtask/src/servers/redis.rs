use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

use super::process::{command, find, free_port, serve};

/// Redis without anything kept on disk.
#[derive(Debug)]
pub(super) struct Redis {
    server: Child,
    port: u16,
}

impl Redis {
    pub(super) fn start(folder: &Path) -> io::Result<Self> {
        let program = program().ok_or_else(|| io::Error::other("redis-server is not installed"))?;
        let port = free_port()?;
        let mut redis = command(&program, None, true);
        redis.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir"]);
        redis.arg(folder);
        let server = serve(redis, &folder.join("redis.log"), || answers(port).unwrap_or(false))?;
        Ok(Self { server, port })
    }

    pub(super) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        _ = self.server.kill();
        _ = self.server.wait();
    }
}

/// Where Redis is, if it is installed.
pub(super) fn program() -> Option<PathBuf> {
    find("redis-server", ["/usr/bin", "/usr/local/bin"].map(PathBuf::from))
}

fn answers(port: u16) -> io::Result<bool> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    stream.write_all(b"PING\r\n")?;
    let mut answer = [0; 5];
    stream.read_exact(&mut answer)?;
    Ok(&answer == b"+PONG")
}
