//! What every page must be, read from its HTML as a browser and a screen reader would. For tests alone.

use std::collections::BTreeSet;

use crate::asset;

/// Elements that have no end.
const VOID: [&str; 8] = ["meta", "link", "input", "img", "br", "image", "polygon", "hr"];

/// A start tag.
#[derive(Debug)]
pub(super) struct Tag {
    /// The element's name.
    pub(super) name: String,
    /// Names and values, unescaped as far as needed here.
    pub(super) attributes: Vec<(String, String)>,
    /// Whether it stands inside a label.
    pub(super) labelled: bool,
}

impl Tag {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    fn parse(text: &str, labelled: bool) -> Self {
        let name: String = text.chars().take_while(|c| !c.is_whitespace() && *c != '/').collect();
        let (mut rest, mut attributes) = (text[name.len()..].trim(), Vec::new());
        while !rest.trim_end_matches('/').trim().is_empty() {
            let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
            let key = rest[..end].trim_end_matches('/').to_owned();
            rest = &rest[end..];
            let mut value = String::new();
            if let Some(after) = rest.strip_prefix("=\"") {
                let close = after.find('"').expect("an attribute ends");
                value = after[..close].to_owned();
                rest = &after[close + 1..];
            }
            attributes.push((key, value));
            rest = rest.trim_start();
        }
        Self { name, attributes, labelled }
    }
}

/// Start tags and texts in their order; ends must match starts.
fn read(html: &str) -> (Vec<Tag>, Vec<(String, String)>) {
    let (mut tags, mut texts, mut open) = (Vec::new(), Vec::new(), Vec::<String>::new());
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        texts.push((open.last().cloned().unwrap_or_default(), rest[..start].to_owned()));
        let end = start + rest[start..].find('>').expect("a tag ends");
        let inside = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if inside.starts_with('!') {
            continue;
        }
        if let Some(name) = inside.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "elements are nested");
            continue;
        }
        let tag = Tag::parse(inside, open.iter().any(|e| e == "label"));
        if !VOID.contains(&tag.name.as_str()) && !inside.ends_with('/') {
            open.push(tag.name.clone());
        }
        tags.push(tag);
    }
    assert!(open.is_empty(), "not closed: {open:?}");
    (tags, texts)
}

/// The words that a person sees, one text per line, from `main` on.
pub(super) fn visible(html: &str) -> String {
    let main = html.find("<main").expect("a page has a main part");
    let end = html.find("</main>").expect("it ends") + "</main>".len();
    let (_, texts) = read(&html[main..end]);
    let lines = texts.iter().map(|(_, t)| t.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|t| !t.is_empty()).collect::<Vec<_>>().join("\n")
}

/// Panics with what is wrong about a page.
pub(super) fn check(name: &str, language: &str, html: &str) {
    assert!(html.starts_with("<!doctype html>"), "{name}");
    let (tags, texts) = read(html);
    let all = |element: &str| tags.iter().filter(move |t| t.name == element).collect::<Vec<_>>();
    assert_eq!(all("html")[0].get("lang"), Some(language), "{name}");
    assert_eq!(all("h1").len(), 1, "{name}: exactly one h1");
    assert_eq!(all("main").len(), 1, "{name}");
    assert!(texts.iter().any(|(e, t)| e == "title" && !t.trim().is_empty()), "{name}: a title");

    // Texts are filled in; scripts fill those that stand in data-… attributes.
    assert!(
        !texts.iter().any(|(_, t)| t.contains('{') || t.contains('}')),
        "{name}: a gap is left in a text"
    );
    for tag in &tags {
        for (key, value) in &tag.attributes {
            assert!(
                key.starts_with("data-") || !value.contains('{'),
                "{name}: a gap is left in {key}={value}"
            );
            assert!(!key.starts_with("on") && key != "style", "{name}: {key} is against the policy");
            assert!(!value.trim_start().starts_with("javascript:"), "{name}");
        }
        for key in ["src", "href"] {
            if let Some(path) = tag.get(key).filter(|v| v.starts_with("/assets/")) {
                assert!(asset::all().any(|a| a.url == path), "{name}: there is no {path}");
            }
        }
    }
    assert!(all("style").is_empty(), "{name}: styles stand in files");
    for script in all("script") {
        assert!(
            script.get("src").is_some_and(|s| s.starts_with("/assets/")),
            "{name}: scripts stand in files"
        );
    }

    for form in html.split("<form").skip(1) {
        let form = form.split("</form>").next().unwrap_or_default();
        let posts = form.split('>').next().is_some_and(|t| t.contains("method=\"post\""));
        assert_eq!(posts, form.contains("name=\"csrf\""), "{name}: {form}");
    }
    for image in all("img") {
        assert!(image.has("alt"), "{name}: {image:?}");
    }
    for svg in all("svg") {
        let named = svg.get("role") == Some("img") && svg.get("aria-label").is_some_and(|l| !l.is_empty());
        assert!(svg.get("aria-hidden") == Some("true") || named, "{name}: {svg:?}");
    }

    let ids: Vec<_> = tags.iter().filter_map(|t| t.get("id")).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{name}: {ids:?}");
    let labels: BTreeSet<_> = all("label").iter().filter_map(|l| l.get("for").map(str::to_owned)).collect();
    for tag in &tags {
        for list in ["aria-describedby", "aria-labelledby", "for"].iter().filter_map(|k| tag.get(k)) {
            assert!(list.split(' ').all(|id| ids.contains(&id)), "{name}: {list} names nothing");
        }
        if let Some(place) = tag.get("href").and_then(|h| h.strip_prefix('#')) {
            assert!(ids.contains(&place), "{name}: #{place} is nowhere");
        }
        let is_field = matches!(tag.name.as_str(), "input" | "select" | "textarea");
        if is_field && tag.get("type") != Some("hidden") {
            let named = tag.get("id").is_some_and(|id| labels.contains(id));
            assert!(tag.labelled || named, "{name}: a field without a label: {tag:?}");
            assert!(!tag.has("checked") || tag.get("type") == Some("radio"), "{name}: ticked beforehand");
        }
    }

    // Browser tests hold on to these.
    for button in all("button") {
        assert!(button.has("data-test") || name == "style", "{name}: {button:?}");
    }
    let tests: Vec<_> = tags.iter().filter_map(|t| t.get("data-test")).collect();
    if name != "style" {
        let mut seen = BTreeSet::new();
        let twice: Vec<_> = tests
            .iter()
            .filter(|t| !["language", "case-link", "renew"].contains(*t) && !seen.insert(**t))
            .collect();
        assert!(twice.is_empty(), "{name}: {twice:?}");
    }
    assert!(tests.contains(&"language"), "{name}: the language can be changed");
}
