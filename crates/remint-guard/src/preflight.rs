use http::{HeaderMap, Method, header};

/// Whether a request is a CORS preflight, which browsers send without credentials (Fetch Standard,
/// §3.2.2): `OPTIONS` with `Origin` and `Access-Control-Request-Method`.
///
/// The layers let it through without an identity, so that the service's CORS layer can answer it.
#[must_use]
pub fn is_cors_preflight(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS
        && headers.contains_key(header::ORIGIN)
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
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
    }
}
