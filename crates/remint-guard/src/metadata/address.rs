use std::net::IpAddr;

use http::Uri;

/// An absolute address: `https`, or `http` to this machine.
#[derive(Debug, Clone, Copy)]
pub(super) struct Address<'a> {
    /// Scheme, host and port.
    pub(super) origin: &'a str,
    /// As it was written: maybe empty.
    pub(super) path: &'a str,
    pub(super) query: Option<&'a str>,
    pub(super) has_fragment: bool,
}

impl<'a> Address<'a> {
    /// Takes an address apart and changes nothing of it: resources are compared as exact texts
    /// (RFC 9728 §3.3).
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        if text.len() > MAX_LEN || !text.bytes().all(is_uri_byte) {
            return None;
        }
        let (absolute, has_fragment) = match text.split_once('#') {
            Some((absolute, fragment)) if !fragment.contains('#') => (absolute, true),
            Some(_) => return None,
            None => (text, false),
        };
        let uri: Uri = absolute.parse().ok()?;
        let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
        if authority.host().is_empty() || authority.as_str().contains('@') {
            return None;
        }
        if !(scheme == "https" || scheme == "http" && is_loopback(authority.host())) {
            return None;
        }
        let (rest, query) = match absolute.split_once('?') {
            Some((rest, query)) => (rest, Some(query)),
            None => (absolute, None),
        };
        let begin = scheme.len() + "://".len();
        let (origin, path) = match rest.get(begin..)?.find('/') {
            Some(slash) => rest.split_at_checked(begin + slash)?,
            None => (rest, ""),
        };
        // A client would resolve these before it asks (RFC 3986 §6.2.2.3).
        if path.split('/').any(|segment| matches!(segment, "." | "..")) {
            return None;
        }
        Some(Self { origin, path, query, has_fragment })
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host == "localhost" || address.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// RFC 3986 §2: nothing that a quoted string or JSON would have to escape.
const fn is_uri_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'#'..=b'/' | b':' | b';' | b'=' | b'?' | b'@' | b'[' | b']' | b'_' | b'~')
}

/// It stands in every challenge, and header fields have limits.
const MAX_LEN: usize = 1024;
