//! The portrait side of a resident card (居民身份证, 港澳台居民居住证): which line is which field.
//!
//! Labels anchor the fields; the number, which is found by its digits alone, anchors them all, and the order
//! of the rows serves where a label was not read.

use std::collections::BTreeMap;

use jiff::civil::Date;
use shiren_core::identity::{cn_id, ethnicity};
use shiren_core::see::{Field, FieldKey, Region};

use super::rows::{self, Placed, Row};
use super::sheet::{Sheet, TextLine, WIDTH};
use super::stamp;
use super::text::recognise::Recogniser;
use crate::pack::ModelError;

/// Labels that only this side carries.
pub const LABELS: [&str; 6] = ["姓名", "性别", "民族", "出生", "住址", "公民身份"];

/// The fields that every card of this side carries; residence permits lack the ethnicity.
pub const REQUIRED: [FieldKey; 5] =
    [FieldKey::Name, FieldKey::Sex, FieldKey::BirthDate, FieldKey::Address, FieldKey::IdNumber];

/// The portrait begins here, as a share of the card's width (drawn and real cards: .63 to .69).
const PORTRAIT: f32 = 0.62;

/// Reads the fields.
pub fn read(
    sheet: &Sheet<'_>,
    lines: &[TextLine],
    recogniser: &Recogniser,
    today: Date,
) -> Result<BTreeMap<FieldKey, Field>, ModelError> {
    let rows = rows::rows(lines.iter().filter(|l| stamp::is_print(l)));
    let mut fields = BTreeMap::new();
    let number_row = number_row(&rows);
    if let Some(i) = number_row
        && let Some(field) = id_number(sheet, &rows[i], recogniser, today)?
    {
        fields.insert(FieldKey::IdNumber, field);
    }
    let above = &rows[..number_row.unwrap_or(rows.len())];
    let upper: Vec<Row<'_>> = rows::rows(
        above.iter().flat_map(|r| r.lines().iter().copied()).filter(|l| l.bounds().0 < PORTRAIT * WIDTH),
    );
    let roles = Roles::of(&upper);
    if let Some(glyphs) = roles.name.and_then(|i| value(&upper[i], "姓名", 2)) {
        insert_name(sheet, &glyphs, &mut fields);
    }
    if let Some(row) = roles.sex.map(|i| &upper[i]) {
        sex_and_ethnicity(sheet, row, &mut fields);
    }
    if let Some(row) = roles.birth.map(|i| &upper[i])
        && let Some(field) = birth_date(sheet, row, recogniser)?
    {
        fields.insert(FieldKey::BirthDate, field);
    }
    if let Some(field) = address(sheet, &upper, &roles) {
        fields.insert(FieldKey::Address, field);
    }
    Ok(fields)
}

/// Which row plays which part.
#[derive(Debug, Default)]
struct Roles {
    name: Option<usize>,
    sex: Option<usize>,
    birth: Option<usize>,
    /// First row of the address.
    address: Option<usize>,
}

impl Roles {
    fn of(rows: &[Row<'_>]) -> Self {
        let texts: Vec<String> = rows.iter().map(Row::text).collect();
        let find = |from: usize, is: &dyn Fn(&str) -> bool| (from..rows.len()).find(|i| is(&texts[*i]));
        let sex = find(0, &|t| t.contains("性别") || t.contains("民族"))
            .or_else(|| find(0, &|t| t.chars().count() <= 8 && (t.contains('男') || t.contains('女'))));
        let birth = find(sex.map_or(0, |i| i + 1), &|t| {
            t.contains("出生")
                || (t.contains('年') && t.contains('月') && t.starts_with(|c: char| c.is_ascii_digit()))
        });
        let name = find(0, &|t| t.starts_with('姓') || t.starts_with("名"))
            .or_else(|| sex.or(birth).and_then(|i| i.checked_sub(1)));
        let address =
            find(birth.or(sex).map_or(0, |i| i + 1), &|t| t.starts_with("住址") || t.starts_with('住'))
                .or_else(|| birth.map(|i| i + 1).filter(|i| *i < rows.len()));
        Self { name: name.filter(|n| sex.is_none_or(|s| *n < s)), sex, birth, address }
    }
}

/// The value of a row: what follows its label, or all of it where the label was not read.
fn value<'l>(row: &Row<'l>, label: &str, within: usize) -> Option<Vec<Placed<'l>>> {
    let glyphs = row.after_label(label, within).unwrap_or_else(|| row.glyphs());
    (!glyphs.is_empty()).then_some(glyphs)
}

