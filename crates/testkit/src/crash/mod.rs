//! A verification that survives its process and a full disk: lived through by a child that is killed just before one
//! of its writes, and gone on with by another child; or by one that finds no space for a while.
//!
//! A person does what people do: each step until it is acknowledged, and after a death first looks where they stand.
//! What was acknowledged must be there afterwards, the outcome once, each event once, each webhook under one id.

mod board;
mod ground;
mod person;

pub use board::{Blow, Board, shim};
pub use ground::{Blows, Stores, at_every_point, child};
pub use person::{Acknowledged, faults, live, prepare};
