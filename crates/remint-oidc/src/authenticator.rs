use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use async_trait::async_trait;
use remint_core::{
    Authentication, Authenticator, CLOCK_SKEW, Clock, Confirmation, Credential, CredentialForm, DeniedKind,
    Explanation, IssuerId, Refusal, Slot, Target, Timestamp, TokenDigest, Unavailable, UnavailableKind, Verified,
};
use remint_jwt::{Claims, Jws, has_ended};
use remint_keyset::{HttpFetch, KeySet, KeySetState};
use remint_token::USUAL_MAX_LENGTH;
use sha2::{Digest, Sha256};

use crate::explain::explain;
use crate::introspection::Introspector;
use crate::token_type::Kind;
use crate::trusted::Trusted;
use crate::trusts::Trusts;
use crate::trusts_in_issuer::TrustsInIssuer;
use crate::vouching::Vouching;
use crate::{Trust, TrustError, check, confirmation, identity, introspection};

/// Authenticates the tokens of external issuers. The crate's documentation has the decision.
#[derive(Debug)]
pub struct OidcAuthenticator {
    own: IssuerId,
    http: Arc<dyn HttpFetch>,
    clock: Arc<dyn Clock>,
    trusts: ArcSwap<Trusts>,
    changes: Mutex<()>,
    max_length: usize,
}

impl OidcAuthenticator {
    /// An authenticator that trusts these issuers. `own` is our internal issuer, whose tokens are
    /// never accepted here.
    ///
    /// Nothing is fetched yet: see [`OidcAuthenticator::start`].
    ///
    /// # Errors
    ///
    /// [`TrustError`] for the first trust that cannot be used.
    pub fn new(
        own: IssuerId,
        trusts: impl IntoIterator<Item = Trust>,
        http: Arc<dyn HttpFetch>,
        clock: impl Clock,
    ) -> Result<Self, TrustError> {
        let clock = clock.into_arc();
        let mut checked = Trusts::default();
        for trust in trusts {
            let others = checked.named(&trust.issuer);
            let trusted = Trusted::new(trust, &own, &http, &clock, others)?;
            checked = checked.with(Arc::new(trusted))?;
        }
        let trusts = ArcSwap::from_pointee(checked);
        Ok(Self { own, http, clock, trusts, changes: Mutex::new(()), max_length: USUAL_MAX_LENGTH })
    }

    /// The longest token that is looked at, in bytes (16 KiB unless set), wherever it was presented. An edge has a
    /// limit of its own, which may be lower.
    #[must_use]
    pub const fn with_max_length(mut self, bytes: usize) -> Self {
        self.max_length = bytes;
        self
    }

    /// Fetches every key set, and from now on again and again in the background.
    ///
    /// It returns when each first fetch has ended, well or not: an issuer that does not answer
    /// does not keep a service from starting. It must be called within a Tokio runtime.
    pub async fn start(&self) {
        let trusts = self.trusts.load_full();
        let starting: Vec<_> = trusts
            .iter()
            .map(|trusted| {
                let trusted = Arc::clone(trusted);
                tokio::spawn(async move { trusted.start().await })
            })
            .collect();
        for started in starting {
            // One that panicked is a key set without keys: an outage of that issuer.
            let _ = started.await;
        }
    }

    /// Trusts one more issuer, from now on, or one more audience of an issuer: as the last of its trusts. Its keys are
    /// fetched first, as far as they can be. It must be called within a Tokio runtime.
    ///
    /// # Errors
    ///
    /// [`TrustError`] if the trust cannot be used, its name is taken, or the trusts in this issuer leave it no token.
    pub async fn add(&self, trust: Trust) -> Result<(), TrustError> {
        let before = self.trusts.load_full();
        let others = before.named(&trust.issuer);
        let trusted = Arc::new(Trusted::new(trust, &self.own, &self.http, &self.clock, others)?);
        Trusts::clone(&before).with(Arc::clone(&trusted))?;
        trusted.start().await;
        let _changing = self.changing();
        let more = Trusts::clone(&self.trusts.load()).with(trusted)?;
        self.trusts.store(Arc::new(more));
        Ok(())
    }

    /// Trusts this issuer no more, in none of its trusts; `false` if it was not trusted. When this has returned, no
    /// token of it is accepted under them, not even one whose verification had begun. What was made
    /// of its tokens before ends by revoking [`Target::Issuer`] of the same text; for a trust in
    /// many tenants that is the text with `{tenantid}` in it.
    ///
    /// A single tenant of such a trust cannot be removed here: leave it out of the trust's tenants.
    pub fn remove(&self, issuer: &str) -> bool {
        let _changing = self.changing();
        let (rest, removed) = Trusts::clone(&self.trusts.load()).without(issuer);
        self.trusts.store(Arc::new(rest));
        removed
    }

