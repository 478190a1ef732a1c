use std::fmt;

use http::HeaderValue;
use remint_core::{Timestamp, TransactionId};
use remint_token::Transaction;

/// A minted transaction token, ready to be sent in the header `Txn-Token`.
#[derive(Clone)]
pub struct TransactionToken {
    header: HeaderValue,
    id: TransactionId,
    expires_at: Timestamp,
}

impl TransactionToken {
    /// `None` if the text cannot stand in a header.
    pub(crate) fn new(jws: &str, transaction: &Transaction) -> Option<Self> {
        let mut header = HeaderValue::try_from(jws).ok()?;
        header.set_sensitive(true);
        Some(Self { header, id: transaction.id.clone(), expires_at: transaction.expires_at })
    }

    /// The value of the header `Txn-Token`, marked sensitive.
    #[must_use]
    pub const fn header(&self) -> &HeaderValue {
        &self.header
    }

    /// Its `txn`.
    #[must_use]
    pub const fn id(&self) -> &TransactionId {
        &self.id
    }

    /// Its `exp`.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// The compact JWS itself: a secret, and never to be logged (§ "Logging").
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        self.header.to_str().unwrap_or_default()
    }
}

impl fmt::Debug for TransactionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransactionToken")
            .field("id", &self.id)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
