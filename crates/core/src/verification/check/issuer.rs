//! Is it the document that the person chose?

use jiff::civil::Date;

use super::{at, value};
use crate::identity::cn_id::{CnId, Holder};
use crate::identity::permit::{self, Permit};
use crate::see::{DocumentKind, DocumentReading, FieldKey};
use crate::verification::program::Document;
use crate::verification::{Finding, ReasonCode, Severity};

/// `region_mismatch` when the document's number is one that another issuer gives. A number that tells nothing
/// (unreadable, invalid, of an unknown form) is for other checks to judge.
pub fn issuer(reading: &DocumentReading, chosen: Document, today: Date) -> Option<Finding> {
    let (key, issued) = match reading.kind? {
        DocumentKind::CnIdFront => {
            let id = CnId::parse(value(reading, FieldKey::IdNumber)?, today).ok()?;
            (FieldKey::IdNumber, of_holder(id.holder()))
        }
        DocumentKind::Permit => {
            let number = value(reading, FieldKey::DocumentNumber)?;
            let issued = match CnId::parse(number, today) {
                Ok(id) => of_holder(id.holder()),
                Err(_) => of_permit(permit::recognise(number)?.permit),
            };
            (FieldKey::DocumentNumber, issued)
        }
        DocumentKind::Passport => (FieldKey::IssuingState, Document::Passport),
        DocumentKind::CnIdBack | DocumentKind::Visa | DocumentKind::BusinessLicence => return None,
    };
    (issued != chosen).then(|| at(ReasonCode::RegionMismatch, Severity::Fail, reading.fields.get(&key)))
}

/// Whether a document is of a kind whose number may tell the issuer.
pub fn tells_its_issuer(reading: &DocumentReading) -> bool {
    matches!(reading.kind, Some(DocumentKind::CnIdFront | DocumentKind::Permit | DocumentKind::Passport))
}

const fn of_holder(holder: Holder) -> Document {
    match holder {
        Holder::Resident => Document::ResidentIdCard,
        Holder::HongKong | Holder::Macao | Holder::Taiwan => Document::ResidencePermit,
        Holder::Foreigner => Document::ForeignerPermanentResidence,
    }
}

const fn of_permit(permit: Permit) -> Document {
    match permit {
        Permit::HongKongTravel | Permit::MacaoTravel => Document::HongKongMacaoTravelPermit,
        Permit::TaiwanTravel => Document::TaiwanTravelPermit,
        Permit::ForeignerOld => Document::ForeignerPermanentResidence,
    }
}
