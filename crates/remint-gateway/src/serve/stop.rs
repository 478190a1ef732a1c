use std::io;

/// Completes at Ctrl-C, or when the process is asked to end. It listens from now on. SIGHUP, by which many programs
/// read their settings again, ends nothing.
#[cfg(unix)]
pub(crate) fn signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let mut hangup = signal(SignalKind::hangup())?;
    Ok(async move {
        loop {
            tokio::select! {
                _ = interrupt.recv() => return,
                _ = terminate.recv() => return,
                Some(()) = hangup.recv() => {
                    tracing::warn!(target: "remint", "SIGHUP: settings are read at the start only; restart to apply changes");
                }
            }
        }
    })
}

/// Completes at Ctrl-C. It listens from now on.
#[cfg(windows)]
pub(crate) fn signal() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move { _ = interrupt.recv().await })
}
