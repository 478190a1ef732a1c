use serde_json::{Map, Value};

use crate::claims::LIMITS;
use crate::{Algorithm, JwtError, JwtErrorKind, base64url, subtype};

/// The longest `kid` that is looked at, in bytes.
pub const MAX_KEY_ID_LEN: usize = 256;

/// A token's header (RFC 7515 §4): what we read of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    algorithm: Algorithm,
    key_id: Option<String>,
    token_type: Option<String>,
}

impl Header {
    pub(crate) fn parse(part: &str) -> Result<Self, JwtError> {
        Self::from_members(members(part)?)
    }

    /// The header of an external access token: what says where a key could be had is passed over, and what is
    /// `null` is absent.
    pub(crate) fn external(part: &str) -> Result<Self, JwtError> {
        let mut members = members(part)?;
        members.retain(|name, value| match name.as_str() {
            name if KEY_PLACES.contains(&name) => false,
            name => !value.is_null() || REFUSED.contains(&name),
        });
        Self::from_members(members)
    }

    /// A header that brings a key along in `jwk`, and that member.
    pub(crate) fn with_own_key(part: &str) -> Result<(Self, Value), JwtError> {
        let mut members = members(part)?;
        let key = members.remove("jwk").ok_or(JwtErrorKind::Structure)?;
        Ok((Self::from_members(members)?, key))
    }

    fn from_members(mut members: Map<String, Value>) -> Result<Self, JwtError> {
        if REFUSED.iter().any(|name| members.contains_key(*name)) || is_nested(&members)? {
            return Err(JwtErrorKind::Structure.into());
        }
        let algorithm = members.get("alg").and_then(Value::as_str).and_then(|name| name.parse().ok());
        let key_id = string(&mut members, "kid")?;
        if key_id.as_ref().is_some_and(|id| id.len() > MAX_KEY_ID_LEN) {
            return Err(JwtErrorKind::Structure.into());
        }
        Ok(Self {
            algorithm: algorithm.ok_or(JwtErrorKind::Algorithm)?,
            key_id,
            token_type: string(&mut members, "typ")?,
        })
    }

    /// `alg` (RFC 7515 §4.1.1).
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// `kid` (RFC 7515 §4.1.4): an opaque text of at most [`MAX_KEY_ID_LEN`] bytes.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// `typ` (RFC 7515 §4.1.9), exactly as it stands there.
    #[must_use]
    pub fn token_type(&self) -> Option<&str> {
        self.token_type.as_deref()
    }

    /// Whether `typ` is there and is this one, in full or short, in any case (RFC 7515 §4.1.9).
    #[must_use]
    pub fn is_type(&self, short: &str) -> bool {
        self.token_type().is_some_and(|typ| subtype(typ).eq_ignore_ascii_case(short))
    }
}

fn members(part: &str) -> Result<Map<String, Value>, JwtError> {
    let json = base64url::decode(part).ok_or(JwtErrorKind::Structure)?;
    remint_strict_json::parse_object(&json, LIMITS).map_err(|_| JwtErrorKind::Structure.into())
}

fn string(members: &mut Map<String, Value>, name: &str) -> Result<Option<String>, JwtError> {
    match members.remove(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(JwtErrorKind::Structure.into()),
    }
}

/// Whether `cty` says that the payload is a token itself (RFC 7519 §5.2).
fn is_nested(members: &Map<String, Value>) -> Result<bool, JwtError> {
    match members.get("cty") {
        None => Ok(false),
        Some(Value::String(text)) => Ok(subtype(text).eq_ignore_ascii_case("jwt")),
        Some(_) => Err(JwtErrorKind::Structure.into()),
    }
}

