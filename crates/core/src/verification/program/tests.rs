use std::path::Path;

use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

use super::builtin::OLDER;
use super::*;

fn built_in_text(name: &str) -> &'static str {
    BUILT_IN.iter().find(|(n, _)| *n == name).unwrap().1
}

#[test]
fn built_in_programs_load_under_their_names_and_fit_the_schema() {
    let schema = jsonschema::validator_for(&serde_json::to_value(Program::schema()).unwrap()).unwrap();
    for (name, text) in BUILT_IN {
        let program = Program::from_toml(text).unwrap();
        assert_eq!(program.name, name);
        assert_eq!(built_in(name), Some(&program));
        let json = serde_json::to_value(toml::from_str::<toml::Table>(text).unwrap()).unwrap();
        let errors: Vec<_> = schema.iter_errors(&json).map(|e| e.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new(), "{name}");
    }
    assert_eq!(built_in("nobody"), None);
}

/// What each version says, for ever: SHA-256 of its document.
const CONTENTS: [(&str, u32, &str); 9] = [
    ("shop-owner", 1, "98aa0e9cd19ba4b3c0bbb518bc4a10a7ca6534ff86a48acfca78903bf19f517d"),
    ("shop-owner", 2, "251bd1e0807e0511bc02f1bd8ae559efd9eb9873c840e43c4b02d9867126da91"),
    ("shop-owner", 3, "66653f4ff91afa6fa975214d0a4d0f1ed036f55195f72fcdf0af71ec05544b71"),
    ("staff", 1, "81a251694dc4bf760c70ae95a785fc6e289a5c9d12de26393ff5708984cc28a0"),
    ("staff", 2, "3e8328a2c6a8c2246eed1c4152df96ad9cdddcfed39d60412c7cd34d2acc2709"),
    ("buyer", 1, "d069605548450402edb504a966f9126494867fe55723a191865323ffd761a3d0"),
    ("buyer", 2, "0f23f66a128644f36322007f23754ea775165769a7bcd75340481508b2abf5f0"),
    ("influencer", 1, "be59c642ab008b579430454e406be791767a14be5478509b1cadc4dc872e4f55"),
    ("influencer", 2, "42c51bb330b0d52e30badb766ce237d4b3276536af5a1793b6072231a8212b14"),
];

#[test]
fn a_version_of_a_built_in_program_means_one_content_for_ever() {
    let texts = BUILT_IN.iter().map(|(_, text)| *text).chain(OLDER);
    let found: Vec<(String, u32, String)> = texts
        .map(|text| {
            let program = Program::from_toml(text).unwrap();
            let digest: String =
                Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
            (program.name, program.version, digest)
        })
        .collect();
    for (name, version, digest) in &found {
        let known = CONTENTS.iter().find(|(n, v, _)| n == name && v == version).map(|(_, _, digest)| *digest);
        assert_eq!(
            known,
            Some(digest.as_str()),
            "{name} says something else: give it the next version, and keep the document as it was in programs/older"
        );
        assert!(*version < OWN_VERSIONS);
    }
    // None is ever taken away: somebody's session may have begun with it.
    for (name, version, _) in CONTENTS {
        assert_eq!(built_in_version(name, version).map(|p| p.version), Some(version), "{name}");
        assert!(built_in(name).unwrap().version >= version);
    }
    assert_eq!(found.len(), CONTENTS.len());
    assert_eq!(built_in_version("staff", 999), None);
}

#[test]
fn a_program_written_out_is_read_back_the_same() {
    for (_, text) in BUILT_IN {
        let program = Program::from_toml(text).unwrap();
        assert_eq!(Program::from_toml(&toml::to_string(&program).unwrap()).unwrap(), program);
    }
}

#[test]
fn the_schema_refuses_what_the_product_refuses() {
    let schema = jsonschema::validator_for(&serde_json::to_value(Program::schema()).unwrap()).unwrap();
    for (from, to) in [
        ("version = 2", "version = 0"),
        ("name = \"buyer\"", "name = \"Buyer!\""),
        ("shot = \"visa\"", "shot = \"visum\""),
        ("warn_minutes", "warning_minutes"),
        ("max_false_match_rate = 1e-4", "max_false_match_rate = 0.5"),
        ("document_specimen = \"fail\"", "document_specimens = \"fail\""),
    ] {
        let text = built_in_text("buyer").replacen(from, to, 1);
        assert!(Program::from_toml(&text).is_err(), "{to}");
        let json = serde_json::to_value(toml::from_str::<toml::Table>(&text).unwrap()).unwrap();
        assert!(!schema.is_valid(&json), "{to}");
    }
}

