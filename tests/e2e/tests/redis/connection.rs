use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use remint_conformance::quota_counter::{charge, subject, take};
use remint_core::{QuotaHolder, SharedKey, SharedTier, Unavailable, UnavailableKind};
use remint_redis::{Redis, RedisAddress, RedisCounter, RedisSettings, RedisTier};

use crate::proxy::Proxy;
use crate::server::{Server, patient};

const NAME: SharedKey = SharedKey([1; 32]);
const MINUTE: Duration = Duration::from_secs(60);

async fn works(redis: Redis) {
    let tier = RedisTier::new(redis.clone());
    tier.put(&NAME, b"value".to_vec(), MINUTE).await.unwrap();
    assert_eq!(tier.get(&NAME).await.unwrap(), Some(b"value".to_vec()));
    tier.remove(&NAME).await.unwrap();
    assert_eq!(tier.get(&NAME).await.unwrap(), None);
    let alice = subject("alice");
    assert!(take(&RedisCounter::new(redis), &[charge(QuotaHolder::Subject(&alice), 5, 1)]).await.is_allowed());
}

async fn outage(redis: Redis) -> Unavailable {
    let error = RedisTier::new(redis).get(&NAME).await.unwrap_err();
    assert_eq!(error.kind(), UnavailableKind::SharedTier);
    error
}

#[tokio::test]
async fn a_server_with_a_password_is_used_with_it_only() {
    let server = Server::with(|_| ["--requirepass", "s3cret"].map(str::to_owned).into());
    let port = server.port();
    works(server.at(&format!("redis://:s3cret@127.0.0.1:{port}"))).await;
    for login in ["", ":wr0ng@"] {
        let error = outage(server.at(&format!("redis://{login}127.0.0.1:{port}"))).await;
        assert!(!format!("{error:?}").contains("wr0ng"), "{error:?}");
    }
}

/// The commands and keys that the documentation of the crate names are enough.
#[tokio::test]
async fn a_user_who_may_do_little_is_enough() {
    let server = Server::start();
    let may = ["+getrange", "+set", "+unlink", "+eval", "+evalsha", "+get", "+del", "+time", "+select"];
    let user = ["ACL", "SETUSER", "edge", "on", ">s3cret", "~remint:*", "-@all"];
    assert_eq!(server.cli(&[&user[..], &may].concat()), "OK");
    works(server.at(&format!("redis://edge:s3cret@127.0.0.1:{}/3", server.port()))).await;
    assert_eq!(server.cli(&["DBSIZE"]), "0", "the address names another database");
    outage(server.at(&format!("redis://edge:wr0ng@127.0.0.1:{}", server.port()))).await;
}

#[tokio::test]
async fn a_server_that_was_restarted_empty_is_used_again() {
    let mut server = Server::start();
    let redis = server.redis();
    works(redis.clone()).await;
    server.kill();
    outage(redis.clone()).await;
    server.restart();
    works(redis).await;
}

#[tokio::test]
async fn a_way_that_is_cut_or_silent_costs_its_wait_and_is_used_again_when_it_is_mended() {
    let server = Server::start();
    let proxy = Proxy::start("127.0.0.1", server.port()).await;
    let settings = RedisSettings {
        wait: Duration::from_secs(2),
        connect_within: Duration::from_secs(1),
        failures: 1,
        cool_down: Duration::ZERO,
        ..patient()
    };
    let redis = Redis::new(format!("redis://127.0.0.1:{}", proxy.port()).parse().unwrap(), settings);
    for close in [Proxy::cut, Proxy::silence] {
        works(redis.clone()).await;
        close(&proxy);
        let begun = Instant::now();
        outage(redis.clone()).await;
        outage(redis.clone()).await;
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
        proxy.mend();
        // A connection that was being made meanwhile comes to nothing first.
        for _ in 0..5 {
            if RedisTier::new(redis.clone()).get(&NAME).await.is_ok() {
                break;
            }
        }
    }
    works(redis).await;
}

fn openssl(folder: &Path, arguments: &str) {
    let output = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

const NEW_KEY: &str = "req -x509 -days 2 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";

#[tokio::test]
async fn over_tls_the_server_is_verified() {
    let server = Server::with(|folder| {
        openssl(folder, &format!("{NEW_KEY} -keyout ca.key -out ca.pem -subj /CN=ca"));
        let leaf = "-CA ca.pem -CAkey ca.key -addext basicConstraints=critical,CA:FALSE";
        let name = "-addext subjectAltName=IP:127.0.0.1 -subj /CN=redis";
        openssl(folder, &format!("{NEW_KEY} {leaf} {name} -keyout redis.key -out redis.pem"));
        openssl(folder, &format!("{NEW_KEY} -keyout other.key -out other.pem -subj /CN=other"));
        let file = |name: &str| folder.join(name).display().to_string();
        let tls = ["--tls-cert-file", &file("redis.pem"), "--tls-key-file", &file("redis.key")].map(str::to_owned);
        let rest = ["--tls-auth-clients", "no", "--port", "0", "--tls-port", "PORT"].map(str::to_owned);
        [&tls[..], &rest].concat()
    });
    let address = |roots: &str| {
        let address: RedisAddress = format!("rediss://127.0.0.1:{}", server.port()).parse().unwrap();
        address.with_root_certificates(&fs::read(server.folder().join(roots)).unwrap()).unwrap()
    };
    works(Redis::new(address("ca.pem"), patient())).await;
    outage(Redis::new(address("other.pem"), patient())).await;
    // The system knows neither.
    outage(server.at(&format!("rediss://127.0.0.1:{}", server.port()))).await;
    outage(server.redis()).await;
}
