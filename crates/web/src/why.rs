//! Why somebody is asked to show who they are, and the laws that this rests on (rows E4, F13, F14).

use shiren_core::verification::session::ConsentTo;

use crate::page::word;
use crate::words::Language;

/// Why somebody is asked to show who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// They open a shop.
    Shop,
    /// They buy goods that are declared at the border.
    Border,
    /// They work in a shop's sub-account.
    Staff,
    /// Anything else.
    Other,
}

/// A law, and where its words can be read: in Chinese, as it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Law {
    zh: &'static str,
    en: &'static str,
    /// Its own page, or that of the official database in which it is found by its name.
    pub url: &'static str,
}

/// The official database of laws, and that of the rules that departments make.
const LAWS: &str = "https://flk.npc.gov.cn/";
const RULES: &str = "https://www.gov.cn/zhengce/xxgk/gjgzk/index.htm";

const PRIVACY: Law = Law {
    zh: "个人信息保护法",
    en: "Personal Information Protection Law",
    url: "https://www.cac.gov.cn/2021-08/20/c_1631050028355286.htm",
};
const COMMERCE: Law = Law { zh: "电子商务法", en: "E-Commerce Law", url: LAWS };
const TRADING: Law = Law {
    zh: "网络交易监督管理办法",
    en: "Measures for the Supervision and Administration of Online Trading",
    url: RULES,
};
const FRAUD: Law =
    Law { zh: "反电信网络诈骗法", en: "Law against Telecom and Online Fraud", url: LAWS };
const LAUNDERING: Law = Law { zh: "反洗钱法", en: "Anti-Money Laundering Law", url: LAWS };
const CUSTOMS: Law = Law {
    zh: "关于跨境电子商务零售进出口商品有关监管事宜的公告",
    en: "Announcement No. 194 of 2018 of the General Administration of Customs",
    url: "http://www.customs.gov.cn/",
};
const FACES: Law = Law {
    zh: "人脸识别技术应用安全管理办法",
    en: "Measures for the Security Administration of the Application of Facial Recognition Technology",
    url: RULES,
};

impl Law {
    /// Its name.
    pub const fn name(&self, language: Language) -> &'static str {
        match language {
            Language::Zh => self.zh,
            Language::En => self.en,
        }
    }
}

impl Why {
    /// Each.
    pub const ALL: [Self; 4] = [Self::Shop, Self::Border, Self::Staff, Self::Other];

    /// The reason of a program of this name.
    pub fn of_program(name: &str) -> Self {
        match name {
            "shop-owner" => Self::Shop,
            "buyer" => Self::Border,
            "staff" => Self::Staff,
            _ => Self::Other,
        }
    }

    /// The key of its sentence.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Shop => word("start.why_shop"),
            Self::Border => word("start.why_border"),
            Self::Staff => word("start.why_staff"),
            Self::Other => word("start.why_other"),
        }
    }

    /// The keys of what they should know to stay safe; none where nobody is after their money.
    pub const fn tips(self) -> &'static [&'static str] {
        const BUYERS: [&str; 4] = [
            word("start.tip_money"),
            word("start.tip_code"),
            word("start.tip_allowance"),
            word("start.tip_refund"),
        ];
        match self {
            Self::Border => &BUYERS,
            Self::Shop | Self::Staff | Self::Other => &[],
        }
    }

    /// The laws on which it rests that they are asked to agree to this.
    pub const fn laws(self, to: ConsentTo) -> &'static [Law] {
        match (to, self) {
            (ConsentTo::Face, _) => &[PRIVACY, FACES],
            (ConsentTo::Identity, Self::Shop) => &[PRIVACY, COMMERCE, TRADING],
            (ConsentTo::Identity, Self::Border) => &[PRIVACY, FRAUD, LAUNDERING, CUSTOMS],
            (ConsentTo::Identity, Self::Staff | Self::Other) => &[PRIVACY, FRAUD],
        }
    }
}
