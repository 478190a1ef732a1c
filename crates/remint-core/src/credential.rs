use std::fmt;

use zeroize::Zeroizing;

/// The place in a request where a credential stood. It is part of the fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Slot {
    /// `Authorization: Bearer …` (RFC 6750 §2.1).
    Bearer = 0,
    /// `Authorization: <scheme> …` with a scheme configured for API keys.
    ApiKeyScheme = 1,
    /// A header of its own, such as `X-API-Key`.
    ApiKeyHeader = 2,
    /// The configured cookie.
    Cookie = 3,
    /// `Authorization: DPoP …` (RFC 9449 §7.1): a token that its sender must prove to own.
    Dpop = 4,
    /// The parameter `assertion` of a token request (RFC 7523 §2.1), which is read to the word.
    Assertion = 5,
    /// A header of its own that carries a JWT, which a proxy or a browser sends by itself.
    JwtHeader = 6,
    /// The configured cookie of sessions.
    SessionCookie = 7,
}

impl Slot {
    /// How many slots there are.
    pub const COUNT: usize = 8;
}

/// What a credential looks like: decided by its dots and its slot, not by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CredentialForm {
    /// Three base64url segments (RFC 7515 §7.1).
    Jwt,
    /// A text without the shape of a JWT.
    ApiKey,
    /// The value of the cookie of sessions, whatever it is: for an authenticator of your own.
    Session,
}

/// One credential, borrowed from the request it came in.
///
/// It has no `==` and shows nothing in `Debug`; [`Credential::expose_secret`] is the only way to
/// its text.
#[derive(Clone, Copy)]
pub struct Credential<'a> {
    slot: Slot,
    form: CredentialForm,
    text: &'a str,
}

impl<'a> Credential<'a> {
    /// Names the parts. The caller has checked length and alphabet.
    #[must_use]
    pub const fn new(slot: Slot, form: CredentialForm, text: &'a str) -> Self {
        Self { slot, form, text }
    }

    /// Where it stood.
    #[must_use]
    pub const fn slot(&self) -> Slot {
        self.slot
    }

    /// What it looks like.
    #[must_use]
    pub const fn form(&self) -> CredentialForm {
        self.form
    }

    /// The text itself: a secret.
    #[must_use]
    pub const fn expose_secret(&self) -> &'a str {
        self.text
    }

    /// A copy that outlives the request and is wiped when dropped.
    #[must_use]
    pub fn to_owned(&self) -> OwnedCredential {
        OwnedCredential { slot: self.slot, form: self.form, text: Zeroizing::new(self.text.into()) }
    }
}

impl fmt::Debug for Credential<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").field("slot", &self.slot).field("form", &self.form).finish_non_exhaustive()
    }
}

/// A credential that owns its text and wipes it when dropped.
pub struct OwnedCredential {
    slot: Slot,
    form: CredentialForm,
    text: Zeroizing<Box<str>>,
}

impl OwnedCredential {
    /// The same credential, borrowed.
    #[must_use]
    pub fn borrow(&self) -> Credential<'_> {
        Credential::new(self.slot, self.form, &self.text)
    }
}

impl fmt::Debug for OwnedCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.borrow().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_the_text() {
        let credential = Credential::new(Slot::Bearer, CredentialForm::Jwt, "canary.canary.canary");
        assert!(!format!("{credential:?} {:?}", credential.to_owned()).contains("canary"));
    }
}
