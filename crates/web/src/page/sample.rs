//! Made-up data for every page: for tests, the gallery and the style guide. Nobody in it exists.

use askama::Template;
use jiff::civil::date;
use shiren_app::port::StaffCount;
use shiren_app::record::Channel;
use shiren_core::identity::cn_id::{CnId, CnIdError};
use shiren_core::see::{Region, Shot};
use shiren_core::verification::program::{Document, Mode, Program, built_in};
use shiren_core::verification::session::{CalledOff, ConsentTo};
use shiren_core::verification::{ReasonCode, Severity};

use super::*;
use crate::asset;
use crate::in_app::InApp;
use crate::why::Why;
use crate::words::Language;

mod bans;
mod gate;
mod rollouts;
mod shops;

const SESSION: &str = "vs_01m7z3k8qv4n2c9d5e6f7g8h9j";
const WIDTH: u32 = 1200;
const HEIGHT: u32 = 756;

/// What all pages need.
pub fn shell(language: Language) -> Shell {
    Shell {
        language,
        csrf: "c2FtcGxl".to_owned(),
        mode: Mode::Live,
        marketplace: pick(language, "青禾集市", "Qinghe Market").to_owned(),
        support: Support {
            phone: Some("400-000-0000".to_owned()),
            mail: Some("help@example.com".to_owned()),
            hours: Some(pick(language, "每天 9:00–21:00", "every day 9:00–21:00").to_owned()),
        },
        back: "/verify".to_owned(),
        theme: None,
        zone: None,
    }
}

/// What stands around a page of the person.
pub fn frame(language: Language, stop: Option<Stop>) -> Frame {
    let time = stop.map(|_| Time { seconds_left: 1500, warn_seconds: 300, renewable: true });
    Frame { shell: shell(language), stop, time, notice: None, can_write: true, assisted: false }
}

fn console(language: Language, back: &str) -> ConsoleFrame {
    let shell = Shell { back: back.to_owned(), ..shell(language) };
    ConsoleFrame { shell, login: Some("lin".to_owned()), attention: false, admin: false }
}

fn pick<T>(language: Language, zh: T, en: T) -> T {
    match language {
        Language::Zh => zh,
        Language::En => en,
    }
}

/// Two problems with a place, one without.
pub fn problems(shell: &Shell) -> Vec<Problem> {
    let found = [
        (ReasonCode::PhotoGlare, Severity::Fail, Some(Region::rect(430.0, 560.0, 420.0, 110.0))),
        (ReasonCode::DocumentCovered, Severity::Review, Some(Region::rect(820.0, 150.0, 280.0, 330.0))),
        (ReasonCode::PictureCmyk, Severity::Info, None),
    ];
    found.into_iter().enumerate().map(|(i, (c, s, r))| Problem::new(i + 1, c, s, r, shell)).collect()
}

fn card(shell: &Shell, step: &str, shot: Shot, problems: Vec<Problem>) -> Card {
    let file = match shot {
        Shot::Selfie => "sample-face.svg",
        Shot::IdBack => "sample-back.svg",
        _ => "sample-card.svg",
    };
    Card {
        step: step.to_owned(),
        title: shot_title(shot, Document::ResidentIdCard, shell).into(),
        picture: Some(asset::url(file)),
        width: if shot == Shot::Selfie { 900 } else { WIDTH },
        height: if shot == Shot::Selfie { 1200 } else { HEIGHT },
        problems,
    }
}

/// Fix cards of a picture with a place, a picture without one, and an entry.
pub fn cards(shell: &Shell) -> Vec<Card> {
    let one = |code, region| vec![Problem::new(1, code, Severity::Fail, region, shell)];
    vec![
        card(
            shell,
            "front",
            Shot::IdFront,
            one(ReasonCode::PhotoGlare, Some(Region::rect(430.0, 560.0, 420.0, 110.0))),
        ),
        card(
            shell,
            "selfie",
            Shot::Selfie,
            one(ReasonCode::EyesClosed, Some(Region::rect(310.0, 470.0, 280.0, 90.0))),
        ),
        Card {
            step: "details".to_owned(),
            title: shell.t("details.number").into(),
            picture: None,
            width: 0,
            height: 0,
            problems: one(ReasonCode::IdNumberMismatch, None),
        },
    ]
}

fn start(language: Language) -> Start {
    Start {
        frame: frame(language, None),
        title: pick(language, "店主实人认证", "Shop owner verification").to_owned(),
        why: Why::Shop,
        minutes: 2,
        document_days: 30,
        face_hours: 24,
        begun: false,
        specimen: false,
        export: false,
    }
}

fn test_mode(mut frame: Frame) -> Frame {
    frame.shell.mode = Mode::Test;
    frame
}

fn program() -> Option<Program> {
    built_in("shop-owner").cloned()
}

fn details(language: Language) -> Details {
    let frame = frame(language, Some(Stop::Document));
    Details {
        document: pick(language, "大陆身份证", "Resident ID card").to_owned(),
        name: Field { value: String::new(), required: true, error: None },
        number: Field { value: String::new(), required: true, error: None },
        phone: None,
        payment_account: None,
        bank_card: None,
        reclaim: false,
        change: String::new(),
        phone_hint: word("details.phone_hint"),
        kind: NumberKind::Resident,
        odd: None,
        drift: None,
        frame,
    }
}

