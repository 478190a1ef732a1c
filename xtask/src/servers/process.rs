//! How a server is started, waited for and stopped.

use std::ffi::OsStr;
use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use tempfile::TempDir;

/// A folder of our own that other accounts can pass through, as PostgreSQL's has to.
pub fn folder() -> io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("remint-peers-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o711));
    builder.tempdir()
}

/// A port that nobody listens at now.
pub fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// Whether this process may do everything, and PostgreSQL therefore nothing.
pub fn is_root() -> bool {
    let asked = Command::new("id").arg("-u").output();
    asked.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// The program's path, if it is on the search path or in one of `others`.
pub fn find(program: &str, others: impl IntoIterator<Item = PathBuf>) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = std::env::split_paths(&path).chain(others).collect();
    folders.into_iter().map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// A command that runs as `account` (`None`: as we do). With `dies_with_us` it gets a SIGINT when
/// this process ends, however that comes about.
pub fn command(program: &Path, account: Option<&str>, dies_with_us: bool) -> Command {
    let dies_with_us = dies_with_us && cfg!(target_os = "linux");
    let mut command = match (account, dies_with_us) {
        (None, false) => Command::new(program),
        _ => Command::new("setpriv"),
    };
    if dies_with_us {
        command.args(["--pdeathsig", "INT"]);
    }
    if let Some(account) = account {
        command.args(["--reuid", account, "--regid", account, "--init-groups"]);
    }
    if command.get_program() == OsStr::new("setpriv") {
        command.arg("--").arg(program);
    }
    command.stdin(Stdio::null());
    command
}

/// Starts a server whose words go to `log`, and waits until `answers` says so.
pub fn serve(mut command: Command, log: &Path, answers: impl Fn() -> bool) -> io::Result<Child> {
    let words = fs::File::create(log)?;
    let mut child = command.stdout(words.try_clone()?).stderr(words).spawn()?;
    let begun = Instant::now();
    loop {
        let ended = child.try_wait()?.is_some();
        if !ended && answers() {
            return Ok(child);
        }
        if ended || begun.elapsed() > PATIENCE {
            _ = child.kill();
            _ = child.wait();
            let words = fs::read_to_string(log).unwrap_or_default();
            return Err(io::Error::other(format!("it did not start: {}", words.trim())));
        }
        thread::sleep(PAUSE);
    }
}

/// Runs a command to its end; what it said is the error.
pub fn run(command: &mut Command) -> io::Result<()> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(io::Error::other(String::from_utf8_lossy(&said).trim().to_owned()))
}

const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = command(Path::new("/bin/sh"), None, true);
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_server_that_dies_says_why() {
        let folder = folder().unwrap();
        let error = serve(shell("echo no such file; exit 1"), &folder.path().join("log"), || false).unwrap_err();
        assert_eq!(error.to_string(), "it did not start: no such file");
    }

    #[test]
    fn a_server_is_there_when_it_answers() {
        let folder = folder().unwrap();
        let ready = folder.path().join("ready");
        let script = format!("touch {}; exec sleep 600", ready.display());
        let mut child = serve(shell(&script), &folder.path().join("log"), || ready.exists()).unwrap();
        assert!(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn what_a_failed_command_said_is_the_error() {
        let error = run(&mut shell("echo one; echo two >&2; exit 1")).unwrap_err();
        assert_eq!(error.to_string(), "one\ntwo");
        assert!(run(&mut shell("exit 0")).is_ok());
    }
}
