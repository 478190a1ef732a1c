use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use redis::{ConnectionAddr, IntoConnectionInfo, ProtocolVersion, RedisConnectionInfo};
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Where a server is and how this process logs in there.
///
/// It is read from `redis://[user:password@]host[:port][/database]`, or `rediss://` for TLS. A server for TLS is verified
/// by the system's root certificates, or by [others](Self::with_root_certificates). `Debug` and errors do not show the
/// password.
#[derive(Clone)]
pub struct RedisAddress {
    pub(crate) host: Box<str>,
    pub(crate) port: u16,
    pub(crate) login: RedisConnectionInfo,
    pub(crate) tls: Option<Tls>,
}

#[derive(Clone)]
pub(crate) struct Tls {
    pub(crate) server: ServerName<'static>,
    pub(crate) config: Arc<ClientConfig>,
}

impl RedisAddress {
    /// The same, verified by these root certificates (PEM, one or more) and no others. An address without TLS stays
    /// without.
    ///
    /// # Errors
    ///
    /// [`RedisAddressError::Roots`] if there is no certificate in it, or one that cannot be read.
    pub fn with_root_certificates(mut self, pem: &[u8]) -> Result<Self, RedisAddressError> {
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let mut roots = RootCertStore::empty();
        for certificate in certificates.map_err(|_| RedisAddressError::Roots)? {
            roots.add(certificate).map_err(|_| RedisAddressError::Roots)?;
        }
        if roots.is_empty() {
            return Err(RedisAddressError::Roots);
        }
        if let Some(tls) = &mut self.tls {
            tls.config = config(roots)?;
        }
        Ok(self)
    }
}

impl FromStr for RedisAddress {
    type Err = RedisAddressError;

    fn from_str(url: &str) -> Result<Self, RedisAddressError> {
        let (scheme, rest) = url.split_once("://").ok_or(RedisAddressError::Malformed)?;
        let tls = match scheme {
            "redis" | "valkey" => false,
            "rediss" | "valkeys" => true,
            _ => return Err(RedisAddressError::Malformed),
        };
        match rest.split_once('#') {
            Some((_, "insecure")) => return Err(RedisAddressError::Insecure),
            Some(_) => return Err(RedisAddressError::Malformed),
            None => {}
        }
        // The client's own TLS is not built in: it could not bound what comes.
        let info = format!("redis://{rest}").into_connection_info().map_err(|_| RedisAddressError::Malformed)?;
        let ConnectionAddr::Tcp(host, port) = info.addr() else { return Err(RedisAddressError::Malformed) };
        let tls = if tls {
            let server = ServerName::try_from(host.clone()).map_err(|_| RedisAddressError::Malformed)?;
            Some(Tls { server, config: config(system_roots())? })
        } else {
            None
        };
        // What a connection may bring is bounded for the older protocol only, in which nothing comes unasked.
        let login = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP2);
        if login.db() < 0 {
            return Err(RedisAddressError::Malformed);
        }
        Ok(Self { host: host.as_str().into(), port: *port, login, tls })
    }
}

/// Host and port.
impl fmt::Display for RedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (open, close) = if self.host.contains(':') { ("[", "]") } else { ("", "") };
        write!(f, "{open}{}{close}:{}", self.host, self.port)
    }
}

impl fmt::Debug for RedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisAddress({self})")
    }
}

/// An address that cannot be used. Nothing of it is inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RedisAddressError {
    /// It is not of the form that is read.
    #[error("the address of Redis must read redis://[user:password@]host[:port][/database], or rediss:// for TLS")]
    Malformed,
    /// It asks for TLS without verification (`#insecure`).
    #[error("the address of Redis ends in #insecure: give the server's root certificate instead")]
    Insecure,
    /// No root certificate could be read.
    #[error("the root certificates of Redis must be one certificate or more in PEM")]
    Roots,
    /// The library of TLS cannot be set up.
    #[error("TLS could not be set up")]
    Tls,
}

fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

fn config(roots: RootCertStore) -> Result<Arc<ClientConfig>, RedisAddressError> {
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(|_| RedisAddressError::Tls)?;
    Ok(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Result<RedisAddress, RedisAddressError> {
        url.parse()
    }

    #[test]
    fn an_address_has_host_port_user_password_and_database() {
        let address = read("redis://app:p%40ss@cache.example:7000/3").unwrap();
        assert_eq!(address.to_string(), "cache.example:7000");
        assert_eq!(address.login.username(), Some("app"));
        assert_eq!(address.login.password(), Some("p@ss"));
        assert_eq!(address.login.db(), 3);
        assert!(address.tls.is_none());
        assert_eq!(read("redis://[::1]").unwrap().to_string(), "[::1]:6379");
        assert!(read("rediss://cache.example").unwrap().tls.is_some());
    }

    #[test]
    fn neither_debug_nor_an_error_shows_the_password() {
        let address = read("redis://:s3cret@127.0.0.1").unwrap();
        assert!(!format!("{address:?} {address}").contains("s3cret"));
        let error = read("redis://:s3cret@127.0.0.1/x").unwrap_err();
        assert!(!format!("{error:?} {error}").contains("s3cret"));
    }

    #[test]
    fn verification_cannot_be_turned_off() {
        assert_eq!(read("rediss://cache.example/#insecure").unwrap_err(), RedisAddressError::Insecure);
    }

    #[test]
    fn the_newer_protocol_is_not_spoken_though_the_address_asks_for_it() {
        let address = read("redis://cache.example/?protocol=resp3").unwrap();
        assert!(matches!(address.login.protocol(), ProtocolVersion::RESP2));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for url in [
            "",
            "cache.example",
            "http://cache.example",
            "unix:///run/redis",
            "redis://",
            "redis://a/-1",
            "redis://a#b",
        ] {
            assert_eq!(read(url).unwrap_err(), RedisAddressError::Malformed, "{url}");
        }
    }

    #[test]
    fn root_certificates_that_are_none_are_refused() {
        let address = read("rediss://cache.example").unwrap();
        for pem in [&b""[..], b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            assert_eq!(address.clone().with_root_certificates(pem).unwrap_err(), RedisAddressError::Roots);
        }
    }
}
