use std::borrow::Cow;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, header};
use remint_core::{Clock, ReplayStore, Unavailable};
use remint_token::urn;
use subtle::Choice;
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::assertion;
use crate::client::{Client, Proof};
use crate::error::OAuthError;
use crate::form::Form;
use crate::throttle::Throttle;

/// Finds out which client asks (RFC 6749 §2.3).
#[derive(Debug)]
pub(crate) struct Clients {
    pub(crate) known: HashMap<String, Client>,
    /// What a client assertion may name as its audience: the issuer and the token endpoint.
    pub(crate) audiences: Vec<String>,
    pub(crate) replays: Arc<dyn ReplayStore>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) throttle: Throttle,
}

/// A client's id and its secret.
type Pair<'a> = (Cow<'a, str>, Zeroizing<String>);

/// What a request brings to prove which client it is of.
enum Presented<'a> {
    /// A secret, and by whom; as it stands there, and decoded once more.
    Secret(Vec<Pair<'a>>),
    /// A signed assertion, and the client that the form names beside it.
    Assertion(&'a str, Option<&'a str>),
}

impl Clients {
    /// The client that has proven that it is one.
    ///
    /// # Errors
    ///
    /// `invalid_request` for more than one way to authenticate, or a broken one; `invalid_client` if it is
    /// none, whatever the reason; unavailable if that cannot be said.
    pub(crate) async fn authenticate(
        &self,
        headers: &HeaderMap,
        form: &Form,
        address: Option<IpAddr>,
    ) -> Result<&Client, OAuthError> {
        let presented = presented(headers, form)?;
        if let Some(client) = self.check(&presented).await? {
            return Ok(client);
        }
        let named = match &presented {
            // Decoded, so that one id is not as many as it can be encoded in.
            Presented::Secret(pairs) => pairs.last().map_or("", |(id, _)| id),
            Presented::Assertion(jwt, _) => &assertion::unverified_issuer(jwt).unwrap_or_default(),
        };
        let is_known = self.find(named).is_some();
        match self.throttle.failed(named, is_known, address, self.clock.now()) {
            Some(wait) => Err(OAuthError::TooManyFailures(wait)),
            None => Err(OAuthError::invalid_client()),
        }
    }

    /// The client of this name.
    pub(crate) fn find(&self, id: &str) -> Option<&Client> {
        self.known.get(id)
    }

    async fn check(&self, presented: &Presented<'_>) -> Result<Option<&Client>, Unavailable> {
        match presented {
            Presented::Secret(pairs) => {
                let proven = |(id, secret): &Pair<'_>| self.by_secret(id, secret);
                Ok(pairs.iter().find_map(proven))
            }
            Presented::Assertion(jwt, named) => {
                let Some(id) = assertion::unverified_issuer(jwt) else { return Ok(None) };
                if named.is_some_and(|named| named != id) {
                    return Ok(None);
                }
                let Some((client, keys)) = self.find(&id).and_then(|client| match &client.proof {
                    Proof::Keys(keys) => Some((client, keys)),
                    Proof::Secrets(_) => None,
                }) else {
                    return Ok(None);
                };
                let now = self.clock.now();
                let Some(used) = assertion::verify(jwt, &id, keys, &self.audiences, now) else { return Ok(None) };
                let first = self.replays.first_use(used.key, now, used.until).await?;
                Ok(first.then_some(client))
            }
        }
    }

    fn by_secret(&self, id: &str, secret: &str) -> Option<&Client> {
        let client = self.find(id)?;
        let Proof::Secrets(secrets) = &client.proof else { return None };
        // A variable that was left empty is no secret that everybody knows.
        if secret.is_empty() {
            return None;
        }
        let found = secrets.iter().fold(Choice::from(0), |found, digest| found | digest.is(secret));
        bool::from(found).then_some(client)
    }
}

