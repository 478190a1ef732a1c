use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::json;

use super::layer::{answer, bearer};
use super::support::{Mint, bare_builder};
use crate::VerifyLayer;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn nothing_of_a_token_is_in_the_log_or_in_an_answer() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let mint = Mint::new();
    let nowhere = bare_builder(&mint).jwks_file("/nonexistent/jwks.json").build().await.unwrap();
    let mut answers = String::new();
    for verifier in [mint.verifier().await, nowhere] {
        let layer = VerifyLayer::new(verifier);
        for changes in [json!({}), json!({ "aud": "canary" }), json!({ "exp": 1 }), json!({ "env": "canary" })] {
            let token = mint.token_with(changes);
            for text in [token.clone(), format!("{token}x"), format!("canary.{token}"), format!("{token},canary")] {
                answers += &format!("{:?}", answer(&layer, bearer(&text)).await);
            }
        }
    }
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("audience") && log.contains("key_set"), "{log}");
    for canary in ["canary", "eyJ"] {
        assert!(!log.contains(canary), "{log}");
        assert!(!answers.contains(canary), "{answers}");
    }
}
