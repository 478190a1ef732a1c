use std::fmt;
use std::time::Duration;

use remint_core::Timestamp;
use remint_strict_json::{JsonError, Limits, parse_object};
use serde_json::{Map, Value};

use crate::{JwtError, JwtErrorKind};

/// A token's claims: one JSON object, each member there once at every level (RFC 7519 §4).
///
/// The accessors of registered claims say what the claim is or refuse it; none converts.
#[derive(Clone, Default, PartialEq)]
pub struct Claims(Map<String, Value>);

impl Claims {
    /// Reads one JSON object by the rules of a token's claims: each member there once at every
    /// level, at most 32 levels, and at most 1,024 values or one for four bytes, whichever is more. Nobody has
    /// verified it. Its size is the caller's to limit.
    ///
    /// # Errors
    ///
    /// [`JwtErrorKind::Structure`], or [`JwtErrorKind::Claim`] for a member that is there twice.
    pub fn parse(json: &[u8]) -> Result<Self, JwtError> {
        let values = LIMITS.values.max(u32::try_from(json.len() / BYTES_OF_A_VALUE).unwrap_or(u32::MAX));
        parse_object(json, Limits { values, ..LIMITS }).map(Self).map_err(|error| match error {
            JsonError::Malformed => JwtErrorKind::Structure.into(),
            JsonError::Duplicate => JwtErrorKind::Claim.into(),
        })
    }

    /// `iss` (RFC 7519 §4.1.1): one non-empty string.
    ///
    /// # Errors
    ///
    /// [`JwtErrorKind::Claim`] if it is absent, empty or anything else.
    pub fn issuer(&self) -> Result<&str, JwtError> {
        self.string("iss")
    }

    /// `sub` (RFC 7519 §4.1.2): one non-empty string.
    ///
    /// # Errors
    ///
    /// [`JwtErrorKind::Claim`] if it is absent, empty or anything else.
    pub fn subject(&self) -> Result<&str, JwtError> {
        self.string("sub")
    }

    /// `aud` (RFC 7519 §4.1.3): a non-empty string, or a non-empty array of such.
    ///
    /// # Errors
    ///
    /// [`JwtErrorKind::Claim`] if it is absent, empty or anything else, in whole or in part.
    pub fn audiences(&self) -> Result<Audiences<'_>, JwtError> {
        let members = match self.get("aud") {
            Some(Value::Array(members)) => members.as_slice(),
            Some(single) => std::slice::from_ref(single),
            None => &[],
        };
        let sound = |member: &Value| member.as_str().is_some_and(|text| !text.is_empty());
        if members.is_empty() || !members.iter().all(sound) {
            return Err(JwtErrorKind::Claim.into());
        }
        Ok(Audiences(members.iter()))
    }

    /// `exp` (RFC 7519 §4.1.4), if there is one.
    ///
    /// # Errors
    ///
    /// [`JwtErrorKind::Claim`] if it is anything but a whole number of seconds from 0 to 2^53 − 1:
    /// a fraction, an exponent, a negative number, a string or `null`.
    pub fn expires_at(&self) -> Result<Option<Timestamp>, JwtError> {
        self.timestamp("exp")
    }

    /// `nbf` (RFC 7519 §4.1.5), if there is one.
    ///
    /// # Errors
    ///
    /// As [`Claims::expires_at`].
    pub fn not_before(&self) -> Result<Option<Timestamp>, JwtError> {
        self.timestamp("nbf")
    }

    /// `iat` (RFC 7519 §4.1.6), if there is one.
    ///
    /// # Errors
    ///
    /// As [`Claims::expires_at`].
    pub fn issued_at(&self) -> Result<Option<Timestamp>, JwtError> {
        self.timestamp("iat")
    }

    /// Any claim that is a moment (`auth_time`), by the rules of [`Claims::expires_at`].
    ///
    /// # Errors
    ///
    /// As [`Claims::expires_at`].
    pub fn timestamp(&self, name: &str) -> Result<Option<Timestamp>, JwtError> {
        match self.get(name) {
            None => Ok(None),
            Some(value) => match value.as_u64() {
                Some(seconds) if seconds <= MAX_SECONDS => Ok(Some(Timestamp::from_secs(seconds))),
                _ => Err(JwtErrorKind::Claim.into()),
            },
        }
    }

    /// Any claim that is a moment, of which a fraction of a second is taken and rounded (RFC 7519 §2, `NumericDate`).
    ///
    /// # Errors
    ///
    /// [`JwtErrorKind::Claim`] if it is anything but a number from 0 to 2^53 − 1.
    pub fn rounded(&self, name: &str, rounding: Rounding) -> Result<Option<Timestamp>, JwtError> {
        match self.get(name) {
            Some(Value::Number(number)) if number.is_f64() => {
                let seconds = number.as_f64().filter(|seconds| (0.0..=MAX_SECONDS as f64).contains(seconds));
                let seconds = Duration::try_from_secs_f64(seconds.ok_or(JwtErrorKind::Claim)?);
                let seconds = seconds.map_err(|_| JwtErrorKind::Claim)?;
                let is_above = rounding == Rounding::Up && seconds.subsec_nanos() > 0;
                Ok(Some(Timestamp::from_secs(seconds.as_secs() + u64::from(is_above))))
            }
            _ => self.timestamp(name),
        }
    }

    /// The same without the claims that are `null`: what an external issuer says of a token is read so.
    #[must_use]
    pub fn without_nulls(mut self) -> Self {
        self.0.retain(|_, value| !value.is_null());
        self
    }

    /// Any claim by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A claim by a dotted path, such as `realm_access.roles`.
    ///
    /// A member whose name is the whole (rest of the) path wins over a way into an object, so that
    /// names which hold dots themselves (`https://acme.example/tenant`) can be named.
    #[must_use]
    pub fn path(&self, path: &str) -> Option<&Value> {
        walk(&self.0, path)
    }

    /// All claims.
    #[must_use]
    pub const fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// All claims, by value.
    #[must_use]
    pub fn into_map(self) -> Map<String, Value> {
        self.0
    }

    fn string(&self, name: &str) -> Result<&str, JwtError> {
        match self.get(name) {
            Some(Value::String(text)) if !text.is_empty() => Ok(text),
            _ => Err(JwtErrorKind::Claim.into()),
        }
    }
}

