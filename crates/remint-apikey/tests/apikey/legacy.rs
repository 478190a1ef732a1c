//! A table of another program's keys, read where it is.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use pbkdf2::pbkdf2_hmac_array;
use remint_apikey::{ForeignDigest, LegacyKey, LegacyKeyAuthenticator, LegacyKeys, LegacyUser};
use remint_core::{
    Authentication, Authenticator, Credential, CredentialForm, CredentialRef, DeniedKind, Environment, Refusal, Roles,
    Slot, Timestamp, Unavailable, UnavailableKind, UserId,
};
use remint_testkit::ManualClock;
use sha2::{Digest, Sha256, Sha512};

use crate::support::{Bench, alice};

const TEXT: &str = "sk_0123456789abcdef";

/// `keys JOIN users`, as a database without much thought has them: texts, compared without regard to case.
#[derive(Debug, Clone)]
struct Row {
    id: String,
    scheme: &'static str,
    digest: String,
    beginning: String,
    owner: UserId,
    change: fn(LegacyKey) -> LegacyKey,
}

#[derive(Debug, Clone, Default)]
struct Table {
    rows: Vec<Row>,
    users: Vec<LegacyUser>,
    /// Whose names the users' table has, in the same order.
    names: Vec<UserId>,
    asked: Arc<Mutex<Vec<String>>>,
    /// What it does not answer any more.
    down: Option<&'static str>,
}

impl Table {
    fn with(mut self, row: Row) -> Self {
        self.rows.push(row);
        self
    }

    fn with_user(mut self, name: &str, change: fn(LegacyUser) -> LegacyUser) -> Self {
        let name = UserId::new(name).unwrap();
        self.users.push(change(LegacyUser::new(name.clone())));
        self.names.push(name);
        self
    }

    fn ask(&self, what: &'static str, of: &str) -> Result<(), Unavailable> {
        self.asked.lock().unwrap().push(format!("{what} {of}"));
        match self.down {
            Some(down) if down == what => Err(Unavailable::new(UnavailableKind::Store)),
            _ => Ok(()),
        }
    }

    /// How often each was asked since the last time.
    fn asked(&self) -> [usize; 3] {
        let asked = std::mem::take(&mut *self.asked.lock().unwrap());
        ["digest", "beginning", "user"].map(|what| asked.iter().filter(|line| line.starts_with(what)).count())
    }
}

#[async_trait]
impl LegacyKeys for Table {
    async fn by_digest(&self, digest: &ForeignDigest) -> Result<Option<LegacyKey>, Unavailable> {
        self.ask("digest", digest.scheme())?;
        let hex = digest.to_hex();
        Ok(self.rows.iter().find(|row| row.digest.eq_ignore_ascii_case(&hex)).map(key))
    }

    async fn by_beginning(&self, beginning: &str) -> Result<Vec<LegacyKey>, Unavailable> {
        self.ask("beginning", beginning)?;
        Ok(self.rows.iter().filter(|row| row.beginning == beginning).map(key).collect())
    }

    async fn user(&self, id: &UserId) -> Result<Option<LegacyUser>, Unavailable> {
        self.ask("user", id.as_str())?;
        let same = |name: &&UserId| name.as_str().eq_ignore_ascii_case(id.as_str());
        Ok(self.names.iter().position(|name| same(&name)).map(|place| self.users[place].clone()))
    }
}

fn key(row: &Row) -> LegacyKey {
    let digest = ForeignDigest::parse(row.scheme, &row.digest).unwrap();
    (row.change)(LegacyKey::new(row.id.parse().unwrap(), row.owner.clone(), digest))
}

/// A key of alice's, as SHA-256.
fn row(id: &str, text: &str) -> Row {
    let digest = Sha256::digest(text).iter().map(|byte| format!("{byte:02X}")).collect();
    Row { id: id.to_owned(), scheme: "sha256", digest, beginning: String::new(), owner: alice(), change: |key| key }
}

/// The same as PBKDF2, found by its first seven characters.
fn salted(id: &str, text: &str) -> Row {
    use base64::Engine as _;
    let made = pbkdf2_hmac_array::<Sha256, 32>(text.as_bytes(), id.as_bytes(), 2);
    let digest = format!("pbkdf2_sha256$2${id}${}", base64::engine::general_purpose::STANDARD.encode(made));
    Row { scheme: "pbkdf2_sha256", digest, beginning: text[..7].to_owned(), ..row(id, text) }
}

fn over(table: &Table) -> LegacyKeyAuthenticator {
    let clock = ManualClock::default();
    clock.set(Timestamp::from_secs(1000));
    LegacyKeyAuthenticator::new(table.clone(), "opaque:sk_".parse().unwrap()).with_clock(clock)
}

async fn ask(keys: &LegacyKeyAuthenticator, text: &str) -> Result<Option<Authentication>, Refusal> {
    let credential = Credential::new(Slot::ApiKeyHeader, CredentialForm::ApiKey, text);
    Ok(keys.authenticate(credential).await?.map(|verified| verified.into_inner()))
}

