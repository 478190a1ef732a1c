use std::future::{Future, ready};

use axum_core::body::Body;
use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use axum_core::response::{IntoResponse, Response};
use http::request::Parts;
use remint_core::DeniedKind;
use remint_credential::RequestHead;
use serde::de::DeserializeOwned;

use super::{Caller, CallerError, CallerErrorKind, OutsideLayer};
use crate::{Denial, Denials, Policy, RequestKind, RequestTrace, telemetry};

/// A handler that takes a `Caller` is reached by signed-in callers only: anyone else gets 401.
///
/// An `ext` that is not of the shape of `E`, and a handler that no layer stands before, are mistakes of the service, so
/// they are a 500, and the log says what is wrong. Denials are those of the layer outside (a hook that is given to the
/// edge shapes them too), or those that stand in the request's extensions further in (`axum::Extension(denials)`).
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
///
/// The answer has the request's id, in the header `x-request-id`, and the log says the rest beside it.
#[derive(Debug)]
pub struct CallerRejection {
    error: CallerError,
    request: RequestKind,
    answer: Answer,
}

#[derive(Debug)]
enum Answer {
    /// Nobody is signed in.
    Denied(Denial),
    /// A mistake of the service.
    Defect(Denials, RequestTrace),
}

impl CallerRejection {
    #[cold]
    fn new(error: CallerError, parts: &Parts) -> Self {
        let head = RequestHead::new(&parts.method, parts.uri.path(), &parts.headers);
        let denials = Denials::shared(&parts.extensions).cloned().unwrap_or_default();
        let answer = match error.kind() {
            CallerErrorKind::NoIdentity => {
                Answer::Denied(Policy::new().with_denials(denials).deny_request(DeniedKind::NoCredential, head))
            }
            CallerErrorKind::OutsideLayer | CallerErrorKind::Ext => Answer::Defect(denials, RequestTrace::of(head)),
        };
        if let (CallerErrorKind::OutsideLayer, Answer::Defect(_, trace)) = (error.kind(), &answer) {
            OutsideLayer.log(ASKS, trace);
        }
        Self { error, request: RequestKind::of_parts(parts), answer }
    }

    /// The cause.
    #[must_use]
    pub const fn error(&self) -> &CallerError {
        &self.error
    }
}

impl IntoResponse for CallerRejection {
    fn into_response(self) -> Response {
        let response = match self.answer {
            Answer::Denied(denial) => {
                telemetry::not_met(ASKS, &denial, None);
                denial.render(self.request)
            }
            Answer::Defect(denials, trace) => {
                if self.error.kind() == CallerErrorKind::Ext {
                    telemetry::wrong_ext(&self.error, &trace);
                }
                denials.traced_defect(self.request, &trace)
            }
        };
        response.map(Body::from)
    }
}

/// What the log calls it.
const ASKS: &str = "Caller";
