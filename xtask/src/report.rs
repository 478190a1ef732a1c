//! Runs steps one after the other, and says at the end what became of each.
#![expect(clippy::print_stdout, reason = "a command line talks to a terminal")]

use std::fmt;
use std::io::{self, BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::output::Count;

/// What a run has come to so far.
#[derive(Debug, Default)]
pub struct Report {
    steps: Vec<Step>,
    not_run: Vec<String>,
}

#[derive(Debug)]
struct Step {
    name: String,
    took: Duration,
    count: Count,
    failure: Option<String>,
}

impl Report {
    /// Runs a program to its end; the step holds if it exits with 0.
    pub fn program(&mut self, name: &str, command: &mut Command) -> bool {
        println!("\n=== {name}: {}", shown(command));
        let begun = Instant::now();
        let (count, failure) = match stream(command) {
            Ok((count, true)) => (count, None),
            Ok((count, false)) => (count, Some("it exited with an error".to_owned())),
            Err(error) => (Count::default(), Some(error.to_string())),
        };
        self.finish(name, begun, count, failure)
    }

    /// Runs a piece of this program; the step holds if it returns `Ok`.
    pub fn work<E: fmt::Display>(&mut self, name: &str, work: impl FnOnce() -> Result<(), E>) -> bool {
        println!("\n=== {name}");
        let begun = Instant::now();
        let failure = work().err().map(|error| error.to_string());
        self.finish(name, begun, Count::default(), failure)
    }

    /// Notes what could not run, and why.
    pub fn not_run(&mut self, name: &str, reason: &str) {
        self.not_run.push(format!("not run: {name}: {reason}"));
    }

    /// Prints what became of each step, the sum of the tests last; whether everything held.
    #[must_use]
    pub fn conclude(&self) -> bool {
        let total = self.total();
        println!("\n=== summary");
        for step in &self.steps {
            println!("{step}");
        }
        for line in &self.not_run {
            println!("{line}");
        }
        if total.ignored > 0 {
            println!("{} tests are ignored; their attribute gives the reason", total.ignored);
        }
        println!("{} passed, {} failed", total.passed, total.failed);
        total.failed == 0
    }

    fn finish(&mut self, name: &str, begun: Instant, count: Count, failure: Option<String>) -> bool {
        let step = Step { name: name.to_owned(), took: begun.elapsed(), count, failure };
        println!("--- {step}");
        let held = step.failure.is_none();
        self.steps.push(step);
        held
    }

    /// A step that runs no tests counts as one; so does one that fails with all its tests passing.
    fn total(&self) -> Count {
        let mut total = Count::default();
        for step in &self.steps {
            total += step.count;
            match &step.failure {
                Some(_) if step.count.failed == 0 => total.failed += 1,
                None if step.count.is_empty() => total.passed += 1,
                _ => {}
            }
        }
        total
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.failure.is_none() { "ok    " } else { "FAILED" };
        write!(f, "{verdict} {:6.1} s  {}", self.took.as_secs_f64(), self.name)?;
        if !self.count.is_empty() {
            write!(f, " ({} passed, {} failed)", self.count.passed, self.count.failed)?;
        }
        match &self.failure {
            Some(failure) => write!(f, ": {failure}"),
            None => Ok(()),
        }
    }
}

/// The command as one would type it.
fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Forwards what a program prints, line by line, and counts the tests in it.
fn stream(command: &mut Command) -> io::Result<(Count, bool)> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let mut count = Count::default();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            count.add_line(&line);
            println!("{line}");
        }
    }
    Ok((count, child.wait()?.success()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_program_that_exits_with_an_error_fails_the_run() {
        let mut report = Report::default();
        assert!(report.program("good", &mut shell("exit 0")));
        assert!(report.conclude());
        assert!(!report.program("bad", &mut shell("exit 3")));
        assert!(!report.conclude());
        assert_eq!(report.total(), Count { passed: 1, failed: 1, ignored: 0 });
    }

    #[test]
    fn a_program_that_cannot_be_started_fails_the_run() {
        let mut report = Report::default();
        assert!(!report.program("absent", &mut Command::new("/nonexistent/program")));
        assert!(!report.conclude());
    }

    #[test]
    fn a_program_that_dies_after_its_tests_passed_fails_the_run() {
        let mut report = Report::default();
        assert!(!report.program("late", &mut shell("echo 'test result: ok. 2 passed; 0 failed'; exit 1")));
        assert_eq!(report.total(), Count { passed: 2, failed: 1, ignored: 0 });
        assert!(!report.conclude());
    }

    #[test]
    fn work_that_returns_an_error_fails_the_run() {
        let mut report = Report::default();
        assert!(!report.work("bad", || Err("no")));
        assert!(!report.conclude());
    }
}
