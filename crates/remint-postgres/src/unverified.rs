use std::fmt;
use std::net::IpAddr;

use sqlx::postgres::{PgConnectOptions, PgSslMode};

/// A way to a database on another machine on which nobody checks that it is the database that answers: others on the
/// network may read and change what is kept. It says so, with what to set, and never the password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnverifiedServer {
    host: String,
    mode: &'static str,
}

impl UnverifiedServer {
    /// Whether the address (`postgres://…`) leads over such a way. Below `sslmode=verify-ca` every host does, unless
    /// it is this machine: a Unix socket, `localhost` or a loopback address. `None` also if it is no address.
    #[must_use]
    pub fn at(url: &str) -> Option<Self> {
        Self::of(&url.parse().ok()?)
    }

    pub(crate) fn of(options: &PgConnectOptions) -> Option<Self> {
        let mode = match options.get_ssl_mode() {
            PgSslMode::VerifyCa | PgSslMode::VerifyFull => return None,
            PgSslMode::Disable => "disable",
            PgSslMode::Allow => "allow",
            PgSslMode::Prefer => "prefer",
            PgSslMode::Require => "require",
        };
        let host = options.get_host();
        let is_local = options.get_socket().is_some() || host.starts_with('/') || is_this_machine(host);
        (!is_local).then(|| Self { host: host.to_owned(), mode })
    }
}

impl fmt::Display for UnverifiedServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, mode } = self;
        write!(
            f,
            "the connection to PostgreSQL at {host} does not verify the server (sslmode={mode}): others on the network \
             may read and change what is kept. Set sslmode=verify-full in its address, and sslrootcert for a private \
             authority"
        )
    }
}

fn is_this_machine(host: &str) -> bool {
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host.eq_ignore_ascii_case("localhost")
        || address.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_machine_whose_certificate_nobody_verifies_is_named_with_what_to_set() {
        for (url, host) in [
            ("postgres://app:canary@db.internal/remint", "db.internal"),
            ("postgres://app:canary@db.internal/remint?sslmode=require", "db.internal"),
            ("postgres://app:canary@db.internal/remint?sslmode=disable", "db.internal"),
            ("postgres://app:canary@localhost.example/remint", "localhost.example"),
            ("postgres://app:canary@192.0.2.7:5433/remint?sslmode=prefer", "192.0.2.7"),
            ("postgres://app:canary@[2001:db8::7]/remint", "2001:db8::7"),
        ] {
            let said = UnverifiedServer::at(url).expect(url).to_string();
            assert!(said.contains(host) && said.contains("sslmode=verify-full"), "{said}");
            assert!(!said.contains("canary"), "{said}");
        }
    }

    #[test]
    fn this_machine_and_a_verified_server_are_no_reason_to_warn() {
        for url in [
            "postgres://app@db.internal/remint?sslmode=verify-full",
            "postgres://app@db.internal/remint?sslmode=verify-ca",
            "postgres://app@localhost/remint",
            "postgres://app@LOCALHOST/remint",
            "postgres://app@127.0.0.1/remint?sslmode=disable",
            "postgres://app@[::1]/remint",
            "postgres:///remint?host=/var/run/postgresql",
            "postgres://app@%2Fvar%2Frun%2Fpostgresql/remint",
            "no address",
        ] {
            assert_eq!(UnverifiedServer::at(url), None, "{url}");
        }
    }
}