/// The marketplace has registered all three, and the card is another one.
fn changed_details(language: Language) -> Details {
    let field = |value: &str| Some(Field { value: value.to_owned(), required: true, error: None });
    let mut page = Details {
        phone: field("13800138000"),
        payment_account: field("lin@example.com"),
        bank_card: field("6222021234567894"),
        change: "phone".to_owned(),
        phone_hint: word("details.phone_hint_own"),
        ..details(language)
    };
    page.drift = Some(Drift {
        sentence: language.advice(ReasonCode::BankCardChanged),
        lead: word("details.change_account_lead"),
        name: "change",
        value: "phone,bank_card".to_owned(),
        label: word("details.change"),
    });
    page
}

fn code(language: Language, refused: Option<ReasonCode>) -> Code {
    let full = refused == Some(ReasonCode::PhoneCodesToPhone);
    Code {
        frame: frame(language, Some(Stop::Document)),
        to: "+861******8000".to_owned(),
        sent: !full,
        minutes: 10,
        old: false,
        wait_seconds: if full { 0 } else { 42 },
        error: refused.map(|code| language.advice(code)),
        ask_a_person: full,
    }
}

fn capture(language: Language, step: &str, shot: Shot, number: usize) -> Capture {
    let mut frame = frame(language, Some(Stop::Pictures));
    frame.shell.back = format!("/verify/step/{step}");
    Capture {
        frame,
        step: step.to_owned(),
        shot,
        document: Document::ResidentIdCard,
        number,
        of: 4,
        first: number == 1,
        optional: shot == Shot::Handheld,
        files: true,
        live: (shot == Shot::Selfie).then_some(Live { needed: false, flashes: true }),
        before: Vec::new(),
        refused: None,
        specimen: None,
    }
}

/// A selfie of which nothing less than a live capture will do.
pub(super) fn live_only(language: Language) -> Capture {
    Capture {
        files: false,
        live: Some(Live { needed: true, flashes: true }),
        ..capture(language, "selfie", Shot::Selfie, 3)
    }
}

fn phone(language: Language) -> Phone {
    let frame = frame(language, None);
    let step = |id: &str, title: &str| PhoneStep { id: id.to_owned(), title: title.to_owned() };
    Phone {
        code: r#"<svg aria-hidden="true" focusable="false" viewBox="0 0 1 1"><path d="M0 0h1v1H0z"/></svg>"#
            .to_owned(),
        link: "https://verify.example/v/0".to_owned(),
        number: 47,
        until: "2026-11-23 12:10".to_owned(),
        steps: vec![
            step("consent", &frame.t("phone.consent").to_string()),
            step("front", &shot_title(Shot::IdFront, Document::ResidentIdCard, &frame.shell).to_string()),
        ],
        frame,
    }
}

fn number(language: Language) -> Number {
    Number { frame: frame(language, None), secret: "0".to_owned(), numbers: [23, 47, 81], handed: None }
}

fn elsewhere(language: Language, app: Option<InApp>) -> Elsewhere {
    let here = if app.is_some() { "/v/5f?here=1" } else { "/verify" };
    Elsewhere {
        frame: frame(language, None),
        link: "https://verify.example/v/5f".to_owned(),
        until: app.is_none().then(|| "2026-11-23 12:10".to_owned()),
        here: here.to_owned(),
        app,
    }
}

fn with_app(language: Language, app: Option<InApp>) -> WithApp {
    WithApp { frame: frame(language, None), app, secret: "5f".to_owned() }
}

fn managed(language: Language, id: &str, status: &str, class: &'static str) -> ManageRow {
    ManageRow {
        id: id.to_owned(),
        code: format!("/manage/code?staff={id}"),
        name: pick(language, "客服小王", "Wang at the counter").to_owned(),
        role: shell(language).t("manage.role_customer_service").into(),
        status: shell(language).t(status).into(),
        class,
        when: (class != "note").then(|| {
            let key = match class {
                "warn" if status == "manage.recheck" => "manage.recheck_freezes_at",
                "warn" => "manage.freezes_at",
                _ => "manage.since",
            };
            shell(language).t(key).with("time", "2026-11-30 12:00").to_string()
        }),
        can_verify: class != "ok",
        again: status.starts_with("manage.recheck"),
        can_unbind: class == "ok" || status.starts_with("manage.recheck"),
        can_lift: class == "fail",
        temporary: false,
    }
}

fn manage(language: Language, notice: Option<ManageNotice>) -> Manage {
    Manage {
        frame: ConsoleFrame { login: None, ..console(language, "/manage") },
        chosen: ManageFilter::All,
        counts: [
            ("asked", false, 1),
            ("asked", true, 1),
            ("verified", true, 1),
            ("frozen", false, 1),
            ("frozen", true, 1),
            ("unasked", false, 1),
        ]
        .map(|(standing, bound, count)| StaffCount {
            standing: standing.to_owned(),
            reviewed: false,
            bound,
            count,
        })
        .into(),
        rows: vec![
            managed(language, "42:7", "manage.asked", "warn"),
            managed(language, "42:8", "manage.verified", "ok"),
            managed(language, "42:9", "manage.frozen", "fail"),
            managed(language, "42:10", "manage.unasked", "note"),
            managed(language, "42:11", "manage.recheck", "warn"),
            managed(language, "42:12", "manage.recheck_frozen", "fail"),
        ],
        next: Some("/manage?status=all&page=42%3A10".to_owned()),
        notice,
        exempt: notice.is_some(),
    }
}