async fn accepted(table: &Table, text: &str) -> Authentication {
    ask(&over(table), text).await.unwrap().unwrap()
}

async fn denied(keys: &LegacyKeyAuthenticator, text: &str) -> DeniedKind {
    match ask(keys, text).await {
        Err(Refusal::Denied(denied)) => denied.kind(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_key_of_the_table_is_its_user() {
    let users = Table::default().with_user("alice", |user| {
        let user = user.with_scopes("read write remint:admin".parse().unwrap()).with_tenant("acme".parse().unwrap());
        let user = user.with_roles(Roles::new(["editor"]).unwrap()).with_entitlements(vec!["gpu".to_owned()]);
        user.with_plan("gold".parse().unwrap())
    });
    let sha512 = Sha512::digest(TEXT).iter().map(|byte| format!("{byte:02x}")).collect();
    for row in [row("17", TEXT), Row { scheme: "sha512", digest: sha512, ..row("17", TEXT) }] {
        let Authentication { identity, restricted, expires_at, .. } = accepted(&users.clone().with(row), TEXT).await;
        assert_eq!((identity.subject.as_str(), identity.environment), ("alice", Environment::Live));
        assert_eq!(identity.credential, CredentialRef::ApiKey { id: "17".parse().unwrap() });
        assert_eq!((identity.client.as_str(), identity.tenant), ("17", Some("acme".parse().unwrap())));
        assert_eq!((identity.roles, identity.entitlements), (vec!["editor".to_owned()], vec!["gpu".to_owned()]));
        assert_eq!((identity.plan, identity.scopes.to_string()), (Some("gold".parse().unwrap()), "read write".into()));
        assert_eq!((restricted, expires_at), (false, Timestamp::MAX));
    }
}

#[tokio::test]
async fn a_key_has_no_more_than_it_says_and_its_user_has() {
    let table = Table::default()
        .with_user("alice", |user| {
            user.with_scopes("read remint:admin".parse().unwrap()).with_roles(Roles::new(["editor"]).unwrap())
        })
        .with(Row {
            change: |key| {
                key.with_scopes("read write remint:admin remint:keys".parse().unwrap())
                    .with_environment(Environment::Test)
                    .with_networks(vec!["192.0.2.0/24".parse().unwrap()])
                    .with_created_at(Timestamp::from_secs(7))
                    .with_expires_at(Some(Timestamp::from_secs(2000)))
            },
            ..row("k", TEXT)
        });
    let found = accepted(&table, TEXT).await;
    assert_eq!((found.identity.scopes.to_string().as_str(), found.restricted), ("read", true));
    assert_eq!((found.identity.roles, found.identity.environment), (vec![], Environment::Test));
    assert_eq!((found.networks.len(), found.act_for), (1, None));
    assert_eq!((found.issued_at, found.expires_at), (Timestamp::from_secs(7), Timestamp::from_secs(2000)));
}

#[tokio::test]
async fn each_reason_to_refuse_refuses() {
    type Key = fn(LegacyKey) -> LegacyKey;
    type User = fn(LegacyUser) -> LegacyUser;
    let refused: [(Key, User, DeniedKind); 4] = [
        (|key| key.with_revoked(true), |user| user, DeniedKind::Revoked),
        (|key| key.with_expires_at(Some(Timestamp::from_secs(1000))), |user| user, DeniedKind::Expired),
        (|key| key, |user| user.with_enabled(false), DeniedKind::UserDisabled),
        (
            |key| key,
            |user| user.with_tenant("acme".parse().unwrap()).with_tenant_enabled(false),
            DeniedKind::TenantDisabled,
        ),
    ];
    for (change, user, kind) in refused {
        let table = Table::default().with_user("alice", user).with(Row { change, ..row("k", TEXT) });
        assert_eq!(denied(&over(&table), TEXT).await, kind);
    }
    let table = Table::default().with_user("alice", |user| user).with(Row {
        change: |key| key.with_revoked(false).with_expires_at(Some(Timestamp::from_millis(1_000_001))),
        ..row("k", TEXT)
    });
    accepted(&table, TEXT).await;
    assert_eq!(denied(&over(&table), &TEXT.replace('0', "1")).await, DeniedKind::UnknownApiKey);
    // Of a user who is not there, and of one whose name only looks the same to the database.
    for name in ["bob", "Alice"] {
        let table = Table::default().with_user(name, |user| user).with(row("k", TEXT));
        assert_eq!(denied(&over(&table), TEXT).await, DeniedKind::UnknownApiKey, "{name}");
    }
}

#[tokio::test]
async fn every_refusal_costs_the_same_look_ups() {
    let live = Table::default().with_user("alice", |user| user).with_user("eve", |user| user.with_enabled(false));
    let table = live
        .with(Row { change: |key| key.with_revoked(true), ..row("revoked", "sk_revoked_0123456789") })
        .with(Row { owner: UserId::new("eve").unwrap(), ..row("disabled", "sk_disabled_0123456789") })
        .with(Row { owner: UserId::new("gone").unwrap(), ..row("orphan", "sk_orphan_0123456789") });
    for (keys, asked) in [(over(&table), [2, 0, 1]), (over(&table).with_public_beginning(7), [2, 1, 1])] {
        for text in ["sk_revoked_0123456789", "sk_disabled_0123456789", "sk_orphan_0123456789", "sk_unknown_0123456789"]
        {
            denied(&keys, text).await;
            assert_eq!(table.asked(), asked, "{text}");
        }
    }
}

#[tokio::test]
async fn what_the_table_gives_is_compared_to_the_byte() {
    /// It finds alice's key whatever is asked for.
    #[derive(Debug)]
    struct Careless;

    #[async_trait]
    impl LegacyKeys for Careless {
        async fn by_digest(&self, _: &ForeignDigest) -> Result<Option<LegacyKey>, Unavailable> {
            Ok(Some(key(&row("k", TEXT))))
        }

        async fn by_beginning(&self, _: &str) -> Result<Vec<LegacyKey>, Unavailable> {
            Ok(vec![key(&row("k", TEXT)), key(&salted("s", TEXT))])
        }

        async fn user(&self, _: &UserId) -> Result<Option<LegacyUser>, Unavailable> {
            Ok(Some(LegacyUser::new(alice())))
        }
    }

    let keys = LegacyKeyAuthenticator::new(Careless, "opaque:sk_".parse().unwrap()).with_public_beginning(7);
    assert!(ask(&keys, TEXT).await.unwrap().is_some());
    assert_eq!(denied(&keys, "sk_another_0123456789").await, DeniedKind::UnknownApiKey);
}

#[tokio::test]
async fn salted_digests_are_found_by_the_public_beginning() {
    let mut table = Table::default().with_user("alice", |user| user).with_user("eve", |user| user.with_enabled(false));
    let text = |number: u32| format!("sk_same_{number:016}");
    for number in 0..10 {
        table = table.with(salted(&format!("k{number}"), &text(number)));
    }
    table = table
        .with(Row { owner: UserId::new("eve").unwrap(), ..salted("eve", "sk_eves_0123456789") })
        .with(Row { change: |key| key.with_revoked(true), ..salted("revoked", "sk_gone_0123456789") });
    let keys = over(&table).with_public_beginning(7);
    for number in [0, 7] {
        let found = ask(&keys, &text(number)).await.unwrap().unwrap();
        assert_eq!(found.identity.client.as_str(), format!("k{number}"));
    }
    // Eight are looked at. What would not be let in is not hashed, and so nothing is said of why.
    for text in [&text(8), &text(11), "sk_eves_0123456789", "sk_gone_0123456789", "sk_none_0123456789"] {
        assert_eq!(denied(&keys, text).await, DeniedKind::UnknownApiKey, "{text}");
    }
    assert_eq!(denied(&over(&table), &text(0)).await, DeniedKind::UnknownApiKey, "no beginning is public");
}

#[tokio::test]
async fn an_outage_of_any_look_up_is_no_refusal() {
    let table = Table::default().with_user("alice", |user| user).with(salted("k", TEXT));
    for down in ["digest", "beginning", "user"] {
        let keys = over(&Table { down: Some(down), ..table.clone() }).with_public_beginning(7);
        for text in [TEXT, "sk_unknown_0123456789"] {
            match ask(&keys, text).await {
                Err(Refusal::Unavailable(error)) => assert_eq!(error.kind(), UnavailableKind::Store, "{down}"),
                other => panic!("{down}: {other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn what_is_no_key_of_the_table_costs_no_look_up() {
    let table = Table::default().with_user("alice", |user| user).with(row("k", TEXT));
    let keys = over(&table);
    for text in ["pk_0123456789abcdef", "rmt_live_0123456789", ""] {
        assert_eq!(ask(&keys, text).await.unwrap(), None, "{text}");
    }
    let token = Credential::new(Slot::Bearer, CredentialForm::Jwt, TEXT);
    assert_eq!(keys.authenticate(token).await.unwrap().map(|_| ()), None);
    for text in ["sk_", "sk_0123456789ab", "sk_0123456789 abcdef"] {
        assert_eq!(denied(&keys, text).await, DeniedKind::Structure, "{text:?}");
    }
    // One of ours is for our own store, whatever the prefix says.
    let (_, ours, _) = Bench::with_a_key().await;
    for format in ["opaque:rmt", "opaque:r", "remint"] {
        let keys = LegacyKeyAuthenticator::new(table.clone(), format.parse().unwrap());
        assert_eq!(ask(&keys, ours.expose_secret()).await.unwrap(), None, "{format}");
    }
    assert_eq!(table.asked(), [0, 0, 0]);
}
