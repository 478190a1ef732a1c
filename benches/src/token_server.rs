//! An authorization server in a process of its own, so that its processor time can be told apart.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;

use remint_authorization_server::{AuthorizationServer, Client, Right};
use remint_core::ClientId;
use remint_dpop::MemoryReplays;
use remint_jwt::Algorithm;
use remint_normalize::Normalizer;
use remint_oidc::{OidcAuthenticator, Trust};
use serde_json::{Value, json};

use crate::world::{self, IDP, Provider};

/// The argument that makes a process of this program such a server.
pub const ARGUMENT: &str = "--serve-tokens";

/// The client that may exchange, and its secret.
pub const CLIENT: (&str, &str) = ("edge-1", "a-secret-for-measurements-and-nothing-else");

/// A server, told what it needs: a port, and a token that it exchanges.
pub struct TokenServer {
    child: Child,
    _until_dropped: Option<ChildStdin>,
    said: Value,
}

impl std::fmt::Debug for TokenServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenServer").field("pid", &self.child.id()).finish_non_exhaustive()
    }
}

impl TokenServer {
    /// Starts a program that prints one line of JSON when it serves, on these processors only, if any are
    /// named. It ends with its input.
    ///
    /// # Errors
    ///
    /// If it does not start.
    pub fn start(mut command: Command, processors: Option<&str>) -> std::io::Result<Self> {
        if let Some(processors) = processors {
            let mut pinned = Command::new("taskset");
            pinned.args(["-c", processors]).arg(command.get_program()).args(command.get_args());
            command = pinned;
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let input = child.stdin.take();
        let output = child.stdout.take().ok_or_else(|| std::io::Error::other("no output"))?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let said = serde_json::from_str(&line).map_err(std::io::Error::other)?;
        Ok(Self { child, _until_dropped: input, said })
    }

    /// Ours, which signs with `algorithm` and trusts a provider that signs with `provider`.
    ///
    /// # Errors
    ///
    /// If it does not start.
    pub fn ours(provider: Algorithm, algorithm: Algorithm, processors: Option<&str>) -> std::io::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args([ARGUMENT, provider.as_str(), algorithm.as_str(), processors.map_or("2", |_| "1")]);
        Self::start(command, processors)
    }

    /// What it said when it began to serve.
    #[must_use]
    pub const fn said(&self) -> &Value {
        &self.said
    }

    /// Its processor time so far, in seconds: of the user and of the system (`proc_pid_stat(5)`).
    #[must_use]
    pub fn processor_time(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let ticks = after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok());
        ticks.sum::<f64>() / TICKS_PER_SECOND
    }
}

impl Drop for TokenServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Serves until its input ends, if the arguments say so.
pub fn serve_if_asked() {
    let arguments: Vec<String> = std::env::args().collect();
    let Some(at) = arguments.iter().position(|argument| argument == ARGUMENT) else { return };
    let [provider, algorithm, threads] = [1, 2, 3].map(|next| arguments.get(at + next).expect("an argument"));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads.parse().expect("a number"))
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(serve(provider.parse().expect("an algorithm"), algorithm.parse().expect("an algorithm")));
    std::process::exit(0);
}

async fn serve(provider: Algorithm, algorithm: Algorithm) {
    let provider = Provider::new(provider);
    let issuer = world::issuer(algorithm);
    let set = remint_jwt::JwkSet::parse(provider.jwks().as_bytes()).expect("a key set");
    let algorithms = [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDSA];
    let trust = Trust::oidc(IDP, "api").key_set(set).any_scope().any_tenant().algorithms(algorithms);
    let http = Arc::new(remint_keyset::HttpClient::new().expect("a client"));
    let oidc = OidcAuthenticator::new(world::internal(), [trust], http, Arc::new(remint_core::SystemClock));
    let line = Normalizer::builder(world::internal(), world::audience(), Arc::clone(&issuer));
    let line = line.authenticator(oidc.expect("a trust")).build().expect("a line");
    let authority = line.authority().expect("it mints").clone();
    let client = Client::with_secret(ClientId::new(CLIENT.0).expect("a name"), CLIENT.1);
    let server = AuthorizationServer::new(authority, issuer, Arc::new(MemoryReplays::new(10)));
    let router = server.client(client.may([Right::Exchange])).into_router().expect("a router");
    let socket = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let port = socket.local_addr().expect("an address").port();
    let line = json!({ "port": port, "token": provider.token(1, 900) });
    writeln!(std::io::stdout(), "{line}").expect("somebody reads");
    let listener = axum::serve::ListenerExt::tap_io(socket, |stream| drop(stream.set_nodelay(true)));
    let served = tokio::spawn(async move { axum::serve(listener, router).await });
    // Whoever started it ends it by closing its input.
    let ended = tokio::task::spawn_blocking(|| std::io::stdin().lines().for_each(drop));
    let _ = ended.await;
    served.abort();
}

const TICKS_PER_SECOND: f64 = 100.0;
