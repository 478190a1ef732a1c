//! What the service shows.

mod act_for;
mod environment;
mod key;
mod made_by;
mod signed_up;
mod tenant;
mod text;
mod user;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;

pub(crate) use self::environment::EnvironmentView;
pub(crate) use self::key::{KeyPage, KeyView};
pub(crate) use self::signed_up::SignedUpView;
pub(crate) use self::tenant::TenantView;
pub(crate) use self::text::{networks, scopes, time};
pub(crate) use self::user::UserView;

/// An answer with a body.
pub(crate) fn answer(status: StatusCode, body: &impl Serialize) -> Response {
    (status, Json(body)).into_response()
}
