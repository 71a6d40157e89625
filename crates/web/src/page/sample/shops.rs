//! Made-up shops.

use super::*;

const SHOP: &str = "/console/shops/10311";

fn signal(language: Language, zh: &str, en: &str, class: &'static str) -> Signal {
    Signal { text: pick(language, zh, en).to_owned(), class }
}

fn choices(language: Language, of: &[(&str, &str, &str)], chosen: &str) -> Vec<Choice> {
    let choice = |(value, zh, en): &(&str, &str, &str)| Choice {
        value: (*value).to_owned(),
        label: pick(language, *zh, *en).to_owned(),
        chosen: *value == chosen,
    };
    of.iter().map(choice).collect()
}

/// The list.
pub(super) fn list(language: Language) -> Shops {
    let row = |id: &str, status, recheck, due: Option<i32>, company: Option<&str>| ShopRow {
        path: format!("/console/shops/{id}?mode=live"),
        id: id.to_owned(),
        shop_type: "c2c".to_owned(),
        company: company.map(str::to_owned),
        status,
        recheck,
        due: due.map(|hours| deadline(language, hours)),
        penalties: usize::from(due == Some(-3)),
        since: deadline(language, -2000),
    };
    let open = || signal(language, "营业中", "Open", "ok");
    let asked = signal(language, "待复核", "Asked", "warn");
    let rows = vec![
        row("10311", open(), Some(asked), Some(4), None),
        row(
            "10234",
            open(),
            Some(signal(language, "逾期，受限", "Overdue, restricted", "fail")),
            Some(-3),
            Some("91350100M000100Y43"),
        ),
        row("10399", signal(language, "待开店认证", "Not certified", ""), None, None, None),
    ];
    let any = ("", "全部", "All");
    Shops {
        frame: console(language, "/console/shops?mode=live"),
        mode: Mode::Live,
        statuses: choices(language, &[any, ("open", "营业中", "Open")], "open"),
        rechecks: choices(language, &[any, ("asked", "待复核", "Asked")], ""),
        kinds: choices(language, &[any, ("company", "企业", "A company")], ""),
        find: String::new(),
        unknown: false,
        rows,
        next: Some("/console/shops?mode=live&page=10399".to_owned()),
    }
}

/// The list, of which what was looked for is no part.
pub(super) fn unknown(language: Language) -> Shops {
    Shops { find: "10400".to_owned(), unknown: true, rows: Vec::new(), next: None, ..list(language) }
}

/// A shop that is closed for now, as an administrator sees it.
pub(super) fn shop(language: Language) -> ShopPage {
    let frame = console(language, "/console/shops/10311?mode=live");
    let t = |key: &str| frame.t(key).to_string();
    let happening = |hours, what: String, session: Option<&str>| Happening {
        at: deadline(language, hours),
        what,
        session: session.map(str::to_owned),
    };
    let penalty = |reference: &str, kind: &str, class, closes, restored| PenaltyRow {
        at: deadline(language, -40),
        kind: Signal { text: t(kind), class },
        violation: "counterfeit-goods".to_owned(),
        weight: 5,
        reason: pick(language, "三位买家证明是假货", "Three buyers proved that the goods are counterfeit")
            .to_owned(),
        reference: reference.to_owned(),
        restored,
        closes,
    };
    let staff = |id: &str, key: &str, class| ShopStaff {
        id: id.to_owned(),
        name: pick(language, "客服小王", "Wang at the counter").to_owned(),
        role: t("manage.role_customer_service"),
        status: Signal { text: t(key), class },
        when: None,
    };
    ShopPage {
        mode: Mode::Live,
        path: SHOP.to_owned(),
        id: "10311".to_owned(),
        status: Signal { text: t("shops.temporarily_closed"), class: "warn" },
        facts: vec![
            (t("shops.type"), "c2c".to_owned()),
            (t("shops.company"), "91350100M000100Y43 · legal_person".to_owned()),
            (t("shop.leaks"), "7 / 10".to_owned()),
        ],
        history: vec![
            happening(-40, format!("{} · counterfeit-goods", t("shop.temporary_closure")), None),
            happening(-900, t("shop.was_certified"), Some(SESSION)),
            happening(-910, t("shop.was_registered"), None),
        ],
        recheck: Some(RecheckPart {
            status: Signal { text: t("shops.asked"), class: "warn" },
            why: Some(t("shop.why_scheduled")),
            moments: vec![
                (t("shop.recheck_asked"), deadline(language, -20)),
                (t("shop.recheck_due"), deadline(language, 30)),
                (t("shop.recheck_passed"), deadline(language, -900)),
            ],
            weight: "5 / 10".to_owned(),
        }),
        penalties: vec![
            penalty("penalty-8", "shop.temporary_closure", "warn", true, None),
            penalty("penalty-7", "shop.temporary_closure", "warn", false, Some(deadline(language, -300))),
        ],
        weight: 10,
        deposit: DepositPart {
            held: "¥18,500.00".to_owned(),
            sums: vec![
                (t("shop.paid"), "¥20,000.00".to_owned()),
                (t("shop.compensated"), "¥1,000.00".to_owned()),
                (t("shop.deducted"), "¥500.00".to_owned()),
                (t("shop.refunded"), "¥0.00".to_owned()),
            ],
            categories: vec![
                CategoryRow {
                    name: pick(language, "笔记本电脑", "Laptops").to_owned(),
                    asks: "¥20,000.00".to_owned(),
                    missing: Some("¥1,500.00".to_owned()),
                },
                CategoryRow {
                    name: pick(language, "食品", "Food").to_owned(),
                    asks: "¥1,000.00".to_owned(),
                    missing: None,
                },
            ],
            entries: vec![EntryRow {
                at: deadline(language, -40),
                movement: t("shop.deduction"),
                amount: "¥500.00".to_owned(),
                reference: "penalty-8".to_owned(),
            }],
            closed: false,
        },
        staff: vec![staff("42:7", "manage.verified", "ok"), staff("42:8", "manage.frozen", "fail")],
        next: Some("/console/shops/10311?mode=live&staff=42%3A8".to_owned()),
        bans: Vec::new(),
        log: vec![Event {
            at: deadline(language, -40),
            what: "shop.penalised · live: temporary_closure penalty-8".to_owned(),
            who: "user:usr_01m7z3k8qv4n2c9d5e6f7g8h9j".to_owned(),
        }],
        there: true,
        endable: true,
        operates: true,
        zone: "Asia/Shanghai".to_owned(),
        found: None,
        entered: ShopEntered::default(),
        done: Some(t("shop.done_penalty")),
        error: None,
        frame,
    }
}

