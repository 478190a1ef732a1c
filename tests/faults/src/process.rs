use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::Outcome;
use crate::node::Settings;

/// A node that runs, or did. It dies with this value.
#[derive(Debug)]
pub(crate) struct Process {
    program: PathBuf,
    settings: Settings,
    child: Option<Child>,
}

impl Process {
    pub(crate) async fn start(program: PathBuf, settings: Settings) -> Outcome<Self> {
        let mut process = Self { program, settings, child: None };
        process.start_again().await?;
        Ok(process)
    }

    /// From the next start on.
    pub(crate) const fn set_clock(&mut self, ahead: i64) {
        self.settings.clock_ahead = ahead;
    }

    /// Starts it, at the address that it had, and waits until it serves.
    pub(crate) async fn start_again(&mut self) -> Outcome<()> {
        // It becomes the node, which ends with this process, however that comes about.
        let mut command = Command::from(xtask::servers::process::command(&self.program, None, true));
        command.arg("node").arg(serde_json::to_string(&self.settings)?);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn()?;
        let mut lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        let line = timeout(PATIENCE, lines.next_line()).await??;
        if line.as_deref() != Some("ready") {
            return Err("a node did not start".into());
        }
        self.child = Some(child);
        Ok(())
    }

    /// `SIGKILL`: it does nothing more, not even in order.
    pub(crate) async fn kill(&mut self) -> Outcome<()> {
        if let Some(mut child) = self.child.take() {
            child.kill().await?;
        }
        Ok(())
    }

    /// `SIGSTOP`.
    pub(crate) async fn suspend(&self) -> Outcome<()> {
        self.signal("-STOP").await
    }

    /// `SIGCONT`.
    pub(crate) async fn resume(&self) -> Outcome<()> {
        self.signal("-CONT").await
    }

    async fn signal(&self, signal: &str) -> Outcome<()> {
        let id = self.child.as_ref().and_then(Child::id).ok_or("the node does not run")?;
        let sent = Command::new("kill").args([signal, &id.to_string()]).status().await?;
        if sent.success() { Ok(()) } else { Err("no signal was sent".into()) }
    }
}

const PATIENCE: Duration = Duration::from_secs(60);
