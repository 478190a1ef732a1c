use std::net::{IpAddr, SocketAddr};

use remint_credential::HeaderLines;

/// The header in which proxies write whom they serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Header {
    XForwardedFor,
    /// RFC 7239.
    Forwarded,
}

impl Header {
    /// Whether a line of this name is one of the header, which is compared without case.
    fn is(self, name: &[u8]) -> bool {
        let ours = match self {
            Self::XForwardedFor => "x-forwarded-for",
            Self::Forwarded => "forwarded",
        };
        name.eq_ignore_ascii_case(ours.as_bytes())
    }

    fn address(self, element: &str) -> Option<IpAddr> {
        match self {
            Self::XForwardedFor => address(element),
            Self::Forwarded => forwarded_for(element),
        }
    }
}

/// Whether the sender of these headers says that it forwards for somebody.
pub(super) fn forwards<H: HeaderLines + ?Sized>(headers: &H) -> bool {
    headers.lines().any(|(name, _)| [Header::XForwardedFor, Header::Forwarded].iter().any(|header| header.is(name)))
}

/// The addresses in the header, from the right, which is from the last proxy on; `None` stands for
/// what is no address, and for what is too much.
pub(super) fn addresses<H: HeaderLines + ?Sized>(header: Header, headers: &H) -> impl Iterator<Item = Option<IpAddr>> {
    let elements = last_lines(headers.lines().filter(move |(name, _)| header.is(name)).map(|(_, value)| value));
    let elements = elements.flat_map(|line| {
        let bytes = Some(line).filter(|bytes| bytes.len() <= MAX_LINE);
        // An element that is no text is no address either.
        Elements { left: Some(bytes.unwrap_or_default()) }
    });
    elements.enumerate().map(move |(nth, element)| {
        let element = (nth < MAX_ADDRESSES).then(|| std::str::from_utf8(element).ok()).flatten();
        header.address(element?.trim_matches(OPTIONAL_WHITESPACE))
    })
}

/// The lines from the last on. Each has an address or is none, so that those before the last 32 are too much.
fn last_lines<'h>(lines: impl Iterator<Item = &'h [u8]>) -> impl Iterator<Item = &'h [u8]> {
    let (mut last, mut number) = ([&[][..]; MAX_ADDRESSES], 0);
    for line in lines {
        if let Some(slot) = last.get_mut(number % MAX_ADDRESSES) {
            *slot = line;
        }
        number += 1;
    }
    let kept = number.min(MAX_ADDRESSES);
    (1..=kept).filter_map(move |nth| last.get((number - nth) % MAX_ADDRESSES).copied())
}

/// What commas part, from the right; one between double quotes parts nothing. What stands on the left can
/// change nothing on the right.
struct Elements<'h> {
    left: Option<&'h [u8]>,
}

impl<'h> Iterator for Elements<'h> {
    type Item = &'h [u8];

    fn next(&mut self) -> Option<&'h [u8]> {
        let line = self.left?;
        let mut quoted = false;
        let comma = line.iter().rposition(|byte| {
            quoted ^= *byte == b'"';
            *byte == b',' && !quoted
        });
        let (left, element) = match comma {
            Some(comma) => (line.get(..comma), line.get(comma + 1..)),
            None => (None, Some(line)),
        };
        self.left = left;
        element
    }
}

/// The one `for` of an element of `Forwarded` (RFC 7239 §4). Proxies copy into other parameters what the
/// client sent (`host`): a quoted string with a semicolon or an escape in it is not taken apart but
/// refused, lest a piece of it be taken for a `for`.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let mut found = None;
    for pair in element.split(';') {
        let (name, value) = pair.split_once('=')?;
        let value = unquoted(value.trim_end_matches(OPTIONAL_WHITESPACE))?;
        let is_for = name.trim_start_matches(OPTIONAL_WHITESPACE).eq_ignore_ascii_case("for");
        if is_for && found.replace(address(value)?).is_some() {
            return None;
        }
    }
    found
}

/// A quoted string without its quotes, and a token as it is.
fn unquoted(value: &str) -> Option<&str> {
    let inner = match value.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"')?,
        None => value,
    };
    (!inner.contains(['"', '\\'])).then_some(inner)
}

/// An address, as proxies write it: by itself, in brackets, or with the port beside it.
fn address(text: &str) -> Option<IpAddr> {
    if text.len() > MAX_ADDRESS {
        return None;
    }
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok().map(IpAddr::V6);
    let with_port = || text.parse::<SocketAddr>().ok().map(|socket| socket.ip());
    Some(text.parse().ok().or_else(bracketed).or_else(with_port)?.to_canonical())
}

const OPTIONAL_WHITESPACE: [char; 2] = [' ', '\t'];

/// Longer ones count as garbage.
const MAX_LINE: usize = 4096;

/// Nobody has as many proxies.
const MAX_ADDRESSES: usize = 32;

/// `[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255]:65535`, and a little more.
const MAX_ADDRESS: usize = 64;
