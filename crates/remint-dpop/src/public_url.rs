use std::fmt::Write as _;

/// Where clients find us: what `htu` begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublicUrl {
    /// `scheme://authority`, normalised.
    origin: String,
    /// Before every path; without a slash at its end.
    prefix: String,
}

impl PublicUrl {
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidPublicUrl> {
        if text.contains(['?', '#']) {
            return Err(InvalidPublicUrl);
        }
        let (origin, path) = split(text).ok_or(InvalidPublicUrl)?;
        let prefix = normal_path(path).ok_or(InvalidPublicUrl)?.trim_end_matches('/').to_owned();
        Ok(Self { origin, prefix })
    }

    /// Whether `htu` names this path, without looking at its query and fragment (RFC 9449 §4.3).
    pub(crate) fn names(&self, htu: &str, path: &str) -> bool {
        let htu = htu.split(['?', '#']).next().unwrap_or_default();
        let Some((origin, theirs)) = split(htu) else { return false };
        if origin != self.origin || !path.starts_with('/') {
            return false;
        }
        let ours = normal_path(&[&self.prefix, path].concat());
        ours.is_some() && normal_path(theirs) == ours
    }
}

/// A public URL that is not `http://` or `https://`, a host, and a path if any; or that has user
/// information, a query or a fragment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a public URL is `http` or `https` with a host and without user information, query and fragment")]
pub struct InvalidPublicUrl;

/// Whether a segment of the path is `.` or `..`, each dot plain or percent-encoded (RFC 3986 §3.3).
///
/// A router may take such a path as it stands, while a proof's path is normalised: the two would then speak of
/// different resources.
pub(crate) fn has_dot_segment(path: &str) -> bool {
    path.split('/').any(is_dot_segment)
}

fn is_dot_segment(segment: &str) -> bool {
    let mut rest = segment;
    let mut dots = 0;
    while let Some(after) = [".", "%2e", "%2E"].iter().find_map(|dot| rest.strip_prefix(dot)) {
        (rest, dots) = (after, dots + 1);
    }
    rest.is_empty() && (dots == 1 || dots == 2)
}

/// The normalised origin, and the path as it is.
fn split(url: &str) -> Option<(String, &str)> {
    if !url.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let (scheme, rest) = url.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let default_port = match scheme.as_str() {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (host, port) = host_and_port(authority)?;
    let mut origin = format!("{scheme}://{}", host.to_ascii_lowercase());
    if let Some(port) = port.filter(|port| *port != default_port) {
        write!(origin, ":{port}").ok()?;
    }
    Some((origin, path))
}

fn host_and_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let after_address = authority.starts_with('[').then(|| authority.find(']')).flatten().map_or(0, |end| end + 1);
    let (host, port) = match authority.get(after_address..)?.find(':') {
        Some(colon) => {
            let (host, port) = authority.split_at(after_address + colon);
            (host, port.get(1..)?)
        }
        None => (authority, ""),
    };
    let is_bracketed = after_address > 0 && host.len() == after_address;
    let sound = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    if host.is_empty() || !(is_bracketed || host.bytes().all(sound)) {
        return None;
    }
    // A port that is empty is the scheme's own (RFC 3986 §6.2.3).
    let number = port.bytes().all(|byte| byte.is_ascii_digit()).then_some(port)?;
    Some((host, if number.is_empty() { None } else { Some(number.parse().ok()?) }))
}

/// Percent-encodings of unreserved characters decoded, others in upper case, no dot segments, and `/` for
/// no path (RFC 3986 §6.2.2, §6.2.3); `None` for a `%` that begins no encoding.
fn normal_path(path: &str) -> Option<String> {
    let mut decoded = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find('%') {
        decoded.push_str(rest.get(..at)?);
        let digits = rest.get(at + 1..at + 3).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
        match u8::from_str_radix(digits, 16).ok()? {
            byte if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => decoded.push(byte.into()),
            byte => write!(decoded, "%{byte:02X}").ok()?,
        }
        rest = rest.get(at + 3..)?;
    }
    decoded.push_str(rest);
    Some(without_dot_segments(&decoded))
}

