//! Pictures: how they are opened, looked at and judged.

pub mod quality;
pub mod warp;
