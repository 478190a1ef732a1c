use super::*;

#[test]
fn what_is_printed_is_a_file_of_the_same_settings() {
    let texts = [
        "",
        "[listen]\nhttp = ''\nadmin_hosts = ['gateway.internal']\ntrusted_proxies = ['10.0.0.0/8', '::1']\npublic_url = 'https://auth.example'\n\
         [issuer]\nttl = '90s'\naudience = ['a \"quoted\" one', 'b']\nalgorithm = 'EdDSA'\n\
         [api_keys]\nstore = 'memory:'\naccept = ['remint', 'drf', 'opaque:old-']\nsign_up = []\n\
         peppers = [{ file = 'secret' }]\n\
         [cache]\ncapacity = '1GiB'\nmax_ttl = '1500ms'\nmax_waiting = 8\nmax_wait = '30s'\n[revocation]\nlog = 'process'\n[failures]\nwarn_at = 0\nlimit = 50\n[admin]\nbootstrap_key = { file = 'secret' }\n",
        "[[trust]]\nissuer = 'https://a.example'\naudience = ['api', 'b']\ntenant = 'fixed'\njust_in_time = true\n\
         [[trust]]\nname = 'b'\nissuer = 'https://b.example'\naudience = ['api']\njwks_file = 'b.json'\n\
         tenants = ['*']\nenvironment = 'test'\n[trust.claims]\ntenant = 'team'\nroles = 'groups'\n",
        "[[clients]]\nid = 'edge-1'\nsecret = { file = 'secret' }\nalso_secret = { env = 'NEXT' }\nmay = ['exchange']\n\
         edge = true\n[[clients]]\nid = 'jobs'\njwks = 'keys.json'\nmay = ['client_credentials']\nscopes = ['a', 'b']\n\
         environment = 'test'\n[clients.act_for]\nusers = ['alice']\nenvironments = ['test']\n",
        "[revocation]\nmax_staleness = '10s'\n[[quota.limits]]\nname = 'user'\nquota = 60\n[plans.unlimited]\n[[plans.\"a.b\".limits]]\nname = 'tenant'\n\
         quota = 5\nwindow = '1h'\nburst = 2\nper = 'tenant'\nclass = 'write'\n",
    ];
    for text in texts {
        let once = settings(text, &[("NEXT", SECRET)]);
        let again = settings(&once.shown, &[("NEXT", SECRET)]);
        assert_eq!(once.shown, again.shown);
        let place = |settings: &Settings| {
            format!(
                "{:?}",
                (&settings.listen, &settings.issuer.ttl, &settings.cache, &settings.revocation, &settings.failures)
            )
        };
        assert_eq!(place(&once), place(&again));
        assert_eq!(once.trusts.len(), again.trusts.len());
        assert_eq!(plans(&once), plans(&again));
        let clients =
            |settings: &Settings| format!("{:?}", settings.clients.iter().map(|it| &it.client).collect::<Vec<_>>());
        assert_eq!(clients(&once), clients(&again));
    }
}

#[test]
fn a_setting_that_differs_is_printed_with_its_default() {
    let shown = settings("[issuer]\nttl = '1m'\n", &[]).shown;
    assert!(shown.contains("ttl = \"1m\" # default: \"5m\"\n"), "{shown}");
}
