//! JSON that means the same to every reader: no object has a member twice.
//!
//! # Where it stands on the line
//!
//! Rank 0: below the tokens (`remint-jwt`) and the HTTP APIs (`remint-http-api`), which both read what
//! strangers write.
//!
//! # The decision
//!
//! A text is accepted if and only if it is one JSON text in UTF-8 with nothing after it (RFC 8259), no object in it
//! has a member twice (RFC 8725 §2.6, RFC 7493 §2.3; escapes are resolved before names are compared), each number
//! is finite, and it keeps to the [`Limits`]. Of a list ([`parse_list`]), an item with a member twice is marked.
//!
//! What other readers accept, and some read differently, is refused:
//!
//! - a byte order mark before the text (RFC 8259 §8.1);
//! - an escape of half a surrogate pair, such as `"\ud800"`, which no text in UTF-8 can hold (RFC 7493 §2.1);
//! - a number that no `f64` can hold, such as `1e400` (RFC 7493 §2.2), `NaN` and `Infinity`;
//! - bytes that are not UTF-8, comments, single quotes, and commas too many.
//!
//! # What the deployment must guarantee
//!
//! Nothing. The length of a text is the caller's to limit.
//!
//! # Example
//!
//! ```
//! use remint_strict_json::{JsonError, Limits, parse, parse_object};
//!
//! let limits = Limits { depth: 32, values: 1024 };
//! assert!(parse_object(br#"{"sub": "alice"}"#, limits).is_ok());
//! assert_eq!(parse_object(br#"{"sub": "alice", "sub": "bob"}"#, limits), Err(JsonError::Duplicate));
//! assert_eq!(parse_object(b"[]", limits), Err(JsonError::Malformed));
//! assert!(parse(b"[]").is_ok());
//! for text in ["\u{feff}{}", r#"{"a": "\ud800"}"#, r#"{"a": 1e400}"#] {
//!     assert_eq!(parse_object(text.as_bytes(), limits), Err(JsonError::Malformed));
//! }
//! ```
//!
//! # What this crate is not
//!
//! A deserializer: it makes a [`Value`](serde_json::Value), which the caller reads further.

mod error;
mod list;
mod parse;
mod strict;

pub use error::JsonError;
pub use list::{ListItem, parse_list};
pub use parse::{Limits, parse, parse_object};
