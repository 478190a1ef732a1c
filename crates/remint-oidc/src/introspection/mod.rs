//! Trust by introspection (RFC 7662): the issuer is asked what a token says.

mod answer;
mod introspector;
mod opaque;
mod settings;

pub(crate) use answer::judge;
pub(crate) use introspector::Introspector;
pub(crate) use opaque::Opaque;
pub use settings::Introspection;
