//! From a recogniser's probabilities to characters (connectionist temporal classification).

use std::sync::Arc;

/// The characters a recogniser knows, by class; class 0 is the blank between characters.
#[derive(Debug)]
pub struct Alphabet {
    chars: Vec<char>,
    /// Classes of the characters of GB 2312, the simplified ones that cards are printed in.
    common: Vec<usize>,
}

impl Alphabet {
    /// From the dictionary in the model file: one entry a line, without the blank. PP-OCR adds the space as
    /// the last class. Entries of more than one character do not occur and would become `\u{FFFD}`.
    pub fn from_dictionary(dictionary: &str) -> Self {
        let one = |entry: &str| {
            let mut chars = entry.chars();
            chars.next().filter(|_| chars.next().is_none()).unwrap_or('\u{FFFD}')
        };
        let entries = dictionary.strip_suffix('\n').unwrap_or(dictionary).split('\n');
        let chars: Vec<char> = std::iter::once('\0').chain(entries.map(one)).chain([' ']).collect();
        let common = (1..chars.len()).filter(|c| is_gb2312(chars[*c])).collect();
        Self { chars, common }
    }

    /// Number of classes, the blank included.
    pub fn classes(&self) -> usize {
        self.chars.len()
    }

    /// The classes of these characters; unknown ones are passed over.
    pub fn classes_of(&self, wanted: &str) -> Vec<usize> {
        (1..self.chars.len()).filter(|c| wanted.contains(self.chars[*c])).collect()
    }
}

/// A Chinese character of GB 2312-80: in GBK, both bytes at A1 or more and the first between B0 and F7.
fn is_gb2312(c: char) -> bool {
    let mut buffer = [0; 4];
    let (bytes, _, unmappable) = encoding_rs::GBK.encode(c.encode_utf8(&mut buffer));
    !unmappable && matches!(*bytes, [0xB0..=0xF7, 0xA1..=0xFE])
}

/// One character of a reading.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Glyph {
    /// Which.
    pub char: char,
    /// 0 to 1.
    pub probability: f32,
    /// Middle of the character, as a share of the line's width.
    pub at: f32,
}

/// What a recogniser says of one line: for each of its steps from left to right, every class's probability.
#[derive(Clone)]
pub struct Posteriors {
    alphabet: Arc<Alphabet>,
    steps: usize,
    values: Vec<f32>,
}

impl Posteriors {
    /// `values` holds `steps` rows of `alphabet.classes()` probabilities; `None` where that does not fit.
    pub fn new(alphabet: Arc<Alphabet>, steps: usize, values: Vec<f32>) -> Option<Self> {
        (values.len() == steps * alphabet.classes()).then_some(Self { alphabet, steps, values })
    }

    /// The likeliest character of every step, runs merged.
    pub fn greedy(&self) -> Vec<Glyph> {
        self.merge(|row| {
            let (mut best, mut value) = (0, f32::MIN);
            for (c, v) in row.iter().enumerate() {
                if *v > value {
                    (best, value) = (c, *v);
                }
            }
            (best, value)
        })
    }

    /// The same when only the given classes are possible: probabilities are shared out among them and the
    /// blank. What is clearly something else comes out with a low probability.
    pub fn among(&self, allowed: &[usize]) -> Vec<Glyph> {
        self.merge(|row| {
            let (mut best, mut value, mut sum) = (0, row[0], row[0]);
            for &c in allowed {
                sum += row[c];
                if row[c] > value {
                    (best, value) = (c, row[c]);
                }
            }
            // A step at which something forbidden is likeliest must not look certain, nor be dropped.
            (best, value / sum.max(1e-6) * sum.clamp(0.3, 1.0))
        })
    }

    /// A traditional or rare Chinese character that was hardly likelier than a common one becomes that one:
    /// what mainland authorities print is simplified (seen: 黃 for 黄, 靜 for 静). Both readings' probabilities
    /// add up, because it is their shape that was uncertain, not the word.
    pub fn simplified(&self, glyph: Glyph) -> Glyph {
        let chinese = ('\u{4E00}'..='\u{9FFF}').contains(&glyph.char);
        if !chinese || glyph.probability > 0.9 || is_gb2312(glyph.char) {
            return glyph;
        }
        match self.alternatives(&glyph, &self.alphabet.common).first() {
            Some(&(char, p)) if p > 0.15 => {
                Glyph { char, probability: (glyph.probability + p).min(1.0), ..glyph }
            }
            _ => glyph,
        }
    }

