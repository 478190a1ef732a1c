//! A token carries no more roles, groups and entitlements than its credential does.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use remint_core::{
    Audience, Authentication, Credential, CredentialForm, Enricher, Enrichment, Ext, Identity, InternalToken, IssuerId,
    MintRequest, Refusal, Slot, TokenIssuer, Unavailable,
};
use remint_normalize::{Authority, Normalizer, Progress};
use remint_testkit::ManualClock;
use remint_testkit::fakes::{FakeAuthenticator, FakeIssuer, api_key_of};

/// What an issuer was told, and what an enricher was shown.
#[derive(Debug, Clone, Default)]
struct Seen(Arc<Mutex<Vec<[Vec<String>; 3]>>>);

impl Seen {
    fn note(&self, identity: &Identity) {
        self.0.lock().unwrap().push(rights(identity));
    }

    fn take(&self) -> Vec<[Vec<String>; 3]> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[derive(Debug)]
struct Minter(FakeIssuer, Seen);

#[async_trait]
impl TokenIssuer for Minter {
    async fn issue(&self, request: MintRequest<'_>) -> Result<InternalToken, Refusal> {
        self.1.note(request.identity);
        self.0.issue(request).await
    }
}

#[derive(Debug)]
struct Knows(Seen);

#[async_trait]
impl Enricher for Knows {
    async fn enrich(&self, identity: &Identity) -> Result<Enrichment, Unavailable> {
        self.0.note(identity);
        let names = ["held", "known", "remint:admin"];
        Ok(Enrichment::new(Ext::new()).with_roles(names).with_groups(names).with_entitlements(names))
    }
}

fn rights(identity: &Identity) -> [Vec<String>; 3] {
    [&identity.roles, &identity.groups, &identity.entitlements].map(Clone::clone)
}

fn three(names: &[&str]) -> [Vec<String>; 3] {
    [(); 3].map(|()| names.iter().map(|name| (*name).to_owned()).collect())
}

/// It holds rights, whether or not it is restricted.
fn found(restricted: bool) -> Authentication {
    let mut found = api_key_of("alice");
    [found.identity.roles, found.identity.groups, found.identity.entitlements] = three(&["held", "remint:"]);
    Authentication { restricted, ..found }
}

fn line(known: &FakeAuthenticator, minted: &Seen, shown: &Seen) -> Normalizer {
    let clock = ManualClock::default();
    let (issuer, audience) = (IssuerId::new("https://auth.internal").unwrap(), Audience::new("internal").unwrap());
    let line = Normalizer::builder(issuer, audience, Minter(FakeIssuer::new(clock.clone()), minted.clone()));
    line.authenticator(known.clone()).enricher(Knows(shown.clone())).clock(clock).build().unwrap()
}

#[tokio::test]
async fn the_line_mints_nothing_that_a_restricted_credential_does_not_carry() {
    let (known, minted, shown) = (FakeAuthenticator::new(), Seen::default(), Seen::default());
    let line = line(&known, &minted, &shown);
    for (text, restricted, enriched, carried) in
        [("whole", false, three(&["held"]), three(&["held", "known"])), ("part", true, three(&[]), three(&[]))]
    {
        known.answer(text, Ok(found(restricted)));
        let request = http::Request::get("/").header("x-api-key", text).body(()).unwrap();
        for warm in [false, true] {
            let pass = match line.begin((&request).into()) {
                Progress::Hit(pass, _) if warm => pass,
                Progress::Miss(exchange, _) if !warm => exchange.await.unwrap(),
                other => unreachable!("{other:?}"),
            };
            assert_eq!(rights(pass.identity()), carried, "{text}, warm: {warm}");
        }
        assert_eq!(minted.take(), [carried], "{text}");
        assert_eq!(shown.take(), [enriched], "{text}: an enricher is shown no more than the credential carries");
    }
}

#[tokio::test]
async fn what_is_minted_without_enrichers_is_narrowed_too() {
    let (known, minted, shown) = (FakeAuthenticator::new(), Seen::default(), Seen::default());
    let authority: Authority = line(&known, &minted, &shown).authority().unwrap().clone();
    for (restricted, carried) in [(false, three(&["held"])), (true, three(&[]))] {
        known.answer("key", Ok(found(restricted)));
        let credential = Credential::new(Slot::ApiKeyHeader, CredentialForm::ApiKey, "key");
        let minting = authority.begin();
        let found = minting.authenticate(credential).await.unwrap().into_inner();
        let ends = found.expires_at;
        minting.issue(&minting.narrow(found), ends, &[]).await.unwrap();
        assert_eq!(minted.take(), [carried]);
    }
    assert!(shown.take().is_empty());
}