impl From<Map<String, Value>> for Claims {
    /// Claims that nobody has verified.
    fn from(map: Map<String, Value>) -> Self {
        Self(map)
    }
}

impl fmt::Debug for Claims {
    /// Shows how many claims there are and none of them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claims").field("len", &self.0.len()).finish_non_exhaustive()
    }
}

/// How a fraction of a second becomes whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// To the earlier second: for an end.
    Down,
    /// To the later second: for a beginning.
    Up,
}

/// The members of `aud`: at least one, none empty.
#[derive(Clone)]
pub struct Audiences<'a>(std::slice::Iter<'a, Value>);

impl<'a> Iterator for Audiences<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        self.0.next().and_then(Value::as_str)
    }
}

impl fmt::Debug for Audiences<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

fn walk<'a>(object: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    object.get(path).or_else(|| {
        path.match_indices('.').find_map(|(dot, _)| {
            let (name, rest) = (path.get(..dot)?, path.get(dot + 1..)?);
            walk(object.get(name)?.as_object()?, rest)
        })
    })
}

/// How deep the claims may be nested and how many values they may hold in all, however short they are; and the
/// header as well.
pub(crate) const LIMITS: Limits = Limits { depth: MAX_DEPTH, values: 1024 };

/// A text of one character in a list: shorter ones are numbers of one digit, of which nobody has a thousand.
const BYTES_OF_A_VALUE: usize = 4;

/// How deep any JSON of a token or key may be nested.
pub(crate) const MAX_DEPTH: u8 = 32;

