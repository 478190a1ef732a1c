use remint_core::Confirmation;
use serde_json::{Value, json};

use crate::{Claims, JwtError, JwtErrorKind, base64url};

impl Claims {
    /// Any claim that is a SHA-256 in base64url (`ath`, RFC 9449 §4.2), if there is one.
    ///
    /// # Errors
    ///
    /// [`JwtErrorKind::Claim`] if it is anything but the one canonical text of 32 bytes.
    pub fn sha256(&self, name: &str) -> Result<Option<[u8; 32]>, JwtError> {
        self.get(name).map(sha256).transpose()
    }

    /// `cnf` (RFC 7800 §3.1), if there is one: what whoever sends the token must prove to hold.
    ///
    /// # Errors
    ///
    /// [`JwtErrorKind::Claim`] if it is anything but an object of exactly one member, which is a sound `jkt`
    /// (RFC 9449 §6.1) or `x5t#S256` (RFC 8705 §3.1): a second one, or one that we do not know, would be a
    /// proof that nobody asks for.
    pub fn confirmation(&self) -> Result<Option<Confirmation>, JwtError> {
        let Some(cnf) = self.get("cnf") else { return Ok(None) };
        let mut members = cnf.as_object().ok_or(JwtErrorKind::Claim)?.iter();
        match (members.next(), members.next()) {
            (Some((name, value)), None) if name == JKT => Ok(Some(Confirmation::Jkt(sha256(value)?))),
            (Some((name, value)), None) if name == X5T_S256 => Ok(Some(Confirmation::X5tS256(sha256(value)?))),
            _ => Err(JwtErrorKind::Claim.into()),
        }
    }
}

/// `cnf` as [`Claims::confirmation`] reads it (RFC 7800 §3.1); `None` for a confirmation that has no member.
#[must_use]
pub fn confirmation_claim(confirmation: Confirmation) -> Option<Value> {
    match confirmation {
        Confirmation::Jkt(thumbprint) => Some(json!({ JKT: base64url::encode(&thumbprint) })),
        Confirmation::X5tS256(digest) => Some(json!({ X5T_S256: base64url::encode(&digest) })),
        _ => None,
    }
}

fn sha256(value: &Value) -> Result<[u8; 32], JwtError> {
    let text = value.as_str().filter(|text| text.len() == SHA256_LEN);
    let bytes = text.and_then(base64url::decode).and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or(JwtErrorKind::Claim.into())
}

/// RFC 9449 §6.1.
const JKT: &str = "jkt";
/// RFC 8705 §3.1.
const X5T_S256: &str = "x5t#S256";
/// 32 bytes in base64url without padding.
const SHA256_LEN: usize = 43;

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(json: &str) -> Claims {
        Claims::parse(json.as_bytes()).unwrap()
    }

    #[test]
    fn a_confirmation_is_one_member_that_we_know_and_nothing_beside_it() {
        let of = |cnf: &str| claims(&format!(r#"{{"cnf":{cnf}}}"#)).confirmation().map_err(|error| error.kind());
        let digest = base64url::encode(&[7; 32]);
        assert_eq!(of(&format!(r#"{{"jkt":"{digest}"}}"#)), Ok(Some(Confirmation::Jkt([7; 32]))));
        assert_eq!(of(&format!(r#"{{"x5t#S256":"{digest}"}}"#)), Ok(Some(Confirmation::X5tS256([7; 32]))));
        assert_eq!(claims("{}").confirmation(), Ok(None));
        let (short, long) = (base64url::encode(&[7; 31]), base64url::encode(&[7; 33]));
        for bad in [
            "null".to_owned(),
            "{}".to_owned(),
            "[]".to_owned(),
            format!("\"{digest}\""),
            format!(r#"[{{"jkt":"{digest}"}}]"#),
            format!(r#"{{"jkt":"{digest}","x5t#S256":"{digest}"}}"#),
            format!(r#"{{"jkt":"{digest}","other":1}}"#),
            format!(r#"{{"jwk":{{"kty":"EC"}},"jkt":"{digest}"}}"#),
            format!(r#"{{"JKT":"{digest}"}}"#),
            format!(r#"{{"x5t":"{digest}"}}"#),
            format!(r#"{{"kid":"{digest}"}}"#),
            format!(r#"{{"jkt":["{digest}"]}}"#),
            format!(r#"{{"jkt":"{digest}="}}"#),
            format!(r#"{{"jkt":"{short}"}}"#),
            format!(r#"{{"jkt":"{long}"}}"#),
            format!(r#"{{"jkt":"{}"}}"#, format_args!("{}d", &digest[..42])),
            r#"{"jkt":""}"#.to_owned(),
            r#"{"jkt":null}"#.to_owned(),
        ] {
            assert_eq!(of(&bad), Err(JwtErrorKind::Claim), "{bad}");
        }
    }

    #[test]
    fn a_digest_has_one_text() {
        let digest = base64url::encode(&[255; 32]);
        let read = |text: &str| claims(&format!(r#"{{"ath":"{text}"}}"#)).sha256("ath");
        assert_eq!(read(&digest), Ok(Some([255; 32])));
        assert_eq!(claims("{}").sha256("ath"), Ok(None));
        for bad in
            [digest.replace('_', "/"), format!("{digest}="), format!("{}9", &digest[..42]), digest[1..].to_owned()]
        {
            assert!(read(&bad).is_err(), "{bad}");
        }
        assert!(claims(r#"{"ath":1}"#).sha256("ath").is_err());
    }

    #[test]
    fn the_confirmation_that_is_written_is_the_confirmation_that_is_read() {
        for confirmation in [Confirmation::Jkt([7; 32]), Confirmation::X5tS256([255; 32])] {
            let written = json!({ "cnf": confirmation_claim(confirmation).unwrap() });
            assert_eq!(claims(&written.to_string()).confirmation(), Ok(Some(confirmation)));
        }
    }
}
