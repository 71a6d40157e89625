use std::collections::BTreeMap;

use jiff::civil::{Date, date};

use super::*;
use crate::see::{DocumentKind, Field, FieldKey, MrzReading, Region};
use crate::verification::ReasonCode as R;

const TODAY: Date = date(2026, 11, 22);

fn reading(kind: DocumentKind, fields: &[(FieldKey, &str)]) -> DocumentReading {
    let place = |i: usize| Region::rect(10.0, 50.0 * i as f32, 200.0, 40.0);
    DocumentReading {
        kind: Some(kind),
        fields: fields
            .iter()
            .enumerate()
            .map(|(i, (k, v))| (*k, Field { value: (*v).into(), confidence: 0.98, region: Some(place(i)) }))
            .collect(),
        printed: BTreeMap::new(),
        mrz: None,
        card: Some(Region::rect(0.0, 0.0, 1000.0, 630.0)),
        portrait: None,
        findings: Vec::new(),
        measures: BTreeMap::new(),
    }
}

fn front() -> DocumentReading {
    reading(
        DocumentKind::CnIdFront,
        &[
            (FieldKey::Name, "阿不都拉·买买提"),
            (FieldKey::Sex, "F"),
            (FieldKey::Ethnicity, "维吾尔"),
            (FieldKey::BirthDate, "1949-12-31"),
            (FieldKey::Address, "北京市朝阳区样本路1号"),
            (FieldKey::IdNumber, "11010519491231002X"),
        ],
    )
}

fn back(from: &str, to: &str) -> DocumentReading {
    reading(
        DocumentKind::CnIdBack,
        &[
            (FieldKey::Authority, "北京市公安局朝阳分局"),
            (FieldKey::ValidFrom, from),
            (FieldKey::ValidTo, to),
        ],
    )
}

const ZONE: [&str; 2] =
    ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F3204153ZE184226B<<<<<16"];

fn passport() -> DocumentReading {
    let mut r = reading(DocumentKind::Passport, &[]);
    let zone = crate::identity::mrz::parse(&ZONE, TODAY).unwrap();
    assert!(zone.valid());
    r.fields = zone
        .fields()
        .into_iter()
        .map(|(k, value)| (k, Field { value, confidence: 0.99, region: None }))
        .collect();
    r.mrz = Some(MrzReading { lines: ZONE.map(String::from).to_vec(), valid: true, region: None });
    r
}

fn set(r: &mut DocumentReading, key: FieldKey, value: &str) {
    r.fields.get_mut(&key).unwrap().value = value.into();
}

fn codes(findings: &[Finding]) -> Vec<(R, Severity)> {
    findings.iter().map(|f| (f.code, f.severity)).collect()
}

fn against(documents: &[&DocumentReading], declared: &Declared<'_>) -> Vec<(R, Severity)> {
    together(documents, declared).iter().map(|(_, f)| (f.code, f.severity)).collect()
}

#[test]
fn genuine_documents_have_nothing_against_them() {
    for r in [front(), back("2005-01-01", "long_term"), back("2024-05-01", "2044-05-01"), passport()] {
        assert_eq!(codes(&document(&r, TODAY)), [], "{:?}", r.kind);
    }
}

#[test]
fn what_the_front_says_against_itself_is_told_at_its_place() {
    for (key, value, code) in [
        (FieldKey::IdNumber, "110105194912310021", R::IdNumberInvalid),
        (FieldKey::IdNumber, "1101051949123100", R::IdNumberInvalid),
        (FieldKey::BirthDate, "1949-12-30", R::DocumentFieldsInconsistent),
        (FieldKey::Sex, "M", R::DocumentFieldsInconsistent),
    ] {
        let mut r = front();
        set(&mut r, key, value);
        let found = document(&r, TODAY);
        assert_eq!(codes(&found), [(code, Severity::Fail)], "{value}");
        assert_eq!(found[0].region, r.fields[&key].region, "{value}");
    }
}

#[test]
fn an_unknown_place_is_for_a_person_to_look_at() {
    let mut r = front();
    let body = "11019919491231002";
    let check = crate::identity::cn_id::check_character(body).unwrap();
    set(&mut r, FieldKey::IdNumber, &format!("{body}{check}"));
    assert_eq!(codes(&document(&r, TODAY)), [(R::RegionCodeUnknown, Severity::Review)]);
}

#[test]
fn a_missing_field_is_unreadable_unless_something_explains_it() {
    let mut r = front();
    r.fields.remove(&FieldKey::Address);
    let found = document(&r, TODAY);
    assert_eq!(codes(&found), [(R::PhotoUnreadable, Severity::Fail)]);
    assert_eq!(found[0].region, r.card);
    r.findings.push(Finding::fail(R::PhotoGlare));
    assert_eq!(codes(&document(&r, TODAY)), []);
}

