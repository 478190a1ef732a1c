use std::fmt;
use std::str::FromStr;

use http::Uri;
use remint_oauth_client::Url;

/// Where a token may be sent: scheme, host and port, such as `https://billing.internal` (RFC 6454 §4).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin(Box<str>);

/// A text that is not the origin of an `http` or `https` address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an origin is http:// or https://, a host, and perhaps a port")]
pub struct InvalidOrigin;

impl Origin {
    /// The origin of this address.
    ///
    /// # Errors
    ///
    /// [`InvalidOrigin`] if its scheme is another one.
    pub fn of(url: &Url) -> Result<Self, InvalidOrigin> {
        if matches!(url.scheme(), "http" | "https") {
            Ok(Self(url.origin().ascii_serialization().into()))
        } else {
            Err(InvalidOrigin)
        }
    }

    /// Whether a request to `uri` goes there. Without a host it goes where the client is connected to, so
    /// nobody can redirect it.
    pub(crate) fn is_of(&self, uri: &Uri) -> bool {
        uri.authority().is_none() || uri.to_string().parse::<Url>().is_ok_and(|url| Self::of(&url).as_ref() == Ok(self))
    }
}

/// From any address of that origin: its path does not count.
impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        Self::of(&text.parse().map_err(|_| InvalidOrigin)?)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scheme_host_and_port_are_compared_and_nothing_else() {
        let origin: Origin = "https://Billing.internal/invoices?x=1".parse().unwrap();
        assert_eq!(origin.to_string(), "https://billing.internal");
        for (uri, same) in [
            ("https://billing.internal/other", true),
            ("https://billing.internal:443/", true),
            ("https://BILLING.internal", true),
            ("/invoices", true),
            ("http://billing.internal/", false),
            ("https://billing.internal:8443/", false),
            ("https://billing.internal.evil.example/", false),
            ("https://evil.example/billing.internal", false),
            ("https://billing.internal@evil.example/", false),
            ("billing.internal:443", false),
        ] {
            assert_eq!(origin.is_of(&uri.parse().unwrap()), same, "{uri}");
        }
        for text in ["", "billing.internal", "ftp://billing.internal", "data:,x"] {
            assert_eq!(text.parse::<Origin>(), Err(InvalidOrigin), "{text}");
        }
    }
}
