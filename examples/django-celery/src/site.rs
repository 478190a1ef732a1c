//! The Django site, its worker and their broker.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::compute::Compute;
use crate::process::{Process, run};
use crate::python;
use crate::{Arguments, Outcome};

/// The running site. It stops when this is dropped.
pub(crate) struct Site {
    url: String,
    folder: PathBuf,
    program: Program,
    http: reqwest::Client,
    // In the order in which they are stopped.
    worker: Process,
    django: Process,
    _redis: Option<Process>,
}

impl Site {
    /// Starts all three.
    pub(crate) async fn start(arguments: &Arguments, compute: &Compute) -> Outcome<Self> {
        let folder = compute.folder();
        let python = match &arguments.python {
            Some(python) => std::path::absolute(python)?,
            None => python::environment()?,
        };
        let (broker, redis) = match &arguments.redis {
            Some(url) => (url.clone(), None),
            None => redis(folder).await.map(|(url, redis)| (url, Some(redis)))?,
        };
        let program = Program { python, variables: variables(&broker, compute) };
        run("manage.py migrate", &mut program.python(&["manage.py", "migrate", "--verbosity", "0"]))?;

        let address = format!("127.0.0.1:{}", free_port()?);
        let (url, http) = (format!("http://{address}"), reqwest::Client::new());
        let mut serve = program.python(&["manage.py", "runserver", "--noreload", &address]);
        let mut django = Process::start(folder, "django", &mut serve)?;
        let mut worker = Process::start(folder, "worker", &mut program.python(WORKER))?;
        django.until("it answers", async |_| http.get(&url).send().await.is_ok()).await?;
        worker.says(" ready.").await?;
        Ok(Self { url, folder: folder.to_owned(), program, http, worker, django, _redis: redis })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Signs a user up.
    pub(crate) async fn sign_up(&self, user: &str) -> Outcome<Value> {
        let body = json!({ "username": user, "password": password(user) });
        json_of(self.http.post(format!("{}/sign-up", self.url)).json(&body)).await
    }

    /// Makes a user as the site did before it knew of an identity service. The prefix of the key that
    /// djangorestframework-api-key gave them.
    pub(crate) fn legacy_user(&self, user: &str) -> Outcome<String> {
        let mut command = self.program.python(&["manage.py", "legacy_user", user]);
        let prefix = run("manage.py legacy_user", command.env("LEGACY_USER_PASSWORD", password(user)))?;
        Ok(prefix.trim().to_owned())
    }

    /// The site's own database.
    pub(crate) fn database(&self) -> PathBuf {
        self.folder.join("site.sqlite3")
    }

    /// Posts a job of this user, with the key of this id or else with their newest, and waits for how
    /// it ends.
    pub(crate) async fn job(&self, user: &str, key: Option<&str>, prompt: &str) -> Outcome<Value> {
        let body = match key {
            Some(key) => json!({ "prompt": prompt, "key": key }),
            None => json!({ "prompt": prompt }),
        };
        let post = self.http.post(format!("{}/posts", self.url)).basic_auth(user, Some(password(user)));
        let posted = json_of(post.json(&body)).await?;
        let job = posted["job"].as_str().ok_or("the site named no job")?;
        for _ in 0..PATIENCE {
            let get = self.http.get(format!("{}/posts/{job}", self.url)).basic_auth(user, Some(password(user)));
            let answer = json_of(get).await?;
            if answer["state"] == "SUCCESS" || answer["state"] == "FAILURE" {
                return Ok(answer);
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(format!("the job {job} did not end").into())
    }

    /// A new key for the user's jobs; the old one goes on for `overlap`.
    pub(crate) async fn rotate(&self, user: &str, overlap: &str) -> Outcome<Value> {
        let post = self.http.post(format!("{}/key/rotate", self.url)).basic_auth(user, Some(password(user)));
        json_of(post.json(&json!({ "overlap": overlap }))).await
    }

    /// What the site has said so far.
    pub(crate) fn log(&self) -> String {
        self.django.log()
    }

    /// What the worker has said so far.
    pub(crate) fn worker_log(&self) -> String {
        self.worker.log()
    }
}

/// How the site's Python is run.
struct Program {
    python: PathBuf,
    variables: Vec<(&'static str, String)>,
}

impl Program {
    fn python(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.python);
        command.args(arguments).current_dir(python::site()).envs(self.variables.iter().cloned());
        command
    }
}

/// The settings that `site/config.py` reads.
fn variables(broker: &str, compute: &Compute) -> Vec<(&'static str, String)> {
    vec![
        ("PYTHONDONTWRITEBYTECODE", "1".to_owned()),
        ("PYTHONUNBUFFERED", "1".to_owned()),
        ("SITE_DATA", compute.folder().display().to_string()),
        ("SITE_BROKER", broker.to_owned()),
        ("SITE_IDENTITY_URL", compute.url().to_owned()),
        ("SITE_IDENTITY_KEY", compute.operator_key().to_owned()),
        ("SITE_COMPUTE_URL", compute.url().to_owned()),
        ("SITE_SECRET_KEY", "a site of your own has one that nobody knows, of fifty characters".to_owned()),
    ]
}

async fn redis(folder: &Path) -> Outcome<(String, Process)> {
    let port = free_port()?.to_string();
    let mut command = Command::new("redis-server");
    command.args(["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir"]).arg(folder);
    let mut redis = Process::start(folder, "redis-server", &mut command)?;
    redis.says("Ready to accept connections").await?;
    Ok((format!("redis://127.0.0.1:{port}/0"), redis))
}

async fn json_of(request: reqwest::RequestBuilder) -> Outcome<Value> {
    let answer = request.send().await?;
    let (status, text) = (answer.status(), answer.text().await?);
    if !status.is_success() {
        return Err(format!("the site answered {status}: {text}").into());
    }
    Ok(serde_json::from_str(&text)?)
}

fn password(user: &str) -> String {
    format!("{user}'s password")
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// One worker, which is told what is needed and no more.
const WORKER: &[&str] = &[
    "-m",
    "celery",
    "--app=worker",
    "worker",
    "--pool=solo",
    "--concurrency=1",
    "--loglevel=INFO",
    "--without-gossip",
    "--without-mingle",
    "--without-heartbeat",
];

const PAUSE: Duration = Duration::from_millis(50);
/// A minute, in pauses.
const PATIENCE: u32 = 1200;
