//! Forged tokens: what RFC 8725 §2 lists, and what others have accepted.

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use remint_jwt::{Algorithm, Jws, JwtErrorKind, MAX_TOKEN_LEN, SigningKey, VerifyingKey};

use crate::support::{accept, key, token, verifying};

fn encode(text: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

/// A token of these parts, with a signature that is not one.
fn unsigned(header: &str, claims: &str) -> String {
    format!("{}.{}.{}", encode(header), encode(claims), encode([1; 64]))
}

fn parsed(token: &str) -> Result<(), JwtErrorKind> {
    Jws::parse(token).map(|_| ()).map_err(|error| error.kind())
}

/// The token with another signature.
fn resigned(token: &str, signature: &[u8]) -> String {
    format!("{}.{}", token.rsplit_once('.').unwrap().0, encode(signature))
}

fn signature(token: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(token.rsplit_once('.').unwrap().1).unwrap()
}

#[test]
fn alg_none_is_refused_with_and_without_a_signature() {
    for alg in ["none", "None", "NONE", "nOnE"] {
        let header = format!(r#"{{"alg":"{alg}"}}"#);
        assert_eq!(parsed(&unsigned(&header, "{}")), Err(JwtErrorKind::Algorithm));
    }
    let empty = format!("{}.{}.", encode(r#"{"alg":"none"}"#), encode("{}"));
    assert!(parsed(&empty).is_err());
}

#[test]
fn a_public_key_is_never_a_mac_key() {
    let rsa = key(Algorithm::Rs256);
    let verifying = verifying(&rsa);
    let jwk = rsa.public_jwk().to_json();
    let part = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
    let der = [part("n"), part("e")].concat();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(&der));
    let secrets = [
        pem.clone().into_bytes(),
        format!("\n {pem}").into_bytes(),
        pem.trim_end().as_bytes().to_vec(),
        der,
        jwk.to_string().into_bytes(),
        jwk["n"].as_str().unwrap().as_bytes().to_vec(),
    ];
    for secret in secrets {
        let secret = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        for (alg, refused) in [("HS256", JwtErrorKind::Algorithm), ("RS256", JwtErrorKind::Signature)] {
            let input = format!("{}.{}", encode(format!(r#"{{"alg":"{alg}"}}"#)), encode(r#"{"sub":"admin"}"#));
            let forged = format!("{input}.{}", encode(hmac::sign(&secret, input.as_bytes())));
            assert_eq!(accept(&forged, &verifying).err(), Some(refused), "{alg}");
        }
    }
}

#[test]
fn a_key_verifies_its_own_algorithm_and_no_other() {
    let token_of = |algorithm| token(&key(algorithm));
    for own in Algorithm::ALL {
        let verifying = verifying(&key(own));
        for other in Algorithm::ALL.into_iter().filter(|other| *other != own) {
            assert_eq!(accept(&token_of(other), &verifying).err(), Some(JwtErrorKind::Algorithm), "{other} by {own}");
        }
    }
}

#[test]
fn another_key_of_the_same_algorithm_does_not_verify() {
    for algorithm in [Algorithm::Es256, Algorithm::Es384, Algorithm::Es512, Algorithm::EdDSA] {
        let (own, other) = (key(algorithm), key(algorithm));
        assert_eq!(accept(&token(&own), &verifying(&other)).err(), Some(JwtErrorKind::Signature));
    }
    let other = SigningKey::generate(Algorithm::Rs256).unwrap();
    assert_eq!(accept(&token(&key(Algorithm::Rs256)), &verifying(&other)).err(), Some(JwtErrorKind::Signature));
}

#[test]
fn malformed_ecdsa_signatures_are_refused() {
    let signing = key(Algorithm::Es256);
    let (token, key) = (token(&signing), verifying(&signing));
    let good = signature(&token);
    let (r, s) = good.split_at(32);
    let (zero, most) = ([0; 32], [0xff; 32]);
    let mut beyond = P256_ORDER;
    beyond[31] += 1;

    let mut bad: Vec<Vec<u8>> = Vec::new();
    for scalar in [&zero, &P256_ORDER, &beyond, &most] {
        bad.push([r, scalar].concat());
        bad.push([scalar, s].concat());
        bad.push([scalar, &scalar[..]].concat());
    }
    bad.extend([vec![0], vec![0; 63], vec![0; 65], vec![0; 96], good[..63].to_vec()]);
    bad.push([&[0], &good[..]].concat());
    bad.push([&good[..], &[0]].concat());
    bad.push([s, r].concat());
    for signature in bad {
        assert_eq!(accept(&resigned(&token, &signature), &key).err(), Some(JwtErrorKind::Signature), "{signature:?}");
    }
}

#[test]
fn an_ecdsa_signature_in_der_is_refused() {
    let signing = key(Algorithm::Es256);
    let (token, key) = (token(&signing), verifying(&signing));
    let pem = signing.to_pem().unwrap();
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &STANDARD.decode(body).unwrap()).unwrap();
    let input = token.rsplit_once('.').unwrap().0;
    let der = pair.sign(&aws_lc_rs::rand::SystemRandom::new(), input.as_bytes()).unwrap();
    assert_eq!(accept(&resigned(&token, der.as_ref()), &key).err(), Some(JwtErrorKind::Signature));
}

#[test]
fn the_twin_of_an_ecdsa_signature_has_the_same_signing_input() {
    let signing = key(Algorithm::Es256);
    let (token, key) = (token(&signing), verifying(&signing));
    let good = signature(&token);
    let mut twin = good.clone();
    let mut borrow = false;
    for index in (0..32).rev() {
        let (difference, under) = P256_ORDER[index].overflowing_sub(good[32 + index]);
        let (difference, under_again) = difference.overflowing_sub(u8::from(borrow));
        twin[32 + index] = difference;
        borrow = under || under_again;
    }
    let twin = resigned(&token, &twin);
    assert_ne!(twin, token);
    accept(&twin, &key).unwrap();
    assert_eq!(Jws::parse(&twin).unwrap().signing_input(), Jws::parse(&token).unwrap().signing_input());
}

#[test]
fn a_key_that_a_token_brings_along_is_refused() {
    let attacker = key(Algorithm::Es256);
    for member in [
        format!(r#""jwk":{}"#, attacker.public_jwk().to_json()),
        r#""jku":"https://evil.example/jwks.json""#.into(),
        r#""x5u":"https://evil.example/cert.pem""#.into(),
        r#""x5c":["MIIB"]"#.into(),
    ] {
        let header = format!(r#"{{"alg":"ES256",{member}}}"#);
        assert_eq!(parsed(&unsigned(&header, "{}")), Err(JwtErrorKind::Structure), "{header}");
    }
}

#[test]
fn critical_extensions_and_unencoded_payloads_are_refused() {
    for header in [
        r#"{"alg":"ES256","crit":["x"],"x":1}"#,
        r#"{"alg":"ES256","crit":["b64"],"b64":false}"#,
        r#"{"alg":"ES256","b64":false}"#,
        r#"{"alg":"ES256","crit":[]}"#,
        r#"{"alg":"ES256","zip":"DEF"}"#,
        r#"{"alg":"ES256","cty":"JWT"}"#,
    ] {
        assert_eq!(parsed(&unsigned(header, "{}")), Err(JwtErrorKind::Structure), "{header}");
    }
}

#[test]
fn anything_but_three_parts_is_refused_before_decoding() {
    let header = encode(r#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#);
    for text in [
        String::new(),
        ".".into(),
        "..".into(),
        "....".into(),
        header.clone(),
        format!("{header}.{header}"),
        format!("{header}.{header}.{header}.{header}"),
        format!("{header}.a.a.a.a"),
        ".".repeat(MAX_TOKEN_LEN),
    ] {
        assert_eq!(parsed(&text), Err(JwtErrorKind::Structure), "{} dots", text.matches('.').count());
    }
}

#[test]
fn a_token_over_the_limit_is_refused_unread() {
    assert_eq!(parsed(&"a".repeat(MAX_TOKEN_LEN + 1)), Err(JwtErrorKind::TooLong));
    let padding = "a".repeat(49_000);
    let long = unsigned(r#"{"alg":"ES256"}"#, &format!(r#"{{"a":"{padding}"}}"#));
    assert!(long.len() <= MAX_TOKEN_LEN);
    assert_eq!(parsed(&long), Ok(()));
}

#[test]
fn a_list_may_be_as_long_as_the_token() {
    let groups = |count: usize| format!(r#"{{"groups":[{}]}}"#, vec![r#""g""#; count].join(","));
    for count in [1100, 12_000] {
        let token = unsigned(r#"{"alg":"ES256"}"#, &groups(count));
        assert_eq!(parsed(&token), Ok(()), "{count}: {} bytes", token.len());
    }
    let digits = format!(r#"{{"a":[{}]}}"#, vec!["0"; 12_000].join(","));
    assert_eq!(parsed(&unsigned(r#"{"alg":"ES256"}"#, &digits)), Err(JwtErrorKind::Structure));
}

#[test]
fn members_present_twice_are_refused_in_header_and_claims() {
    assert_eq!(parsed(&unsigned(r#"{"alg":"ES256","alg":"ES256"}"#, "{}")), Err(JwtErrorKind::Structure));
    assert_eq!(parsed(&unsigned(r#"{"alg":"ES256","kid":"a","kid":"b"}"#, "{}")), Err(JwtErrorKind::Structure));
    for claims in [r#"{"sub":"a","sub":"b"}"#, r#"{"act":{"sub":"a","sub":"b"}}"#, r#"{"sub":"a","\u0073ub":"b"}"#] {
        assert_eq!(parsed(&unsigned(r#"{"alg":"ES256"}"#, claims)), Err(JwtErrorKind::Claim), "{claims}");
    }
}

#[test]
fn deep_nesting_is_refused() {
    let nested = |depth: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
    for depth in [32, 1000, 5000] {
        assert_eq!(parsed(&unsigned(r#"{"alg":"ES256"}"#, &nested(depth))), Err(JwtErrorKind::Structure), "{depth}");
    }
    assert_eq!(parsed(&unsigned(r#"{"alg":"ES256"}"#, &nested(31))), Ok(()));
}

#[test]
fn claims_are_one_object() {
    for claims in ["", " ", "[]", "\"a\"", "1", "null", "{}{}", "{", "a", "{\"a\":1,}"] {
        assert_eq!(parsed(&unsigned(r#"{"alg":"ES256"}"#, claims)), Err(JwtErrorKind::Structure), "{claims}");
    }
}

#[test]
fn padding_whitespace_and_trailing_bits_are_refused_in_every_part() {
    // One byte more or less, so that each part ends in two or three significant characters.
    let parts = [encode(r#"{"alg":"ES256"}"#), encode(r#"{"a":1 }"#), encode([1; 64])];
    assert_eq!(parsed(&parts.join(".")), Ok(()));
    for index in 0..3 {
        let with = |part: String| {
            let mut parts = parts.clone();
            parts[index] = part;
            parsed(&parts.join("."))
        };
        let part = &parts[index];
        let (body, last) = part.split_at(part.len() - 1);
        for bad in [
            format!("{part}="),
            format!("{part}=="),
            format!(" {part}"),
            format!("{part}\n"),
            format!("{body}\r\n{last}"),
            format!("{body}+"),
            format!("{body}/"),
            format!("{part}AAA"),
            String::new(),
        ] {
            assert!(with(bad.clone()).is_err(), "{bad:?} as part {index}");
        }
        if !part.len().is_multiple_of(4) {
            let next = char::from(last.as_bytes()[0] + 1);
            assert_eq!(with(format!("{body}{next}")), Err(JwtErrorKind::Structure), "trailing bits in part {index}");
        }
    }
}

#[test]
fn debug_and_errors_show_nothing_of_a_token() {
    let canary = unsigned(r#"{"alg":"ES256"}"#, r#"{"sub":"canary"}"#);
    let shown = format!("{:?}", Jws::parse(&canary).unwrap());
    assert!(!shown.contains("canary") && !shown.contains(canary.rsplit_once('.').unwrap().1));
    let error = Jws::parse("canary.canary.canary").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("canary"));
}

#[test]
fn the_token_of_rfc_7515_appendix_a_3_verifies() {
    let jwk = br#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
    let key = VerifyingKey::new(&remint_jwt::Jwk::parse(jwk).unwrap(), Algorithm::Es256).unwrap();
    let token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    assert_eq!(accept(token, &key).unwrap().issuer(), Ok("joe"));
}

/// The order of P-256 (FIPS 186-5, SP 800-186 §3.2.1.3).
const P256_ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa,
    0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];
