//! What buyers ask for, what reviewers make of it, and on which ground.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::State;
use crate::verification::Sentences;

/// What a buyer asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 退货: the goods go back, the money comes back.
    Return,
    /// 换货: the goods go back, others come.
    Exchange,
    /// 维修: the goods are mended.
    Repair,
    /// 仅退款: the money comes back, the goods never came or are kept.
    Refund,
    /// 投诉: about how the buyer was treated, not about goods.
    Complaint,
}

impl Kind {
    /// All.
    pub const ALL: [Self; 5] = [Self::Return, Self::Exchange, Self::Repair, Self::Refund, Self::Complaint];

    /// The name used everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Return => "return",
            Self::Exchange => "exchange",
            Self::Repair => "repair",
            Self::Refund => "refund",
            Self::Complaint => "complaint",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.name() == name)
    }
}

/// What a reviewer makes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The buyer gets what they ask for.
    Accept,
    /// They do not.
    Reject,
    /// They are asked for more.
    MoreNeeded,
}

impl Verdict {
    /// All.
    pub const ALL: [Self; 3] = [Self::Accept, Self::Reject, Self::MoreNeeded];

    /// The name used everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::MoreNeeded => "more_needed",
        }
    }

    /// The verdict of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.name() == name)
    }

    /// Where a request stands by it.
    pub const fn state(self) -> State {
        match self {
            Self::Accept => State::Accepted,
            Self::Reject => State::Rejected,
            Self::MoreNeeded => State::MoreNeeded,
        }
    }
}

/// The ground of a decision, which the buyer is told in a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// What the buyer says is shown.
    Shown,
    /// Nothing shows what the buyer says.
    NotShown,
    /// What was handed in cannot be recognised.
    Unclear,
    /// It is about other goods, or another order.
    OtherGoods,
    /// The time for it is over.
    TooLate,
    /// The rules for these goods do not give it.
    NotCovered,
    /// Another one, which the message tells.
    Other,
}

impl Ground {
    /// All.
    pub const ALL: [Self; 7] = [
        Self::Shown,
        Self::NotShown,
        Self::Unclear,
        Self::OtherGoods,
        Self::TooLate,
        Self::NotCovered,
        Self::Other,
    ];

    /// The name used everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::NotShown => "not_shown",
            Self::Unclear => "unclear",
            Self::OtherGoods => "other_goods",
            Self::TooLate => "too_late",
            Self::NotCovered => "not_covered",
            Self::Other => "other",
        }
    }

    /// The ground of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|g| g.name() == name)
    }

    /// In a sentence for the buyer.
    pub const fn sentence(self) -> Sentences {
        match self {
            Self::Shown => Sentences {
                zh: "你说的情况，照片和记录都对得上。",
                en: "The pictures and records show what you say.",
            },
            Self::NotShown => Sentences {
                zh: "现有材料看不出你说的情况。",
                en: "What you handed in does not show what you describe.",
            },
            Self::Unclear => Sentences {
                zh: "照片或视频看不清。",
                en: "The pictures or the video cannot be made out.",
            },
            Self::OtherGoods => Sentences {
                zh: "材料里的商品和这个订单对不上。",
                en: "The goods shown are not those of this order.",
            },
            Self::TooLate => Sentences {
                zh: "已经过了可以申请的时间。",
                en: "The time in which this can be asked for is over.",
            },
            Self::NotCovered => Sentences {
                zh: "这类商品的售后规则不包括你申请的处理。",
                en: "The rules for these goods do not include what you ask for.",
            },
            Self::Other => Sentences { zh: "原因写在留言里。", en: "The message tells why." },
        }
    }
}
