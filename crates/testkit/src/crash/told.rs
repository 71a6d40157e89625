//! What a child said was acknowledged.

use std::collections::{BTreeMap, BTreeSet};

/// First word of a line that says so; others are let be.
const WORD: &str = "acknowledged";

/// First word of a line that names a kind of job.
const JOB: &str = "job";

/// What one process after the other was told, by the name of each step.
#[derive(Clone, Debug, Default)]
pub struct Told {
    answers: BTreeMap<String, String>,
    changed: Vec<String>,
    last: String,
    jobs: BTreeSet<String>,
}

impl Told {
    /// Reads a line of a child's.
    pub fn hear(&mut self, line: &str) {
        let mut words = line.split(' ');
        match words.next() {
            Some(WORD) => {}
            Some(JOB) => return self.jobs.extend(words.next().map(str::to_owned)),
            _ => return,
        }
        let Some(name) = words.next() else { return };
        let answer = words.next().unwrap_or_default();
        name.clone_into(&mut self.last);
        let before = self.answers.entry(name.to_owned()).or_insert_with(|| answer.to_owned());
        if before != answer {
            self.changed.push(format!("{name} was {before} and is {answer}"));
        }
    }

    /// What this step was answered with.
    pub fn answer<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.answers.get(name)?.parse().ok()
    }

    /// The answers of all steps whose names end so.
    pub fn answers(&self, end: &str) -> Vec<&str> {
        let of = self.answers.iter().filter(|(name, _)| name.ends_with(end));
        of.map(|(_, answer)| answer.as_str()).collect()
    }

    /// The step that was acknowledged last.
    pub fn last(&self) -> &str {
        &self.last
    }

    /// The kinds of jobs that were begun.
    pub fn jobs(&self) -> &BTreeSet<String> {
        &self.jobs
    }

    /// What was answered otherwise the second time.
    pub fn changed(&self) -> &[String] {
        &self.changed
    }
}

/// Says that a job of this kind begins.
pub(super) fn say_job(kind: &str) {
    println!("\n{JOB} {kind}");
}

/// Says that a step is acknowledged: from here on it must never be lost.
pub(super) fn say(name: &str, answer: &str) {
    println!("\n{WORD} {name} {answer}");
}