#[test]
fn a_residence_permit_states_no_ethnicity() {
    let mut r = front();
    r.fields.remove(&FieldKey::Ethnicity);
    set(&mut r, FieldKey::IdNumber, "810000199408230021");
    set(&mut r, FieldKey::BirthDate, "1994-08-23");
    assert_eq!(codes(&document(&r, TODAY)), []);
}

#[test]
fn nothing_is_said_of_what_is_no_document() {
    let mut r = front();
    r.kind = None;
    r.fields.clear();
    assert_eq!(document(&r, TODAY), []);
}

#[test]
fn validity_is_held_against_today_and_against_the_law() {
    for (from, to, expected) in [
        ("2016-11-22", "2026-11-22", vec![]),
        ("2016-11-21", "2026-11-21", vec![(R::DocumentExpired, Severity::Fail)]),
        ("2026-11-23", "2036-11-23", vec![(R::DocumentNotYetValid, Severity::Fail)]),
        ("2020-01-01", "2031-01-01", vec![(R::DocumentFieldsInconsistent, Severity::Fail)]),
        ("2020-01-01", "2030-01-02", vec![(R::DocumentFieldsInconsistent, Severity::Fail)]),
        ("2020-02-29", "2030-03-01", vec![]),
        ("2020-01-01", "long_term", vec![]),
    ] {
        assert_eq!(codes(&document(&back(from, to), TODAY)), expected, "{from} {to}");
    }
}

#[test]
fn a_zone_whose_check_digits_fail_is_told_whatever_the_reader_says() {
    let mut r = passport();
    r.mrz.as_mut().unwrap().lines[1].replace_range(9..10, "7");
    assert_eq!(codes(&document(&r, TODAY)), [(R::MrzCheckFailed, Severity::Fail)]);
    let mut r = passport();
    r.mrz.as_mut().unwrap().valid = false;
    assert_eq!(codes(&document(&r, TODAY)), [(R::MrzCheckFailed, Severity::Fail)]);
}

#[test]
fn the_printed_zone_must_agree_with_the_machine_readable_one() {
    for (key, printed, confidence, expected) in [
        (FieldKey::DocumentNumber, "L898902C3", 0.99, None),
        (FieldKey::DocumentNumber, "L8989 02C3", 0.99, None),
        (FieldKey::DocumentNumber, "L898902C8", 0.99, Some(Severity::Fail)),
        (FieldKey::DocumentNumber, "L898902C8", 0.5, Some(Severity::Review)),
        (FieldKey::BirthDate, "1974-08-12", 0.99, None),
        (FieldKey::BirthDate, "1974-08-13", 0.99, Some(Severity::Fail)),
        (FieldKey::BirthDate, "12 AUG 1974", 0.99, None),
        (FieldKey::Sex, "M", 0.99, Some(Severity::Fail)),
        (FieldKey::Surname, "Eriksson", 0.99, None),
        (FieldKey::Surname, "Erikson", 0.99, Some(Severity::Review)),
        (FieldKey::GivenNames, "Anna-Maria", 0.99, None),
        (FieldKey::GivenNames, "安娜", 0.99, None),
        (FieldKey::Nationality, "UTOPIA", 0.99, None),
        (FieldKey::Nationality, "CHN", 0.99, Some(Severity::Review)),
    ] {
        let mut r = passport();
        r.printed.insert(key, Field { value: printed.into(), confidence, region: None });
        let expected: Vec<_> = expected.map(|s| (R::MrzMismatch, s)).into_iter().collect();
        assert_eq!(codes(&document(&r, TODAY)), expected, "{key:?} {printed}");
    }
}

#[test]
fn an_expired_passport_is_told() {
    assert_eq!(codes(&document(&passport(), date(2032, 4, 16))), [(R::DocumentExpired, Severity::Fail)]);
    assert_eq!(codes(&document(&passport(), date(2032, 4, 15))), []);
}

#[test]
fn the_declaration_must_agree_with_the_document() {
    for (name, number, expected) in [
        (None, None, vec![]),
        (Some(" "), Some(""), vec![]),
        (Some("阿不都拉•买买提"), Some("11010519491231002x"), vec![]),
        (Some("阿不都热·买买提"), None, vec![(R::NameMismatch, Severity::Fail)]),
        (None, Some("110105194912310038"), vec![(R::IdNumberMismatch, Severity::Fail)]),
    ] {
        let declared = Declared { name, id_number: number };
        assert_eq!(against(&[&front()], &declared), expected, "{name:?} {number:?}");
    }
    let declared = Declared { name: Some("Anna Maria Eriksson"), id_number: Some("L898902C3") };
    assert_eq!(together(&[&passport()], &declared), []);
    let declared = Declared { name: Some("安娜"), id_number: None };
    assert_eq!(against(&[&passport()], &declared), [(R::NameMismatch, Severity::Review)]);
}

#[test]
fn one_character_read_unsurely_is_for_a_person_to_look_at() {
    let mut r = front();
    r.fields.get_mut(&FieldKey::Name).unwrap().confidence = 0.6;
    let declared = Declared { name: Some("阿不都热·买买提"), id_number: None };
    assert_eq!(against(&[&r], &declared), [(R::NameMismatch, Severity::Review)]);
}

