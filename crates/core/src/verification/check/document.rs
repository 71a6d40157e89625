//! One document against itself and against today.

use jiff::civil::Date;

use super::{at, value};
use crate::identity::cn_id::{self, CnId, Holder};
use crate::identity::validity::{self, Status, ValidTo};
use crate::identity::{date, mrz, name};
use crate::see::{DocumentKind, DocumentReading, Field, FieldKey};
use crate::verification::{Finding, ReasonCode, Severity};

/// Everything that one document's values say against themselves, in the order of the rules: what is missing,
/// number, machine-readable zone, validity.
///
/// A field that is missing although its kind has it is `photo_unreadable`, unless the reading already has a
/// finding that fails, which then explains it better. Nothing is said of a reading without a kind.
pub fn document(reading: &DocumentReading, today: Date) -> Vec<Finding> {
    let Some(kind) = reading.kind else { return Vec::new() };
    let mut findings = Vec::new();
    let explained = reading.findings.iter().any(|f| f.severity == Severity::Fail);
    if !explained && missing(reading, kind).next().is_some() {
        let finding = Finding::fail(ReasonCode::PhotoUnreadable);
        findings.push(reading.card.map_or(finding, |card| finding.at(card)));
    }
    findings.extend(number(reading, today));
    findings.extend(zone(reading, today));
    findings.extend(dates(reading, kind, today));
    findings
}

/// The fields that every genuine document of the kind has.
fn missing(reading: &DocumentReading, kind: DocumentKind) -> impl Iterator<Item = FieldKey> {
    use FieldKey::{
        Address, Authority, BirthDate, CompanyName, CreditCode, DocumentNumber, Ethnicity, ExpiryDate,
        IdNumber, IssuingState, LegalPerson, Name, Nationality, Sex, Surname, ValidFrom, ValidTo,
    };
    let required: &[FieldKey] = match kind {
        DocumentKind::CnIdFront => &[Name, Sex, Ethnicity, BirthDate, Address, IdNumber],
        DocumentKind::CnIdBack => &[Authority, ValidFrom, ValidTo],
        // A birth date may be partly unknown in a machine-readable zone, a sex unstated, given names absent.
        DocumentKind::Passport => &[Surname, DocumentNumber, IssuingState, Nationality, ExpiryDate],
        DocumentKind::Visa => &[Surname, DocumentNumber, IssuingState, ExpiryDate],
        DocumentKind::Permit => &[DocumentNumber, ExpiryDate],
        DocumentKind::BusinessLicence => &[CreditCode, CompanyName, LegalPerson],
    };
    let unprinted = residence_permit(reading);
    required
        .iter()
        .copied()
        // 港澳台居民居住证 do not state an ethnicity.
        .filter(move |key| !(unprinted && *key == Ethnicity))
        .filter(|key| value(reading, *key).is_none())
}

/// Whether the number is that of a 港澳台居民居住证.
fn residence_permit(reading: &DocumentReading) -> bool {
    value(reading, FieldKey::IdNumber).is_some_and(cn_id::is_residence_permit)
}

/// The resident's number: valid, of a known place, and of the same birth date and sex as printed.
fn number(reading: &DocumentReading, today: Date) -> Vec<Finding> {
    let Some(field) = reading.fields.get(&FieldKey::IdNumber).filter(|f| !f.value.is_empty()) else {
        return Vec::new();
    };
    // A number that is none tells nothing of birth date and sex, so nothing is compared with them.
    let Ok(id) = CnId::parse(&field.value, today) else {
        return vec![at(ReasonCode::IdNumberInvalid, Severity::Fail, Some(field))];
    };
    let mut findings = Vec::new();
    if !id.region_is_known() {
        findings.push(at(ReasonCode::RegionCodeUnknown, Severity::Review, Some(field)));
    }
    let birth = reading.fields.get(&FieldKey::BirthDate).filter(|f| !f.value.is_empty());
    if birth.is_some_and(|f| f.value != id.birth_date().to_string()) {
        findings.push(at(ReasonCode::DocumentFieldsInconsistent, Severity::Fail, birth));
    }
    let sex = reading.fields.get(&FieldKey::Sex).filter(|f| !f.value.is_empty());
    if sex.is_some_and(|f| f.value != id.sex().code()) {
        // The rule is published for residents only.
        let severity = if id.holder() == Holder::Foreigner { Severity::Review } else { Severity::Fail };
        findings.push(at(ReasonCode::DocumentFieldsInconsistent, severity, sex));
    }
    findings
}

