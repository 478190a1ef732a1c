use std::fs;
use std::io;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use super::process::{command, find, free_port, is_root, run, serve};

/// A pooler before PostgreSQL. It lets in whoever reaches it, at 127.0.0.1 only, as PostgreSQL's administrator.
#[derive(Debug)]
pub(super) struct PgBouncer {
    server: Child,
    port: u16,
}

impl PgBouncer {
    /// In this mode (`session`, `transaction`, `statement`), before the PostgreSQL at this port.
    pub(super) fn start(folder: &Path, mode: &str, postgres: u16) -> io::Result<Self> {
        let program = program().ok_or_else(|| io::Error::other("PgBouncer is not installed"))?;
        let port = free_port()?;
        let settings = folder.join(format!("pgbouncer-{mode}.ini"));
        let text = format!(
            "[databases]\n* = host=127.0.0.1 port={postgres} user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = {mode}\nmax_client_conn = 2000\n\
             default_pool_size = 4\nserver_idle_timeout = 5\n"
        );
        fs::write(&settings, text)?;
        // It refuses to run as root.
        let account = is_root().then_some("postgres");
        if account.is_some() {
            run(Command::new("chmod").arg("644").arg(&settings))?;
        }
        let mut pgbouncer = command(&program, account, true);
        pgbouncer.arg(&settings).current_dir("/");
        let answers = || TcpStream::connect(("127.0.0.1", port)).is_ok();
        let server = serve(pgbouncer, &folder.join(format!("pgbouncer-{mode}.log")), answers)?;
        Ok(Self { server, port })
    }

    pub(super) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        _ = self.server.kill();
        _ = self.server.wait();
    }
}

/// Where PgBouncer is, if it is installed: Debian keeps it among the programs of administrators.
pub(super) fn program() -> Option<PathBuf> {
    find("pgbouncer", [PathBuf::from("/usr/sbin")])
}
