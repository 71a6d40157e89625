//! People who do not exist, and what their documents say.

use fastrand::Rng;
use jiff::ToSpan;
use jiff::civil::Date;
use shiren_core::identity::validity::ValidTo;
use shiren_core::identity::{Sex, cn_id};

use crate::company::Company;
use crate::made_up::{ETHNICITIES, GIVEN, PLACES, ROADS, SURNAMES};

/// The state of the specimens of ICAO 9303.
pub(crate) const UTOPIA: &str = "UTO";

/// A made-up person and all of their documents' values, consistent with each other, with the rules of
/// resident cards, and valid on the day they were made up for. Change a field to get a document that is
/// wrong in exactly that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Specimen {
    /// 姓名.
    pub name: String,
    /// Surname in pinyin, upper case.
    pub surname: String,
    /// Given names in pinyin, upper case.
    pub given_names: String,
    /// Male or female.
    pub sex: Sex,
    /// 民族, without 族.
    pub ethnicity: String,
    /// Day of birth.
    pub birth_date: Date,
    /// 住址, in one line.
    pub address: String,
    /// 公民身份号码, 18 characters.
    pub id_number: String,
    /// 签发机关.
    pub authority: String,
    /// First day of the resident card.
    pub valid_from: Date,
    /// Last day of the resident card.
    pub valid_to: ValidTo,
    /// Passport number, 9 characters.
    pub passport_number: String,
    /// TD3's personal number; may be empty.
    pub personal_number: String,
    /// Days on which passport, permit and visa were issued and expire.
    pub passport_issued: Date,
    /// Last day of the passport.
    pub passport_expiry: Date,
    /// Number of the permit, 9 characters.
    pub permit_number: String,
    /// Last day of the permit.
    pub permit_expiry: Date,
    /// Number of the visa, 9 characters.
    pub visa_number: String,
    /// First day of the visa.
    pub visa_from: Date,
    /// Last day of the visa.
    pub visa_expiry: Date,
    /// State that issued passport, permit and visa, and nationality: three letters.
    pub state: String,
    /// The company whose legal person they are.
    pub company: Company,
}

/// What a made-up person must be like; the rest is chance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// To fit the portrait.
    pub sex: Option<Sex>,
    /// Age in years on the day; 18 to 75 otherwise.
    pub age: Option<i16>,
}

impl Specimen {
    /// A person for a seed, whose documents are valid on the day `today`.
    pub fn random(seed: u64, today: Date) -> Self {
        Self::wished(seed, today, Wish::default())
    }

    /// A person for a seed who is as wished.
    pub fn wished(seed: u64, today: Date, wish: Wish) -> Self {
        let rng = &mut Rng::with_seed(seed);
        let sex = wish.sex.unwrap_or(if rng.bool() { Sex::Male } else { Sex::Female });
        let age = wish.age.unwrap_or_else(|| rng.i16(18..=75)).clamp(0, 120);
        let birth_date = days_before(years_before(today, age), rng.i32(1..=360));
        let (code, place, authority) = *pick(rng, PLACES);
        let (surname, surname_pinyin) = *pick(rng, SURNAMES);
        let given: Vec<_> = (0..rng.usize(1..=2)).map(|_| *pick(rng, GIVEN)).collect();
        let valid_from = days_before(today, rng.i32(30..=1200)).max(birth_date);
        let passport_issued = days_before(today, rng.i32(30..=2000)).max(birth_date);
        let visa_from = days_before(today, rng.i32(1..=60));
        Self {
            name: given.iter().fold(surname.to_owned(), |name, (c, _)| name + c),
            surname: surname_pinyin.to_owned(),
            given_names: given.iter().map(|(_, pinyin)| *pinyin).collect(),
            sex,
            ethnicity: (*pick(rng, ETHNICITIES)).to_owned(),
            birth_date,
            address: address(rng, place),
            id_number: id_number(rng, code, birth_date, sex),
            authority: authority.to_owned(),
            valid_from,
            valid_to: card_end(valid_from, birth_date),
            passport_number: number(rng, "X"),
            personal_number: if rng.bool() {
                format!("{:09}", rng.u32(..1_000_000_000))
            } else {
                String::new()
            },
            passport_issued,
            passport_expiry: years_after(passport_issued, 10).yesterday().unwrap_or(Date::MAX),
            permit_number: number(rng, "R"),
            permit_expiry: years_after(visa_from, 5),
            visa_number: number(rng, "V"),
            visa_from,
            visa_expiry: years_after(visa_from, 2),
            state: UTOPIA.to_owned(),
            company: company(rng, today),
        }
    }
}

