//! What the types of the description cannot say: which values fit. Taken from the code's own lists where there are
//! some, so that generated clients and tests send what is accepted.

use serde_json::{Map, Value, json};
use shiren_core::account::AccountKind;
use shiren_core::account::shop::{PenaltyKind, ShopStatus};
use shiren_core::account::staff::Standing;
use shiren_core::aftersales::{Ground, Kind, State as Stands, Verdict};
use shiren_core::rollout::{Audience, RolloutStatus};
use shiren_core::verification::ReasonCode;
use shiren_core::verification::session::Status;

use super::codes;
use super::staff::IN_REVIEW;

/// No control characters.
const PRINTABLE: &str = r"^[^\x00-\x1f\x7f-\x9f]+$";
/// With a host, and only what may stand in an address (RFC 3986); brackets, which hosts of IPv6 alone may have, not.
const ADDRESS: &str = r#"^https?://[!"$-.0->@-Z\\^-~][!-Z\\^-~]*$"#;
/// https, or http to the same machine.
const RETURN: &str =
    concat!(r"^https://[!-Z\\^-~]+$|", r"^http://(localhost|127\.0\.0\.1)([:/?][!-Z\\^-~]*)?$",);
/// The id of a clock.
const CLOCK: &str = "^clk_[0-9a-hjkmnp-tv-z]{26}$";
/// No control characters, or nothing.
const NAME: &str = r"^[^\x00-\x1f\x7f-\x9f]*$";
/// What somebody does in a shop.
const ROLES: [&str; 6] = ["manager", "customer_service", "operations", "finance", "warehouse", "other"];
/// Three characters at least, blanks around them not counted.
const NOTE: &str = r"^\S[\s\S]+\S$";

/// One character at least that is seen.
const SEEN: &str = r"\S";

/// Adds the values that fit.
pub(super) fn narrow(api: &mut Value) {
    for (place, more) in schemas() {
        add(api.pointer_mut(&format!("/components/schemas/{place}")), more);
    }
    let operations = api["paths"].as_object_mut().into_iter().flatten();
    for (path, operation) in operations.flat_map(|(path, item)| {
        item.as_object_mut().into_iter().flatten().map(move |(_, operation)| (path, operation))
    }) {
        let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
        for parameter in parameters.into_iter().flatten() {
            let more = values(path, parameter["name"].as_str().unwrap_or_default());
            add(parameter.get_mut("schema"), more);
        }
    }
}

fn add(schema: Option<&mut Value>, more: Value) {
    if let (Some(Value::Object(schema)), Value::Object(more)) = (schema, more) {
        schema.extend(more);
    }
}

