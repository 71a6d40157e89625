//! The printed zone of passports, visas and permits: labels, and the values beside or below them.
//!
//! Only what is read beyond doubt of its meaning is given: a number must look like one, a date must spell its
//! month or its year. It serves to hold the machine-readable zone against, and where there is none.

use std::collections::BTreeMap;

use jiff::civil::Date;
use shiren_core::see::{Field, FieldKey};

use super::sheet::{Sheet, TextLine};

/// Labels in lower case without spaces, as ICAO 9303-3 (4.1) and the cards of 国家移民管理局 have them.
const LABELS: &[(FieldKey, &[&str])] = &[
    (FieldKey::DocumentNumber, &["passportno", "documentno", "permitno", "cardno", "护照号", "证件号码"]),
    (FieldKey::Surname, &["surname", "familyname"]),
    (FieldKey::GivenNames, &["givenname", "forename"]),
    (FieldKey::Name, &["姓名"]),
    (FieldKey::Sex, &["性别", "sex"]),
    (FieldKey::BirthDate, &["dateofbirth", "birthdate", "出生日期"]),
    (FieldKey::ExpiryDate, &["dateofexp", "expirydate", "validuntil", "有效期至"]),
];

/// A visa's printed passport number is not the visa's own, which its zone carries.
const VISA_LABELS: &[(FieldKey, &[&str])] = &[(FieldKey::DocumentNumber, &["visano", "签证号"])];

/// Reads what stands above `bottom` (in the sheet's pixels).
pub fn read(sheet: &Sheet<'_>, lines: &[TextLine], bottom: f32, visa: bool) -> BTreeMap<FieldKey, Field> {
    let above: Vec<&TextLine> = lines.iter().filter(|l| l.place.centre().y < bottom).collect();
    let mut fields = BTreeMap::new();
    for line in &above {
        let text = line.text().to_lowercase();
        let own = VISA_LABELS.iter().filter(|_| visa);
        let general = LABELS.iter().filter(|(key, _)| !visa || *key != FieldKey::DocumentNumber);
        for (key, labels) in own.chain(general) {
            if fields.contains_key(key) || !labels.iter().any(|l| text.contains(l)) {
                continue;
            }
            if let Some(field) = value_of(sheet, *key, line, &above) {
                fields.insert(*key, field);
            }
        }
    }
    fields
}

/// The nearest line below the label that begins where the label does, or the nearest to its right.
fn value_of(sheet: &Sheet<'_>, key: FieldKey, label: &TextLine, lines: &[&TextLine]) -> Option<Field> {
    let (x, y, w, h) = label.bounds();
    let distance = |line: &&&TextLine| {
        let (lx, ly, _, lh) = line.bounds();
        let below = (lx - x).abs() < 1.6 * h && ly > y + 0.3 * h && ly < y + 2.6 * h;
        let beside =
            lx > x + 0.8 * w && lx < x + w + 4.0 * h && (ly + lh / 2.0 - y - h / 2.0).abs() < 0.5 * h;
        (below || beside).then_some(if below { ly - y } else { lx - x - w + 2.0 * h })
    };
    let mut near: Vec<(f32, &&TextLine)> = lines
        .iter()
        .filter(|l| !std::ptr::eq(**l, label))
        .filter_map(|l| distance(&l).map(|d| (d, l)))
        .collect();
    near.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (_, line) = near.first()?;
    let value = normal(key, &line.text())?;
    let confidence = line.glyphs.iter().map(|g| g.probability).fold(1.0, f32::min);
    Some(Field { value, confidence, region: Some(sheet.place(&line.place)) })
}

fn normal(key: FieldKey, text: &str) -> Option<String> {
    match key {
        FieldKey::DocumentNumber => number(text),
        FieldKey::BirthDate | FieldKey::ExpiryDate => spelled_date(text).map(|d| d.to_string()),
        FieldKey::Sex => match text.chars().next()? {
            'M' | '男' => Some("M".to_owned()),
            'F' | '女' => Some("F".to_owned()),
            _ => None,
        },
        FieldKey::Surname | FieldKey::GivenNames => {
            let letters = text.chars().all(|c| c.is_uppercase() || "-' ".contains(c));
            (letters && !text.is_empty()).then(|| text.to_owned())
        }
        _ => (!text.is_empty()).then(|| text.to_owned()),
    }
}

fn number(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    let digits = plain.chars().filter(char::is_ascii_digit).count();
    let upper = plain.chars().all(|c| !c.is_ascii_lowercase());
    (upper && digits >= 4 && (6..=14).contains(&plain.len())).then_some(plain)
}

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/// `12 AUG 1974`, `12 AUG/AOUT 1974`, `1974-08-12`, `12.08.1974`: a year of four digits is asked for, because
/// only that tells which end is which.
fn spelled_date(text: &str) -> Option<Date> {
    let upper = text.to_uppercase();
    let groups: Vec<&str> = upper.split(|c: char| !c.is_ascii_digit()).filter(|g| !g.is_empty()).collect();
    let month = MONTHS.iter().position(|m| upper.contains(m));
    let whole = |g: &str| g.parse::<i16>().ok();
    let date = |y: &str, m: i16, d: &str| Date::new(whole(y)?, m as i8, whole(d)? as i8).ok();
    match (groups.as_slice(), month) {
        ([d, .., y], Some(m)) if y.len() == 4 && d.len() <= 2 => date(y, m as i16 + 1, d),
        ([y, m, d], None) if y.len() == 4 && m.len() <= 2 && d.len() <= 2 => date(y, whole(m)?, d),
        ([d, m, y], None) if y.len() == 4 && m.len() <= 2 && d.len() <= 2 => date(y, whole(m)?, d),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn dates_are_read_in_the_ways_that_passports_spell_them() {
        for text in ["12AUG1974", "12AUG/AOUT1974", "1974-08-12", "12.08.1974"] {
            let read = spelled_date(text);
            assert_eq!(read, Some(date(1974, 8, 12)), "{text}");
        }
        for text in ["", "12AUG74", "AUG", "1974", "32.08.1974", "99999999999999999999"] {
            assert_eq!(spelled_date(text), None, "{text}");
        }
    }

    #[test]
    fn a_number_is_upper_case_and_mostly_digits() {
        assert_eq!(number("E 1234 5678").as_deref(), Some("E12345678"));
        assert_eq!(number("Passport No."), None);
        assert_eq!(number("1234"), None);
    }
}
