//! The API's page for engineers: how to begin, and every operation, rendered from the OpenAPI description itself, so
//! that it cannot say anything else. What comes from the description is English, like its names.
//!
//! To extend it: a new operation gets its Chinese and English title in [`title`] and `locales/`; a test asks for it.

mod operation;
mod schema;

use askama::Template;
use axum::Router;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;
use serde_json::Value;
use shiren_core::verification::ReasonCode;
use shiren_core::verification::program::Mode;

use crate::api::codes::PROBLEMS;
use crate::browser::{language, page, shell};
use crate::page::{Frame, word};
use crate::state::State;
use operation::Operation;
use schema::Field;

/// How a page is embedded: in a tab of its own. It is never framed: a frame hides whose page asks for one's face, and
/// browsers give neither camera nor cookies to frames of other sites.
const EMBED: &str = include_str!("embed.html");
/// How a receiver knows that a webhook is ours.
const VERIFY: &str = include_str!("verify_webhook.py");

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "docs.html")]
pub(crate) struct Docs {
    frame: Frame,
    url: String,
    operations: Vec<Operation>,
    objects: Vec<(String, Vec<Field>)>,
}

impl Docs {
    fn new(frame: Frame, api: &Value, url: &str) -> Self {
        let schemas = api["components"]["schemas"].as_object().into_iter().flatten();
        Self {
            operations: operation::all(api, url),
            objects: schemas.map(|(name, schema)| (name.clone(), schema::fields(api, schema))).collect(),
            url: url.to_owned(),
            frame,
        }
    }

    fn title(&self, operation: &Operation) -> String {
        title(&operation.id).map_or_else(|| operation.title.clone(), |key| self.frame.t(key).into())
    }

    fn resources(&self) -> Vec<&str> {
        let mut resources: Vec<&str> = Vec::new();
        for operation in &self.operations {
            // The operations of a resource need not stand together: they are in the order of their paths.
            if !resources.contains(&operation.resource.as_str()) {
                resources.push(&operation.resource);
            }
        }
        resources
    }

    fn of<'a>(&'a self, resource: &str) -> impl Iterator<Item = &'a Operation> {
        self.operations.iter().filter(move |o| o.resource == resource)
    }

    fn resource_title(&self, resource: &str) -> String {
        let key = match resource {
            "verification sessions" => word("docs.sessions"),
            "aftersales" => word("docs.aftersales"),
            "cases" => word("docs.cases"),
            "events" => word("docs.events"),
            "webhook endpoints" => word("docs.endpoints"),
            "shops" => word("docs.shops"),
            "staff" => word("docs.staff"),
            "deposits" => word("docs.deposits"),
            "penalties" => word("docs.penalties"),
            "references" => word("docs.references"),
            "claims" => word("docs.claims"),
            "exports" => word("docs.exports"),
            "messages" => word("docs.messages"),
            "bans" => word("docs.bans"),
            "rechecks" => word("docs.rechecks"),
            "rollouts" => word("docs.rollouts"),
            "gate" => word("docs.gate"),
            "test clocks" => word("docs.clocks"),
            _ => return resource.to_owned(),
        };
        self.frame.t(key).into()
    }

    /// Whether a kind is an object that is explained further down: its name, without the brackets of a list.
    fn object<'a>(&self, kind: &'a str) -> Option<&'a str> {
        let name = kind.trim_end_matches("[]");
        self.objects.iter().any(|(known, _)| known == name).then_some(name)
    }

    fn problems(&self) -> &'static [(&'static str, &'static str)] {
        PROBLEMS
    }

    fn reasons(&self) -> &'static [ReasonCode] {
        ReasonCode::ALL
    }

    fn advice(&self, code: &ReasonCode) -> String {
        self.frame.shell.language.advice(*code)
    }

    fn embed(&self) -> &'static str {
        EMBED
    }

    fn verify(&self) -> &'static str {
        VERIFY
    }
}

