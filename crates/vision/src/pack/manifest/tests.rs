use proptest::prelude::*;

use super::*;

/// A small manifest in which every kind of thing occurs.
const SMALL: &str = r#"
schema = 1
pack = "small"
purpose = { zh = "试", en = "a try" }

[[package]]
registry = "pypi"
name = "some.package"
version = "1.2.3"
licence = "MIT"
archive = "some_package-1.2.3-cp311-cp311-manylinux_2_28_x86_64.whl"
bytes = 1000
sha256 = "0000000000000000000000000000000000000000000000000000000000000001"
platform = "manylinux_2_28_x86_64"
[package.files]
"a/model.onnx" = { bytes = 10, sha256 = "0000000000000000000000000000000000000000000000000000000000000002" }
"a/lib.so" = { bytes = 11, sha256 = "0000000000000000000000000000000000000000000000000000000000000003" }
[[package.model]]
name = "a-model"
purpose = { zh = "模型", en = "a model" }
source = { kind = "onnx", file = "a/model.onnx" }
[[package.runtime]]
name = "libonnxruntime.so.9"
purpose = { zh = "运行", en = "runs" }
file = "a/lib.so"

[[package]]
registry = "npm"
name = "@scope/name"
version = "2.0.0-beta.1"
licence = "Apache-2.0"
archive = "scope-name-2.0.0.tgz"
bytes = 2000
sha256 = "0000000000000000000000000000000000000000000000000000000000000004"
[package.files]
"package/g.json" = { bytes = 1, sha256 = "0000000000000000000000000000000000000000000000000000000000000005" }
"package/w.bin" = { bytes = 2, sha256 = "0000000000000000000000000000000000000000000000000000000000000006" }
[[package.model]]
name = "b-model"
purpose = { zh = "模型", en = "another" }
source = { kind = "tfjs", graph = "package/g.json", weights = ["package/w.bin"], any_size = true, outputs = ["x"] }

[[package]]
registry = "folder"
name = "mine"
version = "1"
licence = "LicenseRef-Mine"
[package.files]
"p.jpg" = { bytes = 3, sha256 = "0000000000000000000000000000000000000000000000000000000000000007" }
[[package.sample]]
name = "p.jpg"
purpose = { zh = "图", en = "a picture" }
file = "p.jpg"
"#;

fn small() -> Result<Manifest, ManifestError> {
    Manifest::parse(SMALL, "x86_64")
}

/// What is said of the small manifest after one replacement.
fn complaint(from: &str, to: &str) -> String {
    assert!(SMALL.contains(from), "{from}");
    match Manifest::parse(&SMALL.replacen(from, to, 1), "x86_64") {
        Ok(_) => panic!("{from:?} became {to:?} and nobody complained"),
        Err(e) => e.to_string(),
    }
}

#[test]
fn a_manifest_is_read() {
    let manifest = small().unwrap();
    let paths: Vec<String> = manifest.products().map(|(_, product)| product.path()).collect();
    assert_eq!(
        paths,
        ["runtime/libonnxruntime.so.9", "onnx/a-model.onnx", "onnx/b-model.onnx", "samples/p.jpg"]
    );
    assert_eq!(manifest.packages[2].archive, None);
    assert_eq!(
        manifest.packages[1].products[0].recipe,
        Recipe::Tfjs {
            graph: "package/g.json".into(),
            weights: vec!["package/w.bin".into()],
            any_size: true,
            outputs: vec!["x".into()]
        }
    );
}

#[test]
fn the_packs_that_come_along_are_right_for_every_machine() {
    for machine in ["x86_64", "aarch64"] {
        let default = Manifest::parse(DEFAULT, machine).unwrap();
        let names: Vec<&str> = default.products().map(|(_, product)| product.name.as_str()).collect();
        for needed in [
            "libonnxruntime.so.1.32.0",
            "text-detector",
            "text-recogniser",
            "line-direction",
            "face-detector",
            "face-mesh",
            "face-recogniser",
            "face-features",
        ] {
            assert!(names.contains(&needed), "{needed} on {machine}");
        }
        Manifest::parse(SAMPLES, machine).unwrap();
    }
    for pack in Manifest::EMBEDDED {
        assert_eq!(Manifest::embedded(pack).unwrap().unwrap().pack, pack);
    }
    assert!(Manifest::embedded("other").is_none());
}

#[test]
fn the_examples_for_operators_are_right() {
    for (text, model) in [
        (include_str!("../../../packs/examples/mobileface-v2.toml"), "mobileface-v2"),
        (include_str!("../../../packs/examples/yunet.toml"), "yunet"),
    ] {
        let manifest = Manifest::parse(text, "x86_64").unwrap();
        let names: Vec<&str> = manifest.products().map(|(_, product)| product.name.as_str()).collect();
        assert_eq!(names, [model]);
    }
}

