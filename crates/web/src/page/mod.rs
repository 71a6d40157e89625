//! What pages show: one file per page, each with a view that a handler fills and a template that turns it into HTML.
//!
//! Views hold plain values, already in the words of the person where they come from data; sentences of the page
//! itself come from [`crate::words`]. Nothing here talks to use cases or reads the clock.
//!
//! # Requests that forms and scripts make
//!
//! Every form sends `csrf` ([`Shell::csrf`]). Forms are `application/x-www-form-urlencoded` unless said otherwise,
//! and are answered with `303 See Other`; a form that is not accepted is answered with its page again (422) and the
//! errors in it. Times in seconds are counted on the server.
//!
//! ## The person
//!
//! | request | what it is |
//! |---|---|
//! | `GET /v/{secret}` | opens a link: becomes a visit, then `303 /verify`. In an app's own browser ([`crate::in_app`]) [`Elsewhere`] comes first and the link is not used up; `?here=1` goes on there |
//! | `POST /verify/browser` | [`Elsewhere`] with a fresh link, for whose camera is refused |
//! | `GET /verify` | the page where the person stands. `?show=start\|consent\|method\|details` goes back to, or on from, a page whose turn has come: the start page's button is `?show=consent`. `?told=1` after a message was sent, `?renewed=1` after more time was given, `?later=1` after a link was sent ([`Notice`]), also on the page of the way that this one leads on to |
//! | `POST /verify/consent` | `identity=on`, `face=on`; both needed, else [`Consent`] again with its errors |
//! | `POST /verify/method` | `method`; with `specimen=on` (test mode) the person goes to the selfie first |
//! | `POST /verify/details` | `name`, `id_number`, `phone`, `reclaim`; errors and the drift guard come back in [`Details`]. Where the program asks for it, a code is sent to the phone, and [`Code`] stands at `/verify` until it is told |
//! | `POST /verify/code/send` | has a code sent to the phone; [`Code`] again (429) when that is not possible yet |
//! | `POST /verify/code/lost` | the registered phone that changes cannot be reached: a person decides |
//! | `POST /verify/code` | `code`: what came to the phone; [`Code`] again (422) when it is another one |
//! | `POST /verify/appeal` | `message`: what was refused goes to a person |
//! | `GET /verify/step/{step}` | tips and camera: [`Capture`] |
//! | `POST /verify/pictures/{step}` | raw body, the picture's bytes as they are; headers `x-csrf`, `x-taken-by: camera\|file`. JSON `{"evidence":"ev_…","picture":"/verify/evidence/ev_…","width":…,"height":…,"usable":bool,"findings":[{"code","severity","region":[[x,y]×4]\|null,"message","fix"}]}` in the page's language; then the script opens the preview. Refused: `application/problem+json` with `code`, `title`, `fix` |
//! | `POST /verify/pictures/{step}/file` | without scripts: `multipart/form-data` with `csrf`, `picture`; then `303 /verify/step/{step}/preview` |
//! | `GET /verify/step/{step}/preview` | the picture that counts, with its problems: [`Preview`] |
//! | `GET /verify/evidence/{id}` | the picture without metadata, upright |
//! | `POST /verify/specimen` | test mode: draws the specimen from the selfie, then `303 /verify` |
//! | `GET /verify/review` | everything before it is sent: [`Overview`] |
//! | `POST /verify/submit` | sends it, then `303 /verify/checking` |
//! | `GET /verify/checking` | [`Checking`]; `303 /verify` when there is nothing to wait for |
//! | `GET /verify/progress` | server-sent events without a name, data `{"stage":"reading\|comparing\|deciding\|done","step":"front"\|null}`; the current stage comes first. At `done` the page opens `/verify` |
//! | `GET /verify/result` | [`Verified`], [`InReview`], [`ToFix`] or [`Closed`] |
//! | `POST /verify/renew` | more time, then `303 /verify?renewed=1` |
//! | `GET /verify/later` | [`Later`]: where a link to go on can be sent |
//! | `POST /verify/later` | `channel=email\|sms`; sends one, then `303 /verify?later=1`; [`Later`] again (429) when one was sent a moment ago |
//! | `POST /verify/language` | `lang`, `back` (through [`local_path`]); sets the cookie, then `303` to `back`. Pages without a visit send an empty `csrf`: nothing but the language changes |
//! | `POST /verify/contact` | `message`; a question to a person, then `303 /verify?told=1` |
//! | `GET /a/{secret}` | opens a link of an after-sales request: becomes a visit, then `303 /aftersales` |
//! | `GET /aftersales` | [`AfterSalesPage`], wherever the request stands; `?kept=1` after what was written was kept |
//! | `POST /aftersales` | `text`, `then=keep\|submit`; what is missing comes back in the page (422) |
//! | `POST /aftersales/verify` | on to a verification of the buyer: `303 /v/{secret}` |
//! | `POST /aftersales/withdraw` | |
//! | `POST /aftersales/files` | without scripts: `multipart/form-data` with `csrf` and any number of `file` |
//! | `POST /aftersales/uploads`, `HEAD`, `PATCH /aftersales/upload/{id}` | with scripts, in pieces: see `aftersales::files` |
//! | `GET /aftersales/file/{id}`, `POST /aftersales/file/{id}/remove` | a photograph or video of the buyer's own |
//! | `GET /assets/{name}` | [`crate::asset::serve`] |
//! | `GET /style` | [`StyleGuide`] |
//!
//! ## The console
//!
//! | request | what it is |
//! |---|---|
//! | `GET /console` | [`SignIn`], or `303 /console/cases` |
//! | `POST /console/sign-in` | `login`, `password` |
//! | `POST /console/sign-out` | |
//! | `GET /console/cases` | [`Cases`]; filters in the query: `state=open\|overdue\|decided`, `mode=live\|test`, `account`, `page` (cursor) |
//! | `GET /console/cases/{id}` | [`CasePage`] |
//! | `GET /console/evidence/{id}` | a picture; `?crop=face` the face alone |
//! | `POST /console/cases/{id}/reveal` | `field`, `reason`; the page again with the value shown, never redirected to a URL that carries it |
//! | `POST /console/cases/{id}/decide` | `verdict=approve\|reject\|ask_again`, `note`; then `303` to the next case, or the list |
//! | `GET /console/aftersales` | [`AfterSalesRows`]: those to be reviewed, the soonest deadline first; `view=all` for all, newest first; `page` (cursor) |
//! | `GET /console/aftersales/{id}` | [`AfterSalesCase`]; that it was looked at goes into the log |
//! | `POST /console/aftersales/{id}/take` | takes it before them, for a while |
//! | `POST /console/aftersales/{id}/decide` | `verdict`, `ground`, `message`, `version`; then `303` to the list |
//! | `GET /console/aftersales/{id}/files/{file}` | a photograph or video; the look goes into the log |
//! | `GET /console/shops` | [`Shops`]; filters in the query: `mode=live\|test`, `status`, `recheck=resting\|asked\|restricted`, `kind=company\|individual`, `page` (cursor); `find`: the marketplace's id of a shop or of one of its sub-accounts leads to it, a credit code lists the company's |
//! | `GET /console/shops/{id}` | [`ShopPage`]; `mode=live\|test`, `staff` (cursor). Forms of what follows send `mode` in the query; whoever does not operate the marketplace gets 403 |
//! | `POST /console/shops/{id}/responsible` | `staff`, `at` (in the shop's time zone; now without it), `purpose`: the page again with who was responsible, masked; the look goes into the log |
//! | `POST /console/shops/{id}/reveal` | `staff`, `moment`, `field=name\|number`, `purpose`; the page again with the value shown, never redirected to a URL that carries it |
//! | `POST /console/shops/{id}/penalty` | `kind=warning\|temporary_closure`, `violation`, `reason`, `reference`, `deduct` (yuan) |
//! | `POST /console/shops/{id}/end` | permanent closure: `violation`, `reason`, `reference`, `deduct`, `refund` |
//! | `POST /console/shops/{id}/deposit` | `movement=payment\|compensation\|deduction`, `amount` (yuan), `reference` |
//! | `POST /console/shops/{id}/close` | for its owner: `reference` of the refund |
//! | `POST /console/shops/{id}/recheck` | `action`: a re-check before it |
//! | `GET /console/rollouts` | [`Rollouts`]; `mode=live\|test`, `status`, `page` (cursor) |
//! | `GET /console/rollouts/new` | [`RolloutNew`]; 403 for whoever does not operate the marketplace |
//! | `POST /console/rollouts/new` | `mode`, `name`, `audience`, `when`, `step_0_from`, `step_0_percent`, …, `capacity`, `days`, `blackout_0_from`, `blackout_0_to`, …, `clock`; then `303` to its page |
//! | `POST /console/rollouts/check` | the same form, while somebody writes: JSON `{"ok":bool,"said":"…"}`, whether `when` is a condition and whom it means now |
//! | `GET /console/rollouts/{id}` | [`RolloutPage`]; `mode=live\|test` |
//! | `POST /console/rollouts/{id}/start`, `/pause`, `/resume`, `/cancel` | |
//! | `GET /console/gate` | [`GatePage`]: the rules in force, or `version`; `mode=live\|test`; with `ask=1` and `event`, `amount`, `currency`, `category`, `kind`, `verified`, `for_action`, what they answer to that made-up request |
//! | `GET /console/gate/edit` | [`GateEdit`]: a draft from the rules in force, or `from` an earlier version; 403 for whoever does not operate the marketplace |
//! | `POST /console/gate/edit` | `mode`, `version`, `events`, `rule_0_name`, `_when`, `_zh`, `_en`, `_program`, `_days`, `_action=yes\|no`, `_remove=on`, …; `do=look` shows it again, `do=ask` with what it answers, `do=try` with what it would have meant in the last `days` days, `do=activate` puts it in force and answers `303` |
//! | `POST /console/gate/check` | the same form and `check`, the name of a condition's field: JSON `{"ok":bool,"said":"…"}` |
//! | `GET /console/bans` | [`Bans`]: candidates that await a look, and the list; `mode=live\|test`, `state=in_force\|ended\|all`, `page` (cursor) |
//! | `GET /console/bans/{id}` | [`BanPage`]; `mode=live\|test` |
//! | `POST /console/bans/{id}/lift` | `reason`; 403 for whoever does not operate the marketplace |
//! | `GET /console/pace` | [`Pace`]: how long people take; `mode=live\|test` |
//! | `GET /console/notices` | [`Notices`]: what was sent to people; `page` (cursor) |
//! | `GET /console/operations` | [`Operations`]: jobs that were given up, webhook endpoints |
//! | `POST /console/operations/jobs/{id}/requeue` | tries it again; administrators |
//! | `POST /console/operations/endpoints/{id}/enable` | `mode`; takes it into use again; administrators |
//! | `POST /console/notices/{id}/reveal` | `reason`; the page again with what the sandbox kept in the clear |
//!
//! All pages are sent with [`CONTENT_SECURITY_POLICY`], [`PERMISSIONS_POLICY`] and `Cache-Control: no-store`.

