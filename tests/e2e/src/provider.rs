use std::fmt;
use std::path::PathBuf;
use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::script::{self, PATIENCE};
use crate::{Outcome, Question};

/// A signature algorithm of the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Rs256, Self::Es256, Self::EdDsa];

    /// Its name in a JOSE header.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The resource for which the provider signs with it.
    fn resource(self) -> String {
        format!("urn:alg:{}", self.name())
    }
}

/// A running OpenID provider. It dies with this value.
pub struct Provider {
    issuer: String,
    folder: TempDir,
    process: Mutex<Option<Process>>,
    http: reqwest::Client,
}

struct Process {
    child: Child,
    commands: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Provider {
    /// The audience of every access token.
    pub const AUDIENCE: &str = "api";

    /// The client of [`Provider::service_token`].
    pub const SERVICE: &str = "worker";

    /// The secret of that client.
    pub const SECRET: &str = "a-secret-for-tests-and-nothing-else";

    /// The resource that its tokens are opaque for.
    pub const OPAQUE: &str = "urn:opaque";

    /// Starts one with fresh keys on a port that the system chooses.
    ///
    /// # Errors
    ///
    /// If the script does not come up in time.
    pub async fn start() -> Outcome<Self> {
        let folder = TempDir::new()?;
        let (process, issuer) = Process::start(folder.path().join(KEYS), 0).await?;
        Ok(Self { issuer, folder, process: Mutex::new(Some(process)), http: reqwest::Client::new() })
    }

    /// Its issuer, `http://127.0.0.1:<port>`.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// What to ask a verifier about this provider's access tokens.
    #[must_use]
    pub fn question(&self) -> Question {
        Question {
            jwks: format!("{}/jwks", self.issuer),
            issuer: self.issuer.clone(),
            audience: Self::AUDIENCE.to_owned(),
        }
    }

    /// An access token for a service, by its client credentials.
    ///
    /// # Errors
    ///
    /// If the provider refuses.
    pub async fn service_token(&self, algorithm: Algorithm) -> Outcome<String> {
        let request =
            self.http.post(format!("{}/token", self.issuer)).basic_auth(Self::SERVICE, Some(Self::SECRET)).form(&[
                ("grant_type", "client_credentials"),
                ("scope", "jobs:write"),
                ("resource", &algorithm.resource()),
            ]);
        let response: Value = request.timeout(PATIENCE).send().await?.error_for_status()?.json().await?;
        text(&response, "access_token")
    }

    /// The tokens of a user who logs in by authorization code and PKCE.
    ///
    /// # Errors
    ///
    /// If the login does not come to its end.
    pub async fn log_in(&self, user: &str, algorithm: Algorithm) -> Outcome<UserTokens> {
        self.log_in_for(user, &algorithm.resource()).await
    }

    /// The same with an access token that is opaque.
    ///
    /// # Errors
    ///
    /// If the login does not come to its end.
    pub async fn log_in_for_opaque(&self, user: &str) -> Outcome<UserTokens> {
        self.log_in_for(user, Self::OPAQUE).await
    }

    async fn log_in_for(&self, user: &str, resource: &str) -> Outcome<UserTokens> {
        let mut command = script::node("login.mjs");
        command.args([&self.issuer, user, resource]);
        let output = script::run(command, "").await?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
        let tokens: Value = serde_json::from_slice(&output.stdout)?;
        Ok(UserTokens { access: text(&tokens, "access_token")?, id: text(&tokens, "id_token")? })
    }

    /// Revokes a token of a user who logged in (RFC 7009), as the client it was given to.
    ///
    /// # Errors
    ///
    /// If the provider does not.
    pub async fn revoke(&self, token: &str) -> Outcome<()> {
        let request = self.http.post(format!("{}/token/revocation", self.issuer));
        request.form(&[("client_id", "web"), ("token", token)]).timeout(PATIENCE).send().await?.error_for_status()?;
        Ok(())
    }

    /// How often it was asked about a token (RFC 7662) since it started.
    ///
    /// # Errors
    ///
    /// If it does not run.
    pub async fn introspections(&self) -> Outcome<u64> {
        let answer = self.command("introspections").await?;
        Ok(answer.get("introspections").and_then(Value::as_u64).ok_or("no number")?)
    }

    /// How often its key set was fetched since it started.
    ///
    /// # Errors
    ///
    /// If it does not run.
    pub async fn fetches(&self) -> Outcome<u64> {
        let answer = self.command("fetches").await?;
        Ok(answer.get("fetches").and_then(Value::as_u64).ok_or("no number")?)
    }

    /// Publishes the next keys behind those that sign.
    ///
    /// # Errors
    ///
    /// If it does not run.
    pub async fn announce(&self) -> Outcome<()> {
        self.command("announce").await.map(drop)
    }

    /// The announced keys sign from now on, the old ones stay published.
    ///
    /// # Errors
    ///
    /// If it does not run.
    pub async fn promote(&self) -> Outcome<()> {
        self.command("promote").await.map(drop)
    }

    /// New keys sign at once, unannounced; the old ones stay published. The provider answers all the while.
    ///
    /// # Errors
    ///
    /// If it does not run.
    pub async fn rotate(&self) -> Outcome<()> {
        self.command("rotate").await.map(drop)
    }

    /// Only the keys that sign stay published.
    ///
    /// # Errors
    ///
    /// If it does not run.
    pub async fn retire(&self) -> Outcome<()> {
        self.command("retire").await.map(drop)
    }

    /// Kills it, and returns when it is gone.
    ///
    /// # Errors
    ///
    /// If the system does not let it.
    pub async fn kill(&self) -> Outcome<()> {
        if let Some(mut process) = self.process.lock().await.take() {
            process.child.kill().await?;
        }
        Ok(())
    }

    /// Starts it again, with its issuer and its keys.
    ///
    /// # Errors
    ///
    /// If the script does not come up in time.
    pub async fn restart(&self) -> Outcome<()> {
        self.kill().await?;
        let port = self.issuer.rsplit(':').next().unwrap_or_default().parse()?;
        let (process, issuer) = Process::start(self.folder.path().join(KEYS), port).await?;
        if issuer != self.issuer {
            return Err(format!("it came back as {issuer}").into());
        }
        *self.process.lock().await = Some(process);
        Ok(())
    }

    async fn command(&self, command: &str) -> Outcome<Value> {
        let mut process = self.process.lock().await;
        let process = process.as_mut().ok_or("the provider does not run")?;
        process.commands.write_all(format!("{command}\n").as_bytes()).await?;
        process.answer().await
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// What a user gets for logging in.
pub struct UserTokens {
    /// The access token: what an API is given.
    pub access: String,
    /// The ID token: for the client that asked, and nobody else.
    pub id: String,
}

impl fmt::Debug for UserTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserTokens").finish_non_exhaustive()
    }
}

impl Process {
    async fn start(keys: PathBuf, port: u16) -> Outcome<(Self, String)> {
        let mut command = script::node("idp.mjs");
        command.arg(keys).arg(port.to_string());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        let commands = child.stdin.take().ok_or("no input")?;
        let answers = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        let mut process = Self { child, commands, answers };
        let issuer = text(&process.answer().await?, "issuer")?;
        Ok((process, issuer))
    }

    async fn answer(&mut self) -> Outcome<Value> {
        let line = timeout(PATIENCE, self.answers.next_line()).await??;
        Ok(serde_json::from_str(&line.ok_or("the provider ended: are its packages installed?")?)?)
    }
}

fn text(value: &Value, member: &str) -> Outcome<String> {
    Ok(value.get(member).and_then(Value::as_str).ok_or_else(|| format!("no {member}"))?.to_owned())
}

const KEYS: &str = "keys.json";
