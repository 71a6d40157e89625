//! The other side of a resident card: authority and validity.

use std::collections::BTreeMap;

use jiff::civil::Date;
use shiren_core::identity::validity::LONG_TERM;
use shiren_core::see::{Field, FieldKey, Region};

use super::rows::{self, Placed, Row};
use super::sheet::{Sheet, TextLine, WIDTH};
use super::stamp;
use super::text::recognise::Recogniser;
use crate::pack::ModelError;

/// Words that only this side carries.
pub const LABELS: [&str; 5] = ["居民身份证", "签发机关", "有效期限", "居住证", "中华人民共和国"];

/// The fields that this side carries.
pub const REQUIRED: [FieldKey; 3] = [FieldKey::Authority, FieldKey::ValidFrom, FieldKey::ValidTo];

/// Reads the fields.
pub fn read(
    sheet: &Sheet<'_>,
    lines: &[TextLine],
    recogniser: &Recogniser,
) -> Result<BTreeMap<FieldKey, Field>, ModelError> {
    let rows = rows::rows(lines.iter().filter(|l| stamp::is_print(l)));
    let mut fields = BTreeMap::new();
    let period_row = rows.iter().rposition(|r| {
        let text = r.text();
        text.contains("有效期") || text.chars().filter(char::is_ascii_digit).count() >= 8
    });
    if let Some(i) = period_row {
        period(sheet, &rows[i], recogniser, &mut fields)?;
    }
    let authority_row = rows.iter().position(|r| {
        let text = r.text();
        text.contains("签发机") || text.contains("发机关")
    });
    if let Some(i) = authority_row {
        let end = period_row.filter(|p| *p > i).unwrap_or(rows.len());
        authority(sheet, &rows[i..end], &mut fields);
    }
    Ok(fields)
}

/// The authority may run over two rows.
fn authority(sheet: &Sheet<'_>, rows: &[Row<'_>], fields: &mut BTreeMap<FieldKey, Field>) {
    let Some((first, more)) = rows.split_first() else { return };
    let mut glyphs = first.after_label("签发机关", 4).unwrap_or_default();
    for row in more {
        glyphs.extend(row.glyphs());
    }
    let text = rows::text(&glyphs);
    if !text.is_empty() {
        fields.insert(FieldKey::Authority, rows::field(sheet, &glyphs, text));
    }
}

fn period(
    sheet: &Sheet<'_>,
    row: &Row<'_>,
    recogniser: &Recogniser,
    fields: &mut BTreeMap<FieldKey, Field>,
) -> Result<(), ModelError> {
    let glyphs = row.after_label("有效期限", 4).unwrap_or_else(|| row.glyphs());
    if insert_period(sheet, &glyphs, fields) {
        return Ok(());
    }
    // Once more in one piece, drawn out a little, from the label to the card's edge.
    let Some(place) = rows::place(&row.glyphs()) else { return Ok(()) };
    let (x, y, _, h) = place.bounds();
    let strip = Region::rect(x, y, (0.9 * WIDTH - x).max(h), h);
    let again = sheet.read_stretched(recogniser, &[strip], 1.2)?;
    if let Some(row) = rows::rows(&again).first() {
        let glyphs = row.after_label("有效期限", 4).unwrap_or_else(|| row.glyphs());
        insert_period(sheet, &glyphs, fields);
    }
    Ok(())
}

/// `YYYY.MM.DD-YYYY.MM.DD` or `YYYY.MM.DD-长期`, whatever the marks between the digits were read as.
fn insert_period(sheet: &Sheet<'_>, glyphs: &[Placed<'_>], fields: &mut BTreeMap<FieldKey, Field>) -> bool {
    let digit = |p: &Placed<'_>| {
        shiren_core::identity::confusion::digit_for(p.glyph.char)
            .or(Some(p.glyph.char))
            .filter(char::is_ascii_digit)
    };
    let digits: Vec<(usize, char)> =
        glyphs.iter().enumerate().filter_map(|(i, p)| digit(p).map(|d| (i, d))).collect();
    let long_term = glyphs.iter().any(|p| "长期".contains(p.glyph.char));
    let date = |d: &[(usize, char)]| -> Option<Date> {
        let text: String = d.iter().map(|(_, c)| *c).collect();
        Date::new(text.get(..4)?.parse().ok()?, text.get(4..6)?.parse().ok()?, text.get(6..8)?.parse().ok()?)
            .ok()
    };
    let wanted = if long_term { 8 } else { 16 };
    if digits.len() != wanted {
        return false;
    }
    let Some(from) = date(&digits[..8]) else { return false };
    let first = &glyphs[digits[0].0..=digits[7].0];
    if long_term {
        let rest = &glyphs[digits[7].0 + 1..];
        fields.insert(FieldKey::ValidTo, rows::field(sheet, rest, LONG_TERM.to_owned()));
    } else {
        let Some(to) = date(&digits[8..]) else { return false };
        let second = &glyphs[digits[8].0..=digits[15].0];
        fields.insert(FieldKey::ValidTo, rows::field(sheet, second, to.to_string()));
    }
    fields.insert(FieldKey::ValidFrom, rows::field(sheet, first, from.to_string()));
    true
}
