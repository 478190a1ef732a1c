use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use http::request::Parts;
use remint_core::{InvalidName, KeyId, TenantId, UserId};
use remint_http_api::Problem;

/// The one id in a path. A text that can be no id names nothing: 404.
#[derive(Debug)]
pub(crate) struct Id<T>(pub(crate) T);

impl<S: Send + Sync, T: Name> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path: Result<Path<String>, PathRejection> = Path::from_request_parts(parts, state).await;
        let Ok(Path(text)) = path else {
            return Err(Problem::bad_request("invalid-path", "the path is not UTF-8 when it is decoded"));
        };
        T::name(text).map(Self).map_err(|_| Problem::not_found())
    }
}

pub(crate) trait Name: Sized {
    fn name(text: String) -> Result<Self, InvalidName>;
}

impl Name for UserId {
    fn name(text: String) -> Result<Self, InvalidName> {
        Self::new(text)
    }
}

impl Name for TenantId {
    fn name(text: String) -> Result<Self, InvalidName> {
        Self::new(text)
    }
}

impl Name for KeyId {
    fn name(text: String) -> Result<Self, InvalidName> {
        Self::new(text)
    }
}
