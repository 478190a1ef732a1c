//! Which store and which secrets a process may start with.
#![expect(clippy::unwrap_used, reason = "a helper of tests fails the test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use remint_apikey::{MemoryStore, NewKey, Paired, Pairing, PairingError, Peppers, SecretSources};
use remint_conformance::key_store::Severable;
use remint_core::{Environment, StoreAge, StoreRegistry};
use remint_testkit::ManualClock;
use tempfile::TempDir;

use crate::support::{Bench, alice, pepper};

/// A store that was there before, or is new, whatever it is in fact.
struct Site {
    store: Severable<MemoryStore>,
    folder: TempDir,
    clock: ManualClock,
}

impl Site {
    fn new() -> Self {
        Self::over(MemoryStore::new())
    }

    fn over(store: MemoryStore) -> Self {
        let store = Severable::new(store).at("/srv/keys.db", StoreAge::Found);
        Self { store, folder: tempfile::tempdir().unwrap(), clock: ManualClock::default() }
    }

    fn keys(&self) -> PathBuf {
        self.folder.path().join("keys")
    }

    fn pairing(&self, secrets: SecretSources) -> Pairing {
        Pairing::new(Arc::new(self.store.clone()), secrets, self.clock.clone())
    }

    async fn start_with(&self, secrets: SecretSources) -> Result<Paired, PairingError> {
        self.pairing(secrets).start().await
    }

    async fn start(&self) -> Result<Paired, PairingError> {
        self.start_with(SecretSources::folder(self.keys())).await
    }

    /// As an edge starts that keeps its signing keys in the folder.
    async fn start_and_sign(&self, key: &str) -> Result<Paired, PairingError> {
        let paired = self.start().await?;
        fs::write(self.keys().join(format!("1700000000-ES256-{key}.pem")), "").unwrap();
        paired.signs_with([key.to_owned()]).await?;
        Ok(paired)
    }

    /// A key of Alice's under this pepper.
    async fn with_a_key(&self, peppers: &Peppers) {
        let bench = Bench::over(self.store.clone(), peppers.clone());
        if bench.keys.user(&alice()).await.unwrap().is_none() {
            bench.sign_up().await;
        }
        bench.keys.create(NewKey::new(alice(), Environment::Live)).await.unwrap();
    }
}

fn told<T: std::fmt::Debug>(outcome: Result<T, PairingError>) -> String {
    outcome.unwrap_err().to_string()
}

fn is_empty(folder: &Path) -> bool {
    !folder.exists() || fs::read_dir(folder).unwrap().next().is_none()
}

#[tokio::test]
async fn an_empty_folder_and_an_empty_store_need_nothing_and_find_each_other_again() {
    let site = Site::new();
    let first = site.start_and_sign("k1").await.unwrap();
    assert_eq!(Pairing::recorded_store(&site.keys()).unwrap().as_ref(), Some(first.store()));
    let record = site.store.record().await.unwrap();
    let second = site.start_and_sign("k1").await.unwrap();
    assert_eq!(first.peppers().iter().next().unwrap().id(), second.peppers().iter().next().unwrap().id());
    assert_eq!(site.store.record().await.unwrap(), record, "a start that finds nothing new writes nothing");
}

#[tokio::test]
async fn a_folder_of_a_deployment_that_recorded_nothing_adopts_the_store_if_its_peppers_fit() {
    let site = Site::new();
    let peppers = Peppers::load_or_create(site.keys().join("pepper")).unwrap();
    site.with_a_key(&peppers).await;
    let paired = site.start_and_sign("k1").await.unwrap();
    assert_eq!(Pairing::recorded_store(&site.keys()).unwrap().as_ref(), Some(paired.store()));

    let other = Site::new();
    other.with_a_key(&Peppers::new(pepper("elsewhere"))).await;
    let made = Peppers::load_or_create(other.keys().join("pepper")).unwrap();
    let refused = told(other.start().await);
    assert!(refused.contains(pepper("elsewhere").id()) && refused.contains("/srv/keys.db"), "{refused}");
    assert!(!refused.contains(made.iter().next().unwrap().id()));
    assert_eq!(Pairing::recorded_store(&other.keys()).unwrap(), None);
}

