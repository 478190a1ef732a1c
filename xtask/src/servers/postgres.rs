use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use super::Durability;
use super::process::{command, find, free_port, is_root, run, serve};

/// A PostgreSQL cluster of its own. It trusts whoever reaches it, at 127.0.0.1 only.
#[derive(Debug)]
pub(super) struct Postgres {
    server: Child,
    programs: PathBuf,
    data: PathBuf,
    port: u16,
}

impl Postgres {
    pub(super) fn start(folder: &Path, durability: Durability) -> io::Result<Self> {
        let programs = programs().ok_or_else(|| io::Error::other("PostgreSQL is not installed"))?;
        let data = initialised(folder, &programs)?;
        let port = free_port()?;
        let mut postgres = command(&programs.join("postgres"), account(), true);
        postgres.arg("-D").arg(&data).args(["-p", &port.to_string(), "-k", ""]);
        postgres.args(["-c", "listen_addresses=127.0.0.1", "-c", "max_connections=300"]);
        if durability == Durability::None {
            postgres.args(["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]);
        }
        let answers = || {
            let mut asked = Command::new(programs.join("pg_isready"));
            asked.args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()]);
            asked.status().is_ok_and(|status| status.success())
        };
        let server = serve(postgres, &folder.join("postgres.log"), answers)?;
        Ok(Self { server, programs, data, port })
    }

    pub(super) const fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Not by a kill: it has children, and shared memory that only it gives back.
        let mut stop = command(&self.programs.join("pg_ctl"), account(), false);
        stop.arg("-D").arg(&self.data).args(["-m", "immediate", "-w", "stop"]);
        if run(&mut stop).is_err() {
            _ = self.server.kill();
        }
        _ = self.server.wait();
    }
}

/// Where PostgreSQL's programs are, if it is installed: Debian keeps them off the search path.
#[must_use]
pub fn programs() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    let number = |path: &PathBuf| path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
    versions.sort_by_key(|path| std::cmp::Reverse(number(path)));
    let initdb = find("initdb", versions.into_iter().map(|version| version.join("bin")))?;
    initdb.canonicalize().ok()?.parent().map(Path::to_owned)
}

/// Makes the cluster, unless an earlier attempt has.
fn initialised(folder: &Path, programs: &Path) -> io::Result<PathBuf> {
    let data = folder.join("postgres");
    if data.join("PG_VERSION").exists() {
        return Ok(data);
    }
    if let Some(account) = account() {
        run(Command::new("install").args(["-d", "-m", "700", "-o", account, "-g", account]).arg(&data))?;
    }
    let mut initdb = command(&programs.join("initdb"), account(), false);
    initdb.arg("-D").arg(&data).args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]);
    // Its home may be closed to that account.
    run(initdb.current_dir("/"))?;
    Ok(data)
}

/// The account that it runs as, if it is not ours: PostgreSQL refuses to run as root.
#[must_use]
pub fn account() -> Option<&'static str> {
    is_root().then_some("postgres")
}
