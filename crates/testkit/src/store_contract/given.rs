//! What the tests begin with. A number makes each of a kind different, and a later one younger.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use shiren_app::job::Job;
use shiren_app::port::{Store, StoreError};
use shiren_app::record::{
    CaptureRecord, ClientLink, EvidenceRecord, NewEvent, NewJob, SecretHash, TakenBy, User, Visit,
    WebhookEndpoint,
};
use shiren_app::webhook::sign::Scheme;
use shiren_core::account::claim::Tag;
use shiren_core::account::shop::{Company, CompanyRole, Shop};
use shiren_core::account::staff::{NewStaff, Role, Staff, StaffRules};
use shiren_core::account::{Account, AccountKind};
use shiren_core::id::{CaseId, ClockId, EventId, EvidenceId, JobId, SessionId, UserId, WebhookEndpointId};
use shiren_core::recheck::device::Device;
use shiren_core::review::{Case, CaseDecision, FourEyes, Reviewer, Verdict};
use shiren_core::rollout::ShopFacts;
use shiren_core::see::liveness::{Plan, PlanRules};
use shiren_core::see::{Region, Shot};
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::{
    Assistance, Export, PhoneProof, ProgramRef, Reason, Session, Status,
};
use shiren_core::verification::{ReasonCode, Severity};

/// So many seconds after the suite's morning. With microseconds, which stores keep.
pub(crate) fn at(second: u64) -> Timestamp {
    let seconds = SignedDuration::from_secs(i64::try_from(second).unwrap_or(i64::MAX));
    let morning = Timestamp::from_microsecond(1_790_000_000_123_456).unwrap_or(Timestamp::UNIX_EPOCH);
    morning.saturating_add(seconds).unwrap_or(Timestamp::MAX)
}

