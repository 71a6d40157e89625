//! Several documents of one person against one another and against what the person declared.

use super::{at, value};
use crate::identity::validity::{self, ValidTo};
use crate::identity::{cn_id, date, name, text};
use crate::see::{DocumentKind, DocumentReading, Field, FieldKey};
use crate::verification::{Finding, ReasonCode, Severity};

/// What the person entered, before any picture was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Declared<'a> {
    /// Name.
    pub name: Option<&'a str>,
    /// Number of the document that the method asks for.
    pub id_number: Option<&'a str>,
}

/// Everything that the documents say against one another and against the declaration, each with the index of
/// the document in which its region lies. An empty declaration counts as none.
pub fn together(documents: &[&DocumentReading], declared: &Declared<'_>) -> Vec<(usize, Finding)> {
    let mut findings = Vec::new();
    for (i, document) in documents.iter().enumerate() {
        if let Some(said) = declared.id_number.filter(|s| !s.trim().is_empty()) {
            findings.extend(number_differs(document, said).map(|f| (i, f)));
        }
        if let Some(said) = declared.name.filter(|s| !s.trim().is_empty()) {
            findings.extend(name_differs(document, said).map(|f| (i, f)));
        }
    }
    findings.extend(term_does_not_fit(documents));
    findings.extend(holders_differ(documents));
    findings
}

/// The number by which the document's holder is declared. Visas have numbers of their own.
fn number_of(document: &DocumentReading) -> Option<&Field> {
    let key = match document.kind? {
        DocumentKind::CnIdFront => FieldKey::IdNumber,
        DocumentKind::Passport | DocumentKind::Permit => FieldKey::DocumentNumber,
        DocumentKind::CnIdBack | DocumentKind::Visa | DocumentKind::BusinessLicence => return None,
    };
    document.fields.get(&key).filter(|f| !f.value.is_empty())
}

fn number_differs(document: &DocumentReading, said: &str) -> Option<Finding> {
    let printed = number_of(document)?;
    let plain = |t: &str| -> String { text::compact(t).chars().filter(|c| c.is_alphanumeric()).collect() };
    let same = plain(said) == plain(&printed.value);
    (!same).then(|| at(ReasonCode::IdNumberMismatch, Severity::Fail, Some(printed)))
}

/// Below this confidence of its weakest character, one differing character in a name may be a misreading.
const SURE: f32 = 0.9;

fn name_differs(document: &DocumentReading, said: &str) -> Option<Finding> {
    let (printed, whole) = name_of(document)?;
    if name::same(said, &whole) || (cut(document) && name::begins_with(said, &whole)) {
        return None;
    }
    // Someone with a Chinese name may declare it beside a passport, whose zone is in Latin letters: no
    // failure, but nothing that a rule could settle.
    let other_script = said.is_ascii() != whole.is_ascii();
    let misread = printed.confidence < SURE && name::one_character_apart(said, &whole);
    let severity = if other_script || misread { Severity::Review } else { Severity::Fail };
    Some(at(ReasonCode::NameMismatch, severity, Some(printed)))
}

/// The name as the document has it, and the field to show. A visa's name is compared with its passport.
fn name_of(document: &DocumentReading) -> Option<(&Field, String)> {
    let filled = |key| document.fields.get(&key).filter(|f: &&Field| !f.value.is_empty());
    if document.kind == Some(DocumentKind::Visa) {
        return None;
    }
    if let Some(field) = filled(FieldKey::Name) {
        return Some((field, field.value.clone()));
    }
    let surname = filled(FieldKey::Surname)?;
    let given = filled(FieldKey::GivenNames).map(|f| f.value.as_str()).unwrap_or_default();
    Some((surname, format!("{} {given}", surname.value).trim().to_owned()))
}

/// Whether a machine-readable zone has no room left after the name.
fn cut(document: &DocumentReading) -> bool {
    let name_line =
        document.mrz.as_ref().and_then(|m| if m.lines.len() == 3 { m.lines.last() } else { m.lines.first() });
    name_line.is_some_and(|l| !l.ends_with('<'))
}

/// The first document of a kind, and its index.
fn of<'a>(documents: &[&'a DocumentReading], kind: DocumentKind) -> Option<(usize, &'a DocumentReading)> {
    documents.iter().enumerate().find(|(_, d)| d.kind == Some(kind)).map(|(i, d)| (i, *d))
}

/// The back's validity against the age that the front tells. A person decides: the two sides may be of two
/// cards, or an office may have made an exception.
fn term_does_not_fit(documents: &[&DocumentReading]) -> Option<(usize, Finding)> {
    let (_, front) = of(documents, DocumentKind::CnIdFront)?;
    let (i, back) = of(documents, DocumentKind::CnIdBack)?;
    let from = date::iso(value(back, FieldKey::ValidFrom)?)?;
    let to = ValidTo::from_value(value(back, FieldKey::ValidTo)?)?;
    let birth = date::iso(value(front, FieldKey::BirthDate)?)?;
    let fits = if value(front, FieldKey::IdNumber).is_some_and(cn_id::is_residence_permit) {
        validity::residence_permit_may_run(from, to)
    } else {
        validity::resident_card_may_run(from, to, Some(birth))
    };
    let field = back.fields.get(&FieldKey::ValidTo);
    (!fits).then(|| (i, at(ReasonCode::DocumentFieldsInconsistent, Severity::Review, field)))
}

/// A visa and the passport it stands in: the same name and birth date.
fn holders_differ(documents: &[&DocumentReading]) -> Option<(usize, Finding)> {
    let (_, passport) = of(documents, DocumentKind::Passport)?;
    let (i, visa) = of(documents, DocumentKind::Visa)?;
    [FieldKey::BirthDate, FieldKey::Surname].into_iter().find_map(|key| {
        let (a, b) = (value(passport, key)?, value(visa, key)?);
        let same = if key == FieldKey::Surname { name::same(a, b) } else { a == b };
        let field = visa.fields.get(&key);
        (!same).then(|| (i, at(ReasonCode::DocumentFieldsInconsistent, Severity::Review, field)))
    })
}
