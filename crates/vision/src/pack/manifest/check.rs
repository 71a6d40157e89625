//! From the text to a manifest that can be trusted to be safe to act on.

use std::collections::BTreeSet;

use toml::Value;

use super::text::{ManifestText, ModelText, PackageText, PlainText, SourceText};
use super::{Archive, Kind, Manifest, ManifestError, Package, Product, Recipe, Registry};
use crate::pack::archive::{Format, MOST_MEMBER, Wanted, stays_inside};
use crate::pack::golden::Golden;
use crate::pack::library::is_name;

/// The schema this code reads. Raised when an old manifest would be misread.
pub(super) const SCHEMA: i64 = 1;

/// A manifest has a few kilobytes; anything like this is a mistake.
const MOST_TEXT: usize = 1 << 20;
const MOST_PACKAGES: usize = 100;
const MOST_FILES: usize = 1000;
const MOST_ARCHIVE: u64 = 4 << 30;

pub(super) fn manifest(text: &str, machine: &str) -> Result<Manifest, ManifestError> {
    if text.len() > MOST_TEXT {
        return Err(ManifestError::Syntax(format!("a manifest has at most {MOST_TEXT} bytes")));
    }
    // The schema first: a newer manifest should be told as such and not by its first unknown key.
    let value: Value = toml::from_str(text).map_err(|e| ManifestError::Syntax(e.to_string()))?;
    match value.get("schema").and_then(Value::as_integer) {
        Some(SCHEMA) => {}
        Some(found) => return Err(ManifestError::Schema { found }),
        None => return Err(invalid("schema", format!("must be the number {SCHEMA}"))),
    }
    let raw: ManifestText = toml::from_str(text).map_err(|e| ManifestError::Syntax(e.to_string()))?;
    require(is_name(&raw.pack), "pack", "must be lower-case letters, digits and hyphens")?;
    require(raw.package.len() <= MOST_PACKAGES, "package", "there are too many")?;
    let mut packages = Vec::new();
    for package in raw.package {
        if package.machine.as_deref().is_none_or(|only| only == machine) {
            packages.push(self::package(package)?);
        } else {
            self::package(package)?;
        }
    }
    let manifest = Manifest { pack: raw.pack, purpose: raw.purpose, packages, text: text.to_owned() };
    one_of_each(&manifest)?;
    Ok(manifest)
}

fn one_of_each(manifest: &Manifest) -> Result<(), ManifestError> {
    let mut paths = BTreeSet::new();
    let mut runtimes = 0;
    for (package, product) in manifest.products() {
        let at = || format!("{} of {}", product.name, package.name);
        require(paths.insert(product.path()), at, "is made twice")?;
        runtimes += usize::from(product.kind == Kind::Runtime);
        require(runtimes <= 1, at, "is a second runtime for one machine")?;
    }
    Ok(())
}

fn package(raw: PackageText) -> Result<Package, ManifestError> {
    let at = format!("package {}", short(&raw.name));
    require(is_package_name(raw.registry, &raw.name), &at, "is no package name of its registry")?;
    require(is_version(&raw.version), &at, "needs an exact version")?;
    require(is_line(&raw.licence), &at, "needs a licence")?;
    require(raw.files.len() <= MOST_FILES, &at, "has too many files")?;
    let archive = archive(&raw, &at)?;
    let mut files = Vec::new();
    for (path, file) in raw.files {
        require(stays_inside(&path), &at, "has a file whose path leads outside")?;
        require(file.bytes <= MOST_MEMBER, &at, "has a file that is too large")?;
        files.push(Wanted { path, bytes: file.bytes, sha256: file.sha256 });
    }
    let mut products = Vec::new();
    products.extend(raw.runtime.into_iter().map(|plain| self::plain(Kind::Runtime, plain)));
    for model in raw.model {
        products.push(self::model(model, &at)?);
    }
    products.extend(raw.sample.into_iter().map(|plain| self::plain(Kind::Sample, plain)));
    for product in &products {
        self::product(product, &files, &at)?;
    }
    let (registry, name, version) = (raw.registry, raw.name, raw.version);
    let package = Package { registry, name, version, licence: raw.licence, archive, files, products };
    let used: BTreeSet<&str> = package.products.iter().flat_map(|product| product.recipe.needs()).collect();
    match package.files.iter().find(|file| !used.contains(file.path.as_str())) {
        Some(idle) => Err(invalid(&at, format!("nothing is made of the file {}", short(&idle.path)))),
        None => Ok(package),
    }
}

