use std::sync::atomic::{AtomicU8, Ordering};

use super::*;

/// Every filling is of another byte.
struct Counting(AtomicU8);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0.fetch_add(1, Ordering::Relaxed));
    }
}

/// Takes its time, so that whoever starts beside it gets in between if nothing keeps it out.
struct Slow(Counting);

impl Entropy for Slow {
    fn fill(&self, bytes: &mut [u8]) {
        std::thread::sleep(std::time::Duration::from_millis(20));
        self.0.fill(bytes);
    }
}

fn entropy() -> Counting {
    Counting(AtomicU8::new(0x51))
}

fn created() -> (tempfile::TempDir, PathBuf, FileKeyring) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys/keyring.toml");
    let keyring = FileKeyring::open_or_create(&path, &entropy()).unwrap();
    (folder, path, keyring)
}

fn key(keyring: &FileKeyring, version: u32) -> Option<u8> {
    keyring.with(|keys| keys.get(version).map(|key| key[0]))
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn the_first_start_makes_a_key_and_the_second_finds_it() {
    let (_folder, path, first) = created();
    let second = FileKeyring::open_or_create(&path, &Counting(AtomicU8::new(0x99))).unwrap();
    assert_eq!((first.current().0, key(&first, 1)), (1, Some(0x51)));
    assert_eq!((second.current().0, key(&second, 1)), (1, Some(0x51)));
}

#[test]
fn the_file_is_for_its_owner_alone() {
    let (_folder, path, keyring) = created();
    keyring.rotate(&entropy()).unwrap();
    assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_file_that_others_can_read_is_refused_and_the_error_tells_what_to_do() {
    let (_folder, path, _keyring) = created();
    for mode in [0o640, 0o604, 0o660, 0o666, 0o610] {
        set_mode(&path, mode);
        let error = FileKeyring::open(&path).unwrap_err().to_string();
        assert!(error.contains(&format!("chmod 600 '{}'", path.display())), "{error}");
    }
    set_mode(&path, 0o400);
    FileKeyring::open(&path).unwrap();
}

#[test]
fn rotating_adds_a_key_and_keeps_the_old_ones() {
    let (_folder, path, keyring) = created();
    assert_eq!(keyring.rotate(&Counting(AtomicU8::new(0x61))).unwrap(), 2);
    for keyring in [keyring, FileKeyring::open(path).unwrap()] {
        assert_eq!(keyring.current().0, 2);
        assert_eq!(keyring.versions(), [1, 2]);
        assert_eq!((key(&keyring, 1), key(&keyring, 2)), (Some(0x51), Some(0x61)));
        assert!(keyring.version(1).is_some() && keyring.version(3).is_none());
    }
}

#[test]
fn a_process_that_runs_finds_the_key_that_another_one_added() {
    let (_folder, path, running) = created();
    FileKeyring::open(&path).unwrap().rotate(&entropy()).unwrap();
    assert_eq!(running.current().0, 1);
    assert!(running.version(2).is_some());
    assert_eq!(running.current().0, 2);
}

#[test]
fn two_processes_that_rotate_lose_no_key() {
    let (_folder, path, one) = created();
    let other = FileKeyring::open(&path).unwrap();
    assert_eq!(one.rotate(&entropy()).unwrap(), 2);
    assert_eq!(other.rotate(&entropy()).unwrap(), 3);
    assert_eq!(FileKeyring::open(&path).unwrap().versions(), [1, 2, 3]);
}

#[test]
fn processes_that_start_for_the_first_time_side_by_side_agree_on_one_key() {
    let folder = tempfile::tempdir().unwrap();
    let (path, entropy) = (folder.path().join("keyring.toml"), Slow(entropy()));
    let start = || key(&FileKeyring::open_or_create(&path, &entropy).unwrap(), 1);
    let keys: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(keys.iter().all(|key| *key == Some(0x51)), "{keys:?}");
}

#[test]
fn a_damaged_file_is_refused_and_its_keys_are_not_in_the_error() {
    let (_folder, path, _keyring) = created();
    let sound = fs::read_to_string(&path).unwrap();
    let secret = sound.split('"').nth(1).unwrap().to_owned();
    let damaged = [
        String::new(),
        "key = []".into(),
        sound.replace("version = 1", "version = 0"),
        sound.replace("version = 1", "version = \"1\""),
        sound.replace("version", "verse"),
        sound.replace(&secret, &secret[4..]),
        sound.replace(&format!("\"{secret}\""), &secret),
        sound.replace(&format!("\"{secret}\""), &format!("[\"{secret}\"]")),
        sound.clone() + &sound,
    ];
    for text in damaged {
        fs::write(&path, text).unwrap();
        let error = FileKeyring::open(&path).unwrap_err();
        assert!(matches!(error, KeyringError::Damaged { .. }), "{error}");
        assert!(!format!("{error} {error:?}").contains(&secret[4..20]));
    }
}

#[test]
fn a_damaged_file_is_never_overwritten() {
    let (_folder, path, keyring) = created();
    fs::write(&path, "not a keyring").unwrap();
    assert!(FileKeyring::open_or_create(&path, &entropy()).is_err());
    assert!(keyring.rotate(&entropy()).is_err());
    assert_eq!(fs::read_to_string(&path).unwrap(), "not a keyring");
}

#[test]
fn a_source_that_gives_zeros_makes_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keyring.toml");
    let error = FileKeyring::open_or_create(&path, &Counting(AtomicU8::new(0))).unwrap_err();
    assert!(matches!(error, KeyringError::NoEntropy));
    assert!(!path.exists());
}

#[test]
fn a_keyring_that_must_be_there_and_is_not_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keyring.toml");
    assert!(matches!(FileKeyring::open(&path), Err(KeyringError::Io { .. })));
    assert!(!path.exists());
}

#[test]
fn keys_are_not_shown_in_logs() {
    let (_folder, _path, keyring) = created();
    let shown = format!("{keyring:?}");
    assert!(shown.contains("versions: [1]") && !shown.contains("81") && !shown.contains("UVFR"), "{shown}");
}
