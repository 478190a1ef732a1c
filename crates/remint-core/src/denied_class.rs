/// What the caller is told of a denial: the error code of RFC 6750 §3.1 and its status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeniedClass {
    /// 400 `invalid_request`.
    InvalidRequest,
    /// 401 with a challenge that carries no error code.
    NoCredential,
    /// 401 `invalid_token`.
    InvalidToken,
    /// 401 `invalid_dpop_proof` (RFC 9449 §7.1).
    InvalidDpopProof,
    /// 401 `use_dpop_nonce` (RFC 9449 §9).
    UseDpopNonce,
    /// 403 `insufficient_scope`.
    InsufficientScope,
    /// 403 without an error code and without a challenge: no scope that could be asked for is missing.
    Forbidden,
    /// 429 (RFC 6585 §4).
    TooManyFailures,
}

impl DeniedClass {
    /// The error code, absent where RFC 6750 §3.1 asks for none.
    #[must_use]
    pub const fn code(self) -> Option<&'static str> {
        match self {
            Self::InvalidRequest => Some("invalid_request"),
            Self::NoCredential | Self::Forbidden | Self::TooManyFailures => None,
            Self::InvalidToken => Some("invalid_token"),
            Self::InvalidDpopProof => Some("invalid_dpop_proof"),
            Self::UseDpopNonce => Some("use_dpop_nonce"),
            Self::InsufficientScope => Some("insufficient_scope"),
        }
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(self) -> http::StatusCode {
        match self {
            Self::InvalidRequest => http::StatusCode::BAD_REQUEST,
            Self::NoCredential | Self::InvalidToken | Self::InvalidDpopProof | Self::UseDpopNonce => {
                http::StatusCode::UNAUTHORIZED
            }
            Self::InsufficientScope | Self::Forbidden => http::StatusCode::FORBIDDEN,
            Self::TooManyFailures => http::StatusCode::TOO_MANY_REQUESTS,
        }
    }
}
