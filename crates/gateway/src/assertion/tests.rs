use proptest::prelude::*;
use serde_json::json;
use shiren_core::account::AccountKind;
use shiren_testkit::assertion::MarketApp;

use super::*;

/// Keys and tokens that Node's `crypto` made, of each kind; the private keys are gone.
const SIGNED: &str = include_str!("signed.json");

fn signed() -> Value {
    serde_json::from_str(SIGNED).unwrap()
}

fn keys() -> AccountKeys {
    AccountKeys::from_jwks(&signed()["jwks"].to_string()).unwrap()
}

fn token(kind: &str) -> String {
    signed()["tokens"][kind].as_str().unwrap().to_owned()
}

fn app() -> MarketApp {
    MarketApp::known().unwrap()
}

fn claims() -> Value {
    app().claims(jiff::Timestamp::UNIX_EPOCH, "42", "42:7", "1")
}

fn of_app() -> AccountKeys {
    AccountKeys::from_jwks(&app().jwks()).unwrap()
}

#[test]
fn what_each_kind_of_key_signed_is_read() {
    for kind in ["EdDSA", "ES256", "RS256"] {
        let claims = keys().read(&token(kind)).unwrap();
        assert_eq!(
            (claims.sub.as_str(), claims.kind, claims.exp),
            ("42:7", AccountKind::Staff, 1_795_400_120)
        );
    }
}

#[test]
fn a_signature_holds_for_its_own_words_and_key_alone() {
    for kind in ["EdDSA", "ES256", "RS256"] {
        let (said, signature) =
            token(kind).rsplit_once('.').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        let other = token(if kind == "EdDSA" { "ES256" } else { "EdDSA" });
        let foreign = other.rsplit_once('.').unwrap().1;
        assert_eq!(keys().read(&format!("{said}.{foreign}")), Err(AssertionFault::Signature), "{kind}");
        // Another sub-account in the claims, under the same signature.
        let (header, body) = said.split_once('.').unwrap();
        let body = body.replacen("NDI6Ny", "NDI6OC", 1);
        let changed = format!("{header}.{body}.{signature}");
        if body != said.split_once('.').unwrap().1 {
            assert_eq!(keys().read(&changed), Err(AssertionFault::Signature), "{kind}");
        }
    }
    let forged = MarketApp::forger().unwrap().sign(&claims());
    assert_eq!(of_app().read(&forged), Err(AssertionFault::Signature));
    let strange = MarketApp::stranger().unwrap().sign(&claims());
    assert_eq!(of_app().read(&strange), Err(AssertionFault::Key));
}

#[test]
fn no_token_chooses_how_it_is_looked_at() {
    let app = app();
    let as_said = |header: Value| of_app().read(&app.sign_as(&header, &claims()));
    let kid = "2026-11";
    assert!(as_said(json!({ "alg": "EdDSA", "kid": kid })).is_ok());
    // The only key there is needs no name.
    assert!(as_said(json!({ "alg": "EdDSA" })).is_ok());
    for alg in ["HS256", "HS512", "ES256", "ES384", "RS256", "PS256"] {
        assert_eq!(as_said(json!({ "alg": alg, "kid": kid })), Err(AssertionFault::Algorithm), "{alg}");
    }
    for alg in ["none", "None", "", "eddsa", "ES256K"] {
        assert_eq!(as_said(json!({ "alg": alg, "kid": kid })), Err(AssertionFault::Unreadable), "{alg}");
    }
    assert_eq!(as_said(json!({ "kid": kid })), Err(AssertionFault::Unreadable));
    assert_eq!(
        as_said(json!({ "alg": "EdDSA", "kid": kid, "crit": ["b64"], "b64": false })),
        Err(AssertionFault::Unreadable)
    );
    // A key that comes along is nobody's.
    let own: Value = serde_json::from_str(&MarketApp::forger().unwrap().jwks()).unwrap();
    let header = json!({ "alg": "EdDSA", "kid": kid, "jwk": own["keys"][0] });
    let forged = MarketApp::forger().unwrap().sign_as(&header, &claims());
    assert_eq!(of_app().read(&forged), Err(AssertionFault::Signature));
    // With several keys there, one must be named.
    let nameless = app.sign_as(&json!({ "alg": "EdDSA" }), &claims());
    assert_eq!(keys().read(&nameless), Err(AssertionFault::Key));
}

