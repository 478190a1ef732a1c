use std::time::Duration;

use crate::DeniedClass;

/// Why a request is refused, where the fault is the caller's.
///
/// The kind is for our metrics and our log; the caller learns no more than its [`DeniedClass`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DeniedKind {
    /// More than one credential, or one header twice, or values joined by a comma.
    TwoCredentials,
    /// A credential over the size limit.
    TooLong,
    /// A credential with a byte outside ASCII.
    NotAscii,
    /// A credential header that does not follow its grammar.
    MalformedHeader,
    /// A header that becomes a credential header when `_` is read as `-`.
    LookAlikeHeader,
    /// A cookie credential on an unsafe method from another origin.
    CrossOrigin,
    /// A path with a segment `.` or `..`, plain or percent-encoded, where a proof has to name the path.
    DotSegment,
    /// No credential where one is required.
    NoCredential,
    /// An authentication scheme that is not configured.
    UnknownScheme,
    /// A text that is neither a JWT nor an API key of an accepted format.
    Structure,
    /// An `alg` that this issuer's allow-list does not name.
    Algorithm,
    /// A `typ` (or the shape) of a token that is not an access token.
    TokenType,
    /// A claim that is missing, of a wrong type, or present twice.
    Claim,
    /// An issuer that is not trusted.
    UntrustedIssuer,
    /// An audience that is not ours.
    Audience,
    /// A client that the issuer's allow-list does not name.
    Client,
    /// A lifetime (`exp − iat`) beyond the issuer's maximum.
    Lifetime,
    /// `exp` has passed, or the API key's end.
    Expired,
    /// `nbf` or `iat` lies in the future.
    NotYetValid,
    /// A key id that the issuer's current key set does not hold.
    UnknownKeyId,
    /// The signature does not verify under the key it names.
    Signature,
    /// A sender-constrained token (`cnf`) whose proof was not verified.
    SenderConstrained,
    /// A DPoP proof that is missing, not one, or not of this request, token or key (RFC 9449 §4.3).
    DpopProof,
    /// A DPoP proof without a nonce that we gave out a moment ago (RFC 9449 §9).
    DpopNonce,
    /// A certificate-bound token over a connection without that certificate (RFC 8705 §3).
    ClientCertificate,
    /// A token that its issuer says is not active (RFC 7662 §2.2).
    Inactive,
    /// A credential that the authorization server does not exchange.
    NotExchanged,
    /// A tenant for which this issuer does not speak.
    Tenant,
    /// An API key that is well-formed and not ours.
    UnknownApiKey,
    /// The user is disabled.
    UserDisabled,
    /// The user's tenant is disabled.
    TenantDisabled,
    /// The credential, or something it hangs on, was revoked.
    Revoked,
    /// A required scope is missing.
    InsufficientScope,
    /// A required role is missing.
    Role,
    /// A required entitlement is missing.
    Entitlement,
    /// A required predicate does not hold: the denial's [detail](Denied::detail) names it.
    Predicate,
    /// A `test` credential where `live` is demanded, or the reverse.
    Environment,
    /// A credential that failed, after too many others from the same address or with the same beginning.
    TooManyFailures,
    /// An address outside the networks that the API key is bound to, or none stated.
    Network,
}

