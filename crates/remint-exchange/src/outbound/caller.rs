use std::fmt;
use std::sync::Arc;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use zeroize::Zeroizing;

/// The token that a request came in with, for whoever calls another service on its behalf. As an extension
/// of an outbound request it says for whom the request is, to every [`OutboundLayer`](super::OutboundLayer)
/// on the way.
///
/// Clones share the text, which is wiped with the last of them; `Debug` shows nothing of it.
#[derive(Clone)]
pub struct CallerToken(Arc<Zeroizing<String>>);

impl CallerToken {
    /// Wraps a token's text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Arc::new(Zeroizing::new(text.into())))
    }

    /// The text itself: a secret.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for CallerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CallerToken(..)")
    }
}

/// The token of a request that came in: of the one `Authorization` header, if it is a Bearer's (RFC 6750
/// §2.1). It was verified if the request has passed a layer that does so.
#[must_use]
pub fn caller_token(headers: &HeaderMap) -> Option<CallerToken> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().filter(|_| values.next().is_none())?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim_matches(' ');
    let is_token = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',');
    (scheme.eq_ignore_ascii_case("Bearer") && is_token).then(|| CallerToken::new(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> Option<String> {
        let values = values.iter().map(|value| (AUTHORIZATION, value.parse().unwrap()));
        caller_token(&HeaderMap::from_iter(values)).map(|token| token.expose_secret().to_owned())
    }

    #[test]
    fn it_is_the_one_bearer() {
        assert_eq!(of(&["Bearer a.b.c"]).as_deref(), Some("a.b.c"));
        assert_eq!(of(&["bearer  a.b.c "]).as_deref(), Some("a.b.c"));
    }

    #[test]
    fn anything_else_is_nobody() {
        for values in [&[][..], &["Basic abc"], &["Bearer"], &["Bearer "], &["Bearer a,Bearer b"], &["Bearer a b"]] {
            assert_eq!(of(values), None, "{values:?}");
        }
        assert_eq!(of(&["Bearer a.b.c", "Bearer a.b.c"]), None);
        assert_eq!(of(&["Bearer é"]), None);
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", CallerToken::new("canary")), "CallerToken(..)");
    }
}
