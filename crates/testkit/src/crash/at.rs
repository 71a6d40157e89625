//! What a child is at, told to the library that it may die by: a step of its life, or a job in it.
//!
//! A point is known again by it: the third write of the reminder on the second day, say, in whichever process.

use std::fs::{File, OpenOptions};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::os::unix::fs::FileExt as _;
use std::sync::{Mutex, OnceLock, PoisonError};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber, span};

use super::board::AT;
use super::told::say_job;

/// Where a child finds its board.
pub(super) const BOARD: &str = "CRASH_BOARD";

static PEN: OnceLock<Option<Pen>> = OnceLock::new();

/// Writes on the board of this process, where it has one.
struct Pen {
    board: File,
    at: Mutex<At>,
}

#[derive(Default)]
struct At {
    step: String,
    turn: u64,
}

/// A step of a life begins.
pub(super) fn step(name: &str) {
    if let Some(pen) = pen() {
        let mut at = pen.at.lock().unwrap_or_else(PoisonError::into_inner);
        name.clone_into(&mut at.step);
        pen.tell(&mut at, "");
    }
}

/// Hears from the worker which job it begins.
///
/// # Panics
/// When another one hears already.
pub(super) fn hear_jobs() {
    tracing::subscriber::set_global_default(Ears).expect("nobody hears yet");
}

fn pen() -> Option<&'static Pen> {
    let open = || {
        let board = OpenOptions::new().write(true).open(std::env::var_os(BOARD)?).ok()?;
        Some(Pen { board, at: Mutex::default() })
    };
    PEN.get_or_init(open).as_ref()
}

impl Pen {
    fn tell(&self, at: &mut At, job: &str) {
        at.turn += 1;
        let mut hasher = DefaultHasher::new();
        (&at.step, job).hash(&mut hasher);
        let told = [hasher.finish(), at.turn].map(u64::to_ne_bytes).concat();
        // Without it the points are taken for others: the sums in the end would not come out.
        self.board.write_all_at(&told, AT).expect("the board can be written on");
    }
}

/// Listens to the worker alone.
struct Ears;

#[derive(Default)]
struct Begun {
    kind: String,
    begins: bool,
}

impl Visit for Begun {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "kind" {
            value.clone_into(&mut self.kind);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.begins = format!("{value:?}") == "job begins";
        }
    }
}

impl Subscriber for Ears {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() == Level::DEBUG && metadata.target() == "shiren_app::worker"
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut job = Begun::default();
        event.record(&mut job);
        if let (true, Some(pen)) = (job.begins, pen()) {
            say_job(&job.kind);
            pen.tell(&mut pen.at.lock().unwrap_or_else(PoisonError::into_inner), &job.kind);
        }
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}
