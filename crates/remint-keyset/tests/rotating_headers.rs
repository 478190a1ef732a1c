//! Headers whose values are replaced while they are in use. The lines of the log are counted: a process of its own.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "it is for tests only")]

use std::fs::{Permissions, set_permissions, write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use http::header::{AUTHORIZATION, HeaderMap, HeaderName};
use remint_keyset::{HttpClient, HttpFetch, RotatingHeaders, Url, WithHeaders};
use remint_testkit::CapturedLog;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

fn put(path: &Path, text: &str, mode: u32) {
    write(path, text).unwrap();
    set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn in_file(path: &Path) -> Result<RotatingHeaders, remint_keyset::HeaderFileError> {
    let fixed: HeaderMap = [(HeaderName::from_static("x-fixed"), "always".parse().unwrap())].into_iter().collect();
    RotatingHeaders::with_files(fixed, [(AUTHORIZATION, path.to_owned())])
}

#[tokio::test]
async fn a_value_in_a_file_is_read_again_before_each_request_and_the_last_one_stays_while_it_cannot_be() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    put(&file, "Bearer canary-1\n", 0o600);
    let server = MockServer::start().await;
    Mock::given(path("/jwks")).respond_with(ResponseTemplate::new(200).set_body_string("{}")).mount(&server).await;
    let url = Url::parse(&format!("{}/jwks", server.uri())).unwrap();
    let client = WithHeaders::new(Arc::new(HttpClient::new().unwrap()), &url, in_file(&file).unwrap());
    let log = CapturedLog::default();
    // Files are read on other threads.
    tracing::subscriber::set_global_default(tracing_subscriber::fmt().with_writer(log.writer()).finish()).unwrap();

    client.get(&url).await.unwrap();
    put(&file, "  Bearer canary-2 ", 0o600);
    client.get(&url).await.unwrap();
    for (text, mode) in [("", 0o600), ("two\nlines", 0o600), ("é", 0o600), ("Bearer canary-3", 0o644)] {
        put(&file, text, mode);
        client.get(&url).await.unwrap();
    }
    std::fs::remove_file(&file).unwrap();
    client.get(&url).await.unwrap();
    put(&file, "Bearer canary-4", 0o600);
    client.get(&url).await.unwrap();

    let requests = server.received_requests().await.unwrap();
    let sent = |name| requests.iter().map(|seen| seen.headers[name].to_str().unwrap()).collect::<Vec<_>>();
    let last = "Bearer canary-2";
    assert_eq!(sent("authorization"), ["Bearer canary-1", last, last, last, last, last, last, "Bearer canary-4"]);
    assert_eq!(sent("x-fixed"), ["always"; 8]);
    let log = log.text();
    assert_eq!(log.matches("a header for a key set is sent with its last value").count(), 5, "{log}");
    assert!(log.contains("authorization") && !log.contains("canary"), "{log}");
}

#[test]
fn a_file_that_holds_no_value_is_an_error_before_the_first_request() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    for (text, mode, cause) in [
        (" \n", 0o600, "it is empty"),
        ("a\nb", 0o600, "a header's value has no line ends and is ASCII"),
        ("canary", 0o644, "secret"),
    ] {
        put(&file, text, mode);
        let said = remint_core::with_causes(&in_file(&file).unwrap_err());
        assert!(said.starts_with("the file for the header `authorization` cannot be used: "), "{said}");
        assert!(said.contains(cause) && !said.contains("canary"), "{said}");
    }
    assert!(in_file(&folder.path().join("none")).is_err());
}

#[test]
fn the_same_headers_are_those_of_the_same_values_or_files() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("1"), folder.path().join("2"));
    put(&one, "canary", 0o600);
    put(&two, "canary", 0o600);
    let [of_one, again, of_two] = [&one, &one, &two].map(|file| in_file(file).unwrap());
    assert!(of_one.are_those(&again) && !of_one.are_those(&of_two) && !of_one.is_empty());
    let fixed = |value: &str| RotatingHeaders::from(HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())]));
    assert!(fixed("a").are_those(&fixed("a")) && !fixed("a").are_those(&fixed("b")) && !fixed("a").is_empty());
    assert!(RotatingHeaders::default().is_empty() && !RotatingHeaders::default().are_those(&fixed("a")));
    assert!(!format!("{of_one:?} {:?}", fixed("canary")).contains("canary"));
}
