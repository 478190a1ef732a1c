use crate::{CredentialRef, Identity};

/// What the log says of a refused credential: who it says it is of, and where the fault is.
///
/// Nobody vouches for it: a forged token names whom it likes. Nothing of it authenticates, and the caller is not told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Explanation {
    /// The trust that its issuer belongs to.
    pub trust: Option<String>,
    /// The issuer that it names (`iss`).
    pub issuer: Option<String>,
    /// The key that it says it was signed under (`kid`).
    pub key_id: Option<String>,
    /// The claim, or the member of the token's header, that the refusal is about.
    pub claim: Option<String>,
    /// What stands there: `absent`, `null`, `boolean`, `number`, `text`, `list` or `object`.
    pub found: Option<&'static str>,
    /// Of an API key: its id, or its beginning, which is not secret.
    pub api_key: Option<String>,
}

impl Explanation {
    /// Of a credential that is good, and whose caller is refused for something else.
    #[must_use]
    pub fn of(identity: &Identity) -> Self {
        match &identity.credential {
            CredentialRef::Jwt { issuer, .. } => Self { issuer: Some(shown(issuer.as_str())), ..Self::default() },
            CredentialRef::ApiKey { id } => Self { api_key: Some(id.to_string()), ..Self::default() },
            CredentialRef::Client { .. } | CredentialRef::Other { .. } => Self::default(),
        }
    }

    /// The same with these names of a token, each cut to 200 characters.
    #[must_use]
    pub fn with_names(mut self, issuer: Option<&str>, key_id: Option<&str>) -> Self {
        self.issuer = issuer.map(shown);
        self.key_id = key_id.map(shown);
        self
    }
}

/// So much of a stranger's text stands in a line of the log.
fn shown(text: &str) -> String {
    text.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strangers_names_are_cut() {
        let long = "é".repeat(300);
        let said = Explanation::default().with_names(Some(&long), None);
        assert_eq!(said.issuer.map(|issuer| issuer.chars().count()), Some(200));
        assert_eq!(said.key_id, None);
    }
}
