//! The real client, against a server on this machine.
#![expect(clippy::unwrap_used, reason = "it is for tests only")]

use std::sync::Arc;
use std::time::Duration;

use remint_keyset::{FetchError, HttpClient, HttpFetch, Url, WithHeaders};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

async fn serve(at: &str, response: ResponseTemplate) -> (MockServer, Url) {
    let server = MockServer::start().await;
    Mock::given(method("GET")).and(path(at)).respond_with(response).mount(&server).await;
    let url = Url::parse(&[&server.uri(), at].concat()).unwrap();
    (server, url)
}

#[tokio::test]
async fn an_answer_of_200_is_its_body() {
    let (_server, url) = serve("/jwks", ResponseTemplate::new(200).set_body_string("{}")).await;
    assert_eq!(HttpClient::new().unwrap().get(&url).await.unwrap(), b"{}");
}

#[tokio::test]
async fn redirects_are_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let (server, url) = serve("/jwks", ResponseTemplate::new(status).insert_header("location", "/elsewhere")).await;
        let elsewhere = Mock::given(path("/elsewhere")).respond_with(ResponseTemplate::new(200)).expect(0);
        elsewhere.mount(&server).await;
        let error = HttpClient::new().unwrap().get(&url).await.unwrap_err();
        assert!(matches!(error, FetchError::Status(is) if is == status), "{error:?}");
    }
}

#[tokio::test]
async fn a_key_set_is_asked_for_by_its_own_media_type() {
    use wiremock::matchers::headers;

    // As the API server of Kubernetes answers: with this type, or 406.
    let server = MockServer::start().await;
    let typed = headers("accept", vec!["application/jwk-set+json", "application/json;q=0.9", "*/*;q=0.1"]);
    Mock::given(typed).respond_with(ResponseTemplate::new(200).set_body_string("{}")).mount(&server).await;
    let url = Url::parse(&server.uri()).unwrap();
    assert_eq!(HttpClient::new().unwrap().get(&url).await.unwrap(), b"{}");
}

#[tokio::test]
async fn a_compressed_body_is_unpacked_and_limited_by_what_it_unpacks_to() {
    let gzip = |body: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut encoder, body).unwrap();
        let packed = encoder.finish().unwrap();
        ResponseTemplate::new(200).insert_header("content-encoding", "gzip").set_body_bytes(packed)
    };
    let client = HttpClient::builder().max_body(1000).build().unwrap();
    let (_server, url) = serve("/at", gzip(&[b' '; 1000])).await;
    assert_eq!(client.get(&url).await.unwrap(), [b' '; 1000]);
    for unpacked in [1001, 50_000_000] {
        let (_server, url) = serve("/over", gzip(&vec![b' '; unpacked])).await;
        assert!(matches!(client.get(&url).await.unwrap_err(), FetchError::TooLarge(1000)));
    }
    let broken = ResponseTemplate::new(200).insert_header("content-encoding", "gzip").set_body_string("{}");
    let (_server, url) = serve("/broken", broken).await;
    assert!(matches!(client.get(&url).await.unwrap_err(), FetchError::Transport(_)));
}

#[tokio::test]
async fn any_status_but_200_is_an_error() {
    for status in [201, 204, 206, 400, 404, 429, 500, 503] {
        let (_server, url) = serve("/jwks", ResponseTemplate::new(status).set_body_string("{}")).await;
        let error = HttpClient::new().unwrap().get(&url).await.unwrap_err();
        assert!(matches!(error, FetchError::Status(is) if is == status), "{error:?}");
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_not_read() {
    let client = HttpClient::builder().max_body(1000).build().unwrap();
    let (_server, url) = serve("/at", ResponseTemplate::new(200).set_body_bytes([b' '; 1000])).await;
    assert_eq!(client.get(&url).await.unwrap().len(), 1000);
    let (_server, url) = serve("/over", ResponseTemplate::new(200).set_body_bytes([b' '; 1001])).await;
    assert!(matches!(client.get(&url).await.unwrap_err(), FetchError::TooLarge(1000)));
}

/// A server that answers one connection with `head` and then sends spaces without an end, or
/// nothing more.
async fn raw_server(head: &'static str, endless: bool) -> Url {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}/jwks", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await;
        let _ = stream.write_all(head.as_bytes()).await;
        while endless && stream.write_all(b"400\r\n").await.is_ok() {
            if stream.write_all(&[b' '; 0x400]).await.is_err() || stream.write_all(b"\r\n").await.is_err() {
                return;
            }
        }
        std::future::pending::<()>().await;
    });
    url
}

