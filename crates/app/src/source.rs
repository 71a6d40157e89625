//! Asking an authoritative source.

use std::sync::Arc;

use shiren_core::account::Account;
use shiren_core::verification::check::{self, Answer, Check};
use shiren_core::verification::program::{CheckKind, Method, Mode, Program};
use shiren_core::verification::session::Session;

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
    fn source_of(&self, program: &Program, method: &Method, mode: Mode) -> Option<&Arc<dyn DataSource>> {
        if method.vouched_by.is_some() {
            return self.payment_account(mode);
        }
        let wanted =
            program.decision.authoritative_source.in_mode(mode) || method.checks.contains(&CheckKind::Source);
        match mode {
            Mode::Live => self.sources.identity.as_ref().filter(|_| wanted),
            Mode::Test => self.sources.sandbox.as_ref().filter(|_| wanted),
        }
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
        let source = self.source_of(program, method, session.mode)?;
        let name = declared.name.clone().or_else(|| read.name())?;
        let number = declared.id_number.as_deref().or_else(|| read.number())?;
        let answer = self.ask(source, &session.account, &name, number, (None, None)).await;
        Some(check::source(source.name(), answer, self.now()))
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
        let (name, number) = (declared.name.as_deref()?, declared.id_number.as_deref()?);
        let other = (declared.payment_account.clone(), declared.bank_card.clone());
        self.ask(source, &session.account, name, number, other).await
    }

    async fn ask(
        &self,
        source: &Arc<dyn DataSource>,
        account: &Account,
        name: &str,
        number: &str,
        (payment_account, bank_card): (Option<String>, Option<String>),
    ) -> Option<Answer> {
        let question = Question {
            id: format!("q_{}", hex(&self.ten())),
            account: account.clone(),
            name: name.to_owned(),
            id_number: number.to_owned(),
            payment_account,
            bank_card,
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
