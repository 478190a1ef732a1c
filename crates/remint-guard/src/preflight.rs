use http::{Method, header};
use remint_credential::{HeaderLines, RequestHead};

/// Whether a request looks like a CORS preflight, which browsers send without credentials (Fetch Standard,
/// §3.2.2): `OPTIONS` with `Origin` and `Access-Control-Request-Method`.
///
/// Everybody can send such a request, with whatever body. The layers let it through without an identity only
/// where they were told to: `allow_cors_preflight`.
#[must_use]
pub fn is_cors_preflight<H: HeaderLines + ?Sized>(head: RequestHead<'_, H>) -> bool {
    head.method == Method::OPTIONS
        && head.has(header::ORIGIN.as_str())
        && head.has(header::ACCESS_CONTROL_REQUEST_METHOD.as_str())
}

/// What the log says beside the refusal of a request without a credential that looks like a CORS preflight.
#[must_use]
pub fn preflight_hint<H: HeaderLines + ?Sized>(head: RequestHead<'_, H>) -> Option<&'static str> {
    is_cors_preflight(head).then_some(
        "it looks like a CORS preflight, which browsers send without a credential: put the CORS layer outside this \
         layer, so that it answers preflights first",
    )
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::*;

    fn looks_like_one(method: &Method, headers: &HeaderMap) -> bool {
        let head = RequestHead::new(method, "/", headers);
        assert_eq!(preflight_hint(head).is_some(), is_cors_preflight(head));
        is_cors_preflight(head)
    }

    #[test]
    fn only_a_whole_preflight_is_one() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ORIGIN, HeaderValue::from_static("https://app.example"));
        assert!(!looks_like_one(&Method::OPTIONS, &headers));
        headers.insert(header::ACCESS_CONTROL_REQUEST_METHOD, HeaderValue::from_static("PUT"));
        assert!(looks_like_one(&Method::OPTIONS, &headers));
        assert!(!looks_like_one(&Method::GET, &headers));
        headers.remove(header::ORIGIN);
        assert!(!looks_like_one(&Method::OPTIONS, &headers));
    }

    #[test]
    fn a_list_of_lines_is_read_as_a_header_map_is() {
        let lines: [(&[u8], &[u8]); 2] =
            [(b"Origin", b"https://app.example"), (b"Access-Control-Request-Method", b"PUT")];
        assert!(is_cors_preflight(RequestHead::new(&Method::OPTIONS, "/", &lines[..])));
        assert!(!is_cors_preflight(RequestHead::new(&Method::OPTIONS, "/", &lines[..1])));
    }
}