fn manage_code(language: Language, own_app: Option<bool>) -> ManageCode {
    let frame = ConsoleFrame { login: None, ..console(language, "/manage/code?staff=42%3A7") };
    let step = |id: &str, key| PhoneStep { id: id.to_owned(), title: frame.t(key).into() };
    let code = own_app.map(|own_app| PhoneCode {
        svg: "<svg aria-hidden=\"true\" focusable=\"false\" viewBox=\"0 0 1 1\"></svg>".to_owned(),
        link: "https://verify.example/v/5f".to_owned(),
        until: "2026-11-23 13:00".to_owned(),
        follow: "/manage/follow/vs_1".to_owned(),
        steps: vec![step("opened", "manage.step_opened"), step("sent", "manage.step_sent")],
        own_app,
    });
    ManageCode {
        row: managed(language, "42:7", "manage.asked", "warn"),
        back: frame.shell.back.clone(),
        frame,
        code,
    }
}

fn pace(language: Language) -> Pace {
    let frame = console(language, "/console/pace?mode=live");
    let title = pick(language, "店主实人认证", "Shop owner verification");
    let row = |place: usize, part: &str, median: &str, p95: &str, late| PaceRow {
        order: ("shop-owner".to_owned(), false, place, part.to_owned()),
        program: format!("{title} · {}", frame.t("pace.first")),
        part: part.to_owned(),
        whole: place == 0,
        count: 1204,
        median: median.to_owned(),
        p95: p95.to_owned(),
        late,
    };
    let shot = |shot| shot_title(shot, Document::ResidentIdCard, &frame.shell).to_string();
    let rows = vec![
        row(0, &frame.t("pace.whole").to_string(), "1:52", "5:40", true),
        row(1, &frame.t("pace.consent").to_string(), "0:14", "0:58", false),
        row(2, &frame.t("pace.entries").to_string(), "0:31", "1:20", false),
        row(3, &shot(Shot::IdFront), "0:22", "1:44", false),
        row(4, &shot(Shot::Selfie), "0:35", "2:03", false),
        row(5, &frame.t("pace.sending").to_string(), "0:06", "0:19", false),
        PaceRow {
            program: format!("{title} · {}", frame.t("pace.recheck")),
            count: 310,
            ..row(0, &frame.t("pace.whole").to_string(), "1:10", "2:31", false)
        },
    ];
    Pace { mode: Mode::Live, days: 30, rows, frame }
}

/// The form for administrators, and with what came of a file.
fn import(language: Language, report: bool) -> ImportPage {
    let mut frame = console(language, "/console/import");
    frame.admin = true;
    let said = frame.t("import.said_invalid").to_string();
    let whole = ImportReport {
        dry_run: true,
        rows: 1204,
        created: 1180,
        changed: 3,
        unchanged: 20,
        refused: 1,
        problems: vec![ImportProblemRow {
            line: 17,
            field: "credit_code".to_owned(),
            said,
            detail: "the check digit is wrong".to_owned(),
        }],
        changes: vec![ImportChangeRow {
            line: 9,
            changed: "category, phone".to_owned(),
            ignored: "status".to_owned(),
        }],
    };
    let days = if report { "90".to_owned() } else { String::new() };
    ImportPage { frame, live: false, days, megabytes: 8, report: report.then_some(whole), error: None }
}

fn preview(language: Language, problems: Vec<Problem>) -> Preview {
    let mut frame = frame(language, Some(Stop::Pictures));
    frame.shell.back = "/verify/step/front/preview".to_owned();
    Preview {
        step: "front".to_owned(),
        title: shot_title(Shot::IdFront, Document::ResidentIdCard, &frame.shell).into(),
        picture: asset::url("sample-card.svg"),
        width: WIDTH,
        height: HEIGHT,
        usable: problems.iter().all(|p| p.severity != Severity::Fail),
        problems,
        specimen: None,
        frame,
    }
}

fn overview(language: Language, whole: bool) -> Overview {
    let frame = frame(language, Some(Stop::Send));
    let shell = &frame.shell;
    let ready = |card| Item { card, required: true, usable: true };
    let mut items = vec![
        ready(card(shell, "front", Shot::IdFront, Vec::new())),
        ready(card(shell, "back", Shot::IdBack, Vec::new())),
        ready(card(shell, "selfie", Shot::Selfie, Vec::new())),
    ];
    let mut missing = Vec::new();
    if !whole {
        items[0].usable = false;
        items[0].card.problems = problems(shell).into_iter().take(1).collect();
        items[1].card.picture = None;
        missing.push(shell.t("details.name").into());
    }
    Overview {
        document: pick(language, "大陆身份证", "Resident ID card").to_owned(),
        name: whole.then(|| pick(language, "*小雨", "*AOYU").to_owned()),
        number: Some("1101**********0018".to_owned()),
        items,
        missing,
        attempts_left: 5,
        frame,
    }
}

fn in_review(language: Language) -> InReview {
    let frame = frame(language, None);
    InReview {
        reasons: vec![
            Problem::new(1, ReasonCode::SourceNotConfigured, Severity::Review, None, &frame.shell),
            Problem::new(2, ReasonCode::FaceUncertain, Severity::Review, None, &frame.shell),
        ],
        due: pick(language, "11 月 25 日（周三）10:20", "Wednesday 25 November, 10:20").to_owned(),
        within: pick(language, "48 小时内", "within 48 hours").to_owned(),
        overdue: false,
        return_url: Some("https://market.example/shop".to_owned()),
        session: SESSION.to_owned(),
        frame,
    }
}