    /// The issuers that are trusted, in no order.
    #[must_use]
    pub fn issuers(&self) -> Vec<String> {
        self.trusts.load().issuers().map(|trusts| trusts.issuer().to_owned()).collect()
    }

    /// What the log is told of a token with these claims that was refused for this: the trust that it is held to, and
    /// the claim at fault, by the path of the trust's settings. Nothing of it is to be believed. `None`: its issuer is
    /// not trusted.
    #[must_use]
    pub fn explain(&self, claims: &Claims, refused: DeniedKind) -> Option<Explanation> {
        explain(&self.trusts.load(), (claims, refused), (&self.own, self.clock.now()))
    }

    /// Each issuer that is trusted by its keys, in the order of their texts (one for many tenants with
    /// `{tenantid}`), and whether there are keys of it: without them its tokens are answered with 503. Where several
    /// trusts in one issuer have key sets of their own, one that is missing is what is said.
    #[must_use]
    pub fn key_sets(&self) -> Vec<(IssuerId, KeySetState)> {
        let trusts = self.trusts.load();
        let state = |trusts: &TrustsInIssuer| {
            let states = trusts.all().iter().filter_map(|trusted| Some(trusted.keys()?.state()));
            Some((IssuerId::new(trusts.issuer()).ok()?, states.min_by_key(|state| state.has_keys())?))
        };
        let mut states: Vec<_> = trusts.issuers().filter_map(state).collect();
        states.sort_by(|(one, _), (other, _)| one.cmp(other));
        states
    }

    fn changing(&self) -> MutexGuard<'_, ()> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who is trusted with this token, as far as it can be believed. Our own issuer is never among
    /// them: no trust covers it.
    fn trusted(&self, claims: &Claims, kind: Kind) -> Result<Arc<Trusted>, DeniedKind> {
        let issuer = claims.issuer()?;
        let trusts = self.trusts.load();
        let trusted = trusts.of(issuer).and_then(|trusts| trusts.of_token(issuer, claims, kind));
        trusted.cloned().ok_or(DeniedKind::UntrustedIssuer)
    }

    /// The trust that a token is held to about which an issuer was asked by `asked`, unless the trusts have changed.
    fn answered(&self, asked: &Arc<Trusted>, token: &Token<'_>, claims: &Claims) -> Result<Arc<Trusted>, DeniedKind> {
        self.still_trusted(asked)?;
        let trusts = self.trusts.load();
        let opaque = token.is_opaque.then_some(token.text);
        let trusted = trusts.of(&asked.issuer).and_then(|trusts| trusts.of_answer(opaque, claims, token.kind));
        trusted.cloned().ok_or(DeniedKind::UntrustedIssuer)
    }

    pub(crate) async fn jwt(&self, text: &str, kind: Kind) -> Result<Verified<Authentication>, Refusal> {
        if text.len() > self.max_length {
            return Err(DeniedKind::TooLong.into());
        }
        let jws = if kind.is_lenient() { Jws::parse_external(text)? } else { Jws::parse(text)? };
        let claims = jws.unverified_claims();
        let trusted = self.trusted(claims, kind)?;
        let issuer = IssuerId::new(trusted.named(claims.issuer()?)).map_err(|_| DeniedKind::Claim)?;
        match &trusted.vouching {
            Vouching::Keys(keys) => self.signed(&trusted, &keys.set, (kind, issuer), jws).await,
            // Of ID tokens its endpoint does not speak.
            Vouching::Introspection(_) if kind == Kind::IdToken => Err(DeniedKind::TokenType.into()),
            Vouching::Introspection(introspector) => {
                let (ends, bound_to) = check::before_asking(&trusted, &jws, kind, self.clock.now())?;
                let named = digest(jws.signing_input());
                let token = Token { text, is_opaque: false, kind, named, ends, bound_to };
                self.introspected(&trusted, introspector, token).await
            }
        }
    }

    /// A text that is no JWT, if there is somebody whose token it could be.
    async fn opaque(&self, text: &str) -> Result<Option<Verified<Authentication>>, Refusal> {
        let Some(trusted) = self.trusts.load().of_opaque(text).cloned() else { return Ok(None) };
        let Vouching::Introspection(introspector) = &trusted.vouching else { return Ok(None) };
        let kind = Kind::AccessToken;
        let (named, ends) = (digest(text), Timestamp::MAX);
        let token = Token { text, is_opaque: true, kind, named, ends, bound_to: None };
        self.introspected(&trusted, introspector, token).await.map(Some)
    }

