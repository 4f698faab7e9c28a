//! What was measured: order statistics of a number of runs, beside what must hold.

use serde::Serialize;

/// What a figure must be.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Must {
    /// The median is this or less.
    AtMost(f64),
    /// The median is this or more.
    AtLeast(f64),
    /// Every run is this or less.
    AllAtMost(f64),
}

/// One line of the table.
#[derive(Serialize)]
pub struct Figure {
    /// What was measured.
    pub what: String,
    /// Unit of all numbers.
    pub unit: &'static str,
    /// How many measurements; 1 where there is nothing to repeat.
    pub runs: usize,
    /// The least.
    pub min: f64,
    /// Half of them are this or less.
    pub median: f64,
    /// 95 of 100 are this or less.
    pub p95: f64,
    /// 99 of 100 are this or less.
    pub p99: f64,
    /// The greatest.
    pub max: f64,
    /// What must hold; nothing where the figure is only to know.
    pub must: Option<Must>,
    /// Whether it holds.
    pub holds: Option<bool>,
}

impl Figure {
    /// Orders the measurements. Without any, all numbers are `NaN`, and nothing holds.
    pub fn new(what: impl Into<String>, unit: &'static str, mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |share: f64| quantile(&values, share);
        Self {
            what: what.into(),
            unit,
            runs: values.len(),
            min: at(0.0),
            median: at(0.5),
            p95: at(0.95),
            p99: at(0.99),
            max: at(1.0),
            must: None,
            holds: None,
        }
    }

    /// A figure that is measured once.
    pub fn one(what: impl Into<String>, unit: &'static str, value: f64) -> Self {
        Self::new(what, unit, vec![value])
    }

    /// With what must hold.
    pub fn must(mut self, must: Must) -> Self {
        self.must = Some(must);
        self.holds = Some(match must {
            Must::AtMost(limit) => self.median <= limit,
            Must::AtLeast(limit) => self.median >= limit,
            Must::AllAtMost(limit) => self.max <= limit,
        });
        self
    }
}

/// The smallest value that `share` of all values do not exceed (nearest rank).
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    let at = rank.saturating_sub(1);
    sorted.get(at).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_statistics_are_by_nearest_rank() {
        let figure = Figure::new("x", "ms", (1..=200).rev().map(f64::from).collect());
        assert_eq!((figure.runs, figure.min, figure.max), (200, 1.0, 200.0));
        assert_eq!(
            (figure.median, figure.p95, figure.p99),
            (100.0, 190.0, 198.0)
        );
        assert_eq!(Figure::one("x", "ms", 7.0).p99, 7.0);
    }

    #[test]
    fn a_limit_holds_at_its_value_and_not_beyond() {
        let figure = || Figure::new("x", "ms", vec![1.0, 2.0, 9.0]);
        let holds = |must| figure().must(must).holds;
        assert_eq!(holds(Must::AtMost(2.0)), Some(true));
        assert_eq!(holds(Must::AtMost(1.9)), Some(false));
        assert_eq!(holds(Must::AtLeast(2.0)), Some(true));
        assert_eq!(holds(Must::AtLeast(2.1)), Some(false));
        assert_eq!(holds(Must::AllAtMost(8.9)), Some(false));
        assert_eq!(holds(Must::AllAtMost(9.0)), Some(true));
    }

    #[test]
    fn nothing_measured_holds_nothing() {
        let figure = Figure::new("x", "ms", Vec::new()).must(Must::AtMost(1.0));
        assert_eq!((figure.runs, figure.holds), (0, Some(false)));
    }
}
