use http::header::CONNECTION;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::watch::WatchList;
use crate::{Edit, HeaderLines, header_values};

/// Removes every header whose name is watched, looks like a watched one, or begins like what is stripped, but
/// the exact `authorization`, `cookie` and `connection`.
pub(crate) fn remove_watched(watch: &WatchList, headers: &mut HeaderMap) {
    let names: Vec<HeaderName> =
        headers.keys().filter(|name| is_removed(watch, name.as_str().as_bytes())).cloned().collect();
    for name in names {
        headers.remove(name);
    }
}

/// The same, name by name.
pub(crate) fn each_watched<H: HeaderLines + ?Sized>(watch: &WatchList, headers: &H, mut edit: impl FnMut(Edit<'_>)) {
    for (index, (name, _)) in headers.lines().enumerate() {
        let is_removed = is_removed(watch, name);
        let is_repeated = || headers.lines().take(index).any(|(before, _)| before.eq_ignore_ascii_case(name));
        if is_removed && !is_repeated() {
            edit(Edit::Remove(name));
        }
    }
}

/// The lines of `Connection` without the names that would make the next hop drop the token we set, or treat a
/// watched header as hop-by-hop (RFC 9110 §7.6.1).
pub(crate) fn clean_connection<'h, H: HeaderLines + ?Sized>(
    watch: &'h WatchList,
    headers: &'h H,
) -> impl Iterator<Item = HeaderValue> {
    header_values(headers, CONNECTION.as_str()).filter_map(|line| cleaned(watch, line))
}

/// Puts these lines in place of all with the name.
pub(crate) fn replace(name: &HeaderName, lines: Vec<HeaderValue>, headers: &mut HeaderMap) {
    headers.remove(name);
    for line in lines {
        headers.append(name, line);
    }
}

/// The same, line by line.
pub(crate) fn each_replaced(
    name: &HeaderName,
    lines: impl Iterator<Item = HeaderValue>,
    mut edit: impl FnMut(Edit<'_>),
) {
    let mut is_set = false;
    for line in lines {
        edit(if is_set { Edit::Append(name, &line) } else { Edit::Set(name, &line) });
        is_set = true;
    }
    if !is_set {
        edit(Edit::Remove(name.as_str().as_bytes()));
    }
}

/// Whether a `Connection` value needs cleaning; the common ones are known by heart.
pub(crate) fn is_plain_connection(value: &[u8]) -> bool {
    value == b"keep-alive"
        || [&b"keep-alive"[..], b"close", b"upgrade"].iter().any(|plain| value.eq_ignore_ascii_case(plain))
}

fn is_removed(watch: &WatchList, name: &[u8]) -> bool {
    watch.see(name).is_some_and(|seen| !seen.exact || seen.role.is_removed())
}

fn cleaned(watch: &WatchList, line: &[u8]) -> Option<HeaderValue> {
    let kept: Vec<&[u8]> = line
        .split(|byte| *byte == b',')
        .map(<[u8]>::trim_ascii)
        .filter(|option| match HeaderName::from_bytes(option) {
            Ok(name) => watch.see(name.as_str().as_bytes()).is_none(),
            Err(_) => false,
        })
        .collect();
    if kept.is_empty() { None } else { HeaderValue::from_bytes(&kept.join(&b", "[..])).ok() }
}