fn closed(language: Language) -> Closed {
    let frame = frame(language, None);
    Closed {
        called_off: None,
        may_appeal: true,
        other_document: true,
        reasons: vec![Problem::new(1, ReasonCode::DocumentSpecimen, Severity::Fail, None, &frame.shell)],
        return_url: Some("https://market.example/shop".to_owned()),
        session: SESSION.to_owned(),
        frame,
    }
}

fn called_off(language: Language, why: CalledOff) -> Closed {
    Closed { called_off: Some(why), may_appeal: false, reasons: Vec::new(), ..closed(language) }
}

fn deadline(language: Language, hours: i32) -> Deadline {
    let relative = match (language, hours < 0) {
        (Language::Zh, false) => format!("还有 {hours} 小时"),
        (Language::Zh, true) => format!("已超时 {} 小时", -hours),
        (Language::En, false) => format!("in {hours} h"),
        (Language::En, true) => format!("{} h late", -hours),
    };
    let class = match hours {
        ..0 => "overdue",
        0..6 => "due",
        _ => "",
    };
    Deadline {
        rfc3339: "2026-11-25T10:20:00+08:00".to_owned(),
        absolute: "2026-11-25 10:20".to_owned(),
        relative,
        class,
    }
}

fn cases(language: Language) -> Cases {
    let frame = console(language, "/console/cases?state=open");
    let short = |codes: &[ReasonCode]| {
        codes.iter().map(|c| language.of(c.message()).trim_end_matches(['。', '.']).to_owned()).collect()
    };
    let row = |n: u32, hours, account: &str, codes: &[ReasonCode], test| CaseRow {
        id: format!("case_01m7z3k8qv4n2c9d5e6f7g8h{n:02}"),
        due: deadline(language, hours),
        late: match hours {
            ..0 => Some(word("cases.overdue")),
            0..12 => Some(word("cases.escalated")),
            _ => None,
        },
        account: account.to_owned(),
        program: pick(language, "店主实人认证", "Shop owner verification").to_owned(),
        document: pick(language, "大陆身份证", "Resident ID card").to_owned(),
        reasons: short(codes),
        test,
        decided: None,
        awaits_another: hours == 4,
    };
    let rows = vec![
        row(1, -3, "shop/10234", &[ReasonCode::SourceNotConfigured], false),
        row(2, 4, "shop/10311", &[ReasonCode::FaceUncertain, ReasonCode::SourceNotConfigured], false),
        row(3, 19, "shop/10320", &[ReasonCode::RegionCodeUnknown], false),
        row(4, 44, "buyer/88213", &[ReasonCode::DocumentFieldsInconsistent], true),
    ];
    Cases {
        frame,
        state: ListState::Open,
        mode: ModeFilter::Any,
        account: String::new(),
        counts: CaseCount { open: 4, escalated: 2, overdue: 1, decided: 37 },
        rows,
        zone: "Asia/Shanghai".to_owned(),
        next: Some("/console/cases?state=open&page=b2zQ".to_owned()),
    }
}