    /// Alternatives to a glyph: each allowed class's highest probability near the glyph's place.
    pub fn alternatives(&self, glyph: &Glyph, allowed: &[usize]) -> Vec<(char, f32)> {
        let classes = self.alphabet.classes();
        let middle = (glyph.at * self.steps as f32) as usize;
        let rows = middle.saturating_sub(1)..(middle + 2).min(self.steps);
        let mut out: Vec<(char, f32)> = allowed
            .iter()
            .map(|&c| {
                let p = rows.clone().map(|t| self.values[t * classes + c]).fold(0.0f32, f32::max);
                (self.alphabet.chars[c], p)
            })
            .collect();
        out.sort_by(|a, b| b.1.total_cmp(&a.1));
        out
    }

    fn merge(&self, pick: impl Fn(&[f32]) -> (usize, f32)) -> Vec<Glyph> {
        let classes = self.alphabet.classes();
        let mut out: Vec<Glyph> = Vec::new();
        let (mut last, mut first_step) = (0, 0);
        for (t, row) in self.values.chunks_exact(classes).enumerate() {
            let (class, p) = pick(row);
            let at = |from: usize| ((from + t) as f32 / 2.0 + 0.5) / self.steps as f32;
            if class != 0 && class == last {
                if let Some(g) = out.last_mut() {
                    g.probability = g.probability.max(p);
                    g.at = at(first_step);
                }
            } else if class != 0 {
                first_step = t;
                out.push(Glyph { char: self.alphabet.chars[class], probability: p, at: at(t) });
            }
            last = class;
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posteriors(rows: &[[f32; 4]]) -> Posteriors {
        // Classes: blank, A, B, space.
        let alphabet = Arc::new(Alphabet::from_dictionary("A\nB\n"));
        Posteriors::new(alphabet, rows.len(), rows.concat()).unwrap()
    }

    fn text(glyphs: &[Glyph]) -> String {
        glyphs.iter().map(|g| g.char).collect()
    }

    #[test]
    fn runs_merge_and_blanks_part_equal_characters() {
        let p = posteriors(&[
            [0.1, 0.9, 0.0, 0.0],
            [0.2, 0.8, 0.0, 0.0],
            [0.9, 0.1, 0.0, 0.0],
            [0.1, 0.7, 0.2, 0.0],
            [0.0, 0.1, 0.9, 0.0],
        ]);
        assert_eq!(text(&p.greedy()), "AAB");
        assert_eq!(p.greedy()[0].probability, 0.9);
        assert!((p.greedy()[0].at - 0.2).abs() < 1e-6);
    }

    #[test]
    fn a_forbidden_character_becomes_the_best_allowed_one_with_little_confidence() {
        let p = posteriors(&[[0.01, 0.95, 0.04, 0.0]]);
        let only_b = p.among(&p.alphabet.classes_of("B"));
        assert_eq!(text(&only_b), "B");
        assert!(only_b[0].probability < 0.3, "{only_b:?}");
    }

    #[test]
    fn alternatives_come_likeliest_first() {
        let p = posteriors(&[[0.1, 0.5, 0.4, 0.0]]);
        let g = p.greedy()[0];
        assert_eq!(p.alternatives(&g, &[1, 2]), vec![('A', 0.5), ('B', 0.4)]);
    }

    #[test]
    fn a_traditional_character_gives_way_to_its_simplified_one_when_both_were_likely() {
        let alphabet = Arc::new(Alphabet::from_dictionary("靜\n静\n"));
        let read = |traditional: f32, simplified: f32| {
            let p =
                Posteriors::new(Arc::clone(&alphabet), 1, vec![0.0, traditional, simplified, 0.0]).unwrap();
            p.simplified(p.greedy()[0])
        };
        assert_eq!((read(0.6, 0.3).char, read(0.95, 0.04).char, read(0.5, 0.1).char), ('静', '靜', '靜'));
        assert!((read(0.6, 0.3).probability - 0.9).abs() < 1e-6);
    }

    #[test]
    fn values_that_do_not_fit_are_refused() {
        let alphabet = Arc::new(Alphabet::from_dictionary("A\nB\n"));
        assert!(Posteriors::new(alphabet, 2, vec![0.0; 7]).is_none());
    }
}
