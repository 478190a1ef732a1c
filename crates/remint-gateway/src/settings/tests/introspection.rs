use std::sync::Arc;
use std::time::Duration;

use remint::{ClientCredentials, ClientSecret, HttpClient, Introspection, Trust};

use super::*;

const ASKED: &str = "[trust.introspection]\nclient_id = 'edge-1'\nclient_secret = { file = 'secret' }\n";

/// As the client of the gateway that asks.
fn introspection() -> Introspection {
    Introspection::new(credentials()).http(Arc::new(HttpClient::new().unwrap()))
}

fn credentials() -> ClientCredentials {
    ClientCredentials::secret_basic("edge-1".parse().unwrap(), ClientSecret::new(SECRET))
}

#[test]
fn every_setting_of_an_introspection_reaches_the_trust() {
    let text = format!(
        "{TRUST}{ASKED}endpoint = 'https://idp.example/introspect'\nopaque_prefix = 'ory_at_'\nagain_after = '20s'\n"
    );
    let expected = introspection()
        .endpoint("https://idp.example/introspect")
        .opaque_prefix("ory_at_")
        .again_after(Duration::from_secs(20));
    let expected = Trust::oidc("https://idp.example", "api").introspection(expected);
    let settings = settings(&text, &[]);
    assert_eq!(format!("{:?}", settings.trusts[0].trust), format!("{expected:?}"));
    assert!(settings.shown.contains("client_secret = { file = \"secret\" }\n"), "{}", settings.shown);
    assert!(!settings.shown.contains("canary") && !format!("{settings:?}").contains("canary"));

    let expected = Trust::oidc("https://idp.example", "api").introspection(introspection());
    let settings = self::settings(&[TRUST, ASKED].concat(), &[]);
    assert_eq!(format!("{:?}", settings.trusts[0].trust), format!("{expected:?}"));
    assert!(settings.shown.contains("again_after = \"1m\"\n"), "{}", settings.shown);
}

#[test]
fn a_secret_may_come_from_a_variable() {
    let variables = [
        ("REMINT__TRUST__0__ISSUER", "https://idp.example"),
        ("REMINT__TRUST__0__AUDIENCE", "api"),
        ("REMINT__TRUST__0__INTROSPECTION__CLIENT_ID", "edge-1"),
        ("REMINT__TRUST__0__INTROSPECTION__CLIENT_SECRET", SECRET),
    ];
    let expected = Trust::oidc("https://idp.example", "api").introspection(introspection());
    assert_eq!(format!("{:?}", settings("", &variables).trusts[0].trust), format!("{expected:?}"));
}

#[test]
fn an_introspection_that_cannot_be_is_an_error_with_its_line() {
    let other = "[[trust]]\nissuer = 'https://b.example'\naudience = ['api']\n";
    for (text, line, expected) in [
        (format!("{TRUST}[trust.introspection]\nclient_id = 'a'\n"), 4, "client_secret` is missing"),
        (format!("{TRUST}[trust.introspection]\nclient_secret = 'canary'\n"), 4, "client_id` is missing"),
        (format!("{TRUST}[trust.introspection]\nopaque_prefix = 'a'\n"), 4, "is missing"),
        (format!("{TRUST}[trust.introspection]\n"), 4, "is missing"),
        (format!("{TRUST}{ASKED}endpoint = 'http://idp.example/'\n"), 7, "only https"),
        (format!("{TRUST}{ASKED}opaque_prefix = 'a b'\n"), 7, "no beginning of a token"),
        (format!("{TRUST}{ASKED}again_after = '1s'\n"), 7, "5 seconds"),
        (format!("{TRUST}{ASKED}opaque_prefixes = 'a'\n"), 7, "did you mean `opaque_prefix`"),
        (format!("{TRUST}jwks_uri = 'https://b'\n{ASKED}"), 4, "needs no keys"),
        (format!("{TRUST}jwks_file = 'keys.json'\n{ASKED}"), 4, "needs no keys"),
        (format!("{TRUST}{ASKED}{other}{ASKED}"), 10, "cannot be told from those of `https://idp.example`"),
        (
            format!("{TRUST}{ASKED}opaque_prefix = 'a_'\n{other}{ASKED}opaque_prefix = 'a_b'\n"),
            14,
            "cannot be told from those of `https://idp.example`",
        ),
        (
            format!(
                "[[trust]]\nissuer = 'https://a.example/{{tenantid}}/'\naudience = ['api']\ntenants = ['t']\n{ASKED}"
            ),
            5,
            "cannot be trusted by introspection",
        ),
    ] {
        let problems = problems(&text, &[]);
        assert!(problems.contains(&format!("toml:{line}")), "line {line} of {text}:\n{problems}");
        assert!(problems.contains(expected), "{text}:\n{problems}");
        assert!(!problems.contains("canary"), "{problems}");
    }
    let apart = format!("{TRUST}{ASKED}opaque_prefix = 'a_'\n{other}{ASKED}opaque_prefix = 'b_'\n");
    assert_eq!(load(&apart, &[]).1.map(|settings| settings.trusts.len()).ok(), Some(2));
}

#[test]
fn the_example_of_a_trust_shows_it() {
    let shown = settings("", &[]).shown;
    assert!(shown.contains("# [trust.introspection]\n# endpoint: absent, found by discovery\n"), "{shown}");
    assert!(shown.contains("# again_after = \"1m\"\n"), "{shown}");
}

#[tokio::test]
async fn a_secret_in_a_file_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path().join("secret"), "canary-1\n");
    let world = World::new(folder.path().to_owned(), BTreeMap::new());
    let mut book = Book { world: &world, problems: Vec::new(), shown: Shown::default() };
    let tree = node::parse("file = { file = 'secret' }\ntext = 'canary-1'\n").unwrap();
    let mut section = Section::root(tree, &mut book);
    let [file, text] = ["file", "text"].map(|key| {
        let secret = section.optional::<secret::Secret>(key, "").unwrap();
        super::super::introspection::credentials("edge-1".parse().unwrap(), &secret).unwrap()
    });
    write(folder.path().join("secret"), "canary-2\n");
    assert!(file.reread().await.unwrap() && !text.reread().await.unwrap());
    assert!(!format!("{file:?}").contains("canary"));
}
