//! A machine to try the command line on: an empty folder, an empty `PATH`, an English locale.

#![expect(clippy::unwrap_used, reason = "only tests use it")]

use std::ffi::OsStr;
use std::fs;
use std::io::{Cursor, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use shiren_vision::pack::Digest;
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

pub(crate) struct Machine {
    folder: TempDir,
    locale: &'static str,
}

impl Machine {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("bin")).unwrap();
        Self { folder, locale: "en_GB.UTF-8" }
    }

    pub(crate) fn in_chinese(mut self) -> Self {
        self.locale = "zh_CN.UTF-8";
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, contents: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, contents).unwrap();
    }

    /// Puts a shell script on the `PATH`. It finds the machine's folder in `$SCENE`.
    pub(crate) fn program(&self, name: &str, script: &str) {
        let scene = self.folder.path().display();
        let text = format!("#!/bin/sh\nPATH=/usr/bin:/bin\nSCENE='{scene}'\n{script}");
        self.write(&format!("bin/{name}"), text.as_bytes());
        fs::set_permissions(self.path(&format!("bin/{name}")), fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// The command line, ready to start.
    pub(crate) fn command(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_shiren"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", self.path("bin"))
            .env("LANG", self.locale)
            .env("SHIREN_MODELS", self.path("models"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// Runs it to its end: what it printed, what it said, and its status, with the machine's folder written as `~`.
    pub(crate) fn run(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> String {
        let output = self.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
        let text = format!(
            "{}--- stderr\n{}--- status {}\n",
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
            output.status.code().unwrap()
        );
        text.replace(&self.folder.path().display().to_string(), "~")
    }
}

/// A zip file.
pub(crate) fn archive_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, contents) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(contents).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The manifest of a pack of sample pictures and the archive (a zip, whatever the registry) that it pins.
pub(crate) fn pack_text(name: &str, registry: &str, files: &[(&str, &[u8])]) -> (String, Vec<u8>) {
    let archive = archive_of(files);
    let file = if registry == "npm" { "tiny-1.0.tgz" } else { "tiny-1.0-py3-none-any.whl" };
    let mut text = format!(
        "schema = 1\npack = \"{name}\"\npurpose = {{ zh = \"试一试\", en = \"to try\" }}\n\
         [[package]]\nregistry = \"{registry}\"\nname = \"{name}\"\nversion = \"1.0\"\nlicence = \"CC0-1.0\"\n\
         archive = \"{file}\"\nbytes = {}\nsha256 = \"{}\"\n[package.files]\n",
        archive.len(),
        Digest::of(&archive)
    );
    for (file, contents) in files {
        text += &format!(
            "\"{file}\" = {{ bytes = {}, sha256 = \"{}\" }}\n",
            contents.len(),
            Digest::of(contents)
        );
    }
    for (file, _) in files {
        text += &format!(
            "[[package.sample]]\nname = \"{file}\"\npurpose = {{ zh = \"图\", en = \"a picture\" }}\nfile = \"{file}\"\n"
        );
    }
    (text, archive)
}

/// Bytes that do not compress, the same for the same seed.
pub(crate) fn noise(seed: u8, length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64 ^ u64::from(seed);
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as u8
        })
        .collect()
}

/// The smallest ONNX model that does something: y = max(x, 0) of 1×1×1×3 numbers (ONNX IR 8, opset 13). Field
/// numbers from onnx.proto.
pub(crate) fn relu() -> Vec<u8> {
    fn number(field: u8, value: u8) -> Vec<u8> {
        vec![field << 3, value]
    }
    fn bytes(field: u8, contents: &[u8]) -> Vec<u8> {
        let mut message = vec![field << 3 | 2, u8::try_from(contents.len()).unwrap()];
        message.extend(contents);
        message
    }
    let value = |name: &[u8]| {
        let shape = [1, 1, 1, 3].map(|length| bytes(1, &number(1, length))).concat();
        let tensor = [number(1, 1), bytes(2, &shape)].concat();
        [bytes(1, name), bytes(2, &bytes(1, &tensor))].concat()
    };
    let node = [bytes(1, b"x"), bytes(2, b"y"), bytes(4, b"Relu")].concat();
    let graph = [bytes(1, &node), bytes(2, b"g"), bytes(11, &value(b"x")), bytes(12, &value(b"y"))].concat();
    [number(1, 8), bytes(7, &graph), bytes(8, &number(2, 13))].concat()
}
