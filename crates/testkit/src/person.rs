//! What a person does before any picture.

use shiren_app::{App, CreateSession, Error};
use shiren_core::account::{Account, AccountKind};
use shiren_core::id::SessionId;
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::{Consent, ConsentTo};

/// The way of identifying that tests go.
pub const METHOD: &str = "resident-id-card";

/// Agrees to everything.
///
/// # Errors
/// When the store fails, or the session does not take it.
pub async fn consent(app: &App, id: &SessionId) -> Result<(), Error> {
    let to = |to| Consent {
        to,
        version: "2026-12".into(),
        language: "zh".into(),
        text_sha256: "00".into(),
        at: app.now(),
    };
    app.consent(id, ConsentTo::ALL.map(to).into()).await.map(drop)
}

/// Agrees, and chooses the resident card.
///
/// # Errors
/// As above.
pub async fn agree(app: &App, id: &SessionId) -> Result<(), Error> {
    consent(app, id).await?;
    app.choose_method(id, METHOD).await.map(drop)
}

/// A shop owner who has opened their link, agreed and chosen: the session, and the cookie that knows them.
///
/// # Errors
/// When the store fails.
pub async fn arrived(app: &App, mode: Mode) -> Result<(SessionId, String), Error> {
    let asked = CreateSession {
        mode,
        program: "shop-owner".into(),
        account: Account { kind: AccountKind::Shop, id: "1".into() },
        clock: None,
        return_url: None,
        action: None,
        metadata: Default::default(),
        contact: shiren_app::Contact::default(),
        account_assertion: false,
    };
    let created = app.run(asked).await?;
    let (id, cookie) = app.open_link(&created.link_secret, None, None).await?;
    agree(app, &id).await?;
    Ok((id, cookie))
}
