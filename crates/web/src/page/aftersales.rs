//! An after-sales request, as its buyer sees it: where it stands, what that means, what to do next.

use askama::Template;
use shiren_core::aftersales::State;

use super::{Frame, word};

/// The page of a request.
#[derive(Clone, Debug, Template)]
#[template(path = "aftersales.html")]
pub struct AfterSalesPage {
    /// What stands around it.
    pub frame: Frame,
    /// The request's id, for support.
    pub id: String,
    /// What is asked for, in a word.
    pub kind: String,
    /// The marketplace's own id of the order.
    pub order: String,
    /// How much money it is about.
    pub amount: String,
    /// Where it stands.
    pub state: State,
    /// Whether it was accepted, and closed without anybody saying that it was carried out.
    pub uncompleted: bool,
    /// Whether the buyer can write and show something now.
    pub may_change: bool,
    /// By when it is reviewed, written out.
    pub due: Option<String>,
    /// Whether that time is over.
    pub late: bool,
    /// When it is closed unless the buyer goes on, or what was accepted is carried out; written out.
    pub close_at: Option<String>,
    /// What reviewers made of it, the last first.
    pub decided: Vec<Said>,
    /// What the buyer handed in, in words.
    pub texts: Vec<String>,
    /// What they have not handed in yet.
    pub draft: String,
    /// Photographs and videos.
    pub files: Vec<ShownFile>,
    /// Whether something must be shown.
    pub shown: bool,
    /// Most photographs.
    pub photos: u32,
    /// Most videos.
    pub videos: u32,
    /// Most megabytes of a video.
    pub video_megabytes: u64,
    /// Where it stood since when.
    pub history: Vec<(String, String)>,
    /// Where the buyer goes from here.
    pub return_url: Option<String>,
    /// What is wrong with what was sent, in the page's language.
    pub error: Option<String>,
}

/// What a reviewer said.
#[derive(Clone, Debug)]
pub struct Said {
    /// The ground, in a sentence.
    pub ground: String,
    /// What they wrote besides.
    pub message: String,
    /// When.
    pub at: String,
}

/// A photograph or video.
#[derive(Clone, Debug)]
pub struct ShownFile {
    /// Its id.
    pub id: String,
    /// Whether it is a video.
    pub video: bool,
    /// Whether it was handed in: then it stays.
    pub handed_in: bool,
}

impl AfterSalesPage {
    /// The keys of where it stands, what that means, and what to do next.
    pub const fn keys(&self) -> [&'static str; 3] {
        match self.state {
            State::Draft => [word("after.draft"), word("after.draft_why"), word("after.draft_do")],
            State::VerificationRequired => [
                word("after.verification_required"),
                word("after.verification_why"),
                word("after.verification_do"),
            ],
            State::Submitted => {
                [word("after.submitted"), word("after.submitted_why"), word("after.review_do")]
            }
            State::InReview => {
                [word("after.in_review"), word("after.in_review_why"), word("after.review_do")]
            }
            State::MoreNeeded => [word("after.more_needed"), word("after.more_why"), word("after.more_do")],
            State::Accepted => {
                [word("after.accepted"), word("after.accepted_why"), word("after.accepted_do")]
            }
            State::Rejected => {
                [word("after.rejected"), word("after.rejected_why"), word("after.rejected_do")]
            }
            State::Completed => {
                [word("after.completed"), word("after.completed_why"), word("after.completed_do")]
            }
            State::Withdrawn => {
                [word("after.withdrawn"), word("after.withdrawn_why"), word("after.withdrawn_do")]
            }
            State::Closed if self.uncompleted => {
                [word("after.closed"), word("after.uncompleted_why"), word("after.uncompleted_do")]
            }
            State::Closed => [word("after.closed"), word("after.closed_why"), word("after.closed_do")],
        }
    }

    /// The class of its seal, and the icon on it.
    pub const fn seal(&self) -> (&'static str, &'static str) {
        match self.state {
            State::Draft | State::VerificationRequired | State::MoreNeeded => ("warn", "info"),
            State::Submitted | State::InReview => ("warn", "clock"),
            State::Accepted | State::Completed => ("ok", "check"),
            State::Rejected | State::Closed => ("fail", "cross"),
            State::Withdrawn => ("warn", "cross"),
        }
    }

    /// Whether it says no, so that a person must be one tap away.
    pub const fn says_no(&self) -> bool {
        matches!(self.state, State::Rejected | State::Closed | State::MoreNeeded | State::Withdrawn)
    }

    /// Whether it can be withdrawn.
    pub const fn may_withdraw(&self) -> bool {
        self.state.leads_to(State::Withdrawn)
    }

    /// Whether another photograph or video can be added.
    pub fn may_add(&self) -> bool {
        let videos = self.files.iter().filter(|f| f.video).count();
        let photos = self.files.len() - videos;
        self.may_change && (photos < self.photos as usize || videos < self.videos as usize)
    }
}
