//! 营业执照, a company's business licence: a sheet with two columns of labels and values under a big title.

use std::collections::BTreeMap;

use jiff::civil::Date;
use shiren_core::identity::confusion::digit_for;
use shiren_core::identity::credit_code::CreditCode;
use shiren_core::identity::validity::LONG_TERM;
use shiren_core::see::{Field, FieldKey, Region};

use super::rows::{self, Placed, Row};
use super::sheet::{Sheet, TextLine, WIDTH};
use super::stamp;
use super::text::recognise::Recogniser;
use crate::pack::ModelError;

/// What only a licence carries, in big type.
pub const TITLE: &str = "营业执照";

/// The fields that every licence has.
pub const REQUIRED: [FieldKey; 3] = [FieldKey::CreditCode, FieldKey::CompanyName, FieldKey::LegalPerson];

/// A code that does not hold is shown to a person: below what counts as read surely.
const DOUBTFUL: f32 = 0.5;

/// What a label stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Name,
    LegalPerson,
    Established,
    Term,
    /// Labels of values that nobody asks for: where they stand another value ends.
    Other,
}

/// Labels by column, as the forms since 2014 have them; who stands for a partnership, a sole trader or a branch has a label
/// of their own.
const LEFT: [(&str, Part); 9] = [
    ("名称", Part::Name),
    ("类型", Part::Other),
    ("组成形式", Part::Other),
    ("法定代表人", Part::LegalPerson),
    ("执行事务合伙人", Part::LegalPerson),
    ("投资人", Part::LegalPerson),
    ("经营者", Part::LegalPerson),
    ("负责人", Part::LegalPerson),
    ("经营范围", Part::Other),
];
const RIGHT: [(&str, Part); 9] = [
    ("注册资本", Part::Other),
    ("出资额", Part::Other),
    ("成立日期", Part::Established),
    ("注册日期", Part::Established),
    ("营业期限", Part::Term),
    ("合伙期限", Part::Term),
    ("主要经营场所", Part::Other),
    ("经营场所", Part::Other),
    ("住所", Part::Other),
];
/// Where the right column begins, as a share of the sheet's width, when none of its labels was read.
const MIDDLE: f32 = 0.53;

/// Reads the fields.
pub fn read(
    sheet: &Sheet<'_>,
    lines: &[TextLine],
    recogniser: &Recogniser,
) -> Result<BTreeMap<FieldKey, Field>, ModelError> {
    let print: Vec<&TextLine> = lines.iter().filter(|l| stamp::is_print(l)).collect();
    let mut fields = BTreeMap::new();
    if let Some(code) = credit_code(sheet, &print, recogniser)? {
        fields.insert(FieldKey::CreditCode, code);
    }
    let below = title_bottom(&print);
    let middle = middle(&print, below);
    let of = |left: bool| {
        let beside = move |l: &&TextLine| (l.bounds().0 < middle) == left && l.place.centre().y > below;
        rows::rows(print.iter().copied().filter(beside))
    };
    for (rows, labels) in [(of(true), &LEFT), (of(false), &RIGHT)] {
        for (part, glyphs) in values(&rows, labels) {
            insert(sheet, part, &glyphs, &mut fields);
        }
    }
    Ok(fields)
}

/// The lower edge of the title; what stands above it is no row of the form.
fn title_bottom(print: &[&TextLine]) -> f32 {
    let title = print.iter().filter(|l| l.text().contains(TITLE));
    title.map(|l| l.bounds().1 + l.bounds().3).fold(0.0, f32::max)
}

/// The left edge of the right column's labels.
fn middle(print: &[&TextLine], below: f32) -> f32 {
    let starts = |l: &TextLine| {
        RIGHT.iter().any(|(label, _)| label.chars().count() > 2 && after(&l.text(), label).is_some())
    };
    let labels =
        print.iter().filter(|l| l.bounds().0 > 0.35 * WIDTH && l.place.centre().y > below && starts(l));
    let left = labels.map(|l| l.bounds().0).fold(f32::MAX, f32::min);
    if left == f32::MAX { MIDDLE * WIDTH } else { left - 0.02 * WIDTH }
}

/// The values of one column: what follows each label in its row, and in the rows below until the next label.
fn values<'l>(rows: &[Row<'l>], labels: &[(&str, Part)]) -> Vec<(Part, Vec<Placed<'l>>)> {
    let mut values: Vec<(Part, Vec<Placed<'l>>)> = Vec::new();
    // Where values begin: a row that begins further left and has no label is none of them.
    let mut column = f32::MAX;
    for row in rows {
        let (text, glyphs) = (row.text(), row.glyphs());
        let labelled = labels.iter().find_map(|(label, part)| Some((*part, after(&text, label)?)));
        if let Some((part, end)) = labelled {
            let value: Vec<_> =
                glyphs[end..].iter().skip_while(|p| "：:".contains(p.glyph.char)).copied().collect();
            if let Some(place) = rows::place(&value) {
                column = column.min(place.bounds().0);
            }
            values.push((part, value));
        } else if row.left() > column - 0.04 * WIDTH
            && let Some((_, value)) = values.last_mut()
        {
            value.extend(glyphs);
        }
    }
    values
}

/// How many characters of a text are this label, when it begins with it; of a longer one a character may be misread.
fn after(text: &str, label: &str) -> Option<usize> {
    let n = label.chars().count();
    let same = text.chars().zip(label.chars()).filter(|(a, b)| a == b).count();
    let misread = usize::from(n >= 4);
    (text.chars().count() >= n && same + misread >= n).then_some(n)
}

fn insert(sheet: &Sheet<'_>, part: Part, glyphs: &[Placed<'_>], fields: &mut BTreeMap<FieldKey, Field>) {
    let (key, value) = match part {
        Part::Name => (FieldKey::CompanyName, Some(brackets(&rows::text(glyphs)))),
        Part::LegalPerson => (FieldKey::LegalPerson, Some(person(&rows::text(glyphs)))),
        Part::Established => (FieldKey::EstablishedOn, dates(glyphs).first().map(Date::to_string)),
        Part::Term => (FieldKey::BusinessTermTo, term_end(glyphs)),
        Part::Other => return,
    };
    if let Some(value) = value.filter(|v| !v.is_empty()) {
        fields.entry(key).or_insert_with(|| rows::field(sheet, glyphs, value));
    }
}

