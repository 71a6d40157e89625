//! A source for test mode. It knows nobody and says so in its name.

use async_trait::async_trait;
use shiren_app::port::{DataSource, Question, SourceError};
use shiren_core::verification::check::{Answer, Answered};

/// Answers by the beginning of the name: `不符` or `Differs` is known under another name, `查无` or `Unknown` is not
/// known, `超时` or `Timeout` gets no answer; everybody else is confirmed. Of a phone it says that it is the one of this
/// identity, unless it ends in 0000, or in 9999, of which it says nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct SandboxSource;

#[async_trait]
impl DataSource for SandboxSource {
    fn name(&self) -> &str {
        "sandbox"
    }

    async fn ask(&self, question: &Question) -> Result<Answered, SourceError> {
        let begins = |with: [&str; 2]| with.iter().any(|w| question.name.starts_with(w));
        let answer = match () {
            () if begins(["不符", "Differs"]) => Answer::NameDiffers,
            () if begins(["查无", "Unknown"]) => Answer::Unknown,
            () if begins(["超时", "Timeout"]) => {
                return Err(SourceError("the sandbox was asked not to answer".into()));
            }
            () => Answer::Confirms,
        };
        let known = question.phone.as_ref().filter(|phone| !phone.ends_with("9999"));
        Ok(Answered { answer, phone: known.map(|phone| !phone.ends_with("0000")) })
    }
}
