//! The vocabulary and the ports of Remint.
//!
//! Every other crate of the workspace speaks in these types and meets the others only through
//! these traits. Nothing here does work: the crate has no I/O, no cryptography and no policy.
//!
//! # Where it stands on the line
//!
//! ```text
//! Credential ─► Authenticator ─► Verified<Authentication> ─► Enricher ─► Identity ─► TokenIssuer ─► InternalToken
//! ```
//!
//! # Three outcomes
//!
//! A step ends in one of three ways and the types keep them apart: it is *allowed* (`Ok`), it is
//! [`Denied`] (the caller's fault: 400, 401 or 403) or it is [`Unavailable`] (ours: 503). Nothing
//! in this workspace turns the third into the second.
//!
//! # What this crate is not
//!
//! It is not a place for helpers. A type lives here only if two crates that may not know each
//! other have to agree on it.

mod act_for;
mod actor;
mod api_key;
mod audit;
mod causes;
mod clock;
mod confirmation;
mod covers;
mod credential;
mod credential_kind;
mod credential_ref;
mod denied;
mod denied_class;
mod environment;
mod error_chain;
mod explanation;
mod ext;
mod given;
mod heap;
mod identity;
mod issuer_address;
mod key_name;
mod length_prefixed;
mod made_by;
#[cfg(feature = "testing")]
mod manual_clock;
#[cfg(feature = "testing")]
mod manual_steady_clock;
mod name_rule;
mod names;
mod network;
mod parents;
mod ports;
mod quota;
mod refusal;
mod replay;
mod reserved;
mod revocation;
mod roles;
mod scopes;
mod shared;
mod steady_clock;
mod store;
mod tenant;
mod time_span;
mod token;
mod token68;
mod unavailable;
mod usage;
mod user;
mod verified;

pub use act_for::ActFor;
pub use actor::{Actor, MayAct};
pub use api_key::{ApiKeyRecord, Descent, FoundKey, KeyDigest, KeyEnd, KeyRotation};
pub use audit::{AuditAction, AuditActor, AuditEvent, UnknownAction};
pub use causes::with_causes;
pub use clock::{CLOCK_SKEW, Clock, SystemClock, Timestamp};
pub use confirmation::{ClientCertificate, Confirmation};
pub use credential::{Credential, CredentialForm, OwnedCredential, Slot};
pub use credential_kind::{CredentialKind, InvalidCredentialKind};
pub use credential_ref::{CredentialRef, InvalidTokenDigest, TokenDigest};
pub use denied::{Denied, DeniedKind};
pub use denied_class::DeniedClass;
pub use environment::{Environment, UnknownEnvironment};
pub use error_chain::ErrorChain;
pub use explanation::Explanation;
pub use ext::{Ext, RESERVED_CLAIMS, ReservedClaim};
pub use given::{GivenScopes, MAX_GIVEN, NotGiven};
pub use identity::{Authentication, Identity};
pub use issuer_address::InvalidIssuer;
pub use key_name::KeyName;
pub use length_prefixed::length_prefixed;
pub use made_by::MadeBy;
#[cfg(feature = "testing")]
pub use manual_clock::ManualClock;
#[cfg(feature = "testing")]
pub use manual_steady_clock::ManualSteadyClock;
pub use name_rule::{InvalidName, NameRule};
pub use names::{
    Audience, ClientId, CredentialId, EntitlementName, IssuerId, KeyId, LogId, PlanName, RoleName, SessionId, StoreId,
    Subject, TenantId, TokenId, TransactionId, UserId,
};
pub use network::{ClientAddr, InvalidNetwork, Network, PeerAddr};
pub use parents::Parents;
pub use ports::{Authenticator, Enricher, Enrichment, Exchanged, Exchanger, MintRequest, Revoker, TokenIssuer};
pub use quota::{QuotaAnswer, QuotaCharge, QuotaCounter, QuotaFuture, QuotaHolder, QuotaStanding, QuotaTaken};
pub use refusal::Refusal;
pub use replay::{ReplayKey, ReplayStore};
pub use reserved::{
    ADMIN_SCOPE, CLIENT_SUBJECTS, KEYS_SCOPE, REMINT_SCOPES, VERIFY_SCOPE, client_subject, is_reserved,
    unknown_remint_scope,
};
pub use revocation::{
    Cursor, Effect, InvalidCursor, LogState, LoggedRevocation, Position, Reading, Retention, Revocation, RevocationLog,
    RevocationWriter, RowId, Stamp, Target, TimedBy,
};
pub use roles::{InvalidRoles, Roles};
pub use scopes::{InvalidScope, Scopes};
pub use shared::{SharedKey, SharedTier};
pub use steady_clock::SteadyClock;
pub use store::{
    ApiKeyStore, AuditLog, Commit, DeletedUser, Dependencies, Directory, IdempotencyRecord, KeyCursor, LastUsedStore,
    Page, PepperRecord, SignUp, SigningRecord, StoreAge, StoreError, StoreOrigin, StoreRecord, StoreRegistry,
    UsageStore,
};
pub use tenant::{Tenant, TenantChange};
pub use time_span::{InvalidTimeSpan, TimeSpan};
pub use token::InternalToken;
pub use token68::is_token68;
pub use unavailable::{Unavailable, UnavailableKind};
pub use usage::{Day, UsageBatch, UsageCount, UsageFilter, UsageKey, UsageRow};
pub use user::{ExternalIdentity, FoundUser, User, UserChange};
pub use verified::Verified;