fn archive(raw: &PackageText, at: &str) -> Result<Option<Archive>, ManifestError> {
    if raw.registry == Registry::Folder {
        let none =
            raw.archive.is_none() && raw.platform.is_none() && raw.sha256.is_none() && raw.bytes.is_none();
        require(none, at, "comes from a folder, which has no archive, bytes, sha256 or platform")?;
        return Ok(None);
    }
    let (Some(file), Some(bytes), Some(sha256)) = (&raw.archive, raw.bytes, raw.sha256) else {
        return Err(invalid(at, "needs archive, bytes and sha256".into()));
    };
    require(is_file_name(file), at, "needs the plain file name of its archive")?;
    let format = Format::of_name(file);
    require(format.is_some(), at, "has an archive that is neither .whl, .zip, .tgz nor .tar.gz")?;
    let fits = raw.registry == Registry::Pypi || format == Some(Format::Tgz);
    require(fits, at, "comes from npm, whose archives end in .tgz")?;
    require(bytes <= MOST_ARCHIVE, at, "has an archive that is too large")?;
    let tagged = raw.platform.is_none() || (raw.registry == Registry::Pypi && file.ends_with(".whl"));
    require(tagged, at, "has a platform, which only a Python wheel can have")?;
    let platform = raw.platform.clone();
    require(platform.as_deref().is_none_or(is_platform), at, "has a strange platform tag")?;
    Ok(Some(Archive { file: file.clone(), bytes, sha256, platform }))
}

fn plain(kind: Kind, raw: PlainText) -> Product {
    Product {
        kind,
        name: raw.name,
        purpose: raw.purpose,
        recipe: Recipe::Copy(raw.file),
        sha256: None,
        golden: None,
    }
}

fn model(raw: ModelText, at: &str) -> Result<Product, ManifestError> {
    let golden = raw.golden.map(|table| {
        toml::to_string(&table)
            .map_err(|e| e.to_string())
            .and_then(|text| Golden::parse(&text).map_err(|e| e.to_string()))
    });
    let golden =
        golden.transpose().map_err(|problem| invalid(format!("{at}, {}", short(&raw.name)), problem))?;
    let recipe = match raw.source {
        SourceText::Onnx { file } => Recipe::Copy(file),
        SourceText::Tflite { file } => Recipe::Tflite(file),
        SourceText::Tfjs { graph, weights, any_size, outputs } => {
            Recipe::Tfjs { graph, weights, any_size, outputs }
        }
        SourceText::FaceApi { manifest, weights } => Recipe::FaceApi { manifest, weights },
    };
    let (name, purpose, sha256) = (raw.name, raw.purpose, raw.sha256);
    Ok(Product { kind: Kind::Model, name, purpose, recipe, sha256, golden })
}

fn product(product: &Product, files: &[Wanted], at: &str) -> Result<(), ManifestError> {
    let at = || format!("{at}, {}", short(&product.name));
    let (good, rule) = match product.kind {
        Kind::Model => (is_name(&product.name), "must be named with lower-case letters, digits and hyphens"),
        Kind::Sample => (is_file_name(&product.name), "must be named like a file"),
        Kind::Runtime => (
            is_file_name(&product.name) && product.name.starts_with("libonnxruntime.so"),
            "must be named libonnxruntime.so…",
        ),
    };
    require(good, at, rule)?;
    for path in product.recipe.needs() {
        if !files.iter().any(|file| file.path == path) {
            return Err(invalid(at(), format!("needs the file {}, which is not listed", short(path))));
        }
    }
    Ok(())
}

/// Names that registries give out, and that can neither be an option nor a path nor a second requirement.
fn is_package_name(registry: Registry, name: &str) -> bool {
    let plain = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphanumeric())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    };
    name.len() <= 200
        && match (registry, name.strip_prefix('@')) {
            (Registry::Npm, Some(scoped)) => {
                scoped.split_once('/').is_some_and(|(scope, name)| plain(scope) && plain(name))
            }
            _ => plain(name),
        }
}

fn is_version(version: &str) -> bool {
    version.len() <= 100
        && version.starts_with(|c: char| c.is_ascii_alphanumeric())
        && version.bytes().all(|b| b.is_ascii_alphanumeric() || b"._+!-".contains(&b))
}

fn is_platform(tag: &str) -> bool {
    !tag.is_empty() && tag.len() <= 100 && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn is_file_name(name: &str) -> bool {
    name.len() <= 200
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._+-".contains(&b))
}

fn is_line(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= 200 && !text.contains(char::is_control)
}

/// Names go into messages: not longer than a line, without control characters.
fn short(text: &str) -> String {
    text.chars().take(80).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// The place of a problem, made only when there is one.
trait At {
    fn at(self) -> String;
}

impl At for &str {
    fn at(self) -> String {
        self.to_owned()
    }
}

impl At for &String {
    fn at(self) -> String {
        self.clone()
    }
}

impl<F: FnOnce() -> String> At for F {
    fn at(self) -> String {
        self()
    }
}

fn require(holds: bool, at: impl At, problem: &str) -> Result<(), ManifestError> {
    if holds { Ok(()) } else { Err(invalid(at.at(), problem.to_owned())) }
}

fn invalid(at: impl Into<String>, problem: String) -> ManifestError {
    ManifestError::Invalid { at: at.into(), problem }
}
