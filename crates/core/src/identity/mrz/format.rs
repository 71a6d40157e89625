//! Where everything stands in each of the five formats.

use std::ops::Range;

use crate::see::FieldKey;

/// The formats of ICAO 9303.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Cards: three lines of 30 (9303-5).
    Td1,
    /// Larger cards: two lines of 36 (9303-6).
    Td2,
    /// Passports: two lines of 44 (9303-4).
    Td3,
    /// Visas of full size: two lines of 44 (9303-7).
    MrvA,
    /// Smaller visas: two lines of 36 (9303-7).
    MrvB,
}

/// Columns `from..to` of a line, both counted from 0.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) line: usize,
    pub(super) from: usize,
    pub(super) to: usize,
}

const fn span(line: usize, from: usize, to: usize) -> Span {
    Span { line, from, to }
}

/// The check digits of number and dates stand right after them.
pub(super) struct Layout {
    pub(super) issuing_state: Span,
    pub(super) names: Span,
    pub(super) document_number: Span,
    pub(super) nationality: Span,
    pub(super) birth_date: Span,
    pub(super) sex: Span,
    pub(super) expiry_date: Span,
    /// The second is empty where there is only one.
    pub(super) optional: [Span; 2],
    /// Whether a check digit follows the first.
    pub(super) optional_checked: bool,
    /// Whether a number may go on in the first.
    pub(super) long_numbers: bool,
    /// What the composite check digit covers, and the line and column where it stands.
    pub(super) composite: Option<(&'static [Span], usize, usize)>,
}

static TD1: Layout = Layout {
    issuing_state: span(0, 2, 5),
    names: span(2, 0, 30),
    document_number: span(0, 5, 14),
    nationality: span(1, 15, 18),
    birth_date: span(1, 0, 6),
    sex: span(1, 7, 8),
    expiry_date: span(1, 8, 14),
    optional: [span(0, 15, 30), span(1, 18, 29)],
    optional_checked: false,
    long_numbers: true,
    composite: Some((&[span(0, 5, 30), span(1, 0, 7), span(1, 8, 15), span(1, 18, 29)], 1, 29)),
};

/// The second line is the same in all two-line formats up to the expiry date.
const fn two_lines(width: usize, optional_to: usize) -> Layout {
    Layout {
        issuing_state: span(0, 2, 5),
        names: span(0, 5, width),
        document_number: span(1, 0, 9),
        nationality: span(1, 10, 13),
        birth_date: span(1, 13, 19),
        sex: span(1, 20, 21),
        expiry_date: span(1, 21, 27),
        optional: [span(1, 28, optional_to), span(1, 28, 28)],
        optional_checked: false,
        long_numbers: false,
        composite: None,
    }
}

static TD2: Layout = Layout {
    long_numbers: true,
    composite: Some((&[span(1, 0, 10), span(1, 13, 20), span(1, 21, 35)], 1, 35)),
    ..two_lines(36, 35)
};
static TD3: Layout = Layout {
    optional_checked: true,
    composite: Some((&[span(1, 0, 10), span(1, 13, 20), span(1, 21, 43)], 1, 43)),
    ..two_lines(44, 42)
};
static MRV_A: Layout = two_lines(44, 44);
static MRV_B: Layout = two_lines(36, 36);

/// What may stand in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A letter or a filler.
    Letter,
    /// A digit or a filler.
    Digit,
    /// A letter, a digit or a filler.
    Either,
    /// M, F or a filler (X is seen too).
    Sex,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 5] = [Self::Td1, Self::Td2, Self::Td3, Self::MrvA, Self::MrvB];

    /// Its name in ICAO 9303.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Td1 => "TD1",
            Self::Td2 => "TD2",
            Self::Td3 => "TD3",
            Self::MrvA => "MRV-A",
            Self::MrvB => "MRV-B",
        }
    }

    /// How many lines it has.
    pub const fn line_count(self) -> usize {
        if matches!(self, Self::Td1) { 3 } else { 2 }
    }

    /// How many characters each line has.
    pub const fn width(self) -> usize {
        match self {
            Self::Td1 => 30,
            Self::Td2 | Self::MrvB => 36,
            Self::Td3 | Self::MrvA => 44,
        }
    }

    /// Whether it is a visa's; those start with V.
    pub const fn is_visa(self) -> bool {
        matches!(self, Self::MrvA | Self::MrvB)
    }

    /// The line, counted from 0, and the columns where a field stands: for showing it in the picture.
    pub fn place(self, key: FieldKey) -> Option<(usize, Range<usize>)> {
        let f = self.layout();
        let s = match key {
            FieldKey::Surname | FieldKey::GivenNames => f.names,
            FieldKey::DocumentNumber => f.document_number,
            FieldKey::Nationality => f.nationality,
            FieldKey::IssuingState => f.issuing_state,
            FieldKey::BirthDate => f.birth_date,
            FieldKey::Sex => f.sex,
            FieldKey::ExpiryDate => f.expiry_date,
            FieldKey::PersonalNumber if !self.is_visa() => f.optional[0],
            _ => return None,
        };
        Some((s.line, s.from..s.to))
    }

    pub(super) fn layout(self) -> &'static Layout {
        match self {
            Self::Td1 => &TD1,
            Self::Td2 => &TD2,
            Self::Td3 => &TD3,
            Self::MrvA => &MRV_A,
            Self::MrvB => &MRV_B,
        }
    }

    /// What may stand at a line and column.
    pub(super) fn allows(self, line: usize, column: usize) -> Place {
        let f = self.layout();
        let inside = |s: Span| s.line == line && (s.from..s.to).contains(&column);
        let just_after = |s: Span| s.line == line && s.to == column;
        if inside(f.names) || inside(f.issuing_state) || inside(f.nationality) || (line == 0 && column < 2) {
            Place::Letter
        } else if inside(f.sex) {
            Place::Sex
        } else if inside(f.birth_date)
            || inside(f.expiry_date)
            || just_after(f.birth_date)
            || just_after(f.expiry_date)
            || just_after(f.document_number)
            || (f.optional_checked && just_after(f.optional[0]))
            || f.composite.is_some_and(|(_, l, c)| (l, c) == (line, column))
        {
            Place::Digit
        } else {
            Place::Either
        }
    }
}
