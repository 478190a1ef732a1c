use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;

use super::process::is_root;
use super::{pgbouncer, postgres, redis, softhsm};
use crate::report::Report;

/// Installs PostgreSQL, PgBouncer, Redis and SoftHSM with Debian's package manager, unless they are there.
pub fn install(report: &mut Report) {
    let servers = postgres::programs().is_some() && pgbouncer::program().is_some() && redis::program().is_some();
    if servers && softhsm::module().is_some() {
        return;
    }
    let name = "peers: PostgreSQL, PgBouncer, Redis and SoftHSM";
    if !is_root() {
        let advice = "they are missing, and only root can install them: apt-get install postgresql pgbouncer redis-server \
                      softhsm2";
        report.work(name, || Err(advice));
        return;
    }
    let quiet = ServicesStayDown::new(Path::new(POLICY));
    report.program("peers: package lists", Command::new("apt-get").args(["update", "-q"]));
    let mut install = Command::new("apt-get");
    install.args(["install", "-q", "-y", "--no-install-recommends"]).args(PACKAGES);
    report.program(name, install.env("DEBIAN_FRONTEND", "noninteractive"));
    if let Err(error) = quiet {
        report.work("peers: services stay down", || Err(error));
    }
}

/// While this lives, Debian starts no service of a package that it installs (`invoke-rc.d`(8)).
struct ServicesStayDown<'a>(Option<&'a Path>);

impl<'a> ServicesStayDown<'a> {
    /// A policy that is there already is somebody's, and stays.
    fn new(policy: &'a Path) -> io::Result<Self> {
        if policy.exists() {
            return Ok(Self(None));
        }
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o755);
        let mut file = options.open(policy)?;
        let quiet = Self(Some(policy));
        file.write_all(b"#!/bin/sh\nexit 101\n")?;
        Ok(quiet)
    }
}

impl Drop for ServicesStayDown<'_> {
    fn drop(&mut self) {
        if let Some(policy) = self.0 {
            _ = fs::remove_file(policy);
        }
    }
}

const PACKAGES: [&str; 4] = ["postgresql", "pgbouncer", "redis-server", "softhsm2"];
const POLICY: &str = "/usr/sbin/policy-rc.d";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_is_there_while_it_is_needed() {
        let folder = tempfile::tempdir().unwrap();
        let policy = folder.path().join("policy");
        let quiet = ServicesStayDown::new(&policy).unwrap();
        let asked = Command::new(&policy).status();
        assert_eq!(asked.unwrap().code(), Some(101));
        drop(quiet);
        assert!(!policy.exists());
    }

    #[test]
    fn a_policy_of_somebody_elses_stays() {
        let folder = tempfile::tempdir().unwrap();
        let policy = folder.path().join("policy");
        fs::write(&policy, "theirs").unwrap();
        drop(ServicesStayDown::new(&policy).unwrap());
        assert_eq!(fs::read_to_string(&policy).unwrap(), "theirs");
    }
}
