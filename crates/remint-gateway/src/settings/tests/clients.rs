use remint::{ActFor, Environment};
use remint_authorization_server::{Client, Right};
use remint_jwt::JwkSet;

use super::{CLIENT, KEYS, SECRET, TRUST, problems, settings};

#[test]
fn every_setting_of_a_client_reaches_it() {
    let text = "[[clients]]\nid = 'edge-1'\nsecret = { file = 'secret' }\nalso_secret = 'canary-2'\n\
                may = ['exchange', 'jwt_bearer', 'client_credentials', 'introspect', 'revoke', 'follow']\n\
                audience = ['a', 'b']\nsubject_audience = ['c']\nissuers = ['http://127.0.0.1:8480']\n\
                scopes = ['orders:read', 'x']\nenvironment = 'test'\nedge = true\n\
                [clients.act_for]\nanyone = true\nusers = ['alice']\ntenants = ['acme']\nscopes = ['x']\n\
                environments = ['test']\n";
    let act_for = ActFor {
        anyone: true,
        users: vec!["alice".parse().unwrap()],
        tenants: vec!["acme".parse().unwrap()],
        scopes: Some("x".parse().unwrap()),
        environments: vec![Environment::Test],
    };
    let expected = Client::with_secret("edge-1".parse().unwrap(), SECRET)
        .also_secret("canary-2")
        .may(Right::ALL)
        .audiences(["a", "b"].map(|audience| audience.parse().unwrap()))
        .subject_audiences(["c".parse().unwrap()])
        .issuers(["http://127.0.0.1:8480".parse().unwrap()])
        .scopes("orders:read x".parse().unwrap())
        .environment(Environment::Test)
        .edge()
        .act_for(act_for);
    let settings = settings(text, &[]);
    assert_eq!(format!("{:?}", settings.clients[0].client), format!("{expected:?}"));
    assert!(settings.clients[0].has_short_secret, "one of its secrets");
    assert!(settings.shown.contains("secret = { file = \"secret\" }\nalso_secret = \"***\"\n"), "{}", settings.shown);
    assert!(!settings.shown.contains("canary") && !format!("{settings:?}").contains("canary"), "{settings:?}");

    let expected = Client::with_secret("edge-1".parse().unwrap(), SECRET).may([Right::Exchange]);
    let settings = self::settings(CLIENT, &[]);
    assert_eq!(format!("{:?}", settings.clients[0].client), format!("{expected:?}"));
    assert!(!settings.clients[0].has_short_secret);
}

#[test]
fn the_keys_of_a_client_stand_in_a_file_or_in_the_settings() {
    let expected = Client::with_keys("jobs".parse().unwrap(), JwkSet::parse(KEYS.as_bytes()).unwrap());
    let expected = format!("{:?}", expected.may([Right::Introspect]));
    for keys in ["keys.json", KEYS] {
        let text = format!("[[clients]]\nid = 'jobs'\nmay = ['introspect']\njwks = '{keys}'\n");
        assert_eq!(format!("{:?}", settings(&text, &[]).clients[0].client), expected);
    }
    // A key set has commas, which do not part it where it is a variable.
    let variables = [
        ("REMINT__CLIENTS__0__ID", "jobs"),
        ("REMINT__CLIENTS__0__MAY", "introspect"),
        ("REMINT__CLIENTS__0__JWKS", KEYS),
    ];
    assert_eq!(format!("{:?}", settings("", &variables).clients[0].client), expected);
}

#[test]
fn a_variable_wins_over_the_file_for_clients_too() {
    let variables = [
        ("REMINT__CLIENTS__0__MAY", "introspect, revoke"),
        ("REMINT__CLIENTS__0__SECRET__FILE", "secret"),
        ("REMINT__CLIENTS__1__ID", "edge-2"),
        ("REMINT__CLIENTS__1__SECRET", SECRET),
        ("REMINT__CLIENTS__1__MAY__0", "client_credentials"),
        ("REMINT__CLIENTS__1__ACT_FOR__ANYONE", "true"),
    ];
    let clients = settings("[[clients]]\nid = 'edge-1'\nsecret = 'x'\nmay = ['exchange']\n", &variables).clients;
    let act_for = ActFor { anyone: true, ..ActFor::default() };
    let expected = [
        Client::with_secret("edge-1".parse().unwrap(), SECRET).may([Right::Introspect, Right::Revoke]),
        Client::with_secret("edge-2".parse().unwrap(), SECRET).may([Right::ClientCredentials]).act_for(act_for),
    ];
    let clients: Vec<_> = clients.into_iter().map(|settings| settings.client).collect();
    assert_eq!(format!("{clients:?}"), format!("{expected:?}"));
}

