//! A Django site puts a job into Celery. Hours later a worker, without a request and without a
//! user, posts it to a compute server with one header, `Authorization: Api-Key <key>`. The compute
//! server knows at once whose job it is, meters it on that user and stores the result under them.
#![expect(clippy::indexing_slicing, reason = "a JSON value answers null for what it lacks")]

mod compute;
mod import;
mod operator;
mod process;
mod python;
mod report;
mod site;
mod stop;
mod tour;

use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use crate::compute::Compute;
use crate::site::Site;

/// What any part of this example returns.
type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// The story of a job: Django, Celery and Redis as they come, and a compute server in Rust.
#[derive(Debug, Parser)]
struct Arguments {
    /// Runs the story, says of each step whether it held, and exits with 0 only if all did.
    #[arg(long)]
    once: bool,
    /// The Python that has the packages of `site/requirements.txt`. Without it an environment is made
    /// beside this program.
    #[arg(long, value_name = "PROGRAM")]
    python: Option<PathBuf>,
    /// A Redis for Celery, such as `redis://127.0.0.1:6379/0`. Without it `redis-server` is started.
    #[arg(long, value_name = "URL")]
    redis: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to hear of it if standard error is closed.
            _ = writeln!(std::io::stderr(), "django-celery: {}", with_causes(&*error));
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Outcome<()> {
    let stop = stop::signal()?;
    let scratch = tempfile::Builder::new().prefix("django-celery-").tempdir()?;
    let compute = Compute::start(scratch.path()).await?;
    let told = tokio::select! {
        told = tell(arguments, &compute) => told,
        () = stop => if arguments.once { Err("it was stopped before its end".into()) } else { Ok(()) },
    };
    compute.edge().close().await?;
    told
}

/// The story; afterwards, unless it was for once, the site goes on until it is stopped.
async fn tell(arguments: &Arguments, compute: &Compute) -> Outcome<()> {
    let site = Site::start(arguments, compute).await?;
    report::opening(compute, &site)?;
    if let Err(error) = tour::take(compute, &site).await {
        report::logs(&site)?;
        return Err(error);
    }
    if arguments.once {
        return Ok(());
    }
    report::serving(&site)?;
    std::future::pending().await
}

fn with_causes(error: &dyn Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", with_causes(cause)),
        None => error.to_string(),
    }
}
