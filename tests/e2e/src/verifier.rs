use serde_json::{Value, json};
use tokio::process::Command;

use crate::Outcome;
use crate::script;

/// A JWT library that nobody here wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verifier {
    /// npm `jose`.
    Jose,
    /// PyPI `PyJWT`.
    PyJwt,
}

/// What a verifier is asked.
#[derive(Debug, Clone)]
pub struct Question {
    /// Where the keys are published.
    pub jwks: String,
    /// Who must have issued the token.
    pub issuer: String,
    /// For whom.
    pub audience: String,
}

/// A token that the library took for good.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// Its header.
    pub header: Value,
    /// Its claims.
    pub claims: Value,
}

impl Verifier {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Jose, Self::PyJwt];

    /// Fetches the keys and verifies the token.
    ///
    /// # Errors
    ///
    /// The library's own name for what is wrong with the token.
    pub async fn verify(self, question: &Question, token: &str) -> Outcome<Verified> {
        let Question { jwks, issuer, audience } = question;
        let input = json!({ "jwks": jwks, "issuer": issuer, "audience": audience, "token": token });
        let output = script::run(self.command(), &input.to_string()).await?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).trim().into());
        }
        let answer: Value = serde_json::from_slice(&output.stdout)?;
        let part = |name| answer.get(name).cloned().unwrap_or_default();
        Ok(Verified { header: part("header"), claims: part("claims") })
    }

    fn command(self) -> Command {
        match self {
            Self::Jose => script::node("verify-jose.mjs"),
            Self::PyJwt => script::python("verify_pyjwt.py"),
        }
    }
}
