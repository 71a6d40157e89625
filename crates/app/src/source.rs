//! Asking an authoritative source.

use std::sync::Arc;

use shiren_core::account::Account;
use shiren_core::account::reference::Reference;
use shiren_core::verification::check::{self, Answer, Answered, Check, SourceKind};
use shiren_core::verification::program::{CheckKind, Method, Mode, Program};
use shiren_core::verification::session::Session;
use shiren_core::verification::{Finding, ReasonCode};

use crate::checks::IdentityRecord;
use crate::context::App;
use crate::person::Declared;
use crate::pictures::hex;
use crate::port::{DataSource, Question};

impl App {
    /// Whether a payment account can be asked in this mode.
    pub fn vouches(&self, mode: Mode) -> bool {
        self.payment_account(mode).is_some()
    }

    fn payment_account(&self, mode: Mode) -> Option<&Arc<dyn DataSource>> {
        match mode {
            Mode::Live => self.sources.payment_account.as_ref(),
            Mode::Test => self.sources.sandbox.as_ref(),
        }
    }

    /// Who is asked about the identity of a session, if anybody is.
    fn source_of(
        &self,
        program: &Program,
        method: &Method,
        mode: Mode,
    ) -> Option<(&Arc<dyn DataSource>, SourceKind)> {
        if method.vouched_by.is_some() {
            return self.payment_account(mode).map(|source| (source, SourceKind::PaymentAccount));
        }
        let wanted =
            program.decision.authoritative_source.in_mode(mode) || method.checks.contains(&CheckKind::Source);
        let source = match mode {
            Mode::Live => self.sources.identity.as_ref().filter(|_| wanted),
            Mode::Test => self.sources.sandbox.as_ref().filter(|_| wanted),
        };
        source.map(|source| (source, SourceKind::Identity))
    }

    /// What a source says about who the person declared to be, or else about who the document says that they are.
    /// `None` when nobody is asked: the decision says so where one is needed.
    pub(crate) async fn asked(
        &self,
        session: &Session,
        program: &Program,
        method: &Method,
        declared: &Declared,
        read: &IdentityRecord,
    ) -> Option<Check> {
        let (source, of) = self.source_of(program, method, session.mode)?;
        let about = Declared {
            name: Some(declared.name.clone().or_else(|| read.name())?),
            id_number: Some(declared.id_number.clone().or_else(|| read.number().map(str::to_owned))?),
            phone: self.phone_of(session, declared).await,
            ..Declared::default()
        };
        let answered = self.ask(source, &session.account, &about).await;
        Some(check::source(source.name(), of, answered, self.now()))
    }

    /// The phone that a source is asked about: the one that was entered, or else the registered one.
    async fn phone_of(&self, session: &Session, declared: &Declared) -> Option<String> {
        if declared.phone.is_some() {
            return declared.phone.clone();
        }
        let mut tx = self.store.snapshot().await.ok()?;
        self.registered(tx.as_mut(), session.mode, &session.account).await.ok()?.phone
    }

    /// What the source of the payment account says to the name on the document, where an account or a card is registered
    /// and was not changed just now (row C5): a finding when it is another one's. Where it cannot be asked, nothing is said.
    pub(crate) async fn payer(
        &self,
        session: &Session,
        method: &Method,
        declared: &Declared,
        read: &IdentityRecord,
    ) -> Result<Option<Check>, crate::error::Error> {
        // A vouched method asks anyway, and a change is asked about by itself.
        let asked_anyway = method.vouched_by.is_some() || session.export.is_some();
        if asked_anyway || session.changes.iter().any(|c| *c != Reference::Phone) {
            return Ok(None);
        }
        let mut tx = self.store.snapshot().await?;
        let registered = self.registered(tx.as_mut(), session.mode, &session.account).await?;
        drop(tx);
        let payment_account = declared.payment_account.clone().or(registered.payment_account);
        let bank_card = declared.bank_card.clone().or(registered.bank_card);
        if payment_account.is_none() && bank_card.is_none() {
            return Ok(None);
        }
        let number = read.number().map(str::to_owned).or_else(|| declared.id_number.clone());
        let about = Declared {
            name: read.name().or_else(|| declared.name.clone()),
            id_number: number,
            phone: None,
            payment_account,
            bank_card,
        };
        let differs = self.vouched_for(session, &about).await == Some(Answer::NameDiffers);
        let found = vec![Finding::fail(ReasonCode::PaymentNameMismatch)];
        Ok(differs.then(|| Check::new(CheckKind::References, &[], found)))
    }

    /// What the payment account says, before any picture is taken (row C7); `None` when it is not asked, or does not
    /// answer: it is asked again when everything is handed in.
    pub(crate) async fn vouched(
        &self,
        session: &Session,
        method: &Method,
        declared: &Declared,
    ) -> Option<Answer> {
        method.vouched_by?;
        self.vouched_for(session, &Declared { payment_account: None, bank_card: None, ..declared.clone() })
            .await
    }

    /// What the payment account's source says about a name, and about another account or card where one stands there.
    pub(crate) async fn vouched_for(&self, session: &Session, declared: &Declared) -> Option<Answer> {
        let source = self.payment_account(session.mode)?;
        let about = Declared { phone: None, ..declared.clone() };
        self.ask(source, &session.account, &about).await.map(|answered| answered.answer)
    }

    async fn ask(
        &self,
        source: &Arc<dyn DataSource>,
        account: &Account,
        about: &Declared,
    ) -> Option<Answered> {
        let question = Question {
            id: format!("q_{}", hex(&self.ten())),
            account: account.clone(),
            name: about.name.clone()?,
            id_number: about.id_number.clone()?,
            phone: about.phone.clone(),
            payment_account: about.payment_account.clone(),
            bank_card: about.bank_card.clone(),
        };
        match source.ask(&question).await {
            Ok(answer) => Some(answer),
            Err(error) => {
                tracing::warn!(%error, "an authoritative source did not answer");
                None
            }
        }
    }
}
