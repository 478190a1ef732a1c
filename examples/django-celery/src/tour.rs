//! The story, step by step. The first step that does not hold ends it.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::Outcome;
use crate::compute::Compute;
use crate::report::held;
use crate::site::Site;
use crate::{import, operator};

pub(crate) async fn take(compute: &Compute, site: &Site) -> Outcome<()> {
    jobs(compute, site).await?;
    legacy_key(compute, site).await?;
    rotation(site).await?;
    leaving(compute, site).await
}

/// Whose jobs they are is known, and metered.
async fn jobs(compute: &Compute, site: &Site) -> Outcome<()> {
    for user in ["alice", "bob"] {
        let signed_up = site.sign_up(user).await?;
        held(&format!("{user} signs up at the site and gets a key for jobs"), &signed_up, has_key(&signed_up))?;
    }
    let job = site.job("alice", None, "a poem").await?;
    held("the worker posts Alice's job, and the compute server knows that it is hers", &job, is_of(&job, "alice"))?;
    held("and that the key is a live one", &job, job["result"]["environment"] == "live")?;
    for prompt in ["a song", "another"] {
        let job = site.job("bob", None, prompt).await?;
        held("the same worker posts a job of Bob's", &job, is_of(&job, "bob"))?;
    }
    for (user, jobs) in [("alice", 1), ("bob", 2)] {
        metered(compute, user, jobs).await?;
        let results = compute.results_of(user);
        let theirs = results.len() == jobs && results.iter().all(|result| result["user"] == user);
        held(&format!("what came of them is stored under {user}"), &json!(results), theirs)?;
    }
    Ok(())
}

/// A key that djangorestframework-api-key made goes on working.
async fn legacy_key(compute: &Compute, site: &Site) -> Outcome<()> {
    let prefix = site.legacy_user("carol")?;
    held("Carol has a key that djangorestframework-api-key made", &json!(prefix), prefix.len() == 8)?;
    let refused = site.job("carol", None, "too early").await?;
    held("the compute server does not know it: the job is refused with 401", &refused, is_refused(&refused))?;
    let status = operator::create_user(compute, "carol").await?;
    held("an operator makes Carol a user", &json!(status.as_u16()), status == StatusCode::CREATED)?;
    let imported = import::keys(compute, &site.database())?;
    held("and imports the site's own table of keys", &imported, imported["imported"] == 1)?;
    tokio::time::sleep(UNKNOWN_FOR).await;
    for what in ["from now on the worker's jobs with this key are Carol's", "and so they stay"] {
        let job = site.job("carol", None, what).await?;
        held(what, &job, is_of(&job, "carol"))?;
    }
    metered(compute, "carol", 2).await?;
    let shown = site.worker_log().contains(&format!("{prefix}."));
    held("the worker's log does not show it", &json!("the key"), !shown)
}

/// The old key works until its deadline, the new one at once and afterwards.
async fn rotation(site: &Site) -> Outcome<()> {
    let begun = Instant::now();
    let job = site.job("alice", None, "how long a job takes on this machine").await?;
    held("Alice's key works", &job, is_of(&job, "alice"))?;
    // Room for a rotation and two jobs, also where other programs have the processors.
    let overlap = OVERLAP.max(Duration::from_secs((begun.elapsed() * 6).as_secs()));
    let asked = Instant::now();
    let rotated = site.rotate("alice", &format!("{}s", overlap.as_secs())).await?;
    let answered = Instant::now();
    held("Alice's key is rotated", &rotated, has_key(&rotated))?;
    let old = rotated["old"].as_str().ok_or("the site named no old key")?;
    let new = rotated["key"]["id"].as_str().ok_or("the site named no new key")?;
    for (which, key) in [("jobs in the queue go on with the old key", old), ("new ones with the new key", new)] {
        let job = site.job("alice", Some(key), "before").await?;
        if asked.elapsed() >= overlap {
            return Err("this machine was too slow to run two jobs before the old key's deadline".into());
        }
        held(&format!("before the deadline, {which}"), &job, is_of(&job, "alice"))?;
    }
    tokio::time::sleep((overlap + Duration::from_secs(1)).saturating_sub(answered.elapsed())).await;
    let job = site.job("alice", Some(old), "after").await?;
    held("after the deadline, the old key is refused with 401", &job, is_refused(&job))?;
    let job = site.job("alice", Some(new), "after").await?;
    held("and the new one works", &job, is_of(&job, "alice"))
}

/// The keys of a user who leaves stop at once, and nobody else's.
async fn leaving(compute: &Compute, site: &Site) -> Outcome<()> {
    let job = site.job("bob", None, "the last one").await?;
    held("Bob's key works", &job, is_of(&job, "bob"))?;
    let status = operator::delete_user(compute, "bob").await?;
    held("Bob leaves, and is deleted", &json!(status.as_u16()), status == StatusCode::NO_CONTENT)?;
    let job = site.job("bob", None, "one more").await?;
    held("his next job is refused with 401", &job, is_refused(&job))?;
    let log = site.worker_log();
    held("and the worker's log says so", &json!("no such line"), log.contains("of bob was refused with 401"))?;
    let results = compute.results_of("bob");
    held("nothing was computed for it", &json!(results), results.len() == 3)?;
    let job = site.job("alice", None, "and on").await?;
    held("Alice's jobs go on", &job, is_of(&job, "alice"))?;
    held("the worker's log shows no key", &json!("a key"), !log.contains("rmt_live_"))
}

async fn metered(compute: &Compute, user: &str, jobs: usize) -> Outcome<()> {
    compute.edge().meter().ok_or("the edge has no store")?.flush().await?;
    let usage = operator::usage(compute, user).await?;
    let rows = usage["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    let counted: u64 = rows.iter().filter_map(|row| row["requests"].as_u64()).sum();
    held(&format!("{jobs} of the jobs are metered on {user}"), &usage, usize::try_from(counted)? == jobs)
}

fn has_key(answer: &Value) -> bool {
    answer["key"]["id"].is_string()
}

fn is_of(job: &Value, user: &str) -> bool {
    job["state"] == "SUCCESS" && job["result"]["user"] == user
}

/// The worker gave it up for good.
fn is_refused(job: &Value) -> bool {
    job["state"] == "FAILURE" && job["error"].as_str().is_some_and(|error| error.starts_with("KeyRefused: 401"))
}

/// Two jobs and a rotation: more where a job takes longer.
const OVERLAP: Duration = Duration::from_secs(10);
/// An import does not reach the cache of a server that runs: for so long it may hold that a key is
/// unknown.
const UNKNOWN_FOR: Duration = Duration::from_secs(2);
