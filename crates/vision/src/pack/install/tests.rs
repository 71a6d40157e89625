use std::cell::RefCell;
use std::io::{Cursor, Write as _};
use std::sync::mpsc;
use std::time::Duration;

use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;
use crate::pack::inspect::{self, State};

fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, contents) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(contents).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A package of PyPI whose models are its files as they are: (model name, contents).
fn package_text(name: &str, models: &[(&str, &[u8])]) -> (String, Vec<u8>) {
    let files: Vec<(String, &[u8])> =
        models.iter().map(|(model, contents)| (format!("m/{model}.onnx"), *contents)).collect();
    let archive =
        zip_of(&files.iter().map(|(path, contents)| (path.as_str(), *contents)).collect::<Vec<_>>());
    let mut text = format!(
        "[[package]]\nregistry = \"pypi\"\nname = \"{name}\"\nversion = \"1.0\"\nlicence = \"MIT\"\n\
         archive = \"{name}-1.0-py3-none-any.whl\"\nbytes = {}\nsha256 = \"{}\"\n[package.files]\n",
        archive.len(),
        Digest::of(&archive)
    );
    for (path, contents) in &files {
        text += &format!(
            "\"{path}\" = {{ bytes = {}, sha256 = \"{}\" }}\n",
            contents.len(),
            Digest::of(contents)
        );
    }
    for (model, _) in models {
        text += &format!(
            "[[package.model]]\nname = \"{model}\"\npurpose = {{ zh = \"试\", en = \"try\" }}\n\
             source = {{ kind = \"onnx\", file = \"m/{model}.onnx\" }}\n"
        );
    }
    (text, archive)
}

fn manifest(pack: &str, packages: &[&str]) -> Manifest {
    let head = format!("schema = 1\npack = \"{pack}\"\npurpose = {{ zh = \"试\", en = \"try\" }}\n");
    Manifest::parse(&(head + &packages.concat()), "x86_64").unwrap()
}

/// Serves archives by package name and notes what was asked for.
#[derive(Default)]
struct Shelf {
    archives: BTreeMap<String, Vec<u8>>,
    asked: RefCell<Vec<String>>,
}

impl Shelf {
    fn of(archives: &[(&str, &[u8])]) -> Self {
        let archives = archives.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect();
        Self { archives, asked: RefCell::default() }
    }
}

impl Registries for Shelf {
    fn fetch(
        &self,
        package: &Package,
        archive: &Archive,
        folder: &Path,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), FetchError> {
        self.asked.borrow_mut().push(package.name.clone());
        let bytes = self.archives.get(&package.name).ok_or_else(|| FetchError::Failed("no such".into()))?;
        progress(bytes.len() as u64);
        fs::write(folder.join(&archive.file), bytes).unwrap();
        Ok(())
    }
}

/// Accepts every model but those that say "broken".
struct Reads;

impl Trial for Reads {
    fn model(&self, _: &Product, file: &Path) -> Result<(), String> {
        let contents = fs::read(file).map_err(|e| e.to_string())?;
        if contents.starts_with(b"broken") { Err("it is broken".into()) } else { Ok(()) }
    }
}

fn install(root: &TempDir, shelf: &Shelf, manifest: &Manifest) -> Result<Installed, InstallError> {
    let installer = Installer { root: root.path(), from: None, registries: shelf, trial: &Reads };
    installer.install(manifest, &mut |_| {})
}

fn install_from(root: &TempDir, from: &Path, manifest: &Manifest) -> Result<Installed, InstallError> {
    let shelf = Shelf::default();
    let installer = Installer { root: root.path(), from: Some(from), registries: &shelf, trial: &Reads };
    let installed = installer.install(manifest, &mut |_| {});
    assert!(shelf.asked.borrow().is_empty(), "a registry was asked though there was a folder");
    installed
}

