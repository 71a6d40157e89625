//! Findings as people read them: what is wrong, and beneath it what to do.

use shiren_core::verification::{Finding, Severity};

use super::{Speech, Tone};

/// One or two lines for each finding, the worst first, indented by two; a line that says so when there is none.
pub(crate) fn findings(speech: Speech, findings: &[Finding]) -> String {
    if findings.is_empty() {
        let fine = speech.language.of("没有发现问题。", "Nothing is wrong with it.");
        return format!("  {} {fine}\n", speech.toned(Tone::Good, "✓"));
    }
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort_by_key(|f| std::cmp::Reverse(f.severity));
    sorted.into_iter().map(|f| one(speech, f)).collect()
}

fn one(speech: Speech, finding: &Finding) -> String {
    let (mark, tone) = match finding.severity {
        Severity::Fail => ("✗", Tone::Bad),
        Severity::Review => ("!", Tone::Doubtful),
        Severity::Info => ("·", Tone::Quiet),
    };
    let (message, fix) = (finding.code.message(), finding.code.fix());
    let said = speech.language.of(message.zh, message.en);
    let code = speech.toned(Tone::Quiet, finding.code.name());
    let mut text = format!("  {} {said}  {code}\n", speech.toned(tone, mark));
    if finding.severity != Severity::Info {
        text.push_str(&format!("    {}\n", speech.language.of(fix.zh, fix.en)));
    }
    text
}
