use std::sync::Arc;

use http::{HeaderMap, HeaderValue};
use remint_core::{Audience, DeniedKind, IssuerId, Refusal, Verified};
use remint_jwt::{Candidates, Jws};
use remint_token::{Transaction, TransactionExpectations, transaction};

use super::header;
use crate::middleware::{Outcome, Progress, Telemetry, Verifying, outcomes};
use crate::verifier::Inner;
use crate::{Verifier, VerifierError, VerifierErrorKind};

/// Verifies transaction tokens of one issuer for one trust domain. A clone is another handle.
#[derive(Debug, Clone)]
pub struct TransactionVerifier {
    verifier: Verifier,
    expected: Arc<TransactionExpectations>,
}

impl TransactionVerifier {
    /// Shares issuer, key set, algorithms, clock, length limit and log of revocations with this verifier,
    /// and nothing that it remembers.
    ///
    /// # Errors
    ///
    /// [`VerifierErrorKind::TrustDomain`] if the trust domain is the verifier's audience: for a
    /// transaction token is no access token, and the names are to say so too.
    pub fn new(verifier: &Verifier, trust_domain: Audience) -> Result<Self, VerifierError> {
        if *verifier.audience() == trust_domain {
            return Err(VerifierErrorKind::TrustDomain.into());
        }
        let expected = TransactionExpectations::new(verifier.issuer().clone(), trust_domain);
        Ok(Self { verifier: verifier.clone(), expected: Arc::new(expected) })
    }

    /// Verifies one token, given by itself.
    ///
    /// # Errors
    ///
    /// [`Refusal::Denied`] if it is not a transaction token of our issuer for our trust domain, valid
    /// now; [`Refusal::Unavailable`] if the key set that would tell cannot be had.
    pub async fn verify(&self, token: &str) -> Result<Verified<Arc<Transaction>>, Refusal> {
        let outcome = match self.at_hand(token) {
            Ok(Some(transaction)) => Ok(transaction),
            Ok(None) => self.when_key_comes(token).await,
            Err(refusal) => Err(refusal),
        };
        let transaction = TELEMETRY.counted(outcome.map(|transaction| (transaction, Outcome::Verified)))?;
        #[expect(clippy::disallowed_methods, reason = "it was verified a moment ago")]
        Ok(Verified::vouch(transaction))
    }

    /// The issuer whose tokens are accepted.
    #[must_use]
    pub fn issuer(&self) -> &IssuerId {
        self.expected.issuer()
    }

    /// The trust domain in which this service is.
    #[must_use]
    pub fn trust_domain(&self) -> &Audience {
        self.expected.trust_domain()
    }

    /// Verifies what a request presents, as far as that goes without waiting. `None`: it presents
    /// nothing.
    pub(super) fn begin(&self, headers: &HeaderMap) -> Result<Option<Progress<Transaction>>, Refusal> {
        let Some(value) = header::presented(headers, self.inner().max_length)? else { return Ok(None) };
        Ok(Some(match self.at_hand(text(value)?)? {
            Some(transaction) => Progress::Verified(transaction),
            None => Progress::Waiting(self.clone().wait(value.clone())),
        }))
    }

    fn wait(self, value: HeaderValue) -> Verifying<Transaction> {
        Box::pin(async move { self.when_key_comes(text(&value)?).await })
    }

    /// The transaction, if nobody has to be asked for the key or for what was revoked.
    fn at_hand(&self, token: &str) -> Result<Option<Arc<Transaction>>, Refusal> {
        let jws = self.examine(token)?;
        if !self.inner().is_current() {
            return Ok(None);
        }
        let keys = self.inner().keys_at_hand(&jws)?;
        keys.map(|keys| self.conclude(jws, &keys)).transpose()
    }

    async fn when_key_comes(&self, token: &str) -> Result<Arc<Transaction>, Refusal> {
        self.inner().stay_in_step().await?;
        let keys = self.inner().keys(&self.examine(token)?).await?;
        // It may have expired meanwhile.
        let transaction = transaction(self.examine(token)?.verify(&keys)?.into_inner())?;
        if self.inner().has_ended(&transaction.identity.targets(), transaction.issued_at.into()).await? {
            return Err(DeniedKind::Revoked.into());
        }
        Ok(Arc::new(transaction))
    }

    /// Verifies the signature, reads the transaction and asks what was revoked.
    fn conclude(&self, jws: Jws<'_>, keys: &Candidates) -> Result<Arc<Transaction>, Refusal> {
        let transaction = transaction(jws.verify(keys)?.into_inner())?;
        if self.inner().is_ended(&transaction.identity.targets(), transaction.issued_at) {
            return Err(DeniedKind::Revoked.into());
        }
        Ok(Arc::new(transaction))
    }

    /// All that can be said of a token without a key: length, structure, type, algorithm and registered
    /// claims.
    fn examine<'a>(&self, token: &'a str) -> Result<Jws<'a>, Refusal> {
        let inner = self.inner();
        if token.len() > inner.max_length {
            return Err(DeniedKind::TooLong.into());
        }
        let jws = Jws::parse(token)?;
        self.expected.check(&jws, inner.clock.now())?;
        if inner.algorithms.contains(&jws.header().algorithm()) { Ok(jws) } else { Err(DeniedKind::Algorithm.into()) }
    }

    fn inner(&self) -> &Inner {
        &self.verifier.0
    }
}

fn text(value: &HeaderValue) -> Result<&str, Refusal> {
    value.to_str().map_err(|_| DeniedKind::NotAscii.into())
}

/// A token that is given by itself is counted as a request is.
pub(super) const TELEMETRY: Telemetry = Telemetry {
    count: outcomes!("remint_transactions_total", "absent"),
    denied: "a transaction token was refused",
    unavailable: "a transaction token cannot be verified",
};