fn states(root: &TempDir, manifest: &Manifest) -> Vec<State> {
    let mut states = Vec::new();
    inspect::verify(root.path(), manifest, &Reads, &mut |entry| states.push(entry.state));
    states
}

fn problem(error: InstallError) -> Problem {
    match error {
        InstallError::Package(error) => error.problem,
        other => panic!("{other}"),
    }
}

fn root() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn what_is_missing_is_fetched_made_and_placed() {
    let (text, archive) = package_text("eyes", &[("one", b"1"), ("two", b"22")]);
    let (root, shelf, manifest) = (root(), Shelf::of(&[("eyes", &archive)]), manifest("p", &[&text]));
    assert!(!inspect::is_installed(root.path(), "p"));
    let installed = install(&root, &shelf, &manifest).unwrap();
    assert_eq!(installed.made, ["onnx/one.onnx", "onnx/two.onnx"]);
    assert_eq!(fs::read(root.path().join("onnx/two.onnx")).unwrap(), b"22");
    assert_eq!(states(&root, &manifest), [State::Installed, State::Installed]);
    assert!(inspect::is_installed(root.path(), "p"));
    assert!(!root.path().join("staging").exists());
}

#[test]
fn a_second_installation_asks_nobody_and_changes_nothing() {
    let (text, archive) = package_text("eyes", &[("one", b"1")]);
    let (root, shelf, manifest) = (root(), Shelf::of(&[("eyes", &archive)]), manifest("p", &[&text]));
    install(&root, &shelf, &manifest).unwrap();
    let before = fs::metadata(root.path().join("onnx/one.onnx")).unwrap().modified().unwrap();
    let installed = install(&root, &shelf, &manifest).unwrap();
    assert_eq!(installed, Installed { made: vec![], kept: 1 });
    assert_eq!(shelf.asked.borrow().len(), 1);
    assert_eq!(fs::metadata(root.path().join("onnx/one.onnx")).unwrap().modified().unwrap(), before);
}

#[test]
fn a_later_release_fetches_only_the_package_that_is_new() {
    let (eyes, eyes_archive) = package_text("eyes", &[("one", b"1")]);
    let (ears, ears_archive) = package_text("ears", &[("two", b"2")]);
    let shelf = Shelf::of(&[("eyes", &eyes_archive), ("ears", &ears_archive)]);
    let root = root();
    install(&root, &shelf, &manifest("p", &[&eyes])).unwrap();
    let installed = install(&root, &shelf, &manifest("p", &[&eyes, &ears])).unwrap();
    assert_eq!(installed, Installed { made: vec!["onnx/two.onnx".into()], kept: 1 });
    assert_eq!(*shelf.asked.borrow(), ["eyes", "ears"]);
}

#[test]
fn an_archive_that_was_fetched_once_is_kept_for_the_next_attempt() {
    let (text, archive) = package_text("eyes", &[("one", b"1"), ("two", b"broken")]);
    let (root, shelf, manifest) = (root(), Shelf::of(&[("eyes", &archive)]), manifest("p", &[&text]));
    for _ in 0..2 {
        let problem = problem(install(&root, &shelf, &manifest).unwrap_err());
        assert!(matches!(&problem, Problem::Product { name, .. } if name == "two"), "{problem}");
    }
    assert_eq!(shelf.asked.borrow().len(), 1);
    assert_eq!(states(&root, &manifest), [State::Installed, State::Missing]);
    assert!(!inspect::is_installed(root.path(), "p"));
}

#[test]
fn a_model_that_fails_its_trial_is_not_put_in_place() {
    let (text, archive) = package_text("eyes", &[("one", b"broken")]);
    let (root, shelf, manifest) = (root(), Shelf::of(&[("eyes", &archive)]), manifest("p", &[&text]));
    let problem = problem(install(&root, &shelf, &manifest).unwrap_err());
    assert_eq!(problem.to_string(), "one: it is broken");
    assert!(!root.path().join("onnx/one.onnx").exists());
}

