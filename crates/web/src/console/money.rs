//! Amounts as people write and read them: yuan. Money is integer cents everywhere else.

/// An amount as people read it: `¥20,000.00`.
pub(super) fn yuan(cents: i64) -> String {
    let (sign, all) = (if cents < 0 { "-" } else { "" }, cents.unsigned_abs());
    let whole = (all / 100).to_string();
    let mut grouped = String::new();
    for (n, digit) in whole.chars().enumerate() {
        if n > 0 && (whole.len() - n) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}¥{grouped}.{:02}", all % 100)
}

/// The cents of what somebody wrote: `20000`, `20,000.5`, `¥ 0.05`. Nothing is rounded: more than two places are none.
pub(super) fn cents(text: &str) -> Option<i64> {
    let text: String = text.trim().trim_start_matches(['¥', '￥']).trim().replace([',', '，'], "");
    let (whole, places) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || places.len() > 2 || !digits(whole) || !digits(places) {
        return None;
    }
    format!("{whole}{places:0<2}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_in_groups_of_three() {
        for (cents, told) in [
            (0, "¥0.00"),
            (5, "¥0.05"),
            (99_999, "¥999.99"),
            (100_000, "¥1,000.00"),
            (2_000_000, "¥20,000.00"),
            (123_456_789_012, "¥1,234,567,890.12"),
            (-150, "-¥1.50"),
        ] {
            assert_eq!(yuan(cents), told);
        }
    }

    #[test]
    fn what_is_written_is_cents_or_nothing() {
        for (text, read) in [
            ("20000", Some(2_000_000)),
            (" ¥20,000.5 ", Some(2_000_050)),
            ("￥0.05", Some(5)),
            ("0", Some(0)),
            ("1.", Some(100)),
            ("", None),
            (".5", None),
            ("1.005", None),
            ("-1", None),
            ("+1", None),
            ("1e3", None),
            ("１２", None),
            ("1.2.3", None),
            ("9999999999999", None),
        ] {
            assert_eq!(cents(text), read, "{text:?}");
        }
    }
}