fn case(language: Language, decided: bool) -> CasePage {
    let frame = console(language, "/console/cases/case_01m7z3k8qv4n2c9d5e6f7g8h01");
    let shell = frame.shell.clone();
    let picture = |step: &str, shot, problems| {
        let card = card(&shell, step, shot, problems);
        CasePicture {
            step: card.step,
            title: card.title,
            picture: card.picture,
            width: card.width,
            height: card.height,
            taken: pick(language, "相机 · 11-23 10:12", "camera · 11-23 10:12").to_owned(),
            problems: card.problems,
        }
    };
    let covered = |number| {
        let place = Some(Region::rect(820.0, 150.0, 280.0, 330.0));
        vec![Problem::new(number, ReasonCode::DocumentCovered, Severity::Review, place, &shell)]
    };
    let masked = |text: &str| Some(Value { shown: text.to_owned(), masked: true });
    let open = |text: &str| Some(Value { shown: text.to_owned(), masked: false });
    let field = |key: &str, zh: &str, en: &str, read, entered, agrees| CaseField {
        key: key.to_owned(),
        label: pick(language, zh, en).to_owned(),
        read,
        entered,
        agrees,
    };
    let finding = |number, code, severity, region, steps: &str| CaseFinding {
        problem: Problem::new(number, code, severity, region, &shell),
        steps: steps.to_owned(),
    };
    let event = |hours, zh: &str, en: &str, who: &str| Event {
        at: deadline(language, hours),
        what: pick(language, zh, en).to_owned(),
        who: who.to_owned(),
    };
    CasePage {
        id: "case_01m7z3k8qv4n2c9d5e6f7g8h01".to_owned(),
        session: SESSION.to_owned(),
        account: "shop/10311".to_owned(),
        program: pick(language, "店主实人认证", "Shop owner verification").to_owned(),
        document: pick(language, "大陆身份证", "Resident ID card").to_owned(),
        test: false,
        due: deadline(language, 4),
        assumed: true,
        documents: vec![
            picture("front", Shot::IdFront, covered(1)),
            picture("back", Shot::IdBack, Vec::new()),
        ],
        face: Some(CaseFace {
            portrait: Some(asset::url("sample-face.svg")),
            selfie: Some(asset::url("sample-face.svg")),
            band: pick(language, "可能是同一个人，拿不准", "perhaps the same person; not certain").to_owned(),
            class: "warn",
            score: "0.412".to_owned(),
            false_match: "1 : 3 200".to_owned(),
        }),
        operator: Some(CaseOperator {
            transfer: Some("50 / 100".to_owned()),
            identity: Signal { text: pick(language, "和以前的一致", "the one that was known").to_owned(), class: "ok" },
            device: Some(Signal { text: pick(language, "以前没用过", "not used before").to_owned(), class: "warn" }),
            baselines: vec![CaseBaseline {
                label: pick(language, "和第 1 次认证的脸", "Face of verification 1").to_owned(),
                session: SESSION.to_owned(),
                band: Signal { text: pick(language, "不能确定", "Uncertain").to_owned(), class: "warn" },
                score: "0.39".to_owned(),
            }],
        }),
        banned: vec![CaseBanned {
            person: format!("{} · 110*************26", pick(language, "*小雨", "*AOYU")),
            shop: "10027 · penalty-7".to_owned(),
            since: deadline(language, -2000),
            basis: pick(language, "平台服务协议及违规处理规则", "Terms of service, rules on violations").to_owned(),
            ended: false,
            false_match: "1 : 25 000".to_owned(),
            chance: pick(
                language,
                "名单上有 310 人，平均每 100 个不相干的人里有 1.2 个会像其中一位。",
                "Of 100 people who are on no list, 1.2 look as alike to one of the 310 on this one.",
            )
            .to_owned(),
        }],
        fields: vec![
            field("name", "姓名", "Name", masked(pick(language, "*小雨", "*AOYU")), masked(pick(language, "*小雨", "*AOYU")), Some(true)),
            field(
                "id_number",
                "号码",
                "Number",
                masked("1101**********0018"),
                masked("1101**********0026"),
                Some(false),
            ),
            field("birth_date", "出生", "Born", open("1990-**-**"), None, None),
            field("valid_to", "有效期至", "Valid to", open("2035-06-01"), None, None),
        ],
        findings: vec![
            finding(
                1,
                ReasonCode::DocumentCovered,
                Severity::Review,
                Some(Region::rect(820.0, 150.0, 280.0, 330.0)),
                "front",
            ),
            finding(2, ReasonCode::FaceUncertain, Severity::Review, None, "front, selfie"),
            finding(3, ReasonCode::SourceNotConfigured, Severity::Review, None, ""),
        ],
        assurance: pick(
            language,
            "依据：证件读取并核对通过。没有比对人脸，没有权威数据源。",
            "Rests on documents that were read and agree. No face was matched, no authoritative source asked.",
        )
        .to_owned(),
        message: Some(pick(language, "这家店三年前转让了，身份证一直在我手里。", "I sold that shop three years ago.").to_owned()),
        assisted_by: (!decided).then(|| "42:admin".to_owned()),
        holder: (!decided).then(|| shell.t(word("case.holder")).with("account", "shop/9").into()),
        events: vec![
            event(-20, "开始", "started", "person"),
            event(-20, "提交", "submitted", "person"),
            event(-20, "转人工复核", "sent to review", "system"),
        ],
        two: true,
        opinions: Vec::new(),
        decided: decided.then(|| Decided {
            verdict: pick(language, "通过", "Approved").to_owned(),
            class: "ok",
            by: "lin".to_owned(),
            at: deadline(language, -1),
            note: pick(language, "与本人视频核对过", "Checked with the person on a video call").to_owned(),
        }),
        note: String::new(),
        error: None,
        next: Some("/console/cases/case_01m7z3k8qv4n2c9d5e6f7g8h02".to_owned()),
        frame,
    }
}

fn odd_details(language: Language) -> Details {
    let mut page = details(language);
    let number = "11010519900229001X";
    let error = CnId::parse(number, date(2026, 11, 23)).err().unwrap_or(CnIdError::CheckDigit);
    let (odd, sentence) = number_error(error, &page.frame.shell);
    page.name.value = pick(language, "林小雨", "LIN XIAOYU").to_owned();
    page.number = Field { value: number.to_owned(), required: true, error: Some(sentence) };
    page.odd = odd;
    page.drift = Some(Drift {
        sentence: page.frame.t("details.drift_bound").into(),
        lead: word("details.reclaim_lead"),
        name: "reclaim",
        value: "1".to_owned(),
        label: word("details.reclaim"),
    });
    page
}

/// As staff see it: a phone is asked for, and this one is another sub-account's.
fn staff_details(language: Language) -> Details {
    let code = shiren_core::verification::ReasonCode::StaffPhoneInUse;
    let error = language.advice(code);
    let phone = Field { value: "13800138000".to_owned(), required: true, error: Some(error) };
    Details { phone: Some(phone), ..details(language) }
}

