use remint_core::{Dependencies, SigningRecord, StoreAge, StoreId};

use super::sources::SigningSource;
use super::{ATTEMPTS, Pairing, PairingError};
use crate::Peppers;

/// A store and secrets that belong together.
#[derive(Debug)]
pub struct Paired {
    pub(super) pairing: Pairing,
    pub(super) peppers: Peppers,
    pub(super) store: StoreId,
    pub(super) folder: Option<Box<str>>,
}

impl Paired {
    /// The peppers.
    #[must_use]
    pub const fn peppers(&self) -> &Peppers {
        &self.peppers
    }

    /// The store's id.
    #[must_use]
    pub const fn store(&self) -> &StoreId {
        &self.store
    }

    /// Registers the ids of the signing keys that this process publishes, once they are there. Nothing is
    /// registered of keys that end with the process, nor by one that signs nothing, nor in a store in memory.
    ///
    /// # Errors
    ///
    /// [`PairingError::OtherSigningKeys`] if the nodes of the store sign with others by now.
    pub async fn signs_with(&self, keys: impl IntoIterator<Item = String>) -> Result<(), PairingError> {
        let pairing = &self.pairing;
        let folder = match pairing.secrets.signing {
            SigningSource::Folder => self.folder.clone(),
            SigningSource::Given => None,
            SigningSource::Memory | SigningSource::None => return Ok(()),
        };
        if pairing.store.origin().age == StoreAge::Memory {
            return Ok(());
        }
        let keys: Vec<Box<str>> = keys.into_iter().map(Into::into).collect();
        let ours = SigningRecord { folder, keys };
        for _ in 0..ATTEMPTS {
            let record = pairing.record().await?;
            if let Some(theirs) = &record.depends_on.signing {
                let same_folder = theirs.folder.is_some() && theirs.folder == ours.folder;
                if !same_folder && theirs.keys.iter().all(|key| !ours.keys.contains(key)) {
                    return Err(pairing.other_signing_keys(&record, format!("others ({})", ours.keys.join(", "))));
                }
            }
            let next = Dependencies { signing: Some(ours.clone()), ..record.depends_on.clone() };
            if next == record.depends_on || pairing.set(&record, &next).await? {
                return Ok(());
            }
        }
        Err(PairingError::Contended { place: pairing.place() })
    }
}
