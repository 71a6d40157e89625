//! Memory that the C library gives back.
//!
//! glibc gives threads arenas of their own, eight for each core, and what one arena has freed the others cannot use.
//! Pictures are large and are opened on many threads: with eight people at once the process held 806 MB where two
//! arenas make do with 489, and were a little faster (`docs/measurements.md`, The service). The number is read when a
//! process begins, so the service begins once more with it set.

use std::env;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

const ARENAS: &str = "MALLOC_ARENA_MAX";

/// Begins this process anew with two arenas, unless the operator has said how many.
pub(crate) fn settle() {
    if env::var_os(ARENAS).is_some() {
        return;
    }
    let Ok(binary) = env::current_exe() else { return };
    // Comes back only when it fails, and then all goes on as it was.
    let error = Command::new(binary).args(env::args_os().skip(1)).env(ARENAS, "2").exec();
    tracing::debug!(%error, "memory stays as the C library sees fit");
}
