use remint_core::{CredentialRef, MadeBy};
use serde::Serialize;
use utoipa::ToSchema;

/// What made a key.
#[derive(Serialize, ToSchema)]
#[schema(as = MadeBy)]
pub(crate) struct MadeByView {
    /// `api_key`, `jwt`, `client` or `other`: a caller's credential, which is named below; or `bootstrap`, `sign_up`,
    /// `operator`, `system`, `unknown`.
    kind: &'static str,
    /// The id of the key, the client or the other credential.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// The token's issuer.
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<String>,
    /// The token's subject.
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
}

impl MadeByView {
    pub(super) fn new(made_by: &MadeBy) -> Self {
        let of = |id: Option<&str>, iss: Option<&str>, sub: Option<&str>| Self {
            kind: made_by.kind(),
            id: id.map(str::to_owned),
            iss: iss.map(str::to_owned),
            sub: sub.map(str::to_owned),
        };
        match made_by {
            MadeBy::Credential(CredentialRef::ApiKey { id }) => of(Some(id.as_str()), None, None),
            MadeBy::Credential(CredentialRef::Client { id }) => of(Some(id.as_str()), None, None),
            MadeBy::Credential(CredentialRef::Other { id, .. }) => of(Some(id.as_str()), None, None),
            MadeBy::Credential(CredentialRef::Jwt { issuer, subject, .. }) => {
                of(None, Some(issuer.as_str()), Some(subject.as_str()))
            }
            _ => of(None, None, None),
        }
    }
}
