use remint_keyset::KeySet;

use crate::introspection::Introspector;
use crate::key_origin::KeyOrigin;

/// What vouches for the issuer's tokens.
#[derive(Debug)]
pub(crate) enum Vouching {
    /// Its signature.
    Keys(Keys),
    /// Its word.
    Introspection(Box<Introspector>),
}

/// The issuer's keys, and where they come from.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) set: KeySet,
    pub(crate) origin: KeyOrigin,
}
