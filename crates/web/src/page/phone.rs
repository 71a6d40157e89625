//! Going on with the phone.

use askama::Template;

use super::Frame;

/// The desk's page: the code, and what the phone has done.
#[derive(Clone, Debug, Template)]
#[template(path = "phone.html")]
pub struct Phone {
    /// What stands around it.
    pub frame: Frame,
    /// The code as SVG, drawn by us.
    pub code: String,
    /// What stands in it, for who cannot scan.
    pub link: String,
    /// The number beside it.
    pub number: u8,
    /// Until when it can be opened.
    pub until: String,
    /// What there is to do.
    pub steps: Vec<PhoneStep>,
}

/// Something to be done on the phone.
#[derive(Clone, Debug)]
pub struct PhoneStep {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub title: String,
}

/// The phone's first page: which number stands on the other screen?
#[derive(Clone, Debug, Template)]
#[template(path = "number.html")]
pub struct Number {
    /// What stands around it.
    pub frame: Frame,
    /// What stands behind `/v/` in the link.
    pub secret: String,
    /// The right one and two others.
    pub numbers: [u8; 3],
    /// Who is signed in, as the marketplace's app signed it: it goes along with the number.
    pub handed: Option<String>,
}