/// Licences print full-width brackets; which kind was read tells nothing.
fn brackets(text: &str) -> String {
    text.replace('(', "（").replace(')', "）")
}

fn person(text: &str) -> String {
    text.chars().map(|c| if "·•．.・‧∙-".contains(c) { '·' } else { c }).collect()
}

/// The end of a term: the last of its days, or none.
fn term_end(glyphs: &[Placed<'_>]) -> Option<String> {
    if glyphs.iter().any(|p| "长期".contains(p.glyph.char)) {
        return Some(LONG_TERM.to_owned());
    }
    match dates(glyphs).as_slice() {
        [_, end] => Some(end.to_string()),
        _ => None,
    }
}

/// Days, as `2015年06月01日` or `2015-6-1`: three groups of digits each.
fn dates(glyphs: &[Placed<'_>]) -> Vec<Date> {
    let mut groups: Vec<String> = Vec::new();
    let mut inside = false;
    for p in glyphs {
        let c = if inside { digit_for(p.glyph.char).unwrap_or(p.glyph.char) } else { p.glyph.char };
        match (c.is_ascii_digit(), inside) {
            (true, false) => groups.push(c.to_string()),
            (true, true) => {
                if let Some(group) = groups.last_mut() {
                    group.push(c);
                }
            }
            _ => {}
        }
        inside = c.is_ascii_digit();
    }
    let day = |group: &[String]| {
        let [year, month, day] = group else { return None };
        (year.len() == 4).then_some(())?;
        Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
    };
    groups.chunks(3).filter_map(day).collect()
}

/// What codes are written in (GB 32100-2015, 4.2.3: without I, O, S, V, Z).
const SYMBOLS: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
/// A line with so many of these may be the code: something of it may stand on another.
const MOST_OF_A_CODE: usize = 15;

/// The code is found by its characters, wherever it stands, and read with no others possible.
fn credit_code(
    sheet: &Sheet<'_>,
    print: &[&TextLine],
    recogniser: &Recogniser,
) -> Result<Option<Field>, ModelError> {
    let written = |l: &TextLine| l.glyphs.iter().filter(|g| g.char.is_ascii_alphanumeric()).count();
    let Some(line) =
        print.iter().copied().filter(|l| written(l) >= MOST_OF_A_CODE).max_by_key(|l| written(l))
    else {
        return Ok(None);
    };
    let classes = recogniser.alphabet().classes_of(SYMBOLS);
    let from = line.glyphs.iter().find(|g| g.char.is_ascii_alphanumeric()).map_or(0.0, |g| g.at);
    let half = 0.3 / line.glyphs.len().max(1) as f32;
    let of = |line, from| rows::rows([line]).first().map_or_else(Vec::new, |row| row.among(&classes, from));
    let first = of(line, Some((line, from - half)));
    if let Some(field) = sound(sheet, &first) {
        return Ok(Some(field));
    }
    // Equal characters side by side melt into one where a line is narrow: drawn out they do not.
    let (x, y, w, h) = line.part((from - 2.0 * half).max(0.0), 1.0).bounds();
    let again = sheet.read_stretched(recogniser, &[Region::rect(x - 0.2 * h, y, w + 0.5 * h, h)], 1.3)?;
    let second = again.first().map_or_else(Vec::new, |line| of(line, None));
    if let Some(field) = sound(sheet, &second) {
        return Ok(Some(field));
    }
    let best = if second.len().abs_diff(18) < first.len().abs_diff(18) { second } else { first };
    let mut field = rows::field(sheet, &best, rows::text(&best));
    field.confidence = field.confidence.min(DOUBTFUL);
    Ok((!field.value.is_empty()).then_some(field))
}

/// A code both of whose check characters fit.
fn sound(sheet: &Sheet<'_>, glyphs: &[Placed<'_>]) -> Option<Field> {
    let text = rows::text(glyphs);
    CreditCode::parse(&text).ok().map(|code| rows::field(sheet, glyphs, code.as_str().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_known_with_a_character_misread_when_it_is_long() {
        assert_eq!(after("名称样本贸易有限公司", "名称"), Some(2));
        assert_eq!(after("法定代袤人王芳", "法定代表人"), Some(5));
        assert_eq!(after("名林样本", "名称"), None);
        assert_eq!(after("住", "住所"), None);
    }
}
