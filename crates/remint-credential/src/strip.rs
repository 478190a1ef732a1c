use http::header::CONNECTION;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::watch::WatchList;

/// Removes every header whose name is watched, looks like a watched one, or begins like what is stripped, but
/// the exact `authorization`, `cookie` and `connection`.
pub(crate) fn remove_watched(watch: &WatchList, headers: &mut HeaderMap) {
    let names: Vec<HeaderName> = headers
        .keys()
        .filter(|name| watch.see(name.as_str().as_bytes()).is_some_and(|seen| !seen.exact || seen.role.is_removed()))
        .cloned()
        .collect();
    for name in names {
        headers.remove(name);
    }
}

/// Takes names out of `Connection` that would make the next hop drop the token we set, or treat a
/// watched header as hop-by-hop (RFC 9110 §7.6.1).
pub(crate) fn clean_connection(watch: &WatchList, headers: &mut HeaderMap) {
    let lines: Vec<HeaderValue> = headers.get_all(CONNECTION).iter().filter_map(|line| cleaned(watch, line)).collect();
    headers.remove(CONNECTION);
    for line in lines {
        headers.append(CONNECTION, line);
    }
}

/// Whether a `Connection` value needs cleaning; the common ones are known by heart.
pub(crate) fn is_plain_connection(value: &[u8]) -> bool {
    value == b"keep-alive"
        || [&b"keep-alive"[..], b"close", b"upgrade"].iter().any(|plain| value.eq_ignore_ascii_case(plain))
}

fn cleaned(watch: &WatchList, line: &HeaderValue) -> Option<HeaderValue> {
    let kept: Vec<&[u8]> = line
        .as_bytes()
        .split(|byte| *byte == b',')
        .map(<[u8]>::trim_ascii)
        .filter(|option| match HeaderName::from_bytes(option) {
            Ok(name) => watch.see(name.as_str().as_bytes()).is_none(),
            Err(_) => false,
        })
        .collect();
    if kept.is_empty() { None } else { HeaderValue::from_bytes(&kept.join(&b", "[..])).ok() }
}
