//! A link that opens only where it is known which account is signed in: in the marketplace's own app (row E29).

use askama::Template;

use super::Frame;
use crate::in_app::InApp;

/// What to open it with instead. An app whose browser takes nothing but an address hands its assertion over behind `#`,
/// from where the page's script puts it into a form.
#[derive(Clone, Debug, Template)]
#[template(path = "with-app.html")]
pub struct WithApp {
    /// What stands around it.
    pub frame: Frame,
    /// In which other app the page is open now.
    pub app: Option<InApp>,
    /// What stands behind `/v/` in the link: it is not used up.
    pub secret: String,
}
