use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use remint_benches::load::{Load, load};
use remint_benches::token_server::{CLIENT, TokenServer};
use remint_benches::world::{self, Provider};
use remint_core::{Credential, CredentialForm, Exchanger as _, Slot};
use remint_exchange::{ClientCredentials, ClientSecret, RemoteExchanger};
use remint_jwt::{Algorithm, JwkSet, Jws};
use remint_keyset::{KeySource, Url};
use tokio::runtime::Runtime;

use super::title;

/// The token endpoint over loopback: its processor time by exchange, beside the cryptography alone and
/// beside npm `oidc-provider` with an exchange of the same kind.
pub(crate) fn print(runtime: &Runtime) {
    title("The token endpoint on loopback: RFC 8693, a 900-byte JWT, 16 connections; medians of 3 rounds");
    println!(
        "{:38} {:>9} {:>9} {:>9} {:>10} {:>12} {:>7}",
        "", "per s", "p50 µs", "p99 µs", "CPU µs", "verify+sign", "ratio"
    );
    let mut ours = f64::NAN;
    for (from, to) in [
        (Algorithm::Es256, Algorithm::Es256),
        (Algorithm::Es256, Algorithm::EdDSA),
        (Algorithm::Es256, Algorithm::Rs256),
        (Algorithm::Es256, Algorithm::Ps256),
        (Algorithm::Rs256, Algorithm::Es256),
    ] {
        let crypto = verify_and_sign(from, to);
        for processors in [Some("0"), None] {
            let server = TokenServer::ours(from, to, processors).unwrap();
            let (seen, cpu) =
                measured(runtime, &server, "/oauth2/token", CLIENT, "urn:ietf:params:oauth:token-type:jwt");
            let cores = processors.map_or("two cores", |_| "one core");
            line(&format!("{from} to {to}, {cores}"), &seen, cpu, Some(crypto));
            if (from, to, processors) == (Algorithm::Es256, Algorithm::Es256, Some("0")) {
                ours = cpu;
            }
        }
    }
    for processors in [Some("0"), None] {
        match oidc_provider(runtime, processors) {
            Ok((seen, cpu)) => {
                let cores = processors.map_or("two cores", |_| "one core");
                line(&format!("oidc-provider, ES256 to ES256, {cores}"), &seen, cpu, None);
                println!("    its processor time by exchange is {:.1} times ours (one core)", cpu / ours);
            }
            Err(error) => println!("oidc-provider was not measured: {error}"),
        }
    }
    remote(runtime);
}

fn line(name: &str, seen: &Load, cpu: f64, crypto: Option<f64>) {
    let rate = seen.answers as f64 / seen.took.as_secs_f64();
    let crypto_text = crypto.map_or(String::new(), |crypto| format!("{crypto:.1}"));
    let ratio = crypto.map_or(String::new(), |crypto| format!("{:.2}", cpu / crypto));
    println!("{name:38} {rate:9.0} {:9.0} {:9.0} {cpu:10.1} {crypto_text:>12} {ratio:>7}", seen.p50, seen.p99);
}

/// The median of three rounds by processor time, and that time by exchange in microseconds.
fn measured(runtime: &Runtime, server: &TokenServer, path: &str, client: (&str, &str), kind: &str) -> (Load, f64) {
    let said = server.said();
    let port = u16::try_from(said["port"].as_u64().unwrap()).unwrap();
    let request = request(port, path, client, kind, said["token"].as_str().unwrap());
    runtime.block_on(load(port, &request, 16, Duration::from_millis(500)));
    let mut rounds: Vec<(Load, f64)> = (0..3)
        .map(|_| {
            let before = server.processor_time();
            let seen = runtime.block_on(load(port, &request, 16, ROUND));
            (seen, (server.processor_time() - before) * 1e6 / seen.answers as f64)
        })
        .collect();
    rounds.sort_by(|(_, one), (_, other)| one.total_cmp(other));
    rounds.swap_remove(1)
}

