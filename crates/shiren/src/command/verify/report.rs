//! The decision as people read it.

use shiren_core::verification::program::{Mode, Program};
use shiren_core::verification::{CheckResult, Decision, Finding, Outcome, Passed, Reason};

use super::Line;
use super::look::Looked;
use crate::command::{compare_faces, read_document};
use crate::speech::{self, Speech, Tone};

pub(super) fn text(speech: Speech, program: &Program, line: &Line<'_>, looked: &Looked) -> String {
    let decision = line.decision;
    let mut text = heading(speech, program, line);
    text.push_str(&reasons(speech, &decision.reasons));
    text.push('\n');
    for material in &looked.materials {
        if let Some(reading) = material.document.as_ref().filter(|d| !d.fields.is_empty()) {
            let title = speech.toned(Tone::Strong, speech::kind(speech.language, reading.kind));
            text.push_str(&format!("{title}\n{}\n", read_document::fields(speech, &reading.fields)));
        }
    }
    text.push_str(&format!("{}\n", speech.toned(Tone::Strong, speech.language.of("检查", "Checks"))));
    text.push_str(&checks(speech, decision));
    let statement = decision.assurance.statement;
    text.push_str(&format!("\n{}\n", speech.language.of(statement.zh, statement.en)));
    text
}

fn heading(speech: Speech, program: &Program, line: &Line<'_>) -> String {
    let decision = line.decision;
    let (name, tone) = speech::outcome(speech.language, decision.outcome);
    let mark = match decision.outcome {
        Outcome::Verified => "✓",
        Outcome::InReview => "!",
        Outcome::RequiresInput | Outcome::Rejected => "✗",
    };
    let said = speech.toned(tone, &format!("{mark} {name}"));
    let title = speech.language.of(&program.title.zh, &program.title.en);
    let method =
        program.method(&decision.program.method).map(|m| speech.language.of(&m.title.zh, &m.title.en));
    let mode = match decision.mode {
        Mode::Test => speech.language.of("测试模式", "test mode"),
        Mode::Live => speech.language.of("正式模式", "live mode"),
    };
    let method = method.map(String::as_str).unwrap_or_default();
    let about = speech.toned(Tone::Quiet, &format!("{title} · {method} · {mode}"));
    format!("{said}  {about}  {}\n", speech.duration(line.ms))
}

/// Each reason with the pictures it concerns and what to do.
fn reasons(speech: Speech, reasons: &[Reason]) -> String {
    let mut text = String::new();
    for reason in reasons {
        let said = speech::findings(speech, &[reason.finding]);
        let steps = reason.steps.join(", ");
        match said.split_once('\n') {
            Some((first, rest)) if !steps.is_empty() => {
                text.push_str(&format!(
                    "{first} {}\n{rest}",
                    speech.toned(Tone::Quiet, &format!("[{steps}]"))
                ));
            }
            _ => text.push_str(&said),
        }
    }
    text
}

/// One line for each check.
fn checks(speech: Speech, decision: &Decision) -> String {
    let name = |r: &CheckResult| speech::check(speech.language, r.check);
    let width = speech::widest(decision.checks.iter().map(name));
    let steps: Vec<String> = decision.checks.iter().map(|r| r.steps.join(", ")).collect();
    let steps_width = speech::widest(steps.iter().map(String::as_str));
    let mut text = String::new();
    for (result, steps) in decision.checks.iter().zip(&steps) {
        let mark = match result.result {
            Passed::Pass => speech.toned(Tone::Good, "✓"),
            Passed::Review => speech.toned(Tone::Doubtful, "!"),
            Passed::Fail => speech.toned(Tone::Bad, "✗"),
        };
        let mut notes: Vec<String> =
            result.findings.iter().map(|f: &Finding| f.code.name().to_owned()).collect();
        if let Some(face) = &result.face {
            let (band, _) = speech::band(speech.language, face.band);
            notes.insert(0, format!("{band}, {}", compare_faces::one_in(speech, face.fmr)));
        }
        let notes = speech.toned(Tone::Quiet, &notes.join(", "));
        let (name, steps) = (speech::padded(name(result), width), speech::padded(steps, steps_width));
        text.push_str(format!("  {mark} {name}  {steps}  {notes}").trim_end());
        text.push('\n');
    }
    text
}
