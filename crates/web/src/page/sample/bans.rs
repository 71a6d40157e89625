//! Made-up bans.

use super::shops::ban;
use super::*;

const ID: &str = "ban_01m7z3k8qv4n2c9d5e6f7g8h9j";

/// The list, with somebody who awaits a look.
pub(super) fn list(language: Language) -> Bans {
    let frame = console(language, "/console/bans?mode=live");
    let candidate = cases(language).rows.into_iter().take(1).map(|row| CaseRow {
        reasons: vec![frame.t("bans.resembles").into()],
        awaits_another: true,
        ..row
    });
    Bans {
        mode: Mode::Live,
        state: BanState::All,
        rows: vec![
            ban(language, ID, "bans.in_force", "fail"),
            BanRow { until: None, ..ban(language, "ban_01m7z3k8qv4n2c9d5e6f7g8h9k", "bans.lifted", "ok") },
        ],
        next: None,
        candidates: candidate.collect(),
        term: frame.t("bans.for_ever").into(),
        basis: ban(language, ID, "bans.in_force", "fail").basis,
        frame,
    }
}

/// One in force that could not be lifted without a reason.
pub(super) fn one(language: Language) -> BanPage {
    let frame = console(language, "/console/bans/ban_01m7z3k8qv4n2c9d5e6f7g8h9j?mode=live");
    BanPage {
        mode: Mode::Live,
        row: ban(language, ID, "bans.in_force", "fail"),
        session: SESSION.to_owned(),
        ended: None,
        log: Vec::new(),
        liftable: true,
        reason: String::new(),
        done: None,
        error: Some(frame.t("told.reason").into()),
        frame,
    }
}

/// One that was lifted.
pub(super) fn lifted(language: Language) -> BanPage {
    let page = one(language);
    let who = "user:usr_01m7z3k8qv4n2c9d5e6f7g8h9j";
    let why = pick(language, "申诉成立", "The appeal was upheld");
    BanPage {
        row: ban(language, ID, "bans.lifted", "ok"),
        ended: Some((deadline(language, -3), who.to_owned(), why.to_owned())),
        log: vec![Event {
            at: deadline(language, -3),
            what: format!("ban.lifted · {why}"),
            who: who.to_owned(),
        }],
        liftable: false,
        done: Some(page.frame.t("bans.done").into()),
        error: None,
        ..page
    }
}
