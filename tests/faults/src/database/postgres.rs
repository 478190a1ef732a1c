use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command};

use tempfile::TempDir;
use xtask::servers::{account, process, programs};

/// A PostgreSQL of the harness's own, which keeps what it acknowledged, and which can be replaced by a copy of what it
/// once was.
#[derive(Debug)]
pub(crate) struct Cluster {
    programs: PathBuf,
    data: PathBuf,
    port: u16,
    server: Option<Child>,
    copies: usize,
    copy: Option<Copy>,
    // The last to go.
    folder: TempDir,
}

/// What may take its place.
#[derive(Debug)]
struct Copy {
    data: PathBuf,
    is_replica: bool,
}

impl Cluster {
    pub(crate) fn start() -> io::Result<Self> {
        let folder = process::folder()?;
        let programs = programs().ok_or_else(|| io::Error::other("PostgreSQL is not installed"))?;
        let data = folder.path().join("data-0");
        let mut cluster = Self { programs, data, port: 0, server: None, copies: 0, copy: None, folder };
        cluster.make_folder(&cluster.data)?;
        let mut initdb = cluster.command("initdb");
        initdb.arg("-D").arg(&cluster.data).args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale"]);
        process::run(&mut initdb)?;
        cluster.start_again()?;
        Ok(cluster)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.port).into()
    }

    /// As a crash ends it.
    pub(crate) fn stop(&mut self) -> io::Result<()> {
        let Some(mut server) = self.server.take() else { return Ok(()) };
        let stopped = self.stop_in(&self.data, "immediate");
        if stopped.is_err() {
            _ = server.kill();
        }
        _ = server.wait();
        stopped
    }

    /// On a port of its own choice.
    pub(crate) fn start_again(&mut self) -> io::Result<()> {
        self.port = process::free_port()?;
        self.server = Some(self.serve(&self.data, self.port)?);
        Ok(())
    }

    /// Takes a copy of it as it is now.
    pub(crate) fn back_up(&mut self) -> io::Result<()> {
        self.copy = Some(self.copied(false)?);
        Ok(())
    }

    /// Lets a replica follow it for a moment, and takes the replica off: it misses what is committed from then on.
    pub(crate) fn leave_a_replica_behind(&mut self) -> io::Result<()> {
        let copy = self.copied(true)?;
        let port = process::free_port()?;
        let mut replica = self.serve(&copy.data, port)?;
        self.stop_in(&copy.data, "fast")?;
        replica.wait()?;
        self.copy = Some(copy);
        Ok(())
    }

    /// Ends it, and puts the copy or the replica in its place.
    pub(crate) fn switch(&mut self) -> io::Result<()> {
        let copy = self.copy.take().ok_or_else(|| io::Error::other("there is no copy"))?;
        self.stop()?;
        self.data = copy.data;
        self.start_again()?;
        if copy.is_replica {
            let mut promote = self.command("pg_ctl");
            process::run(promote.arg("-D").arg(&self.data).args(["-w", "promote"]))?;
        }
        Ok(())
    }

    fn copied(&mut self, is_replica: bool) -> io::Result<Copy> {
        self.copies += 1;
        let data = self.folder.path().join(format!("data-{}", self.copies));
        self.make_folder(&data)?;
        let mut backup = self.command("pg_basebackup");
        backup.arg("-D").arg(&data).args(["-h", "127.0.0.1", "-U", "postgres", "-X", "stream", "-c", "fast"]);
        backup.args(["-p", &self.port.to_string()]);
        if is_replica {
            backup.arg("-R");
        }
        process::run(&mut backup)?;
        Ok(Copy { data, is_replica })
    }

    fn serve(&self, data: &std::path::Path, port: u16) -> io::Result<Child> {
        let mut postgres = process::command(&self.programs.join("postgres"), account(), true);
        postgres.arg("-D").arg(data).args(["-p", &port.to_string(), "-k", "", "-c", "listen_addresses=127.0.0.1"]);
        let answers = || {
            let mut asked = Command::new(self.programs.join("pg_isready"));
            asked.args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()]);
            asked.status().is_ok_and(|status| status.success())
        };
        process::serve(postgres, &self.folder.path().join(format!("{port}.log")), answers)
    }

    fn stop_in(&self, data: &std::path::Path, mode: &str) -> io::Result<()> {
        let mut stop = self.command("pg_ctl");
        process::run(stop.arg("-D").arg(data).args(["-m", mode, "-w", "stop"]))
    }

    fn make_folder(&self, data: &std::path::Path) -> io::Result<()> {
        let mut made = Command::new("install");
        made.args(["-d", "-m", "700"]);
        if let Some(account) = account() {
            made.args(["-o", account, "-g", account]);
        }
        process::run(made.arg(data))
    }

    fn command(&self, program: &str) -> Command {
        let mut command = process::command(&self.programs.join(program), account(), false);
        // The home of this process may be closed to that account.
        command.current_dir("/");
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        _ = self.stop();
    }
}
