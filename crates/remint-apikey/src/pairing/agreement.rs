//! Whether a store and the secrets at hand belong together. Nothing is made.

use remint_core::{StoreAge, StoreId, StoreRecord};

use super::mark::{self, Mark};
use super::sources::SigningSource;
use super::{Pairing, PairingError, at, missing, settled};
use crate::{Pepper, Peppers};

impl Pairing {
    /// The peppers at hand, if all that must be here is here.
    pub(super) async fn check(
        &self,
        record: &StoreRecord,
        mark: Option<&Mark>,
    ) -> Result<Option<Peppers>, PairingError> {
        if let (Some(folder), Some(mark)) = (self.folder(), mark)
            && mark.store != record.id
        {
            return Err(PairingError::OtherStore {
                folder: folder.to_owned(),
                recorded: mark.store.clone(),
                place: self.place(),
                found: record.id.clone(),
                is_new: self.store.origin().age == StoreAge::Made,
            });
        }
        let peppers = self.load_peppers()?;
        let live = self.live_schemes().await?;
        let mut depends_on = record.depends_on.clone();
        if let Some(peppers) = &peppers {
            settled(&mut depends_on, peppers, self.clock.now());
        }
        self.check_peppers(&record.id, missing(&depends_on, peppers.as_ref(), &live))?;
        self.check_signing(record, mark)?;
        Ok(peppers)
    }

    pub(super) fn check_peppers(&self, store: &StoreId, missing: Vec<Box<str>>) -> Result<(), PairingError> {
        if missing.is_empty() {
            return Ok(());
        }
        let peppers = missing.iter().map(|scheme| Pepper::id_of(scheme).to_owned()).collect();
        let (store, place) = (store.clone(), self.place());
        Err(PairingError::PepperMissing { peppers, store, place, looked: self.looked() })
    }

    /// Before a signing key is made: whether this process may make or use those of its folder.
    fn check_signing(&self, record: &StoreRecord, mark: Option<&Mark>) -> Result<(), PairingError> {
        let Some(recorded) = &record.depends_on.signing else { return Ok(()) };
        match self.secrets.signing {
            SigningSource::None | SigningSource::Given => Ok(()),
            SigningSource::Memory => Err(self.other_signing_keys(record, "keys in its memory".to_owned())),
            SigningSource::Folder => {
                let Some(folder) = self.folder() else { return Ok(()) };
                let keys = mark::signing_keys(folder).map_err(at(folder))?;
                let is_same = mark.is_some_and(|mark| recorded.folder.as_ref() == Some(&mark.folder));
                if is_same && keys.is_empty() {
                    let (store, place) = (record.id.clone(), self.place());
                    return Err(PairingError::SigningKeysMissing { store, place, folder: folder.to_owned() });
                }
                if is_same || keys.iter().any(|key| recorded.keys.contains(key)) {
                    return Ok(());
                }
                Err(self.other_signing_keys(record, format!("keys of its own in {}", folder.display())))
            }
        }
    }

    pub(super) fn other_signing_keys(&self, record: &StoreRecord, ours: String) -> PairingError {
        let recorded = record.depends_on.signing.clone();
        let theirs = recorded.map_or_else(String::new, |recorded| {
            let keys = recorded.keys.join(", ");
            match recorded.folder {
                Some(folder) => format!("the keys of the key folder {folder} ({keys})"),
                None => format!("keys that are given to them ({keys})"),
            }
        });
        PairingError::OtherSigningKeys { store: record.id.clone(), place: self.place(), theirs, ours }
    }
}