fn request(port: u16, path: &str, (id, secret): (&str, &str), kind: &str, token: &str) -> String {
    let body = format!(
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&subject_token={token}\
         &subject_token_type={kind}&audience=internal"
    );
    let basic = STANDARD.encode(format!("{id}:{secret}"));
    format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Basic {basic}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// What one verification and one signature cost in this process, in microseconds.
fn verify_and_sign(from: Algorithm, to: Algorithm) -> f64 {
    let provider = Provider::new(from);
    let token = provider.token(1, 900);
    let keys = JwkSet::parse(provider.jwks().as_bytes()).unwrap();
    let found = keys.find(provider.key.public_jwk().key_id(), from).unwrap();
    let key = found.iter().next().unwrap();
    let signing = remint_jwt::SigningKey::generate(to).unwrap();
    let (message, signature) = token.rsplit_once('.').unwrap();
    let signature = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(signature).unwrap();
    let claims = Jws::parse(&token).unwrap().unverified_claims().as_map().clone();
    let mut times: Vec<f64> = (0..7)
        .map(|_| {
            let start = Instant::now();
            for _ in 0..300 {
                key.verify(message.as_bytes(), &signature).unwrap();
                std::hint::black_box(signing.sign("at+jwt", &claims).unwrap());
            }
            start.elapsed().as_secs_f64() * 1e6 / 300.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[3]
}

/// npm `oidc-provider` with an RFC 8693 grant of its own, as the end-to-end tests start it.
fn oidc_provider(runtime: &Runtime, processors: Option<&str>) -> Result<(Load, f64), String> {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/e2e/peers");
    if !scripts.join("node_modules/oidc-provider").exists() {
        return Err("its packages are not installed: `cargo xtask test` does it".into());
    }
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut command = Command::new("node");
    command.arg(scripts.join("idp.mjs")).arg(folder.path().join("keys.json")).args(["0", "token"]);
    let server = TokenServer::start(command, processors).map_err(|error| error.to_string())?;
    let kind = "urn:ietf:params:oauth:token-type:access_token";
    let client = ("worker", "a-secret-for-tests-and-nothing-else");
    Ok(measured(runtime, &server, "/token", client, kind))
}

/// What it costs to ask a server instead of oneself, one exchange after the other.
fn remote(runtime: &Runtime) {
    title("One exchange after the other (ES256 to ES256): here, and at a server over loopback");
    let server = TokenServer::ours(Algorithm::Es256, Algorithm::Es256, None).unwrap();
    let (port, token) = (server.said()["port"].as_u64().unwrap(), server.said()["token"].as_str().unwrap());
    let url = |path: &str| Url::parse(&format!("http://127.0.0.1:{port}{path}")).unwrap();
    let credentials = ClientCredentials::secret_basic(CLIENT.0.parse().unwrap(), ClientSecret::new(CLIENT.1));
    let exchanger = RemoteExchanger::builder(world::internal(), world::audience(), credentials)
        .token_endpoint(url("/oauth2/token"))
        .keys(KeySource::JwksUri(url("/.well-known/jwks.json")))
        .build()
        .unwrap();
    let provider = Provider::new(Algorithm::Es256);
    let line = provider.line().build().unwrap();
    let (authority, own) = (line.authority().unwrap(), provider.token(1, 900));
    let there = runtime.block_on(async {
        exchanger.start().await;
        median(async || drop(exchanger.exchange(jwt(token)).await.unwrap())).await
    });
    let here = runtime.block_on(median(async || {
        let minting = authority.begin();
        let found = minting.authenticate(jwt(&own)).await.unwrap().into_inner();
        let ends = found.expires_at;
        drop(minting.issue(&minting.narrow(found), ends, &[]).await.unwrap());
    }));
    println!(
        "here {here:.0} µs, at a server {there:.0} µs: {:.0} µs more, its verification of the answer included",
        there - here
    );
}

fn jwt(text: &str) -> Credential<'_> {
    Credential::new(Slot::Bearer, CredentialForm::Jwt, text)
}

async fn median(mut run: impl AsyncFnMut()) -> f64 {
    let mut times = Vec::new();
    for _ in 0..2000 {
        let start = Instant::now();
        run().await;
        times.push(start.elapsed().as_secs_f64() * 1e6);
    }
    times.sort_by(f64::total_cmp);
    times[1000]
}

const ROUND: Duration = Duration::from_secs(2);
