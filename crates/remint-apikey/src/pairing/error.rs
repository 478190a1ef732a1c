use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use remint_core::{StoreId, Unavailable};

use crate::PepperError;

/// Why a store and the secrets of a process do not belong together. Each text says which store, which
/// folder or key, and what to do.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum PairingError {
    /// The key folder records another store.
    #[error(
        "the key folder {} belongs to the store {recorded}, but {place} is the store {found}{}. If a store was moved \
         or a setting is wrong, put it right. If one of the two was replaced on purpose, pair them once: \
         `remint-gateway init` (in a program: `Pairing::adopt`)",
        folder.display(), if *is_new { ", which was made by this start: it is empty" } else { "" }
    )]
    OtherStore {
        /// The folder.
        folder: PathBuf,
        /// The store that it records.
        recorded: StoreId,
        /// Where the store is that was opened.
        place: String,
        /// Its id.
        found: StoreId,
        /// Whether this start made it.
        is_new: bool,
    },
    /// The key folder records a store, and there is none.
    #[error(
        "the key folder {} belongs to the store {recorded}, but there is no store at {place}; none was made. If it \
         was moved or the setting is wrong, put it right. If it is to be replaced by an empty one, pair them once: \
         `remint-gateway init`",
        folder.display()
    )]
    NoStore {
        /// The folder.
        folder: PathBuf,
        /// The store that it records.
        recorded: StoreId,
        /// Where a store was looked for.
        place: String,
    },
    /// Keys of the store were hashed under peppers that are not at hand.
    #[error(
        "the store {store} at {place} needs the pepper{} {}, which {} not in {looked}: API keys hashed under it \
         would be refused. Nodes over one store share one key folder (`issuer.keys`), or the settings `api_keys.peppers` and \
         `issuer.key`: give this one those of the others, or bring back the folder that was here. If it is lost for good, give it up once, with its keys: \
         `remint-gateway init --give-up {}` (in a program: `Pairing::adopt`)",
        if peppers.len() == 1 { "" } else { "s" },
        peppers.join(", "),
        if peppers.len() == 1 { "is" } else { "are" },
        peppers.join(" --give-up ")
    )]
    PepperMissing {
        /// The ids of the peppers.
        peppers: Vec<String>,
        /// The store.
        store: StoreId,
        /// Where it is.
        place: String,
        /// Where the peppers were looked for.
        looked: String,
    },
    /// The nodes of the store sign with other keys.
    #[error(
        "the nodes of the store {store} at {place} sign with {theirs}, but this one would sign with {ours}: services \
         would refuse the tokens of one or the other. Nodes over one store share their signing keys: one key folder, \
         or one key that is given to all. To change from one to the other, publish the present key beside the new \
         one; if the keys were replaced on purpose, pair them once: `remint-gateway \
         init` (in a program: `Pairing::adopt`)"
    )]
    OtherSigningKeys {
        /// The store.
        store: StoreId,
        /// Where it is.
        place: String,
        /// What the other nodes sign with.
        theirs: String,
        /// What this one would sign with.
        ours: String,
    },
    /// The key folder is the one in which the signing keys were, and there are none.
    #[error(
        "the nodes of the store {store} at {place} sign with the keys in {}, but there are none in it. Bring them \
         back, or have new ones made once: `remint-gateway init` (in a program: `Pairing::adopt`)",
        folder.display()
    )]
    SigningKeysMissing {
        /// The store.
        store: StoreId,
        /// Where it is.
        place: String,
        /// The folder.
        folder: PathBuf,
    },
    /// A pepper that is to be given up is at hand.
    #[error("the pepper {pepper} is at hand, in {looked}: take it out before it is given up")]
    PepperAtHand {
        /// Its id.
        pepper: String,
        /// Where it is.
        looked: String,
    },
    /// The key folder, or its file `store.json`, cannot be read or written.
    #[error("{} cannot be read or written", path.display())]
    Folder {
        /// The path.
        path: PathBuf,
        /// Why.
        #[source]
        source: Arc<io::Error>,
    },
    /// The file of peppers cannot be used.
    #[error("the peppers in {} cannot be read or made", path.display())]
    Pepper {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: PepperError,
    },
    /// Other nodes changed what the store records again and again.
    #[error("other nodes are starting over the store at {place}; start again")]
    Contended {
        /// Where it is.
        place: String,
    },
    /// The store did not answer.
    #[error("the store at {place} did not answer")]
    Unavailable {
        /// Where it is.
        place: String,
        /// Why.
        #[source]
        source: Unavailable,
    },
}

impl PairingError {
    /// Whether the same again may work without a change.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Contended { .. })
    }
}
