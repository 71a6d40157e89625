//! Small drawings beside words: 24 units square, drawn with the colour of the text. They never stand alone.

/// The drawing of a name as inline SVG, hidden from screen readers. Empty for a name that has none.
pub fn icon(name: &str) -> String {
    let paths = match name {
        "check" => r#"<path d="m5 12.5 4.5 4.5L19 7.5"/>"#,
        "cross" => r#"<path d="m6.5 6.5 11 11m0-11-11 11"/>"#,
        "warn" => r#"<path d="M12 4 2.8 19.5h18.4zM12 10v4.5m0 2.4v.1"/>"#,
        "info" => r#"<circle cx="12" cy="12" r="9"/><path d="M12 11v5.5m0-9v.1"/>"#,
        "clock" => r#"<circle cx="12" cy="12" r="9"/><path d="M12 7v5.3l3.4 2"/>"#,
        "card" => {
            r#"<rect x="2.5" y="5" width="19" height="14" rx="2.5"/><circle cx="8" cy="10.8" r="1.9"/><path d="M5 16c.5-1.7 1.6-2.4 3-2.4s2.5.7 3 2.4m3-6h4.5M14 13.5h3"/>"#
        }
        "face" => {
            r#"<path d="M12 3c4.2 0 6.5 3 6.5 7.3S15.6 21 12 21s-6.5-6.4-6.5-10.7S7.8 3 12 3z"/><path d="M9.3 10.2v.6m5.4-.6v.6m-5 4.7c1.4 1.1 3.2 1.1 4.6 0"/>"#
        }
        "light" => {
            r#"<circle cx="12" cy="12" r="4"/><path d="M12 3v2m0 14v2M3 12h2m14 0h2M5.6 5.6 7 7m10 10 1.4 1.4m0-12.8L17 7M7 17l-1.4 1.4"/>"#
        }
        "steady" => {
            r#"<rect x="7" y="3" width="10" height="18" rx="2.5"/><path d="M3.5 9v6m17-6v6M11 18h2"/>"#
        }
        "wall" => r#"<path d="M4 20V4h16v16zM4 9.3h16M4 14.6h16M12 4v5.3M8 9.3v5.3m8-5.3v5.3M12 14.6V20"/>"#,
        "glare" => {
            r#"<rect x="2.5" y="8" width="15" height="11" rx="2.5"/><path d="m15 5 1.2-2.5M18.5 7l2.5-1.2M18 3.8 21 2M5.5 15.5l4-4"/>"#
        }
        "frame" => {
            r#"<path d="M3 8V5.5A2.5 2.5 0 0 1 5.5 3H8m8 0h2.5A2.5 2.5 0 0 1 21 5.5V8m0 8v2.5a2.5 2.5 0 0 1-2.5 2.5H16m-8 0H5.5A2.5 2.5 0 0 1 3 18.5V16"/>"#
        }
        "bare" => {
            r#"<circle cx="7.5" cy="11" r="3.5"/><circle cx="16.5" cy="11" r="3.5"/><path d="M11 10.5c.6-.6 1.4-.6 2 0M4 20 20 4"/>"#
        }
        "camera" => {
            r#"<path d="M4.5 7h3L9 4.5h6L16.5 7h3A2.5 2.5 0 0 1 22 9.5v8a2.5 2.5 0 0 1-2.5 2.5h-15A2.5 2.5 0 0 1 2 17.5v-8A2.5 2.5 0 0 1 4.5 7z"/><circle cx="12" cy="13" r="3.8"/>"#
        }
        "file" => {
            r#"<rect x="3" y="4" width="18" height="16" rx="2.5"/><path d="m3.5 17 5-5 4 4 3-3 5 4.5"/><circle cx="15.5" cy="8.8" r="1.4"/>"#
        }
        "retake" => r#"<path d="M4.5 12a7.5 7.5 0 1 0 2.4-5.5L4 9.2M4 4.5v4.7h4.7"/>"#,
        "person" => r#"<circle cx="12" cy="8" r="4"/><path d="M4.5 20.5c.7-4.2 3.7-6 7.5-6s6.8 1.8 7.5 6"/>"#,
        "phone" => {
            r#"<path d="M6 3h3.5l1.5 5-2.2 1.6c1.1 2.3 2.7 4 5 5.2L15.5 12.5l5 1.5V18c0 1.7-1.2 2.8-3 2.6C10.3 19.8 4.2 13.6 3.4 6.3 3.2 4.4 4.3 3 6 3z"/>"#
        }
        "lock" => {
            r#"<rect x="4.5" y="10.5" width="15" height="10.5" rx="2.5"/><path d="M8 10.5V7.5a4 4 0 0 1 8 0v3M12 14.5v2.5"/>"#
        }
        "plus" => r#"<path d="M12 5v14M5 12h14"/>"#,
        "minus" => r#"<path d="M5 12h14"/>"#,
        "eye" => {
            r#"<path d="M2.5 12C5 7.5 8.3 5.5 12 5.5s7 2 9.5 6.5c-2.5 4.5-5.8 6.5-9.5 6.5S5 16.5 2.5 12z"/><circle cx="12" cy="12" r="3"/>"#
        }
        _ => return String::new(),
    };
    format!(r#"<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{paths}</svg>"#)
}
