//! Whether the document in a person's hand is the one that was shown before.

use super::at;
use crate::identity::{cn_id, name};
use crate::see::{DocumentReading, Field, FieldKey};
use crate::verification::{Finding, ReasonCode, Severity};

/// Holds the document in hand against the one shown before: by its number, else by its holder's name. With neither of
/// them read there is nothing to hold; that it cannot be read is told where the photo is judged.
pub fn held(shown: &DocumentReading, held: &DocumentReading) -> Option<Finding> {
    let field = |document: &'_ DocumentReading, key| -> Option<Field> {
        document.fields.get(&key).filter(|f| !f.value.is_empty()).cloned()
    };
    for key in [FieldKey::IdNumber, FieldKey::DocumentNumber] {
        if let (Some(a), Some(b)) = (field(shown, key), field(held, key)) {
            return numbers(key, &a, &b);
        }
    }
    for key in [FieldKey::Name, FieldKey::Surname] {
        if let (Some(a), Some(b)) = (field(shown, key), field(held, key)) {
            // A name alone, read from afar: a person looks at it.
            let differs = || at(ReasonCode::HeldDocumentDiffers, Severity::Review, Some(&b));
            return (!name::same(&a.value, &b.value)).then(differs);
        }
    }
    let (Some(a), Some(b)) = (shown.kind, held.kind) else { return None };
    (a != b).then_some(Finding {
        code: ReasonCode::HeldDocumentDiffers,
        severity: Severity::Fail,
        region: held.card,
    })
}

fn numbers(key: FieldKey, shown: &Field, held: &Field) -> Option<Finding> {
    if shown.value == held.value {
        return None;
    }
    // A number against its own check character is no card's: it was misread, or a finger covers some of it.
    let misread = key == FieldKey::IdNumber && !keeps_its_check(&held.value);
    let code = if misread { ReasonCode::HeldDocumentUnreadable } else { ReasonCode::HeldDocumentDiffers };
    Some(at(code, Severity::Fail, Some(held)))
}

/// Whether a number of a resident card ends in the check character of the rest.
fn keeps_its_check(number: &str) -> bool {
    let Some((at, last)) = number.char_indices().last() else { return false };
    cn_id::check_character(&number[..at]) == Some(last)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::see::DocumentKind;

    fn card(kind: DocumentKind, fields: &[(FieldKey, &str)]) -> DocumentReading {
        let field = |value: &str| Field { value: value.into(), confidence: 0.9, region: None };
        DocumentReading {
            kind: Some(kind),
            fields: fields.iter().map(|(k, v)| (*k, field(v))).collect(),
            printed: BTreeMap::new(),
            mrz: None,
            card: None,
            portrait: None,
            findings: vec![],
            measures: BTreeMap::new(),
        }
    }

    #[test]
    fn the_same_card_is_the_same_and_another_is_another() {
        use FieldKey::{DocumentNumber, IdNumber, Name};
        use Severity::{Fail, Review};
        let differs = |severity| Some((ReasonCode::HeldDocumentDiffers, severity));
        let unreadable = Some((ReasonCode::HeldDocumentUnreadable, Fail));
        let front = |fields: &[_]| card(DocumentKind::CnIdFront, fields);
        let passport = |number| card(DocumentKind::Passport, &[(DocumentNumber, number)]);
        let shown = front(&[(IdNumber, "11010519491231002X"), (Name, "王芳")]);
        let table = [
            (&shown, front(&[(IdNumber, "11010519491231002X")]), None),
            // Another number that keeps its own check digit is another card, however like it is.
            (&shown, front(&[(IdNumber, "110105194912310038")]), differs(Fail)),
            (&shown, front(&[(IdNumber, "440524188001010014"), (Name, "王芳")]), differs(Fail)),
            (&shown, front(&[(IdNumber, "11010519491231802X")]), unreadable),
            (&shown, front(&[(Name, "王芳")]), None),
            (&shown, front(&[(Name, "李雷")]), differs(Review)),
            (&shown, front(&[]), None),
            (&shown, card(DocumentKind::Passport, &[]), differs(Fail)),
            (&passport("X12345678"), passport("X12345678"), None),
            (&passport("X12345678"), passport("X12345679"), differs(Fail)),
        ];
        for (n, (shown, in_hand, expected)) in table.into_iter().enumerate() {
            let found = held(shown, &in_hand).map(|f| (f.code, f.severity));
            assert_eq!(found, expected, "row {n}");
        }
    }
}
