//! Keys of the real djangorestframework-api-key are imported, and go on working.
#![expect(clippy::indexing_slicing, reason = "a JSON value answers null for what it lacks")]

mod gateway;
mod issuer;
mod server;

use remint_e2e::Outcome;

use crate::issuer::{Issued, Package};
use crate::server::Server;

#[tokio::test]
async fn keys_of_version_3_go_on_working_and_are_hashed_anew() -> Outcome<()> {
    go_on_working(Package::Three, "sha512").await
}

#[tokio::test]
async fn keys_of_version_2_go_on_working_and_are_hashed_anew() -> Outcome<()> {
    go_on_working(Package::Two, "pbkdf2_sha256").await
}

#[tokio::test]
async fn a_key_without_a_user_is_refused_and_the_others_are_imported() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let issued = Issued::by(Package::Three, folder.path()).await?;
    let server = Server::start(folder.path()).await?;
    server.create_user("alice").await?;
    let (imported, held) = gateway::import(folder.path(), issued.database(), &[]).await?;
    assert!(!held, "{imported}");
    assert_eq!(imported["imported"], 1, "{imported}");
    assert_eq!(imported["refused"].as_array().map(Vec::len), Some(3), "{imported}");
    assert_eq!(server.whoami(issued.key("alice")?).await?, (200, "alice".to_owned()));
    assert_eq!(server.whoami(issued.key("bob")?).await?.0, 401);
    Ok(())
}

async fn go_on_working(package: Package, scheme: &str) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let issued = Issued::by(package, folder.path()).await?;
    assert!(issued.version().starts_with(package.version()), "{}", issued.version());
    let server = Server::start(folder.path()).await?;
    let (imported, held) = gateway::import(folder.path(), issued.database(), &["--create-users"]).await?;
    assert!(held && imported["imported"] == 4, "{imported}");
    assert_eq!(server.scheme_of("alice").await?, scheme);

    for user in ["alice", "bob"] {
        assert_eq!(server.whoami(issued.key(user)?).await?, (200, user.to_owned()), "the first use");
        assert_eq!(server.scheme_of(user).await?, "hmac-sha256");
        assert_eq!(server.whoami(issued.key(user)?).await?, (200, user.to_owned()), "from the cache");
    }
    let unknown = server.whoami("aaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb").await?;
    assert_eq!(unknown.0, 401);
    for (why, key) in issued.wrong()? {
        assert_eq!(server.whoami(&key).await?, unknown, "{why}");
    }

    // Another process, with nothing in its cache: the key is found by our own digest.
    let second = Server::start(folder.path()).await?;
    for user in ["alice", "bob"] {
        assert_eq!(second.whoami(issued.key(user)?).await?, (200, user.to_owned()), "by our digest");
    }
    for (why, key) in issued.wrong()? {
        assert_eq!(second.whoami(&key).await?, unknown, "{why}");
    }
    let (again, held) = gateway::import(folder.path(), issued.database(), &[]).await?;
    assert!(held && again["imported"] == 0 && again["skipped"] == 4, "{again}");
    assert_eq!(server.scheme_of("alice").await?, "hmac-sha256", "the second import brought the old digest back");

    assert!(server.keys()?.delete_user(&"alice".parse()?).await?);
    assert_eq!(server.whoami(issued.key("alice")?).await?, unknown, "after the user is deleted");
    assert_eq!(server.whoami(issued.key("bob")?).await?, (200, "bob".to_owned()));
    Ok(())
}
