use std::env::{self, VarError};

use tracing_subscriber::EnvFilter;

/// Logs go to standard error: `info` unless `RUST_LOG` says otherwise. What it says of nothing else than the audit
/// trail (`remint::audit`) counts for the audit trail.
pub(super) fn start() {
    let (filter, warning) = match env::var("RUST_LOG") {
        Ok(text) => filter(&text),
        Err(VarError::NotPresent) => filter(""),
        Err(VarError::NotUnicode(_)) => (standard(), Some("RUST_LOG is not a text in UTF-8: it is ignored".to_owned())),
    };
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false).init();
    if let Some(warning) = warning {
        tracing::warn!(target: "remint", "{warning}");
    }
}

/// Tells warnings while the log is not there yet, and for commands that have none.
pub(crate) fn with_warnings<T>(work: impl FnOnce() -> T) -> T {
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::WARN)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .finish();
    tracing::subscriber::with_default(subscriber, work)
}

/// What this `RUST_LOG` lets through, and what is wrong with it.
fn filter(text: &str) -> (EnvFilter, Option<String>) {
    if text.trim().is_empty() {
        return (standard(), None);
    }
    let directives = || text.split(',').map(str::trim).filter(|directive| !directive.is_empty());
    // The parser knows no spaces.
    let mut all = directives().collect::<Vec<_>>().join(",");
    // A level for everything is meant for what is noise; who wants no audit trail names it.
    if !directives().any(|directive| directive.starts_with(AUDIT)) {
        all.push_str(&format!(",{AUDIT}=info"));
    }
    match EnvFilter::try_new(&all) {
        Ok(filter) => {
            let typing_error = directives().find_map(|directive| Some((directive, level_meant(directive)?)));
            let warning = typing_error.map(|(directive, level)| {
                format!(
                    "RUST_LOG: `{directive}` is no level and counts as the name of a target; did you mean `{level}`?"
                )
            });
            (filter, warning)
        }
        Err(error) => {
            (standard(), Some(format!("RUST_LOG cannot be read, and `info` counts in its place: {error}: {text:?}")))
        }
    }
}

fn standard() -> EnvFilter {
    EnvFilter::new("info")
}

/// The level for which a directive without a level was probably meant: any word names a target.
fn level_meant(directive: &str) -> Option<&'static str> {
    let is_level = LEVELS.iter().any(|level| level.eq_ignore_ascii_case(directive));
    let is_word = directive.bytes().all(|byte| byte.is_ascii_alphabetic());
    if is_level || !is_word { None } else { crate::settings::meant(directive, LEVELS) }
}

const AUDIT: &str = "remint::audit";
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// Whether an event of the audit trail passes, and others of the levels INFO and WARN.
    fn passes(text: &str) -> [bool; 3] {
        let log = Log::default();
        let writer = log.clone();
        let subscriber =
            tracing_subscriber::fmt().with_env_filter(filter(text).0).with_writer(move || writer.clone()).finish();
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(target: AUDIT, "an audit event");
            tracing::info!(target: "remint", "an information");
            tracing::warn!(target: "remint", "a warning");
        });
        let told = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        ["an audit event", "an information", "a warning"].map(|message| told.contains(message))
    }

    #[test]
    fn the_audit_trail_is_told_unless_it_is_named() {
        assert_eq!(passes(""), [true, true, true]);
        assert_eq!(passes("warn"), [true, false, true]);
        assert_eq!(passes("off"), [true, false, false]);
        assert_eq!(passes("sqlx=debug"), [true, false, false]);
        assert_eq!(passes("info,remint::audit=off"), [false, true, true]);
        assert_eq!(passes("warn, remint::audit=warn"), [false, false, true]);
    }

    #[test]
    fn a_broken_rust_log_is_told() {
        for (text, told) in [
            ("remint=debgu", "cannot be read"),
            ("remint=info=x", "cannot be read"),
            ("debgu", "did you mean `debug`?"),
            ("remint=debug,wran", "did you mean `warn`?"),
        ] {
            let warning = filter(text).1.unwrap_or_default();
            assert!(warning.starts_with("RUST_LOG") && warning.contains(told), "{text}: {warning}");
        }
        for text in ["", " ", "info", "WARN", "remint=debug", "remint", "hyper=off,debug", "remint[request]=trace"] {
            assert_eq!(filter(text).1, None, "{text}");
        }
        assert_eq!(passes("remint=debgu"), [true, true, true], "as without one");
    }
}