/// The same, with who was responsible at a moment: the name in the clear.
pub(super) fn found(language: Language) -> ShopPage {
    let person = FoundPerson {
        name: Some(Value { shown: pick(language, "林小雨", "LIN XIAOYU").to_owned(), masked: false }),
        number: Some(Value { shown: "110*************26".to_owned(), masked: true }),
        session: SESSION.to_owned(),
        from: deadline(language, -900),
        until: None,
        assisted: true,
        reclaimed: Some(deadline(language, -10)),
        statement: Some(verified(language).statement),
    };
    let found = Found {
        account: "shop:10311".to_owned(),
        staff: String::new(),
        at: "2026-11-23 12:00".to_owned(),
        moment: "2026-11-23T04:00:00Z".to_owned(),
        person: Some(person),
    };
    ShopPage { found: Some(found), done: None, ..shop(language) }
}

/// One that ended, as a reviewer sees it.
pub(super) fn ended(language: Language) -> ShopPage {
    let page = shop(language);
    let t = |key: &str| page.frame.t(key).to_string();
    ShopPage {
        status: Signal { text: t("shops.permanently_closed"), class: "fail" },
        recheck: None,
        penalties: Vec::new(),
        staff: Vec::new(),
        next: None,
        bans: vec![ban(language, "ban_01m7z3k8qv4n2c9d5e6f7g8h9j", "bans.in_force", "fail")],
        log: Vec::new(),
        deposit: DepositPart { entries: Vec::new(), closed: true, ..page.deposit.clone() },
        there: false,
        endable: false,
        operates: false,
        done: None,
        ..page
    }
}

/// The same form again, with what is wrong.
pub(super) fn wrong(language: Language) -> ShopPage {
    let page = shop(language);
    let why = page.frame.t("told.insufficient").with("held", "¥18,500.00").to_string();
    let entered = ShopEntered {
        movement: "deduction".to_owned(),
        amount: "20000".to_owned(),
        reference: "penalty-9".to_owned(),
        ..ShopEntered::default()
    };
    ShopPage { error: Some((ShopForm::Money, why)), entered, done: None, ..page }
}

pub(super) fn ban(language: Language, id: &str, key: &str, class: &'static str) -> BanRow {
    BanRow {
        id: id.to_owned(),
        status: Signal { text: shell(language).t(key).into(), class },
        shop: ("10311".to_owned(), "/console/shops/10311?mode=live".to_owned()),
        penalty: "penalty-8".to_owned(),
        basis: pick(language, "平台服务协议及违规处理规则", "Terms of service, rules on violations")
            .to_owned(),
        since: deadline(language, -2000),
        until: Some(deadline(language, 9000)),
        faces: 2,
    }
}