/// Every page with made-up data, by name.
///
/// # Errors
/// When a template cannot be rendered.
pub fn all(language: Language) -> Result<Vec<(String, String)>, askama::Error> {
    let mut pages = person(language)?;
    for state in shiren_core::aftersales::State::ALL {
        pages.push((format!("aftersales-{}", state.name()), after(language, state).render()?));
    }
    for kind in FailureKind::ALL {
        let mut frame = frame(language, None);
        frame.can_write = kind.can_go_on();
        let reference = Some("req_01m7z3k8qv4n2c9d5e6f7g8h9k".to_owned());
        let page = Failure { frame, kind, return_url: None, reference };
        pages.push((format!("failure-{}", kind.code()), page.render()?));
    }
    let gone = ManageGone {
        frame: ConsoleFrame { login: None, ..console(language, "/manage") },
        home: Some("https://market.example/".to_owned()),
    };
    let none =
        Manage { rows: Vec::new(), next: None, chosen: ManageFilter::Frozen, ..manage(language, None) };
    for (name, html) in [
        ("manage", manage(language, None).render()?),
        ("manage-none", none.render()?),
        ("manage-refused", manage(language, Some(ManageNotice::NoLiftsLeft)).render()?),
        ("manage-code-ask", manage_code(language, None).render()?),
        ("manage-code", manage_code(language, Some(false)).render()?),
        ("manage-code-app", manage_code(language, Some(true)).render()?),
        ("manage-gone", gone.render()?),
    ] {
        pages.push((name.to_owned(), html));
    }
    let door = |refused| SignIn {
        frame: ConsoleFrame { login: None, ..console(language, "/console") },
        login: if refused { "lin".to_owned() } else { String::new() },
        refused,
        wait_minutes: refused.then_some(5),
    };
    let empty = Cases {
        rows: Vec::new(),
        next: None,
        state: ListState::Overdue,
        account: "shop/1".to_owned(),
        ..cases(language)
    };
    let mut wrong = case(language, false);
    wrong.error = Some(wrong.frame.t("case.note_missing").into());
    wrong.documents[1].picture = None;
    wrong.face = None;
    let mut second = case(language, true);
    second.opinions.extend(second.decided.take());
    let console = [
        ("console-sign-in", door(false).render()?),
        ("console-refused", door(true).render()?),
        ("console-cases", cases(language).render()?),
        ("console-empty", empty.render()?),
        ("console-case", case(language, false).render()?),
        ("console-case-error", wrong.render()?),
        ("console-second", second.render()?),
        ("console-decided", case(language, true).render()?),
        ("console-notices", notices(language).render()?),
        ("console-operations", operations(language).render()?),
        (
            "console-operations-none",
            Operations {
                frame: console(language, "/console/operations"),
                jobs: Vec::new(),
                endpoints: Vec::new(),
                more: false,
                may_act: false,
            }
            .render()?,
        ),
        ("console-aftersales", after_rows(language, false).render()?),
        (
            "console-aftersales-none",
            AfterSalesRows { rows: Vec::new(), ..after_rows(language, true) }.render()?,
        ),
        ("console-aftersales-take", after_case(language, false).render()?),
        ("console-aftersales-decide", after_case(language, true).render()?),
        ("console-shops", shops::list(language).render()?),
        ("console-shops-unknown", shops::unknown(language).render()?),
        ("console-shop", shops::shop(language).render()?),
        ("console-shop-found", shops::found(language).render()?),
        ("console-shop-wrong", shops::wrong(language).render()?),
        ("console-shop-ended", shops::ended(language).render()?),
        ("console-rollouts", rollouts::list(language).render()?),
        ("console-rollout-new", rollouts::new(language).render()?),
        ("console-rollout", rollouts::started(language).render()?),
        ("console-rollout-draft", rollouts::draft(language).render()?),
        ("console-gate", gate::rules(language).render()?),
        ("console-gate-edit", gate::edit(language).render()?),
        ("console-gate-wrong", gate::wrong(language).render()?),
        ("console-bans", bans::list(language).render()?),
        ("console-ban", bans::one(language).render()?),
        ("console-ban-lifted", bans::lifted(language).render()?),
        ("console-pace", pace(language).render()?),
        ("console-import", import(language, false).render()?),
        ("console-import-report", import(language, true).render()?),
        ("console-pace-none", Pace { mode: Mode::Test, rows: Vec::new(), ..pace(language) }.render()?),
        ("style", StyleGuide::new(language).render()?),
    ];
    pages.extend(console.map(|(name, html)| (name.to_owned(), html)));
    Ok(pages)
}

