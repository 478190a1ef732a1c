//! Which store and which secrets belong together.
//!
//! A store of API keys is worth nothing without the peppers that its digests were made under, and nodes
//! over one store have to sign with the same keys. [`Pairing`] finds out at the start, before anything is
//! made, and registers what is new.

mod agreement;
mod error;
mod in_use;
mod mark;
mod next;
mod paired;
mod sources;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use remint_core::{Clock, Dependencies, StoreAge, StoreId, StoreRecord, Unavailable};

use self::mark::Mark;
use self::sources::{PepperSource, SigningSource};
use crate::{KeyStore, Pepper, Peppers, pepper_file};

pub(crate) use self::in_use::{first, from_in_use, in_use, objected, settled};
pub(crate) use self::next::{missing, registered};

pub use self::error::PairingError;
pub use self::paired::Paired;
pub use self::sources::SecretSources;

/// A store beside the secrets of this process, before they are known to belong together.
///
/// # The decision
///
/// A process may start if and only if
///
/// 1. its key folder records this store, or none. A store in memory is nobody's other half;
/// 2. it has every pepper that the digest of a live key names, the one that keys are hashed under now, and those
///    that wait to be used after it, except for those that were [given up](Self::adopt);
/// 3. it signs with the keys that the store records: those of the same folder, or at least one of the same
///    keys; if the store records none, whatever it signs with.
///
/// It is decided before a pepper, a signing key or a record is made. Then the folder is marked with the store's
/// id, and the store records the newest pepper; of several who start at once, one is first, and the others
/// decide again by what it has written.
///
/// # Which pepper is in use
///
/// A store's first pepper is in use at once. A newer one waits, since nodes that run may lack it: such a node says so
/// in the store as long as it runs ([`ApiKeys::missing_peppers`](crate::ApiKeys::missing_peppers)). Ten minutes after
/// the last one said so, keys are made and hashed again under the newer one at every node, whatever stands first in
/// its own list.
#[derive(Debug)]
pub struct Pairing {
    store: Arc<dyn KeyStore>,
    secrets: SecretSources,
    clock: Arc<dyn Clock>,
}

impl Pairing {
    /// This store, and secrets from these sources. The clock says which keys have ended.
    #[must_use]
    pub fn new(store: Arc<dyn KeyStore>, secrets: SecretSources, clock: impl Clock) -> Self {
        Self { store, secrets, clock: clock.into_arc() }
    }

    /// The store that a key folder records; `None` for a folder that records none, or is not there.
    ///
    /// # Errors
    ///
    /// [`PairingError::Folder`] for a record that cannot be read.
    pub fn recorded_store(folder: &Path) -> Result<Option<StoreId>, PairingError> {
        Ok(read_mark(folder)?.map(|mark| mark.store))
    }

    /// Decides, makes the pepper if it is the first, and registers it.
    ///
    /// This reads and writes files: it is meant for the start of a program.
    ///
    /// # Errors
    ///
    /// [`PairingError`]: it says what does not belong together, and what to do.
    pub async fn start(self) -> Result<Paired, PairingError> {
        for _ in 0..ATTEMPTS {
            let (record, mark) = (self.record().await?, self.mark()?);
            let found = self.check(&record, mark.as_ref()).await?;
            let peppers = match found {
                Some(peppers) => peppers,
                None => self.make_peppers()?,
            };
            let live = self.live_schemes().await?;
            let now = self.clock.now();
            let mut next = record.depends_on.clone();
            settled(&mut next, &peppers, now);
            let Some(next) = registered(&next, &peppers, &live, now) else { continue };
            let mark = self.write_mark(&record, mark)?;
            if next == record.depends_on || self.set(&record, &next).await? {
                let (store, folder) = (record.id, mark.map(|mark| mark.folder));
                tracing::info!(
                    target: "remint",
                    store = %store,
                    place = self.place(),
                    pepper = peppers.newest().id(),
                    "the store and the secrets at hand belong together"
                );
                return Ok(Paired { pairing: self, peppers, store, folder });
            }
        }
        Err(PairingError::Contended { place: self.place() })
    }

