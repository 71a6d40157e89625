//! ID and permit numbers, names and dates as people type them and OCR reads them.
#![no_main]

use jiff::civil::date;
use libfuzzer_sys::fuzz_target;
use shiren_core::identity::cn_id::CnId;
use shiren_core::identity::{date as dates, name, permit, validity::ValidTo};

fuzz_target!(|text: &str| {
    if let Ok(number) = CnId::parse(text, date(2026, 11, 22)) {
        assert_eq!(CnId::parse(number.as_str(), date(2026, 11, 22)).as_ref(), Ok(&number));
    }
    let _ = permit::recognise(text);
    let _ = (dates::iso(text), dates::compact(text), dates::dotted(text), ValidTo::from_value(text));
    assert_eq!(name::normal(&name::normal(text)), name::normal(text));
});
