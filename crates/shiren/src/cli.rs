//! The command line: what every command shares, and the help that teaches.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread;

use clap::Parser;
use shiren_vision::pack::{self, Library};

use crate::command::Command;
use crate::exit::Failure;
use crate::language::Language;
use crate::output::Output;

const TEACH: &str = "\
First steps:
  shiren models install            get the models (130 MB to fetch, once)
  shiren doctor                    is anything missing, and how to get it

Then try it, with pictures of your own or with specimens:
  shiren specimen --portrait me.jpg --out specimen --photograph
  shiren read-document card.jpg
  shiren compare-faces a.jpg b.jpg
  shiren verify --program shop-owner --front front.jpg --back back.jpg --selfie selfie.jpg

Environment:
  SHIREN_MODELS   folder of the installed models
                  [default: $XDG_DATA_HOME/shiren/models or ~/.local/share/shiren/models]

Exit status:
  0  the command did its job, whatever it found    2  wrong usage
  1  anything else, with one line that says what   3  models are missing: shiren models install";

/// Shiren 实人: is this a real person, and the one they say they are?
///
/// Reads identity documents, compares faces and decides by a written program, with reasons. Everything runs on
/// this machine; no picture leaves it.
#[derive(Debug, Parser)]
#[command(name = "shiren", version, after_help = TEACH, max_term_width = 110, arg_required_else_help = true)]
pub(crate) struct Cli {
    /// Print one JSON object per line instead of text for people
    #[arg(long, global = true)]
    json: bool,

    /// Threads to compute with [default: all cores]
    #[arg(long, global = true, value_name = "N")]
    threads: Option<NonZeroUsize>,

    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Cli {
    pub(crate) fn setting(&self) -> Setting {
        let threads = self
            .threads
            .or_else(|| thread::available_parallelism().ok())
            .map_or(1, NonZeroUsize::get)
            .min(MOST_THREADS);
        Setting { threads, output: Output { json: self.json }, language: Language::of_locale() }
    }
}

/// More threads than this only wait for each other inside one operator.
const MOST_THREADS: usize = 64;

/// What every command is given.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    /// Threads to compute with, at least 1.
    pub(crate) threads: usize,
    /// How to print.
    pub(crate) output: Output,
    /// How to speak to people.
    pub(crate) language: Language,
}

impl Setting {
    /// Where the models are installed.
    pub(crate) fn models_root(self) -> Result<PathBuf, Failure> {
        Ok(pack::default_root()?)
    }

    /// The installed models.
    pub(crate) fn library(self) -> Result<Library, Failure> {
        Ok(Library::open(&self.models_root()?, self.threads)?)
    }
}
