use url::{Host, Url};

/// Whether `url` is `https`, or `http` to this machine.
///
/// This is the rule of [`HttpClient`](crate::HttpClient) unless it was told otherwise; other
/// implementations of [`HttpFetch`](crate::HttpFetch) should hold it too.
#[must_use]
pub fn is_https_or_loopback(url: &Url) -> bool {
    match url.scheme() {
        "https" => true,
        "http" => is_loopback(url),
        _ => false,
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for good in ["https://idp.example/", "http://127.0.0.1:1/", "http://localhost/", "http://[::1]:8080/"] {
            assert!(is_https_or_loopback(&Url::parse(good).unwrap()), "{good}");
        }
        for bad in [
            "http://idp.example/",
            "http://localhost.evil.example/",
            "http://127.0.0.1.evil.example/",
            "http://169.254.169.254/latest",
            "http://[::ffff:10.0.0.1]/",
            "file:///etc/passwd",
            "ftp://127.0.0.1/",
            "data:application/json,{}",
        ] {
            assert!(!is_https_or_loopback(&Url::parse(bad).unwrap()), "{bad}");
        }
    }
}
