use std::io::{Cursor, Write as _};

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, contents) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(contents).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Writes names as they are: the tar crate itself would refuse to write an escaping one.
fn tgz_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, contents) in files {
        let mut header = tar::Header::new_ustar();
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(contents.len() as u64);
        header.set_cksum();
        tar.append(&header, *contents).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}

fn archive_of(format: Format, files: &[(&str, &[u8])]) -> Vec<u8> {
    match format {
        Format::Zip => zip_of(files),
        Format::Tgz => tgz_of(files),
    }
}

fn wanted(path: &str, contents: &[u8]) -> Wanted {
    Wanted { path: path.into(), bytes: contents.len() as u64, sha256: Digest::of(contents) }
}

fn extract_bytes(
    archive: &[u8],
    format: Format,
    wanted: &[&Wanted],
) -> Result<BTreeMap<String, Vec<u8>>, ArchiveError> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(archive).unwrap();
    extract(file.path(), format, wanted)
}

const BOTH: [Format; 2] = [Format::Zip, Format::Tgz];

#[test]
fn what_is_wanted_comes_out_and_nothing_else() {
    for format in BOTH {
        let archive = archive_of(format, &[("a/b.bin", b"first"), ("c.txt", b"other"), ("d", b"")]);
        let (b, d) = (wanted("a/b.bin", b"first"), wanted("d", b""));
        let found = extract_bytes(&archive, format, &[&b, &d]).unwrap();
        assert_eq!(found, BTreeMap::from([("a/b.bin".into(), b"first".to_vec()), ("d".into(), vec![])]));
    }
}

#[test]
fn a_missing_file_is_told_by_name() {
    for format in BOTH {
        let archive = archive_of(format, &[("c.txt", b"other")]);
        let error = extract_bytes(&archive, format, &[&wanted("a", b"x")]).unwrap_err();
        assert!(matches!(&error, ArchiveError::Absent(name) if name == "a"), "{error}");
    }
}

#[test]
fn a_file_of_another_length_or_content_is_refused() {
    for format in BOTH {
        let archive = archive_of(format, &[("a", b"12345")]);
        for other in [b"1234".as_slice(), b"123456", b"54321"] {
            let error = extract_bytes(&archive, format, &[&wanted("a", other)]).unwrap_err();
            assert!(matches!(error, ArchiveError::Different { .. }), "{error}");
        }
    }
}

#[test]
fn a_name_that_leads_outside_condemns_the_archive() {
    for format in BOTH {
        for name in ["../a", "/a", "x/../../a", "..", "c:\\a", "x\\..\\a"] {
            let archive = archive_of(format, &[("good", b"1"), (name, b"2")]);
            let error = extract_bytes(&archive, format, &[&wanted("good", b"1")]).unwrap_err();
            assert!(matches!(&error, ArchiveError::Escapes(_)), "{name}: {error}");
        }
    }
}

#[test]
fn a_link_in_the_place_of_a_file_is_not_followed() {
    let mut header = tar::Header::new_ustar();
    header.set_path("a").unwrap();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_link_name("/etc/hostname").unwrap();
    header.set_size(0);
    header.set_cksum();
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    tar.append(&header, &b""[..]).unwrap();
    let archive = tar.into_inner().unwrap().finish().unwrap();
    let error = extract_bytes(&archive, Format::Tgz, &[&wanted("a", b"")]).unwrap_err();
    assert!(matches!(error, ArchiveError::Absent(_)), "{error}");
}

#[test]
fn an_archive_of_very_many_files_is_refused() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for i in 0..=MOST_MEMBERS {
        zip.start_file(format!("{i}"), stored).unwrap();
    }
    let zip = zip.finish().unwrap().into_inner();
    let names: Vec<String> = (0..=MOST_MEMBERS).map(|i| i.to_string()).collect();
    let tgz = tgz_of(&names.iter().map(|name| (name.as_str(), &b""[..])).collect::<Vec<_>>());
    for (format, archive) in [(Format::Zip, zip), (Format::Tgz, tgz)] {
        let error = extract_bytes(&archive, format, &[&wanted("0", b"")]).unwrap_err();
        assert!(matches!(error, ArchiveError::TooLarge { .. }), "{format:?}: {error}");
    }
}

#[test]
fn a_bomb_ends_at_the_limit() {
    // A gzip stream of zeros grows a thousandfold; a header that claims 3 GiB of them is skipped to its end.
    let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
    let mut header = tar::Header::new_ustar();
    header.set_path("bomb").unwrap();
    header.set_size(3 << 30);
    header.set_cksum();
    gz.write_all(header.as_bytes()).unwrap();
    let megabyte = vec![0; 1 << 20];
    for _ in 0..3 << 10 {
        gz.write_all(&megabyte).unwrap();
    }
    let archive = gz.finish().unwrap();
    assert!(archive.len() < 32 << 20);
    let error = extract_bytes(&archive, Format::Tgz, &[&wanted("a", b"")]).unwrap_err();
    assert!(matches!(error, ArchiveError::TooLarge { what: "unpacked bytes", .. }), "{error}");
}

#[test]
fn what_is_no_archive_is_told() {
    for format in BOTH {
        for bytes in [&b""[..], b"PK", b"\x1f\x8b", b"<html>not found</html>", &[0; 5000]] {
            assert!(extract_bytes(bytes, format, &[&wanted("a", b"")]).is_err());
        }
    }
}

/// A change to the bytes of an archive: where, and to what; or the length to cut it to.
fn damage() -> impl Strategy<Value = Vec<(prop::sample::Index, u8)>> {
    prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn a_damaged_archive_never_panics_and_never_gives_other_contents(
        zip in any::<bool>(),
        damage in damage(),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let format = if zip { Format::Zip } else { Format::Tgz };
        let long = b"the same words again and again; ".repeat(40);
        let mut archive = archive_of(format, &[("models/a.bin", b"first"), ("b", &long), ("models/c", b"")]);
        for (at, to) in damage {
            let at = at.index(archive.len());
            archive[at] = to;
        }
        if let Some(cut) = cut {
            archive.truncate(cut.index(archive.len() + 1));
        }
        let (a, b) = (wanted("models/a.bin", b"first"), wanted("b", &long));
        if let Ok(found) = extract_bytes(&archive, format, &[&a, &b]) {
            prop_assert_eq!(&found["models/a.bin"][..], &b"first"[..]);
            prop_assert_eq!(&found["b"], &long);
        }
    }

    #[test]
    fn damage_inside_the_compression_never_panics(damage in damage(), cut in any::<prop::sample::Index>()) {
        // Damages the tar stream and compresses it properly, so that the damage is not caught by the checksum.
        let mut tar = Vec::new();
        flate2::read::GzDecoder::new(&tgz_of(&[("a", b"first"), ("b", &[7; 1500])])[..])
            .read_to_end(&mut tar).unwrap();
        for (at, to) in damage {
            let at = at.index(tar.len());
            tar[at] = to;
        }
        tar.truncate(cut.index(tar.len() + 1));
        let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
        gz.write_all(&tar).unwrap();
        let _ = extract_bytes(&gz.finish().unwrap(), Format::Tgz, &[&wanted("a", b"first")]);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        for format in BOTH {
            prop_assert!(extract_bytes(&bytes, format, &[&wanted("a", b"x")]).is_err());
        }
    }
}