#[test]
fn the_back_s_term_must_fit_the_front_s_age() {
    let none = Declared::default();
    for (from, to, expected) in [
        ("2005-01-01", "long_term", vec![]),
        ("2005-01-01", "2025-01-01", vec![(R::DocumentFieldsInconsistent, Severity::Review)]),
        ("1995-12-31", "2015-12-31", vec![]),
    ] {
        assert_eq!(against(&[&front(), &back(from, to)], &none), expected, "{from} {to}");
    }
}

#[test]
fn a_visa_must_be_of_the_passport_s_holder() {
    let mut visa = passport();
    visa.kind = Some(DocumentKind::Visa);
    assert_eq!(together(&[&passport(), &visa], &Declared::default()), []);
    set(&mut visa, FieldKey::BirthDate, "1974-08-13");
    let found = together(&[&passport(), &visa], &Declared::default());
    assert_eq!(
        found.iter().map(|(i, f)| (*i, f.code)).collect::<Vec<_>>(),
        [(1, R::DocumentFieldsInconsistent)]
    );
}

#[test]
fn a_licence_is_held_against_the_company_and_the_person() {
    use crate::account::shop::{Company, CompanyRole};
    const CODE: &str = "91350100M000100Y43";
    let licence = |key: FieldKey, value: &str, confidence: f32| {
        let mut reading = reading(
            DocumentKind::BusinessLicence,
            &[
                (FieldKey::CreditCode, CODE),
                (FieldKey::CompanyName, "样本贸易（福州）有限公司"),
                (FieldKey::LegalPerson, "王芳"),
                (FieldKey::EstablishedOn, "2015-06-01"),
                (FieldKey::BusinessTermTo, "long_term"),
            ],
        );
        reading.fields.insert(key, Field { value: value.into(), confidence, region: None });
        reading
    };
    let of = |role| {
        let company = Company::new(CODE, role).unwrap();
        company.named("样本贸易 (福州) 有限公司").unwrap()
    };
    let (legal, operator) = (of(CompanyRole::LegalPerson), of(CompanyRole::Operator));
    let same = licence(FieldKey::CreditCode, CODE, 0.4);
    assert_eq!(company(&same, &legal, Some("王芳")), []);
    for (licence, by, expected) in [
        // Another company's code, read surely; one that may be misread; one that does not hold.
        (
            licence(FieldKey::CreditCode, "91330100799655058B", 0.95),
            &operator,
            Some((ReasonCode::CreditCodeMismatch, Severity::Fail)),
        ),
        (
            licence(FieldKey::CreditCode, "91330100799655058B", 0.7),
            &operator,
            Some((ReasonCode::CreditCodeMismatch, Severity::Review)),
        ),
        (
            licence(FieldKey::CreditCode, "91330100799655058C", 0.99),
            &operator,
            Some((ReasonCode::CreditCodeMismatch, Severity::Review)),
        ),
        (
            licence(FieldKey::CompanyName, "样本科技有限公司", 0.99),
            &operator,
            Some((ReasonCode::CompanyNameMismatch, Severity::Review)),
        ),
        (
            licence(FieldKey::LegalPerson, "李雷雷", 0.99),
            &legal,
            Some((ReasonCode::LegalPersonMismatch, Severity::Fail)),
        ),
        (
            licence(FieldKey::LegalPerson, "王方", 0.99),
            &legal,
            Some((ReasonCode::LegalPersonMismatch, Severity::Review)),
        ),
        (licence(FieldKey::LegalPerson, "李雷雷", 0.99), &operator, None),
    ] {
        let found: Vec<_> =
            company(&licence, by, Some("王芳")).into_iter().map(|f| (f.code, f.severity)).collect();
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{licence:?}");
    }
    // Its term: without end, over, not printed, begun in the future.
    let codes = |reading: &DocumentReading| {
        document(reading, date(2026, 11, 27)).iter().map(|f| f.code).collect::<Vec<_>>()
    };
    assert_eq!(codes(&licence(FieldKey::BusinessTermTo, "long_term", 0.9)), []);
    assert_eq!(codes(&licence(FieldKey::BusinessTermTo, "2026-11-27", 0.9)), []);
    assert_eq!(codes(&licence(FieldKey::BusinessTermTo, "2026-11-26", 0.9)), [ReasonCode::DocumentExpired]);
    assert_eq!(
        codes(&licence(FieldKey::EstablishedOn, "2027-01-01", 0.9)),
        [ReasonCode::DocumentNotYetValid]
    );
    let mut none = licence(FieldKey::BusinessTermTo, "", 0.0);
    assert_eq!(codes(&none), []);
    none.fields.remove(&FieldKey::LegalPerson);
    assert_eq!(codes(&none), [ReasonCode::PhotoUnreadable]);
}
