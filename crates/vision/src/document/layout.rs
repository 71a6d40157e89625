//! Where the fields of a resident card stand, for saying where something is missing.

use shiren_core::see::{DocumentKind, FieldKey, Region};

use super::sheet::WIDTH;

/// A field's place on a card: left, top, right, bottom as shares of its width and height. Wide enough for the
/// cards in use and for specimens; text is never looked for by these places, only missed by them.
fn share(kind: DocumentKind, key: FieldKey) -> Option<[f32; 4]> {
    use FieldKey as F;
    match (kind, key) {
        (DocumentKind::CnIdFront, F::Name) => Some([0.05, 0.06, 0.60, 0.17]),
        (DocumentKind::CnIdFront, F::Sex) => Some([0.05, 0.17, 0.24, 0.28]),
        (DocumentKind::CnIdFront, F::Ethnicity) => Some([0.24, 0.17, 0.60, 0.28]),
        (DocumentKind::CnIdFront, F::BirthDate) => Some([0.05, 0.28, 0.60, 0.40]),
        (DocumentKind::CnIdFront, F::Address) => Some([0.05, 0.40, 0.62, 0.72]),
        (DocumentKind::CnIdFront, F::IdNumber) => Some([0.05, 0.78, 0.97, 0.92]),
        (DocumentKind::CnIdBack, F::Authority) => Some([0.15, 0.66, 0.95, 0.80]),
        (DocumentKind::CnIdBack, F::ValidFrom | F::ValidTo) => Some([0.15, 0.80, 0.95, 0.93]),
        _ => None,
    }
}

/// The portrait on the front, the emblem and the title on the back: pictures, not print.
fn decoration(kind: DocumentKind) -> Option<[f32; 4]> {
    match kind {
        DocumentKind::CnIdFront => Some([0.60, 0.06, 1.0, 0.78]),
        DocumentKind::CnIdBack => Some([0.0, 0.0, 1.0, 0.52]),
        _ => None,
    }
}

/// A field's place on a sheet of the given height.
pub fn zone(kind: DocumentKind, key: FieldKey, height: f32) -> Option<Region> {
    share(kind, key)
        .map(|[l, t, r, b]| Region::rect(l * WIDTH, t * height, (r - l) * WIDTH, (b - t) * height))
}

/// Whether a place, in shares of the card, belongs to a picture on it.
pub fn is_decoration(kind: DocumentKind, x: f32, y: f32) -> bool {
    decoration(kind).is_some_and(|[l, t, r, b]| (l..=r).contains(&x) && (t..=b).contains(&y))
}
