use remint_token::urn;

/// The types of tokens that can be exchanged (RFC 8693 §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenType {
    /// `urn:ietf:params:oauth:token-type:jwt`: of an external issuer, or ours.
    Jwt,
    /// `urn:ietf:params:oauth:token-type:access_token`: the same, or an opaque one.
    AccessToken,
    /// `urn:ietf:params:oauth:token-type:id_token`: of an issuer that is trusted so.
    IdToken,
    /// `urn:remint:params:oauth:token-type:api-key`.
    ApiKey,
}

impl TokenType {
    /// What [`parse`](Self::parse) knows.
    #[cfg(test)]
    pub(super) const NAMES: [&str; 4] = [urn::JWT, urn::ACCESS_TOKEN, urn::ID_TOKEN, urn::API_KEY];

    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            urn::JWT => Some(Self::Jwt),
            urn::ACCESS_TOKEN => Some(Self::AccessToken),
            urn::ID_TOKEN => Some(Self::IdToken),
            urn::API_KEY => Some(Self::ApiKey),
            _ => None,
        }
    }
}
