//! Choosing how: an account that vouches, or a document by who issued it.

use askama::Template;
use shiren_core::verification::program::{Document, Method, Program};

use super::Frame;
use super::problem::shot_title;

/// The page on which a method is chosen.
#[derive(Clone, Debug, Template)]
#[template(path = "method.html")]
pub struct MethodPage {
    /// What stands around it.
    pub frame: Frame,
    /// Methods in which an account vouches.
    pub accounts: Vec<MethodChoice>,
    /// Methods by document.
    pub documents: Vec<MethodChoice>,
    /// Whether it was sent without a choice.
    pub missing: bool,
    /// In test mode, the method that a specimen can be drawn for.
    pub specimen: Option<String>,
}

/// One method.
#[derive(Clone, Debug)]
pub struct MethodChoice {
    /// Its id.
    pub id: String,
    /// What people choose it by.
    pub title: String,
    /// What it takes, in a few words.
    pub detail: String,
    /// Whether it can be chosen here.
    pub available: bool,
    /// Whether it was chosen before.
    pub chosen: bool,
}

impl MethodPage {
    /// The methods of a program. `vouchers` says whether an account can be asked on this deployment.
    pub fn new(frame: Frame, program: &Program, chosen: Option<&str>, vouchers: bool) -> Self {
        let choice = |method: &Method| {
            let shots = method
                .steps
                .iter()
                .filter(|s| s.need.in_mode(frame.shell.mode))
                .map(|s| shot_title(s.shot, method.document, &frame.shell).to_string())
                .collect::<Vec<_>>();
            let comma = frame.shell.t("list.comma").to_string();
            MethodChoice {
                id: method.id.clone(),
                title: frame.shell.language.of_text(&method.title).to_owned(),
                detail: frame
                    .t("method.pictures")
                    .with("n", shots.len())
                    .with("which", shots.join(&comma))
                    .into(),
                available: method.vouched_by.is_none() || vouchers,
                chosen: chosen == Some(method.id.as_str()),
            }
        };
        let (accounts, documents): (Vec<_>, Vec<_>) =
            program.methods.iter().partition(|m| m.vouched_by.is_some());
        let specimen = frame
            .shell
            .is_test()
            .then(|| documents.iter().find(|m| m.document == Document::ResidentIdCard))
            .flatten()
            .map(|m| m.id.clone());
        let [accounts, documents] = [accounts, documents].map(|ms| ms.into_iter().map(choice).collect());
        Self { frame, accounts, documents, missing: false, specimen }
    }
}
