use std::net::SocketAddr;

use clap::Parser;

/// A provider's JWT and a user's API keys reach a service as the same kind of internal token.
///
/// Shows it step by step, then serves until Ctrl-C.
#[derive(Debug, Parser)]
#[command(name = "quickstart", version)]
pub(crate) struct Args {
    /// Where the edge listens, on this machine; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8480", value_parser = on_this_machine)]
    pub(crate) listen: SocketAddr,

    /// A real OpenID provider in place of the demo one, found by discovery.
    #[arg(long, value_name = "URL", requires = "audience")]
    issuer: Option<String>,

    /// The audience that the provider's tokens name.
    #[arg(long, value_name = "AUDIENCE", requires = "issuer")]
    audience: Option<String>,

    /// Ends after the tour, with 0 only if every step held.
    #[arg(long)]
    pub(crate) once: bool,

    /// One JSON object a line, for programs.
    #[arg(long)]
    pub(crate) json: bool,
}

impl Args {
    /// The real provider and the audience, if one is to be used.
    pub(crate) fn provider(&self) -> Option<(&str, &str)> {
        self.issuer.as_deref().zip(self.audience.as_deref())
    }
}

/// It speaks plain HTTP and prints its keys.
fn on_this_machine(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text.parse().map_err(|_| "not an address such as 127.0.0.1:8480".to_owned())?;
    if address.ip().is_loopback() || address.ip().is_unspecified() {
        Ok(address)
    } else {
        Err("the quickstart speaks plain HTTP, so it listens on this machine only: 127.0.0.1:PORT".to_owned())
    }
}