fn person(language: Language) -> Result<Vec<(String, String)>, askama::Error> {
    let stops = |stop| frame(language, Some(stop));
    let begun = Start {
        begun: true,
        specimen: true,
        frame: Frame { notice: Some(Notice::Told), ..test_mode(frame(language, None)) },
        ..start(language)
    };
    let mut pages = vec![
        ("start", start(language).render()?),
        ("start-test", begun.render()?),
        (
            "start-assisted",
            Start { frame: Frame { assisted: true, ..frame(language, None) }, ..start(language) }.render()?,
        ),
        ("consent", Consent::new(stops(Stop::Consent), Why::Shop, &[]).render()?),
        ("consent-buyer", Consent::new(stops(Stop::Consent), Why::Border, &[]).render()?),
        ("start-buyer", Start { why: Why::Border, ..start(language) }.render()?),
        ("consent-missing", Consent::new(stops(Stop::Consent), Why::Shop, &[ConsentTo::Face]).render()?),
        ("details", details(language).render()?),
        ("details-odd", odd_details(language).render()?),
        ("details-staff", staff_details(language).render()?),
        ("details-changed", changed_details(language).render()?),
        ("code", code(language, None).render()?),
        ("code-old", Code { old: true, ..code(language, None) }.render()?),
        ("code-wrong", code(language, Some(ReasonCode::PhoneCodeWrong)).render()?),
        ("code-full", code(language, Some(ReasonCode::PhoneCodesToPhone)).render()?),
        ("capture-front", capture(language, "front", Shot::IdFront, 1).render()?),
        ("capture-selfie", capture(language, "selfie", Shot::Selfie, 3).render()?),
        ("capture-live", live_only(language).render()?),
        ("capture-handheld", capture(language, "handheld", Shot::Handheld, 4).render()?),
    ];
    if let Some(program) = program() {
        let chosen = Some("resident-id-card");
        pages.push(("method", MethodPage::new(stops(Stop::Document), &program, chosen, false).render()?));
        let test = MethodPage::new(test_mode(stops(Stop::Document)), &program, None, true);
        pages.push(("method-test", MethodPage { missing: true, ..test }.render()?));
    }
    let mut again = capture(language, "front", Shot::IdFront, 1);
    again.before = problems(&again.frame.shell);
    again.refused = Some(Problem::new(1, ReasonCode::PictureHeic, Severity::Fail, None, &again.frame.shell));
    again.frame = test_mode(again.frame);
    again.specimen = Some(Specimen { first: Some("selfie".to_owned()) });
    again.frame.time = Some(Time { seconds_left: 290, warn_seconds: 300, renewable: true });
    let shell = shell(language);
    let mut drawn = preview(language, Vec::new());
    drawn.frame = test_mode(drawn.frame);
    drawn.specimen = Some(Specimen { first: None });
    let mut late = in_review(language);
    late.overdue = true;
    late.frame.notice = Some(Notice::Told);
    let until = pick(language, "11 月 23 日 10:54", "23 November, 10:54").to_owned();
    let taken = pick(language, "11 月 23 日 10:30", "23 November, 10:30").to_owned();
    let checking = |stage| Checking { frame: frame(language, None), stage };
    pages.extend([
        ("capture-again", again.render()?),
        ("preview", preview(language, Vec::new()).render()?),
        ("preview-problems", preview(language, problems(&shell)).render()?),
        ("preview-specimen", drawn.render()?),
        ("overview", overview(language, true).render()?),
        ("overview-open", overview(language, false).render()?),
        ("checking", checking(Stage::Comparing).render()?),
        ("verified", verified(language).render()?),
        ("copy-ready", own_copy(language, OwnCopy::Ready(until)).render()?),
        ("copy-taken", own_copy(language, OwnCopy::Taken(taken)).render()?),
        ("copy-over", own_copy(language, OwnCopy::Over).render()?),
        ("start-copy", Start { export: true, ..start(language) }.render()?),
        ("in-review", in_review(language).render()?),
        ("in-review-late", late.render()?),
        ("to-fix", to_fix(language).render()?),
        ("closed", closed(language).render()?),
        ("canceled", called_off(language, CalledOff::ByPlatform).render()?),
        ("called-off", called_off(language, CalledOff::UserUnbound).render()?),
        ("contact", contact(language).render()?),
        ("later", later(language, true).render()?),
        ("later-none", later(language, false).render()?),
        ("elsewhere", elsewhere(language, Some(InApp::WeChat)).render()?),
        ("with-app", with_app(language, None).render()?),
        ("with-app-wechat", with_app(language, Some(InApp::WeChat)).render()?),
        ("elsewhere-camera", elsewhere(language, None).render()?),
        ("phone", phone(language).render()?),
        ("number", number(language).render()?),
    ]);
    Ok(pages.into_iter().map(|(name, html)| (name.to_owned(), html)).collect())
}

fn own_copy(language: Language, copy: OwnCopy) -> Verified {
    Verified { copy: Some(copy), ..verified(language) }
}

fn verified(language: Language) -> Verified {
    Verified {
        frame: frame(language, None),
        statement: pick(
            language,
            "依据：证件核对通过，静态照片与证件照相符，权威数据源核实了身份。没有活体检测。",
            "Rests on documents that agree, a still face that matches the portrait, and an authoritative source that confirmed the identity. No liveness.",
        )
        .to_owned(),
        at: pick(language, "11 月 23 日 10:24", "23 November, 10:24").to_owned(),
        copy: None,
        return_url: Some("https://market.example/shop".to_owned()),
        session: SESSION.to_owned(),
    }
}

fn to_fix(language: Language) -> ToFix {
    let frame = frame(language, Some(Stop::Pictures));
    ToFix {
        cards: cards(&frame.shell),
        kept: vec![shot_title(Shot::IdBack, Document::ResidentIdCard, &frame.shell).into()],
        attempts_left: 4,
        session: SESSION.to_owned(),
        frame,
    }
}

fn contact(language: Language) -> Contact {
    let frame = frame(language, None);
    let error = Some(frame.t("contact.empty").into());
    Contact { frame, message: String::new(), error }
}

fn later(language: Language, known: bool) -> Later {
    let way = |channel, to: &str| Way { channel, to: to.to_owned() };
    let ways = [way(Channel::Email, "l***@example.com"), way(Channel::Sms, "+861******8000")];
    Later {
        frame: frame(language, None),
        ways: if known { ways.into() } else { Vec::new() },
        wait_minutes: known.then_some(1),
    }
}

fn operations(language: Language) -> Operations {
    let frame = ConsoleFrame { attention: true, ..console(language, "/console/operations") };
    let endpoint = |id: &str, mode, disabled| EndpointRow {
        id: id.to_owned(),
        mode,
        host: "marketplace.example".to_owned(),
        description: pick(language, "店铺系统", "Shop system").to_owned(),
        disabled,
    };
    let gone = ("the receiver answered 410 Gone".to_owned(), deadline(language, -3));
    Operations {
        jobs: vec![DeadJobRow {
            id: "job_01m7z3k8qv4n2c9d5e6f7g8h9k".to_owned(),
            at: deadline(language, -1),
            kind: "run_checks",
            about: format!("session={SESSION}"),
            error: "no space is left for blobs".to_owned(),
        }],
        endpoints: vec![
            endpoint("we_01m7z3k8qv4n2c9d5e6f7g8h9k", "live", None),
            endpoint("we_01m7z3k8qv4n2c9d5e6f7g8h9j", "test", Some(gone)),
        ],
        more: true,
        may_act: true,
        frame,
    }
}

