//! Whole lifecycles that survive their process and a full disk: lived through by a child that is killed at one of its
//! writes and commits, and gone on with by another child, which is killed at another one, until every point was tripped;
//! or by one that finds no space for a while.
//!
//! People and the marketplace do what they do: each step until it is acknowledged, under an idempotency key or after a
//! look at where things stand; after a death all of it again from the beginning. What was acknowledged must be there
//! afterwards and be answered alike, each event once and in its order, each webhook under one id.
//!
//! To extend it: a new lifecycle is a file in `lives`, with its line in `LIVES` and a test in both stores' `crash.rs`.

mod at;
mod board;
mod end;
mod ground;
mod house;
mod life;
mod lives;
mod told;

pub use board::Points;
pub use ground::{Deaths, Stores, at_every_point, child, on_a_full_disk};
pub use house::House;
pub use life::Life;
pub use lives::{AFTERSALES, ENDING, LIVES, RECHECK, SHOP, STAFF, VERIFICATION};
pub use told::Told;
