use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::*;

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs" || e == "html") {
            found.push(path);
        }
    }
}

/// What stands between `start` and the next quotation mark, everywhere.
fn quoted_after<'t>(text: &'t str, start: &str) -> Vec<&'t str> {
    text.split(start).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

fn used() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    files(&root.join("templates"), &mut found);
    files(&root.join("src"), &mut found);
    found
        .iter()
        .filter(|path| !path.ends_with("tests.rs"))
        .flat_map(|path| {
            let text = fs::read_to_string(path).unwrap();
            // `t("…")` in templates and views, and keys that code chooses between: `word("…")`.
            [".t(\"", "word(\""]
                .iter()
                .flat_map(|start| quoted_after(&text, start))
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect()
}

fn gaps(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
}

#[test]
fn two_sentences_stand_apart_where_the_language_wants_it() {
    let code = shiren_core::verification::ReasonCode::IdNumberInvalid;
    assert!(Language::En.advice(code).contains(". "), "{}", Language::En.advice(code));
    assert!(!Language::Zh.advice(code).contains(' '), "{}", Language::Zh.advice(code));
}

#[test]
fn both_languages_have_the_same_keys_and_gaps() {
    assert!(ZH.len() > 50, "the Chinese file cannot be read");
    let keys = |t: &Table| t.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(keys(&ZH), keys(&EN));
    for (key, zh) in ZH.iter() {
        assert_eq!(gaps(zh), gaps(&EN[key]), "{key}");
        assert!(!zh.trim().is_empty() && !EN[key].trim().is_empty(), "{key}");
    }
}

#[test]
fn every_key_is_used_and_every_used_key_exists() {
    let (has, used) = (ZH.keys().cloned().collect::<BTreeSet<_>>(), used());
    let missing = used.difference(&has).collect::<Vec<_>>();
    let unused = has.difference(&used).collect::<Vec<_>>();
    assert!(missing.is_empty(), "missing: {missing:#?}");
    assert!(unused.is_empty(), "unused: {unused:#?}");
}

#[test]
fn chinese_is_chinese_and_english_is_english() {
    let is_han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    for (key, zh) in ZH.iter() {
        assert!(!EN[key].chars().any(is_han), "{key}: {}", EN[key]);
        assert!(zh.chars().any(is_han) || key == "list.comma", "{key}: {zh}");
        assert!(!zh.contains("您") && !zh.contains("系统异常"), "{key}: {zh}");
        // A full stop belongs to its language.
        assert!(!zh.ends_with('.') && !EN[key].ends_with('。'), "{key}");
    }
}

#[test]
fn the_persons_choice_goes_before_the_link_and_the_link_before_the_browser() {
    use Language::{En, Zh};
    let browser = Some("fr, en-GB;q=0.8, zh-CN;q=0.9");
    assert_eq!(Language::pick(Some("en"), Some("zh"), browser), En);
    assert_eq!(Language::pick(None, Some("en"), browser), En);
    assert_eq!(Language::pick(Some("xx"), Some("EN-gb"), None), En);
    assert_eq!(Language::pick(None, None, browser), Zh);
    assert_eq!(Language::pick(None, Some(""), Some("en;q=0.5,zh;q=0")), En);
    assert_eq!(Language::pick(None, None, Some("zh-TW")), Zh);
    assert_eq!(Language::pick(None, None, Some("fr-FR, *;q=0.1")), Zh);
    assert_eq!(Language::pick(None, None, None), Zh);
    assert_eq!(Language::pick(None, None, Some("en, zh")), En);
}

#[test]
fn gaps_are_filled() {
    assert_eq!(Phrase("还剩 {n} 分钟".into()).with("n", 5).to_string(), "还剩 5 分钟");
    assert_eq!(say(Language::Zh, "no.such").to_string(), "no.such");
}
