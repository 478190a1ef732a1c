use http::Uri;

/// Scheme, host and port, as a browser compares them (RFC 6454 §5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    is_secure: bool,
    host: String,
    port: u16,
}

impl Origin {
    /// The origin of an address of ours.
    pub(crate) fn of_url(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        let is_secure = match uri.scheme_str()? {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let authority = uri.authority()?;
        let port = match authority.as_str().strip_prefix(authority.host())? {
            "" if is_secure => 443,
            "" => 80,
            port => port.strip_prefix(':')?.parse().ok()?,
        };
        let host = authority.host().to_ascii_lowercase();
        (!host.is_empty()).then_some(Self { is_secure, host, port })
    }

    /// The header `Origin`: nothing stands behind host and port. `null` is none.
    pub(crate) fn parse(header: &str) -> Option<Self> {
        let (_, authority) = header.split_once("://")?;
        if authority.contains(['/', '?', '#']) { None } else { Self::of_url(header) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scheme_host_and_port_make_an_origin() {
        let ours = Origin::of_url("https://App.example/v1?x").unwrap();
        for same in ["https://app.example", "HTTPS://APP.example:443"] {
            assert_eq!(Origin::parse(same), Some(ours.clone()), "{same}");
        }
        for other in [
            "http://app.example",
            "http://app.example:443",
            "https://app.example:8443",
            "https://app.example.evil.example",
            "https://evil.example",
            "https://app.example.",
        ] {
            assert!(Origin::parse(other).is_some_and(|origin| origin != ours), "{other}");
        }
        for none in [
            "null",
            "",
            "app.example",
            "https://",
            "https://app.example/",
            "https://app.example/v1",
            "https://app.example?",
            "https://a@app.example",
            "https://app.example:",
            "https://app.example:x",
            "https://app.example:99999",
            "ftp://app.example",
            "https://app.example https://app.example",
        ] {
            assert_eq!(Origin::parse(none), None, "{none}");
        }
        assert_eq!(Origin::parse("http://[::1]:8480"), Origin::of_url("http://[::1]:8480/"));
    }
}
