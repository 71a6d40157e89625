//! Charts, drawn by the server. What they show stands beside them as a table.

/// One bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// What it is of.
    pub label: String,
    /// How high.
    pub value: u32,
    /// Its class: `did` for what was, `will` for what is expected.
    pub class: &'static str,
}

/// A bar chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bars {
    /// What it shows.
    pub title: String,
    /// What its labels are.
    pub of: String,
    /// What its values are.
    pub unit: String,
    /// The bars, in order.
    pub bars: Vec<Bar>,
    /// A line across: what it is, and how high.
    pub line: Option<(String, u32)>,
}

/// A bar as it is drawn, in a field of 1000 by 200.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drawn {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
    /// How wide.
    pub width: f64,
    /// How high.
    pub height: f64,
    /// Its class.
    pub class: &'static str,
}

/// The field.
const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 200.0;

impl Bars {
    /// The highest value that it shows.
    pub fn top(&self) -> u32 {
        self.bars.iter().map(|b| b.value).chain(self.line.as_ref().map(|l| l.1)).max().unwrap_or(0)
    }

    /// How high a value is drawn.
    fn height(&self, value: u32) -> f64 {
        HEIGHT * f64::from(value) / f64::from(self.top().max(1))
    }

    /// The bars as they are drawn.
    pub fn drawn(&self) -> Vec<Drawn> {
        let each = WIDTH / f64::from(u32::try_from(self.bars.len()).unwrap_or(u32::MAX).max(1));
        let width = (each * 0.8).min(60.0);
        let draw = |(n, bar): (u32, &Bar)| {
            let height = self.height(bar.value);
            let x = (f64::from(n) + 0.5).mul_add(each, -width / 2.0);
            Drawn {
                x: tenth(x),
                y: tenth(HEIGHT - height),
                width: tenth(width),
                height: tenth(height),
                class: bar.class,
            }
        };
        (0..).zip(&self.bars).map(draw).collect()
    }

    /// How far from the top the line is drawn.
    pub fn line_at(&self) -> Option<f64> {
        self.line.as_ref().map(|(_, value)| tenth(HEIGHT - self.height(*value)))
    }

    /// What its first and last bars are of.
    pub fn ends(&self) -> Option<(&str, &str)> {
        Some((self.bars.first()?.label.as_str(), self.bars.last()?.label.as_str()))
    }
}

/// To a tenth: pages stay small.
fn tenth(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars(values: &[u32], line: Option<u32>) -> Bars {
        let bar = |value: &u32| Bar { label: value.to_string(), value: *value, class: "will" };
        Bars {
            title: "t".to_owned(),
            of: "day".to_owned(),
            unit: "asked".to_owned(),
            bars: values.iter().map(bar).collect(),
            line: line.map(|value| ("most".to_owned(), value)),
        }
    }

    #[test]
    fn the_highest_value_fills_the_field_and_nothing_leaves_it() {
        let chart = bars(&[5, 10, 0], None);
        let drawn = chart.drawn();
        assert_eq!(drawn.iter().map(|d| d.height).collect::<Vec<_>>(), [100.0, 200.0, 0.0]);
        assert!(drawn.iter().all(|d| d.x >= 0.0 && d.x + d.width <= 1000.0 && d.y + d.height == 200.0));
        assert_eq!(bars(&[5], Some(20)).drawn()[0].height, 50.0);
        assert_eq!(bars(&[5], Some(20)).line_at(), Some(0.0));
    }

    #[test]
    fn nothing_is_drawn_as_nothing() {
        assert!(bars(&[], None).drawn().is_empty() && bars(&[], None).ends().is_none());
        assert_eq!(bars(&[0, 0], None).drawn()[1].height, 0.0);
    }
}
