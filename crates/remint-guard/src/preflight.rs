use http::{HeaderMap, Method, header};

/// Whether a request looks like a CORS preflight, which browsers send without credentials (Fetch Standard,
/// §3.2.2): `OPTIONS` with `Origin` and `Access-Control-Request-Method`.
///
/// Everybody can send such a request, with whatever body. The layers let it through without an identity only
/// where they were told to: `allow_cors_preflight`.
#[must_use]
pub fn is_cors_preflight(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS
        && headers.contains_key(header::ORIGIN)
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// What the log says beside the refusal of a request without a credential that looks like a CORS preflight.
#[must_use]
pub fn preflight_hint(method: &Method, headers: &HeaderMap) -> Option<&'static str> {
    is_cors_preflight(method, headers).then_some(
        "it looks like a CORS preflight, which browsers send without a credential: put the CORS layer outside this \
         layer, so that it answers preflights first",
    )
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn only_a_whole_preflight_is_one() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ORIGIN, HeaderValue::from_static("https://app.example"));
        assert!(!is_cors_preflight(&Method::OPTIONS, &headers));
        headers.insert(header::ACCESS_CONTROL_REQUEST_METHOD, HeaderValue::from_static("PUT"));
        assert!(is_cors_preflight(&Method::OPTIONS, &headers));
        assert!(!is_cors_preflight(&Method::GET, &headers));
        headers.remove(header::ORIGIN);
        assert!(!is_cors_preflight(&Method::OPTIONS, &headers));
        assert_eq!(preflight_hint(&Method::OPTIONS, &headers), None);
    }
}
