//! `shiren verify`: from the pictures of one session to a decision with its reasons.

mod given;
mod look;
mod progress;
mod report;

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use serde::Serialize;
use shiren_core::see::{Eyes, Shot};
use shiren_core::verification::check::Declared;
use shiren_core::verification::program::{BUILT_IN, Method, Mode, Program, built_in};
use shiren_core::verification::{Decision, Dossier, Grounds, decide, examine};

use self::given::Given;
use self::look::Looked;
use self::progress::{Progress, Stage};
use super::choice;
use crate::cli::Setting;
use crate::exit::Failure;
use crate::sight::{self, Needs};
use crate::speech::Speech;
use crate::today::Today;

/// Verify a person: read the document, compare the face, decide by a program, give the reasons
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// A built-in program (shop-owner, staff, buyer, influencer) or a TOML file
    #[arg(long, value_name = "NAME|FILE.toml")]
    program: String,

    /// The way through the program [default: its first that takes the pictures given]
    #[arg(long, value_name = "ID")]
    method: Option<String>,

    /// Test: specimens are fine, nothing is proven. Live: real people
    #[arg(long, value_parser = choice::mode(), default_value_t = Mode::Test)]
    mode: Mode,

    #[command(flatten)]
    pictures: Pictures,

    /// The name that the person declares
    #[arg(long)]
    name: Option<String>,

    /// The document number that the person declares
    #[arg(long, value_name = "NUMBER")]
    id_number: Option<String>,

    #[command(flatten)]
    today: Today,
}

/// The steps of the built-in programs have flags of their own.
#[derive(Debug, Args)]
struct Pictures {
    /// Portrait side of the card
    #[arg(long, value_name = "FILE")]
    front: Option<PathBuf>,

    /// The other side of the card
    #[arg(long, value_name = "FILE")]
    back: Option<PathBuf>,

    /// Passport data page
    #[arg(long, value_name = "FILE")]
    passport: Option<PathBuf>,

    /// Visa
    #[arg(long, value_name = "FILE")]
    visa: Option<PathBuf>,

    /// The person's face
    #[arg(long, value_name = "FILE")]
    selfie: Option<PathBuf>,

    /// The person holding the document
    #[arg(long, value_name = "FILE")]
    handheld: Option<PathBuf>,

    /// The picture of any other step of a program of your own; may be given several times
    #[arg(long = "picture", value_name = "STEP=FILE", value_parser = step_and_file)]
    others: Vec<(String, PathBuf)>,
}

fn step_and_file(text: &str) -> Result<(String, PathBuf), String> {
    let (step, file) = text.split_once('=').ok_or("a step, an equals sign and a file are needed")?;
    Ok((step.to_owned(), file.into()))
}

impl Pictures {
    /// Step ids and files, in the order of the flags.
    fn into_steps(self) -> Vec<(String, PathBuf)> {
        let own = [
            ("front", self.front),
            ("back", self.back),
            ("passport", self.passport),
            ("visa", self.visa),
            ("selfie", self.selfie),
            ("handheld", self.handheld),
        ];
        let own = own.into_iter().filter_map(|(step, file)| Some((step.to_owned(), file?)));
        own.chain(self.others).collect()
    }
}

/// One line of JSON: the decision and how long it took.
#[derive(Debug, Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    decision: &'a Decision,
    ms: u64,
}

impl Verify {
    pub(crate) fn run(self, setting: &Setting) -> Result<(), Failure> {
        let own;
        let program = match built_in(&self.program) {
            Some(program) => program,
            None => {
                own = program_file(&self.program)?;
                &own
            }
        };
        let pictures = self.pictures.into_steps();
        let method = method(program, self.method.as_deref(), &pictures)?;
        let given = given::read(method, pictures)?;
        let speech = Speech::on_stdout(setting.language);
        let progress = Progress::new(setting);

        progress.tell(Stage::Opening);
        let start = Instant::now();
        let eyes = sight::open(setting, needs(method))?;
        let request = Request {
            program,
            method,
            mode: self.mode,
            declared: Declared { name: self.name.as_deref(), id_number: self.id_number.as_deref() },
            today: self.today.date(),
            threads: setting.threads,
        };
        let (looked, decision) = verify(&eyes, &given, &request, &sight::digests(setting)?, &progress)?;
        let ms = start.elapsed().as_millis() as u64;
        progress.finish();
        let line = Line { decision: &decision, ms };
        Ok(setting.output.result(&line, |line| report::text(speech, program, line, &looked))?)
    }
}

/// What is to be decided, and by which rules.
struct Request<'a> {
    program: &'a Program,
    method: &'a Method,
    mode: Mode,
    declared: Declared<'a>,
    today: jiff::civil::Date,
    threads: usize,
}

/// Looks, compares, examines, decides.
fn verify(
    eyes: &dyn Eyes,
    given: &[Given],
    request: &Request<'_>,
    models: &std::collections::BTreeMap<String, String>,
    progress: &Progress,
) -> Result<(Looked, Decision), Failure> {
    let looked = look::look(eyes, given, request, progress)?;
    progress.tell(Stage::Deciding);
    let dossier = Dossier { materials: &looked.materials, declared: request.declared, face: looked.face };
    let checks = examine(request.program, request.method, request.mode, &dossier, request.today);
    let evidence: Vec<_> = given.iter().map(Given::evidence).collect();
    let decision = decide(&Grounds {
        program: request.program,
        method: request.method,
        mode: request.mode,
        checks: &checks,
        evidence: &evidence,
        models,
    });
    Ok((looked, decision))
}

/// A program of one's own.
fn program_file(name: &str) -> Result<Program, Failure> {
    if !name.ends_with(".toml") {
        let names: Vec<&str> = BUILT_IN.iter().map(|(name, _)| *name).collect();
        let message = format!("there is no program {name:?}; there are {}, and FILE.toml", names.join(", "));
        return Err(Failure::Usage(message));
    }
    let text =
        std::fs::read_to_string(Path::new(name)).map_err(|e| Failure::Other(format!("{name}: {e}")))?;
    Program::from_toml(&text).map_err(|e| Failure::Other(format!("{name}: {e}")))
}

/// The method asked for; without one, the first that has a step for every picture given.
fn method<'p>(
    program: &'p Program,
    asked: Option<&str>,
    pictures: &[(String, PathBuf)],
) -> Result<&'p Method, Failure> {
    let ids = |methods: &[Method]| methods.iter().map(|m| m.id.clone()).collect::<Vec<_>>().join(", ");
    let takes = |m: &&Method| pictures.iter().all(|(step, _)| m.step(step).is_some());
    match asked {
        Some(id) => {
            let method = program.method(id).ok_or_else(|| {
                let known = ids(&program.methods);
                Failure::Usage(format!("{} has no method {id:?}; it has {known}", program.name))
            })?;
            if takes(&method) {
                return Ok(method);
            }
            let steps: Vec<&str> = method.steps.iter().map(|s| s.id.as_str()).collect();
            Err(Failure::Usage(format!("method {id} takes the pictures {}", steps.join(", "))))
        }
        None => program.methods.iter().find(takes).ok_or_else(|| {
            Failure::Usage(format!("no method of {} takes these pictures together", program.name))
        }),
    }
}

/// The models that a method needs: nobody waits for others.
fn needs(method: &Method) -> Needs {
    Needs {
        documents: method.steps.iter().any(|s| s.reads.is_some() || s.shot != Shot::Selfie),
        faces: method.steps.iter().any(|s| s.portrait || matches!(s.shot, Shot::Selfie | Shot::Handheld)),
    }
}

#[cfg(test)]
mod tests;
