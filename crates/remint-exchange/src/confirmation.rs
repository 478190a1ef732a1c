use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use remint_core::Confirmation;
use serde_json::Value;

/// A confirmation that asks for a proof nobody here can demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the confirmation asks for a proof of another kind")]
pub(crate) struct UnknownConfirmation;

/// Reads a `cnf` (RFC 7800 §3.1): `jkt` (RFC 9449 §6.1) or `x5t#S256` (RFC 8705 §3.1), and nothing else
/// beside it, since that would be a proof that is not asked for.
pub(crate) fn read(cnf: &Value) -> Result<Confirmation, UnknownConfirmation> {
    let members = cnf.as_object().filter(|members| members.len() == 1).ok_or(UnknownConfirmation)?;
    let (name, value) = members.iter().next().ok_or(UnknownConfirmation)?;
    let digest = value.as_str().and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    let digest: [u8; 32] = digest.and_then(|bytes| bytes.try_into().ok()).ok_or(UnknownConfirmation)?;
    match name.as_str() {
        "jkt" => Ok(Confirmation::Jkt(digest)),
        "x5t#S256" => Ok(Confirmation::X5tS256(digest)),
        _ => Err(UnknownConfirmation),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// 32 zero bytes.
    const ZEROS: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    #[test]
    fn the_two_that_can_be_demanded_are_read() {
        assert_eq!(read(&json!({ "jkt": ZEROS })), Ok(Confirmation::Jkt([0; 32])));
        assert_eq!(read(&json!({ "x5t#S256": ZEROS })), Ok(Confirmation::X5tS256([0; 32])));
    }

    #[test]
    fn anything_else_is_not_taken_for_less() {
        for cnf in [
            json!({}),
            json!(null),
            json!("x"),
            json!({ "jwk": {} }),
            json!({ "kid": "k" }),
            json!({ "jkt": ZEROS, "kid": "k" }),
            json!({ "jkt": ZEROS, "x5t#S256": ZEROS }),
            json!({ "jkt": 1 }),
            json!({ "jkt": "" }),
            json!({ "jkt": "AAAA" }),
            json!({ "jkt": format!("{ZEROS}=") }),
            json!({ "jkt": format!("{}B", &ZEROS[1..]) }),
            json!({ "JKT": ZEROS }),
        ] {
            assert_eq!(read(&cnf), Err(UnknownConfirmation), "{cnf}");
        }
    }
}
