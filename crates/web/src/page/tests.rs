use std::io::Write as _;

use super::check::{check, visible};
use super::*;
use crate::asset;
use crate::words::Language;

fn all(language: Language) -> Vec<(String, String)> {
    sample::all(language).unwrap()
}

fn page(language: Language, name: &str) -> String {
    all(language).into_iter().find(|(n, _)| n == name).unwrap().1
}

#[test]
fn every_page_is_sound_in_both_languages() {
    for language in Language::ALL {
        for (name, html) in all(language) {
            check(&name, language.tag(), &html);
        }
    }
}

#[test]
fn every_page_says_what_it_says() {
    // One snapshot for each language: what people read, page by page.
    for language in Language::ALL {
        let said = all(language)
            .into_iter()
            .filter(|(name, _)| name != "style")
            .map(|(name, html)| format!("=== {name}\n{}\n", visible(&html)))
            .collect::<Vec<_>>()
            .join("\n");
        insta::assert_snapshot!(format!("words_{}", language.name()), said);
    }
}

#[test]
fn english_pages_have_no_chinese_left() {
    let is_han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    for (name, html) in all(Language::En).into_iter().filter(|(name, _)| name != "style") {
        let said = visible(&html);
        assert!(!said.chars().any(is_han), "{name}: {said}");
    }
}

#[test]
fn what_people_enter_cannot_become_html() {
    let mut page = Contact {
        frame: sample::frame(Language::Zh, None),
        message: "</textarea><script>alert(1)</script>\" onload=\"x".to_owned(),
        error: None,
    };
    page.frame.shell.marketplace = "<b>\"'".to_owned();
    let html = askama::Template::render(&page).unwrap();
    assert!(!html.contains("<script>") && !html.contains("<b>") && !html.contains("\" onload"));
}

#[test]
fn consent_is_never_given_beforehand_and_shows_what_is_agreed_to() {
    let html = page(Language::Zh, "consent");
    assert_eq!(html.matches("type=\"checkbox\"").count(), 2);
    assert!(!html.contains("checked"));
    assert!(html.contains(crate::consent::VERSION));
}

#[test]
fn every_page_that_says_no_has_a_person_one_tap_away() {
    for (name, html) in all(Language::Zh) {
        let says_no = name.starts_with("failure")
            || [
                "closed",
                "canceled",
                "called-off",
                "to-fix",
                "aftersales-more_needed",
                "aftersales-rejected",
                "aftersales-closed",
                "aftersales-withdrawn",
            ]
            .contains(&name.as_str());
        if says_no {
            assert!(html.contains("href=\"tel:"), "{name}");
            assert!(html.contains("id=\"contact\" open"), "{name}");
        }
    }
}

#[test]
fn test_mode_is_marked_and_offers_a_specimen() {
    for name in ["start-test", "method-test", "capture-again", "preview-specimen"] {
        let html = page(Language::Zh, name);
        assert!(html.contains("class=\"test\""), "{name}");
        assert!(html.contains("没有中国身份证"), "{name}");
    }
    assert!(!page(Language::Zh, "method").contains("样本"));
}

#[test]
fn an_odd_number_is_told_by_its_group() {
    let html = page(Language::Zh, "details-odd");
    let odd = html.split("<li data-length=\"8\"").nth(1).unwrap();
    assert!(odd.starts_with(" class=\"odd\""));
}

#[test]
fn the_time_left_is_always_seen_and_the_offer_of_more_waits_until_it_is_needed() {
    let time = |name| {
        let html = page(Language::Zh, name);
        html.split("<form class=\"banner time").nth(1).unwrap().split("</form>").next().unwrap().to_owned()
    };
    let (plenty, little) = (time("capture-front"), time("capture-again"));
    assert!(plenty.starts_with(" quiet\"") && little.starts_with(" warn\""));
    assert!(plenty.contains("还剩 25 分钟") && little.contains("还剩 5 分钟"));
    assert_eq!(
        (plenty.matches("data-offer hidden").count(), little.matches("data-offer hidden").count()),
        (2, 0)
    );
}

/// Bytes of one asset as the server sends it, compressed.
fn compressed(bytes: &[u8]) -> usize {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap().len()
}

#[test]
fn the_persons_pages_are_small() {
    let whole: usize = asset::all()
        .filter(|a| !["sample", "console", "manage", "strip"].iter().any(|other| a.url.contains(other)))
        .map(|a| compressed(&a.bytes))
        .sum();
    // A fifth of what may be. All that the way needs, codes for phones and slow lines with it, is 25.5 kB.
    assert!(whole < 30_000, "{whole} bytes");
}

#[test]
fn the_page_knows_the_same_provinces_as_the_server() {
    let script = asset::all().find(|a| a.url.starts_with("/assets/idnumber.")).unwrap();
    let script = std::str::from_utf8(&script.bytes).unwrap();
    let list = script.split("const PROVINCES = \"").nth(1).unwrap().split('"').next().unwrap();
    let known: Vec<u8> = (0..100).filter(|p| shiren_core::identity::region::province_exists(*p)).collect();
    assert_eq!(list.split(' ').map(|p| p.parse().unwrap()).collect::<Vec<u8>>(), known);
}

#[test]
fn where_no_file_is_taken_none_is_offered() {
    let mut page = sample::live_only(Language::Zh);
    let html = askama::Template::render(&page).unwrap();
    assert!(!html.contains("type=\"file\"") && !html.contains("选一张照片"), "{html}");
    page.files = true;
    let html = askama::Template::render(&page).unwrap();
    assert_eq!(html.matches("type=\"file\"").count(), 3);
}
