use http::request::Parts;
use http::{Method, Request, Version, header};
use remint_credential::{HeaderLines, RequestHead};

/// In whose terms a request is answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum RequestKind {
    /// Statuses of HTTP and problem documents (RFC 9457).
    #[default]
    Http,
    /// gRPC's own: HTTP 200, `grpc-status` and no body.
    Grpc,
}

impl RequestKind {
    /// gRPC if it is what gRPC sends: a `POST` over HTTP/2 or later whose `content-type` is `application/grpc`,
    /// alone or followed by `+…` or `;…`. `application/grpc-web` is not: its translator stands before the layers.
    ///
    /// The content type alone says nothing: a browser or a script can put it into any request, and caches and
    /// monitors would take the 200 for success.
    #[must_use]
    pub fn of<B>(request: &Request<B>) -> Self {
        let head = RequestHead::new(request.method(), request.uri().path(), request.headers());
        Self::of_head(RequestHead { version: request.version(), ..head })
    }

    /// The same of a request without its body.
    #[must_use]
    pub fn of_parts(parts: &Parts) -> Self {
        let head = RequestHead::new(&parts.method, parts.uri.path(), &parts.headers);
        Self::of_head(RequestHead { version: parts.version, ..head })
    }

    /// The same of a request's head.
    #[must_use]
    pub fn of_head<H: HeaderLines + ?Sized>(head: RequestHead<'_, H>) -> Self {
        if head.method == Method::POST && head.version >= Version::HTTP_2 && has_grpc_type(head) {
            Self::Grpc
        } else {
            Self::Http
        }
    }
}

fn has_grpc_type<H: HeaderLines + ?Sized>(head: RequestHead<'_, H>) -> bool {
    let value = head.values(header::CONTENT_TYPE.as_str()).next();
    let split = value.and_then(|value| value.split_at_checked(GRPC.len()));
    split.is_some_and(|(head, rest)| {
        head.eq_ignore_ascii_case(GRPC) && matches!(rest.first(), None | Some(b'+' | b';' | b' '))
    })
}

const GRPC: &[u8] = b"application/grpc";

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn posted(value: Option<&[u8]>) -> RequestKind {
        let lines: Vec<(&[u8], &[u8])> = value.map(|value| (&b"Content-Type"[..], value)).into_iter().collect();
        let head = RequestHead::new(&Method::POST, "/", &lines[..]);
        RequestKind::of_head(RequestHead { version: Version::HTTP_2, ..head })
    }

    #[test]
    fn grpc_is_known_by_its_exact_media_type() {
        for (value, kind) in [
            ("application/grpc", RequestKind::Grpc),
            ("Application/gRPC", RequestKind::Grpc),
            ("application/grpc+proto", RequestKind::Grpc),
            ("application/grpc; charset=utf-8", RequestKind::Grpc),
            ("application/grpc-web", RequestKind::Http),
            ("application/grpcish", RequestKind::Http),
            ("application/json", RequestKind::Http),
            ("application", RequestKind::Http),
        ] {
            assert_eq!(posted(Some(value.as_bytes())), kind, "{value}");
        }
        assert_eq!(posted(None), RequestKind::Http);
    }

    #[test]
    fn grpc_is_a_post_over_http_2_or_later() {
        let versions = [Version::HTTP_09, Version::HTTP_10, Version::HTTP_11, Version::HTTP_2, Version::HTTP_3];
        let methods = [Method::GET, Method::HEAD, Method::OPTIONS, Method::PUT, Method::DELETE, Method::POST];
        for version in versions {
            for method in &methods {
                let mut request = Request::new(());
                *request.method_mut() = method.clone();
                *request.version_mut() = version;
                request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
                let can_be = method == Method::POST && [Version::HTTP_2, Version::HTTP_3].contains(&version);
                let kind = if can_be { RequestKind::Grpc } else { RequestKind::Http };
                assert_eq!(RequestKind::of(&request), kind, "{method} {version:?}");
                assert_eq!(RequestKind::of_parts(&request.into_parts().0), kind, "{method} {version:?}");
            }
        }
    }
}
