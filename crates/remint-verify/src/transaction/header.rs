use http::{HeaderMap, HeaderName, HeaderValue};
use remint_core::{Denied, DeniedKind};
use remint_token::TRANSACTION_HEADER;

/// The one transaction token of a request, if there is one.
///
/// # Errors
///
/// - `TwoCredentials`: the header twice, or values joined by a comma.
/// - `LookAlikeHeader`: `Txn_Token`, which becomes this header where `_` is read as `-`.
/// - `TooLong`, `NotAscii`, `MalformedHeader` (empty, or with a control character).
pub(super) fn presented(headers: &HeaderMap, max_length: usize) -> Result<Option<&HeaderValue>, Denied> {
    if headers.contains_key(LOOK_ALIKE) {
        return Err(DeniedKind::LookAlikeHeader.into());
    }
    let mut values = headers.get_all(NAME).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let bytes = value.as_bytes();
    if values.next().is_some() || bytes.contains(&b',') {
        return Err(DeniedKind::TwoCredentials.into());
    }
    if bytes.len() > max_length {
        return Err(DeniedKind::TooLong.into());
    }
    if !bytes.is_ascii() {
        return Err(DeniedKind::NotAscii.into());
    }
    if bytes.is_empty() || !bytes.iter().all(u8::is_ascii_graphic) {
        return Err(DeniedKind::MalformedHeader.into());
    }
    Ok(Some(value))
}

/// Keeps the token out of whatever prints the request's headers.
pub(super) fn mark_sensitive(headers: &mut HeaderMap) {
    if let Some(value) = headers.get_mut(NAME) {
        value.set_sensitive(true);
    }
}

const NAME: HeaderName = HeaderName::from_static(TRANSACTION_HEADER);
const LOOK_ALIKE: HeaderName = HeaderName::from_static("txn_token");

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(headers: &[(&'static str, &[u8])]) -> Option<DeniedKind> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_bytes(value).unwrap());
        }
        presented(&map, 5).err().map(|denied| denied.kind())
    }

    #[test]
    fn each_way_to_spoil_the_header_has_its_own_reason() {
        assert_eq!(kind(&[("txn-token", b"a.b.c")]), None);
        assert_eq!(kind(&[("authorization", b"Bearer a.b.c")]), None);
        assert_eq!(kind(&[("txn-token", b"a.b.c"), ("txn-token", b"a.b.c")]), Some(DeniedKind::TwoCredentials));
        assert_eq!(kind(&[("txn-token", b"a,b.c")]), Some(DeniedKind::TwoCredentials));
        assert_eq!(kind(&[("txn_token", b"a.b.c")]), Some(DeniedKind::LookAlikeHeader));
        assert_eq!(kind(&[("txn-token", b"a.b.cc")]), Some(DeniedKind::TooLong));
        assert_eq!(kind(&[("txn-token", b"a.b.\xff")]), Some(DeniedKind::NotAscii));
        assert_eq!(kind(&[("txn-token", b"")]), Some(DeniedKind::MalformedHeader));
        assert_eq!(kind(&[("txn-token", b"a.b c")]), Some(DeniedKind::MalformedHeader));
        assert_eq!(kind(&[("txn-token", b"a.b\tc")]), Some(DeniedKind::MalformedHeader));
    }
}