fn insert_name(sheet: &Sheet<'_>, glyphs: &[Placed<'_>], fields: &mut BTreeMap<FieldKey, Field>) {
    let name: String =
        rows::text(glyphs).chars().map(|c| if "·•．.・‧∙-".contains(c) { '·' } else { c }).collect();
    let name = name.trim_matches('·').to_owned();
    if !name.is_empty() {
        fields.insert(FieldKey::Name, rows::field(sheet, glyphs, name));
    }
}

fn sex_and_ethnicity(sheet: &Sheet<'_>, row: &Row<'_>, fields: &mut BTreeMap<FieldKey, Field>) {
    let glyphs = row.glyphs();
    if let Some(at) = glyphs.iter().position(|p| "男女".contains(p.glyph.char)) {
        let sex = if glyphs[at].glyph.char == '男' { "M" } else { "F" };
        fields.insert(FieldKey::Sex, rows::field(sheet, &glyphs[at..=at], sex.to_owned()));
    }
    let Some(label) = glyphs.iter().rposition(|p| "民族".contains(p.glyph.char)) else { return };
    let rest = &glyphs[label + 1..];
    let text = rows::text(rest);
    if let Some(e) = ethnicity::leading(&text) {
        let field = rows::field(sheet, &rest[..e.chars().count()], e.to_owned());
        fields.insert(FieldKey::Ethnicity, field);
    } else if !text.is_empty() {
        // What is no ethnicity is shown as it was read, and never believed.
        let mut field = rows::field(sheet, rest, text);
        field.confidence = field.confidence.min(0.3);
        fields.insert(FieldKey::Ethnicity, field);
    }
}

fn birth_date(
    sheet: &Sheet<'_>,
    row: &Row<'_>,
    recogniser: &Recogniser,
) -> Result<Option<Field>, ModelError> {
    let glyphs = value(row, "出生", 3).unwrap_or_default();
    if let Some(date) = date_of(&glyphs) {
        return Ok(Some(rows::field(sheet, &glyphs, date.to_string())));
    }
    // A lone digit between wide gaps is easily overlooked by the detector: read the row in one piece.
    let (_, top, _, height) = rows::place(&row.glyphs()).map_or((0.0, 0.0, 0.0, 0.0), |r| r.bounds());
    let left = row.left();
    let strip = Region::rect(left, top, (0.56 * WIDTH - left).max(height), height);
    let again = sheet.read(recogniser, &[strip])?;
    let row = rows::rows(&again);
    let glyphs = row.first().and_then(|r| value(r, "出生", 3)).unwrap_or_default();
    Ok(date_of(&glyphs).map(|d| rows::field(sheet, &glyphs, d.to_string())))
}

/// Year, month and day: the three groups of digits.
fn date_of(glyphs: &[Placed<'_>]) -> Option<Date> {
    let mut groups: Vec<String> = Vec::new();
    let mut inside = false;
    for p in glyphs {
        let c = shiren_core::identity::confusion::digit_for(p.glyph.char).unwrap_or(p.glyph.char);
        match (c.is_ascii_digit(), inside) {
            (true, false) => groups.push(c.to_string()),
            (true, true) => groups.last_mut()?.push(c),
            _ => {}
        }
        inside = c.is_ascii_digit();
    }
    let [year, month, day] = groups.as_slice() else { return None };
    (year.len() == 4).then_some(())?;
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

fn address(sheet: &Sheet<'_>, rows: &[Row<'_>], roles: &Roles) -> Option<Field> {
    let first = roles.address?;
    let mut glyphs = value(&rows[first], "住址", 2)?;
    let column = rows::place(&glyphs)?.bounds().0;
    let mut last = rows[first].middle();
    for row in &rows[first + 1..] {
        // Later rows begin where the first value did, one line further down.
        let step = row.middle() - last;
        let height = row.lines().first().map_or(0.0, |l| l.place.height());
        if (row.left() - column).abs() < 0.08 * WIDTH && step < 3.0 * height {
            glyphs.extend(row.glyphs());
            last = row.middle();
        }
    }
    let text = tidy_address(&rows::text(&glyphs));
    (!text.is_empty()).then(|| rows::field(sheet, &glyphs, text))
}

/// Full-width digits become plain ones, and letters that look like digits become digits where they stand
/// between digits or before what is counted.
fn tidy_address(text: &str) -> String {
    let plain: Vec<char> = text
        .chars()
        .map(|c| match c {
            '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')).unwrap_or(c),
            _ => c,
        })
        .collect();
    let digit = |c: Option<&char>| c.is_some_and(char::is_ascii_digit);
    let counted = |c: Option<&char>| c.is_some_and(|c| "号栋室幢楼单元层组".contains(*c));
    (0..plain.len())
        .map(|i| {
            let (before, after) = (i.checked_sub(1).and_then(|j| plain.get(j)), plain.get(i + 1));
            match plain[i] {
                'O' | 'o' | '〇' if digit(before) || digit(after) => '0',
                'l' | 'I' | '|' if digit(before) || digit(after) || counted(after) => '1',
                c => c,
            }
        })
        .collect()
}

