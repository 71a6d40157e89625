//! What an app hands over as a signed assertion, and sets of keys.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shiren_app::port::Assertions as _;
use shiren_gateway::assertion::AccountKeys;

const KEYS: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"1"}]}"#;

fuzz_target!(|text: &str| {
    let _ = AccountKeys::from_text(text);
    if let Ok(keys) = AccountKeys::from_jwks(KEYS) {
        assert!(keys.read(text).is_err(), "no fuzzer signs");
    }
});
