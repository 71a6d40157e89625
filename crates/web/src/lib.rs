//! HTTP: the person's pages and the console.
//!
//! [`page`] says what a page shows and which requests its forms and scripts make; [`words`] speaks two languages;
//! [`consent`] holds what people agree to, word by word; [`asset`] serves styles and scripts.
//!
//! To extend it: a new page is a struct in `src/page/`, a template in `templates/`, its sentences in both files of
//! `locales/`, and a sample in [`page::sample`], which puts it under every test that all pages pass.

pub mod asset;
pub mod consent;
pub mod page;
pub mod words;
