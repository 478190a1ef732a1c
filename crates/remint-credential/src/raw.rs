use std::fmt;

use remint_core::{Credential, CredentialForm, Denied, DeniedKind, Slot, is_token68};

/// The bytes of the one credential a request presents, within the length limit and otherwise
/// unchecked.
#[derive(Clone, Copy)]
pub struct RawCredential<'h> {
    pub(crate) slot: Slot,
    pub(crate) bytes: &'h [u8],
}

impl<'h> RawCredential<'h> {
    /// Where it stood.
    #[must_use]
    pub const fn slot(&self) -> Slot {
        self.slot
    }

    /// The bytes: a secret.
    #[must_use]
    pub const fn expose_secret(&self) -> &'h [u8] {
        self.bytes
    }

    /// Looks at alphabet and dots: `token68` (RFC 9110 §11.2), two dots for a JWT, at most one for an
    /// API key or another opaque text, and the form that the slot may hold. The name of a session is of a cookie's own
    /// alphabet (RFC 6265 §4.1.1, without quotes), and its dots say nothing.
    ///
    /// # Errors
    ///
    /// `NotAscii`, `TwoCredentials` (a comma), `MalformedHeader` (outside the alphabet), or
    /// `Structure` (dots that fit nothing).
    pub fn check(self) -> Result<Credential<'h>, Denied> {
        let (sound, dots) = match self.slot {
            Slot::SessionCookie => (self.bytes.iter().copied().all(is_cookie_octet), 0),
            _ => scan(self.bytes),
        };
        if !sound {
            return Err(self.why_unsound().into());
        }
        let form = match (self.slot, dots) {
            (Slot::SessionCookie, _) => CredentialForm::Session,
            (Slot::Bearer | Slot::Dpop | Slot::Cookie | Slot::JwtHeader, 2) => CredentialForm::Jwt,
            (Slot::Bearer | Slot::Dpop | Slot::ApiKeyScheme | Slot::ApiKeyHeader, 0 | 1) => CredentialForm::ApiKey,
            _ => return Err(DeniedKind::Structure.into()),
        };
        match std::str::from_utf8(self.bytes) {
            Ok(text) => Ok(Credential::new(self.slot, form, text)),
            Err(_) => Err(DeniedKind::NotAscii.into()),
        }
    }

    fn why_unsound(&self) -> DeniedKind {
        if !self.bytes.is_ascii() {
            DeniedKind::NotAscii
        } else if self.bytes.contains(&b',') && self.slot != Slot::SessionCookie {
            DeniedKind::TwoCredentials
        } else {
            DeniedKind::MalformedHeader
        }
    }
}

impl fmt::Debug for RawCredential<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawCredential").field("slot", &self.slot).finish_non_exhaustive()
    }
}

/// RFC 6265 §4.1.1.
const fn is_cookie_octet(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\')
}

/// Whether all is `token68`, and how many dots there are. Branch-free and in single bytes, so that the
/// inner loop is vectorised.
fn scan(bytes: &[u8]) -> (bool, usize) {
    let (mut outside, mut dots) = (0_u8, 0_usize);
    for chunk in bytes.chunks(128) {
        let mut dots_here = 0_u8;
        for &byte in chunk {
            outside |= u8::from(!is_token68(byte));
            dots_here += u8::from(byte == b'.');
        }
        dots += usize::from(dots_here);
    }
    (outside == 0, dots)
}
