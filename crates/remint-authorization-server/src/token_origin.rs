use remint_jwt::Jws;

use crate::server::Server;

/// Where a token comes from that somebody asks about, as far as its text says. Nothing of it is believed yet.
#[derive(Clone, Copy)]
pub(crate) enum TokenOrigin<'a> {
    /// A JWT that names us as its issuer.
    Internal(&'a str),
    /// A JWT that names another issuer.
    External,
    /// A text without structure: an API key, perhaps.
    Opaque(&'a str),
    /// No token: neither of the two.
    Malformed,
}

impl<'a> TokenOrigin<'a> {
    pub(crate) fn of(server: &Server, text: &'a str) -> Self {
        match text.bytes().filter(|byte| *byte == b'.').count() {
            0 | 1 => Self::Opaque(text),
            2 => {
                match Jws::parse_external(text).ok().map(|jws| jws.unverified_claims().issuer().ok().map(str::to_owned))
                {
                    Some(Some(issuer)) if issuer == server.issuer_id().as_str() => Self::Internal(text),
                    Some(Some(_)) => Self::External,
                    _ => Self::Malformed,
                }
            }
            _ => Self::Malformed,
        }
    }
}
