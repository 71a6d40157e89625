//! Companies that do not exist, and what their business licences say.

use fastrand::Rng;
use jiff::ToSpan as _;
use jiff::civil::Date;
use shiren_core::identity::credit_code::CreditCode;
use shiren_core::identity::validity::ValidTo;

use crate::made_up::{PLACES, TRADES};

/// A made-up company, whose licence is valid on the day that it was made up for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Company {
    /// 统一社会信用代码 (GB 32100), both check digits right.
    pub credit_code: String,
    /// 名称.
    pub name: String,
    /// 类型.
    pub kind: String,
    /// 注册资本, in words as licences have it.
    pub capital: String,
    /// 成立日期.
    pub established_on: Date,
    /// 营业期限 to this day or without end; licences since 2022 may print no term.
    pub term_to: Option<ValidTo>,
    /// 住所.
    pub address: String,
    /// 经营范围.
    pub scope: String,
}

/// Words that names of companies are made of: of no company that we know.
const WORDS: [&str; 8] = ["样本", "示例", "青禾样", "和光样", "明湖例", "乐样", "学苑例", "安样"];
const CAPITALS: [&str; 5] = ["壹佰万元整", "伍拾万元整", "壹仟万元整", "叁佰万元整", "贰拾万元整"];

impl Company {
    pub(crate) fn random(rng: &mut Rng, today: Date, address: String) -> Self {
        let (code, place, _) = PLACES[rng.usize(..PLACES.len())];
        let city = place.split_once('市').map_or(place, |(city, _)| city);
        let city = city.rsplit(['省', '区']).next().unwrap_or(city);
        let (trade, scope) = TRADES[rng.usize(..TRADES.len())];
        let word = WORDS[rng.usize(..WORDS.len())];
        let name = if rng.bool() {
            format!("{word}{trade}（{city}）有限公司")
        } else {
            format!("{city}{word}{trade}有限公司")
        };
        let established_on = today.checked_sub(i64::from(rng.i32(200..=6000)).days()).unwrap_or(today);
        let term_to = match rng.u8(..3) {
            0 => None,
            1 => Some(ValidTo::LongTerm),
            _ => established_on.checked_add(30.years()).ok().map(ValidTo::On),
        };
        Self {
            credit_code: credit_code(rng, code),
            name,
            kind: "有限责任公司(自然人投资或控股)".to_owned(),
            capital: CAPITALS[rng.usize(..CAPITALS.len())].to_owned(),
            established_on,
            term_to,
            address,
            scope: scope.to_owned(),
        }
    }
}

/// 91 for companies registered with 市场监督管理, the place, an organisation code, and both check characters.
fn credit_code(rng: &mut Rng, place: u32) -> String {
    const SYMBOLS: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let any = |rng: &mut Rng| char::from(SYMBOLS[rng.usize(..SYMBOLS.len())]);
    // Newer organisation codes begin with MA.
    let organisation: String = if rng.bool() {
        format!("MA{}", (0..6).map(|_| any(rng)).collect::<String>())
    } else {
        format!("{:08}", rng.u32(..100_000_000))
    };
    let stem = format!("91{place:06}{organisation}");
    let ends = SYMBOLS.iter().flat_map(|a| SYMBOLS.iter().map(|b| (char::from(*a), char::from(*b))));
    let mut whole = ends.map(|(a, b)| format!("{stem}{a}{b}")).filter(|code| CreditCode::parse(code).is_ok());
    // There is exactly one pair of check characters for each stem.
    whole.next().unwrap_or(stem)
}