#[test]
fn a_damaged_product_is_told_and_made_again() {
    let (text, archive) = package_text("eyes", &[("one", b"1"), ("two", b"2")]);
    let (root, shelf, manifest) = (root(), Shelf::of(&[("eyes", &archive)]), manifest("p", &[&text]));
    install(&root, &shelf, &manifest).unwrap();
    fs::write(root.path().join("onnx/two.onnx"), b"3").unwrap();
    assert!(
        matches!(&states(&root, &manifest)[..], [State::Installed, State::Damaged(what)] if what.contains("sha256"))
    );
    let installed = install(&root, &shelf, &manifest).unwrap();
    assert_eq!(installed, Installed { made: vec!["onnx/two.onnx".into()], kept: 1 });
    assert_eq!(states(&root, &manifest), [State::Installed, State::Installed]);
}

#[test]
fn an_archive_with_another_hash_is_refused_and_not_kept() {
    let (text, mut archive) = package_text("eyes", &[("one", b"1")]);
    archive[10] ^= 1;
    let (root, shelf, manifest) = (root(), Shelf::of(&[("eyes", &archive)]), manifest("p", &[&text]));
    let problem = problem(install(&root, &shelf, &manifest).unwrap_err());
    assert!(matches!(problem, Problem::WrongHash { .. }), "{problem}");
    assert!(!root.path().join("cache").exists() && !root.path().join("onnx").exists());
}

#[test]
fn a_damaged_archive_in_the_cache_is_fetched_again() {
    let (text, archive) = package_text("eyes", &[("one", b"1")]);
    let (root, shelf, manifest) = (root(), Shelf::of(&[("eyes", &archive)]), manifest("p", &[&text]));
    fs::create_dir(root.path().join("cache")).unwrap();
    fs::write(root.path().join("cache/eyes-1.0-py3-none-any.whl"), &archive[..archive.len() / 2]).unwrap();
    install(&root, &shelf, &manifest).unwrap();
    assert_eq!(shelf.asked.borrow().len(), 1);
    assert_eq!(fs::read(root.path().join("cache/eyes-1.0-py3-none-any.whl")).unwrap(), archive);
}

#[test]
fn archives_can_be_given_in_a_folder() {
    let (text, archive) = package_text("eyes", &[("one", b"1")]);
    let (root, manifest, from) = (root(), manifest("p", &[&text]), tempfile::tempdir().unwrap());
    let missing = problem(install_from(&root, from.path(), &manifest).unwrap_err());
    assert!(matches!(missing, Problem::NotInFolder { .. }), "{missing}");
    fs::write(from.path().join("eyes-1.0-py3-none-any.whl"), b"something else").unwrap();
    let wrong = problem(install_from(&root, from.path(), &manifest).unwrap_err());
    assert!(matches!(wrong, Problem::WrongHash { .. }), "{wrong}");
    fs::write(from.path().join("eyes-1.0-py3-none-any.whl"), &archive).unwrap();
    assert_eq!(install_from(&root, from.path(), &manifest).unwrap().made.len(), 1);
}