mod aftersales;
mod capture;
mod chart;
mod checking;
mod closed;
mod code;
mod consent;
mod console;
mod contact;
mod details;
mod elsewhere;
mod failure;
mod frame;
mod icon;
mod in_review;
mod later;
mod management;
mod method;
mod overview;
mod phone;
mod preview;
mod problem;
pub mod sample;
mod specimen;
mod start;
mod style;
mod to_fix;
mod verified;
mod with_app;

#[cfg(test)]
mod check;
#[cfg(test)]
mod tests;

pub use aftersales::{AfterSalesPage, Said, ShownFile};
pub use capture::{Capture, Live};
pub use chart::{Bar, Bars, Drawn};
pub use checking::{Checking, Stage};
pub use closed::Closed;
pub use code::Code;
pub use consent::{Consent, ConsentBlock};
pub use console::{
    AfterSalesCase, AfterSalesRow, AfterSalesRows, BanPage, BanRow, BanState, Bans, Batch, CaseBanned,
    CaseBaseline, CaseCount, CaseFace, CaseField, CaseFinding, CaseOperator, CasePage, CasePicture, CaseRow,
    Cases, CategoryRow, Choice, DeadJobRow, Deadline, Decided, DepositPart, EndpointRow, EntryRow, Event,
    Found, FoundPerson, GateChange, GateEdit, GatePage, GateRuleForm, GateRuleRow, GateSaid, GateSample,
    GateTrialView, GateVersion, Happening, ImportChangeRow, ImportPage, ImportProblemRow, ImportReport,
    ListState, ModeFilter, NoticeRow, Notices, Operations, Pace, PaceRow, PenaltyRow, RecheckPart,
    RolloutNew, RolloutPage, RolloutRow, Rollouts, ShopEntered, ShopForm, ShopPage, ShopRow, ShopStaff,
    Shops, Shown, SignIn, Signal, Value,
};
pub use contact::Contact;
pub use details::{Details, Drift, Field, NumberGroup, NumberKind, number_error};
pub use elsewhere::Elsewhere;
pub use failure::{Failure, FailureKind};
pub use frame::{ConsoleFrame, Frame, Notice, Shell, Stop, Support, Time, local_path};
pub use icon::icon;
pub use in_review::InReview;
pub use later::{Later, Way};
pub use management::{Manage, ManageCode, ManageFilter, ManageGone, ManageNotice, ManageRow, PhoneCode};
pub use method::{MethodChoice, MethodPage};
pub use overview::{Item, Overview};
pub use phone::{Number, Phone, PhoneStep};
pub use preview::Preview;
pub use problem::{Card, Problem, shot_title};
pub use specimen::Specimen;
pub use start::Start;
pub use style::StyleGuide;
pub use to_fix::ToFix;
pub use verified::{OwnCopy, Verified};
pub use with_app::WithApp;

/// What pages may load: only what this server serves, and the picture just taken.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What pages may use of the device: the camera.
pub const PERMISSIONS_POLICY: &str = "camera=(self), microphone=(), geolocation=(), payment=(), usb=()";

/// Marks a key of [`crate::words`] that code chooses, so that the test of keys finds it.
pub(crate) const fn word(key: &'static str) -> &'static str {
    key
}