#[tokio::test]
async fn a_body_without_an_end_is_cut_off_while_it_arrives() {
    let url = raw_server("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", true).await;
    assert!(matches!(HttpClient::new().unwrap().get(&url).await.unwrap_err(), FetchError::TooLarge(_)));
}

#[tokio::test]
async fn an_answer_that_does_not_come_or_does_not_end_is_a_timeout() {
    for head in ["", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"] {
        let url = raw_server(head, false).await;
        let client = HttpClient::builder().timeout(Duration::from_millis(100)).build().unwrap();
        let error = client.get(&url).await.unwrap_err();
        assert!(matches!(error, FetchError::Timeout), "{error:?}");
    }
}

#[tokio::test]
async fn nobody_there_is_a_failed_exchange() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    assert!(matches!(HttpClient::new().unwrap().get(&url).await.unwrap_err(), FetchError::Transport(_)));
}

#[tokio::test]
async fn plain_http_to_other_machines_has_to_be_allowed() {
    let url = Url::parse("http://idp.invalid/jwks").unwrap();
    let client = HttpClient::new().unwrap();
    assert!(!client.permits(&url));
    assert!(matches!(client.get(&url).await.unwrap_err(), FetchError::Forbidden(_)));
    let open = HttpClient::builder().insecure_allow_http().build().unwrap();
    assert!(open.permits(&url));
    assert!(!open.permits(&Url::parse("ftp://idp.invalid/").unwrap()));
}

#[tokio::test]
async fn a_proxy_is_used_where_it_is_set_and_never_for_this_machine() {
    let (proxy, _) = serve("/jwks", ResponseTemplate::new(200).set_body_string("by proxy")).await;
    let address = format!("http://user:canary@{}", proxy.address());
    let builder = HttpClient::builder().proxy(address).insecure_allow_http();
    assert!(!format!("{builder:?}").contains("canary"));
    let client = builder.build().unwrap();
    assert!(!format!("{client:?}").contains("canary"));
    assert_eq!(client.get(&Url::parse("http://idp.invalid/jwks").unwrap()).await.unwrap(), b"by proxy");
    let (_server, url) = serve("/jwks", ResponseTemplate::new(200).set_body_string("direct")).await;
    assert_eq!(client.get(&url).await.unwrap(), b"direct");
}

#[tokio::test]
async fn a_proxy_of_the_environment_is_not_used() {
    const ASK: &str = "REMINT_TEST_JWKS";
    if let Ok(url) = std::env::var(ASK) {
        assert_eq!(HttpClient::new().unwrap().get(&Url::parse(&url).unwrap()).await.unwrap(), b"direct");
        return;
    }
    let (_server, url) = serve("/jwks", ResponseTemplate::new(200).set_body_string("direct")).await;
    let (proxy, _) = serve("/jwks", ResponseTemplate::new(200).set_body_string("by proxy")).await;
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "http_client::a_proxy_of_the_environment_is_not_used"]).env(ASK, url.as_str());
    for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        child.env(name, proxy.uri());
    }
    child.env_remove("no_proxy").env_remove("NO_PROXY");
    let output = tokio::task::spawn_blocking(move || child.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "{output:?}");
}

#[test]
fn settings_that_cannot_be_used_are_errors_that_show_nothing() {
    assert!(HttpClient::builder().ca_pem("no certificate").build().is_err());
    let bad = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert!(HttpClient::builder().ca_pem(bad).build().is_err());
    let error = HttpClient::builder().proxy("http://user:canary@[").build().unwrap_err();
    assert!(!format!("{error:?} {error}").contains("canary"));
}

