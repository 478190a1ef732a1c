//! What a newcomer does first: the lines of the README, and a start without settings.

use std::fs;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::free_port;

#[test]
fn the_lines_of_the_readme_reach_a_first_token() {
    let readme = include_str!("../../README.md");
    let (_, section) = readme.split_once("## A first token").unwrap();
    let (_, lines) = section.split_once("```sh\n").unwrap();
    let (lines, _) = lines.split_once("```").unwrap();
    assert_eq!(lines.lines().count(), 5, "{lines}");
    let (folder, http, admin) = (tempfile::tempdir().unwrap(), free_port(), free_port());
    assert!(lines.contains("127.0.0.1:8480"), "{lines}");
    // On a port of its own, and ended at the end.
    let script = format!("trap 'kill $!' EXIT\n{}", lines.replace("127.0.0.1:8480", &http.to_string()));
    let path = format!("{}:{}", BINARY.rsplit_once('/').unwrap().0, std::env::var("PATH").unwrap());
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).current_dir(&folder).env("PATH", path);
    command.env("REMINT__LISTEN__HTTP", http.to_string()).env("REMINT__LISTEN__ADMIN", admin.to_string());
    let output = command.output().unwrap();
    let (said, log) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
    let answer = said.lines().find(|line| line.starts_with('{')).unwrap_or_else(|| panic!("{said}\n{log}"));
    let answer: Value = serde_json::from_str(answer).unwrap();
    assert_eq!((&answer["token_type"], &answer["scope"]), (&json!("Bearer"), &json!("orders:read")), "{answer}");
    assert_eq!(answer["access_token"].as_str().unwrap().split('.').count(), 3, "{answer}");
}

#[test]
fn a_start_without_settings_says_what_it_makes_and_where() {
    let folder = tempfile::tempdir().unwrap();
    let start = || {
        let mut command = Command::new(BINARY);
        command.current_dir(&folder).stdout(Stdio::piped()).stderr(Stdio::piped()).env_remove("RUST_LOG");
        command.env("REMINT__LISTEN__HTTP", free_port().to_string());
        command.env("REMINT__LISTEN__ADMIN", free_port().to_string());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line).unwrap();
        child.kill().unwrap();
        String::from_utf8(child.wait_with_output().unwrap().stderr).unwrap()
    };
    let here = fs::canonicalize(&folder).unwrap().display().to_string();
    let first = start();
    for name in ["remint.db", "keys"] {
        let told = format!("{here}/{name}, which is not there and is made now");
        assert!(first.contains(&told), "{told}: {first}");
    }
    assert!(first.contains("--config FILE") && first.contains("[[clients]]"), "{first}");
    let again = start();
    assert!(again.contains(&format!("{here}/remint.db\n")) && !again.contains("is made now"), "{again}");
}

const BINARY: &str = env!("CARGO_BIN_EXE_remint-gateway");
