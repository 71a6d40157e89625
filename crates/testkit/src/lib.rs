//! What several crates' tests share: pictures made on the spot, and files that must not do harm.
//!
//! A development dependency and nothing else: the arrow test keeps it out of the product. It may use any
//! room below the ones it serves, and adds no behaviour of its own. Put here what a second crate needs;
//! what one crate needs stays beside its tests.

pub mod assertion;
pub mod bad_files;
pub mod crash;
pub mod eyes;
pub mod holder;
pub mod person;
pub mod pictures;
pub mod png;
pub mod postgres;
pub mod puppet;
pub mod recapture;
pub mod service;
pub mod store_contract;
pub mod watch;
