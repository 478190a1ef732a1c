use remint_core::{DeniedKind, Slot};

use crate::Extraction;

/// The schemes that are sources.
#[derive(Debug, Clone)]
pub(crate) struct Schemes {
    pub(crate) bearer: bool,
    pub(crate) dpop: bool,
    pub(crate) api_key: Vec<String>,
}

impl Schemes {
    /// Splits `scheme 1*SP credential` (RFC 9110 §11.4).
    #[inline]
    pub(crate) fn parse<'h>(&self, value: &'h [u8], found: &mut Extraction<'h>) -> Result<(), DeniedKind> {
        if let Some((b' ', rest)) = value.get(6..).and_then(<[u8]>::split_first)
            && self.bearer
            && value.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer"))
        {
            return present(Slot::Bearer, rest, found);
        }
        let end = value.iter().position(|byte| *byte == b' ').unwrap_or(value.len());
        let (scheme, rest) = value.split_at_checked(end).unwrap_or((value, &[]));
        let slot = self.slot(scheme)?;
        present(slot, rest, found)
    }

    fn slot(&self, scheme: &[u8]) -> Result<Slot, DeniedKind> {
        if self.bearer && scheme.eq_ignore_ascii_case(b"bearer") {
            return Ok(Slot::Bearer);
        }
        if self.dpop && scheme.eq_ignore_ascii_case(b"dpop") {
            return Ok(Slot::Dpop);
        }
        if self.api_key.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(scheme)) {
            return Ok(Slot::ApiKeyScheme);
        }
        Err(if !scheme.is_ascii() {
            DeniedKind::NotAscii
        } else if scheme.contains(&b',') {
            DeniedKind::TwoCredentials
        } else if !scheme.is_empty() && scheme.iter().all(|byte| byte.is_ascii_graphic()) {
            DeniedKind::UnknownScheme
        } else {
            DeniedKind::MalformedHeader
        })
    }
}

#[inline]
fn present<'h>(slot: Slot, rest: &'h [u8], found: &mut Extraction<'h>) -> Result<(), DeniedKind> {
    let mut bytes = rest;
    while let Some((b' ', after)) = bytes.split_first() {
        bytes = after;
    }
    found.present(slot, bytes)
}
