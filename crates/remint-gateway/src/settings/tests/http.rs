use super::{problems, settings};

const CLUSTER: &str = "[[trust]]\nissuer = 'http://keycloak.iam.svc/realms/acme'\naudience = ['api']\n";

#[test]
fn plain_http_is_for_the_hosts_that_are_named_and_for_no_other() {
    let named = |host: &str| format!("{CLUSTER}[http]\ninsecure_hosts = ['{host}']\n");
    assert_eq!(problems(&named("Keycloak.iam.svc"), &[]), "");
    for other in ["iam.svc", "keycloak.iam", "other.svc"] {
        assert!(problems(&named(other), &[]).contains("may be asked"), "{other}");
    }
    assert!(problems(CLUSTER, &[]).contains("may be asked"));
    let asked = format!(
        "{}[trust.introspection]\nclient_id = 'edge'\nclient_secret = 'x'\n[http]\ninsecure_hosts = \
         ['keycloak.iam.svc']\n",
        CLUSTER
    );
    assert_eq!(problems(&asked, &[]), "", "for introspection too");
    let exchange = "[exchange]\nissuer = 'http://auth.svc'\naudience = 'internal'\nclient_id = 'edge-1'\n\
                    client_secret = 'x'\n";
    assert!(problems(exchange, &[]).contains("an https address"));
    assert_eq!(problems(&format!("{exchange}[http]\ninsecure_hosts = ['auth.svc']\n"), &[]), "");
}

#[test]
fn a_proxy_is_an_address_or_the_environments_and_its_password_is_not_shown() {
    let text = "[http]\nproxy = 'http://user:canary@proxy.example:3128'\n";
    let with = settings(text, &[]);
    assert!(with.shown.contains("proxy = \"http://user:***@proxy.example:3128/\""), "{}", with.shown);
    assert!(!with.shown.contains("canary") && !format!("{with:?}").contains("canary"));
    let secret = settings("[http]\nproxy = { env = 'PROXY' }\n", &[("PROXY", "http://user:canary@proxy.example:3128")]);
    assert!(secret.shown.contains("proxy = { env = \"PROXY\" }"));
    assert!(settings("[http]\nproxy = 'environment'\n", &[]).shown.contains("proxy = \"environment\""));
    for wrong in ["proxy.example:3128", "socks://proxy.example", "enviroment"] {
        assert!(problems(&format!("[http]\nproxy = '{wrong}'\n"), &[]).contains("`http.proxy`"), "{wrong}");
    }
}

#[test]
fn a_ca_file_holds_certificates() {
    for (file, expected) in [("gone.pem", "gone.pem cannot be read"), ("keys.json", "keys.json: the CA certificate")] {
        let told = problems(&format!("[http]\nca_file = '{file}'\n"), &[]);
        assert!(told.contains("gateway.toml:2: `http.ca_file`") && told.contains(expected), "{told}");
    }
}