/// The key of an operation's title.
fn title(id: &str) -> Option<&'static str> {
    Some(match id {
        "create_verification_sessions" => word("docs.create_session"),
        "list_verification_sessions" => word("docs.list_sessions"),
        "retrieve_verification_sessions" => word("docs.retrieve_session"),
        "cancel_verification_sessions" => word("docs.cancel_session"),
        "redact_verification_sessions" => word("docs.redact_session"),
        "link_verification_sessions" => word("docs.link_session"),
        "links_verification_sessions" => word("docs.links_session"),
        "message_verification_sessions" => word("docs.message_session"),
        "create_aftersales" => word("docs.create_aftersales"),
        "list_aftersales" => word("docs.list_aftersales"),
        "retrieve_aftersales" => word("docs.retrieve_aftersales"),
        "link_aftersales" => word("docs.link_aftersales"),
        "submit_aftersales" => word("docs.submit_aftersales"),
        "withdraw_aftersales" => word("docs.withdraw_aftersales"),
        "take_aftersales" => word("docs.take_aftersales"),
        "decide_aftersales" => word("docs.decide_aftersales"),
        "complete_aftersales" => word("docs.complete_aftersales"),
        "words_aftersales" => word("docs.words_aftersales"),
        "file_aftersales" => word("docs.file_aftersales"),
        "list_cases" => word("docs.list_cases"),
        "retrieve_cases" => word("docs.retrieve_case"),
        "decide_cases" => word("docs.decide_case"),
        "list_events" => word("docs.list_events"),
        "retrieve_events" => word("docs.retrieve_event"),
        "create_webhook_endpoints" => word("docs.create_endpoint"),
        "list_webhook_endpoints" => word("docs.list_endpoints"),
        "retrieve_webhook_endpoints" => word("docs.retrieve_endpoint"),
        "change_webhook_endpoints" => word("docs.change_endpoint"),
        "rotate_webhook_endpoints" => word("docs.rotate_endpoint"),
        "enable_webhook_endpoints" => word("docs.enable_endpoint"),
        "replay_webhook_endpoints" => word("docs.replay_endpoint"),
        "delete_webhook_endpoints" => word("docs.delete_endpoint"),
        "create_shops" => word("docs.create_shop"),
        "list_shops" => word("docs.list_shops"),
        "retrieve_shops" => word("docs.retrieve_shop"),
        "put_zone_shops" => word("docs.put_zone_shop"),
        "close_shops" => word("docs.close_shop"),
        "responsible_shops" => word("docs.responsible_shop"),
        "create_staff" => word("docs.create_staff"),
        "list_staff" => word("docs.list_staff"),
        "counts_staff" => word("docs.count_staff"),
        "retrieve_staff" => word("docs.retrieve_staff"),
        "amend_staff" => word("docs.amend_staff"),
        "ask_staff" => word("docs.ask_staff"),
        "excuse_staff" => word("docs.excuse_staff"),
        "recheck_staff" => word("docs.recheck_staff"),
        "unbind_staff" => word("docs.unbind_staff"),
        "lift_staff" => word("docs.lift_staff"),
        "remove_staff" => word("docs.remove_staff"),
        "manage_staff" => word("docs.manage_staff"),
        "banner_staff" => word("docs.banner_staff"),
        "bindings_staff" => word("docs.bindings_staff"),
        "responsible_staff" => word("docs.responsible_staff"),
        "retrieve_deposits" => word("docs.retrieve_deposit"),
        "enter_deposits" => word("docs.enter_deposit"),
        "entries_deposits" => word("docs.deposit_entries"),
        "listing_deposits" => word("docs.listing_deposit"),
        "categories_deposits" => word("docs.deposit_categories"),
        "keep_references" => word("docs.keep_references"),
        "claim_claims" => word("docs.claim_claims"),
        "create_exports" => word("docs.create_exports"),
        "retrieve_references" => word("docs.retrieve_references"),
        "send_messages" => word("docs.send_message"),
        "list_messages" => word("docs.list_messages"),
        "inbox_messages" => word("docs.inbox_messages"),
        "read_messages" => word("docs.read_message"),
        "impose_penalties" => word("docs.impose_penalty"),
        "list_penalties" => word("docs.list_penalties"),
        "list_bans" => word("docs.list_bans"),
        "retrieve_bans" => word("docs.retrieve_ban"),
        "lift_bans" => word("docs.lift_ban"),
        "retrieve_rechecks" => word("docs.retrieve_recheck"),
        "ask_rechecks" => word("docs.ask_recheck"),
        "forecast_rechecks" => word("docs.forecast_rechecks"),
        "create_rollouts" => word("docs.create_rollout"),
        "list_rollouts" => word("docs.list_rollouts"),
        "retrieve_rollouts" => word("docs.retrieve_rollout"),
        "forecast_rollouts" => word("docs.forecast_rollout"),
        "start_rollouts" => word("docs.start_rollout"),
        "pause_rollouts" => word("docs.pause_rollout"),
        "resume_rollouts" => word("docs.resume_rollout"),
        "cancel_rollouts" => word("docs.cancel_rollout"),
        "put_facts_shops" => word("docs.put_shop_facts"),
        "import_shops" => word("docs.import_shops"),
        "ask_gate" => word("docs.ask_gate"),
        "rules_gate" => word("docs.gate_rules"),
        "put_gate" => word("docs.put_gate"),
        "dry_run_gate" => word("docs.try_gate"),
        "create_test_clocks" => word("docs.create_clock"),
        "list_test_clocks" => word("docs.list_clocks"),
        "retrieve_test_clocks" => word("docs.retrieve_clock"),
        "delete_test_clocks" => word("docs.delete_clock"),
        "advance_test_clocks" => word("docs.advance_clock"),
        _ => return None,
    })
}

