use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Response, header};
use remint_core::Scopes;

use super::RequestKind;

/// What a [`DenialHook`] may know of a denial: what the caller is told anyway. The reason is not
/// among it, so no hook can turn one 401 into two that differ.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct DenialContext<'a> {
    /// The error code (RFC 6750 §3.1), where there is one.
    pub code: Option<&'static str>,
    /// In whose terms the answer is given.
    pub request: RequestKind,
    /// The scopes that the route requires.
    pub required_scopes: &'a Scopes,
    /// The roles that the route requires.
    pub required_roles: &'a [String],
    /// The entitlements that the route requires.
    pub required_entitlements: &'a [String],
}

/// Shapes the responses of denials: another body, further headers.
///
/// Implemented by closures `Fn(&DenialContext<'_>, Response<Bytes>) -> Response<Bytes>`, which
/// [`Denials::with_hook`](super::Denials::with_hook) takes without the types of their arguments.
///
/// # Contract
///
/// Whatever it returns, the answer keeps the status, `Cache-Control` and, where they were there,
/// `WWW-Authenticate`, `DPoP-Nonce`, `Retry-After`, `grpc-status` and `grpc-message`; a gRPC answer keeps its
/// empty body and its content type too. The hook may add challenges to ours. Framing headers of
/// its own are dropped.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not shape denials",
    note = "a closure `|context, response| response` goes to `Denials::with_hook`; a type of your own implements `DenialHook`"
)]
pub trait DenialHook: Send + Sync + 'static {
    /// The response to send.
    fn shape(&self, context: &DenialContext<'_>, response: Response<Bytes>) -> Response<Bytes>;
}

#[diagnostic::do_not_recommend]
impl<F> DenialHook for F
where
    F: Fn(&DenialContext<'_>, Response<Bytes>) -> Response<Bytes> + Send + Sync + 'static,
{
    fn shape(&self, context: &DenialContext<'_>, response: Response<Bytes>) -> Response<Bytes> {
        self(context, response)
    }
}

/// A hook that is shared and shows nothing of itself.
#[derive(Clone)]
pub(super) struct SharedHook(Arc<dyn DenialHook>);

impl SharedHook {
    pub(super) fn new(hook: impl DenialHook) -> Self {
        Self(Arc::new(hook))
    }

    /// Runs the hook and puts back what it may not change.
    pub(super) fn apply(&self, context: &DenialContext<'_>, response: Response<Bytes>) -> Response<Bytes> {
        let status = response.status();
        let ours = response.headers().clone();
        let mut shaped = self.0.shape(context, response);
        *shaped.status_mut() = status;
        for framing in [header::CONTENT_LENGTH, header::TRANSFER_ENCODING] {
            shaped.headers_mut().remove(framing);
        }
        for name in KEPT {
            restore(shaped.headers_mut(), &ours, &name);
        }
        keep_challenges(shaped.headers_mut(), &ours);
        if context.request == RequestKind::Grpc {
            restore(shaped.headers_mut(), &ours, &header::CONTENT_TYPE);
            *shaped.body_mut() = Bytes::new();
        }
        shaped
    }
}

impl fmt::Debug for SharedHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DenialHook")
    }
}

fn restore(headers: &mut HeaderMap, ours: &HeaderMap, name: &HeaderName) {
    match ours.get(name) {
        Some(value) => headers.insert(name.clone(), value.clone()),
        None => headers.remove(name),
    };
}

/// A 401 tells how to authenticate, in each scheme that is taken; an outage never does (RFC 9110 §11.6.1).
fn keep_challenges(headers: &mut HeaderMap, ours: &HeaderMap) {
    let mut challenges = ours.get_all(header::WWW_AUTHENTICATE).iter().peekable();
    if challenges.peek().is_none() {
        headers.remove(header::WWW_AUTHENTICATE);
    }
    for challenge in challenges {
        if !headers.get_all(header::WWW_AUTHENTICATE).iter().any(|value| value == challenge) {
            headers.append(header::WWW_AUTHENTICATE, challenge.clone());
        }
    }
}

const KEPT: [HeaderName; 5] = [
    header::CACHE_CONTROL,
    header::RETRY_AFTER,
    HeaderName::from_static("dpop-nonce"),
    HeaderName::from_static("grpc-status"),
    HeaderName::from_static("grpc-message"),
];
