//! What a reader should read from each document, in the product's own keys and forms.

use std::collections::BTreeMap;

use shiren_core::identity::validity::{LONG_TERM, ValidTo};
use shiren_core::see::{DocumentKind, FieldKey};

use crate::Specimen;

/// The fields that are printed on a document of this kind, normalised as
/// [`shiren_core::see::DocumentReading`] has them.
pub fn fields(s: &Specimen, kind: DocumentKind) -> BTreeMap<FieldKey, String> {
    let person = |number: &str, expiry: jiff::civil::Date| {
        vec![
            (FieldKey::Surname, s.surname.clone()),
            (FieldKey::GivenNames, s.given_names.clone()),
            (FieldKey::DocumentNumber, number.to_owned()),
            (FieldKey::Nationality, s.state.clone()),
            (FieldKey::IssuingState, s.state.clone()),
            (FieldKey::BirthDate, s.birth_date.to_string()),
            (FieldKey::Sex, s.sex.code().to_owned()),
            (FieldKey::ExpiryDate, expiry.to_string()),
        ]
    };
    let mut fields = match kind {
        DocumentKind::CnIdFront => vec![
            (FieldKey::Name, s.name.clone()),
            (FieldKey::Sex, s.sex.code().to_owned()),
            (FieldKey::Ethnicity, s.ethnicity.clone()),
            (FieldKey::BirthDate, s.birth_date.to_string()),
            (FieldKey::Address, s.address.clone()),
            (FieldKey::IdNumber, s.id_number.clone()),
        ],
        DocumentKind::CnIdBack => vec![
            (FieldKey::Authority, s.authority.clone()),
            (FieldKey::ValidFrom, s.valid_from.to_string()),
            (FieldKey::ValidTo, end(s.valid_to)),
        ],
        DocumentKind::Passport => person(&s.passport_number, s.passport_expiry),
        DocumentKind::Permit => person(&s.permit_number, s.permit_expiry),
        DocumentKind::Visa => person(&s.visa_number, s.visa_expiry),
        DocumentKind::BusinessLicence => of_company(s),
    };
    if kind == DocumentKind::Passport && !s.personal_number.is_empty() {
        fields.push((FieldKey::PersonalNumber, s.personal_number.clone()));
    }
    fields.into_iter().collect()
}

fn of_company(s: &Specimen) -> Vec<(FieldKey, String)> {
    let company = &s.company;
    let mut fields = vec![
        (FieldKey::CreditCode, company.credit_code.clone()),
        (FieldKey::CompanyName, company.name.clone()),
        (FieldKey::LegalPerson, s.name.clone()),
        (FieldKey::EstablishedOn, company.established_on.to_string()),
    ];
    fields.extend(company.term_to.map(|to| (FieldKey::BusinessTermTo, end(to))));
    fields
}

fn end(to: ValidTo) -> String {
    match to {
        ValidTo::On(end) => end.to_string(),
        ValidTo::LongTerm => LONG_TERM.to_owned(),
    }
}
