//! Made-up rollouts.

use super::*;

const WHEN: &str = "leak_severity >= 7 && age_days > 30";

/// The list.
pub(super) fn list(language: Language) -> Rollouts {
    let frame = console(language, "/console/rollouts?mode=live");
    let t = |key: &str| frame.t(key).to_string();
    let row = |n: u32, key: &str, class| RolloutRow {
        path: format!("/console/rollouts/rol_01m7z3k8qv4n2c9d5e6f7g8h{n:02}?mode=live"),
        name: pick(language, "泄露严重的店铺", "Shops with grave leaks").to_owned(),
        status: Signal { text: t(key), class },
        audience: t("rollouts.shops"),
        when: WHEN.to_owned(),
        days: "2026-12-01 — 2026-12-15".to_owned(),
        capacity: 500,
        since: deadline(language, -30),
    };
    let draft = Choice { value: "draft".to_owned(), label: t("rollouts.draft"), chosen: true };
    Rollouts {
        mode: Mode::Live,
        statuses: vec![draft],
        rows: vec![row(1, "rollouts.started", "ok"), row(2, "rollouts.draft", "")],
        next: Some("/console/rollouts?mode=live&status=&page=rol_01m7z3k8qv4n2c9d5e6f7g8h02".to_owned()),
        operates: true,
        frame,
    }
}

/// The form, with what is wrong.
pub(super) fn new(language: Language) -> RolloutNew {
    let frame = console(language, "/console/rollouts/new?mode=test");
    let t = |key: &str| frame.t(key).to_string();
    let choice =
        |value: &str, key: &str| Choice { value: value.to_owned(), label: t(key), chosen: value == "staff" };
    let pair = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    RolloutNew {
        mode: Mode::Test,
        name: pick(language, "泄露严重的店铺", "Shops with grave leaks").to_owned(),
        audiences: vec![choice("shops", "rollouts.shops"), choice("staff", "rollouts.staff")],
        when: WHEN.to_owned(),
        facts: vec![
            ("leak_severity".to_owned(), t("rollout.number"), String::new()),
            ("role".to_owned(), t("rollout.text"), "manager, customer_service".to_owned()),
        ],
        steps: vec![pair("2026-12-01", "10"), pair("2026-12-08", "100"), pair("", "")],
        capacity: "500".to_owned(),
        blackout: vec![pair("2026-12-10", "2026-12-12"), pair("", "")],
        always: vec!["2026-11-01 — 2026-11-11".to_owned()],
        days: "14".to_owned(),
        clock: String::new(),
        error: Some(t("told.steps")),
        frame,
    }
}

/// One that asks.
pub(super) fn started(language: Language) -> RolloutPage {
    let frame = console(language, "/console/rollouts/rol_01m7z3k8qv4n2c9d5e6f7g8h01?mode=live");
    let t = |key: &str| frame.t(key).to_string();
    let bar = |n: u32| Bar {
        label: format!("2026-12-{:02}", n + 1),
        value: if (9..12).contains(&n) { 0 } else { 500 - n * 12 },
        class: if n < 6 { "did" } else { "will" },
    };
    let chart = Bars {
        title: t("rollout.chart"),
        of: t("rollout.day"),
        unit: t("rollout.people"),
        bars: (0..20).map(bar).collect(),
        line: Some((t("rollout.most"), 500)),
    };
    let batch = |from: &str, percent: &str, waiting, asked| Batch {
        from: from.to_owned(),
        percent: percent.to_owned(),
        waiting,
        asked,
        left_out: 3,
    };
    RolloutPage {
        mode: Mode::Live,
        id: "rol_01m7z3k8qv4n2c9d5e6f7g8h01".to_owned(),
        name: pick(language, "泄露严重的店铺", "Shops with grave leaks").to_owned(),
        status: Signal { text: t("rollouts.started"), class: "ok" },
        when: WHEN.to_owned(),
        facts: vec![
            (t("rollouts.audience"), t("rollouts.shops")),
            (t("rollouts.capacity"), "500".to_owned()),
            (t("rollout.blackout"), "2026-12-10 — 2026-12-12".to_owned()),
        ],
        batches: vec![batch("2026-12-01", "0% — 10%", 0, 812), batch("2026-12-08", "10% — 100%", 6_990, 20)],
        counts: vec![(t("rollout.waiting"), 6_990), (t("rollout.asked"), 832), (t("rollout.left_out"), 6)],
        hint: Some(t("rollout.hint_enrolling")),
        chart: Some(chart),
        log: vec![Event {
            at: deadline(language, -30),
            what: "rollout.started · at the console".to_owned(),
            who: "user:usr_01m7z3k8qv4n2c9d5e6f7g8h9j".to_owned(),
        }],
        acts: vec![("pause", word("rollout.pause")), ("cancel", word("rollout.cancel"))],
        done: Some(t("rollout.done_start")),
        error: None,
        frame,
    }
}

/// A draft that means nobody.
pub(super) fn draft(language: Language) -> RolloutPage {
    let page = started(language);
    let t = |key: &str| page.frame.t(key).to_string();
    RolloutPage {
        status: Signal { text: t("rollouts.draft"), class: "" },
        batches: vec![Batch {
            from: "2026-12-01".to_owned(),
            percent: "0% — 100%".to_owned(),
            waiting: 0,
            asked: 0,
            left_out: 0,
        }],
        counts: vec![(t("rollout.would_be"), 0), (t("rollout.exempt"), 2), (t("rollout.untold"), 40)],
        hint: Some(t("rollout.hint_draft")),
        chart: None,
        log: Vec::new(),
        acts: vec![("start", word("rollout.start")), ("cancel", word("rollout.cancel"))],
        done: None,
        error: Some(t("told.changed")),
        ..page
    }
}
