use std::sync::Arc;

use async_trait::async_trait;
use remint_core::{Authentication, Authenticator, Credential, CredentialForm, Refusal, Verified};

use crate::OidcAuthenticator;
use crate::token_type::Kind;

/// Authenticates ID tokens of the issuers whose trust accepts them
/// ([`Trust::id_tokens`](crate::Trust::id_tokens)): for whoever exchanges one, never for a request to an edge.
///
/// Everything that the crate's decision asks of an access token is asked of an ID token, with these
/// differences (OpenID Connect Core §2, §3.1.3.7):
///
/// - `typ` is absent or `JWT`, and nothing shows another kind of token; what only an ID token has (`nonce`,
///   `at_hash`) is no reason to refuse it, and is not looked at: whoever asked for the token did that.
/// - `aud` names one of the trust's clients, and besides them nobody but ourselves.
/// - `azp` is one of these clients, as is every other claim that names one; with several audiences it must
///   be there. The allow-list of access tokens ([`Trust::clients`](crate::Trust::clients)) has no say.
/// - No scope passes: an ID token says who somebody is, and gives nobody a right.
#[derive(Debug, Clone)]
pub struct IdTokenAuthenticator(Arc<OidcAuthenticator>);

impl OidcAuthenticator {
    /// The authenticator of the same issuers' ID tokens. It follows each change of the trusts.
    #[must_use]
    pub fn id_tokens(self: &Arc<Self>) -> IdTokenAuthenticator {
        IdTokenAuthenticator(Arc::clone(self))
    }
}

#[async_trait]
impl Authenticator for IdTokenAuthenticator {
    async fn authenticate(&self, credential: Credential<'_>) -> Result<Option<Verified<Authentication>>, Refusal> {
        match credential.form() {
            CredentialForm::ApiKey | CredentialForm::Session => Ok(None),
            CredentialForm::Jwt => self.0.jwt(credential.expose_secret(), Kind::IdToken).await.map(Some),
        }
    }
}
