use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use remint_core::Identity;
use remint_guard::Denial;

use crate::{Edits, ResponseHeaders};

/// What becomes of a request. A denial and a document are kinds of their own: neither is a reason to forward.
#[derive(Debug)]
#[must_use = "a request goes on only as its verdict says"]
pub enum Verdict<'g> {
    /// It goes on, with its headers edited.
    Forward(Forward<'g>),
    /// It is refused.
    Deny(Denial),
    /// It asked for a document that the gate has, such as the resource's metadata (RFC 9728): this is the answer, and
    /// the request goes no further. The status is 200, or 405 for a method other than `GET` and `HEAD`.
    Document(Response<Bytes>),
}

/// A request that goes on.
#[derive(Debug)]
pub struct Forward<'g> {
    /// Who is calling; `None`: a request without a credential that may pass.
    pub identity: Option<Arc<Identity>>,
    /// What is changed of the request's headers.
    pub edits: Edits<'g>,
    /// What the answer gets beside its own headers.
    pub response: ResponseHeaders,
}
