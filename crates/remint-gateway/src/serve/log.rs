use tracing_subscriber::EnvFilter;

/// Logs go to standard error: `info` unless `RUST_LOG` says otherwise, so that the audit trail
/// (`remint::audit`) is in them.
pub(super) fn start() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false).init();
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
