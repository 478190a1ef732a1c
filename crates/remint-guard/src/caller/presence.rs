use std::sync::Arc;

use http::Extensions;
use remint_core::Identity;

use crate::RequestTrace;

/// The mark of a request that a layer has looked at, and that presents no credential: nobody is signed in.
///
/// It tells "nobody came" from "nobody asked". A request with neither this mark nor an identity has passed no layer that
/// authenticates, so that whatever asks for its caller stands in the wrong place ([`OutsideLayer`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anonymous;

/// Something asks for the caller of a request that no layer has looked at.
///
/// It is a mistake in how the service is put together, not in the request: it is answered with 500, and the log says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "no layer has looked for the request's caller: the edge's layer (or the verifier's) must stand outside of what asks \
     for one. In axum, add routes before `.layer(edge.layer())`, and add a `RequireLayer` before that layer too, since \
     the layer that is added last runs first"
)]
pub struct OutsideLayer;

/// Writes down what a layer has found: this identity, or [nobody](Anonymous). It is for surfaces of your own: the layers
/// of this workspace do it themselves. What denies further in answers with [`Denials`](crate::Denials) of its own, or with
/// those that a surface [shares](crate::Denials::share).
///
/// With an identity it costs one entry of the extensions and no more.
#[inline]
pub fn set_caller(extensions: &mut Extensions, identity: Option<Arc<Identity>>) {
    match identity {
        Some(identity) => {
            extensions.insert(identity);
        }
        None => {
            extensions.remove::<Arc<Identity>>();
            extensions.insert(Anonymous);
        }
    }
}

/// What a layer has found: an identity, or `None` where nobody is signed in.
///
/// # Errors
///
/// [`OutsideLayer`] if no layer has looked.
#[inline]
pub fn find_caller(extensions: &Extensions) -> Result<Option<&Arc<Identity>>, OutsideLayer> {
    match extensions.get::<Arc<Identity>>() {
        Some(identity) => Ok(Some(identity)),
        None if extensions.get::<Anonymous>().is_some() => Ok(None),
        None => Err(OutsideLayer),
    }
}

impl OutsideLayer {
    /// Logs the mistake: what asked for a caller, in which request, and how to put it right.
    #[cold]
    pub fn log(self, asks: &'static str, trace: &RequestTrace) {
        let (method, path, request_id) = (trace.method().as_str(), trace.path(), trace.id());
        tracing::error!(target: "remint", asks, method, path, request_id, "{self}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Caller;

    #[test]
    fn nobody_came_and_nobody_asked_are_two_things() {
        let mut extensions = Extensions::new();
        assert_eq!(find_caller(&extensions), Err(OutsideLayer));
        set_caller(&mut extensions, None);
        assert_eq!(find_caller(&extensions), Ok(None));
        let alice = Caller::for_test("alice");
        set_caller(&mut extensions, Some(alice.identity().clone()));
        assert_eq!(find_caller(&extensions), Ok(Some(alice.identity())), "a layer further in has found somebody");
        set_caller(&mut extensions, None);
        assert_eq!(find_caller(&extensions), Ok(None), "an identity from before does not stay");
    }

    #[test]
    fn an_identity_is_one_entry() {
        let mut extensions = Extensions::new();
        set_caller(&mut extensions, Some(Caller::for_test("alice").identity().clone()));
        assert_eq!(extensions.len(), 1);
    }
}