/// The largest number of seconds that JSON implementations agree on (RFC 8259 §6).
const MAX_SECONDS: u64 = (1 << 53) - 1;

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(json: &str) -> Claims {
        Claims::parse(json.as_bytes()).unwrap()
    }

    #[test]
    fn a_moment_is_a_whole_number_of_seconds_and_nothing_else() {
        for bad in [
            "1.5",
            "1.0",
            "1e9",
            "-1",
            "-0",
            "18446744073709551616",
            "18446744073709551615",
            "9007199254740992",
            "\"1\"",
            "null",
            "true",
            "[1]",
            "{}",
        ] {
            let claims = claims(&format!(r#"{{"exp":{bad},"nbf":{bad},"iat":{bad}}}"#));
            for read in [Claims::expires_at, Claims::not_before, Claims::issued_at] {
                assert_eq!(read(&claims), Err(JwtErrorKind::Claim.into()), "{bad}");
            }
        }
        let claims = claims(r#"{"exp":9007199254740991,"nbf":0}"#);
        assert_eq!(claims.expires_at(), Ok(Some(Timestamp::from_secs(9_007_199_254_740_991))));
        assert_eq!(claims.not_before(), Ok(Some(Timestamp::from_secs(0))));
        assert_eq!(claims.issued_at(), Ok(None));
    }

    #[test]
    fn a_fraction_is_rounded_where_it_is_asked_for_and_nothing_else_becomes_a_moment() {
        use Rounding::{Down, Up};
        for (json, down, up) in [
            ("1767225600", 1_767_225_600, 1_767_225_600),
            ("1767225600.0", 1_767_225_600, 1_767_225_600),
            ("1767225600.25", 1_767_225_600, 1_767_225_601),
            ("1767225600.999", 1_767_225_600, 1_767_225_601),
            ("1.7672256e9", 1_767_225_600, 1_767_225_600),
            ("0.5", 0, 1),
            ("0", 0, 0),
            ("9007199254740991", 9_007_199_254_740_991, 9_007_199_254_740_991),
        ] {
            let claims = claims(&format!(r#"{{"exp":{json}}}"#));
            for (rounding, seconds) in [(Down, down), (Up, up)] {
                assert_eq!(claims.rounded("exp", rounding), Ok(Some(Timestamp::from_secs(seconds))), "{json}");
            }
        }
        for bad in ["-0.5", "-1", "9007199254740992", "9007199254740993.5", "1e300", "\"1.5\"", "null", "true", "[1.5]"]
        {
            let claims = claims(&format!(r#"{{"exp":{bad}}}"#));
            assert_eq!(claims.rounded("exp", Down), Err(JwtErrorKind::Claim.into()), "{bad}");
        }
        assert_eq!(claims("{}").rounded("exp", Down), Ok(None));
    }

    #[test]
    fn an_issuer_and_a_subject_are_one_non_empty_string_each() {
        for bad in ["{}", r#"{"iss":"","sub":""}"#, r#"{"iss":["a"],"sub":["a"]}"#, r#"{"iss":1,"sub":1}"#] {
            assert_eq!(claims(bad).issuer(), Err(JwtErrorKind::Claim.into()), "{bad}");
            assert_eq!(claims(bad).subject(), Err(JwtErrorKind::Claim.into()), "{bad}");
        }
        assert_eq!(claims(r#"{"iss":"a"}"#).issuer(), Ok("a"));
    }

    #[test]
    fn an_audience_is_a_string_or_an_array_of_strings() {
        for bad in [
            "{}",
            r#"{"aud":null}"#,
            r#"{"aud":""}"#,
            r#"{"aud":[]}"#,
            r#"{"aud":1}"#,
            r#"{"aud":["a",1]}"#,
            r#"{"aud":["a",""]}"#,
            r#"{"aud":["a",["b"]]}"#,
            r#"{"aud":{"a":"b"}}"#,
        ] {
            assert!(claims(bad).audiences().is_err(), "{bad}");
        }
        assert_eq!(claims(r#"{"aud":"a"}"#).audiences().unwrap().collect::<Vec<_>>(), ["a"]);
        assert_eq!(claims(r#"{"aud":["a","b"]}"#).audiences().unwrap().collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn a_path_finds_names_with_dots_before_it_goes_into_objects() {
        let claims = claims(
            r#"{"a.b":1,"a":{"b":2,"c.d":3,"e":{"f":4}},"https://x.example/t":5,"r":{"my.client":{"roles":6}}}"#,
        );
        for (path, value) in
            [("a.b", 1), ("a.c.d", 3), ("a.e.f", 4), ("https://x.example/t", 5), ("r.my.client.roles", 6)]
        {
            assert_eq!(claims.path(path), Some(&Value::from(value)), "{path}");
        }
        for path in ["", ".", "a.", ".a", "a.x", "a.b.c", "r.my"] {
            assert_eq!(claims.path(path), None, "{path}");
        }
    }

    #[test]
    fn claims_have_at_most_32_levels_and_1024_values() {
        let nested = |arrays: usize| format!("{{\"a\":{}{}}}", "[".repeat(arrays), "]".repeat(arrays));
        let list = |items: usize| format!("{{\"a\":[{}]}}", vec!["0"; items].join(","));
        for good in [nested(31), list(1023)] {
            assert!(Claims::parse(good.as_bytes()).is_ok(), "{}", good.len());
        }
        for bad in [nested(32), list(1024)] {
            assert_eq!(Claims::parse(bad.as_bytes()), Err(JwtErrorKind::Structure.into()), "{}", bad.len());
        }
        assert_eq!(Claims::parse(br#"{"a":1,"a":1}"#), Err(JwtErrorKind::Claim.into()));
    }

    #[test]
    fn debug_shows_no_claim() {
        assert!(!format!("{:?}", claims(r#"{"canary":"canary"}"#)).contains("canary"));
    }
}