/// The row with the 18 characters.
fn number_row(rows: &[Row<'_>]) -> Option<usize> {
    let digits =
        |r: &Row<'_>| r.text().chars().filter(|c| c.is_ascii_digit() || "XxOoIlBSZ".contains(*c)).count();
    let labelled = rows.iter().rposition(|r| r.text().contains("身份号码") && digits(r) >= 8);
    labelled.or_else(|| (0..rows.len()).filter(|i| digits(&rows[*i]) >= 14).max_by_key(|i| digits(&rows[*i])))
}

const NUMBER: &str = "0123456789X";

fn id_number(
    sheet: &Sheet<'_>,
    row: &Row<'_>,
    recogniser: &Recogniser,
    today: Date,
) -> Result<Option<Field>, ModelError> {
    let classes = recogniser.alphabet().classes_of(NUMBER);
    let value = row.after_label("公民身份号码", 8).unwrap_or_else(|| row.glyphs());
    let Some(first) = value.first() else { return Ok(None) };
    // The label's own characters must not be read as digits: begin a little before the first one after it.
    let from = (first.line, first.glyph.at - 0.3 / first.line.glyphs.len().max(1) as f32);
    let mut glyphs = row.among(&classes, Some(from));
    let again;
    if glyphs.len() != 18 {
        // Equal digits side by side melt into one where the line is narrow: draw it out.
        let Some(place) = rows::place(&value) else { return Ok(None) };
        let (x, y, w, h) = place.bounds();
        let wider = Region::rect(x - 0.3 * h, y, w + 0.6 * h, h);
        again = sheet.read_stretched(recogniser, &[wider], 1.4)?;
        let row = rows::rows(&again);
        if let Some(row) = row.first() {
            let second = row.among(&classes, None);
            if second.len().abs_diff(18) < glyphs.len().abs_diff(18) {
                glyphs = second;
            }
        }
        let text = best_number(&glyphs, &classes, today);
        return Ok((!text.is_empty()).then(|| rows::field(sheet, &glyphs, text)));
    }
    let text = best_number(&glyphs, &classes, today);
    Ok(Some(rows::field(sheet, &glyphs, text)))
}

/// The likeliest characters; where the check character says no, the one other reading that says yes and that
/// the recogniser itself held for nearly as likely.
fn best_number(glyphs: &[Placed<'_>], classes: &[usize], today: Date) -> String {
    let read: Vec<char> = glyphs.iter().map(|p| p.glyph.char).collect();
    let text: String = read.iter().collect();
    let valid = |t: &str| cn_id::CnId::parse(t, today).is_ok();
    if read.len() != 18 || valid(&text) {
        return text;
    }
    let mut others = Vec::new();
    for (i, p) in glyphs.iter().enumerate() {
        for (c, probability) in p.line.posteriors.alternatives(&p.glyph, classes) {
            if c != read[i] && probability > 0.15 {
                let mut other = read.clone();
                other[i] = c;
                let other: String = other.iter().collect();
                if valid(&other) {
                    others.push(other);
                }
            }
        }
    }
    if others.len() == 1 { others.remove(0) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_in_an_address_become_digits_only_beside_digits() {
        assert_eq!(tidy_address("样本路l号２栋1O1室"), "样本路1号2栋101室");
        assert_eq!(tidy_address("OK广场"), "OK广场");
    }
}
