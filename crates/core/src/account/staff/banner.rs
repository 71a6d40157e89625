//! The reminder strip (小黄条): what the client shows above everything until its user has verified.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::countdown::Left;
use super::demand::Demand;
use super::{Staff, StaffRules, Standing};
use crate::verification::program::Text;

/// How urgent it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// Good to know.
    Info,
    /// To do, with time left.
    Due,
    /// The last day.
    Overdue,
    /// It does not work.
    Frozen,
}

/// What the strip says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Banner {
    /// How urgent it is.
    pub urgency: Urgency,
    /// Which verification is asked for, if one is.
    pub demand: Option<Demand>,
    /// What it says.
    pub text: Text,
    /// Until when there is time, if a countdown runs.
    pub until: Option<Timestamp>,
}

/// Less than this left is the last day.
const LAST: SignedDuration = SignedDuration::from_hours(24);

impl Staff {
    /// What the strip says now; `None` when there is nothing to say.
    pub fn banner(&self, rules: &StaffRules, now: Timestamp) -> Option<Banner> {
        let mut seen = self.clone();
        // What time has brought, whether or not it was noticed; backwards it brings nothing.
        let _ = seen.tick(rules, now);
        let demand = seen.demand();
        let again = demand == Some(Demand::Recheck);
        let (urgency, zh, en, until) = match &seen.standing {
            _ if seen.review.is_some() && again && !seen.works(now) => (
                Urgency::Frozen,
                "复核资料正在审核，通过后自动解冻。".to_owned(),
                "Your re-check is being looked at; passing unfreezes the sub-account.".to_owned(),
                None,
            ),
            _ if seen.review.is_some() && again => (
                Urgency::Info,
                "复核资料正在审核，子账号可以正常使用，期限暂停计算。".to_owned(),
                "Your re-check is being looked at; the sub-account works, and the deadline stands still.".to_owned(),
                None,
            ),
            _ if seen.review.is_some() && !seen.works(now) => (
                Urgency::Frozen,
                "认证资料正在审核，通过后自动解冻。".to_owned(),
                "Your verification is being looked at; passing unfreezes the sub-account.".to_owned(),
                None,
            ),
            _ if seen.review.is_some() => (
                Urgency::Info,
                "认证资料正在审核，子账号可以正常使用，期限暂停计算。".to_owned(),
                "Your verification is being looked at; the sub-account works, and the deadline stands still.".to_owned(),
                None,
            ),
            Standing::Asked(countdown) | Standing::Lifted(countdown) => {
                let Left::Until(end) = countdown.left else { return None };
                let left = now.duration_until(end);
                let urgency = if left <= LAST { Urgency::Overdue } else { Urgency::Due };
                let (zh, en) = time_left(left);
                let (zh, en) = match again {
                    false => (
                        format!("还有{zh}完成实人认证，逾期子账号将被冻结。"),
                        format!("{en} left to verify yourself; then this sub-account is frozen."),
                    ),
                    true => (
                        format!("还有{zh}完成实人复核，由绑定的本人来做，逾期子账号将被冻结。"),
                        format!("{en} left for you, who are bound, to verify again; then this sub-account is frozen."),
                    ),
                };
                (urgency, zh, en, Some(end))
            }
            Standing::Frozen { .. } if again => (
                Urgency::Frozen,
                "复核逾期，子账号已冻结。由绑定的本人完成复核后立即解冻，也可以请店主临时解冻。".to_owned(),
                "The re-check was missed and this sub-account is frozen. Who is bound unfreezes it by verifying again; the owner can lift the freeze.".to_owned(),
                None,
            ),
            Standing::Frozen { .. } => (
                Urgency::Frozen,
                "子账号已冻结。完成实人认证后立即解冻，也可以请店主临时解冻。".to_owned(),
                "This sub-account is frozen. Verify yourself to unfreeze it, or ask the owner to lift the freeze.".to_owned(),
                None,
            ),
            Standing::Waiting(window) => (
                Urgency::Info,
                "临时子账号还没到启用日期。".to_owned(),
                "This temporary sub-account does not work yet.".to_owned(),
                Some(window.opens_at),
            ),
            Standing::Open(window) => (
                Urgency::Info,
                "这是临时子账号，活动结束后停用。".to_owned(),
                "This is a temporary sub-account; it ends with the promotion.".to_owned(),
                Some(window.closes_at),
            ),
            Standing::Unasked | Standing::Verified { .. } | Standing::Disabled { .. } => return None,
        };
        Some(Banner { urgency, demand, text: Text { zh, en }, until })
    }
}

/// Hours rounded up, so that it never says 0; days rounded down, so that nobody is told of time that is not there.
fn time_left(left: SignedDuration) -> (String, String) {
    let hours = (left.as_secs().max(1) + 3599) / 3600;
    if hours > 48 {
        let days = hours / 24;
        (format!(" {days} 天"), format!("{days} days"))
    } else {
        (format!(" {hours} 小时"), format!("{hours} hour{}", if hours == 1 { "" } else { "s" }))
    }
}