#[test]
fn an_operators_own_files_come_from_a_folder() {
    let text = format!(
        "[[package]]\nregistry = \"folder\"\nname = \"mine\"\nversion = \"1\"\nlicence = \"LicenseRef-Mine\"\n\
         [package.files]\n\"sub/mine.onnx\" = {{ bytes = 4, sha256 = \"{}\" }}\n\
         [[package.model]]\nname = \"mine\"\npurpose = {{ zh = \"我的\", en = \"mine\" }}\n\
         source = {{ kind = \"onnx\", file = \"sub/mine.onnx\" }}\n",
        Digest::of(b"mine")
    );
    let (root, manifest, from) = (root(), manifest("mine", &[&text]), tempfile::tempdir().unwrap());
    let nowhere = problem(install(&root, &Shelf::default(), &manifest).unwrap_err());
    assert!(matches!(nowhere, Problem::NoFolder), "{nowhere}");
    let missing = problem(install_from(&root, from.path(), &manifest).unwrap_err());
    assert!(matches!(missing, Problem::NotInFolder { .. }), "{missing}");
    fs::create_dir(from.path().join("sub")).unwrap();
    for wrong in [&b"mind"[..], b"min", b"mine and more"] {
        fs::write(from.path().join("sub/mine.onnx"), wrong).unwrap();
        let problem = problem(install_from(&root, from.path(), &manifest).unwrap_err());
        assert!(matches!(problem, Problem::Archive(ArchiveError::Different { .. })), "{problem}");
    }
    fs::write(from.path().join("sub/mine.onnx"), b"mine").unwrap();
    install_from(&root, from.path(), &manifest).unwrap();
    assert!(inspect::packs(root.path()).iter().any(|pack| pack.pack == "mine"));
    // Once installed, the folder is needed no more.
    assert_eq!(install(&root, &Shelf::default(), &manifest).unwrap().kept, 1);
}

#[test]
fn a_product_that_does_not_come_out_as_pinned_is_refused() {
    let (text, archive) = package_text("eyes", &[("one", b"1")]);
    let text = format!("{text}sha256 = \"{}\"\n", Digest::of(b"other"));
    let (root, shelf, manifest) = (root(), Shelf::of(&[("eyes", &archive)]), manifest("p", &[&text]));
    let problem = problem(install(&root, &shelf, &manifest).unwrap_err());
    assert!(problem.to_string().contains("the manifest pins"), "{problem}");
    assert!(!root.path().join("onnx/one.onnx").exists());
}

#[test]
fn a_pack_may_not_take_the_place_of_another_packs_model() {
    let (text, archive) = package_text("eyes", &[("text-detector", b"1")]);
    let (root, shelf, manifest) = (root(), Shelf::of(&[("eyes", &archive)]), manifest("p", &[&text]));
    let error = install(&root, &shelf, &manifest).unwrap_err();
    assert!(matches!(&error, InstallError::Taken { pack, .. } if pack == "default"), "{error}");
    assert!(shelf.asked.borrow().is_empty());
}

#[test]
fn a_newer_runtime_takes_the_place_of_the_older_one() {
    let runtime = |version: u8| {
        let file = format!("libonnxruntime.so.{version}");
        let contents = [version];
        let archive = zip_of(&[(&file, &contents)]);
        let text = format!(
            "[[package]]\nregistry = \"pypi\"\nname = \"runtime\"\nversion = \"{version}\"\nlicence = \"MIT\"\n\
             archive = \"runtime-{version}.whl\"\nbytes = {}\nsha256 = \"{}\"\n\
             [package.files]\n\"{file}\" = {{ bytes = 1, sha256 = \"{}\" }}\n\
             [[package.runtime]]\nname = \"{file}\"\npurpose = {{ zh = \"运行\", en = \"runs\" }}\nfile = \"{file}\"\n",
            archive.len(),
            Digest::of(&archive),
            Digest::of(&contents)
        );
        (text, archive)
    };
    let root = root();
    for version in [9, 10] {
        let (text, archive) = runtime(version);
        // `default` may have a runtime of its own: the files have different names here.
        install(&root, &Shelf::of(&[("runtime", &archive)]), &manifest("p", &[&text])).unwrap();
    }
    let left: Vec<_> =
        fs::read_dir(root.path().join("runtime")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["libonnxruntime.so.10"]);
}

