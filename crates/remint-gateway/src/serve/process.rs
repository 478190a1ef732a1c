//! What the system says of this process, under the names that every Prometheus client has for it.

use std::fmt::Write as _;
use std::fs;

/// The metrics of this process, as text for Prometheus. What the system does not tell is not there; only Linux
/// tells.
pub(super) fn metrics() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let (stat, status, limits) = (read("/proc/self/stat"), read("/proc/self/status"), read("/proc/self/limits"));
    let open = fs::read_dir("/proc/self/fd").ok().map(|entries| entries.count() as f64);
    let told = [
        ("process_cpu_seconds_total", "counter", "User and system CPU time in seconds.", cpu_seconds(&stat)),
        ("process_resident_memory_bytes", "gauge", "Resident memory in bytes.", kibibytes(&status, "VmRSS:")),
        ("process_virtual_memory_bytes", "gauge", "Virtual memory in bytes.", kibibytes(&status, "VmSize:")),
        ("process_threads", "gauge", "Threads.", line(&status, "Threads:").and_then(number)),
        ("process_open_fds", "gauge", "Open file descriptors.", open),
        ("process_max_fds", "gauge", "How many file descriptors may be open.", most_files(&limits)),
        (
            "process_start_time_seconds",
            "gauge",
            "When the process started, in seconds since 1970-01-01.",
            start_seconds(&stat, &read("/proc/stat")),
        ),
    ];
    let mut text = String::new();
    for (name, kind, help, value) in told {
        let Some(value) = value else { continue };
        // Writing into a text does not fail.
        _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
    }
    text
}

/// proc_pid_stat(5): `utime` and `stime`.
fn cpu_seconds(stat: &str) -> Option<f64> {
    Some((field(stat, 14)? + field(stat, 15)?) / TICKS)
}

/// `starttime` counts from the start of the system.
fn start_seconds(stat: &str, system: &str) -> Option<f64> {
    Some(line(system, "btime ").and_then(number)? + field(stat, 22)? / TICKS)
}

/// Fields are counted from 1; the second is the process' name in parentheses, which may hold anything.
fn field(stat: &str, nth: usize) -> Option<f64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    number(after_name.split_ascii_whitespace().nth(nth.checked_sub(3)?)?)
}

fn kibibytes(status: &str, name: &str) -> Option<f64> {
    Some(number(line(status, name)?)? * 1024.0)
}

fn most_files(limits: &str) -> Option<f64> {
    number(line(limits, "Max open files")?)
}

/// What follows this beginning of a line.
fn line<'a>(text: &'a str, beginning: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(beginning))
}

/// The first word as a number.
fn number(text: &str) -> Option<f64> {
    text.split_ascii_whitespace().next()?.parse().ok()
}

/// Linux tells processes times in hundredths of a second (`USER_HZ`).
const TICKS: f64 = 100.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_is_read_from_its_place() {
        let stat = "7 (a b) c) S 1 7 7 0 -1 4194560 9 0 0 0 250 50 0 0 20 0 8 0 12345 1 2 3";
        assert_eq!(cpu_seconds(stat), Some(3.0));
        assert_eq!(start_seconds(stat, "cpu 1 2\nbtime 1000\n"), Some(1123.45));
        assert_eq!(kibibytes("VmSize:\t  10 kB\nVmRSS:\t   2 kB\n", "VmRSS:"), Some(2048.0));
        assert_eq!(
            most_files("Max open files            1024                 4096                 files"),
            Some(1024.0)
        );
        assert_eq!((cpu_seconds(""), kibibytes("", "VmRSS:"), start_seconds(stat, "")), (None, None, None));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn linux_tells_all_of_them() {
        assert_eq!(metrics().matches("# HELP process_").count(), 7, "{}", metrics());
    }
}
