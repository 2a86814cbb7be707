//! Rows on the screen and lines of the log: they differ where a step is folded, and where long lines
//! are wrapped.
use drydock_domain::log_text::LogStep;

/// Lines that are not shown. Lines and rows are counted from 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folds {
    /// The first hidden line, and the first after it that is shown; in order, and apart.
    hidden: Vec<(usize, usize)>,
    n_rows: usize,
    /// Where lines are wrapped, the first row of each, and behind the last the end.
    starts: Option<Vec<u32>>,
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
            starts: None,
        }
    }

    /// The same with lines that take so many rows each.
    pub fn wrapped(mut self, heights: impl Iterator<Item = u32>) -> Self {
        let mut starts = Vec::new();
        let mut row = 0;
        for (line, height) in heights.enumerate() {
            starts.push(row);
            row += if self.is_hidden(line) { 0 } else { height };
        }
        starts.push(row);
        self.n_rows = row as usize;
        self.starts = Some(starts);
        self
    }

    fn is_hidden(&self, line: usize) -> bool {
        let after = self.hidden.partition_point(|(from, _)| *from <= line);
        after > 0 && line < self.hidden[after - 1].1
    }

    /// The lines that stand in these rows, also in a part of them.
    pub fn lines_of(&self, rows: std::ops::Range<usize>) -> Vec<usize> {
        let rows = rows.start..rows.end.min(self.n_rows);
        if self.starts.is_none() {
            return rows.map(|row| self.line_of(row)).collect();
        }
        match rows.is_empty() {
            true => Vec::new(),
            false => (self.line_of(rows.start)..=self.line_of(rows.end - 1))
                .filter(|line| !self.is_hidden(*line))
                .collect(),
        }
    }

    /// Rows above the first of these lines, and below the last.
    pub fn around(&self, lines: &[usize]) -> (usize, usize) {
        let (Some(first), Some(last)) = (lines.first(), lines.last()) else {
            return (0, self.n_rows);
        };
        let end = match &self.starts {
            Some(starts) => starts[last + 1] as usize,
            None => self.row_of(*last) + 1,
        };
        (self.row_of(*first), self.n_rows.saturating_sub(end))
    }

    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// The line that stands in a row.
    pub fn line_of(&self, row: usize) -> usize {
        if let Some(starts) = &self.starts {
            // A hidden line begins where the next shown one does: the last of them has the row.
            return starts
                .partition_point(|start| *start as usize <= row)
                .saturating_sub(1);
        }
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
        if let Some(starts) = &self.starts {
            let after = self.hidden.partition_point(|(from, _)| *from <= line);
            let shown = match self.is_hidden(line) {
                true => self.hidden[after - 1].0 - 1,
                false => line,
            };
            return starts[shown] as usize;
        }
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
    fn a_wrapped_line_takes_its_rows() {
        let heights = [1, 3, 1, 2, 1, 1, 4];
        let folds = Folds::new(&[step(3, 5)], &[2], 7).wrapped(heights.into_iter());
        assert_eq!(folds.n_rows(), 1 + 3 + 1 + 1 + 4);
        let lines: Vec<_> = (0..folds.n_rows()).map(|row| folds.line_of(row)).collect();
        assert_eq!(lines, [0, 1, 1, 1, 2, 5, 6, 6, 6, 6]);
        assert_eq!(
            [0, 1, 2, 5, 6].map(|line| folds.row_of(line)),
            [0, 1, 4, 5, 6]
        );
        assert_eq!(folds.row_of(3), 4, "a hidden line is at its step");
        assert_eq!(folds.lines_of(2..6), [1, 2, 5]);
        assert_eq!(folds.around(&[1, 2, 5]), (1, 4));
        assert_eq!(folds.around(&[]), (0, 10));
    }

    #[test]
    fn a_hidden_line_is_found_at_its_step() {
        let folds = Folds::new(&[step(2, 5), step(7, 10)], &[1, 6], 12);
        assert_eq!((folds.row_of(3), folds.row_of(4)), (1, 1));
        assert_eq!((folds.row_of(9), folds.row_of(10)), (3, 4));
    }
}