/// What is random in an id: different for each number, and not in its order.
pub(crate) fn random(n: u64) -> [u8; 10] {
    let mut bytes = [7; 10];
    bytes[..8].copy_from_slice(&n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    bytes
}

pub(crate) fn hash(n: u64) -> SecretHash {
    let mut bytes = [9; 32];
    bytes[..8].copy_from_slice(&n.to_be_bytes());
    SecretHash(bytes)
}

pub(crate) fn session_id(n: u64) -> SessionId {
    SessionId::new(at(n), random(n))
}

pub(crate) fn case_id(n: u64) -> CaseId {
    CaseId::new(at(n), random(n))
}

/// All of the same millisecond: their order is not that of the numbers.
pub(crate) fn event_id(n: u64) -> EventId {
    EventId::new(at(0), random(n))
}

pub(crate) fn shop(id: &str) -> Account {
    Account { kind: AccountKind::Shop, id: id.to_owned() }
}

pub(crate) fn reason() -> Reason {
    Reason {
        code: ReasonCode::PhotoTooSmall,
        severity: Severity::Fail,
        steps: vec!["id-front".to_owned()],
        // Regions are written with a tenth of a pixel.
        region: Some(Region::rect(10.5, 20.0, 333.5, 40.0)),
    }
}

/// A session with something in every field.
pub(crate) fn session(n: u64) -> Session {
    Session {
        id: session_id(n),
        mode: Mode::Live,
        clock: Some(ClockId::new(at(n), random(n))),
        account: shop("42"),
        company: Company::new("91350100M000100Y43", CompanyRole::Operator).ok(),
        program: ProgramRef { name: "shop-owner".to_owned(), version: 3 },
        status: Status::RequiresInput,
        method: Some("resident-id-card".to_owned()),
        consents: Vec::new(),
        retaken: ["front".to_owned()].into(),
        entered_again: true,
        reclaims: true,
        told: 2,
        rejected_by_checks: true,
        phone_proof: PhoneProof::Code { at: at(n) },
        changes: [shiren_core::account::reference::Reference::BankCard].into(),
        old_phone: PhoneProof::Unreachable,
        declared: true,
        declared_at: None,
        pictures: BTreeMap::from([("id-front".to_owned(), EvidenceId::new(at(n), random(n)))]),
        submissions: vec![at(n + 1)],
        reasons: vec![reason()],
        decision: None,
        case: Some(case_id(n)),
        return_url: Some("https://shop.example/back?a=1&b=二".to_owned()),
        action: Some("直播/7".to_owned()),
        metadata: BTreeMap::from([("备注".to_owned(), "it's \"quoted\" \u{1f409}".to_owned())]),
        created_at: at(n),
        opened_at: None,
        expires_at: at(n + 1800),
        ended_at: None,
        called_off: Some(shiren_core::verification::session::CalledOff::UserUnbound),
        redacted_at: None,
        reclaimed_at: Some(at(n + 1900)),
        account_assertion: n.is_multiple_of(2),
        assisted: Some(Assistance { by: "42:admin".to_owned(), at: at(n) }),
        device: Some(Device { tag: Tag("1:0f".to_owned()), known: Some(true) }),
        export: Some(Export { taken_at: Some(at(1)) }),
    }
}

pub(crate) fn evidence(n: u64, session: &SessionId) -> EvidenceRecord {
    EvidenceRecord {
        id: EvidenceId::new(at(0), random(n)),
        session: session.clone(),
        step: "id-front".to_owned(),
        shot: Shot::IdFront,
        sha256: "ab".repeat(32),
        bytes: 1 << 40,
        blob: Some(format!("evidence/{n}")),
        size: (4000, 3000),
        findings: vec![reason()],
        live: None,
        taken_by: TakenBy::Camera,
        taken_at: at(n),
    }
}

/// A case that is due at `due`.
pub(crate) fn case(n: u64, session: &SessionId, due: u64) -> Case {
    Case {
        id: case_id(n),
        mode: Mode::Live,
        session: session.clone(),
        account: shop("42"),
        clock: Some(ClockId::new(at(n), random(n))),
        reasons: vec![reason()],
        opened_at: at(n),
        due_at: at(due),
        escalate_at: at(due),
        assumed: true,
        escalated_at: None,
        overdue_at: None,
        four_eyes: FourEyes::OnReject,
        opinions: vec![CaseDecision {
            verdict: Verdict::Reject,
            note: "第一双眼睛".to_owned(),
            by: Reviewer::User(UserId::new(at(n), random(n))),
            at: at(n),
        }],
        decided: None,
    }
}

pub(crate) fn event(n: u64) -> NewEvent {
    NewEvent {
        id: event_id(n),
        mode: Mode::Live,
        kind: "verification_session.verified".to_owned(),
        account: shop("42"),
        object: session_id(0).to_string(),
        at: at(n),
        data: json!({ "status": "verified", "n": n, "none": null }),
    }
}

pub(crate) fn endpoint(n: u64) -> WebhookEndpoint {
    WebhookEndpoint {
        id: WebhookEndpointId::new(at(0), random(n)),
        mode: Mode::Live,
        url: "https://shop.example/hooks".to_owned(),
        kinds: BTreeSet::from(["case.opened".to_owned()]),
        description: "商店".to_owned(),
        created_at: at(n),
        disabled: None,
        scheme: Scheme::default(),
        public_key: None,
        former_until: None,
    }
}

pub(crate) fn user(n: u64, login: &str) -> User {
    User {
        id: UserId::new(at(n), random(n)),
        login: login.to_owned(),
        password: "$argon2id$not-a-real-one".to_owned(),
        role: shiren_app::record::Role::Reviewer,
        created_at: at(n),
        disabled_at: None,
    }
}

pub(crate) fn link(n: u64, session: &SessionId, expires: u64) -> ClientLink {
    ClientLink {
        hash: hash(n),
        session: session.clone(),
        expires_at: at(expires),
        number: (n % 2 == 1).then_some(42),
        opened_at: None,
    }
}

pub(crate) fn capture(n: u64, session: &SessionId, expires: u64) -> CaptureRecord {
    let plan = Plan::draw(&PlanRules::default(), &[n as u8; 32]).expect("the default rules give a plan");
    let (step, visit) = ("selfie".to_owned(), hash(100 + n));
    CaptureRecord { hash: hash(n), session: session.clone(), step, visit, plan, expires_at: at(expires) }
}

pub(crate) fn visit(n: u64, session: &SessionId, expires: u64) -> Visit {
    Visit { hash: hash(n), session: session.clone(), expires_at: at(expires) }
}

/// A job that may run at `run`.
pub(crate) fn job(n: u64, run: u64) -> NewJob {
    NewJob {
        id: JobId::new(at(0), random(n)),
        job: Job::RunChecks { session: session_id(n) },
        run_at: at(run),
        clock: None,
        held_until: None,
        dedup: None,
    }
}

/// A shop that was registered at `n`.
pub(crate) fn registered(n: u64, id: &str) -> Shop {
    Shop {
        id: id.to_owned(),
        mode: Mode::Live,
        shop_type: "c2c".to_owned(),
        clock: None,
        owners: Vec::new(),
        created_at: at(n),
        closed_at: None,
        penalties: Vec::new(),
        company: Company::new("91350100M000100Y43", CompanyRole::LegalPerson).ok(),
        carried_over: None,
        staff_quota: Some(30),
        time_zone: "America/New_York".parse().ok(),
        facts: ShopFacts {
            category: Some("toys".to_owned()),
            leak_severity: Some(7),
            registered_on: Some(jiff::civil::date(2019, 5, 1)),
        },
    }
}

/// A sub-account that was made at `n`.
pub(crate) fn sub_account(n: u64, shop: &str, id: &str) -> Staff {
    let new = NewStaff {
        id: id.to_owned(),
        shop: shop.to_owned(),
        shop_type: "c2c".to_owned(),
        name: "客服小王".to_owned(),
        role: Role::CustomerService,
        temporary: false,
    };
    Staff::create(new, &StaffRules::default(), at(n)).expect("the name is sound").0
}

/// A session that is in the store.
pub(crate) async fn kept_session(store: &dyn Store, n: u64) -> Result<Session, StoreError> {
    let session = session(n);
    let mut tx = store.begin().await?;
    tx.insert_session(&session).await?;
    tx.commit().await?;
    Ok(session)
}
