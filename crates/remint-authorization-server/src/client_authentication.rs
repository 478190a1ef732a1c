use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, header};
use remint_token::urn;
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::assertion;
use crate::error::OAuthError;
use crate::form::Form;

/// How a client authenticates, as the request has it (RFC 6749 §2.3). Nothing is checked yet. It holds a secret, so
/// there is no `Debug`.
pub(crate) enum ClientAuthentication<'a> {
    /// `client_secret_basic` or `client_secret_post`: an id and a secret. Basic may be read in two ways: as it
    /// stands, and percent-decoded.
    Secret(Vec<IdAndSecret<'a>>),
    /// `private_key_jwt` (RFC 7523 §2.2).
    Assertion {
        /// `client_assertion`.
        jwt: &'a str,
        /// `client_id` beside it.
        named: Option<&'a str>,
    },
}

/// A client's id and its secret.
pub(crate) type IdAndSecret<'a> = (Cow<'a, str>, Zeroizing<String>);

impl<'a> ClientAuthentication<'a> {
    /// Exactly one way to authenticate.
    ///
    /// # Errors
    ///
    /// `invalid_request` for more than one way, or a broken one; `invalid_client` for none.
    pub(crate) fn parse(headers: &HeaderMap, form: &'a Form) -> Result<Self, OAuthError> {
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
                if pairs.is_empty() { Err(TWO) } else { Ok(Self::Secret(pairs)) }
            }
            (None, Some(secret), None, None) => {
                let id = id.ok_or(OAuthError::invalid_client())?;
                Ok(Self::Secret(vec![(id.into(), Zeroizing::new(secret.to_owned()))]))
            }
            (None, None, Some(urn::CLIENT_ASSERTION), Some(jwt)) => Ok(Self::Assertion { jwt, named: id }),
            (None, None, Some(_), Some(_)) => Err(OAuthError::invalid_request("the client assertion type is unknown")),
            (_, _, Some(_), None) | (_, _, None, Some(_)) => {
                Err(OAuthError::invalid_request("a client assertion needs its type, and the type an assertion"))
            }
            // Nobody is nobody, whatever they call themselves.
            _ => Err(OAuthError::invalid_client()),
        }
    }

    /// The same of a request without a form: HTTP Basic, or an assertion as a Bearer, which is no credential of any
    /// other kind here.
    ///
    /// # Errors
    ///
    /// `invalid_request` for more than one way, or a broken one; `invalid_client` for none.
    pub(crate) fn of_header(headers: &'a HeaderMap) -> Result<Self, OAuthError> {
        let mut authorizations = headers.get_all(header::AUTHORIZATION).iter();
        let value = match (authorizations.next(), authorizations.next()) {
            (Some(one), None) => one.as_bytes(),
            (None, _) => return Err(OAuthError::invalid_client()),
            _ => return Err(OAuthError::invalid_request("one way to authenticate the client is enough")),
        };
        match std::str::from_utf8(value).ok().and_then(|text| text.split_once(' ')) {
            Some((scheme, jwt)) if scheme.eq_ignore_ascii_case("bearer") => {
                Ok(Self::Assertion { jwt: jwt.trim_matches(' '), named: None })
            }
            _ => Ok(Self::Secret(basic(value)?)),
        }
    }

    /// The id of the client that is to be authenticated; empty where an assertion names none.
    pub(crate) fn named(&self) -> String {
        match self {
            // Decoded, so that one id is not as many as it can be encoded in.
            Self::Secret(pairs) => pairs.last().map(|(id, _)| id.to_string()).unwrap_or_default(),
            Self::Assertion { jwt, .. } => assertion::unverified_issuer(jwt).unwrap_or_default(),
        }
    }
}

/// RFC 7617 §2. RFC 6749 §2.3.1 has both parts percent-encoded before, which not every client does: both
/// readings are tried.
fn basic<'a>(value: &[u8]) -> Result<Vec<IdAndSecret<'a>>, OAuthError> {
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
            let Ok(ClientAuthentication::Secret(pairs)) = ClientAuthentication::parse(&headers, &form) else {
                panic!("{client_id}")
            };
            assert_eq!(pairs.iter().map(|(id, _)| &**id).collect::<Vec<_>>(), expected);
        }
        let other = Form::parse(&"client_id=a".into()).ok().unwrap();
        assert!(ClientAuthentication::parse(&headers, &other).is_err());
    }

    #[test]
    fn what_is_not_basic_is_broken() {
        for value in ["Basic", "Basic ", "Basic !!!", "Bearer e30", "Basic ZWRnZQ==", "Basic \u{e9}"] {
            assert!(basic(value.as_bytes()).is_err(), "{value}");
        }
    }
}