impl DeniedKind {
    /// The kind's name in metrics and logs: a fixed, lower-case text.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::TwoCredentials => "two_credentials",
            Self::TooLong => "too_long",
            Self::NotAscii => "not_ascii",
            Self::MalformedHeader => "malformed_header",
            Self::LookAlikeHeader => "look_alike_header",
            Self::CrossOrigin => "cross_origin",
            Self::DotSegment => "dot_segment",
            Self::NoCredential => "no_credential",
            Self::UnknownScheme => "unknown_scheme",
            Self::Structure => "structure",
            Self::Algorithm => "algorithm",
            Self::TokenType => "token_type",
            Self::Claim => "claim",
            Self::UntrustedIssuer => "untrusted_issuer",
            Self::Audience => "audience",
            Self::Client => "client",
            Self::Lifetime => "lifetime",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::UnknownKeyId => "unknown_key_id",
            Self::Signature => "signature",
            Self::SenderConstrained => "sender_constrained",
            Self::DpopProof => "dpop_proof",
            Self::DpopNonce => "dpop_nonce",
            Self::ClientCertificate => "client_certificate",
            Self::Inactive => "inactive",
            Self::NotExchanged => "not_exchanged",
            Self::Tenant => "tenant",
            Self::UnknownApiKey => "unknown_api_key",
            Self::UserDisabled => "user_disabled",
            Self::TenantDisabled => "tenant_disabled",
            Self::Revoked => "revoked",
            Self::InsufficientScope => "insufficient_scope",
            Self::Role => "role",
            Self::Entitlement => "entitlement",
            Self::Predicate => "predicate",
            Self::Environment => "environment",
            Self::TooManyFailures => "too_many_failures",
            Self::Network => "network",
        }
    }

    /// What the caller is told (RFC 6750 §3.1).
    #[must_use]
    pub const fn class(self) -> DeniedClass {
        match self {
            Self::TwoCredentials
            | Self::TooLong
            | Self::NotAscii
            | Self::MalformedHeader
            | Self::LookAlikeHeader
            | Self::CrossOrigin
            | Self::DotSegment => DeniedClass::InvalidRequest,
            Self::NoCredential => DeniedClass::NoCredential,
            Self::DpopProof => DeniedClass::InvalidDpopProof,
            Self::DpopNonce => DeniedClass::UseDpopNonce,
            Self::TooManyFailures => DeniedClass::TooManyFailures,
            Self::InsufficientScope | Self::Environment | Self::Network => DeniedClass::InsufficientScope,
            Self::Role | Self::Entitlement | Self::Predicate => DeniedClass::Forbidden,
            Self::UnknownScheme
            | Self::Structure
            | Self::Algorithm
            | Self::TokenType
            | Self::Claim
            | Self::UntrustedIssuer
            | Self::Audience
            | Self::Client
            | Self::Lifetime
            | Self::Expired
            | Self::NotYetValid
            | Self::UnknownKeyId
            | Self::Signature
            | Self::SenderConstrained
            | Self::ClientCertificate
            | Self::Inactive
            | Self::NotExchanged
            | Self::Tenant
            | Self::UnknownApiKey
            | Self::UserDisabled
            | Self::TenantDisabled
            | Self::Revoked => DeniedClass::InvalidToken,
        }
    }

    /// How long the verdict may be remembered; `None`: not at all.
    ///
    /// Remembered are only verdicts that asking again cannot change: a bad signature under a known
    /// key, expired, revoked; and, for at most two seconds, an unknown API key or
    /// a token that its issuer says is not active. An unknown `kid`
    /// or a token that is not valid *yet* never is.
    #[must_use]
    pub const fn remember_for(self) -> Option<Duration> {
        match self {
            Self::Signature | Self::Expired | Self::Revoked => Some(Duration::from_secs(10)),
            Self::UnknownApiKey | Self::Inactive => Some(Duration::from_secs(2)),
            _ => None,
        }
    }
}

/// A denial. It carries a kind, in some kinds a name out of the program's text, and nothing of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("denied: {}{}", kind.reason(), detail.map(|name| format!(" ({name})")).unwrap_or_default())]
pub struct Denied {
    kind: DeniedKind,
    detail: Option<&'static str>,
}

impl Denied {
    /// A denial of this kind.
    #[must_use]
    pub const fn new(kind: DeniedKind) -> Self {
        Self { kind, detail: None }
    }

    /// The same with a name for metrics and the log: which of several conditions of this kind was not met. It stands in
    /// the program's text, so that there are few of them. The caller does not learn it.
    #[must_use]
    pub const fn with_detail(self, name: &'static str) -> Self {
        Self { detail: Some(name), ..self }
    }

    /// Why.
    #[must_use]
    pub const fn kind(&self) -> DeniedKind {
        self.kind
    }

    /// Which of several conditions was not met, where that has a name.
    #[must_use]
    pub const fn detail(&self) -> Option<&'static str> {
        self.detail
    }
}

impl From<DeniedKind> for Denied {
    fn from(kind: DeniedKind) -> Self {
        Self::new(kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_look_could_change_is_not_remembered() {
        for kind in [
            DeniedKind::UnknownKeyId,
            DeniedKind::NotYetValid,
            DeniedKind::UserDisabled,
            DeniedKind::TenantDisabled,
            DeniedKind::Network,
            DeniedKind::Audience,
        ] {
            assert_eq!(kind.remember_for(), None, "{kind:?}");
        }
        assert!(DeniedKind::UnknownApiKey.remember_for() <= Some(Duration::from_secs(2)));
    }

    #[test]
    fn a_denial_names_its_kind_and_the_detail_that_it_has() {
        let denied = Denied::new(DeniedKind::Predicate);
        assert_eq!((denied.to_string().as_str(), denied.detail()), ("denied: predicate", None));
        let named = denied.with_detail("of-age");
        assert_eq!((named.to_string().as_str(), named.detail()), ("denied: predicate (of-age)", Some("of-age")));
        assert_ne!(named, denied);
    }
}