    /// Decides, and makes nothing: the peppers, or `None` where the first one is still to be made.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub async fn rehearse(&self) -> Result<Option<Peppers>, PairingError> {
        let (record, mark) = (self.record().await?, self.mark()?);
        self.check(&record, mark.as_ref()).await
    }

    /// Pairs the two on purpose, whatever they recorded: for a store or a folder that was restored from a backup,
    /// moved or replaced. Makes the first pepper if there is none.
    ///
    /// `give_up` names peppers that are lost: keys that were hashed under one are unknown from now on, until it
    /// is found again. Nothing else is forgotten: keys whose pepper is neither at hand nor given up are an error.
    ///
    /// No process may run over this store meanwhile. A serving process has no reason to call it: it would hide
    /// the next loss.
    ///
    /// # Errors
    ///
    /// [`PairingError::PepperMissing`], [`PairingError::PepperAtHand`], and whatever keeps files or the store
    /// from being read or written.
    pub async fn adopt(self, give_up: &[String]) -> Result<Paired, PairingError> {
        let record = self.record().await?;
        let live = self.live_schemes().await?;
        let given_up: Vec<Box<str>> = give_up.iter().map(|id| Pepper::scheme_of(id).into()).collect();
        let found = self.load_peppers()?;
        if let Some(pepper) =
            found.iter().flat_map(Peppers::iter).find(|pepper| give_up.iter().any(|id| id == pepper.id()))
        {
            return Err(PairingError::PepperAtHand { pepper: pepper.id().to_owned(), looked: self.looked() });
        }
        let mut lost = record.depends_on.given_up.clone();
        lost.extend(given_up);
        self.check_peppers(
            &record.id,
            missing(&Dependencies { given_up: lost.clone(), ..Dependencies::default() }, found.as_ref(), &live),
        )?;
        let peppers = match found {
            Some(peppers) => peppers,
            None => self.make_peppers()?,
        };
        let mark = match self.folder() {
            Some(folder) => {
                pepper_file::create_folder(folder).map_err(at(folder))?;
                let mark = Mark::new(record.id.clone(), None).map_err(at(&Mark::path(folder)))?;
                mark.replace(folder).map_err(at(&Mark::path(folder)))?;
                Some(mark)
            }
            None => None,
        };
        // The keys that a lost pepper has, for as long as they live.
        lost.retain(|scheme| live.contains(scheme) && peppers.iter().all(|pepper| pepper.scheme() != &**scheme));
        let kept: Vec<_> =
            peppers.iter().filter(|pepper| live.iter().any(|scheme| **scheme == *pepper.scheme())).collect();
        let mut next = Dependencies { given_up: lost, ..Dependencies::default() };
        next.peppers =
            kept.into_iter().rev().filter(|pepper| pepper.id() != peppers.newest().id()).map(Pepper::record).collect();
        next.peppers.push(peppers.newest().record());
        if !self.set(&record, &next).await? {
            return Err(PairingError::Contended { place: self.place() });
        }
        Ok(Paired { pairing: self, peppers, store: record.id, folder: mark.map(|mark| mark.folder) })
    }

    /// The folder, as far as it belongs to this store: beside a store in memory it belongs to no store.
    fn folder(&self) -> Option<&Path> {
        let is_memory = self.store.origin().age == StoreAge::Memory;
        self.secrets.key_folder().filter(|_| !is_memory)
    }

    fn mark(&self) -> Result<Option<Mark>, PairingError> {
        if let (None, Some(folder)) = (self.folder(), self.secrets.key_folder())
            && let Some(mark) = read_mark(folder)?
        {
            tracing::warn!(
                target: "remint",
                folder = %folder.display(),
                store = %mark.store,
                "the key folder belongs to a store, but this process keeps API keys in memory: it knows none of the store"
            );
        }
        self.folder().map_or(Ok(None), read_mark)
    }

    fn write_mark(&self, record: &StoreRecord, mark: Option<Mark>) -> Result<Option<Mark>, PairingError> {
        let (Some(folder), None) = (self.folder(), &mark) else { return Ok(mark) };
        pepper_file::create_folder(folder).map_err(at(folder))?;
        let keys = mark::signing_keys(folder).map_err(at(folder))?;
        // A folder that lost its mark, or was restored from before it had one: it has keys of the recorded one.
        let recorded =
            record.depends_on.signing.as_ref().filter(|recorded| keys.iter().any(|key| recorded.keys.contains(key)));
        let id = recorded.and_then(|recorded| recorded.folder.clone());
        let mark = Mark::new(record.id.clone(), id).map_err(at(&Mark::path(folder)))?;
        let mark = mark.write_if_absent(folder).map_err(at(&Mark::path(folder)))?;
        tracing::info!(
            target: "remint",
            folder = %folder.display(),
            store = %mark.store,
            place = self.place(),
            "the key folder records its store"
        );
        Ok(Some(mark))
    }

    fn pepper_path(&self) -> Option<PathBuf> {
        let in_folder = matches!(self.secrets.peppers, PepperSource::Folder);
        self.secrets.key_folder().filter(|_| in_folder).map(|folder| folder.join("pepper"))
    }

    fn load_peppers(&self) -> Result<Option<Peppers>, PairingError> {
        match (&self.secrets.peppers, self.pepper_path()) {
            (PepperSource::Given(peppers), _) => Ok(Some(peppers.clone())),
            (PepperSource::Folder, Some(path)) => {
                pepper_file::load(&path).map_err(|source| PairingError::Pepper { path, source })
            }
            (PepperSource::Folder, None) => Ok(None),
        }
    }

    fn make_peppers(&self) -> Result<Peppers, PairingError> {
        let path = self.pepper_path().unwrap_or_default();
        Peppers::load_or_create(&path).map_err(|source| PairingError::Pepper { path, source })
    }

    /// Where peppers are looked for, for people.
    fn looked(&self) -> String {
        match (&self.secrets.peppers, self.pepper_path()) {
            (PepperSource::Folder, Some(path)) if path.exists() => path.display().to_string(),
            (PepperSource::Folder, Some(path)) => format!("{} (there is no such file)", path.display()),
            (PepperSource::Folder, None) => "the key folder".to_owned(),
            (PepperSource::Given(_), _) if self.secrets.signing == SigningSource::Memory => {
                "the memory of this process".to_owned()
            }
            (PepperSource::Given(_), _) => "the settings".to_owned(),
        }
    }

    fn place(&self) -> String {
        self.store.origin().place
    }

    async fn record(&self) -> Result<StoreRecord, PairingError> {
        self.store.record().await.map_err(|error| self.unavailable(error))
    }

    async fn live_schemes(&self) -> Result<Vec<Box<str>>, PairingError> {
        let live = self.store.live_schemes(Pepper::SCHEMES, self.clock.now());
        live.await.map_err(|error| self.unavailable(error))
    }

    async fn set(&self, record: &StoreRecord, next: &Dependencies) -> Result<bool, PairingError> {
        self.store.set_dependencies(record.revision, next).await.map_err(|error| self.unavailable(error))
    }

    fn unavailable(&self, source: Unavailable) -> PairingError {
        PairingError::Unavailable { place: self.place(), source }
    }
}

fn read_mark(folder: &Path) -> Result<Option<Mark>, PairingError> {
    Mark::read(folder).map_err(at(&Mark::path(folder)))
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> PairingError {
    let path = path.to_path_buf();
    move |source| PairingError::Folder { path, source: Arc::new(source) }
}

/// How often it is decided again because another node was first.
const ATTEMPTS: usize = 20;
