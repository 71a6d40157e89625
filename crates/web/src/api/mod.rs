//! `/v1`: what the marketplace's engineers call. One file for each resource: its shape, its requests, its handlers.
//!
//! To add an endpoint: write the handler with its `#[utoipa::path]` in the file of its resource, name it in
//! [`router`], and regenerate the description (`shiren openapi > docs/openapi.json`), which a test compares.

mod aftersales;
mod auth;
mod bans;
mod body;
mod cases;
mod clocks;
pub(crate) mod codes;
mod deposits;
mod describe;
mod events;
mod examples;
mod exports;
mod gate;
mod imports;
mod management;
mod messages;
mod narrow;
mod once;
mod page;
mod penalties;
pub mod problem;
mod reason;
mod rechecks;
mod references;
mod responsible;
mod rollouts;
mod sessions;
mod shops;
mod staff;
mod staff_past;
mod verified_person;
mod webhook_endpoints;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use tower::ServiceBuilder;
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::State;

pub use problem::Problem;

/// The description, without the paths, which the router adds.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Shiren",
        description = "Real-person verification for online marketplaces. Authenticate with `Authorization: Bearer sk_…`; the key decides between test and live mode, which do not see one another. Errors are `application/problem+json` (RFC 9457) with a stable `code`. Lists give the newest first (cases: the soonest deadline; events: the oldest), with `after` as cursor. Times are RFC 3339 in UTC.",
        version = "1",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    components(schemas(Problem)),
    modifiers(&Security),
    tags(
        (name = "verification sessions", description = "One run of a program for one account."),
        (name = "shops", description = "Shops and who is responsible for them."),
        (name = "penalties", description = "What a shop broke, and what it costs. `docs/guides/shops.md` tells how shops close and open again."),
        (name = "bans", description = "Owners who cannot open another shop."),
        (name = "staff", description = "Sub-accounts of a shop, each with one verified user. `docs/guides/staff.md` tells what is called in which order."),
        (name = "deposits", description = "What shops paid in, what was taken from it, and what goods may be listed."),
        (name = "rechecks", description = "Whether the person who was verified still operates. `docs/guides/shops.md` tells when they are asked."),
        (name = "rollouts", description = "Whom you ask to verify, in batches. `docs/guides/rollouts.md` tells how."),
        (name = "gate", description = "Whether a purchase or an action needs somebody who is verified. `docs/guides/gate.md` tells how rules are written and tried."),
        (name = "messages", description = "What reaches the people who are responsible for an account."),
        (name = "references", description = "What you have registered of accounts, and verifications must agree with."),
        (name = "claims", description = "Who was verified for an account, for payments. `docs/guides/shops.md` tells what speaks against one."),
        (name = "exports", description = "People's own copies of their data. `docs/guides/own-data.md` tells how they take them."),
        (name = "aftersales", description = "What buyers ask for about an order, with pictures and a video. `docs/guides/aftersales.md` tells what is called in which order."),
        (name = "cases", description = "Human review."),
        (name = "events", description = "What happened, in order, numbered for each account."),
        (name = "webhook endpoints", description = "Where events are sent, signed as Standard Webhooks. `docs/guides/webhooks.md` tells how they are verified, and what happens when they do not arrive."),
        (name = "test clocks", description = "In test mode, time that you turn: deadlines fire while you watch."),
    )
)]
struct Description;

struct Security;

impl utoipa::Modify for Security {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let bearer =
            HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("sk_test_… or sk_live_…").build();
        let components = api.components.get_or_insert_with(Default::default);
        components.add_security_scheme("key", SecurityScheme::Http(bearer));
    }
}

