use remint_core::{Audience, ClientId, Denied, DeniedKind};
use remint_jwt::Claims;

use super::Transaction;
use super::audience::sole_audience;
use crate::identity::{Members, identity};

/// How often a transaction token may have been replaced.
pub const MAX_EARLIER_REQUESTERS: usize = 8;

/// The transaction that a transaction token's claims spell: the inverse of
/// [`TransactionClaims`](super::TransactionClaims).
///
/// `txn`, `aud`, `sub`, `scope`, `req_wl`, `iat` and `exp` must be there, and what tells an internal token
/// of ours: `env`, `client_id` and `cred`. `aud` names one audience, as a text or an array of one. Claims of other names are passed over.
///
/// # Errors
///
/// [`DeniedKind::Claim`] if one is missing or not what it must be; `null` is not absence.
pub fn transaction(claims: Claims) -> Result<Transaction, Denied> {
    let claim = |_| DeniedKind::Claim;
    let issued_at = claims.issued_at().map_err(claim)?.ok_or(DeniedKind::Claim)?;
    let expires_at = claims.expires_at().map_err(claim)?.ok_or(DeniedKind::Claim)?;
    let trust_domain = sole_audience(&claims)?.and_then(|audience| Audience::new(audience).ok());
    let trust_domain = trust_domain.ok_or(DeniedKind::Claim)?;
    let mut members = Members(claims.into_map());
    let id = members.required("txn")?;
    let requester = members.required("req_wl")?;
    let earlier_requesters: Vec<ClientId> = members.optional("req_wl_chain")?.unwrap_or_default();
    let request_context = members.optional("rctx")?.unwrap_or_default();
    let request_details = members.optional("tctx")?.unwrap_or_default();
    let mut identity = identity(members.0.into())?;
    identity.may_act = None;
    if identity.scopes.is_empty() || earlier_requesters.len() > MAX_EARLIER_REQUESTERS {
        return Err(DeniedKind::Claim.into());
    }
    Ok(Transaction {
        id,
        trust_domain,
        identity,
        requester,
        earlier_requesters,
        request_context,
        request_details,
        issued_at,
        expires_at,
    })
}
