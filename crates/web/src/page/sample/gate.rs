//! Made-up rules of the gate.

use super::*;

const WHEN: &str = "event == 'purchase' && amount_cents > 500000";

fn asked(language: Language) -> (GateSample, GateSaid) {
    let t = |key: &str| shell(language).t(key).to_string();
    let choice = |value: &str, label: String| Choice { value: value.to_owned(), label, chosen: true };
    let sample = GateSample {
        events: vec![choice("purchase", "purchase".to_owned())],
        amount: "6800".to_owned(),
        currency: "CNY".to_owned(),
        category: "food".to_owned(),
        kinds: vec![choice("buyer", t("gate.buyer"))],
        verified: "400".to_owned(),
        for_action: false,
    };
    let signal = |key: &str, class| Signal { text: t(key), class };
    let because = pick(
        language,
        "订单金额较高，需要先完成身份验证。",
        "An order of this amount needs a verified person.",
    );
    let said = GateSaid {
        outcome: signal("gate.verification_required", "warn"),
        rules: vec![
            ("registration".to_owned(), signal("gate.says_nothing", ""), String::new()),
            ("amount".to_owned(), signal("gate.needs_fresher", "warn"), because.to_owned()),
        ],
    };
    (sample, said)
}

/// The rules in force, and what they answer.
pub(super) fn rules(language: Language) -> GatePage {
    let frame = console(language, "/console/gate?mode=live");
    let t = |key: &str| frame.t(key).to_string();
    let (sample, said) = asked(language);
    let rule = |name: &str, because: &str| GateRuleRow {
        name: name.to_owned(),
        when: WHEN.to_owned(),
        because: because.to_owned(),
        program: t("gate.program_own"),
        answered: frame.t("gate.answered_days").with("n", 365).into(),
    };
    let version = |version, by: &str, at| GateVersion { version, at, by: by.to_owned(), rules: 4 };
    GatePage {
        mode: Mode::Live,
        version: 3,
        newest: 3,
        events: "purchase registration return".to_owned(),
        rules: vec![
            rule(
                "registration",
                pick(language, "首次注册，需要先完成身份验证。", "Whoever registers verifies first."),
            ),
            rule("amount", pick(language, "订单金额较高。", "An order of this amount.")),
        ],
        versions: vec![
            version(3, "user:usr_01m7z3k8qv4n2c9d5e6f7g8h9j", Some(deadline(language, -30))),
            version(0, "", None),
        ],
        sample,
        answer: Some(said),
        operates: true,
        done: Some(t("gate.done")),
        frame,
    }
}

/// A draft that was tried.
pub(super) fn edit(language: Language) -> GateEdit {
    let frame = console(language, "/console/gate/edit?mode=live");
    let t = |key: &str| frame.t(key).to_string();
    let (sample, said) = asked(language);
    let rule = GateRuleForm {
        name: "amount".to_owned(),
        when: WHEN.to_owned(),
        // What a rule says in the other language stands in a field.
        zh: pick(language, "订单金额较高。", "-").to_owned(),
        en: "An order of this amount.".to_owned(),
        program: String::new(),
        days: "365".to_owned(),
        for_action: true,
    };
    let change = |draft: String, newly| GateChange {
        asked: "purchase · CNY 4,000.00 · food".to_owned(),
        known: format!("{} · {}", t("gate.buyer"), t("gate.known_never")),
        many: 12,
        now: if newly { t("gate.allow") } else { "amount".to_owned() },
        draft,
        newly,
    };
    let sum = |key: &str, many| (t(key), many);
    GateEdit {
        mode: Mode::Live,
        version: 3,
        events: "purchase registration return".to_owned(),
        rules: vec![rule, GateRuleForm::default()],
        facts: vec![
            ("amount_cents".to_owned(), t("rollout.number"), String::new()),
            ("event".to_owned(), t("rollout.text"), "purchase, registration".to_owned()),
        ],
        sample,
        answer: Some(said),
        days: "30".to_owned(),
        trial: Some(GateTrialView {
            sums: vec![sum("gate.total", 1_204), sum("gate.newly", 31), sum("gate.no_longer", 2)],
            since: Some(deadline(language, -700)),
            more: true,
            rules: vec![("amount".to_owned(), 60, 89, 3)],
            changes: vec![change("amount".to_owned(), true), change(t("gate.allow"), false)],
        }),
        error: None,
        frame,
    }
}

/// The same with what is wrong.
pub(super) fn wrong(language: Language) -> GateEdit {
    let page = edit(language);
    let why = page.frame.t("told.rules_because").to_string();
    let error = Some(page.frame.t("told.rules_at").with("n", 1).with("why", why).into());
    GateEdit { error, trial: None, answer: None, ..page }
}
