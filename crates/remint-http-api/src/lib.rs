//! What an HTTP API reads and answers: JSON bodies, faults with their places, problem documents.
//!
//! # Where it stands on the line
//!
//! Beside it, and below the two services of an installation: the authorization server reads its forms and the
//! identity service its JSON with this crate. It knows the words of neither.
//!
//! # The decision
//!
//! A [`JsonBody`] is handed to the handler if and only if
//!
//! 1. it is `application/json`, in UTF-8 if it says ([`content_type`]), of at most [`MAX_JSON_BODY`] bytes;
//! 2. it is one JSON text, an object, without a member twice at any level ([`remint_strict_json`]).
//!
//! Its [`Members`] are read if and only if each one fits and none is left over. All faults are collected, each with
//! its place (RFC 6901), and answered together with 422. Every error is a [`Problem`] (RFC 9457).
//!
//! # What the deployment must guarantee
//!
//! Nothing.
//!
//! # Example
//!
//! ```
//! use axum::{Router, routing::post};
//! use remint_http_api::{Fault, JsonBody, Problem, not_found};
//!
//! async fn rename(body: JsonBody) -> Result<String, Problem> {
//!     let mut members = body.into_members();
//!     let name = members.required("name", |value| match value.as_str() {
//!         Some(text) if !text.is_empty() => Ok(text.to_owned()),
//!         _ => Err(vec![Fault::new("must be a text that is not empty")]),
//!     });
//!     members.finish(name).map_err(Problem::invalid_body)
//! }
//!
//! let app: Router = Router::new().route("/name", post(rename)).fallback(not_found);
//! ```
//!
//! # What this crate is not
//!
//! It has no routes, and no OAuth errors: those of RFC 6749 §5.2 are the authorization server's.

mod body;
mod completion;
mod fault;
mod json_body;
mod members;
mod problem;

pub use body::{BodyError, content_type, read_body};
pub use completion::run_to_completion;
pub use fault::Fault;
pub use json_body::{JsonBody, MAX_JSON_BODY, OptionalJsonBody};
pub use members::{Members, Read};
pub use problem::{Problem, not_found};
