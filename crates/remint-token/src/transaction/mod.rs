//! Transaction tokens (draft-ietf-oauth-transaction-tokens): what one says, written and read.

mod audience;
mod claims;
mod context;
mod expectations;
mod read;

use remint_core::{Actor, Audience, ClientId, Identity, Scopes, Subject, Timestamp, TransactionId};

pub use claims::TransactionClaims;
pub use context::{ContextError, MAX_CONTEXT_DEPTH, MAX_CONTEXT_LEN, MAX_CONTEXT_VALUES, TransactionContext};
pub use expectations::{MAX_TRANSACTION_LIFETIME, TransactionExpectations};
pub use read::{MAX_EARLIER_REQUESTERS, transaction};

/// The `typ` of transaction tokens.
pub const TRANSACTION_TYPE: &str = "txntoken+jwt";

/// The header in which a transaction token travels; never `Authorization`.
pub const TRANSACTION_HEADER: &str = "txn-token";

/// What a transaction token says: for whom a call from outside (or a job of our own) is carried out, and
/// what for.
///
/// It is context, not a credential: it tells neither who sends it nor that they may.
#[derive(Debug, Clone, PartialEq)]
pub struct Transaction {
    /// `txn`: one for the whole chain of calls, kept by every replacement.
    pub id: TransactionId,
    /// `aud`: where it is valid, and nowhere else.
    pub trust_domain: Audience,
    /// `sub` and `scope` (never empty), and what an internal token says of a caller: `act` first of all.
    /// `may_act` is none of it: nobody becomes an actor by a transaction token.
    pub identity: Identity,
    /// `req_wl`: the workload that asked for this token.
    pub requester: ClientId,
    /// Who asked for the tokens that this one replaces; the first comes first.
    pub earlier_requesters: Vec<ClientId>,
    /// `rctx`: the circumstances of the request. The requester's word.
    pub request_context: TransactionContext,
    /// `tctx`: what the transaction is about; it never changes. The requester's word.
    pub request_details: TransactionContext,
    /// `iat`.
    pub issued_at: Timestamp,
    /// `exp`.
    pub expires_at: Timestamp,
}

impl Transaction {
    /// For whom the transaction is carried out.
    #[must_use]
    pub const fn subject(&self) -> &Subject {
        &self.identity.subject
    }

    /// What it is for.
    #[must_use]
    pub const fn scopes(&self) -> &Scopes {
        &self.identity.scopes
    }

    /// Who acts for the subject, if somebody does.
    #[must_use]
    pub const fn actor(&self) -> Option<&Actor> {
        self.identity.actor.as_ref()
    }
}
