//! What to ask the server.

use crate::server::{EDGE, ORDERS};

/// Lines for a shell, each with what it shows.
#[must_use]
pub fn lines(base: &str, key: &str, jwt: &str) -> Vec<(&'static str, String)> {
    let post = |path: &str, (id, secret): (&str, &str), form: &[&str]| {
        let form: String = form.iter().map(|field| format!(" -d {field}")).collect();
        format!("curl -s {base}{path} -u {id}:{secret}{form}")
    };
    let token = |client, grant: &str, form: &[&str]| {
        post("/oauth2/token", client, &[&[format!("grant_type={grant}").as_str()], form].concat())
    };
    let (jwt_is, key_is) = (format!("subject_token={jwt}"), format!("subject_token={key}"));
    let assertion = format!("assertion={jwt}");
    let of_key = [key_is.as_str(), "subject_token_type=urn:remint:params:oauth:token-type:api-key"];
    let of_jwt = [jwt_is.as_str(), "subject_token_type=urn:ietf:params:oauth:token-type:access_token"];
    let of_ours = ["subject_token=$TOKEN", "subject_token_type=urn:ietf:params:oauth:token-type:access_token"];
    let key_alone = format!("token={key}");
    vec![
        ("what there is (RFC 8414)", format!("curl -s {base}/.well-known/oauth-authorization-server")),
        ("its public keys", format!("curl -s {base}/.well-known/jwks.json")),
        ("an edge exchanges a JWT of the issuer that is trusted (RFC 8693)", token(EDGE, EXCHANGE, &of_jwt)),
        ("and a key of alice's", token(EDGE, EXCHANGE, &of_key)),
        ("the same JWT as an assertion (RFC 7523)", token(EDGE, JWT_BEARER, &[&assertion])),
        (
            "the token that the edge got is kept here",
            format!("TOKEN=$({} | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')", token(EDGE, EXCHANGE, &of_key)),
        ),
        ("the orders received it, and ask the stock in alice's name: `act` says so", token(ORDERS, EXCHANGE, &of_ours)),
        ("the orders for themselves (RFC 6749)", token(ORDERS, "client_credentials", &[])),
        ("whether a token still counts (RFC 7662)", post("/oauth2/introspect", EDGE, &["token=$TOKEN"])),
        ("alice's key ends (RFC 7009), and what was made of it", post("/oauth2/revoke", EDGE, &[&key_alone])),
        ("so this token is inactive", post("/oauth2/introspect", EDGE, &["token=$TOKEN"])),
        ("and the key buys no other", token(EDGE, EXCHANGE, &of_key)),
    ]
}

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