#[test]
fn a_client_that_cannot_be_used_is_an_error_with_its_line() {
    let with = |line: &str| format!("{CLIENT}{line}\n");
    let itself = |line: &str| format!("{}{line}\n", CLIENT.replace("exchange", "client_credentials"));
    let private = KEYS.replace("\"x\"", "\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\",\"x\"");
    for (text, line, expected) in [
        ("[clients]\nid = 'a'\n".to_owned(), 1, "each of its blocks begins with [[clients]]"),
        (CLIENT.replace("id = 'edge-1'\n", ""), 2, "`clients[0].id` is missing"),
        (CLIENT.replace("may = ['exchange']\n", ""), 2, "`clients[0].may` is missing"),
        (CLIENT.replace("'exchange'", ""), 4, "could do nothing"),
        (CLIENT.replace("'exchange'", "'exchnage'"), 4, "did you mean \"exchange\"?"),
        (CLIENT.replace("'exchange'", "\n'exchange',\n'token'"), 6, "it is one of \"exchange\""),
        (CLIENT.replace("may", "mey = []\nmay"), 4, "did you mean `may`?"),
        (CLIENT.replace("edge-1", ""), 2, "a client id"),
        (CLIENT.replace("'canary-canary-canary-canary-canary-1'", "''"), 3, "it is empty"),
        (CLIENT.replace("'canary-canary-canary-canary-canary-1'", "'***'"), 3, "the mask"),
        (CLIENT.replace("'canary-canary-canary-canary-canary-1'", "{ env = 'GONE' }"), 3, "GONE is not set"),
        (CLIENT.replace("secret = 'canary-canary-canary-canary-canary-1'\n", ""), 2, "lacks `secret` or `jwks`"),
        (CLIENT.replace("secret =", "also_secret ="), 3, "lacks `secret` or `jwks`"),
        (with("jwks = 'keys.json'"), 5, "not both"),
        (with("jwks = 'gone.json'"), 5, "gone.json cannot be read"),
        (with("jwks = 'secret'"), 5, "no key set"),
        (with("jwks = '{\"keys\":[]}'"), 5, "no key in it"),
        (with(&format!("jwks = '{private}'")), 5, "key 0 of it cannot be used"),
        (with("jwks = 'https://edge.example/keys'"), 5, "does not fetch"),
        (with("audience = []"), 5, "is empty"),
        (with("subject_audience = []"), 5, "is empty"),
        (with("issuers = []"), 5, "is empty"),
        (with("issuers = ['https://idp.example']"), 5, "neither trusted nor `issuer.url`"),
        (with("scopes = ['a b']"), 5, "`clients[0].scopes`"),
        (with("environment = 'test'"), 5, "means nothing without \"client_credentials\""),
        (with("[clients.act_for]\nanyone = true"), 6, "means nothing without \"client_credentials\""),
        (itself("[clients.act_for]\nusers = ['a|b']"), 6, "`clients[0].act_for.users`"),
        (itself("[clients.act_for]\nscopes = ['a']"), 6, "nobody to act for"),
        (itself("[clients.act_for]\nenvironments = ['test']"), 6, "nobody to act for"),
        (itself("[clients.act_for]\nuser = ['a']"), 6, "did you mean `users`?"),
        (itself("edge = true"), 5, "means nothing without \"exchange\""),
        (itself("subject_audience = ['a']"), 5, "means nothing without \"exchange\""),
        (itself("issuers = ['http://127.0.0.1:8480']"), 5, "\"exchange\" or \"jwt_bearer\""),
        (itself("scopes = ['remint:admin']"), 5, "only the store gives remint:*"),
        (format!("{CLIENT}{CLIENT}"), 6, "there is another client edge-1"),
    ] {
        let told = problems(&text, &[]);
        assert!(told.contains(&format!("gateway.toml:{line}: ")) && told.contains(expected), "{text}{told}");
        assert_eq!(told.lines().count(), 1, "{told}");
        assert!(!told.contains("canary") && !told.contains("nWGxne"), "{told}");
    }
    let told = problems("", &[("REMINT__CLIENTS__0__SECERT", "canary")]);
    assert!(told.contains("did you mean REMINT__CLIENTS__0__SECRET?") && !told.contains("canary"), "{told}");
}

#[test]
fn a_client_may_name_what_is_trusted_and_pass_on_what_only_the_store_gives() {
    let trusted = format!("{TRUST}{CLIENT}issuers = ['https://idp.example', 'http://127.0.0.1:8480']\n");
    assert_eq!(problems(&trusted, &[]), "");
    // It is the most that the user's own may be, and gives the client nothing.
    assert_eq!(problems(&format!("{CLIENT}scopes = ['remint:admin']\n"), &[]), "");
    let tenants = "[[trust]]\nissuer = 'https://idp.example/{tenantid}/'\naudience = ['api']\ntenants = ['*']\n";
    assert_eq!(problems(&format!("{tenants}{CLIENT}issuers = ['https://idp.example/t1/']\n"), &[]), "");
}
