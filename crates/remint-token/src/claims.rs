use remint_core::{Audience, IssuerId, MintRequest, Stamp, Timestamp, TokenId};
use serde::Serialize;

use crate::IdentityClaims;

/// The names of the claims of a [`Frame`]. With [`IDENTITY_CLAIMS`](crate::IDENTITY_CLAIMS) these
/// are all claims of an internal token.
pub const FRAME_CLAIMS: [&str; 7] = ["iss", "aud", "exp", "nbf", "iat", "jti", "rev"];

/// The longest internal token, in bytes, that is minted and verified unless a setting says otherwise: 16 KiB.
pub const USUAL_MAX_LENGTH: usize = 16 * 1024;

/// The claims of an internal token, borrowed from what they are made of. What is absent or empty
/// is left out.
#[derive(Debug, Serialize)]
pub struct InternalClaims<'a> {
    iss: &'a str,
    aud: AudienceClaim<'a>,
    exp: u64,
    nbf: u64,
    iat: u64,
    jti: &'a str,
    /// How far the issuer had read the log of revocations before it authenticated anybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    rev: Option<&'a Stamp>,
    #[serde(flatten)]
    identity: IdentityClaims<'a>,
}

/// The claims that do not come from the identity.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// `iss`.
    pub issuer: &'a IssuerId,
    /// `aud`: a text if there is one, else an array.
    pub audiences: &'a [Audience],
    /// `jti`.
    pub id: &'a TokenId,
    /// `iat` and `nbf`, in whole seconds.
    pub issued_at: Timestamp,
    /// `exp`, in whole seconds.
    pub expires_at: Timestamp,
}

impl<'a> InternalClaims<'a> {
    /// The claims of a token with this frame that says what `request` says.
    #[must_use]
    pub fn new(frame: &Frame<'a>, request: &MintRequest<'a>) -> Self {
        Self {
            iss: frame.issuer.as_str(),
            aud: match frame.audiences {
                [one] => AudienceClaim::One(one.as_str()),
                several => AudienceClaim::Several(several),
            },
            exp: frame.expires_at.as_secs(),
            nbf: frame.issued_at.as_secs(),
            iat: frame.issued_at.as_secs(),
            jti: frame.id.as_str(),
            rev: request.stamp,
            identity: IdentityClaims::from(request.identity),
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum AudienceClaim<'a> {
    One(&'a str),
    Several(&'a [Audience]),
}
