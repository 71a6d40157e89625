use std::os::unix::fs::PermissionsExt;

use jiff::{SignedDuration, Timestamp};
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::{ServerName, UnixTime};

use super::*;

const DAY: SignedDuration = SignedDuration::from_hours(24);

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn names() -> Names {
    Names::new(["localhost", "shiren.local", "192.168.1.20", "::1"]).unwrap()
}

fn made() -> (tempfile::TempDir, CertifiedPem) {
    let folder = tempfile::tempdir().unwrap();
    let pem = self_signed(folder.path(), &names(), now()).unwrap();
    (folder, pem)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Whether a client that trusts the certificate accepts it for a name at a time.
fn accepts(pem: &CertifiedPem, name: &'static str, at: Timestamp) -> bool {
    let certificate = CertificateDer::from_pem_slice(&pem.chain).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let provider = Arc::new(ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
    let at = UnixTime::since_unix_epoch(at.duration_since(Timestamp::UNIX_EPOCH).unsigned_abs());
    verifier.verify_server_cert(&certificate, &[], &ServerName::try_from(name).unwrap(), &[], at).is_ok()
}

#[test]
fn clients_that_trust_it_accept_it_for_its_names_and_no_others() {
    let (_folder, pem) = made();
    for name in ["localhost", "shiren.local", "192.168.1.20", "::1"] {
        assert!(accepts(&pem, name, now()), "{name}");
    }
    for name in ["example.com", "192.168.1.21", "a.localhost"] {
        assert!(!accepts(&pem, name, now()), "{name}");
    }
}

#[test]
fn it_is_valid_from_yesterday_for_825_days_and_not_longer() {
    let (_folder, pem) = made();
    assert!(accepts(&pem, "localhost", now() - DAY));
    assert!(!accepts(&pem, "localhost", now() - DAY - SignedDuration::from_secs(1)));
    let end = now() + DAY * 824 - SignedDuration::from_secs(1);
    assert!(accepts(&pem, "localhost", end));
    assert!(!accepts(&pem, "localhost", end + SignedDuration::from_secs(1)));
}

#[test]
fn it_is_kept_until_a_month_before_its_end() {
    let (folder, first) = made();
    let again = self_signed(folder.path(), &names(), now() + DAY * 793).unwrap();
    assert_eq!((&again.chain, &again.key), (&first.chain, &first.key));
    let later = self_signed(folder.path(), &names(), now() + DAY * 795).unwrap();
    assert_ne!(later.chain, first.chain);
    assert!(accepts(&later, "localhost", now() + DAY * 1500));
}

#[test]
fn fewer_names_need_no_new_one_and_others_do() {
    let (folder, first) = made();
    let fewer = self_signed(folder.path(), &Names::new(["LOCALHOST"]).unwrap(), now()).unwrap();
    assert_eq!(fewer.chain, first.chain);
    let moved = self_signed(folder.path(), &Names::new(["192.168.1.21"]).unwrap(), now()).unwrap();
    assert_ne!(moved.chain, first.chain);
    assert!(accepts(&moved, "192.168.1.21", now()));
}

#[test]
fn key_and_folder_are_for_their_owner_alone() {
    let (folder, _pem) = made();
    assert_eq!(mode(folder.path()), 0o700);
    assert_eq!(mode(&folder.path().join("key.pem")), 0o600);
}

#[test]
fn whatever_a_crash_or_a_hand_did_to_the_files_a_sound_pair_comes_out() {
    let (_other_folder, other) = made();
    for name in ["key.pem", "certificate.pem", "certificate.toml"] {
        for damage in [None, Some(&b""[..]), Some(b"\xff\xfe"), Some(&other.chain), Some(&other.key)] {
            let (folder, _pem) = made();
            let path = folder.path().join(name);
            match damage {
                Some(bytes) => fs::write(&path, bytes).unwrap(),
                None => fs::remove_file(&path).unwrap(),
            }
            let pem = self_signed(folder.path(), &names(), now()).unwrap();
            pem.server_config().unwrap();
            assert!(accepts(&pem, "localhost", now()));
        }
    }
}

#[test]
fn given_files_are_loaded() {
    let (folder, pem) = made();
    let loaded =
        CertifiedPem::load(&folder.path().join("certificate.pem"), &folder.path().join("key.pem")).unwrap();
    assert_eq!((loaded.chain, loaded.key), (pem.chain, pem.key));
}

#[test]
fn given_files_that_do_not_fit_are_refused_at_once() {
    let ((one, _), (other, _)) = (made(), made());
    let [chain, key] = ["certificate.pem", "key.pem"].map(|name| one.path().join(name));
    let foreign = other.path().join("key.pem");
    assert!(matches!(CertifiedPem::load(&chain, &foreign), Err(CertificateError::Unfit(_))));
    assert!(matches!(CertifiedPem::load(&chain, &chain), Err(CertificateError::NoKey)));
    assert!(matches!(CertifiedPem::load(&key, &key), Err(CertificateError::NoCertificate)));
    assert!(matches!(CertifiedPem::load(&one.path().join("none"), &key), Err(CertificateError::Io { .. })));
}

#[test]
fn the_key_is_not_shown_in_logs() {
    let (_folder, pem) = made();
    assert_eq!(format!("{pem:?}"), "CertifiedPem(…)");
}
