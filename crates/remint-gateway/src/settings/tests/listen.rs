use super::settings;

#[test]
fn the_public_url_follows_the_issuer_and_then_the_listener() {
    let public_url = |text: &str| settings(text, &[]).listen.public_url;
    for (text, expected) in [
        ("", "http://127.0.0.1:8480"),
        ("[issuer]\nurl = 'https://auth.example'\n", "https://auth.example"),
        ("[issuer]\nurl = 'https://auth.example/'\n", "https://auth.example"),
        ("[issuer]\nurl = 'https://auth.example'\n[listen]\nhttp = '127.0.0.1:9000'\n", "https://auth.example"),
        ("[issuer]\nurl = 'https://auth.example'\n[listen]\npublic_url = 'https://x.example'\n", "https://x.example"),
        // The default says nothing of where we are, also where --print-config has written it down.
        ("[issuer]\nurl = 'http://127.0.0.1:8480'\n[listen]\nhttp = '127.0.0.1:9000'\n", "http://127.0.0.1:9000"),
        // A name that is no address.
        ("[issuer]\nurl = 'urn:example:auth'\n[listen]\nhttp = '127.0.0.1:9000'\n", "http://127.0.0.1:9000"),
        ("[listen]\nhttp = '192.0.2.1:80'\n", "http://192.0.2.1:80"),
        ("[listen]\nhttp = '[2001:db8::1]:9000'\n", "http://[2001:db8::1]:9000"),
        ("[listen]\nhttp = '0.0.0.0:9000'\n", "http://127.0.0.1:9000"),
        ("[listen]\nhttp = '[::]:9000'\n", "http://[::1]:9000"),
        ("[listen]\nhttp = '127.0.0.1:0'\n", "http://127.0.0.1:8480"),
        ("[listen]\nhttp = ''\n", "http://127.0.0.1:8480"),
    ] {
        assert_eq!(public_url(text), expected, "{text}");
    }
    assert_eq!(
        settings("", &[("REMINT__ISSUER__URL", "https://auth.example")]).listen.public_url,
        "https://auth.example"
    );
}
