//! Documents: find the card, read it, judge how well it can be seen.

pub mod outline;
pub mod text;
