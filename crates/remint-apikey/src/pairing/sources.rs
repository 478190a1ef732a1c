use std::path::{Path, PathBuf};

use crate::Peppers;

/// Where a process has its secrets from.
#[derive(Debug, Clone)]
pub struct SecretSources {
    pub(super) folder: Option<PathBuf>,
    pub(super) peppers: PepperSource,
    pub(super) signing: SigningSource,
}

/// Where the peppers come from.
#[derive(Debug, Clone)]
pub(super) enum PepperSource {
    /// The file `pepper` in the key folder.
    Folder,
    /// The settings, or a secret store.
    Given(Peppers),
}

/// Where the signing keys come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SigningSource {
    /// The key folder.
    Folder,
    /// The settings, a secret store, a KMS or an HSM.
    Given,
    /// They are made by this process and end with it.
    Memory,
    /// This process signs nothing.
    None,
}

impl SecretSources {
    /// Peppers and signing keys in this folder.
    #[must_use]
    pub fn folder(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        // So that an error says where it is, from wherever it is read.
        let folder = std::path::absolute(&path).unwrap_or(path);
        Self { folder: Some(folder), peppers: PepperSource::Folder, signing: SigningSource::Folder }
    }

    /// These peppers, which end with the process, and signing keys that do.
    #[must_use]
    pub const fn ephemeral(peppers: Peppers) -> Self {
        Self { folder: None, peppers: PepperSource::Given(peppers), signing: SigningSource::Memory }
    }

    /// The same with peppers that are given.
    #[must_use]
    pub fn with_peppers(mut self, peppers: Peppers) -> Self {
        self.peppers = PepperSource::Given(peppers);
        self.without_a_folder_that_holds_nothing()
    }

    /// The same with signing keys that are given.
    #[must_use]
    pub fn with_given_signing_keys(mut self) -> Self {
        self.signing = SigningSource::Given;
        self.without_a_folder_that_holds_nothing()
    }

    /// The same for a process that signs nothing, such as a command line.
    #[must_use]
    pub fn signing_nothing(mut self) -> Self {
        self.signing = SigningSource::None;
        self
    }

    /// The key folder, if any of the secrets come from it.
    pub(super) fn key_folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    fn without_a_folder_that_holds_nothing(mut self) -> Self {
        let holds_peppers = matches!(self.peppers, PepperSource::Folder);
        if !holds_peppers && self.signing != SigningSource::Folder {
            self.folder = None;
        }
        self
    }
}