/// RFC 3986 §5.2.4, of a path that is empty or begins with a slash.
fn without_dot_segments(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." {
                    kept.pop();
                }
                // What a dot segment at the end leaves is a directory.
                if is_last {
                    kept.push("");
                }
            }
            segment => kept.push(segment),
        }
    }
    ["/", &kept.join("/")].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(public: &str, htu: &str, path: &str) -> bool {
        PublicUrl::parse(public).unwrap().names(htu, path)
    }

    #[test]
    fn what_normalises_to_the_same_is_the_same() {
        for (public, htu, path) in [
            ("https://api.example", "https://api.example/jobs", "/jobs"),
            ("https://api.example/", "https://api.example/jobs", "/jobs"),
            ("HTTPS://API.example:443", "https://api.EXAMPLE/jobs", "/jobs"),
            ("https://api.example", "https://api.example:/jobs", "/jobs"),
            ("http://127.0.0.1:8480", "http://127.0.0.1:08480/", "/"),
            ("http://api.example:80", "http://api.example", "/"),
            ("https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443/a", "/a"),
            ("https://[::1]", "https://[::1]:443/a", "/a"),
            ("https://api.example/v1/", "https://api.example/v1/jobs", "/jobs"),
            ("https://api.example/v1", "https://api.example/v1/", "/"),
            ("https://api.example", "https://api.example/a%7Eb/%2f", "/a~b/%2F"),
            ("https://api.example", "https://api.example/a/./b/%2E%2e/c", "/a/c"),
            ("https://api.example", "https://api.example/a/..", "/"),
            ("https://api.example", "https://api.example/jobs?page=2", "/jobs"),
            ("https://api.example", "https://api.example/jobs#x", "/jobs"),
            ("https://api.example", "https://api.example?x=/y", "/"),
            ("https://api.example", "https://api.example//a", "//a"),
        ] {
            assert!(names(public, htu, path), "{public} {htu} {path}");
        }
    }

    #[test]
    fn what_differs_differs() {
        for (htu, path) in [
            ("https://api.example/jobs", "/job"),
            ("https://api.example/jobs", "/jobs/"),
            ("https://api.example/Jobs", "/jobs"),
            ("https://api.example/a%2Fb", "/a/b"),
            ("https://api.example//a", "/a"),
            ("http://api.example/jobs", "/jobs"),
            ("https://api.example:8443/jobs", "/jobs"),
            ("https://api.example.evil.example/jobs", "/jobs"),
            ("https://user@api.example/jobs", "/jobs"),
            ("https://api.example@evil.example/jobs", "/jobs"),
            ("https://evil.example/https://api.example/jobs", "/jobs"),
            ("https://evil.example#https://api.example/jobs", "/jobs"),
            ("https:/api.example/jobs", "/jobs"),
            ("//api.example/jobs", "/jobs"),
            ("/jobs", "/jobs"),
            ("jobs", "/jobs"),
            ("", "/"),
            ("ftp://api.example/jobs", "/jobs"),
            ("https://api.example:/:443/jobs", "/jobs"),
            ("https://api.example:+443/jobs", "/jobs"),
            ("https://api.example:65979/jobs", "/jobs"),
            ("https:///jobs", "/jobs"),
            ("https://api.example\\jobs", "/jobs"),
            ("https://api.example/jobs ", "/jobs"),
            (" https://api.example/jobs", "/jobs"),
            ("https://api.example/j\u{f6}bs", "/j\u{f6}bs"),
            ("https://%61pi.example/jobs", "/jobs"),
            ("https://api.example/%zz", "/%zz"),
            ("https://api.example/%", "/%"),
            ("https://api.example/", ""),
            // Only what RFC 3986 calls the same is the same: not what some file system or framework does.
            ("https://api.example/a/b", "/a\\b"),
            ("https://api.example/a%5Cb", "/a\\b"),
            ("https://api.example/a%5Cb", "/a/b"),
            ("https://api.example/b", "/a/..%2Fb"),
            ("https://api.example/b", "/a%2F..%2Fb"),
            ("https://api.example/b", "/a/..\\b"),
            ("https://api.example/b", "/a/..;/b"),
            ("https://api.example/b", "/a/%252e%252e/b"),
            ("https://api.example/a/b", "/a//b"),
            ("https://api.example/a/b", "//a/b"),
            ("https://api.example/a;b", "/a"),
            ("https://api.example/*", "*"),
            ("https://[::1/jobs", "/jobs"),
        ] {
            assert!(!names("https://api.example", htu, path), "{htu} {path}");
        }
    }

    #[test]
    fn a_dot_segment_is_one_however_it_is_written() {
        for path in [
            "/.",
            "/..",
            "/../a",
            "/./a",
            "/a/..",
            "/a/../b",
            "/a/./b",
            "/a/%2e%2e/b",
            "/a/%2E%2E/b",
            "/a/%2e%2E/b",
            "/a/.%2e/b",
            "/a/%2E./b",
            "/a/%2e/b",
            "/a/%2E",
            "//..//",
            "..",
            ".",
        ] {
            assert!(has_dot_segment(path), "{path}");
        }
        for path in [
            "/",
            "",
            "*",
            "/a.b",
            "/.a",
            "/..a",
            "/a..",
            "/...",
            "/%2e%2e%2e",
            "/.well-known/a",
            "/a/..;/b",
            "/a/..%2fb",
            "/a/%252e%252e/b",
            "/a/%2",
            "/a%2e",
            "//",
        ] {
            assert!(!has_dot_segment(path), "{path}");
        }
    }

    #[test]
    fn a_public_url_is_an_origin_and_perhaps_a_path() {
        for bad in [
            "",
            "api.example",
            "//api.example",
            "ftp://api.example",
            "https://",
            "https:///path",
            "https://api.example?x",
            "https://api.example/#x",
            "https://a@api.example",
            "https://api.example:http",
            "https://api.example:99999",
            "https://api .example",
            "https://\u{e4}pi.example",
            "https://api.example/%2",
            "https://[::1",
            "https://[::1]x",
        ] {
            assert_eq!(PublicUrl::parse(bad), Err(InvalidPublicUrl), "{bad}");
        }
    }
}
