//! `faults run` tries three nodes; `faults node SETTINGS` is one of them. See [`remint_faults`].
#![expect(clippy::print_stderr, clippy::print_stdout, reason = "a command line talks to a terminal")]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use remint_faults::{Kind, Outcome, Plan, Progress, Seen, checker, node, run, runtime, summary};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let outcome = runtime().map_err(Into::into).and_then(|runtime| runtime.block_on(carry_out()));
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn carry_out() -> Outcome<bool> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["node", settings] => {
            tracing_subscriber::fmt()
                .with_env_filter(EnvFilter::from_default_env())
                .with_writer(std::io::stderr)
                .init();
            node::run(settings).await.map(|()| true)
        }
        ["run", options @ ..] => match Options::read(options) {
            Some(options) => every(&options).await,
            None => Err(USAGE.into()),
        },
        _ => Err(USAGE.into()),
    }
}

/// What is said on the command line.
struct Options {
    long: bool,
    seed: u64,
    stores: Vec<Kind>,
    revocations: usize,
    minutes: Option<u64>,
}

impl Options {
    fn read(mut given: &[&str]) -> Option<Self> {
        let mut options = Self {
            long: false,
            seed: 1,
            stores: vec![Kind::Sqlite, Kind::Postgres],
            revocations: REVOCATIONS,
            minutes: None,
        };
        loop {
            given = match given {
                [] => return Some(options),
                ["--long", rest @ ..] => {
                    options.long = true;
                    rest
                }
                ["--seed", seed, rest @ ..] => {
                    options.seed = seed.parse().ok()?;
                    rest
                }
                ["--revocations", number, rest @ ..] => {
                    options.revocations = number.parse().ok()?;
                    rest
                }
                ["--minutes", minutes, rest @ ..] => {
                    options.minutes = Some(minutes.parse().ok()?);
                    rest
                }
                ["--store", store, rest @ ..] => {
                    options.stores = match *store {
                        "sqlite" => vec![Kind::Sqlite],
                        "postgres" => vec![Kind::Postgres],
                        _ => return None,
                    };
                    rest
                }
                _ => return None,
            };
        }
    }
}

async fn every(options: &Options) -> Outcome<bool> {
    let mut all_kept = true;
    for store in options.stores.iter().copied() {
        let mut plan = match options.long {
            true => Plan::long(store, options.seed, options.revocations),
            false => Plan::short(store, options.seed),
        };
        plan.time = options.minutes.map_or(plan.time, |minutes| Duration::from_secs(60 * minutes));
        let rounds = plan.rounds.len();
        println!("{store:?}: {rounds} rounds, seed {}", options.seed);
        let begun = Instant::now();
        let told = |Progress { round, faults, history }: Progress<'_>| {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            let what = if faults.is_empty() { "calm".to_owned() } else { faults.join("; ") };
            let (revocations, requests) = (history.revocations.len(), history.answers.len());
            let after = begun.elapsed().as_secs();
            println!("  {after} s, {round}/{rounds} {what}: {revocations} revocations, {requests} requests so far");
        };
        let Seen { history, failure } = run(std::env::current_exe()?, &plan, told).await?;
        let verdict = checker::check(&history, plan.promise);
        println!("{}", summary(&history, &verdict));
        if let Some(failure) = &failure {
            eprintln!("the harness stopped: {failure}");
        }
        all_kept &= verdict.breaches.is_empty() && failure.is_none();
    }
    Ok(all_kept)
}

const REVOCATIONS: usize = 100_000;

const USAGE: &str = "\
faults run [--long] [--seed N] [--store sqlite|postgres] [--revocations N] [--minutes N]
  three nodes over one store, under load, faults and revocations; what they answered is checked
  --long: every pair of faults too, and 100000 revocations
  --minutes: with no round that begins later, of each store";
