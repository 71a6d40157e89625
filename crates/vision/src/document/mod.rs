//! Documents: find the card, lay it straight, read it, judge how well it can be seen.
//!
//! [`outline`] finds the card, [`sheet`] lays it straight, [`text`] finds and reads lines on it; then the
//! layouts take over: [`resident_front`] and [`resident_back`] for resident cards, [`business_licence`] for a company's
//! sheet, [`machine_zone`] for everything that carries one. [`visibility`] judges the picture. [`glance`] does so quickly for frames of a video. [`reader`] puts them together.
//!
//! To add a document: a file with its labels and how its rows become fields, and a line in [`reader`] that
//! recognises it. Rules about values belong to the core, not here.

pub mod business_licence;
pub mod glance;
pub mod layout;
pub mod machine_zone;
pub mod outline;
pub mod printed_zone;
pub mod reader;
mod recapture;
pub mod resident_back;
pub mod resident_front;
pub mod rows;
pub mod sheet;
mod stamp;
pub mod text;
pub mod visibility;