#[test]
fn a_public_key_is_no_shared_secret() {
    // The classic: the verifier's public key, used as the secret of an HMAC.
    let jwks: Value = serde_json::from_str(&app().jwks()).unwrap();
    let secret = URL_SAFE.decode(jwks["keys"][0]["x"].as_str().unwrap()).unwrap();
    let part = |value: &Value| URL_SAFE.encode(value.to_string());
    let said = format!("{}.{}", part(&json!({ "alg": "HS256", "kid": "2026-11" })), part(&claims()));
    let mac = ring::hmac::sign(&ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &secret), said.as_bytes());
    let token = format!("{said}.{}", URL_SAFE.encode(mac));
    assert_eq!(of_app().read(&token), Err(AssertionFault::Algorithm));
}

#[test]
fn what_says_too_little_is_not_read() {
    for claim in ["iss", "aud", "sub", "kind", "mode", "iat", "exp", "jti"] {
        let mut short = claims();
        short.as_object_mut().unwrap().remove(claim);
        assert_eq!(of_app().read(&app().sign(&short)), Err(AssertionFault::Unreadable), "{claim}");
        let mut strange = claims();
        strange[claim] = json!({ "an": "object" });
        assert_eq!(of_app().read(&app().sign(&strange)), Err(AssertionFault::Unreadable), "{claim}");
    }
    let more = {
        let mut more = claims();
        more["name"] = "unknown claims are left alone".into();
        more
    };
    assert!(of_app().read(&app().sign(&more)).is_ok());
}

#[test]
fn keys_that_cannot_be_meant_are_not_taken() {
    let good = signed()["jwks"]["keys"][0].clone();
    let changed = |name: &str, value: Value| {
        let mut key = good.clone();
        key[name] = value;
        key
    };
    let sets = [
        ("no JSON", "{".to_owned()),
        ("no set", json!({}).to_string()),
        ("none", json!({ "keys": [] }).to_string()),
        ("too many", json!({ "keys": vec![good.clone(); 17] }).to_string()),
        ("twice", json!({ "keys": [good, good] }).to_string()),
    ];
    let keys = [
        ("private", changed("d", "AAAA".into())),
        ("another alg", changed("alg", "ES256".into())),
        ("HS", json!({ "kty": "oct", "k": "c2VjcmV0", "kid": "1", "alg": "HS256" })),
        ("for encryption", changed("use", "enc".into())),
        ("no name", changed("kid", "".into())),
        ("short", changed("x", "AAAA".into())),
        ("no base64", changed("x", "???".into())),
        ("another curve", json!({ "kty": "EC", "crv": "P-384", "x": "AA", "y": "AA", "kid": "1" })),
        ("weak", json!({ "kty": "RSA", "n": URL_SAFE.encode([0xc5; 128]), "e": "AQAB", "kid": "1" })),
        ("nothing", json!(null)),
    ];
    let keys = keys.into_iter().map(|(why, key)| (why, json!({ "keys": [key] }).to_string()));
    for (why, set) in sets.into_iter().chain(keys) {
        assert!(AccountKeys::from_jwks(&set).is_err(), "{why}");
    }
}

fn pem(kinds: &[&str]) -> String {
    kinds.iter().map(|kind| signed()["pem"][kind].as_str().unwrap().to_owned()).collect()
}

#[test]
fn keys_as_pem_are_taken_without_a_name() {
    for kind in ["EdDSA", "ES256", "RS256"] {
        let one = AccountKeys::from_text(&pem(&[kind])).unwrap();
        assert_eq!(one.read(&token(kind)).unwrap().sub, "42:7", "{kind}");
        let other = token(if kind == "EdDSA" { "ES256" } else { "EdDSA" });
        assert_eq!(one.read(&other).err(), Some(AssertionFault::Algorithm), "{kind}");
    }
    // Several, with words between them, in any order; and with the line ends of another system.
    let several = format!("the old one:\n{}and the new one\n{}", pem(&["ES256", "RS256"]), pem(&["EdDSA"]));
    for text in [several.clone(), several.replace('\n', "\r\n")] {
        let keys = AccountKeys::from_text(&text).unwrap();
        for kind in ["EdDSA", "ES256", "RS256"] {
            assert!(keys.read(&token(kind)).is_ok(), "{kind}");
        }
        let forged = MarketApp::forger().unwrap().sign(&claims());
        assert_eq!(keys.read(&forged).err(), Some(AssertionFault::Signature));
        assert_eq!(keys.read("a.b.c").err(), Some(AssertionFault::Unreadable));
    }
    // A JWK set is still one.
    assert!(AccountKeys::from_text(&signed()["jwks"].to_string()).unwrap().read(&token("ES256")).is_ok());
}