fn notices(language: Language) -> Notices {
    let frame = console(language, "/console/notices");
    let row = |id: &str, kept, shown| NoticeRow {
        id: id.to_owned(),
        at: deadline(language, -1),
        channel: frame.t("notices.email").into(),
        to: "l***@example.com".to_owned(),
        state: frame.t(if kept { "notices.sandbox" } else { "notices.failed" }).into(),
        fault: (!kept).then(|| frame.t("notices.fault_smtp").with("n", 451).to_string()),
        session: SESSION.to_owned(),
        kept,
        shown,
    };
    let shown = Shown { to: "lin@example.com".to_owned(), text: "https://verify.example/v/5f".to_owned() };
    let rows = vec![
        row("ntc_01m7z3k8qv4n2c9d5e6f7g8h9k", true, None),
        row("ntc_01m7z3k8qv4n2c9d5e6f7g8h9j", true, Some(shown)),
        row("ntc_01m7z3k8qv4n2c9d5e6f7g8h9h", false, None),
    ];
    Notices { rows, next: None, error: None, frame }
}

fn after(language: Language, state: shiren_core::aftersales::State) -> AfterSalesPage {
    use shiren_core::aftersales::State;
    let frame = frame(language, None);
    let mine = state.is_the_buyers_turn();
    let answered = matches!(state, State::MoreNeeded | State::Rejected);
    let at = pick(language, "2026-11-23 12:00", "2026-11-23 12:00").to_owned();
    let file = |id: &str, video| ShownFile { id: id.to_owned(), video, handed_in: !mine };
    AfterSalesPage {
        id: "as_01m7z3k8qv4n2c9d5e6f7g8h9j".to_owned(),
        kind: frame.t("after.kind_return").into(),
        order: "order-4711".to_owned(),
        amount: "CNY 259.00".to_owned(),
        state,
        uncompleted: false,
        may_change: mine,
        due: state.is_reviewed().then(|| at.clone()),
        late: state == State::InReview,
        close_at: mine.then(|| at.clone()),
        decided: if answered { vec![said(language)] } else { Vec::new() },
        texts: if mine && !answered { Vec::new() } else { vec![story(language)] },
        draft: if mine && !answered { story(language) } else { String::new() },
        files: vec![
            file("att_01m7z3k8qv4n2c9d5e6f7g8h9j", false),
            file("att_01m7z3k8qv4n2c9d5e6f7g8h9k", true),
        ],
        shown: state != State::Draft,
        photos: 9,
        videos: 1,
        video_megabytes: 100,
        history: vec![(frame.t("after.draft").into(), at)],
        return_url: Some("https://market.example/orders".to_owned()),
        error: (state == State::Draft).then(|| frame.t("after.error_photo").into()),
        frame,
    }
}

fn story(language: Language) -> String {
    pick(language, "收到时箱子是开的，杯子碎了。", "The box came open, and the cup is broken.").to_owned()
}

fn said(language: Language) -> Said {
    let ground = language.of(shiren_core::aftersales::Ground::Unclear.sentence()).to_owned();
    let message = pick(language, "请拍一张杯底的近照。", "Please take a close picture of the cup’s bottom.");
    Said { ground, message: message.to_owned(), at: "2026-11-23 12:00".to_owned() }
}

fn after_row(language: Language, id: &str, hours: i32) -> AfterSalesRow {
    let frame = console(language, "/console/aftersales");
    AfterSalesRow {
        id: id.to_owned(),
        due: deadline(language, hours),
        escalated: hours < 12,
        buyer: "buyer:7".to_owned(),
        order: "order-4711".to_owned(),
        kind: frame.t("after.kind_return").into(),
        amount: "CNY 259.00".to_owned(),
        state: frame.t("after.in_review").into(),
        taken: (hours < 0).then(|| frame.t("after_desk.taken_by_you").into()),
        test: hours < 0,
    }
}

fn after_rows(language: Language, all: bool) -> AfterSalesRows {
    let rows = vec![
        after_row(language, "as_01m7z3k8qv4n2c9d5e6f7g8h9j", -2),
        after_row(language, "as_01m7z3k8qv4n2c9d5e6f7g8h9k", 30),
    ];
    let next = Some("/console/aftersales?view=review&page=as_01m7z3k8qv4n2c9d5e6f7g8h9k".to_owned());
    AfterSalesRows { frame: console(language, "/console/aftersales"), all, rows, next }
}

fn after_case(language: Language, mine: bool) -> AfterSalesCase {
    let frame = console(language, "/console/aftersales");
    let file = |id: &str, video| ShownFile { id: id.to_owned(), video, handed_in: true };
    AfterSalesCase {
        row: after_row(language, "as_01m7z3k8qv4n2c9d5e6f7g8h9j", if mine { -2 } else { 3 }),
        texts: vec![story(language)],
        files: vec![
            file("att_01m7z3k8qv4n2c9d5e6f7g8h9j", false),
            file("att_01m7z3k8qv4n2c9d5e6f7g8h9k", true),
        ],
        decided: vec![said(language)],
        grounds: shiren_core::aftersales::Ground::ALL
            .map(|g| (g.name(), language.of(g.sentence()).to_owned()))
            .into(),
        waits: true,
        mine,
        forgotten: false,
        version: 3,
        events: vec![Event {
            at: deadline(language, -1),
            what: "aftersales.viewed".to_owned(),
            who: "user:usr_01m7z3k8qv4n2c9d5e6f7g8h9j".to_owned(),
        }],
        message: String::new(),
        error: mine.then(|| frame.t("after_desk.no_message").into()),
        frame,
    }
}