/// `SHIREN_WRITE_SCHEMA=1 cargo test -p shiren-core the_committed_schema` writes it anew.
#[test]
fn the_committed_schema_is_the_one_that_the_code_gives() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/program.schema.json");
    let generated = serde_json::to_string_pretty(&Program::schema()).unwrap() + "\n";
    if std::env::var_os("SHIREN_WRITE_SCHEMA").is_some() {
        std::fs::write(&path, &generated).unwrap();
    }
    assert!(std::fs::read_to_string(&path).unwrap() == generated, "write it anew, see the comment above");
}

#[test]
fn methods_of_the_mission_are_there() {
    let ids = |name| built_in(name).unwrap().methods.iter().map(|m| m.id.as_str()).collect::<Vec<_>>();
    assert_eq!(
        ids("shop-owner"),
        [
            "resident-id-card",
            "residence-permit",
            "hong-kong-macao-travel-permit",
            "taiwan-travel-permit",
            "foreigner-permanent-residence",
            "passport",
            "payment-account"
        ]
    );
    assert_eq!(ids("buyer"), ["resident-id-card", "passport"]);
    assert_eq!(ids("staff"), ids("shop-owner")[..6]);
}

/// E7: the phone and both sides of the card; E8: 48 hours; E26: live capture only.
#[test]
fn staff_verify_with_phone_card_and_live_face_within_48_hours() {
    let staff = built_in("staff").unwrap();
    assert_eq!(staff.deadlines.review, ReviewDeadline::Hours(48));
    assert_eq!((staff.deadlines.session_minutes, staff.deadlines.escalate_at), (30, 0.75));
    for method in &staff.methods {
        assert_eq!(method.declare.phone, Need::Always, "{}", method.id);
        let selfie = method.steps.iter().find(|s| s.shot == Shot::Selfie).unwrap();
        assert_eq!(selfie.live, Need::InLiveMode, "{}", method.id);
    }
    let shots: Vec<Shot> = staff.methods[0].steps.iter().map(|s| s.shot).collect();
    assert_eq!(shots, [Shot::IdFront, Shot::IdBack, Shot::Selfie]);
}

#[test]
fn a_mistake_is_told_with_line_key_and_what_is_allowed() {
    let text = built_in_text("buyer");
    let line = |needle: &str| 1 + text.lines().position(|l| l == needle).unwrap();
    for (from, to, key, says) in [
        ("shot = \"visa\"", "shot = \"visum\"", "method[1].step[1].shot", "expected one of `id-front`"),
        (
            "warn_minutes = 5",
            "warning_minutes = 5",
            "deadlines.warning_minutes",
            "expected one of `session_minutes`",
        ),
        ("warn_minutes = 5", "warn_minutes = \"5\"", "deadlines.warn_minutes", "expected u32"),
        ("warn_minutes = 5", "warn_minutes = 50", "deadlines.warn_minutes", "50 is not between 0 and 30"),
        ("version = 2", "version = 0", "version", "0 is not between 1"),
        ("name = \"buyer\"", "name = \"Buyer\"", "name", "lower-case letters"),
        ("id = \"visa\"", "id = \"passport\"", "method[1].step[1].id", "two steps \"passport\""),
        (
            "reads = \"visa\"",
            "reads = \"permit\"",
            "method[1].step[1].reads",
            "visa cannot be read as permit",
        ),
        ("reads = \"visa\"", "shows = \"permit\"", "method[1].step[1].shows", "not read cannot be of permit"),
        ("reads = \"cn-id-back\"", "portrait = true", "method[0].step[1].portrait", "say which"),
        (
            "shot = \"handheld\"",
            "portrait = true\nreads = \"cn-id-front\"\nshot = \"handheld\"",
            "method[0].step[3].portrait",
            "shown by itself",
        ),
        (
            "max_false_match_rate = 1e-4",
            "max_false_match_rate = nan",
            "thresholds.max_false_match_rate",
            "not between",
        ),
        (
            "document_specimen = \"fail\"",
            "document_specimen = \"info\"",
            "severity.live.document_specimen",
            "waved through",
        ),
        (
            "document_specimen = \"fail\"",
            "face_resembles_banned = \"fail\"\ndocument_specimen = \"fail\"",
            "severity.live.face_resembles_banned",
            "for a person to look at",
        ),
        (
            "document_specimen = \"fail\"",
            "specimen = \"fail\"",
            "severity.live.specimen",
            "`document_specimen`",
        ),
        ("reject = [\"document_specimen\"]", "reject = [\"x\"]", "decision.reject[0]", "unknown variant"),
    ] {
        let error = Program::from_toml(&text.replacen(from, to, 1)).unwrap_err();
        assert_eq!((error.line, error.key.as_str()), (line(from), key), "{to}: {error}");
        assert!(error.message.contains(says), "{to}: {error}");
    }
}