#[tokio::test]
async fn a_key_folder_that_was_moved_away_is_not_made_again() {
    for with_a_key in [true, false] {
        let site = Site::new();
        let paired = site.start_and_sign("k1").await.unwrap();
        if with_a_key {
            site.with_a_key(paired.peppers()).await;
        }
        let away = site.folder.path().join("away");
        fs::rename(site.keys(), &away).unwrap();
        let error = site.start().await.unwrap_err();
        assert!(matches!(&error, PairingError::PepperMissing { .. }), "{error}");
        let (text, id) = (error.to_string(), paired.peppers().iter().next().unwrap().id().to_owned());
        let path = site.keys().join("pepper");
        for part in [&*id, path.to_str().unwrap(), "/srv/keys.db", paired.store().as_str(), "remint-gateway init"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(is_empty(&site.keys()), "nothing was made");
        fs::rename(&away, site.keys()).unwrap();
        site.start_and_sign("k1").await.unwrap();
    }
}

#[tokio::test]
async fn a_store_that_was_moved_away_is_not_taken_for_a_new_one() {
    let site = Site::new();
    let first = site.start_and_sign("k1").await.unwrap().store().clone();
    for (age, is_new) in [(StoreAge::Made, true), (StoreAge::Found, false)] {
        let store = Severable::new(MemoryStore::new()).at("/srv/keys.db", age);
        let moved = Site { store, ..Site::new() };
        let error = moved.start_with(SecretSources::folder(site.keys())).await.unwrap_err();
        let (text, found) = (error.to_string(), moved.store.record().await.unwrap());
        assert!(matches!(error, PairingError::OtherStore { is_new: new, .. } if new == is_new), "{text}");
        let keys = site.keys();
        for part in [first.as_str(), found.id.as_str(), keys.to_str().unwrap(), "/srv/keys.db", "remint-gateway init"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert_eq!(found.depends_on, Default::default());
    }
    site.start_and_sign("k1").await.unwrap();
}

#[tokio::test]
async fn a_store_in_memory_is_nobodys_other_half() {
    let site = Site::new();
    site.start_and_sign("k1").await.unwrap();
    for _ in 0..2 {
        let memory = Severable::new(MemoryStore::new());
        let secrets = SecretSources::folder(site.keys());
        let pairing = Pairing::new(Arc::new(memory), secrets, ManualClock::default());
        pairing.start().await.unwrap().signs_with(["k1".to_owned()]).await.unwrap();
    }
    site.start_and_sign("k1").await.unwrap();
}

#[tokio::test]
async fn secrets_that_end_with_the_process_are_for_a_new_store() {
    let site = Site::new();
    let ephemeral = |text: &str| SecretSources::ephemeral(Peppers::new(pepper(text)));
    site.start_with(ephemeral("one")).await.unwrap();
    let refused = told(site.start_with(ephemeral("two")).await);
    assert!(refused.contains(pepper("one").id()) && refused.contains("memory"), "{refused}");

    let signed = Site::new();
    let given = || Peppers::new(pepper("given"));
    signed.start_with(SecretSources::folder(signed.keys()).with_peppers(given())).await.unwrap();
    let paired = signed.start_with(SecretSources::folder(signed.keys()).with_peppers(given())).await.unwrap();
    paired.signs_with(["k1".to_owned()]).await.unwrap();
    let refused = signed.start_with(SecretSources::ephemeral(given())).await.unwrap_err();
    assert!(matches!(refused, PairingError::OtherSigningKeys { .. }), "{refused}");
}

#[tokio::test]
async fn an_empty_folder_is_fine_where_the_secrets_come_from_elsewhere() {
    let site = Site::new();
    let secrets =
        || SecretSources::folder(site.keys()).with_peppers(Peppers::new(pepper("given"))).with_given_signing_keys();
    for _ in 0..2 {
        let paired = site.start_with(secrets()).await.unwrap();
        paired.signs_with(["hsm-1".to_owned()]).await.unwrap();
    }
    assert!(is_empty(&site.keys()));
}

#[tokio::test]
async fn a_second_node_that_would_make_signing_keys_of_its_own_does_not_start() {
    let site = Site::new();
    let given = || Peppers::new(pepper("given"));
    let secrets = |folder: &str| SecretSources::folder(site.folder.path().join(folder)).with_peppers(given());
    let first = site.start_with(secrets("one")).await.unwrap();
    first.signs_with(["k1".to_owned()]).await.unwrap();
    let error = site.start_with(secrets("two")).await.unwrap_err();
    assert!(matches!(error, PairingError::OtherSigningKeys { .. }) && error.to_string().contains("k1"), "{error}");
    assert!(is_empty(&site.folder.path().join("two")));

    // A copy of the folder, and one that has a key of it, are the same keys.
    fs::create_dir(site.folder.path().join("two")).unwrap();
    fs::copy(site.folder.path().join("one/store.json"), site.folder.path().join("two/store.json")).unwrap();
    fs::write(site.folder.path().join("two/1700000000-ES256-k1.pem"), "").unwrap();
    site.start_with(secrets("two")).await.unwrap();
    fs::create_dir(site.folder.path().join("three")).unwrap();
    fs::write(site.folder.path().join("three/1700000000-ES256-k1.pem"), "").unwrap();
    site.start_with(secrets("three")).await.unwrap();
}

#[tokio::test]
async fn of_two_nodes_that_made_signing_keys_at_once_one_stops() {
    let site = Site::new();
    let given = || Peppers::new(pepper("given"));
    let secrets = |folder: &str| SecretSources::folder(site.folder.path().join(folder)).with_peppers(given());
    let one = site.start_with(secrets("one")).await.unwrap();
    let two = site.start_with(secrets("two")).await.unwrap();
    one.signs_with(["k1".to_owned()]).await.unwrap();
    let error = two.signs_with(["k2".to_owned()]).await.unwrap_err();
    let text = error.to_string();
    assert!(
        matches!(error, PairingError::OtherSigningKeys { .. }) && text.contains("k1") && text.contains("k2"),
        "{text}"
    );
}

#[tokio::test]
async fn given_signing_keys_overlap_those_of_the_other_nodes() {
    let site = Site::new();
    let secrets = || SecretSources::ephemeral(Peppers::new(pepper("given"))).with_given_signing_keys();
    let start = async |keys: &[&str]| {
        let paired = site.start_with(secrets()).await.unwrap();
        paired.signs_with(keys.iter().map(|key| (*key).to_owned())).await
    };
    start(&["a"]).await.unwrap();
    assert!(matches!(start(&["b"]).await, Err(PairingError::OtherSigningKeys { .. })));
    start(&["a", "b"]).await.unwrap();
    start(&["b", "a"]).await.unwrap();
    start(&["b"]).await.unwrap();
    assert!(matches!(start(&["a"]).await, Err(PairingError::OtherSigningKeys { .. })));

    // A node without the setting would make its own.
    let own = SecretSources::folder(site.keys()).with_peppers(Peppers::new(pepper("given")));
    assert!(matches!(site.start_with(own).await, Err(PairingError::OtherSigningKeys { .. })));
}

#[tokio::test]
async fn signing_keys_that_vanished_from_their_folder_are_not_made_again() {
    let site = Site::new();
    site.start_and_sign("k1").await.unwrap();
    fs::remove_file(site.keys().join("1700000000-ES256-k1.pem")).unwrap();
    let error = site.start().await.unwrap_err();
    assert!(matches!(error, PairingError::SigningKeysMissing { .. }), "{error}");
    assert!(error.to_string().contains(site.keys().to_str().unwrap()), "{error}");
    site.start_with(SecretSources::folder(site.keys()).signing_nothing()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn first_starts_at_once_agree_on_one_pepper_or_stop() {
    for shared in [true, false] {
        let site = Site::new();
        let starts: Vec<_> = (0..8)
            .map(|number| {
                let folder = if shared { site.keys() } else { site.folder.path().join(number.to_string()) };
                tokio::spawn(site.pairing(SecretSources::folder(folder)).start())
            })
            .collect();
        let mut started = Vec::new();
        for start in starts {
            match start.await.unwrap() {
                Ok(paired) => started.push(paired.peppers().iter().next().unwrap().id().to_owned()),
                Err(PairingError::PepperMissing { .. }) if !shared => {}
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(started.len(), if shared { 8 } else { 1 }, "{started:?}");
        assert!(started.windows(2).all(|pair| pair[0] == pair[1]), "{started:?}");
        let registered = site.store.record().await.unwrap().depends_on.peppers;
        assert_eq!(registered.len(), 1);
        assert!(registered[0].scheme.ends_with(&*started[0]));
    }
}

#[tokio::test]
async fn a_rehearsal_decides_the_same_and_makes_nothing() {
    let site = Site::new();
    let rehearse = async || site.pairing(SecretSources::folder(site.keys())).rehearse().await;
    assert!(rehearse().await.unwrap().is_none());
    assert!(is_empty(&site.keys()) && site.store.record().await.unwrap().revision == 0);
    site.start_and_sign("k1").await.unwrap();
    assert!(rehearse().await.unwrap().is_some());
    fs::rename(site.keys(), site.folder.path().join("away")).unwrap();
    assert!(matches!(rehearse().await, Err(PairingError::PepperMissing { .. })));
}

#[tokio::test]
async fn peppers_rotate_without_init_and_an_old_one_is_dropped_when_no_live_key_names_it() {
    let site = Site::new();
    let start = async |peppers: &[&str]| {
        let mut all = peppers.iter().map(|text| pepper(text));
        let newest = Peppers::new(all.next().unwrap());
        let peppers = all.fold(newest, Peppers::with_older);
        let started = site.start_with(SecretSources::ephemeral(peppers.clone())).await;
        started.map(|_| peppers)
    };
    let old = start(&["old"]).await.unwrap();
    site.with_a_key(&old).await;
    start(&["old", "new"]).await.unwrap();
    start(&["new", "old"]).await.unwrap();
    assert!(told(start(&["old"]).await).contains(pepper("new").id()), "other nodes are to use the new one");
    assert!(told(start(&["new"]).await).contains(pepper("old").id()), "a live key names it");
    let bench = Bench::over(site.store.clone(), old);
    for key in bench.keys.list(&alice()).await.unwrap() {
        bench.keys.revoke(&key.id).await.unwrap();
    }
    assert!(told(start(&["new"]).await).contains(pepper("old").id()), "keys are still made under it");
    site.clock.advance(Duration::from_secs(600));
    start(&["new"]).await.unwrap();
    assert_eq!(site.store.record().await.unwrap().depends_on.peppers.len(), 1);
}

#[tokio::test]
async fn init_pairs_a_folder_with_another_store_on_purpose() {
    let site = Site::new();
    let peppers = site.start_and_sign("k1").await.unwrap().peppers().clone();
    let restored = Site { store: Severable::new(MemoryStore::new()).at("/srv/new.db", StoreAge::Made), ..Site::new() };
    restored.with_a_key(&peppers).await;
    let secrets = || SecretSources::folder(site.keys());
    restored.start_with(secrets()).await.unwrap_err();
    let adopted = restored.pairing(secrets()).adopt(&[]).await.unwrap();
    adopted.signs_with(["k1".to_owned()]).await.unwrap();
    restored.start_with(secrets()).await.unwrap().signs_with(["k1".to_owned()]).await.unwrap();
    assert!(matches!(site.start().await, Err(PairingError::OtherStore { .. })), "the folder belongs to one store");
}

#[tokio::test]
async fn init_gives_up_a_lost_pepper_only_by_its_name() {
    let site = Site::new();
    let lost = site.start_and_sign("k1").await.unwrap().peppers().clone();
    site.with_a_key(&lost).await;
    let id = lost.iter().next().unwrap().id().to_owned();
    let away = site.folder.path().join("away");
    fs::rename(site.keys(), &away).unwrap();
    let init = async |give_up: &[String]| site.pairing(SecretSources::folder(site.keys())).adopt(give_up).await;
    let error = init(&[]).await.unwrap_err();
    assert!(matches!(&error, PairingError::PepperMissing { peppers, .. } if *peppers == [id.clone()]), "{error}");
    assert!(is_empty(&site.keys()));
    init(std::slice::from_ref(&id)).await.unwrap().signs_with(["k2".to_owned()]).await.unwrap();
    fs::write(site.keys().join("1700000000-ES256-k2.pem"), "").unwrap();
    site.start().await.unwrap();

    // Found again: behind the new one.
    let found = fs::read_to_string(away.join("pepper")).unwrap();
    let new = fs::read_to_string(site.keys().join("pepper")).unwrap();
    fs::write(site.keys().join("pepper"), new + &found).unwrap();
    assert!(
        matches!(init(std::slice::from_ref(&id)).await, Err(PairingError::PepperAtHand { pepper, .. }) if pepper == id)
    );
    site.start().await.unwrap();
    assert!(site.store.record().await.unwrap().depends_on.given_up.is_empty());
}

#[tokio::test]
async fn an_outage_at_the_start_is_told_as_one() {
    let site = Site::new();
    site.start_and_sign("k1").await.unwrap();
    site.store.sever();
    let error = site.start().await.unwrap_err();
    assert!(error.is_passing() && error.to_string().contains("/srv/keys.db"), "{error}");
    assert!(!told(site.start_with(SecretSources::folder("/dev/null/keys")).await).is_empty());
}

#[tokio::test]
async fn what_the_store_and_the_folder_record_holds_nothing_of_a_secret() {
    let site = Site::new();
    site.start_and_sign("k1").await.unwrap();
    let secret = fs::read_to_string(site.keys().join("pepper")).unwrap();
    let record = format!("{:?}", site.store.record().await.unwrap());
    let mark = fs::read_to_string(site.keys().join("store.json")).unwrap();
    for part in secret.trim().as_bytes().chunks(16) {
        let part = str::from_utf8(part).unwrap();
        assert!(!record.contains(part) && !mark.contains(part));
    }
}