/// Somewhere else than where its legal person lives.
fn company(rng: &mut Rng, today: Date) -> Company {
    let (_, place, _) = *pick(rng, PLACES);
    let address = address(rng, place);
    Company::random(rng, today, address)
}

fn pick<'a, T>(rng: &mut Rng, stock: &'a [T]) -> &'a T {
    &stock[rng.usize(..stock.len())]
}

fn years_before(day: Date, years: i16) -> Date {
    day.checked_sub(i64::from(years).years()).unwrap_or(Date::MIN)
}

fn years_after(day: Date, years: i16) -> Date {
    day.checked_add(i64::from(years).years()).unwrap_or(Date::MAX)
}

fn days_before(day: Date, days: i32) -> Date {
    day.checked_sub(i64::from(days).days()).unwrap_or(Date::MIN)
}

/// A letter and eight digits.
fn number(rng: &mut Rng, letter: &str) -> String {
    format!("{letter}{:08}", rng.u32(..100_000_000))
}

fn address(rng: &mut Rng, place: &str) -> String {
    let road = pick(rng, ROADS);
    let (house, block, flat) = (rng.u32(1..400), rng.u32(1..30), rng.u32(1..30) * 100 + rng.u32(1..9));
    format!("{place}{road}{house}号{block}栋{flat}室")
}

/// Region, birth date, an odd sequence for men and an even one for women, check character (GB 11643).
fn id_number(rng: &mut Rng, region: u32, birth: Date, sex: Sex) -> String {
    let sequence = rng.u32(1..=498) * 2 + u32::from(sex == Sex::Male);
    let seventeen =
        format!("{region:06}{:04}{:02}{:02}{sequence:03}", birth.year(), birth.month(), birth.day());
    let check = cn_id::check_character(&seventeen).unwrap_or('0');
    format!("{seventeen}{check}")
}

/// The end that the law gives a card by its holder's age (居民身份证法 art. 5).
fn card_end(from: Date, birth: Date) -> ValidTo {
    match shiren_core::identity::date::age_on(birth, from) {
        ..16 => ValidTo::On(years_after(from, 5)),
        16..26 => ValidTo::On(years_after(from, 10)),
        26..46 => ValidTo::On(years_after(from, 20)),
        _ => ValidTo::LongTerm,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use shiren_core::identity::validity::{Status, resident_card_may_run, status};

    use super::*;

    #[test]
    fn made_up_people_keep_all_rules_on_any_day() {
        for seed in 0..2000 {
            let today = date(2024, 2, 29).checked_add((seed as i64 * 3).days()).unwrap();
            let s = Specimen::random(seed, today);
            let id = cn_id::CnId::parse(&s.id_number, today).unwrap();
            assert_eq!((id.birth_date(), id.sex()), (s.birth_date, s.sex), "{s:?}");
            assert!(id.region_is_known(), "{s:?}");
            assert!(resident_card_may_run(s.valid_from, s.valid_to, Some(s.birth_date)), "{s:?}");
            assert_eq!(status(Some(s.valid_from), Some(s.valid_to), today), Status::Valid);
            for end in [s.passport_expiry, s.permit_expiry, s.visa_expiry] {
                assert!(end >= today, "{s:?}");
            }
            assert!(s.address.chars().count() <= 33, "fits three lines of eleven: {}", s.address);
        }
    }

    #[test]
    fn a_seed_and_a_day_always_give_the_same_person() {
        let today = date(2026, 11, 22);
        assert_eq!(Specimen::random(7, today), Specimen::random(7, today));
        assert_ne!(Specimen::random(7, today), Specimen::random(8, today));
    }

    #[test]
    fn a_wish_is_granted() {
        let today = date(2026, 11, 22);
        for seed in 0..50 {
            let s = Specimen::wished(seed, today, Wish { sex: Some(Sex::Female), age: Some(17) });
            assert_eq!(s.sex, Sex::Female);
            assert_eq!(shiren_core::identity::date::age_on(s.birth_date, today), 17);
        }
    }
}
