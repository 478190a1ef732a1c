use std::path::PathBuf;

use remint_core::IssuerId;
use remint_jwt::JwkSet;
use url::Url;

/// Where a key set comes from.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum KeySource {
    /// The issuer's discovery document names it (OpenID Connect Discovery §4, RFC 8414 §3).
    Discovery(Discovery),
    /// This address (RFC 7517 §5).
    JwksUri(Url),
    /// This file, read again like any other source.
    File(PathBuf),
    /// These keys, which never change.
    Fixed(JwkSet),
}

/// Which discovery document is asked, and what it must say.
#[derive(Debug, Clone)]
pub struct Discovery {
    pub(crate) base: Url,
    pub(crate) issuer: Box<str>,
}

impl Discovery {
    /// The document of this issuer.
    ///
    /// # Errors
    ///
    /// [`InvalidIssuerUrl`] if the issuer is not an address, or has a query or a fragment.
    pub fn of(issuer: &IssuerId) -> Result<Self, InvalidIssuerUrl> {
        Self::at(issuer.as_str(), issuer.as_str())
    }

    /// The document of the issuer `base`, which must say that it is `issuer`: the two differ for
    /// an issuer that stands for many tenants, whose document carries a literal `{tenantid}`.
    ///
    /// # Errors
    ///
    /// [`InvalidIssuerUrl`] if `base` is not an address, or has a query or a fragment.
    pub fn at(base: &str, issuer: &str) -> Result<Self, InvalidIssuerUrl> {
        let base = Url::parse(base).map_err(|_| InvalidIssuerUrl)?;
        if !matches!(base.scheme(), "https" | "http")
            || base.query().is_some()
            || base.fragment().is_some()
            || !base.username().is_empty()
            || base.password().is_some()
        {
            return Err(InvalidIssuerUrl);
        }
        Ok(Self { base, issuer: issuer.into() })
    }

    /// The issuer's address.
    #[must_use]
    pub const fn base(&self) -> &Url {
        &self.base
    }
}

/// An issuer without a discovery document: not an address, or one with a user, a query or a
/// fragment (RFC 8414 §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the issuer is not an http(s) address without user, query and fragment")]
pub struct InvalidIssuerUrl;