/// Exactly one way to authenticate (RFC 6749 §2.3).
fn presented<'a>(headers: &HeaderMap, form: &'a Form) -> Result<Presented<'a>, OAuthError> {
    const TWO: OAuthError = OAuthError::invalid_request("one way to authenticate the client is enough");
    let (id, secret) = (form.optional("client_id"), form.optional("client_secret"));
    let (kind, jwt) = (form.optional("client_assertion_type"), form.optional("client_assertion"));
    let mut authorizations = headers.get_all(header::AUTHORIZATION).iter();
    let basic = match (authorizations.next(), authorizations.next()) {
        (None, _) => None,
        (Some(one), None) => Some(basic(one.as_bytes())?),
        _ => return Err(TWO),
    };
    if [basic.is_some(), secret.is_some(), jwt.is_some()].into_iter().filter(|present| *present).count() > 1 {
        return Err(TWO);
    }
    match (basic, secret, kind, jwt) {
        (Some(mut pairs), None, None, None) => {
            // Some clients name themselves in the form as well: no other reading is theirs then.
            pairs.retain(|(known, _)| id.is_none_or(|named| *known == named));
            if pairs.is_empty() { Err(TWO) } else { Ok(Presented::Secret(pairs)) }
        }
        (None, Some(secret), None, None) => {
            let id = id.ok_or(OAuthError::invalid_client())?;
            Ok(Presented::Secret(vec![(id.into(), Zeroizing::new(secret.to_owned()))]))
        }
        (None, None, Some(urn::CLIENT_ASSERTION), Some(jwt)) => Ok(Presented::Assertion(jwt, id)),
        (None, None, Some(_), Some(_)) => Err(OAuthError::invalid_request("the client assertion type is unknown")),
        (_, _, Some(_), None) | (_, _, None, Some(_)) => {
            Err(OAuthError::invalid_request("a client assertion needs its type, and the type an assertion"))
        }
        // Nobody is nobody, whatever they call themselves.
        _ => Err(OAuthError::invalid_client()),
    }
}

/// RFC 7617 §2. RFC 6749 §2.3.1 has both parts percent-encoded before, which not every client does: both
/// readings are tried.
fn basic<'a>(value: &[u8]) -> Result<Vec<Pair<'a>>, OAuthError> {
    const BROKEN: OAuthError = OAuthError::invalid_request("the Authorization header is not HTTP Basic");
    let text = std::str::from_utf8(value).map_err(|_| BROKEN)?;
    let (scheme, encoded) = text.split_once(' ').ok_or(BROKEN)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(BROKEN);
    }
    let decoded = Zeroizing::new(STANDARD.decode(encoded.trim_matches(' ')).map_err(|_| BROKEN)?);
    let decoded = std::str::from_utf8(&decoded).map_err(|_| BROKEN)?;
    let (id, secret) = decoded.split_once(':').ok_or(BROKEN)?;
    let plain = (Cow::Owned(id.to_owned()), Zeroizing::new(secret.to_owned()));
    let unescaped = (Cow::Owned(unescape(id)), Zeroizing::new(unescape(secret)));
    let same = plain == unescaped;
    let mut pairs = vec![plain];
    if !same {
        pairs.push(unescaped);
    }
    Ok(pairs)
}

/// `application/x-www-form-urlencoded`, of one value. What would end it is taken as it stands.
fn unescape(text: &str) -> String {
    let name_only = Zeroizing::new(text.replace('&', "%26").replace('=', "%3D"));
    form_urlencoded::parse(name_only.as_bytes()).next().map(|(name, _)| name.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basic_of(text: &str) -> Vec<(String, String)> {
        let header = format!("Basic {}", STANDARD.encode(text));
        let pairs = basic(header.as_bytes()).unwrap();
        pairs.into_iter().map(|(id, secret)| (id.into_owned(), secret.to_string())).collect()
    }

    #[test]
    fn basic_is_read_as_it_stands_and_percent_decoded() {
        let pair = |id: &str, secret: &str| (id.to_owned(), secret.to_owned());
        assert_eq!(basic_of("edge:secret"), [pair("edge", "secret")]);
        assert_eq!(basic_of("edge:a%2Bb"), [pair("edge", "a%2Bb"), pair("edge", "a+b")]);
        assert_eq!(basic_of("edge:a+b"), [pair("edge", "a+b"), pair("edge", "a b")]);
        assert_eq!(basic_of("edge:a:b=c&d"), [pair("edge", "a:b=c&d")]);
        assert_eq!(basic_of("ed%3Age:x"), [pair("ed%3Age", "x"), pair("ed:ge", "x")]);
    }

    #[test]
    fn whom_the_form_names_is_the_only_reading() {
        let value = format!("Basic {}", STANDARD.encode("a+b:s"));
        let headers = HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().unwrap())]);
        for (client_id, expected) in [("", &["a+b", "a b"][..]), ("a%2Bb", &["a+b"]), ("a+b", &["a b"])] {
            let form = Form::parse(&format!("client_id={client_id}").into()).ok().unwrap();
            let Ok(Presented::Secret(pairs)) = presented(&headers, &form) else { panic!("{client_id}") };
            assert_eq!(pairs.iter().map(|(id, _)| &**id).collect::<Vec<_>>(), expected);
        }
        let other = Form::parse(&"client_id=a".into()).ok().unwrap();
        assert!(presented(&headers, &other).is_err());
    }

    #[test]
    fn what_is_not_basic_is_broken() {
        for value in ["Basic", "Basic ", "Basic !!!", "Bearer e30", "Basic ZWRnZQ==", "Basic \u{e9}"] {
            assert!(basic(value.as_bytes()).is_err(), "{value}");
        }
    }
}