#[test]
fn what_a_killed_installer_left_is_cleared() {
    let (text, archive) = package_text("eyes", &[("one", b"1")]);
    let (root, shelf, manifest) = (root(), Shelf::of(&[("eyes", &archive)]), manifest("p", &[&text]));
    fs::create_dir_all(root.path().join("staging/123-0/work")).unwrap();
    fs::write(root.path().join("staging/123-0/one.onnx"), b"half").unwrap();
    fs::write(root.path().join("installed.json"), b"{\"products\": {\"onnx/o").unwrap();
    install(&root, &shelf, &manifest).unwrap();
    assert!(!root.path().join("staging").exists());
    assert_eq!(states(&root, &manifest), [State::Installed]);
}

#[test]
fn a_folder_that_cannot_be_written_is_told() {
    let (text, _) = package_text("eyes", &[("one", b"1")]);
    let (root, manifest) = (root(), manifest("p", &[&text]));
    let file = root.path().join("file");
    fs::write(&file, b"").unwrap();
    let installer = Installer { root: &file, from: None, registries: &Shelf::default(), trial: &Reads };
    let error = installer.install(&manifest, &mut |_| {}).unwrap_err();
    assert!(matches!(error, InstallError::Folder { .. }), "{error}");
}

#[test]
fn a_second_installer_waits_and_then_has_nothing_to_do() {
    /// Brings its archive only when it is told to.
    struct Slow {
        shelf: Shelf,
        started: mpsc::Sender<()>,
        go_on: mpsc::Receiver<()>,
    }
    impl Registries for Slow {
        fn fetch(
            &self,
            package: &Package,
            archive: &Archive,
            folder: &Path,
            progress: &mut dyn FnMut(u64),
        ) -> Result<(), FetchError> {
            self.started.send(()).unwrap();
            self.go_on.recv_timeout(Duration::from_secs(20)).unwrap();
            self.shelf.fetch(package, archive, folder, progress)
        }
    }
    let (text, archive) = package_text("eyes", &[("one", b"1")]);
    let (root, manifest) = (root(), manifest("p", &[&text]));
    let (started, has_started) = mpsc::channel();
    let (let_go, go_on) = mpsc::channel();
    let slow = Slow { shelf: Shelf::of(&[("eyes", &archive)]), started, go_on };
    std::thread::scope(|scope| {
        let (root, manifest) = (&root, &manifest);
        let first = scope.spawn(move || {
            let installer = Installer { root: root.path(), from: None, registries: &slow, trial: &Reads };
            installer.install(manifest, &mut |_| {}).unwrap()
        });
        has_started.recv_timeout(Duration::from_secs(20)).unwrap();
        let second =
            Installer { root: root.path(), from: None, registries: &Shelf::default(), trial: &Reads };
        let mut waited = false;
        let done = second.install(manifest, &mut |event| {
            if matches!(event, Event::Waiting) {
                waited = true;
                let_go.send(()).unwrap();
            }
        });
        assert_eq!(first.join().unwrap().made.len(), 1);
        assert_eq!(done.unwrap(), Installed { made: vec![], kept: 1 });
        assert!(waited);
    });
}

#[test]
fn progress_is_told_in_order() {
    let (text, archive) = package_text("eyes", &[("one", b"1")]);
    let (root, shelf, manifest) = (root(), Shelf::of(&[("eyes", &archive)]), manifest("p", &[&text]));
    let installer = Installer { root: root.path(), from: None, registries: &shelf, trial: &Reads };
    let mut told = Vec::new();
    let length = archive.len() as u64;
    installer
        .install(&manifest, &mut |event| {
            told.push(match event {
                Event::Waiting => "waiting".to_owned(),
                Event::Planned { products, bytes } => format!("planned {products} {}", bytes == length),
                Event::Fetching { bytes, .. } => format!("fetching {}", bytes == length),
                Event::Ready { package } => format!("ready {package}"),
                Event::Making(product) => format!("making {}", product.name),
                Event::Placed(product) => format!("placed {}", product.name),
            });
        })
        .unwrap();
    assert_eq!(
        told,
        ["planned 1 true", "fetching false", "fetching true", "ready eyes 1.0", "making one", "placed one"]
    );
}
