//! The certificate that a server makes for itself.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{CertificateError, CertifiedPem, Names, io_error};
use crate::durable;

/// What Apple's systems accept at most, also of certificates that the user installed ("Requirements for trusted
/// certificates in iOS 13 and macOS 10.15"). The first and the last second both count.
const VALID_FOR: SignedDuration = SignedDuration::from_secs(825 * 24 * 3600 - 1);

/// Phones whose clocks are behind should believe it all the same.
const VALID_BEFORE: SignedDuration = SignedDuration::from_hours(24);

/// Made anew when it would end so soon, because a server may run for weeks.
const RENEWED_BEFORE: SignedDuration = SignedDuration::from_hours(30 * 24);

const CHAIN_FILE: &str = "certificate.pem";
const KEY_FILE: &str = "key.pem";
const NOTE_FILE: &str = "certificate.toml";

/// What we noted about the certificate that is there, so that nothing needs to parse it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    names: Vec<String>,
    not_after: Timestamp,
}

/// The certificate in a folder that is for these names, made if there is none, if it is for other names or if it
/// ends within a month. It is signed by its own key and valid for 825 days at most.
pub fn self_signed(folder: &Path, names: &Names, now: Timestamp) -> Result<CertifiedPem, CertificateError> {
    let in_folder = |error| io_error(folder, error);
    durable::private_folder(folder).map_err(in_folder)?;
    let _lock = durable::lock(folder).map_err(in_folder)?;
    match kept(folder, names, now).map_err(in_folder)? {
        Some(pem) => Ok(pem),
        None => {
            let (pem, note) = made(names, now)?;
            keep(folder, &pem, &note).map_err(in_folder)?;
            Ok(pem)
        }
    }
}

/// What is in the folder, if it can be used.
fn kept(folder: &Path, names: &Names, now: Timestamp) -> io::Result<Option<CertifiedPem>> {
    let file = |name: &str| read_if_there(&folder.join(name));
    let (Some(note), Some(chain), Some(key)) = (file(NOTE_FILE)?, file(CHAIN_FILE)?, file(KEY_FILE)?) else {
        return Ok(None);
    };
    let pem = CertifiedPem { chain, key: Zeroizing::new(key) };
    let usable = is_good(&note, names, now) && pem.server_config().is_ok();
    Ok(usable.then_some(pem))
}

fn is_good(note: &[u8], names: &Names, now: Timestamp) -> bool {
    let note = std::str::from_utf8(note).ok().and_then(|text| toml::from_str::<Note>(text).ok());
    note.is_some_and(|Note { names: noted, not_after }| {
        let covered = Names::new(noted).is_ok_and(|noted| noted.cover(names));
        covered && now + RENEWED_BEFORE < not_after
    })
}

fn made(names: &Names, now: Timestamp) -> Result<(CertifiedPem, Note), CertificateError> {
    let not_before = now - VALID_BEFORE;
    let not_after = not_before + VALID_FOR;
    let mut params = CertificateParams::new(names.to_vec()).map_err(CertificateError::NotMade)?;
    // In the type that rcgen wants.
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    params.not_before = epoch + since_1970(not_before);
    params.not_after = epoch + since_1970(not_after);
    params.distinguished_name.push(DnType::CommonName, "Shiren");
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate().map_err(CertificateError::NotMade)?;
    let certificate = params.self_signed(&key).map_err(CertificateError::NotMade)?;
    let key = Zeroizing::new(key.serialize_pem().into_bytes());
    Ok((
        CertifiedPem { chain: certificate.pem().into_bytes(), key },
        Note { names: names.to_vec(), not_after },
    ))
}

/// Writes the note last, so that it never speaks of files that are not there.
fn keep(folder: &Path, pem: &CertifiedPem, note: &Note) -> io::Result<()> {
    let note = toml::to_string(note).map_err(io::Error::other)?;
    durable::remove_if_there(&folder.join(NOTE_FILE))?;
    durable::replace(&folder.join(KEY_FILE), &pem.key)?;
    durable::replace(&folder.join(CHAIN_FILE), &pem.chain)?;
    durable::replace(&folder.join(NOTE_FILE), note.as_bytes())
}

/// Before 1970 nobody makes certificates.
fn since_1970(at: Timestamp) -> Duration {
    Duration::from_secs(u64::try_from(at.as_second()).unwrap_or_default())
}

fn read_if_there(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
