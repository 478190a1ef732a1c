//! A server that shows a certificate of its own.

use std::error::Error;
use std::path::Path;
use std::process::Command;

use remint_postgres::Postgres;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::database::Database;

fn openssl(folder: &Path, arguments: &[&str]) {
    let output = Command::new("openssl").current_dir(folder).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// An authority, and a certificate of it for `localhost`.
fn certificates(folder: &Path) {
    let new = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
    let authority = ["-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=authority"];
    openssl(folder, &[&new[..], &authority, &["-addext", "basicConstraints=critical,CA:TRUE"]].concat());
    openssl(folder, &[&new[..], &["-keyout", "other.key", "-out", "other.pem", "-subj", "/CN=other"]].concat());
    let server =
        ["-keyout", "server.key", "-out", "server.pem", "-subj", "/CN=server", "-CA", "ca.pem", "-CAkey", "ca.key"];
    let name = ["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"];
    openssl(folder, &[&new[..], &server, &name].concat());
}

/// Writes into the server's own folder, as the server.
async fn install(connection: &mut PgConnection, folder: &Path) {
    for file in ["server.pem", "server.key"] {
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        let write = format!(
            "COPY (SELECT line FROM unnest(string_to_array('{}', E'\n')) WITH ORDINALITY AS l(line, number) ORDER BY number)
             TO PROGRAM 'umask 077; cat > remint-{file}'",
            text.trim()
        );
        sqlx::raw_sql(AssertSqlSafe(write)).execute(&mut *connection).await.unwrap();
    }
    for setting in ["ssl_cert_file = 'remint-server.pem'", "ssl_key_file = 'remint-server.key'", "ssl = on"] {
        let set = format!("ALTER SYSTEM SET {setting}");
        sqlx::raw_sql(AssertSqlSafe(set)).execute(&mut *connection).await.unwrap();
    }
    sqlx::raw_sql("SELECT pg_reload_conf()").execute(connection).await.unwrap();
}

fn causes(error: &dyn Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told = format!("{told}: {error}");
        cause = error.source();
    }
    told
}

#[tokio::test]
async fn verify_full_takes_the_certificate_of_the_server_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    certificates(folder.path());
    let database = Database::create().await;
    let mut connection = PgConnection::connect(database.url().as_str()).await.unwrap();
    install(&mut connection, folder.path()).await;
    let address = |host: &str, authority: &str| {
        let mut url = database.url();
        url.set_host(Some(host)).unwrap();
        let root = folder.path().join(authority);
        url.query_pairs_mut().append_pair("sslmode", "verify-full").append_pair("sslrootcert", root.to_str().unwrap());
        url.to_string()
    };
    // The server reads its settings again in its own time.
    let mut opened = Postgres::connect(&address("localhost", "ca.pem")).await;
    for _ in 0..100 {
        if opened.is_ok() {
            break;
        }
        sqlx::raw_sql("SELECT pg_sleep(0.05)").execute(&mut connection).await.unwrap();
        opened = Postgres::connect(&address("localhost", "ca.pem")).await;
    }
    let store = opened.unwrap_or_else(|error| panic!("{}", causes(&error)));
    let encrypted = "SELECT count(*) FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)
                     WHERE s.ssl AND a.datname = $1 AND a.application_name = 'remint'";
    remint_core::Directory::user(&store, &"alice".parse().unwrap()).await.unwrap();
    let count: i64 = sqlx::query_scalar(encrypted).bind(database.name()).fetch_one(&mut connection).await.unwrap();
    assert!(count > 0);
    store.close().await;
    for (host, authority) in [("localhost", "other.pem"), ("127.0.0.1", "ca.pem")] {
        let told = causes(&Postgres::connect(&address(host, authority)).await.unwrap_err());
        assert!(told.contains("certificate"), "{host} {authority}: {told}");
    }
    sqlx::raw_sql("ALTER SYSTEM RESET ALL").execute(&mut connection).await.unwrap();
    sqlx::raw_sql("SELECT pg_reload_conf()").execute(&mut connection).await.unwrap();
}
