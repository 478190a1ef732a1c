use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::answer::ask;
use crate::script::PATIENCE;
use crate::{Answer, Outcome, Provider, Question};

/// `cargo run -p quickstart`, as a stranger runs it, with a real provider in the demo one's place.
#[derive(Debug)]
pub struct Quickstart {
    url: String,
    http: reqwest::Client,
    _process: Child,
}

impl Quickstart {
    /// Builds it if need be, and waits until it serves.
    ///
    /// # Errors
    ///
    /// If it ends before that.
    pub async fn start(provider: &Provider) -> Outcome<Self> {
        // The build may take its time, the program may not.
        let built = cargo("build").status().await?;
        if !built.success() {
            return Err("the quickstart does not build".into());
        }
        let mut command = cargo("run");
        command.args(["--", "--json", "--listen", "127.0.0.1:0", "--audience", Provider::AUDIENCE]);
        command.args(["--issuer", provider.issuer()]).stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn()?;
        let mut lines = BufReader::new(process.stdout.take().ok_or("no output")?).lines();
        loop {
            let line = timeout(PATIENCE, lines.next_line()).await??.ok_or("it does not serve")?;
            let line: Value = serde_json::from_str(&line)?;
            if let Some(url) = line.get("listening").and_then(Value::as_str) {
                return Ok(Self { url: url.to_owned(), http: reqwest::Client::new(), _process: process });
            }
        }
    }

    /// Asks what the service behind the edge sees of this token's bearer.
    ///
    /// # Errors
    ///
    /// If no answer comes.
    pub async fn whoami(&self, token: &str) -> Outcome<Answer> {
        ask(&self.http, &format!("{}/whoami", self.url), token).await
    }

    /// What to ask a verifier about internal tokens of this issuer and audience.
    #[must_use]
    pub fn question(&self, issuer: &str, audience: &str) -> Question {
        Question {
            jwks: format!("{}/.well-known/jwks.json", self.url),
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
        }
    }
}

fn cargo(what: &str) -> Command {
    let mut command = Command::new("cargo");
    command.args([what, "--quiet", "--package", "quickstart"]);
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."));
    command
}