/// What no header may carry: extensions that must be understood (RFC 7515 §4.1.11, RFC 7797),
/// compression, and keys that a token brings along itself (RFC 8725 §3.10).
const REFUSED: [&str; 7] = ["crit", "b64", "zip", "jwk", "jku", "x5u", "x5c"];
/// Those of them that some providers write into each access token. Nothing is read from them.
const KEY_PLACES: [&str; 3] = ["jku", "x5u", "x5c"];

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<Header, JwtErrorKind> {
        Header::parse(&base64url::encode(json.as_bytes())).map_err(|error| error.kind())
    }

    #[test]
    fn extensions_and_embedded_keys_are_refused() {
        for name in REFUSED {
            for value in ["[]", "[\"b64\"]", "true", "null", "\"https://evil.example\"", "{}"] {
                let json = format!(r#"{{"alg":"ES256","{name}":{value}}}"#);
                assert_eq!(parse(&json), Err(JwtErrorKind::Structure), "{json}");
            }
        }
        assert!(parse(r#"{"alg":"ES256","x5t":"a","unknown":{"jwk":1}}"#).is_ok());
    }

    #[test]
    fn null_is_absent_in_an_external_header_unless_nobody_may_carry_the_member() {
        let external = |json: &str| Header::external(&base64url::encode(json.as_bytes())).map_err(|error| error.kind());
        let read = external(r#"{"alg":"ES256","kid":null,"typ":null,"cty":null,"x5t":null}"#).unwrap();
        assert_eq!((read.key_id(), read.token_type()), (None, None));
        assert_eq!(external(r#"{"alg":null}"#), Err(JwtErrorKind::Algorithm));
        for name in ["crit", "b64", "zip", "jwk"] {
            assert_eq!(
                external(&format!(r#"{{"alg":"ES256","{name}":null}}"#)),
                Err(JwtErrorKind::Structure),
                "{name}"
            );
        }
        // Of every other token it is what it was.
        for name in ["kid", "typ", "cty"] {
            assert_eq!(parse(&format!(r#"{{"alg":"ES256","{name}":null}}"#)), Err(JwtErrorKind::Structure), "{name}");
        }
    }

    #[test]
    fn where_a_key_could_be_had_is_passed_over_in_an_external_header_and_a_key_is_not() {
        let external = |json: &str| Header::external(&base64url::encode(json.as_bytes())).map_err(|error| error.kind());
        let plain = external(r#"{"alg":"ES256","kid":"k"}"#).unwrap();
        for name in ["jku", "x5u", "x5c", "x5t", "x5t#S256"] {
            for value in ["\"https://evil.example/jwks\"", "[\"MIIB\"]", "{}", "1", "null"] {
                let json = format!(r#"{{"alg":"ES256","kid":"k","{name}":{value}}}"#);
                assert_eq!(external(&json), Ok(plain.clone()), "{json}");
            }
        }
        for name in ["crit", "b64", "zip", "jwk"] {
            for value in ["[]", "{}", "false", "\"DEF\""] {
                let json = format!(r#"{{"alg":"ES256","jku":"https://idp.example/jwks","{name}":{value}}}"#);
                assert_eq!(external(&json), Err(JwtErrorKind::Structure), "{json}");
            }
        }
    }

    #[test]
    fn an_algorithm_is_one_of_ours_or_the_token_is_refused() {
        for value in ["\"none\"", "\"nOnE\"", "\"HS256\"", "\"ES521\"", "\"es256\"", "\"\"", "null", "1", "[\"ES256\"]"]
        {
            assert_eq!(parse(&format!(r#"{{"alg":{value}}}"#)), Err(JwtErrorKind::Algorithm), "{value}");
        }
        assert_eq!(parse("{}"), Err(JwtErrorKind::Algorithm));
    }

    #[test]
    fn a_key_id_is_a_string_of_bounded_length() {
        let kid = |value: &str| parse(&format!(r#"{{"alg":"ES256","kid":{value}}}"#));
        for bad in ["1", "null", "[\"a\"]", "{}", "true"] {
            assert_eq!(kid(bad), Err(JwtErrorKind::Structure), "{bad}");
        }
        assert_eq!(kid(&format!("\"{}\"", "k".repeat(257))), Err(JwtErrorKind::Structure));
        assert!(kid(&format!("\"{}\"", "k".repeat(256))).is_ok());
        let traversal = "../../dev/null' OR 1=1 --";
        assert_eq!(kid(&format!("\"{traversal}\"")).unwrap().key_id(), Some(traversal));
    }

    #[test]
    fn a_type_is_a_string_and_stands_there_as_it_came() {
        let typ = |value: &str| parse(&format!(r#"{{"alg":"ES256","typ":{value}}}"#));
        assert_eq!(typ("1"), Err(JwtErrorKind::Structure));
        assert_eq!(typ("null"), Err(JwtErrorKind::Structure));
        assert_eq!(typ("\"AT+jwt\"").unwrap().token_type(), Some("AT+jwt"));
        assert_eq!(parse(r#"{"alg":"ES256"}"#).unwrap().token_type(), None);
        for (typ_value, is_it) in [
            ("\"at+jwt\"", true),
            ("\"AT+JWT\"", true),
            ("\"Application/at+jwt\"", true),
            ("\"jwt\"", false),
            ("\"text/at+jwt\"", false),
            ("\"\"", false),
        ] {
            assert_eq!(typ(typ_value).unwrap().is_type("at+jwt"), is_it, "{typ_value}");
        }
        assert!(!parse(r#"{"alg":"ES256"}"#).unwrap().is_type("at+jwt"), "it must be there");
    }

    #[test]
    fn a_nested_token_is_refused() {
        for cty in ["\"JWT\"", "\"jwt\"", "\"application/jwt\"", "\"APPLICATION/JWT\"", "1", "null"] {
            assert_eq!(parse(&format!(r#"{{"alg":"ES256","cty":{cty}}}"#)), Err(JwtErrorKind::Structure), "{cty}");
        }
        assert!(parse(r#"{"alg":"ES256","cty":"json"}"#).is_ok());
    }

    #[test]
    fn a_member_present_twice_is_refused() {
        assert_eq!(parse(r#"{"alg":"none","alg":"ES256"}"#), Err(JwtErrorKind::Structure));
        assert_eq!(parse(r#"{"alg":"ES256","x":{"a":1,"a":1}}"#), Err(JwtErrorKind::Structure));
    }
}
