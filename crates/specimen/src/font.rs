//! Fonts, found on the machine; none is in the repository.

use std::fs;
use std::path::{Path, PathBuf};

use ab_glyph::FontVec;

/// Where systems keep fonts; Debian's packages use the first.
const FOLDERS: [&str; 2] = ["/usr/share/fonts", "/usr/local/share/fonts"];

/// How deep below a folder a font is looked for.
const DEPTH: usize = 5;

/// The face for Simplified Chinese inside Noto's collections, after the Japanese and the Korean one.
const SIMPLIFIED_CHINESE: u32 = 2;

/// What specimens are printed in.
pub struct Fonts {
    /// Noto Sans CJK SC: everything.
    pub(crate) sans: FontVec,
    /// Its bold: titles.
    pub(crate) bold: FontVec,
    /// OCR-B (ISO 1073-2): machine-readable zones and the number of resident cards.
    pub(crate) ocr_b: FontVec,
}

/// A font is missing or unusable.
#[derive(Debug, thiserror::Error)]
pub enum FontError {
    /// Nowhere in the folders.
    #[error("the font {file} is missing; get it with: apt-get install {package}")]
    Missing {
        /// Its file name.
        file: &'static str,
        /// Debian's package.
        package: &'static str,
    },
    /// Found, but not readable or not a font.
    #[error("{}: {detail}", path.display())]
    Unusable {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
}

impl Fonts {
    /// Finds Noto Sans CJK and OCR-B below `folder`, or below the system's folders.
    pub fn find(folder: Option<&Path>) -> Result<Self, FontError> {
        let system = FOLDERS.map(PathBuf::from);
        let given = folder.map(Path::to_owned);
        let folders: &[PathBuf] = given.as_ref().map_or(&system, std::slice::from_ref);
        const NOTO: &str = "fonts-noto-cjk";
        Ok(Self {
            sans: load(folders, "NotoSansCJK-Regular.ttc", NOTO, SIMPLIFIED_CHINESE)?,
            bold: load(folders, "NotoSansCJK-Bold.ttc", NOTO, SIMPLIFIED_CHINESE)?,
            ocr_b: load(folders, "OCRB.otf", "fonts-ocr-b", 0)?,
        })
    }
}

fn load(
    folders: &[PathBuf],
    file: &'static str,
    package: &'static str,
    index: u32,
) -> Result<FontVec, FontError> {
    let path = folders
        .iter()
        .find_map(|folder| find(folder, file, DEPTH))
        .ok_or(FontError::Missing { file, package })?;
    let unusable = |detail: String| FontError::Unusable { path: path.clone(), detail };
    let data = fs::read(&path).map_err(|e| unusable(e.to_string()))?;
    FontVec::try_from_vec_and_index(data, index).map_err(|e| unusable(e.to_string()))
}

/// A file of this name in a folder or below it.
fn find(folder: &Path, file: &str, depth: usize) -> Option<PathBuf> {
    let here = folder.join(file);
    if here.is_file() {
        return Some(here);
    }
    let mut folders: Vec<_> = fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    (depth > 0).then(|| folders.iter().find_map(|f| find(f, file, depth - 1))).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_font_is_named_with_its_package() {
        let empty = std::env::temp_dir().join("shiren-no-fonts-here");
        let Err(error) = Fonts::find(Some(&empty)) else { panic!("found fonts in {}", empty.display()) };
        assert_eq!(
            error.to_string(),
            "the font NotoSansCJK-Regular.ttc is missing; get it with: apt-get install fonts-noto-cjk"
        );
    }
}
