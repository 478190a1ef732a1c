use serde::Serialize;
use utoipa::ToSchema;

use super::key::KeyView;
use super::user::UserView;

/// A new user, with their first keys.
#[derive(Serialize, ToSchema)]
#[schema(as = SignedUp)]
pub(crate) struct SignedUpView {
    pub(crate) user: UserView,
    pub(crate) keys: Vec<KeyView>,
}