#[test]
fn pem_that_cannot_be_meant_is_not_taken() {
    let good = pem(&["EdDSA"]);
    let body: String = good.lines().filter(|line| !line.starts_with('-')).collect();
    let der = base64::prelude::BASE64_STANDARD.decode(&body).unwrap();
    let wrapped = |der: &[u8]| {
        let body = base64::prelude::BASE64_STANDARD.encode(der);
        format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n")
    };
    assert!(AccountKeys::from_text(&wrapped(&der)).is_ok());
    let mut longer = der.clone();
    longer.push(0);
    let mut other = der.clone();
    // X25519 is one number further, and signs nothing.
    other[8] = 0x6e;
    for (why, text) in [
        ("private", good.replace("PUBLIC", "PRIVATE")),
        ("certificate", good.replace("PUBLIC KEY", "CERTIFICATE")),
        ("PKCS #1", good.replace("PUBLIC KEY", "RSA PUBLIC KEY")),
        ("cut off", good.replace("-----END PUBLIC KEY-----", "")),
        ("no base64", good.replace(&body, "???")),
        ("nothing", good.replace(&body, "")),
        ("something behind it", wrapped(&longer)),
        ("too short", wrapped(&der[..der.len() - 1])),
        ("another curve", wrapped(&other)),
        ("too many", good.repeat(17)),
        ("one that is none among them", format!("{good}-----BEGIN PUBLIC KEY-----")),
    ] {
        assert!(AccountKeys::from_text(&text).is_err(), "{why}");
    }
    for cut in 0..der.len() {
        assert!(AccountKeys::from_text(&wrapped(&der[..cut])).is_err(), "{cut}");
    }
}

const URL_SAFE: base64::engine::GeneralPurpose = base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::Engine as _;

proptest! {
    /// Whatever comes.
    #[test]
    fn strangers_bytes_are_refused(token in ".{0,300}") {
        prop_assert!(keys().read(&token).is_err());
    }

    /// Parts that look like tokens.
    #[test]
    fn strange_parts_are_refused(parts in proptest::collection::vec("[A-Za-z0-9_-]{0,40}", 0..5)) {
        prop_assert!(keys().read(&parts.join(".")).is_err());
    }

    /// Strange JSON in a token's parts, rightly encoded.
    #[test]
    fn strange_heads_and_claims_are_refused(header in "\\PC{0,60}", body in "\\PC{0,60}") {
        let token = format!("{}.{}.{}", URL_SAFE.encode(header), URL_SAFE.encode(body), URL_SAFE.encode([0; 64]));
        prop_assert!(keys().read(&token).is_err());
    }

    /// Cut off anywhere, and changed in any byte.
    #[test]
    fn what_is_not_whole_is_refused(kind in 0..3_usize, at in 0..700_usize, byte: u8) {
        let whole = token(["EdDSA", "ES256", "RS256"][kind]);
        let at = at % whole.len();
        prop_assert!(keys().read(&whole[..at]).is_err());
        let mut changed = whole.clone().into_bytes();
        changed[at] = byte;
        if let Ok(changed) = String::from_utf8(changed) && changed != whole {
            prop_assert!(keys().read(&changed).is_err(), "{at}");
        }
    }

    /// No set of keys is too strange to be looked at.
    #[test]
    fn strange_sets_are_looked_at(set in "\\PC{0,200}") {
        prop_assert!(AccountKeys::from_jwks(&set).is_err());
    }

    /// Nor any key's wrapping.
    #[test]
    fn strange_wrappings_are_looked_at(der in proptest::collection::vec(any::<u8>(), 0..80), at in 0..44_usize, byte: u8) {
        let body = base64::prelude::BASE64_STANDARD.encode(&der);
        let text = format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n");
        prop_assert!(AccountKeys::from_text(&text).is_err());
        let good = pem(&["EdDSA"]);
        let body: String = good.lines().filter(|line| !line.starts_with('-')).collect();
        let mut der = base64::prelude::BASE64_STANDARD.decode(&body).unwrap();
        der[at] = byte;
        let body = base64::prelude::BASE64_STANDARD.encode(&der);
        // The key itself may be any 32 bytes; nothing before it may differ.
        let text = format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n");
        let same = good.contains(&body);
        prop_assert_eq!(AccountKeys::from_text(&text).is_ok(), same || at >= 12);
    }
}