#[test]
fn a_method_that_cannot_compare_faces_is_refused() {
    for (from, to, says) in [
        ("portrait = true", "portrait = false", "exactly one step with a portrait"),
        ("id = \"passport\"\ntitle", "id = \"resident-id-card\"\ntitle", "two methods"),
        ("\"issuer\", \"face\"]", "\"issuer\", \"issuer\"]", "named twice"),
    ] {
        let error = Program::from_toml(&built_in_text("buyer").replacen(from, to, 1)).unwrap_err();
        assert!(error.message.contains(says), "{to}: {error}");
        assert!(error.key.starts_with("method["), "{to}: {error}");
    }
}

#[test]
fn a_code_needs_a_phone_and_its_findings_are_not_waved_through() {
    let text = built_in_text("staff");
    let phone = text.replacen("phone = \"always\", phone_code", "phone = \"optional\", phone_code", 1);
    let error = Program::from_toml(&phone).unwrap_err();
    assert!(
        error.key.ends_with("declare.phone_code") && error.message.contains("sent to a phone"),
        "{error}"
    );
    for code in ["phone_unverified", "phone_changed", "payment_account_changed", "bank_card_changed"] {
        let waved = text.replacen("[severity.live]\n", &format!("[severity.live]\n{code} = \"info\"\n"), 1);
        let error = Program::from_toml(&waved).unwrap_err();
        assert!(error.message.contains("cannot be waved through"), "{code}: {error}");
    }
}

#[test]
fn texts_that_are_no_program_are_told_from_line_one() {
    assert_eq!(Program::from_toml("").unwrap_err().line, 1);
    assert!(Program::from_toml("").unwrap_err().to_string().contains("missing field `name`"));
    assert!(Program::from_toml("= =").unwrap_err().to_string().starts_with("line 1"));
    assert!(Program::from_toml(&" ".repeat(2_000_000)).unwrap_err().message.contains("at most"));
}

#[test]
fn severities_for_a_mode_go_before_those_for_both() {
    let rules = SeverityRules {
        always: [(ReasonCode::PhotoGlare, Severity::Review)].into(),
        test: [(ReasonCode::PhotoGlare, Severity::Info)].into(),
        live: BTreeMap::new(),
    };
    assert_eq!(rules.of(ReasonCode::PhotoGlare, Mode::Test, Severity::Fail), Severity::Info);
    assert_eq!(rules.of(ReasonCode::PhotoGlare, Mode::Live, Severity::Fail), Severity::Review);
    assert_eq!(rules.of(ReasonCode::PhotoBlurred, Mode::Live, Severity::Fail), Severity::Fail);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let _ = Program::from_toml(&text);
    }

    #[test]
    fn a_damaged_program_never_makes_it_panic(at in 0usize..4000, cut in 0usize..40, put in "[\\[\\]{}=\"',.a-z0-9\n#-]{0,8}") {
        let text = built_in_text("shop-owner");
        let from = text.floor_char_boundary(at);
        let to = text.floor_char_boundary((from + cut).min(text.len()));
        let mut damaged = text.to_owned();
        damaged.replace_range(from..to.max(from), &put);
        let _ = Program::from_toml(&damaged);
    }
}
