use std::future::{Future, ready};

use axum_core::body::Body;
use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use axum_core::response::{IntoResponse, Response};
use http::request::Parts;
use remint_core::DeniedKind;
use serde::de::DeserializeOwned;

use super::{Caller, CallerError, CallerErrorKind, OutsideLayer};
use crate::{Denials, RequestKind, Requirements};

/// A handler that takes a `Caller` is reached by signed-in callers only: anyone else gets 401.
///
/// An `ext` that is not of the shape of `E`, and a handler that no layer stands before, are mistakes of the service, so
/// they are a 500, and the log says what is wrong. Denials are made by the [`Denials`] in the request's extensions, if
/// the service put one there (`axum::Extension(denials)`), and else by the default one.
impl<S, E> FromRequestParts<S> for Caller<E>
where
    S: Sync,
    E: DeserializeOwned + Send,
{
    type Rejection = CallerRejection;

    fn from_request_parts(parts: &mut Parts, _: &S) -> impl Future<Output = Result<Self, Self::Rejection>> + Send {
        ready(Self::from_extensions(&parts.extensions).map_err(|error| CallerRejection::new(error, parts)))
    }
}

/// A handler that takes an `Option<Caller>` is reached by anonymous callers too. Without a layer before it, everybody
/// would be anonymous: that is a 500 as well.
impl<S, E> OptionalFromRequestParts<S> for Caller<E>
where
    S: Sync,
    E: DeserializeOwned + Send,
{
    type Rejection = CallerRejection;

    fn from_request_parts(
        parts: &mut Parts,
        _: &S,
    ) -> impl Future<Output = Result<Option<Self>, Self::Rejection>> + Send {
        ready(match Self::from_extensions(&parts.extensions) {
            Ok(caller) => Ok(Some(caller)),
            Err(error) if error.kind() == CallerErrorKind::NoIdentity => Ok(None),
            Err(error) => Err(CallerRejection::new(error, parts)),
        })
    }
}

/// Why a handler that asks for a [`Caller`] was not reached: 401 if nobody is signed in, 500 if no layer has looked, or if
/// the `ext` has another shape than the handler's type.
#[derive(Debug)]
pub struct CallerRejection {
    error: CallerError,
    request: RequestKind,
    denials: Denials,
}

impl CallerRejection {
    fn new(error: CallerError, parts: &Parts) -> Self {
        let denials = parts.extensions.get::<Denials>().cloned().unwrap_or_default();
        if error.kind() == CallerErrorKind::OutsideLayer {
            OutsideLayer.log("Caller", &parts.method, parts.uri.path());
        }
        Self { error, request: RequestKind::of_parts(parts), denials }
    }

    /// The cause.
    #[must_use]
    pub const fn error(&self) -> &CallerError {
        &self.error
    }
}

impl IntoResponse for CallerRejection {
    fn into_response(self) -> Response {
        let response = match self.error.kind() {
            CallerErrorKind::NoIdentity => {
                self.denials.respond(&DeniedKind::NoCredential.into(), self.request, &Requirements::new())
            }
            CallerErrorKind::OutsideLayer => self.denials.defect(self.request),
            CallerErrorKind::Ext => {
                let cause = std::error::Error::source(&self.error).map(ToString::to_string);
                tracing::error!(target: "remint", cause, "{}", self.error);
                self.denials.defect(self.request)
            }
        };
        response.map(Body::from)
    }
}