#[tokio::test]
async fn a_request_of_another_kind_goes_by_the_same_rules() {
    let server = MockServer::start().await;
    let redirect = ResponseTemplate::new(307).insert_header("location", "/elsewhere").set_body_bytes([b' '; 100]);
    Mock::given(method("POST")).and(path("/token")).respond_with(redirect).mount(&server).await;
    Mock::given(path("/elsewhere")).respond_with(ResponseTemplate::new(200)).expect(0).mount(&server).await;
    let post = |url: String| http::Request::post(url).body(b"a=b".to_vec()).unwrap();
    let client = HttpClient::builder().max_body(1000).build().unwrap();
    let url = [&server.uri(), "/token"].concat();
    let answer = client.send(post(url.clone()), 100).await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.body().len()), (307, 100));
    assert!(matches!(client.send(post(url.clone()), 99).await, Err(FetchError::TooLarge(99))));
    let small = HttpClient::builder().max_body(10).build().unwrap();
    assert!(matches!(small.send(post(url), 99).await, Err(FetchError::TooLarge(10))));
    let elsewhere = post("http://idp.example/token".to_owned());
    assert!(matches!(client.send(elsewhere, 99).await, Err(FetchError::Forbidden(_))));
}

#[tokio::test]
async fn plain_http_goes_to_the_hosts_that_are_named_through_the_proxy_of_the_environment() {
    let (proxy, _) = serve("/jwks", ResponseTemplate::new(200).set_body_string("by proxy")).await;
    let uri = proxy.uri();
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
        let variable = |asked: &str| (asked == name).then(|| uri.clone());
        let builder = HttpClient::builder().environment_proxy(variable).insecure_http_to(["idp.invalid"]);
        let client = builder.build().unwrap();
        assert_eq!(
            client.get(&Url::parse("http://IDP.invalid:81/jwks").unwrap()).await.unwrap(),
            b"by proxy",
            "{name}"
        );
        let other = Url::parse("http://other.invalid/jwks").unwrap();
        assert!(matches!(client.get(&other).await, Err(FetchError::Forbidden(_))));
        let (_server, this_machine) = serve("/jwks", ResponseTemplate::new(200).set_body_string("direct")).await;
        assert_eq!(client.get(&this_machine).await.unwrap(), b"direct");
    }
    let without = |asked: &str| match asked {
        "HTTP_PROXY" => Some(uri.clone()),
        "NO_PROXY" => Some("idp.invalid".to_owned()),
        _ => None,
    };
    let client = HttpClient::builder().environment_proxy(without).insecure_http_to(["idp.invalid"]).build().unwrap();
    assert!(client.get(&Url::parse("http://idp.invalid/jwks").unwrap()).await.is_err(), "nobody has that name");
}

#[tokio::test]
async fn headers_go_to_their_origin_alone_and_only_by_a_client_that_sends_them() {
    let server = MockServer::start().await;
    let secret = header("authorization", "Bearer canary");
    let answer = |text: &str| ResponseTemplate::new(200).set_body_string(text);
    Mock::given(path("/jwks")).and(secret).respond_with(answer("with")).with_priority(1).mount(&server).await;
    Mock::given(path("/jwks")).respond_with(answer("without")).mount(&server).await;
    let url = Url::parse(&format!("{}/jwks", server.uri())).unwrap();
    let headers: http::HeaderMap =
        [(http::header::AUTHORIZATION, "Bearer canary".parse().unwrap())].into_iter().collect();
    let client = Arc::new(HttpClient::new().unwrap());
    let with = WithHeaders::new(Arc::clone(&client) as _, &url, headers.clone());
    assert_eq!(with.get(&url).await.unwrap(), b"with");
    assert!(!format!("{with:?}").contains("canary"));
    let elsewhere = WithHeaders::new(client, &Url::parse("https://idp.example/").unwrap(), headers.clone());
    assert_eq!(elsewhere.get(&url).await.unwrap(), b"without");

    /// Has no notion of headers.
    #[derive(Debug)]
    struct Plain;

    #[async_trait::async_trait]
    impl HttpFetch for Plain {
        fn permits(&self, _: &Url) -> bool {
            true
        }

        async fn get(&self, _: &Url) -> Result<Vec<u8>, FetchError> {
            Ok(b"plain".to_vec())
        }

        async fn get_with(&self, url: &Url, headers: &remint_keyset::HeaderMap) -> Result<Vec<u8>, FetchError> {
            if headers.is_empty() { self.get(url).await } else { Err(FetchError::Headers) }
        }
    }

    let plain = WithHeaders::new(Arc::new(Plain), &url, headers);
    assert!(matches!(plain.get(&url).await, Err(FetchError::Headers)));
}
