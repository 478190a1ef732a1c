use http::{HeaderMap, header};

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
    /// Read from `content-type`: gRPC if it is `application/grpc`, alone or followed by `+…` or
    /// `;…`. `application/grpc-web` is not: its translator stands before the layers.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let Some(value) = headers.get(header::CONTENT_TYPE) else { return Self::Http };
        match value.as_bytes().split_at_checked(GRPC.len()) {
            Some((head, rest))
                if head.eq_ignore_ascii_case(GRPC) && matches!(rest.first(), None | Some(b'+' | b';' | b' ')) =>
            {
                Self::Grpc
            }
            _ => Self::Http,
        }
    }
}

const GRPC: &[u8] = b"application/grpc";

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

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
            let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(value))]);
            assert_eq!(RequestKind::of(&headers), kind, "{value}");
        }
        assert_eq!(RequestKind::of(&HeaderMap::new()), RequestKind::Http);
    }
}
