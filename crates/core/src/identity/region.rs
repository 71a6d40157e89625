//! Places: the first six digits of a resident's number (GB/T 2260, every edition since 1980).
//!
//! A person keeps the code of the place of first registration for life, so codes abolished long ago are as
//! good as today's. `gbt2260.txt` holds them all: one line for each prefecture (four digits), followed by
//! the last two digits of its counties. Its sources are named in `NOTICE`.

use std::sync::LazyLock;

const TABLE: &str = include_str!("gbt2260.txt");

/// The first two digits that exist: mainland provinces, Taiwan (71 in GB/T 2260; 83 in residence permits),
/// Hong Kong (81) and Macao (82).
const PROVINCES: [u8; 35] = [
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54,
    61, 62, 63, 64, 65, 71, 81, 82, 83,
];

static CODES: LazyLock<Vec<u32>> = LazyLock::new(|| {
    let mut codes: Vec<u32> = TABLE
        .lines()
        .filter_map(|line| line.split_once(' '))
        .flat_map(|(prefix, ends)| ends.split(' ').map(move |end| format!("{prefix}{end}")))
        .filter_map(|code| code.parse().ok())
        .collect();
    codes.sort_unstable();
    codes
});

/// Whether a number may start with these two digits.
pub fn province_exists(two_digits: u8) -> bool {
    PROVINCES.contains(&two_digits)
}

/// Whether some edition of GB/T 2260 has this six-digit code.
pub fn is_known(six_digits: u32) -> bool {
    CODES.binary_search(&six_digits).is_ok()
}

/// Every known code, ascending.
pub fn all() -> &'static [u32] {
    &CODES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_holds_today_s_and_abolished_places() {
        for code in [110_105, 440_524, 330_114, 110_103, 310_119, 810_000, 820_000, 830_000, 710_000] {
            assert!(is_known(code), "{code}");
        }
        for code in [0, 110_199, 999_999, 160_101, 910_000] {
            assert!(!is_known(code), "{code}");
        }
    }

    #[test]
    fn the_table_is_sorted_whole_and_of_known_provinces() {
        assert_eq!(all().len(), TABLE.split_whitespace().count() - TABLE.lines().count());
        assert!(all().is_sorted_by(|a, b| a < b));
        assert!(all().iter().all(|c| province_exists((c / 10_000) as u8)));
        assert!(all().len() > 7000);
    }
}
