//! HTTP: the API, the person's pages, the console.
//!
//! Handlers read requests, call one use case of `shiren_app`, and show what came of it. No rule stands here, no
//! SQL, no model.
//!
//! [`page`] says what a page shows and which requests its forms and scripts make; [`words`] speaks two languages;
//! [`consent`] holds what people agree to, word by word, and [`why`] why they are asked; [`asset`] serves styles and scripts; [`api`] is what
//! engineers call.
//!
//! To extend it: a new page is a struct in `src/page/`, a template in `templates/`, its sentences in both files of
//! `locales/`, and a sample in [`page::sample`], which puts it under every test that all pages pass; its handler is
//! in `person`, `aftersales` or `console`. A new endpoint: see [`api`].

mod aftersales;
pub mod api;
pub mod asset;
mod browser;
pub mod consent;
mod console;
mod docs;
mod embed;
mod form;
mod health;
pub mod in_app;
mod limit;
mod management;
mod metrics;
pub mod page;
mod person;
mod router;
mod state;
mod tus;
pub mod why;
pub mod words;

pub use limit::{Limiting, Limits};
pub use router::router;
pub use state::{Site, State};
