//! What a hostile token makes its parser allocate.

use allocation_counter::measure;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use remint_jwt::{Jws, MAX_TOKEN_LEN};

/// A token with these claims.
fn token(claims: &str) -> String {
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.{}", encode(r#"{"alg":"ES256"}"#), encode(claims), encode("s"))
}

/// Each is the worst of its kind: strings, escapes, members, lists, levels, numbers.
fn hostile() -> Vec<(&'static str, String)> {
    let room = MAX_TOKEN_LEN / 4 * 3 - 100;
    let names = |count: usize, value: &str| {
        let members: Vec<_> = (0..count).map(|at| format!(r#""{at}":{value}"#)).collect();
        format!("{{{}}}", members.join(","))
    };
    vec![
        ("one string", format!(r#"{{"a":"{}"}}"#, "x".repeat(room))),
        ("one string of escapes", format!(r#"{{"a":"{}"}}"#, r"\n".repeat(room / 2))),
        ("one name", format!(r#"{{"{}":1}}"#, "x".repeat(room))),
        ("members", names(1000, "1")),
        ("members that are objects", names(500, "{\"\":1}")),
        ("members that are lists", names(500, "[1]")),
        ("a list", format!(r#"{{"a":[{}1]}}"#, "1,".repeat(1000))),
        ("strings of some length", format!(r#"{{"a":["{}"]}}"#, vec!["x".repeat(8); 1000].join("\",\""))),
        ("levels", format!("{}1{}", r#"{"a":"#.repeat(31), "}".repeat(31))),
        ("objects of one member", {
            let chain = format!("{}1{}", r#"{"":"#.repeat(28), "}".repeat(28));
            format!(r#"{{"a":[{}]}}"#, vec![chain; 35].join(","))
        }),
        ("a number", format!(r#"{{"a":1.{}}}"#, "1".repeat(300))),
    ]
}

#[test]
fn no_token_makes_its_parser_allocate_more_than_twice_its_length_and_its_values() {
    for (kind, claims) in hostile() {
        let token = token(&claims);
        assert!(token.len() <= MAX_TOKEN_LEN, "{kind}: {}", token.len());
        let mut parsed = false;
        let counted = measure(|| parsed = Jws::parse(&token).is_ok());
        println!("{kind}: {} bytes, {} at once, {} in all", token.len(), counted.bytes_max, counted.bytes_total);
        assert!(parsed, "{kind} is a token");
        let most = 2 * token.len() as u64 + VALUES * VALUE;
        assert!(counted.bytes_max <= most, "{kind}: {} of {most}", counted.bytes_max);
    }
}

/// The most values that a part of a token may hold.
const VALUES: u64 = 1024;
/// What one takes in the tree: at most a node of its own, which is made for eleven members.
const VALUE: u64 = 720;
