//! What is printed, for people.

use std::io::{self, Write, stdout};

use serde_json::Value;

use crate::Outcome;
use crate::compute::Compute;
use crate::site::Site;

pub(crate) fn opening(compute: &Compute, site: &Site) -> io::Result<()> {
    writeln!(stdout(), "the compute server: {}   the site: {}\n", compute.url(), site.url())
}

/// Says whether a step of the story held.
///
/// # Errors
///
/// If it did not, with what was seen instead.
pub(crate) fn held(what: &str, seen: &Value, held: bool) -> Outcome<()> {
    writeln!(stdout(), "{} {what}", if held { "✓" } else { "✗" })?;
    if held { Ok(()) } else { Err(format!("{what}: it did not hold; seen: {seen}").into()) }
}

/// How to go on by hand.
pub(crate) fn serving(site: &Site) -> io::Result<()> {
    let json = "-H 'Content-Type: application/json' -d";
    let url = site.url();
    writeln!(
        stdout(),
        "\nThe site goes on until Ctrl-C:\n\
         curl {url}/sign-up {json} '{{\"username\":\"dora\",\"password\":\"a password\"}}'\n\
         curl -u 'dora:a password' {url}/posts {json} '{{\"prompt\":\"hello\"}}'\n\
         curl -u 'dora:a password' {url}/posts/JOB"
    )
}

/// What the site's programs have said.
pub(crate) fn logs(site: &Site) -> io::Result<()> {
    writeln!(stdout(), "\n--- the site's log\n{}\n--- the worker's log\n{}", site.log(), site.worker_log())
}
