use remint_core::DeniedKind;
use remint_jwt::Claims;

/// The one audience of a transaction token: `aud` is a text, or an array of one text, which says the same (RFC 7519
/// §4.1.3). `None` if there are several.
pub(super) fn sole_audience(claims: &Claims) -> Result<Option<&str>, DeniedKind> {
    let mut audiences = claims.audiences().map_err(|_| DeniedKind::Claim)?;
    let first = audiences.next();
    Ok(first.filter(|_| audiences.next().is_none()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(aud: serde_json::Value) -> Result<Option<String>, DeniedKind> {
        let claims = Claims::from(serde_json::Map::from_iter([("aud".to_owned(), aud)]));
        sole_audience(&claims).map(|audience| audience.map(str::to_owned))
    }

    #[test]
    fn a_text_and_an_array_of_that_text_are_one_audience() {
        for aud in [json!("domain"), json!(["domain"])] {
            assert_eq!(of(aud), Ok(Some("domain".to_owned())));
        }
        for aud in [json!(["domain", "other"]), json!(["domain", "domain"])] {
            assert_eq!(of(aud), Ok(None));
        }
        for aud in [json!(null), json!([]), json!(""), json!([["domain"]]), json!(["domain", 1]), json!(1)] {
            assert_eq!(of(aud), Err(DeniedKind::Claim));
        }
    }
}
