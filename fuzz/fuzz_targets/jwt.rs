//! Any text as a token: it parses or it is refused, and what parses answers every question.
#![no_main]

use libfuzzer_sys::fuzz_target;
use remint_jwt::{Jws, SelfSigned};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(proof) = SelfSigned::parse(text) {
        assert!(Jws::parse(text).is_err(), "no text is both a token and a proof");
        let _ = (proof.key().thumbprint_bytes(), proof.unverified_claims().sha256("ath"));
        let _ = proof.verify();
    }
    let Ok(jws) = Jws::parse(text) else { return };
    assert!(text.starts_with(jws.signing_input()));
    let claims = jws.unverified_claims();
    let _ = (claims.issuer(), claims.subject(), claims.expires_at(), claims.not_before(), claims.issued_at());
    let _ = (claims.audiences().map(Iterator::count), claims.confirmation());
    let _ = (claims.path("realm_access.roles"), jws.header().key_id(), jws.header().token_type());
});
