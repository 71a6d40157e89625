//! The pure domain: what eyes report, what identity documents promise, and how both become a decision.
//!
//! This room knows no clock, no randomness, no pictures, no network and no database. "Today" is an
//! argument; a picture is what [`see::Eyes`] says about it. Everything here is a plain function of its
//! inputs, so that every decision can be replayed and every deadline tested.
//!
//! To extend it: a new reason goes into the table in [`verification::reason`]; a new document kind into
//! [`see::DocumentKind`] and its rules into [`identity`]; a new way to prove who one is into a program
//! (TOML, see [`verification::program`]), which usually needs no code at all.

pub mod account;
pub mod aftersales;
pub mod clock;
pub mod condition;
pub mod deposit;
pub mod gate;
#[cfg(test)]
mod histories;
pub mod id;
pub mod identity;
pub mod recheck;
pub mod review;
pub mod rollout;
pub mod see;
pub mod verification;
