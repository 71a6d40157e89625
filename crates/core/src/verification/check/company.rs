//! A business licence against the company that the shop is registered with, and against the person (row A6).

use super::at;
use crate::account::shop::{Company, CompanyRole};
use crate::identity::credit_code::CreditCode;
use crate::identity::name;
use crate::see::{DocumentKind, DocumentReading, Field, FieldKey};
use crate::verification::{Finding, ReasonCode, Severity};

/// Below this, a character may be misread. (As of the names of persons; right values are read more surely nearly always.)
const SURE: f32 = 0.9;

/// What a licence says against the company and the person; `person` is their name as their own document has it.
///
/// Nothing is said of a reading that is no licence, and of fields that are missing: both are told of the document.
pub fn company(licence: &DocumentReading, company: &Company, person: Option<&str>) -> Vec<Finding> {
    if licence.kind != Some(DocumentKind::BusinessLicence) {
        return Vec::new();
    }
    let findings =
        [code(licence, company), company_name(licence, company), legal_person(licence, company, person)];
    findings.into_iter().flatten().collect()
}

fn field(licence: &DocumentReading, key: FieldKey) -> Option<&Field> {
    licence.fields.get(&key).filter(|field| !field.value.is_empty())
}

/// A code that was read surely, holds, and is another company's fails. One that does not hold, or that may be misread,
/// goes to a person.
fn code(licence: &DocumentReading, company: &Company) -> Option<Finding> {
    let read = field(licence, FieldKey::CreditCode)?;
    let holds = CreditCode::parse(&read.value);
    let severity = match &holds {
        Ok(code) if code.as_str() == company.credit_code() => return None,
        Ok(_) if read.confidence >= SURE => Severity::Fail,
        _ => Severity::Review,
    };
    Some(at(ReasonCode::CreditCodeMismatch, severity, Some(read)))
}

/// Companies change their names, and the marketplace may know the old one: a person decides.
fn company_name(licence: &DocumentReading, company: &Company) -> Option<Finding> {
    let read = field(licence, FieldKey::CompanyName)?;
    let differs = company.name().is_some_and(|known| !name::same_company(known, &read.value));
    differs.then(|| at(ReasonCode::CompanyNameMismatch, Severity::Review, Some(read)))
}

/// Whoever verifies as the legal person is the one on the licence; an operator need not be.
fn legal_person(licence: &DocumentReading, company: &Company, person: Option<&str>) -> Option<Finding> {
    let (read, person) = (field(licence, FieldKey::LegalPerson)?, person?);
    if company.role() != CompanyRole::LegalPerson || name::same(&read.value, person) {
        return None;
    }
    // A foreigner's name stands on a licence in other letters than in a passport: no rule settles that.
    let other_script = read.value.is_ascii() != person.is_ascii();
    let misread = read.confidence < SURE || name::one_character_apart(&read.value, person);
    let severity = if other_script || misread { Severity::Review } else { Severity::Fail };
    Some(at(ReasonCode::LegalPersonMismatch, severity, Some(read)))
}
