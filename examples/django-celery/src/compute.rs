//! The compute server: one layer tells it whose job it is. Beside the jobs stands the identity
//! service, where the site signs its users up.

use std::collections::HashMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use remint::{Caller, Edge, Remint, RequireLayer, Sqlite, TextFormat};
use remint_identity_service::{BootstrapKey, IdentityService, not_found};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::Outcome;

/// The running server. It stops when this is dropped.
pub(crate) struct Compute {
    edge: Edge,
    url: String,
    folder: PathBuf,
    operator_key: String,
    results: Results,
    task: JoinHandle<()>,
}

/// What was computed, by the user whose it is.
type Results = Arc<Mutex<HashMap<String, Vec<Value>>>>;

impl Compute {
    /// Starts it on a free port, with its store and its keys in this folder.
    pub(crate) async fn start(folder: &Path) -> Outcome<Self> {
        let edge = Remint::builder("https://auth.internal", "internal")
            .api_keys(Sqlite::open(folder.join("remint.db")).await?)
            .keys_in(folder.join("keys"))
            // The second: djangorestframework-api-key's.
            .accept([TextFormat::Remint, TextFormat::Drf])
            .build()
            .await?;
        let operator_key = random_key()?;
        let results = Results::default();
        let app = app(&edge, &operator_key, Arc::clone(&results))?;
        let socket = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", socket.local_addr()?);
        let task = tokio::spawn(async move { _ = axum::serve(socket, app).await });
        Ok(Self { edge, url, folder: folder.to_owned(), operator_key, results, task })
    }

    pub(crate) fn edge(&self) -> &Edge {
        &self.edge
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Where its store and its keys are.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// With it the site administers its users.
    pub(crate) fn operator_key(&self) -> &str {
        &self.operator_key
    }

    /// What is stored under this user.
    pub(crate) fn results_of(&self, user: &str) -> Vec<Value> {
        let results = self.results.lock().unwrap_or_else(PoisonError::into_inner);
        results.get(user).cloned().unwrap_or_default()
    }
}

impl Drop for Compute {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn app(edge: &Edge, operator_key: &str, results: Results) -> Outcome<Router> {
    let meter = edge.meter_layer().ok_or("the edge has no store")?;
    let keys = edge.api_keys().ok_or("the edge has no store")?.clone();
    // The last layer is the first that a request meets.
    let jobs = Router::new()
        .route("/v1/ai/jobs", post(run).get(stored))
        .layer(meter)
        .layer(RequireLayer::scopes(["jobs:write"]))
        .layer(edge.layer())
        .with_state(results);
    let identity = IdentityService::new(keys).bootstrap_key(BootstrapKey::new(operator_key)?);
    Ok(jobs.merge(identity.into_router(edge.layer())).fallback(not_found))
}

#[derive(Debug, Deserialize)]
struct Job {
    prompt: String,
}

/// Runs one job. Whose it is comes from the credential, and from nowhere else.
async fn run(caller: Caller, State(results): State<Results>, Json(job): Json<Job>) -> Json<Value> {
    let user = caller.subject.to_string();
    let answer = json!({
        "user": user,
        "environment": caller.environment,
        "credential": caller.credential,
        "answer": job.prompt.to_uppercase(),
    });
    results.lock().unwrap_or_else(PoisonError::into_inner).entry(user).or_default().push(answer.clone());
    Json(answer)
}

/// The caller's own results.
async fn stored(caller: Caller, State(results): State<Results>) -> Json<Value> {
    let results = results.lock().unwrap_or_else(PoisonError::into_inner);
    Json(json!({ "items": results.get(caller.subject.as_str()).cloned().unwrap_or_default() }))
}

/// A key that nobody can guess.
fn random_key() -> Outcome<String> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes)?;
    let mut text = String::new();
    for byte in bytes {
        write!(text, "{byte:02x}")?;
    }
    Ok(text)
}