fn described() -> OpenApiRouter<State> {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(sessions::create, sessions::list))
        .routes(routes!(sessions::retrieve))
        .routes(routes!(sessions::cancel))
        .routes(routes!(sessions::redact))
        .routes(routes!(sessions::link))
        .routes(routes!(sessions::links))
        .routes(routes!(sessions::message))
        .routes(routes!(cases::list))
        .routes(routes!(cases::retrieve))
        .routes(routes!(cases::decide))
        .routes(routes!(aftersales::create, aftersales::list))
        .routes(routes!(aftersales::retrieve))
        .routes(routes!(aftersales::link))
        .routes(routes!(aftersales::submit))
        .routes(routes!(aftersales::withdraw))
        .routes(routes!(aftersales::take))
        .routes(routes!(aftersales::decide))
        .routes(routes!(aftersales::complete))
        .routes(routes!(aftersales::words))
        .routes(routes!(aftersales::file))
        .routes(routes!(events::list))
        .routes(routes!(events::retrieve))
        .routes(routes!(webhook_endpoints::create, webhook_endpoints::list))
        .routes(routes!(webhook_endpoints::retrieve, webhook_endpoints::change, webhook_endpoints::delete))
        .routes(routes!(webhook_endpoints::rotate))
        .routes(routes!(webhook_endpoints::enable))
        .routes(routes!(webhook_endpoints::replay))
        .routes(routes!(shops::create, shops::list))
        .routes(routes!(shops::retrieve))
        .routes(routes!(shops::responsible))
        .routes(routes!(penalties::impose, penalties::list))
        .routes(routes!(rechecks::retrieve, rechecks::ask))
        .routes(routes!(rechecks::forecast))
        .routes(routes!(bans::list))
        .routes(routes!(bans::retrieve))
        .routes(routes!(bans::lift))
        .routes(routes!(staff::create, staff::list))
        .routes(routes!(staff::counts))
        .routes(routes!(staff::retrieve, staff::amend))
        .routes(routes!(staff::ask))
        .routes(routes!(staff::recheck))
        .routes(routes!(staff::excuse))
        .routes(routes!(staff::unbind))
        .routes(routes!(staff::lift))
        .routes(routes!(staff::remove))
        .routes(routes!(management::manage))
        .routes(routes!(staff_past::banner))
        .routes(routes!(staff_past::bindings))
        .routes(routes!(staff_past::responsible))
        .routes(routes!(deposits::retrieve))
        .routes(routes!(deposits::enter, deposits::entries))
        .routes(routes!(deposits::listing))
        .routes(routes!(deposits::categories))
        .routes(routes!(deposits::close))
        .routes(routes!(imports::import))
        .routes(routes!(rollouts::create, rollouts::list))
        .routes(routes!(rollouts::retrieve))
        .routes(routes!(rollouts::forecast))
        .routes(routes!(rollouts::start))
        .routes(routes!(rollouts::pause))
        .routes(routes!(rollouts::resume))
        .routes(routes!(rollouts::cancel))
        .routes(routes!(rollouts::put_facts))
        .routes(routes!(shops::put_zone))
        .routes(routes!(gate::ask))
        .routes(routes!(gate::rules, gate::put))
        .routes(routes!(gate::dry_run))
        .routes(routes!(references::keep, references::retrieve))
        .routes(routes!(verified_person::claim))
        .routes(routes!(exports::create))
        .routes(routes!(messages::send, messages::list))
        .routes(routes!(messages::inbox))
        .routes(routes!(messages::read))
        .routes(routes!(clocks::create, clocks::list))
        .routes(routes!(clocks::retrieve, clocks::delete))
        .routes(routes!(clocks::advance))
}

/// Largest body in bytes: the largest session, with every character of its remarks escaped, has half of it.
const LARGEST_BODY: usize = 256 * 1024;

/// All routes of the API.
pub fn router() -> Router<State> {
    let routes = described().split_for_parts().0;
    let around = ServiceBuilder::new()
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(axum::middleware::from_fn(once::note));
    routes.route_layer(around).method_not_allowed_fallback(not_allowed)
}

async fn not_allowed() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this cannot be done here")
        .fix("`Allow` says what can.")
}

/// The OpenAPI 3.1 description, as it is served and committed.
pub fn openapi() -> serde_json::Value {
    let mut api = described().split_for_parts().1;
    describe::complete(&mut api);
    let mut api = serde_json::to_value(api).unwrap_or_default();
    narrow::narrow(&mut api);
    examples::show(&mut api);
    api
}
