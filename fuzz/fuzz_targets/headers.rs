//! Extraction: no set of headers panics it, it finds at most one credential, and nothing that it
//! was told to strip goes on.
#![no_main]

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use libfuzzer_sys::fuzz_target;
use remint_credential::{CredentialRules, Extractor, RequestHead};

fuzz_target!(|input: &[u8]| {
    let rules = CredentialRules::default().with_cookie("session").with_session_cookie("sid").with_dpop(true);
    let Ok(extractor) = Extractor::new(rules) else { return };
    let mut headers = HeaderMap::new();
    for line in input.split(|byte| *byte == b'\n') {
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let (Some(name), Some(value)) = (parts.next(), parts.next()) else { continue };
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value.trim_ascii())) {
            headers.append(name, value);
        }
    }
    let extraction = {
        let head = RequestHead::new(&Method::POST, "/", &headers);
        match extractor.extract(head) {
            Ok(extraction) => {
                if let Some(presented) = extraction.presented {
                    assert!(presented.expose_secret().len() <= 8192);
                    let present = presented.expose_secret().to_vec();
                    if let Ok(credential) = presented.check() {
                        assert_eq!(credential.expose_secret().as_bytes(), present);
                        assert!(present.is_ascii());
                    }
                }
                extraction.removals
            }
            Err(_) => return,
        }
    };
    extractor.strip(&mut headers, extraction);
    for name in headers.keys() {
        let folded = name.as_str().replace('_', "-");
        assert!(!["x-api-key", "txn-token", "dpop"].contains(&folded.as_str()));
        assert!(!CredentialRules::STRIP_HEADERS.contains(&folded.as_str()));
        assert!(!["x-remint-", "x-auth-request-"].iter().any(|beginning| folded.starts_with(beginning)));
    }
});