#[test]
fn a_package_for_another_machine_is_left_out_and_still_checked() {
    let other = SMALL.replacen("licence = \"MIT\"", "licence = \"MIT\"\nmachine = \"riscv64\"", 1);
    assert_eq!(Manifest::parse(&other, "x86_64").unwrap().packages.len(), 2);
    assert_eq!(Manifest::parse(&other, "riscv64").unwrap().packages.len(), 3);
    let broken = other.replacen("1.2.3", "", 1);
    assert!(Manifest::parse(&broken, "x86_64").is_err());
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let table = [
        ("schema = 1", "schema = 2", "schema is 2"),
        ("schema = 1", "", "schema: must be the number 1"),
        ("pack = \"small\"", "pack = \"Small pack\"", "pack: must be lower-case"),
        ("pack = \"small\"", "pack = \"../small\"", "pack: must be lower-case"),
        ("version = \"1.2.3\"", "", "missing field `version`"),
        ("version = \"1.2.3\"", "version = \">=1\"", "package some.package: needs an exact version"),
        ("\"MIT\"", "\"\"", "package some.package: needs a licence"),
        ("bytes = 1000", "", "package some.package: needs archive, bytes and sha256"),
        ("registry = \"npm\"", "registry = \"cargo\"", "unknown variant `cargo`"),
        ("registry = \"npm\"", "registry = \"npm\"\nregistri = 1", "unknown field `registri`"),
        ("\"some.package\"", "\"--index-url=http://x\"", "is no package name of its registry"),
        ("\"some.package\"", "\"a b\"", "is no package name of its registry"),
        ("\"some.package\"", "\"@a/b\"", "is no package name of its registry"),
        ("\"@scope/name\"", "\"@scope/../name\"", "is no package name of its registry"),
        ("\"@scope/name\"", "\"../name\"", "is no package name of its registry"),
        ("\"scope-name-2.0.0.tgz\"", "\"../x.tgz\"", "needs the plain file name of its archive"),
        ("\"scope-name-2.0.0.tgz\"", "\"x.rar\"", "neither .whl, .zip, .tgz nor .tar.gz"),
        ("\"scope-name-2.0.0.tgz\"", "\"x.whl\"", "comes from npm, whose archives end in .tgz"),
        ("bytes = 2000", "bytes = 2000\nplatform = \"any\"", "has a platform, which only a Python wheel"),
        ("\"manylinux_2_28_x86_64\"", "\"--pre\"", "has a strange platform tag"),
        ("bytes = 1000", "bytes = 9999999999", "has an archive that is too large"),
        ("bytes = 10,", "bytes = 9999999999,", "has a file that is too large"),
        ("bytes = 10,", "bytes = -1,", "invalid value"),
        ("0002\"", "0002x\"", "64 lower-case hexadecimal digits"),
        ("\"a/model.onnx\" =", "\"../model.onnx\" =", "has a file whose path leads outside"),
        ("file = \"a/model.onnx\"", "file = \"b\"", "package some.package, a-model: needs the file b"),
        ("file = \"a/lib.so\"", "file = \"a/model.onnx\"", "nothing is made of the file a/lib.so"),
        ("\"b-model\"", "\"a-model\"", "a-model of @scope/name: is made twice"),
        ("\"b-model\"", "\"../b\"", "must be named with lower-case letters"),
        ("name = \"libonnxruntime.so.9\"", "name = \"libc.so\"", "must be named libonnxruntime.so"),
        ("name = \"p.jpg\"", "name = \"../p.jpg\"", "must be named like a file"),
        ("kind = \"onnx\"", "kind = \"pickle\"", "unknown variant `pickle`"),
        (
            "version = \"1\"",
            "version = \"1\"\narchive = \"x.zip\"",
            "comes from a folder, which has no archive",
        ),
    ];
    for (from, to, said) in table {
        let complaint = complaint(from, to);
        assert!(complaint.contains(said), "{from:?} → {to:?} said {complaint:?}, not {said:?}");
    }
}

#[test]
fn a_second_runtime_for_one_machine_is_refused() {
    let runtime = "[[package.runtime]]\nname = \"libonnxruntime.so.10\"\npurpose = { zh = \"\", en = \"\" }\nfile = \"a/lib.so\"\n";
    let complaint = complaint("[[package.runtime]]", &format!("{runtime}[[package.runtime]]"));
    assert!(complaint.contains("second runtime"), "{complaint}");
}

#[test]
fn a_model_may_bring_its_known_outputs() {
    let with = |values: &str| {
        let golden = format!(
            "[package.model.golden]\n[[package.model.golden.case]]\npattern = \"waves\"\nshape = [1, 3, 8, 8]\n\
             low = 0.0\nhigh = 1.0\ntolerance = 1e-3\n[[package.model.golden.case.output]]\nshape = [1, 9]\n\
             values = {values}\n"
        );
        let text = SMALL.replacen("[[package.runtime]]", &format!("{golden}[[package.runtime]]"), 1);
        Manifest::parse(&text, "x86_64")
    };
    let manifest = with("[[0, 1.5]]").unwrap();
    let goldens: Vec<bool> = manifest.products().map(|(_, product)| product.golden.is_some()).collect();
    assert_eq!(goldens, [false, true, false, false]);
    let complaint = with("[[9, 1.5]]").unwrap_err().to_string();
    assert!(complaint.starts_with("package some.package, a-model: the golden cannot be used"), "{complaint}");
}

#[test]
fn messages_carry_no_control_characters() {
    let complaint = complaint("\"some.package\"", "\"a\\u001b[2Jb\"");
    assert!(!complaint.contains('\u{1b}'), "{complaint:?}");
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        let _ = Manifest::parse(&text, "x86_64");
    }

    #[test]
    fn a_manifest_with_damage_is_read_or_refused_and_never_leads_outside(
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<char>()), 1..8),
    ) {
        let mut text: Vec<char> = SMALL.chars().collect();
        for (at, to) in places {
            let at = at.index(text.len());
            text[at] = to;
        }
        if let Ok(manifest) = Manifest::parse(&text.into_iter().collect::<String>(), "x86_64") {
            for (package, product) in manifest.products() {
                let path = product.path();
                prop_assert!(!path.contains("..") && path.split('/').count() == 2, "{path}");
                prop_assert!(!package.name.starts_with('-'));
                for need in product.recipe.needs() {
                    prop_assert!(!need.starts_with('/') && need.split('/').all(|part| part != ".."));
                    prop_assert!(package.files.iter().any(|file| file.path == need));
                }
            }
        }
    }
}