/// The machine-readable zone: its check digits, and the printed zone beside it.
fn zone(reading: &DocumentReading, today: Date) -> Vec<Finding> {
    let Some(zone) = &reading.mrz else { return Vec::new() };
    let parsed = mrz::parse(&zone.lines, today).ok();
    // The reader's word is not enough: lines that do not hold are told even when it called them valid.
    let holds = zone.valid && parsed.as_ref().is_some_and(mrz::Mrz::valid);
    if !holds {
        let finding = Finding::fail(ReasonCode::MrzCheckFailed);
        return vec![zone.region.map_or(finding, |r| finding.at(r))];
    }
    let cut = parsed.is_some_and(|m| m.names_truncated);
    reading
        .printed
        .iter()
        .filter_map(|(key, printed)| {
            let zone = value(reading, *key)?;
            disagrees(*key, printed, zone, cut).map(|s| at(ReasonCode::MrzMismatch, s, Some(printed)))
        })
        .collect()
}

/// Below this, a printed value may well be misread, and only a person can tell; the zone has check digits,
/// the printed text has none. (The reader's confidences of right values lie above .9 almost always.)
const SURE: f32 = 0.9;

/// How much a printed value that differs from the zone weighs; `None` when it agrees. Numbers and dates that
/// are read surely and differ are a failure; names may be transliterated in ways that no rule foresees.
fn disagrees(key: FieldKey, printed: &Field, zone: &str, cut: bool) -> Option<Severity> {
    use FieldKey::{
        BirthDate, DocumentNumber, ExpiryDate, GivenNames, IssuingState, Nationality, PersonalNumber, Sex,
        Surname,
    };
    let seen = printed.value.as_str();
    let plain = |text: &str| -> String { text.chars().filter(char::is_ascii_alphanumeric).collect() };
    let (agrees, worst) = match key {
        DocumentNumber | PersonalNumber => (plain(seen) == plain(zone), Severity::Fail),
        BirthDate | ExpiryDate => (seen == zone || date::iso(seen).is_none(), Severity::Fail),
        Sex => (seen == zone || zone == "X", Severity::Fail),
        Surname | GivenNames => {
            let agrees = name::same(seen, zone) || (cut && name::begins_with(seen, zone));
            (agrees || !seen.is_ascii() && plain(seen).is_empty(), Severity::Review)
        }
        // Printed in words as often as in letters of the code: only a code can disagree.
        IssuingState | Nationality => (seen == zone || seen.len() != 3 || !seen.is_ascii(), Severity::Review),
        _ => (true, Severity::Info),
    };
    let severity = if printed.confidence < SURE { Severity::Review } else { worst };
    (!agrees && !seen.is_empty()).then_some(severity)
}

/// Validity: against today, against birth, and against the terms that the law knows.
fn dates(reading: &DocumentReading, kind: DocumentKind, today: Date) -> Vec<Finding> {
    let field = |key| reading.fields.get(&key);
    let day = |key| value(reading, key).and_then(date::iso);
    let (to_key, to) = match kind {
        DocumentKind::BusinessLicence => {
            (FieldKey::BusinessTermTo, value(reading, FieldKey::BusinessTermTo).and_then(ValidTo::from_value))
        }
        DocumentKind::CnIdBack => {
            (FieldKey::ValidTo, value(reading, FieldKey::ValidTo).and_then(ValidTo::from_value))
        }
        _ => (FieldKey::ExpiryDate, day(FieldKey::ExpiryDate).map(ValidTo::On)),
    };
    let from_key =
        if kind == DocumentKind::BusinessLicence { FieldKey::EstablishedOn } else { FieldKey::ValidFrom };
    let from = day(from_key);
    let mut findings = Vec::new();
    match validity::status(from, to, today) {
        Status::Valid => {}
        Status::Expired => findings.push(at(ReasonCode::DocumentExpired, Severity::Fail, field(to_key))),
        Status::NotYet => {
            findings.push(at(ReasonCode::DocumentNotYetValid, Severity::Fail, field(from_key)));
        }
    }
    let birth = day(FieldKey::BirthDate);
    let inconsistent = match (kind, from, to) {
        // 5, 10, 20 years or long term; for whom is only known with the front.
        (DocumentKind::CnIdBack, Some(from), Some(to)) => !validity::resident_card_may_run(from, to, None),
        (_, Some(from), Some(ValidTo::On(to))) if to < from => true,
        (_, _, Some(ValidTo::On(to))) => birth.is_some_and(|b| to < b),
        _ => false,
    };
    if inconsistent {
        findings.push(at(ReasonCode::DocumentFieldsInconsistent, Severity::Fail, field(to_key)));
    }
    if birth.is_some_and(|b| b > today) {
        findings.push(at(ReasonCode::DocumentFieldsInconsistent, Severity::Fail, field(FieldKey::BirthDate)));
    }
    findings
}
