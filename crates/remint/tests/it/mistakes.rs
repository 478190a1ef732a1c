//! What cannot work is refused when the edge is built, and `main` prints what to do.

use std::path::Path;
use std::time::Duration;

use remint::{
    Audience, Authenticator, Credential, Exchanged, Exchanger, IssuerId, MemoryStore, Refusal, Remint, RemintBuilder,
    Trust, Verifier, async_trait,
};
use remint_jwt::JwkSet;

#[derive(Debug)]
struct Nobody;

#[async_trait]
impl Authenticator for Nobody {
    async fn authenticate(
        &self,
        _: Credential<'_>,
    ) -> Result<Option<remint::Verified<remint::Authentication>>, Refusal> {
        Ok(None)
    }
}

#[async_trait]
impl Exchanger for Nobody {
    async fn exchange(&self, _: Credential<'_>) -> Result<Exchanged, Refusal> {
        Err(remint::DeniedKind::NoCredential.into())
    }

    fn revocation_log(&self) -> Option<std::sync::Arc<dyn remint::RevocationLog>> {
        None
    }
}

fn builder(issuer: &str) -> RemintBuilder {
    Remint::builder(issuer, "internal").ephemeral_keys()
}

/// What `main` prints of the error after `Error: `.
async fn printed(builder: RemintBuilder) -> String {
    format!("{:?}", builder.build().await.unwrap_err())
}

fn trust() -> Trust {
    Trust::oidc("https://idp.example", "api").key_set(JwkSet::parse(br#"{"keys":[]}"#).unwrap())
}

#[tokio::test]
async fn an_edge_that_would_refuse_everybody_is_not_built() {
    let issuer = "https://auth.internal";
    assert!(printed(builder(issuer)).await.starts_with("the edge would refuse everybody: it needs a trust"));
    builder(issuer).trust(trust()).build().await.unwrap();
    builder(issuer).api_keys(MemoryStore::new()).build().await.unwrap();
    builder(issuer).authenticator(Nobody).build().await.unwrap();
}

#[tokio::test]
async fn an_issuer_without_its_scheme_or_with_a_space_is_refused_wherever_it_is_named() {
    let no_scheme = "the issuer is not valid: the issuer `auth.internal` has no scheme: `https://` is missing";
    let space = "the issuer is not valid: the issuer `https://auth.internal ` holds white space";
    for (issuer, said) in [("auth.internal", no_scheme), ("https://auth.internal ", space)] {
        assert_eq!(printed(builder(issuer).api_keys(MemoryStore::new())).await, said);
        let exchanging = Remint::exchanging(issuer, "internal", Nobody).build().await.unwrap_err();
        assert_eq!(format!("{exchanging:?}"), said);
        let verifier = Verifier::builder(IssuerId::new(issuer).unwrap(), Audience::new("internal").unwrap());
        assert_eq!(format!("{:?}", verifier.build().await.unwrap_err()), said);
    }
    assert_eq!(
        printed(builder("https://auth.internal").trust(Trust::oidc("acme.okta.com", "api"))).await,
        "a trust cannot be used: the trust in `acme.okta.com` cannot be used: the issuer `acme.okta.com` has no scheme: \
         `https://` is missing"
    );
}

#[tokio::test]
async fn a_folder_of_keys_is_not_made_for_an_edge_that_cannot_work() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    let build = async |issuer: &str, path: &Path| Remint::builder(issuer, "internal").keys_in(path).build().await;
    build("https://auth.internal", &keys).await.unwrap_err();
    build("auth.internal", &keys).await.unwrap_err();
    assert!(!keys.exists());
}

#[tokio::test]
async fn a_token_that_lives_for_more_than_a_day_is_refused() {
    let (day, second) = (Duration::from_secs(24 * 60 * 60), Duration::from_secs(1));
    let of = |ttl| builder("https://auth.internal").trust(trust()).ttl(ttl);
    of(day).build().await.unwrap();
    let said = printed(of(day + second)).await;
    assert!(said.starts_with("the internal issuer cannot be set up: ") && said.contains("at most 24 hours"), "{said}");
}

#[tokio::test]
async fn what_main_prints_names_every_cause() {
    let nowhere = tempfile::tempdir().unwrap();
    let file = nowhere.path().join("missing").join("keys.db");
    let error = remint::Sqlite::open(&file).await.unwrap_err();
    let said = format!("{error:?}");
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(said.starts_with("the key store `") && said.contains(&cause) && !said.contains("OpenError"), "{said}");
}