    /// A token about which its issuer is asked. What is answered says which of the trusts in this issuer it is held to.
    async fn introspected(
        &self,
        asked: &Arc<Trusted>,
        introspector: &Introspector,
        token: Token<'_>,
    ) -> Result<Verified<Authentication>, Refusal> {
        let asked_at = self.clock.now();
        let place = asked.waiting.take()?;
        let claims = introspector.ask(token.text).await?;
        let claims = if token.kind.is_lenient() { claims.without_nulls() } else { claims };
        drop(place);
        let now = self.clock.now();
        let trusted = &*self.answered(asked, &token, &claims)?;
        let times = introspection::judge(trusted, (&claims, token.kind), now)?;
        let again_after =
            trusted.again_after().map_or(introspector.again_after, |own| own.min(introspector.again_after));
        let expires_at = times.expires_at.min(token.ends).min(asked_at.saturating_add(again_after));
        if has_ended(expires_at, now) {
            return Err(Unavailable::new(UnavailableKind::Introspection)
                .with_source("the answer came too late")
                .into());
        }
        let issuer = IssuerId::new(&*trusted.issuer).map_err(|_| DeniedKind::Claim)?;
        let identity = identity::read(trusted, &claims, token.kind, (issuer, token.named), &self.own)?;
        #[expect(clippy::disallowed_methods, reason = "the issuer vouched, and every claim was checked above")]
        Ok(Verified::vouch(Authentication {
            issued_at: earliest(trusted, times.issued_at),
            also_named: vec![Target::SigningInput(token.named.0)],
            plain_subject: identity::plain_subject(trusted, &claims),
            confirmation: confirmation::agreed(confirmation::read(&claims)?, token.bound_to)?,
            ..Authentication::new(identity, Timestamp::MAX, expires_at)
        }))
    }

    /// Whether the trust is still there that was found for a token before.
    fn still_trusted(&self, trusted: &Arc<Trusted>) -> Result<(), DeniedKind> {
        let trusts = self.trusts.load();
        let still = trusts.named(&trusted.issuer).iter().any(|still| Arc::ptr_eq(still, trusted));
        if still { Ok(()) } else { Err(DeniedKind::UntrustedIssuer) }
    }

    /// A JWT under a key of its issuer.
    async fn signed(
        &self,
        trusted: &Arc<Trusted>,
        keys: &KeySet,
        (kind, issuer): (Kind, IssuerId),
        jws: Jws<'_>,
    ) -> Result<Verified<Authentication>, Refusal> {
        let times = check::check(trusted, &jws, kind, self.clock.now())?;
        let signing_input = jws.signing_input();
        let claims = trusted.waiting.bound(trusted.verify(keys, &issuer, jws)).await??;
        // The key may have been waited for.
        if has_ended(times.expires_at, self.clock.now()) {
            return Err(DeniedKind::Expired.into());
        }
        self.still_trusted(trusted)?;
        let named = digest(signing_input);
        let identity = identity::read(trusted, claims.get(), kind, (issuer, named), &self.own)?;
        let mut also_named = vec![Target::SigningInput(named.0)];
        // By the trust's own name, too: whoever ends a trust in many tenants names the template.
        also_named.extend(trusted.template().map(Target::Issuer));
        #[expect(clippy::disallowed_methods, reason = "the signature and every claim were checked above")]
        Ok(Verified::vouch(Authentication {
            issued_at: earliest(trusted, times.issued_at),
            also_named,
            plain_subject: identity::plain_subject(trusted, claims.get()),
            confirmation: confirmation::read(claims.get())?,
            ..Authentication::new(identity, Timestamp::MAX, times.expires_at)
        }))
    }
}

#[async_trait]
impl Authenticator for OidcAuthenticator {
    async fn authenticate(&self, credential: Credential<'_>) -> Result<Option<Verified<Authentication>>, Refusal> {
        let text = credential.expose_secret();
        match (credential.form(), credential.slot()) {
            (CredentialForm::Jwt, Slot::Assertion) => self.jwt(text, Kind::Assertion).await.map(Some),
            (CredentialForm::Jwt, _) => self.jwt(text, Kind::AccessToken).await.map(Some),
            (CredentialForm::ApiKey, Slot::Bearer | Slot::Dpop) => self.opaque(text).await,
            (CredentialForm::ApiKey | CredentialForm::Session, _) => Ok(None),
        }
    }
}

/// What is known of a token before its issuer is asked about it.
struct Token<'a> {
    text: &'a str,
    /// Whether the text is no JWT.
    is_opaque: bool,
    kind: Kind,
    /// The digest that names it in revocations: of the signing input of a JWT, else of the text.
    named: TokenDigest,
    /// The end that it states itself.
    ends: Timestamp,
    /// What it says itself that its sender must prove.
    bound_to: Option<Confirmation>,
}

fn digest(signed: impl AsRef<[u8]>) -> TokenDigest {
    TokenDigest(Sha256::digest(signed).into())
}

/// Since when a token may have been there: where a trust allows its issuer's clock to be further ahead
/// than is allowed for in revocations, it may be older than it says.
fn earliest(trusted: &Trusted, issued_at: Timestamp) -> Timestamp {
    issued_at.saturating_sub(trusted.leeway.saturating_sub(CLOCK_SKEW))
}
