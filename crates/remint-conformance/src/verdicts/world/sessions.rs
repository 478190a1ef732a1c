use std::sync::Arc;

use async_trait::async_trait;
use remint_core::{
    Authentication, Authenticator, ClientId, Clock, Credential, CredentialForm, CredentialId, CredentialKind,
    CredentialRef, DeniedKind, Environment, Identity, Refusal, Subject, Target, Timestamp, Unavailable,
    UnavailableKind, Verified,
};

/// The sessions, as an authenticator of somebody's own knows them: the text of the cookie, the public id, and whose it
/// is. `s%3Adown` is one of a table that does not answer.
const SESSIONS: [(&str, &str, &str); 2] = [("s%3Aalice.0123", "1", "alice"), ("a.b.c", "2", "bob")];

/// An authenticator of sessions.
#[derive(Debug)]
pub(super) struct Sessions {
    pub(super) clock: Arc<dyn Clock>,
}

impl Sessions {
    /// Alice's.
    pub(super) fn target() -> Target {
        Target::Credential { kind: kind(), id: id("1") }
    }
}

#[async_trait]
impl Authenticator for Sessions {
    async fn authenticate(&self, credential: Credential<'_>) -> Result<Option<Verified<Authentication>>, Refusal> {
        if credential.form() != CredentialForm::Session {
            return Ok(None);
        }
        let text = credential.expose_secret();
        if text == "s%3Adown" {
            return Err(Unavailable::new(UnavailableKind::Store).into());
        }
        let Some((_, public, name)) = SESSIONS.into_iter().find(|(cookie, ..)| *cookie == text) else {
            return Err(DeniedKind::Inactive.into());
        };
        let subject = Subject::new(format!("app|{name}")).expect("a name");
        let credential = CredentialRef::Other { kind: kind(), id: id(public) };
        let client = ClientId::new("web").expect("a name");
        let mut identity = Identity::new(subject, Environment::Live, client, credential);
        identity.scopes = "jobs:read".parse().expect("scopes");
        let found = Authentication::new(identity, self.clock.now(), Timestamp::MAX);
        #[expect(clippy::disallowed_methods, reason = "this is an authenticator")]
        Ok(Some(Verified::vouch(found)))
    }
}

fn kind() -> CredentialKind {
    CredentialKind::new("session").expect("a kind")
}

fn id(text: &str) -> CredentialId {
    CredentialId::new(text).expect("a name")
}
