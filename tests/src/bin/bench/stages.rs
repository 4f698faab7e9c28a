//! CPU time of one thread, split by stage.

use super::cpu;
use super::figure::Figure;

/// Collects what each stage of each round takes, milliseconds. A stage that comes several times in a round is summed.
#[derive(Default)]
pub struct Stages {
    names: Vec<&'static str>,
    rounds: Vec<Vec<f64>>,
}

impl Stages {
    /// Starts a round.
    pub fn round(&mut self) {
        self.rounds.push(vec![0.0; self.names.len()]);
    }

    /// Runs a piece of a stage.
    pub fn time<T>(&mut self, name: &'static str, work: impl FnOnce() -> T) -> T {
        let start = cpu::thread_ms();
        let out = std::hint::black_box(work());
        self.add(name, cpu::thread_ms() - start);
        out
    }

    /// Adds to a stage of this round what was measured elsewhere, milliseconds.
    pub fn add(&mut self, name: &'static str, taken: f64) {
        let known = self.names.iter().position(|known| *known == name);
        let at = known.unwrap_or_else(|| {
            self.names.push(name);
            self.rounds.iter_mut().for_each(|round| round.push(0.0));
            self.names.len() - 1
        });
        let round = self.rounds.last_mut().and_then(|round| round.get_mut(at));
        if let Some(place) = round {
            *place += taken;
        }
    }

    /// Forgets the rounds so far, which were to warm up.
    pub fn warm(&mut self) {
        self.rounds.clear();
    }

    /// One figure a stage, in the order in which they came.
    pub fn figures(&self) -> Vec<Figure> {
        let column = |at: usize| self.rounds.iter().filter_map(move |r| r.get(at).copied());
        let named = self.names.iter().enumerate();
        named
            .map(|(at, name)| Figure::new(*name, "ms", column(at).collect()))
            .collect()
    }

    /// What a round takes in all stages but those of `without`, less what the stages of `within` say is already in others.
    pub fn total(&self, without: &[&str], within: &[&str]) -> Vec<f64> {
        let counted = |round: &Vec<f64>| {
            let pairs = self.names.iter().zip(round);
            pairs
                .filter(|(name, _)| !without.contains(name))
                .map(|(name, ms)| if within.contains(name) { -ms } else { *ms })
                .sum()
        };
        self.rounds.iter().map(counted).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_is_summed_within_a_round_and_the_total_leaves_one_out() {
        let mut stages = Stages::default();
        stages.round();
        stages.add("a", 1.0);
        stages.add("b", 10.0);
        stages.add("a", 2.0);
        stages.round();
        stages.add("c", 5.0);
        let medians: Vec<_> = stages.figures().iter().map(|f| (f.max, f.runs)).collect();
        assert_eq!(medians, [(3.0, 2), (10.0, 2), (5.0, 2)]);
        assert_eq!(stages.total(&["b"], &[]), [3.0, 5.0]);
        assert_eq!(stages.total(&[], &["a"]), [7.0, 5.0]);
    }
}
