//! A log's lines as a viewer shows them: colours, steps that fold, and search over all lines.
mod ansi;
mod search;
mod steps;

pub use ansi::{AnsiReader, Colour, Span, Style, visible};
pub use search::{Search, ranges};
pub use steps::{LogStep, StepFolder, StepState};
