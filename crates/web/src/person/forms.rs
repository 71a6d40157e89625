//! The person's forms: each asks one use case, and goes on or shows its page again.

use axum::extract::{Form, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use serde::Deserialize;
use shiren_app::{Declared, Error, Insists};
use shiren_core::account::reference::Reference;
use shiren_core::identity::cn_id::CnId;
use shiren_core::see::Shot;
use shiren_core::verification::ReasonCode;
use shiren_core::verification::session::{Consent, ConsentTo};

use super::code;
use super::stand::{self, Entry};
use super::visit::Person;
use crate::browser::{DEVICE, LANGUAGE, page, to};
use crate::consent::current;
use crate::form::{Button, Sent};
use crate::limit::Client;
use crate::page::number_error;
use crate::state::State;
use crate::why::Why;
use crate::words::Language;

#[derive(Debug, Deserialize)]
pub(super) struct ConsentForm {
    identity: Option<String>,
    face: Option<String>,
}

/// Agreeing to both texts, as they were shown.
pub(super) async fn consent(
    Shared(state): Shared<State>,
    Sent(person, form): Sent<Person, ConsentForm>,
) -> Response {
    let ticked = |to| match to {
        ConsentTo::Identity => form.identity.is_some(),
        ConsentTo::Face => form.face.is_some(),
    };
    let missing: Vec<ConsentTo> = ConsentTo::ALL.into_iter().filter(|to| !ticked(*to)).collect();
    if !missing.is_empty() {
        return match state.app.program_of(person.session()) {
            Ok(program) => stand::consent(&state, &person, program, &missing),
            Err(error) => person.failed(&state, &error),
        };
    }
    let (at, why) = (person.visitor.now, Why::of_program(&person.session().program.name));
    let agreed = ConsentTo::ALL.map(|to| {
        let text = current(to, why, person.language);
        let (version, language) = (text.version.to_owned(), text.language.name().to_owned());
        Consent { to, version, language, text_sha256: text.sha256, at }
    });
    match state.app.consent(&person.session().id, agreed.into()).await {
        Ok(_) => to("/verify"),
        Err(error) => person.failed(&state, &error),
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct MethodForm {
    #[serde(default)]
    method: String,
    specimen: Option<String>,
}

/// Choosing a method; with a specimen in mind, the selfie comes first.
pub(super) async fn method(
    Shared(state): Shared<State>,
    Sent(person, form): Sent<Person, MethodForm>,
) -> Response {
    let program = match state.app.program_of(person.session()) {
        Ok(program) => program,
        Err(error) => return person.failed(&state, &error),
    };
    let vouchers = state.app.vouches(person.session().mode);
    let available = program.method(&form.method).filter(|m| m.vouched_by.is_none() || vouchers);
    let Some(chosen) = available else { return stand::method(&state, &person, program, true) };
    let specimen = form.specimen.is_some();
    if let Err(error) = state.app.choose_method(&person.session().id, &form.method).await {
        return person.failed(&state, &error);
    }
    // A phone that is always asked for is the person's own, and so entered, also beside a specimen.
    let entries = chosen.declare.phone.in_mode(person.session().mode);
    match chosen.steps.iter().find(|s| s.shot == Shot::Selfie).filter(|_| specimen && !entries) {
        // A specimen's name and number are nobody's to enter.
        Some(step) => {
            match state.app.declare(&person.session().id, Declared::default(), Insists::default()).await {
                Ok(_) => to(&format!("/verify/step/{}", step.id)),
                // What the marketplace has registered is the person's own, and so entered.
                Err(Error::Entry { .. }) => to("/verify?show=details"),
                Err(error) => person.failed(&state, &error),
            }
        }
        None => to("/verify?show=details"),
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct DetailsForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    id_number: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    payment_account: String,
    #[serde(default)]
    bank_card: String,
    reclaim: Option<String>,
    /// What is another one than registered, by its names and with commas between them.
    #[serde(default)]
    change: String,
}

/// Name and number; what cannot be right comes back with them.
pub(super) async fn details(
    Shared(state): Shared<State>,
    client: Client,
    Sent(person, form): Sent<Person, DetailsForm>,
) -> Response {
    let program = match state.app.program_of(person.session()) {
        Ok(program) => program,
        Err(error) => return person.failed(&state, &error),
    };
    let entered = Declared {
        name: Some(form.name.clone()),
        id_number: Some(form.id_number.clone()),
        phone: Some(form.phone.clone()),
        payment_account: Some(form.payment_account.clone()),
        bank_card: Some(form.bank_card.clone()),
    };
    let insists = Insists {
        reclaims: form.reclaim.is_some(),
        changes: form.change.split(',').filter_map(Reference::named).collect(),
    };
    match state.app.declare(&person.session().id, entered, insists).await {
        Ok(session) if session.awaits_phone(program) => code::begin(&state, &person, client).await,
        Ok(_) => to("/verify"),
        Err(Error::Entry { field, code }) => {
            let Ok(method) = person.session().method_of(program) else { return to("/verify") };
            let mut entry = Entry {
                name: Some(form.name),
                number: Some(form.id_number),
                phone: Some(form.phone),
                payment_account: Some(form.payment_account),
                bank_card: Some(form.bank_card),
                reclaim: form.reclaim.is_some(),
                change: form.change,
                ..Entry::default()
            };
            let sentence = person.language.advice(code);
            match (field, code) {
                (_, ReasonCode::IdentityInUse | ReasonCode::SubjectBanned) => entry.drift = Some(code),
                (_, code) if Reference::ALL.iter().any(|r| r.changed() == code) => entry.drift = Some(code),
                ("id_number", ReasonCode::IdNumberInvalid) => {
                    let number = entry.number.as_deref().unwrap_or_default();
                    let told = CnId::parse(number, state.app.today()).err();
                    let told = told.map(|e| number_error(e, &person.shell(&state)));
                    let (odd, said) = told.unwrap_or((None, sentence));
                    (entry.odd, entry.number_error) = (odd, Some(said));
                }
                ("id_number", _) => entry.number_error = Some(sentence),
                ("phone", _) => entry.phone_error = Some(sentence),
                ("payment_account", _) => entry.account_error = Some(sentence),
                ("bank_card", _) => entry.card_error = Some(sentence),
                _ => entry.name_error = Some(sentence),
            }
            stand::details(&state, &person, program, method, entry).await
        }
        Err(error) => person.failed(&state, &error),
    }
}

/// More time.
pub(super) async fn renew(
    Shared(state): Shared<State>,
    Sent(person, Button {}): Sent<Person, Button>,
) -> Response {
    match state.app.renew(&person.session().id).await {
        Ok(_) => to("/verify?renewed=1"),
        Err(error) => person.failed(&state, &error),
    }
}

/// Draws a specimen from the selfie.
pub(super) async fn specimen(
    Shared(state): Shared<State>,
    Sent(person, Button {}): Sent<Person, Button>,
) -> Response {
    match state.app.draw_specimen(&person.session().id).await {
        Ok(_) => to("/verify"),
        Err(error) => person.failed(&state, &error),
    }
}

/// Hands everything in. Handed in before, it just goes on: a second tap is no mistake.
pub(super) async fn submit(
    Shared(state): Shared<State>,
    jar: CookieJar,
    Sent(person, Button {}): Sent<Person, Button>,
) -> Response {
    use shiren_core::verification::session::Refusal::{
        Ended, Missing, NoMethod, NotYourTurn, PhoneUnverified,
    };
    let device = jar.get(DEVICE).map(Cookie::value);
    match state.app.submit(&person.session().id, device).await {
        Ok(_) | Err(Error::Refused(NotYourTurn(_) | Ended(_))) => to("/verify/checking"),
        Err(Error::Refused(Missing(_) | NoMethod | PhoneUnverified)) => to("/verify"),
        Err(error) => person.failed(&state, &error),
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct LanguageForm {
    #[serde(default)]
    lang: String,
    #[serde(default)]
    back: String,
}

/// Another language: a cookie, nothing more.
pub(super) async fn language(
    Shared(state): Shared<State>,
    jar: CookieJar,
    Form(form): Form<LanguageForm>,
) -> Response {
    let back = crate::page::local_path(&form.back);
    let Some(language) = Language::of_tag(&form.lang) else { return to(back) };
    let cookie = Cookie::build((LANGUAGE, language.name()))
        .path("/")
        .permanent()
        .secure(state.site.secure)
        .same_site(SameSite::Lax);
    (jar.add(cookie), to(back)).into_response()
}

#[derive(Debug, Deserialize)]
pub(super) struct ContactForm {
    #[serde(default)]
    message: String,
}

/// A message to a person: it is kept sealed, and the marketplace is told.
pub(super) async fn contact(
    Shared(state): Shared<State>,
    Sent(person, form): Sent<Person, ContactForm>,
) -> Response {
    let left = state.app.leave_message(&person.session().id, &form.message).await;
    written(&state, &person, form.message, left)
}

/// What was refused goes to a person, with what is said about it.
pub(super) async fn appeal(
    Shared(state): Shared<State>,
    Sent(person, form): Sent<Person, ContactForm>,
) -> Response {
    let left = state.app.appeal(&person.session().id, &form.message).await.map(drop);
    written(&state, &person, form.message, left)
}

fn written(state: &State, person: &Person, message: String, left: Result<(), Error>) -> Response {
    match left {
        Ok(()) => to("/verify?told=1"),
        Err(Error::Invalid { .. }) => {
            let Ok(program) = state.app.program_of(person.session()) else { return to("/verify") };
            let frame = person.frame(state, program, None);
            let error = Some(frame.t("contact.empty").into());
            page(StatusCode::UNPROCESSABLE_ENTITY, &crate::page::Contact { frame, message, error })
        }
        Err(error) => person.failed(state, &error),
    }
}
