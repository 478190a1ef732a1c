use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

/// Reads a whole body of at most `limit` bytes.
///
/// # Errors
///
/// [`BodyError::TooLarge`] as soon as more than `limit` bytes have arrived, [`BodyError::Incomplete`] if the body
/// breaks off.
pub async fn read_body(body: Body, limit: usize) -> Result<Bytes, BodyError> {
    match Limited::new(body, limit).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(BodyError::TooLarge { limit }),
        Err(_) => Err(BodyError::Incomplete),
    }
}

/// The text of a request's one `Content-Type`. `None` if there is none, more than one, or one that is not text.
#[must_use]
pub fn content_type(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

/// Why there is no body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BodyError {
    /// It has more bytes than are read.
    #[error("the body is over {limit} bytes")]
    TooLarge {
        /// How many bytes are read at most.
        limit: usize,
    },
    /// It broke off.
    #[error("the body did not arrive")]
    Incomplete,
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use http::HeaderValue;

    use super::*;

    #[tokio::test]
    async fn a_body_over_the_limit_is_not_read() {
        assert_eq!(read_body(Body::from("four"), 4).await.unwrap(), "four");
        assert_eq!(read_body(Body::from("fiver"), 4).await, Err(BodyError::TooLarge { limit: 4 }));
        let endless = Body::from_stream(stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(b"x"))));
        assert_eq!(read_body(endless, 4).await, Err(BodyError::TooLarge { limit: 4 }));
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_incomplete() {
        let chunks = [Ok(Bytes::from_static(b"{")), Err(std::io::Error::other("reset"))];
        assert_eq!(read_body(Body::from_stream(stream::iter(chunks)), 4).await, Err(BodyError::Incomplete));
    }

    #[test]
    fn two_content_types_are_none() {
        let mut headers = HeaderMap::new();
        assert_eq!(content_type(&headers), None);
        headers.append(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        assert_eq!(content_type(&headers), Some("application/json"));
        headers.append(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        assert_eq!(content_type(&headers), None);
    }
}
