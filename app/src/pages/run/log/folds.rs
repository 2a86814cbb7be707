//! Rows on the screen and lines of the log: they differ where a step is folded.
use drydock_domain::log_text::LogStep;

/// Lines that are not shown. Lines and rows are counted from 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folds {
    /// The first hidden line, and the first after it that is shown; in order, and apart.
    hidden: Vec<(usize, usize)>,
    n_rows: usize,
}

impl Folds {
    /// Leaves of each step whose first line is in `folded` only that line.
    pub fn new(steps: &[LogStep], folded: &[usize], n_lines: usize) -> Self {
        let hidden: Vec<_> = steps
            .iter()
            .filter(|step| folded.contains(&(step.first_line - 1)))
            .map(|step| (step.first_line, step.last_line))
            .filter(|(from, to)| from < to)
            .collect();
        let n_hidden: usize = hidden.iter().map(|(from, to)| to - from).sum();
        Self {
            hidden,
            n_rows: n_lines.saturating_sub(n_hidden),
        }
    }

    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// The line that stands in a row.
    pub fn line_of(&self, row: usize) -> usize {
        let mut line = row;
        for (from, to) in &self.hidden {
            if line < *from {
                break;
            }
            line += to - from;
        }
        line
    }

    /// The row of a line; of a hidden one the row of its step's first line.
    pub fn row_of(&self, line: usize) -> usize {
        let before = self.hidden.iter().filter(|(from, _)| *from <= line);
        let n_hidden: usize = before.map(|(from, to)| (line + 1).min(*to) - from).sum();
        line - n_hidden
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use drydock_domain::log_text::StepState;

    /// A step by its first and its last line, from 1.
    fn step(first_line: usize, last_line: usize) -> LogStep {
        LogStep {
            id: "step".to_owned(),
            first_line,
            last_line,
            started_at: None,
            state: StepState::Unfinished,
        }
    }

    #[test]
    fn a_row_finds_its_line_and_the_line_its_row() {
        let steps = [step(2, 5), step(6, 8), step(10, 12)];
        let check = |folded: &[usize], expected: &[usize]| {
            let folds = Folds::new(&steps, folded, 12);
            let lines: Vec<_> = (0..folds.n_rows()).map(|row| folds.line_of(row)).collect();
            assert_eq!(lines, expected);
            for (row, line) in lines.iter().enumerate() {
                assert_eq!(folds.row_of(*line), row, "line {line}");
            }
        };
        check(&[], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
        check(&[1], &[0, 1, 5, 6, 7, 8, 9, 10, 11]);
        check(&[1, 5], &[0, 1, 5, 8, 9, 10, 11]);
        check(&[5, 9], &[0, 1, 2, 3, 4, 5, 8, 9]);
    }

    #[test]
    fn a_hidden_line_is_found_at_its_step() {
        let folds = Folds::new(&[step(2, 5), step(7, 10)], &[1, 6], 12);
        assert_eq!((folds.row_of(3), folds.row_of(4)), (1, 1));
        assert_eq!((folds.row_of(9), folds.row_of(10)), (3, 4));
    }
}
