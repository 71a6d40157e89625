//! People who verify, as the pages let them: agree, choose, show their face, and a specimen for a card.

use shiren_app::record::TakenBy;
use shiren_app::{App, Contact, CreateSession, Declared, Error};
use shiren_core::account::{Account, AccountKind};
use shiren_core::id::SessionId;
use shiren_core::review::{Reviewer, Verdict};
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::{Consent, ConsentTo, Status};
use shiren_web::consent;
use shiren_web::why::Why;
use shiren_web::words::Language;

/// Photographs of two people.
pub(super) struct Faces {
    pub(super) first: Vec<u8>,
    pub(super) second: Vec<u8>,
}

/// Every built-in program lets people show a resident card.
const METHOD: &str = "resident-id-card";

/// A session for an account, and its person's way through it until the checks have looked.
pub(super) async fn verify(
    app: &App,
    program: &str,
    (kind, id): (AccountKind, &str),
    face: &[u8],
    phone: Option<&str>,
) -> Result<SessionId, Error> {
    let asked = CreateSession {
        action: None,
        account_assertion: false,
        mode: Mode::Test,
        program: program.to_owned(),
        account: Account { kind, id: id.to_owned() },
        clock: None,
        return_url: None,
        metadata: Default::default(),
        contact: Contact { email: Some(format!("{id}@example.com")), phone: None },
    };
    let session = app.run(asked).await?.session.id;
    let now = app.now();
    let agreed = ConsentTo::ALL.map(|to| {
        let text = consent::current(to, Why::of_program(program), Language::Zh);
        let (version, language) = (text.version.to_owned(), text.language.name().to_owned());
        Consent { to, version, language, text_sha256: text.sha256, at: now }
    });
    app.consent(&session, agreed.into()).await?;
    app.choose_method(&session, METHOD).await?;
    let entered = Declared { phone: phone.map(str::to_owned), ..Declared::default() };
    app.declare(&session, entered, shiren_app::Insists::default()).await?;
    app.take_picture(&session, "selfie", face.to_vec(), TakenBy::File).await?;
    app.draw_specimen(&session).await?;
    app.submit(&session, None).await?;
    work(app).await?;
    Ok(session)
}

/// Whoever the checks sent to a person is approved by as many of them as it takes.
pub(super) async fn approve(app: &App, session: &SessionId, reviewers: &[Reviewer]) -> Result<(), Error> {
    for reviewer in reviewers {
        let (session, _) = app.session(Mode::Test, session).await?;
        let (Status::InReview, Some(case)) = (session.status, &session.case) else { break };
        let note = "demo: the specimen and the photograph agree";
        app.decide_case(Some(Mode::Test), case, Verdict::Approve, note, reviewer.clone()).await?;
    }
    work(app).await
}

/// Does all work that is due.
pub(super) async fn work(app: &App) -> Result<(), Error> {
    while app.work_once("demo").await? {}
    Ok(())
}
