use remint_core::{
    Authentication, Credential, CredentialForm, CredentialRef, DeniedKind, IssuerId, Refusal, Slot, Subject, TokenId,
    is_token68,
};

use crate::client::Client;
use crate::grant::GrantContext;
use crate::internal::Returned;
use crate::request::{TokenType, TypedToken};

/// Somebody whom a token of the request names, and who vouched for them.
#[derive(Debug)]
pub(crate) struct Party {
    pub(crate) authentication: Authentication,
    /// The `jti` of the token, if it is one of ours, made before.
    pub(crate) internal: Option<TokenId>,
}

impl Party {
    /// Whose token it is, if it is of the type that it is said to be and the client may bring it.
    pub(crate) async fn of(context: &GrantContext<'_>, token: TypedToken<'_>) -> Result<Self, Refusal> {
        Self::in_slot(context, token, Slot::Bearer).await
    }

    /// Who is the subject of an assertion (RFC 7523 §2.1), which is no token that somebody carries.
    pub(crate) async fn of_assertion(context: &GrantContext<'_>, text: &str) -> Result<Self, Refusal> {
        Self::in_slot(context, TypedToken { kind: TokenType::Jwt, text }, Slot::Assertion).await
    }

    async fn in_slot(
        &GrantContext { server, client, minting, .. }: &GrantContext<'_>,
        TypedToken { kind, text }: TypedToken<'_>,
        slot: Slot,
    ) -> Result<Self, Refusal> {
        let dots = text.bytes().filter(|byte| *byte == b'.').count();
        if !text.bytes().all(is_token68) || text.len() > MAX_TOKEN {
            return Err(DeniedKind::Structure.into());
        }
        let party = match (kind, dots) {
            (TokenType::Jwt | TokenType::AccessToken, 2) if server.internal.claims(text) => {
                let audiences = server.subject_audiences(client);
                let Returned { authentication, id } = server.internal.verify(text, Some(audiences)).await?;
                Self { authentication: authentication.into_inner(), internal: Some(id) }
            }
            (TokenType::Jwt | TokenType::AccessToken, 2) => {
                let credential = Credential::new(slot, CredentialForm::Jwt, text);
                Self::external(minting.authenticate(credential).await?.into_inner())
            }
            (TokenType::AccessToken, 0 | 1) => {
                let credential = Credential::new(Slot::Bearer, CredentialForm::ApiKey, text);
                Self::external(minting.authenticate(credential).await?.into_inner())
            }
            (TokenType::ApiKey, 0 | 1) => {
                let credential = Credential::new(Slot::ApiKeyHeader, CredentialForm::ApiKey, text);
                Self::external(minting.authenticate(credential).await?.into_inner())
            }
            (TokenType::IdToken, 2) => {
                let credential = Credential::new(Slot::Bearer, CredentialForm::Jwt, text);
                Self::external(server.id_token(credential).await?.into_inner())
            }
            _ => return Err(DeniedKind::Structure.into()),
        };
        party.is_of(kind)?;
        party.may_be_brought_by(client, server.issuer_id())?;
        Ok(party)
    }

    const fn external(authentication: Authentication) -> Self {
        Self { authentication, internal: None }
    }

    /// A key is not an access token, nor the reverse.
    fn is_of(&self, kind: TokenType) -> Result<(), DeniedKind> {
        let is_key = matches!(self.authentication.identity.credential, CredentialRef::ApiKey { .. });
        if self.internal.is_some() || is_key == (kind == TokenType::ApiKey) {
            Ok(())
        } else {
            Err(DeniedKind::TokenType)
        }
    }

    /// The client may bring credentials of this issuer, and those that are bound to more than themselves only
    /// if it is an edge, which holds each request to that.
    fn may_be_brought_by(&self, client: &Client, own: &IssuerId) -> Result<(), DeniedKind> {
        let authentication = &self.authentication;
        let issuer = match &authentication.identity.credential {
            CredentialRef::Jwt { issuer, .. } if self.internal.is_none() => issuer,
            _ => own,
        };
        if client.issuers.as_ref().is_some_and(|allowed| !allowed.contains(issuer)) {
            return Err(DeniedKind::UntrustedIssuer);
        }
        if authentication.confirmation.is_some() && !client.is_edge {
            return Err(DeniedKind::SenderConstrained);
        }
        if !authentication.networks.is_empty() && !client.is_edge {
            return Err(DeniedKind::Network);
        }
        Ok(())
    }

    /// Who they are, as `act` says it: ours, or the external issuer's name for who is no user of ours.
    pub(crate) fn name(&self) -> (Option<&IssuerId>, &Subject) {
        let [ours, external, _] = self.names();
        let is_linked = !self.authentication.identity.subject.as_str().contains('|');
        external.filter(|_| !is_linked).or(ours).unwrap_or((None, &self.authentication.identity.subject))
    }

    /// Every name of theirs: ours, and the external issuer's, by which an internal token's subject came (`cred`).
    /// A token by which somebody acts for them is none of theirs: as an actor's it is refused.
    pub(crate) fn names(&self) -> [Option<(Option<&IssuerId>, &Subject)>; 3] {
        let identity = &self.authentication.identity;
        let (external, plain) = match &identity.credential {
            CredentialRef::Jwt { issuer, subject, .. } => {
                let plain = self.authentication.plain_subject.as_ref();
                (Some((Some(issuer), subject)), plain.map(|subject| (Some(issuer), subject)))
            }
            _ => (None, None),
        };
        [Some((None, &identity.subject)), external, plain]
    }
}

/// The longest token that is looked at, in bytes.
const MAX_TOKEN: usize = 16 * 1024;
