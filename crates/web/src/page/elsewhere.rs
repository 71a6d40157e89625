//! Opening the page in a web browser, where the camera works.

use askama::Template;

use super::Frame;
use crate::in_app::InApp;

/// How a link gets from an app into a web browser, and the link itself.
#[derive(Clone, Debug, Template)]
#[template(path = "elsewhere.html")]
pub struct Elsewhere {
    /// What stands around it.
    pub frame: Frame,
    /// In which app the page is open now; `None` when the camera was refused in whatever it is.
    pub app: Option<InApp>,
    /// The link, whole: it is not used up.
    pub link: String,
    /// Until when it can be opened, when that is soon.
    pub until: Option<String>,
    /// Where it goes on here all the same.
    pub here: String,
}
