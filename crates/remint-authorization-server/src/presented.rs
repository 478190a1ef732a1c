use std::net::IpAddr;

use axum::extract::Request;
use http::Extensions;
use remint_core::{Audience, ClientAddr, PeerAddr};
use remint_jwt::Jws;

use crate::client::{Client, Right};
use crate::error::{Code, OAuthError};
use crate::form::Form;
use crate::server::Server;

/// A token that somebody asks about, by what it seems to be. Nothing of it is believed yet.
#[derive(Clone, Copy)]
pub(crate) enum Presented<'a> {
    /// A JWT that names us as its issuer.
    Internal(&'a str),
    /// A JWT that names another issuer.
    External,
    /// A text without structure: an API key, perhaps.
    Opaque(&'a str),
    /// Nothing that could be a token.
    Nothing,
}

impl<'a> Presented<'a> {
    pub(crate) fn of(server: &Server, text: &'a str) -> Self {
        match text.bytes().filter(|byte| *byte == b'.').count() {
            0 | 1 => Self::Opaque(text),
            2 => match Jws::parse(text).ok().map(|jws| jws.unverified_claims().issuer().ok().map(str::to_owned)) {
                Some(Some(issuer)) if issuer == server.issuer_id().as_str() => Self::Internal(text),
                Some(Some(_)) => Self::External,
                _ => Self::Nothing,
            },
            _ => Self::Nothing,
        }
    }
}

/// Reads a request to speak of a token: a form, of one client that has proven who it is and has this right.
///
/// # Errors
///
/// Those of the token endpoint for the same, and `unauthorized_client` without the right.
pub(crate) async fn asked(server: &Server, request: Request, right: Right) -> Result<(&Client, Form), OAuthError> {
    let (headers, extensions, form) = Form::read(request).await?;
    let address = counted_by(&extensions);
    let client = server.clients.authenticate(&headers, &form, address).await?;
    if client.has(right) {
        Ok((client, form))
    } else {
        Err(OAuthError::Refused(Code::UnauthorizedClient, "the client may not use this endpoint"))
    }
}

/// By which address failures are counted: the client's, or that of the socket's peer where none is stated.
pub(crate) fn counted_by(extensions: &Extensions) -> Option<IpAddr> {
    let client = extensions.get::<ClientAddr>().map(|stated| stated.0);
    client.or_else(|| extensions.get::<PeerAddr>().map(|peer| peer.0))
}

/// For whom an internal token may be that this client speaks of (RFC 7662 §4): for anyone (`None`) if it is an
/// edge, else for those that were named for it, as whom it receives tokens or for whom it asks for them; and if
/// nobody was, for our issuer's own audiences.
pub(crate) fn audiences(server: &Server, client: &Client) -> Option<Vec<Audience>> {
    if client.is_edge {
        return None;
    }
    let named = [&client.subject_audiences[..], &client.audiences[..]].concat();
    Some(if named.is_empty() { server.issuer.audiences().to_vec() } else { named })
}