fn schemas() -> [(&'static str, Value); 50] {
    let statuses = Status::ALL.map(Status::name);
    [
        (
            "AccountView/properties/kind",
            json!({ "enum": kinds().into_iter().chain(["platform"]).collect::<Vec<_>>() }),
        ),
        ("AccountView/properties/id", json!({ "pattern": PRINTABLE })),
        ("Problem/properties/code", json!({ "enum": codes::all() })),
        ("ReasonView/properties/code", reasons()),
        ("SessionView/properties/status", json!({ "enum": statuses })),
        ("StaffView/properties/role", json!({ "enum": ROLES })),
        ("StaffView/properties/status", json!({ "enum": Standing::NAMES })),
        ("NewStaff/properties/role", json!({ "enum": ROLES })),
        ("NewStaff/properties/type", json!({ "enum": ["ordinary", "temporary"] })),
        ("NewStaff/properties/id", json!({ "pattern": PRINTABLE })),
        ("NewStaff/properties/name", json!({ "pattern": PRINTABLE })),
        ("NewShop/properties/id", json!({ "pattern": PRINTABLE })),
        ("NewShop/properties/test_clock", json!({ "pattern": CLOCK })),
        ("NewClock/properties/name", json!({ "pattern": NAME })),
        ("Moved/properties/movement", json!({ "enum": ["payment", "compensation", "deduction"] })),
        ("Moved/properties/reference", json!({ "pattern": PRINTABLE })),
        ("Closing/properties/reference", json!({ "pattern": PRINTABLE })),
        ("ShopView/properties/status", json!({ "enum": ShopStatus::ALL.map(ShopStatus::name) })),
        ("BeforeAction/properties/action", json!({ "pattern": PRINTABLE })),
        ("Lifting/properties/reason", json!({ "pattern": PRINTABLE })),
        ("Imposed/properties/kind", json!({ "enum": PenaltyKind::ALL.map(PenaltyKind::name) })),
        ("Imposed/properties/reference", json!({ "pattern": PRINTABLE })),
        ("Imposed/properties/reason", json!({ "pattern": PRINTABLE })),
        ("OnBehalf/properties/by", json!({ "enum": ["owner", null] })),
        ("NewSession/properties/return_url", json!({ "pattern": RETURN, "maxLength": 2000 })),
        (
            "NewSession/properties/metadata",
            json!({
                "maxProperties": 20,
                "propertyNames": { "type": "string", "minLength": 1, "maxLength": 40 },
                "additionalProperties": { "type": "string", "maxLength": 500 },
            }),
        ),
        ("RolloutView/properties/status", json!({ "enum": RolloutStatus::ALL.map(RolloutStatus::name) })),
        ("DraftRollout/properties/audience", json!({ "enum": Audience::ALL.map(Audience::name) })),
        ("DraftRollout/properties/test_clock", json!({ "pattern": CLOCK })),
        ("GateQuestion/properties/return_url", json!({ "pattern": RETURN, "maxLength": 2000 })),
        ("NewEndpoint/properties/url", json!({ "pattern": ADDRESS })),
        ("NewEndpoint/properties/events", json!({ "uniqueItems": false })),
        ("NewEndpoint/properties/events/items", json!({ "enum": shiren_app::event_kinds() })),
        ("NewEndpoint/properties/signature", json!({ "enum": ["v1", "v1a", null] })),
        ("ChangedEndpoint/properties/url", json!({ "pattern": ADDRESS })),
        ("ChangedEndpoint/properties/events", json!({ "uniqueItems": false })),
        ("ChangedEndpoint/properties/events/items", json!({ "enum": shiren_app::event_kinds() })),
        ("Rotation/properties/signature", json!({ "enum": ["v1", "v1a", null] })),
        ("EndpointView/properties/signature", json!({ "enum": ["v1", "v1a"] })),
        ("AfterSalesView/properties/state", json!({ "enum": Stands::ALL.map(Stands::name) })),
        ("NewRequest/properties/buyer", json!({ "pattern": PRINTABLE })),
        ("NewRequest/properties/order", json!({ "pattern": PRINTABLE })),
        ("NewRequest/properties/kind", json!({ "enum": Kind::ALL.map(Kind::name) })),
        ("NewSession/properties/test_clock", json!({ "pattern": CLOCK })),
        ("NewRequest/properties/test_clock", json!({ "pattern": CLOCK })),
        ("DecideRequest/properties/verdict", json!({ "enum": Verdict::ALL.map(Verdict::name) })),
        ("DecideRequest/properties/ground", json!({ "enum": Ground::ALL.map(Ground::name) })),
        ("DecideRequest/properties/message", json!({ "pattern": SEEN })),
        ("Decide/properties/verdict", json!({ "enum": ["approve", "reject", "ask_again"] })),
        ("Decide/properties/note", json!({ "pattern": NOTE })),
    ]
}

/// Each code with its sentence.
fn reasons() -> Value {
    let said: Map<String, Value> =
        ReasonCode::ALL.iter().map(|code| (code.name().into(), code.message().en.into())).collect();
    json!({ "enum": ReasonCode::ALL.iter().map(|c| c.name()).collect::<Vec<_>>(), "x-enum-descriptions": said })
}

/// Which values a parameter takes.
fn values(path: &str, name: &str) -> Value {
    let cases = path.starts_with("/v1/cases");
    match name {
        "status" if cases => json!({ "enum": ["open", "decided"] }),
        "status" if path.ends_with("/staff") => {
            let names: Vec<&str> = Standing::NAMES.into_iter().chain([IN_REVIEW]).collect();
            json!({ "enum": names })
        }
        "status" if path.starts_with("/v1/rollouts") => {
            json!({ "enum": RolloutStatus::ALL.map(RolloutStatus::name) })
        }
        "status" if path.starts_with("/v1/shops") => {
            json!({ "enum": ShopStatus::ALL.map(ShopStatus::name) })
        }
        "status" => json!({ "enum": Status::ALL.map(Status::name) }),
        "late" => json!({ "enum": ["escalated", "overdue"] }),
        "test_clock" => json!({ "pattern": CLOCK }),
        "verification_session" => json!({ "pattern": "^vs_[0-9a-hjkmnp-tv-z]{26}$" }),
        "account_kind" => json!({ "enum": kinds() }),
        "state" => json!({ "enum": Stands::ALL.map(Stands::name) }),
        "buyer" => json!({ "pattern": PRINTABLE }),
        "purpose" => {
            json!({ "pattern": r"^[^\x00-\x1f\x7f-\x9f\s][^\x00-\x1f\x7f-\x9f]+[^\x00-\x1f\x7f-\x9f\s]$" })
        }
        "category" => json!({ "pattern": "^[a-z][a-z0-9-]{0,63}$" }),
        // By the marketplace's own ids.
        "after" if path.starts_with("/v1/shops") => json!({ "pattern": PRINTABLE, "maxLength": 128 }),
        "after" => {
            let prefix = match path {
                "/v1/aftersales" => "as",
                "/v1/bans" => "ban",
                "/v1/cases" => "case",
                "/v1/events" => "evt",
                "/v1/messages" => "ntc",
                "/v1/test/clocks" => "clk",
                "/v1/rollouts" => "rol",
                _ => "vs",
            };
            json!({ "pattern": format!("^{prefix}_[0-9a-hjkmnp-tv-z]{{26}}$") })
        }
        _ => Value::Null,
    }
}

fn kinds() -> [&'static str; 4] {
    AccountKind::ALL.map(AccountKind::name)
}
