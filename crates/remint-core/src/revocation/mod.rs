//! What is revoked, and the ports of the log that says so.

mod cursor;
mod log;
mod row;
mod state;
mod target;

pub use cursor::{Cursor, InvalidCursor, Position, RowId, Stamp};
pub use log::{Reading, Retention, RevocationLog, RevocationWriter};
pub use row::{Effect, LoggedRevocation, Revocation, TimedBy};
pub use state::LogState;
pub use target::Target;
