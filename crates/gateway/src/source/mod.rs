//! Authoritative sources: who is asked whether an identity is as declared.

mod http;
mod sandbox;

#[cfg(test)]
mod tests;

pub use http::{HttpSource, SourceSettings};
pub use sandbox::SandboxSource;
