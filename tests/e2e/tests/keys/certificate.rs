//! `[http] ca_file` of the gateway: a provider with a certificate of an authority of its own.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use remint::{Algorithm, JwkSet, SigningKey};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

async fn openssl(folder: &Path, arguments: &[&str]) {
    let output = Command::new("openssl").current_dir(folder).args(arguments).output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// An authority, another one, and a certificate of the first for `localhost`.
async fn certificates(folder: &Path) {
    let new = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
    for name in ["ca", "other"] {
        let (key, pem, subject) = (format!("{name}.key"), format!("{name}.pem"), format!("/CN={name}"));
        let authority = ["-keyout", &key, "-out", &pem, "-subj", &subject];
        openssl(folder, &[&new[..], &authority, &["-addext", "basicConstraints=critical,CA:TRUE"]].concat()).await;
    }
    let server =
        ["-keyout", "server.key", "-out", "server.pem", "-subj", "/CN=server", "-CA", "ca.pem", "-CAkey", "ca.key"];
    let name = ["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"];
    openssl(folder, &[&new[..], &server, &name].concat()).await;
}

/// Serves the files of the folder over TLS, on a port that the system chooses.
async fn serve(folder: &Path) -> (Child, u16) {
    let mut command = Command::new("openssl");
    command.current_dir(folder).args(["s_server", "-accept", "127.0.0.1:0", "-WWW"]);
    command.args(["-cert", "server.pem", "-key", "server.key"]);
    let mut server = command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let port = loop {
        let line = lines.next_line().await.unwrap().unwrap();
        if let Some(address) = line.strip_prefix("ACCEPT ") {
            break address.rsplit_once(':').unwrap().1.parse().unwrap();
        }
    };
    // What it says of each connection is read, so that it never waits for a reader.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    (server, port)
}

/// The program, which is built beside this one.
async fn gateway() -> PathBuf {
    let mut build = Command::new(env!("CARGO"));
    build.current_dir(env!("CARGO_MANIFEST_DIR")).args(["build", "--quiet", "--package", "remint-gateway"]);
    assert!(build.status().await.unwrap().success());
    std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join("remint-gateway")
}

/// Whether a gateway with these settings has the keys of the provider when it is ready.
async fn has_keys(program: &Path, port: u16, http: &str, folder: &Path) -> bool {
    let free = || TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let (listener, admin) = (free(), free());
    let own = tempfile::tempdir().unwrap();
    let settings = format!(
        "[listen]\nhttp = '{listener}'\nadmin = '{admin}'\n[http]\n{http}\n\
         [[trust]]\nissuer = 'https://idp.example'\naudience = ['api']\njwks_uri = 'https://localhost:{port}/jwks.json'\n"
    );
    let file = own.path().join("gateway.toml");
    fs::write(&file, settings).unwrap();
    for authority in ["ca.pem", "other.pem"] {
        fs::copy(folder.join(authority), own.path().join(authority)).unwrap();
        fs::set_permissions(own.path().join(authority), fs::Permissions::from_mode(0o644)).unwrap();
    }
    let mut command = Command::new(program);
    command.arg("--config").arg(&file).stdout(Stdio::piped()).kill_on_drop(true);
    let mut process = command.spawn().unwrap();
    let ready = BufReader::new(process.stdout.take().unwrap()).lines().next_line().await.unwrap().unwrap();
    assert!(ready.starts_with("ready "), "{ready}");
    let ready = reqwest::get(format!("http://{admin}/readyz")).await.unwrap().text().await.unwrap();
    let ready: Value = serde_json::from_str(&ready).unwrap();
    process.kill().await.unwrap();
    assert_eq!(ready["trusts"][0]["issuer"], "https://idp.example", "{ready}");
    ready["trusts"][0]["key_set"].as_bool().unwrap()
}

#[tokio::test]
async fn a_provider_whose_certificate_is_of_an_authority_in_the_file_is_believed_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    certificates(folder.path()).await;
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let keys = JwkSet::try_from(vec![key.public_jwk().clone()]).unwrap().to_json();
    fs::write(folder.path().join("jwks.json"), json!(keys).to_string()).unwrap();
    let (_server, port) = serve(folder.path()).await;
    let program = gateway().await;
    for (http, is_believed) in [("ca_file = 'ca.pem'", true), ("ca_file = 'other.pem'", false), ("", false)] {
        assert_eq!(has_keys(&program, port, http, folder.path()).await, is_believed, "{http}");
    }
}
