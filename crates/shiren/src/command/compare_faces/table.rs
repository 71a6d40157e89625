//! The table of pairs: tab-separated, two columns that count.

use std::collections::HashMap;
use std::path::Path;

use crate::exit::Failure;

/// Pairs of pictures, each picture once.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Pairs {
    /// File names in the order in which they are first needed.
    pub(super) pictures: Vec<String>,
    /// Indices into `pictures`.
    pub(super) pairs: Vec<[usize; 2]>,
}

pub(super) fn read(path: &Path) -> Result<Pairs, Failure> {
    let text =
        std::fs::read_to_string(path).map_err(|e| Failure::Other(format!("{}: {e}", path.display())))?;
    parse(&text).map_err(|line| {
        let problem = "two file names parted by a tab are needed";
        Failure::Other(format!("{}, line {line}: {problem}", path.display()))
    })
}

/// The first line is a header when its columns are called `a` and `b`. Empty lines are passed over. An error
/// is the number of the line that has no two columns.
fn parse(text: &str) -> Result<Pairs, usize> {
    let mut table = Pairs::default();
    let mut known: HashMap<&str, usize> = HashMap::new();
    for (i, line) in text.lines().enumerate() {
        let mut columns = line.split('\t').map(str::trim);
        let (a, b) = (columns.next().unwrap_or_default(), columns.next().unwrap_or_default());
        if line.trim().is_empty() || (i == 0 && (a, b) == ("a", "b")) {
            continue;
        }
        if a.is_empty() || b.is_empty() {
            return Err(i + 1);
        }
        let pair = [a, b].map(|name| {
            *known.entry(name).or_insert_with(|| {
                table.pictures.push(name.to_owned());
                table.pictures.len() - 1
            })
        });
        table.pairs.push(pair);
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_more_columns_and_windows_line_ends_are_fine() {
        let expected = Pairs {
            pictures: vec!["x.jpg".into(), "y.jpg".into(), "z.jpg".into()],
            pairs: vec![[0, 1], [0, 2], [2, 2]],
        };
        for text in [
            "a\tb\tsame\nx.jpg\ty.jpg\t1\nx.jpg\tz.jpg\t0\nz.jpg\tz.jpg\t1\n",
            "x.jpg\ty.jpg\r\nx.jpg\tz.jpg\tmore\tcolumns\r\n\r\nz.jpg\tz.jpg",
        ] {
            assert_eq!(parse(text).unwrap(), expected);
        }
    }

    #[test]
    fn a_line_with_one_column_is_told() {
        assert_eq!(parse("a\tb\nx.jpg\ty.jpg\nz.jpg\n"), Err(3));
        assert_eq!(parse("x.jpg\t\n"), Err(1));
    }
}
