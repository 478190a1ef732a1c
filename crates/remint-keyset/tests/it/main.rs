//! Key sets that stay usable, against an issuer that is not there and against real HTTP.

mod discovery;
mod fake;
mod http_client;
mod telemetry;
mod throttle;
mod usable;
