//! A log of any length: all of its text is here, and of its lines only those in view are elements.
mod folds;
mod line;
mod model;
mod piece;
mod plain;
mod search_box;
mod text;
mod viewer;

pub use viewer::LogViewer;
