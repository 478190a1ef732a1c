//! Keys of another program's table, read where they are.

mod authenticator;
mod key;
mod table;
mod user;

pub use self::authenticator::LegacyKeyAuthenticator;
pub use self::key::LegacyKey;
pub use self::table::LegacyKeys;
pub use self::user::LegacyUser;
