//! The lines as a file.
use crate::ui::save_file;
use drydock_domain::dry_run::{Row, to_csv, to_json, to_markdown};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv,
    Markdown,
    Json,
}

impl Format {
    fn name(self) -> &'static str {
        match self {
            Self::Csv => "dry-run.csv",
            Self::Markdown => "dry-run.md",
            Self::Json => "dry-run.json",
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv;charset=utf-8",
            Self::Markdown => "text/markdown;charset=utf-8",
            Self::Json => "application/json",
        }
    }

    /// `title` is a heading where the format has one.
    pub fn write(self, title: &str, rows: &[Row]) -> String {
        match self {
            Self::Csv => to_csv(rows),
            Self::Markdown => to_markdown(title, rows),
            Self::Json => to_json(rows),
        }
    }
}

/// Hands the file to the reader's browser.
pub fn save(format: Format, content: &str) {
    save_file(format.name(), format.media_type(), content);
}
