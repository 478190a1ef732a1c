use std::error::Error as _;

use remint_core::IssuerId;
use remint_oauth_client::OAuthError;

use crate::answer::AnswerError;

/// What only whoever runs the server and us can change.
pub(crate) fn refused(issuer: &IssuerId, refused: OAuthError) {
    tracing::warn!(target: "remint", %issuer, code = %refused.code(), status = refused.status(), "the authorization server refuses this client");
}

pub(crate) fn not_believed(issuer: &IssuerId, error: &AnswerError) {
    let cause = error.source().map(ToString::to_string);
    tracing::warn!(target: "remint", %issuer, %error, cause, "the authorization server's answer is not believed");
}
