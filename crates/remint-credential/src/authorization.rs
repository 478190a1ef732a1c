use remint_core::{Denied, DeniedKind, Slot};

use crate::Presented;

/// The schemes that are sources.
#[derive(Debug, Clone)]
pub(crate) struct Schemes {
    pub(crate) bearer: bool,
    pub(crate) api_key: Vec<String>,
}

impl Schemes {
    /// Splits `scheme 1*SP credential` (RFC 9110 §11.4).
    #[inline]
    pub(crate) fn parse<'h>(&self, value: &'h [u8]) -> Result<Presented<'h>, Denied> {
        if let Some((b' ', rest)) = value.get(6..).and_then(<[u8]>::split_first)
            && self.bearer
            && value.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer"))
        {
            return present(Slot::Bearer, rest);
        }
        let end = value.iter().position(|byte| *byte == b' ').unwrap_or(value.len());
        let (scheme, rest) = value.split_at_checked(end).unwrap_or((value, &[]));
        let slot = self.slot(scheme)?;
        present(slot, rest)
    }

    fn slot(&self, scheme: &[u8]) -> Result<Slot, Denied> {
        if self.bearer && scheme.eq_ignore_ascii_case(b"bearer") {
            return Ok(Slot::Bearer);
        }
        if self.api_key.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(scheme)) {
            return Ok(Slot::ApiKeyScheme);
        }
        Err(if !scheme.is_ascii() {
            DeniedKind::NotAscii.into()
        } else if scheme.contains(&b',') {
            DeniedKind::TwoCredentials.into()
        } else if !scheme.is_empty() && scheme.iter().all(|byte| byte.is_ascii_graphic()) {
            DeniedKind::UnknownScheme.into()
        } else {
            DeniedKind::MalformedHeader.into()
        })
    }
}

fn present(slot: Slot, rest: &[u8]) -> Result<Presented<'_>, Denied> {
    let start = rest.iter().position(|byte| *byte != b' ').unwrap_or(rest.len());
    match rest.get(start..) {
        Some(bytes) if !bytes.is_empty() => Ok(Presented { slot, bytes }),
        _ => Err(DeniedKind::MalformedHeader.into()),
    }
}
