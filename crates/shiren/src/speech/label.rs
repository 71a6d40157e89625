//! What things are called.

use shiren_core::see::{Band, DocumentKind, FieldKey};
use shiren_core::verification::Outcome;
use shiren_core::verification::program::CheckKind;

use super::Tone;
use crate::language::Language;

/// A field's label.
pub(crate) fn field(language: Language, key: FieldKey) -> &'static str {
    let (zh, en) = match key {
        FieldKey::Name => ("姓名", "Name"),
        FieldKey::Sex => ("性别", "Sex"),
        FieldKey::Ethnicity => ("民族", "Ethnicity"),
        FieldKey::BirthDate => ("出生", "Born"),
        FieldKey::Address => ("住址", "Address"),
        FieldKey::IdNumber => ("公民身份号码", "ID number"),
        FieldKey::Authority => ("签发机关", "Authority"),
        FieldKey::ValidFrom => ("有效期自", "Valid from"),
        FieldKey::ValidTo => ("有效期至", "Valid to"),
        FieldKey::Surname => ("姓", "Surname"),
        FieldKey::GivenNames => ("名", "Given names"),
        FieldKey::DocumentNumber => ("证件号码", "Number"),
        FieldKey::Nationality => ("国籍", "Nationality"),
        FieldKey::IssuingState => ("签发国", "Issued by"),
        FieldKey::ExpiryDate => ("有效期至", "Expires"),
        FieldKey::PersonalNumber => ("个人号码", "Personal no."),
        FieldKey::CreditCode => ("统一社会信用代码", "Credit code"),
        FieldKey::CompanyName => ("企业名称", "Company"),
        FieldKey::LegalPerson => ("法定代表人", "Legal person"),
        FieldKey::EstablishedOn => ("成立日期", "Established"),
        FieldKey::BusinessTermTo => ("营业期限至", "Term until"),
    };
    language.of(zh, en)
}

/// A value as people write it.
pub(crate) fn value(language: Language, key: FieldKey, value: &str) -> String {
    match (key, value) {
        (FieldKey::Sex, "M") => language.of("男", "male"),
        (FieldKey::Sex, "F") => language.of("女", "female"),
        (FieldKey::Sex, "X") => language.of("未注明", "not stated"),
        (FieldKey::ValidTo | FieldKey::BusinessTermTo, "long_term") => language.of("长期", "without end"),
        _ => value,
    }
    .to_owned()
}

/// A document's name.
pub(crate) fn kind(language: Language, kind: Option<DocumentKind>) -> &'static str {
    let (zh, en) = match kind {
        Some(DocumentKind::CnIdFront) => ("居民身份证人像面", "resident ID card, portrait side"),
        Some(DocumentKind::CnIdBack) => ("居民身份证国徽面", "resident ID card, emblem side"),
        Some(DocumentKind::Passport) => ("护照资料页", "passport data page"),
        Some(DocumentKind::Visa) => ("签证", "visa"),
        Some(DocumentKind::Permit) => ("通行证或居留证件", "travel or residence permit"),
        Some(DocumentKind::BusinessLicence) => ("营业执照", "business licence"),
        None => ("没有认出证件", "no document that we know"),
    };
    language.of(zh, en)
}

/// A band's name and tone.
pub(crate) fn band(language: Language, band: Band) -> (&'static str, Tone) {
    match band {
        Band::Same => (language.of("同一人", "same person"), Tone::Good),
        Band::Uncertain => (language.of("不能确定", "uncertain"), Tone::Doubtful),
        Band::Different => (language.of("不是同一人", "different people"), Tone::Bad),
    }
}

/// An outcome's name and tone.
pub(crate) fn outcome(language: Language, outcome: Outcome) -> (&'static str, Tone) {
    match outcome {
        Outcome::Verified => (language.of("通过", "verified"), Tone::Good),
        Outcome::InReview => (language.of("转人工复核", "in review"), Tone::Doubtful),
        Outcome::RequiresInput => (language.of("需要重新提交", "something must be done again"), Tone::Bad),
        Outcome::Rejected => (language.of("不通过", "rejected"), Tone::Bad),
    }
}

/// A check's name.
pub(crate) fn check(language: Language, kind: CheckKind) -> &'static str {
    let (zh, en) = match kind {
        CheckKind::Materials => ("材料齐全", "material"),
        CheckKind::Photo => ("照片质量", "photo"),
        CheckKind::Document => ("证件内容", "document"),
        CheckKind::Together => ("相互一致", "agreement"),
        CheckKind::Issuer => ("证件类型", "issuer"),
        CheckKind::Face => ("人脸比对", "face"),
        CheckKind::Liveness => ("现场动作", "liveness"),
        CheckKind::Source => ("权威数据源", "source"),
        CheckKind::BanList => ("不像被封禁的人", "resembles nobody who is banned"),
        CheckKind::Operator => ("仍是本人经营", "the same person still operates"),
        CheckKind::Unique => ("证件未被占用", "the identity is free"),
        CheckKind::References => ("与平台登记一致", "agrees with what is registered"),
        CheckKind::Company => ("营业执照与店铺一致", "the licence is the shop's company's"),
        CheckKind::Phone => ("手机号已验证", "the phone is theirs"),
    };
    language.of(zh, en)
}
