//! Styles, scripts and drawings: embedded in the binary and served under names that carry their content's hash, so
//! that browsers may keep them for ever and never mix two versions.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Files;

/// One asset as it is served.
#[derive(Clone, Debug)]
pub struct Asset {
    /// Its path with the hash in it.
    pub url: String,
    /// Its content.
    pub bytes: Cow<'static, [u8]>,
    /// What it is.
    pub content_type: &'static str,
}

/// How long browsers may keep an asset: its name changes when its content does.
pub const CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

/// By plain name.
static ASSETS: LazyLock<BTreeMap<String, Asset>> = LazyLock::new(|| {
    Files::iter()
        .filter_map(|name| {
            let file = Files::get(&name)?;
            let hash: String =
                file.metadata.sha256_hash().iter().take(5).map(|b| format!("{b:02x}")).collect();
            let (stem, extension) = name.rsplit_once('.')?;
            let url = format!("/assets/{stem}.{hash}.{extension}");
            let asset = Asset { url, bytes: file.data, content_type: content_type(extension)? };
            Some((name.into_owned(), asset))
        })
        .collect()
});

/// Plain name by the name in the URL.
static SERVED: LazyLock<BTreeMap<&'static str, &'static Asset>> = LazyLock::new(|| {
    ASSETS.values().filter_map(|asset| Some((asset.url.strip_prefix("/assets/")?, asset))).collect()
});

fn content_type(extension: &str) -> Option<&'static str> {
    Some(match extension {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        _ => return None,
    })
}

/// Where an asset is served. For a name that is none, a path that is not found; a test proves that no page has one.
pub fn url(name: &str) -> String {
    ASSETS.get(name).map_or_else(|| format!("/assets/{name}"), |asset| asset.url.clone())
}

/// The asset of a plain name.
pub fn named(name: &str) -> Option<&'static Asset> {
    ASSETS.get(name)
}

/// All assets.
pub fn all() -> impl Iterator<Item = &'static Asset> {
    ASSETS.values()
}

/// Answers `GET /assets/{name}`.
pub async fn serve(Path(name): Path<String>) -> Response {
    let Some(asset) = SERVED.get(name.as_str()) else { return StatusCode::NOT_FOUND.into_response() };
    answer(asset, CACHE_CONTROL)
}

/// The asset, to be kept for so long.
pub(crate) fn answer(asset: &'static Asset, cached: &'static str) -> Response {
    let body = match &asset.bytes {
        Cow::Borrowed(bytes) => Body::from(*bytes),
        Cow::Owned(bytes) => Body::from(bytes.clone()),
    };
    let mut answer = Response::new(body);
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cached));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asset_is_found_under_its_hashed_name() {
        let url = url("app.css");
        let name = url.strip_prefix("/assets/").unwrap();
        assert_eq!(name.len(), "app.0123456789.css".len(), "{url}");
        assert_eq!(SERVED[name].content_type, "text/css; charset=utf-8");
    }

    #[test]
    fn every_file_has_a_type() {
        assert_eq!(ASSETS.len(), Files::iter().count());
        assert_eq!(SERVED.len(), ASSETS.len());
    }

    #[tokio::test]
    async fn it_is_served_for_ever_and_others_are_not_found() {
        let name = url("app.css").strip_prefix("/assets/").unwrap().to_owned();
        let answer = serve(Path(name)).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()[header::CACHE_CONTROL], CACHE_CONTROL);
        assert_eq!(serve(Path("app.css".to_owned())).await.status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn scripts_stand_alone() {
        // A script that imported another one would name it without its hash.
        for asset in all().filter(|a| a.content_type.starts_with("text/javascript")) {
            let text = std::str::from_utf8(&asset.bytes).unwrap();
            assert!(!text.lines().any(|l| l.trim_start().starts_with("import ")), "{}", asset.url);
            assert!(!text.contains("innerHTML"), "{}", asset.url);
        }
    }
}
