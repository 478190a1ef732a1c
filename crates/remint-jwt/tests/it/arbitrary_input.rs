//! Whatever is sent, parsing ends in a value or an error.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use remint_jwt::{Claims, JwkSet, Jws};

fn exercise(claims: &Claims) {
    let _ = (claims.issuer(), claims.subject(), claims.expires_at(), claims.not_before(), claims.issued_at());
    let _ = claims.audiences().map(Iterator::count);
    let _ = (claims.path("a.b.c"), claims.path("..."));
}

proptest! {
    #[test]
    fn no_text_panics_the_parser(text in "\\PC*") {
        let _ = Jws::parse(&text);
        let _ = JwkSet::parse(text.as_bytes());
    }

    #[test]
    fn no_three_parts_panic_the_parser(parts in proptest::array::uniform3("[A-Za-z0-9_.=-]{0,80}")) {
        let _ = Jws::parse(&parts.join("."));
    }

    #[test]
    fn no_json_panics_the_parser(
        header in "\\{\"alg\":\"(ES256|RS256|none)\"(,\"(kid|typ|cty)\":(\"[a-z]{0,9}\"|null|1|\\[\\]))?\\}",
        claims in "\\{(\"(iss|aud|exp|a)\":(\"a\"|-?[0-9]{1,25}(\\.[0-9])?|null|\\[\"a\",1\\]|\\{\"b\":\\{\"c\":1\\}\\}))?\\}",
        signature in proptest::collection::vec(any::<u8>(), 0..100),
    ) {
        let token = [header.as_bytes(), claims.as_bytes(), &signature].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
        if let Ok(jws) = Jws::parse(&token) {
            exercise(jws.unverified_claims());
            prop_assert_eq!(format!("{}.{}", jws.signing_input(), URL_SAFE_NO_PAD.encode(&signature)), token);
        }
    }

    #[test]
    fn no_bytes_panic_the_key_set_parser(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = JwkSet::parse(&bytes);
    }
}

#[test]
fn the_generated_tokens_are_not_all_refused() {
    let token =
        [r#"{"alg":"ES256"}"#.as_bytes(), b"{\"aud\":[\"a\"]}", &[1; 64]].map(|part| URL_SAFE_NO_PAD.encode(part));
    let token = token.join(".");
    assert_eq!(Jws::parse(&token).unwrap().unverified_claims().audiences().unwrap().count(), 1);
}
