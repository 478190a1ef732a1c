use std::collections::VecDeque;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use remint::Target;
use tempfile::TempDir;
use tokio::sync::Mutex as AsyncMutex;

use crate::Outcome;
use crate::database::Database;
use crate::faults::{EDGES, REMOTE, SERVER, SERVICE};
use crate::history::{Answer, Credential, Disturbance, Disturbed, History, Moment, Node};
use crate::http::Connection;
use crate::node::{Role, Settings};
use crate::process::Process;
use crate::provider::Provider;
use crate::proxy::Proxy;
use crate::run::Plan;

/// All that runs, and what was seen of it.
#[derive(Debug)]
pub(crate) struct World {
    begun: Instant,
    begun_at: Duration,
    pub(crate) history: Mutex<History>,
    pub(crate) database: AsyncMutex<Database>,
    pub(crate) provider: Provider,
    pub(crate) nodes: Vec<AsyncMutex<Process>>,
    /// Of each node, the way to the database, if that is a server.
    pub(crate) proxies: Vec<Proxy>,
    /// The way of the edge that exchanges to the server.
    pub(crate) to_server: Proxy,
    addresses: Vec<SocketAddr>,
    /// Whether nothing is done to a node now.
    calm: Vec<AtomicBool>,
    pub(crate) pool: RwLock<Pool>,
    /// Whose revocation was not acknowledged.
    pub(crate) doubtful: Mutex<Vec<Issued>>,
    pub(crate) users: AtomicUsize,
    _folder: TempDir,
}

/// The credentials that the load is made with.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    /// Never revoked.
    pub(crate) steady: Vec<Issued>,
    /// The last that were made for a revocation.
    pub(crate) recent: VecDeque<Issued>,
    /// Internal tokens, for the service.
    pub(crate) internal: VecDeque<Issued>,
}

/// A credential in the harness's hand.
#[derive(Debug, Clone)]
pub(crate) struct Issued {
    /// Its place in the history.
    pub(crate) credential: usize,
    /// The header line that carries it.
    pub(crate) header: String,
    /// What ends it.
    pub(crate) target: Option<Target>,
}

impl World {
    pub(crate) async fn start(program: PathBuf, plan: &Plan) -> Outcome<Self> {
        let (folder, database, provider) = (TempDir::new()?, Database::start(plan.store)?, Provider::start().await?);
        let mut proxies = Vec::new();
        if let Some(server) = database.server() {
            for _ in 0..=SERVER {
                proxies.push(Proxy::start(server).await?);
            }
        }
        let (keys, key_set) = (folder.path().join("keys"), folder.path().join("key-set.json"));
        let listens: Vec<SocketAddr> = (0..=REMOTE).map(|_| free()).collect::<io::Result<_>>()?;
        let at = |node: Node| listens.get(node).copied().ok_or("there is no such node");
        let to_server = Proxy::start(at(SERVER)?).await?;
        let mut nodes = Vec::new();
        for node in 0..=REMOTE {
            if node == SERVICE {
                let (_, published) = Connection::to(at(0)?).get("/control/key-set", "x-nothing: 1").await?;
                std::fs::write(&key_set, published)?;
            }
            let settings = Settings {
                role: match node {
                    SERVICE => Role::Service,
                    SERVER => Role::Server,
                    REMOTE => Role::Remote,
                    _ => Role::Edge,
                },
                store: database.address(proxies.get(node).map(Proxy::address)),
                listen: at(node)?,
                server: to_server.address(),
                provider: provider.issuer(),
                keys: keys.clone(),
                key_set: key_set.clone(),
                clock_ahead: 0,
                max_staleness: plan.promise.max_staleness,
                fault: plan.sabotage.filter(|(broken, _)| *broken == node).map(|(_, fault)| fault),
            };
            nodes.push(Process::start(program.clone(), settings).await?);
        }
        Ok(Self {
            begun: Instant::now(),
            begun_at: SystemTime::now().duration_since(UNIX_EPOCH)?,
            history: Mutex::new(History { followers: vec![REMOTE], ..History::default() }),
            database: AsyncMutex::new(database),
            provider,
            to_server,
            addresses: listens,
            calm: nodes.iter().map(|_| AtomicBool::new(true)).collect(),
            nodes: nodes.into_iter().map(AsyncMutex::new).collect(),
            proxies,
            pool: RwLock::default(),
            doubtful: Mutex::default(),
            users: AtomicUsize::new(0),
            _folder: folder,
        })
    }

    pub(crate) fn now(&self) -> Moment {
        self.begun.elapsed()
    }

    /// The moment of this many seconds since the Unix epoch.
    pub(crate) const fn moment(&self, seconds: u64) -> Moment {
        Duration::from_secs(seconds).saturating_sub(self.begun_at)
    }

    pub(crate) fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn connection(&self, node: Node) -> Connection {
        // There is one of each node.
        Connection::to(self.addresses.get(node).copied().unwrap_or_else(|| ([127, 0, 0, 1], 0).into()))
    }

    /// Whether nothing is done to the node now.
    pub(crate) fn is_calm(&self, node: Node) -> bool {
        self.calm.get(node).is_some_and(|calm| calm.load(Ordering::Relaxed))
    }

    /// One request, which is written down.
    pub(crate) async fn ask(&self, node: Node, connection: &mut Connection, issued: &Issued) -> Option<(u16, Vec<u8>)> {
        let sent = self.now();
        let answer = connection.get("/", &issued.header).await.ok();
        let (answered, status) = (self.now(), answer.as_ref().map(|(status, _)| *status));
        let seen = Answer { node, credential: issued.credential, sent, answered, status };
        self.history().answers.push(seen);
        answer
    }

    pub(crate) fn credential(&self, name: String, expires: Option<Moment>, source: Option<usize>) -> usize {
        let mut history = self.history();
        history.credentials.push(Credential { name, expires, source });
        history.credentials.len() - 1
    }

    /// Notes that something is done to a node from now on; the place of the note is for [`Self::over`].
    pub(crate) fn begin(&self, node: Node, kind: Disturbed) -> usize {
        if let Some(calm) = self.calm.get(node) {
            calm.store(false, Ordering::Relaxed);
        }
        let mut history = self.history();
        history.disturbances.push(Disturbance { node, kind, from: self.now(), until: Moment::MAX });
        history.disturbances.len() - 1
    }

    /// Notes that this is over.
    pub(crate) fn over(&self, place: usize) {
        let now = self.now();
        let mut history = self.history();
        let Some(over) = history.disturbances.get_mut(place) else { return };
        over.until = now;
        let node = over.node;
        let is_calm = !history.disturbances.iter().any(|other| other.node == node && other.until == Moment::MAX);
        if let Some(calm) = self.calm.get(node) {
            calm.store(is_calm, Ordering::Relaxed);
        }
    }

    /// The nodes that requests are sent to.
    pub(crate) fn asked() -> impl Iterator<Item = Node> {
        World::edges().chain([SERVICE, REMOTE])
    }

    /// All that follow the log of the database, from afar too.
    pub(crate) fn everyone() -> impl Iterator<Item = Node> {
        0..=REMOTE
    }

    /// The nodes that revoke.
    pub(crate) fn edges() -> impl Iterator<Item = Node> {
        0..EDGES
    }
}

/// A port that nobody listens at now.
fn free() -> io::Result<SocketAddr> {
    TcpListener::bind(("127.0.0.1", 0))?.local_addr()
}