/// Its route.
pub(crate) fn router() -> Router<State> {
    Router::new().route("/docs", get(show))
}

async fn show(Shared(state): Shared<State>, headers: HeaderMap, uri: Uri) -> Response {
    let shell = shell(&state.site, language(&headers, &uri), String::new(), Mode::Live, &uri);
    let frame = Frame { shell, stop: None, time: None, notice: None, can_write: false, assisted: false };
    let api = crate::api::openapi();
    page(StatusCode::OK, &Docs::new(frame, &api, &state.site.public_url))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::sample;
    use crate::words::Language;

    fn rendered(language: Language) -> (Value, String) {
        let api = crate::api::openapi();
        let mut frame = sample::frame(language, None);
        frame.shell.back = "/docs".to_owned();
        let docs = Docs::new(frame, &api, "https://verify.example");
        (api, docs.render().unwrap())
    }

    #[test]
    fn every_operation_is_on_the_page_in_both_languages() {
        for language in Language::ALL {
            let (api, html) = rendered(language);
            let operations = operation::all(&api, "https://verify.example");
            assert!(operations.len() >= 14);
            for operation in &operations {
                assert!(title(&operation.id).is_some(), "{} has no title in locales/", operation.id);
                assert_eq!(html.matches(&format!("id=\"{}\"", operation.id)).count(), 1, "{}", operation.id);
                assert!(html.contains(&format!("href=\"#{}\"", operation.id)), "{}", operation.id);
                for field in operation.parameters.iter().chain(&operation.body) {
                    assert!(html.contains(&format!("<code>{}</code>", field.name)), "{field:?}");
                }
                for reply in &operation.answers {
                    assert!(html.contains(&format!("<td>{}", reply.status)), "{reply:?}");
                }
            }
            for (name, _) in api["components"]["schemas"].as_object().unwrap() {
                assert!(html.contains(&format!("id=\"{name}\"")), "{name}");
            }
        }
    }

    #[test]
    fn every_code_is_explained() {
        for language in Language::ALL {
            let (api, html) = rendered(language);
            for code in ReasonCode::ALL {
                assert!(html.contains(&format!("id=\"reason-{}\"", code.name())), "{}", code.name());
            }
            let described = api.pointer("/components/schemas/Problem/properties/code/enum").unwrap();
            for code in described.as_array().unwrap().iter().filter_map(Value::as_str) {
                assert!(html.contains(&format!("<code>{code}</code>")), "{code}");
            }
        }
    }

    #[test]
    fn it_keeps_the_policy_and_has_no_dead_ends() {
        for language in Language::ALL {
            let (_, html) = rendered(language);
            assert!(!html.contains("<script") && !html.contains(" style=") && !html.contains("<style"));
            assert_eq!(html.matches("<h1").count(), 1);
            for place in html.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
                assert!(html.contains(&format!("id=\"{place}\"")), "#{place}");
            }
        }
    }

    #[test]
    fn examples_are_what_the_api_takes() {
        let (_, html) = rendered(Language::En);
        let body = "{&#34;account&#34;:{&#34;id&#34;:&#34;shop-42&#34;,&#34;kind&#34;:&#34;shop&#34;},&#34;program&#34;:&#34;shop-owner&#34;}";
        assert!(html.contains(body), "{html}");
        assert!(html.contains("/v1/verification_sessions/vs_01aryz6s410000000000000000/cancel"));
    }
}
